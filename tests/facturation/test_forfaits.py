"""Le forfait de l'année : une fois par enfant, par activité et par année scolaire, quoi qu'il arrive entre-temps."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from facturation import actions, regles
from facturation.models import Facture, Ligne, Regie, Report, Tarif, estimer, factures_a_corriger, simuler
from presences.models import Pointage
from reservations.actions import appliquer
from reservations.models import Evenement, Excuse
from tests import fabriques

SEPTEMBRE, OCTOBRE, NOVEMBRE = (dt.date(2026, mois, 1) for mois in (9, 10, 11))
EN_SEPTEMBRE, EN_OCTOBRE, EN_NOVEMBRE = dt.date(2026, 9, 3), dt.date(2026, 10, 6), dt.date(2026, 11, 3)
APRES = fabriques.a_paris(2027, 11, 5)
CELINE, MARC, HUGO, ETUDE = 1, 2, 10, 20


# --- La règle -------------------------------------------------------------------------------------------------------
def fait(jour, foyer=CELINE, **champs):
    return regles.Fait(foyer, HUGO, jour.toordinal(), jour, ETUDE, **{"reserve": True} | champs)


# Le mois regardé est octobre. nom : (faits lus, ligne déjà émise, Céline le doit, Marc le doit)
CAS = {
    "le premier jour de l'année est ce mois-ci": ([fait(EN_OCTOBRE)], None, True, False),
    "septembre, pas encore émis, l'aura": ([fait(EN_SEPTEMBRE), fait(EN_OCTOBRE)], None, False, False),
    "septembre excusé ne l'a pas": ([fait(EN_SEPTEMBRE, excuse="acceptee"), fait(EN_OCTOBRE)], None, True, False),
    "déjà facturé en septembre": ([fait(EN_OCTOBRE)], (CELINE, EN_SEPTEMBRE), False, False),
    "déjà facturé pour novembre, émis avant": ([fait(EN_OCTOBRE)], (CELINE, EN_NOVEMBRE), False, False),
    "refaire le mois émis le redonne": ([fait(EN_OCTOBRE)], (CELINE, EN_OCTOBRE), True, False),
    "le second foyer du même mois ne paie rien": (
        [fait(EN_OCTOBRE), fait(dt.date(2026, 10, 5), MARC)], None, False, True,
    ),
    "déménagé chez Marc, payé par Céline": ([fait(EN_OCTOBRE, MARC)], (CELINE, EN_SEPTEMBRE), False, False),
    "ni réservé ni venu": ([fait(EN_OCTOBRE, reserve=False)], None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("nom", CAS)
def test_qui_doit_le_forfait_de_l_annee(nom):
    faits, emis, celine, marc = CAS[nom]
    emis = {(HUGO, ETUDE): emis} if emis else {}
    for foyer, du in ((CELINE, celine), (MARC, marc)):
        payes = regles.forfaits_payes(foyer, faits, emis, OCTOBRE, dt.date(2026, 10, 31))
        if du is None:
            assert payes == set()  # aucun jour : il n'y a rien à écarter
        else:
            assert ((HUGO, ETUDE) not in payes) is du, foyer


evenements = st.lists(
    st.builds(
        fait, st.dates(SEPTEMBRE, dt.date(2026, 12, 31)), st.sampled_from([CELINE, MARC]), reserve=st.booleans(),
        pointage=st.sampled_from([None, "present", "absent", "excuse"]), excuse=st.sampled_from([None, "acceptee"]),
    ),
    max_size=12, unique_by=lambda f: f.jour,
)  # fmt: skip


@settings(deadline=None)
@given(evenements, evenements, st.permutations([9, 10, 11, 12]))
def test_quel_que_soit_l_ordre_des_mois_il_se_facture_une_fois(faits, tardifs, ordre):
    """``tardifs`` : des jours qui ne paraissent qu'une fois leur mois émis."""
    emis, lignes, faits_mois = {}, [], []
    connus = {f.jour: f for f in faits}
    for n in ordre:
        debut = dt.date(2026, n, 1)
        fin = regles.dernier(debut)
        du_mois = [f for f in connus.values() if debut <= f.jour <= fin]
        d_avant = [f for f in connus.values() if f.jour < debut and f.jour.month not in faits_mois]
        for foyer in (CELINE, MARC):
            siens = [f for f in du_mois if f.famille == foyer]
            couples = {(f.enfant, f.activite) for f in siens if regles.a_facturer(f.reserve, f.pointage, f.excuse)}
            for couple in couples - regles.forfaits_payes(foyer, du_mois + d_avant, emis, debut, fin):
                jour = min(f.jour for f in siens if regles.a_facturer(f.reserve, f.pointage, f.excuse))
                lignes.append((foyer, jour))
                emis[couple] = foyer, jour
        faits_mois.append(n)
        connus |= {f.jour: f for f in tardifs if f.jour.month == n and f.jour not in connus}
    dus = [f for f in faits if regles.a_facturer(f.reserve, f.pointage, f.excuse)]
    assert len(lignes) <= 1
    assert lignes or not dus  # un jour à facturer, connu quand son mois s'émet, le fait payer


# --- Jusqu'à la facture ---------------------------------------------------------------------------------------------
@pytest.fixture
def ici(db):
    fabriques.commune()
    fabriques.annee()
    # Trois tranches : 60,00 jusqu'à 400, 75,00 jusqu'à 700, 90,00 au-delà.
    fabriques.tarif(genre="soir", nom="Étude", unite="annee", tranches=[(400, "60"), (700, "75"), (None, "90")])
    return fabriques.activite(nom="Étude", genre="soir")


@pytest.fixture
def hugo(ici):
    foyer = fabriques.famille()
    foyer.quotients.create(valeur=742, debut=SEPTEMBRE, preuve="")
    return fabriques.enfant(foyer)


def reserver(petit, activite, jour, **champs):
    seance = activite.seances.filter(jour=jour).first() or fabriques.seance(activite, jour)
    return fabriques.reservation(petit, seance, **champs)


def facturer(*mois):
    """Émet ces mois : à chacun, l'aperçu l'annonce au centime. Rend ``[(mois, jour, montant), …]``."""
    for premier in mois:
        annonce = actions.apercu(premier).total
        actions.facturer(premier, None, APRES)
        assert sum(Facture.objects.filter(mois=premier).values_list("total", flat=True)) == annonce
    return list(Ligne.objects.order_by("jour").values_list("facture__mois", "jour", "montant"))


def test_il_se_facture_avec_le_premier_mois_et_la_ligne_dit_pourquoi(ici, hugo):
    for jour in (EN_OCTOBRE, dt.date(2026, 10, 8), EN_NOVEMBRE):
        reserver(hugo, ici, jour)
    assert facturer(SEPTEMBRE, OCTOBRE, NOVEMBRE) == [(OCTOBRE, EN_OCTOBRE, D("90.00"))]
    ligne = Ligne.objects.get()
    assert (ligne.texte, ligne.regle) == ("Étude, forfait de l'année 2026-2027", "tranche 3 (QF 742)")
    assert (ligne.unite, ligne.annee.nom) == ("annee", "2026-2027")
    ((_, (rangee,), _),) = Facture.objects.get().enfants()
    assert rangee.jours_en_mots == "l'année entière"
    facturer(OCTOBRE, NOVEMBRE)
    assert Ligne.objects.count() == 1


def test_une_autre_annee_scolaire_le_redemande(ici, hugo):
    rentree = dt.date(2027, 9, 2)
    fabriques.annee(nom="2027-2028", debut=rentree, fin=dt.date(2028, 7, 5))
    reserver(hugo, ici, EN_OCTOBRE)
    reserver(hugo, ici, dt.date(2027, 7, 1))
    reserver(hugo, ici, rentree)
    factures = facturer(OCTOBRE, dt.date(2027, 7, 1), dt.date(2027, 9, 1))
    assert [jour for _, jour, _ in factures] == [EN_OCTOBRE, rentree]


def test_un_jour_d_un_mois_clos_arrive_trop_tard_et_le_mois_suivant_le_facture(ici, hugo):
    facturer(SEPTEMBRE)
    reserver(hugo, ici, EN_SEPTEMBRE)
    reserver(hugo, ici, EN_OCTOBRE)
    assert facturer(OCTOBRE) == [(OCTOBRE, EN_OCTOBRE, D("90.00"))]


def test_un_mois_emis_apres_le_suivant_ne_le_double_pas(ici, hugo):
    excuse = reserver(hugo, ici, EN_SEPTEMBRE)
    Excuse.objects.create(reservation=excuse, texte="Malade", etat="acceptee", envoyee_le=APRES)
    reserver(hugo, ici, EN_OCTOBRE)
    facturer(OCTOBRE)
    Pointage.objects.create(enfant=hugo, seance=excuse.seance, etat="present", recu_le=APRES)  # venu, finalement
    assert facturer(SEPTEMBRE) == [(OCTOBRE, EN_OCTOBRE, D("90.00"))]


@pytest.mark.parametrize("jour", [dt.date(2026, 9, 8), EN_OCTOBRE])
def test_le_foyer_ou_il_demenage_ne_le_paie_pas_une_seconde_fois(ici, hugo, jour):
    marc = fabriques.famille(nom="MARC")
    fabriques.rattacher(hugo, marc)
    reserver(hugo, ici, EN_SEPTEMBRE)
    reserver(hugo, ici, jour, famille=marc)
    assert facturer(SEPTEMBRE, OCTOBRE) == [(SEPTEMBRE, EN_SEPTEMBRE, D("90.00"))]
    assert Facture.objects.get().famille != marc


def test_sous_le_seuil_il_n_attend_pas(ici, hugo):
    Regie.objects.create(nom="Régie", seuil=D("100"))
    fabriques.inscription(hugo, ici)
    reserver(hugo, ici, EN_SEPTEMBRE)
    reserver(hugo, ici, EN_OCTOBRE)
    assert facturer(SEPTEMBRE, OCTOBRE) == [(SEPTEMBRE, EN_SEPTEMBRE, D("90.00"))]
    assert not Report.objects.exists()


def test_l_estimation_ne_le_redit_pas_le_mois_suivant(ici, hugo):
    foyer = hugo.familles.get()
    reserver(hugo, ici, EN_SEPTEMBRE)
    suppose = [
        regles.Fait(foyer.pk, hugo.pk, fabriques.seance(ici, jour).pk, jour, ici.pk, True)
        for jour in (EN_OCTOBRE, EN_NOVEMBRE)
    ]  # fmt: skip
    estimee = estimer(foyer, {hugo.pk}, EN_OCTOBRE, EN_OCTOBRE, suppose[:1], suppose[:1])
    assert (estimee.total, estimee.ecart, list(estimee.possibles.values())) == (0, 0, [0])
    hugo.reservations.all().delete()
    neuve = estimer(foyer, {hugo.pk}, EN_OCTOBRE, EN_NOVEMBRE, suppose)
    assert (neuve.total, neuve.ecart) == (D("90.00"), D("90.00"))  # octobre et novembre, une fois


def test_et_si_le_compte_une_fois_pour_l_annee_et_pour_les_deux_foyers(ici, hugo):
    marc = fabriques.famille(nom="MARC")
    fabriques.rattacher(hugo, marc)
    for jour, foyer in ((EN_SEPTEMBRE, None), (EN_OCTOBRE, marc), (EN_NOVEMBRE, None)):
        reserver(hugo, ici, jour, **({"famille": foyer} if foyer else {}))
    bilan = simuler([Tarif.objects.avec_grilles().get()], D(10), SEPTEMBRE, dt.date(2026, 11, 30))
    # 90,00 avant ; 90,00 + 10 % = 99,00 après.
    assert (bilan.ensemble.foyers, bilan.ensemble.avant, bilan.ensemble.apres) == (1, D("90.00"), D("99.00"))


def test_un_quotient_tardif_le_corrige_et_une_greve_ne_le_rend_pas(ici, hugo):
    reserver(hugo, ici, EN_SEPTEMBRE)
    facturer(SEPTEMBRE)
    hugo.familles.get().quotients.create(valeur=350, debut=SEPTEMBRE, preuve="")
    ((_, revision),) = factures_a_corriger(SEPTEMBRE)
    assert revision.rendre == D("30.00")  # 90,00 − 60,00
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=EN_SEPTEMBRE, au=EN_SEPTEMBRE, cree_le=APRES)
    greve.activites.add(ici)
    appliquer(greve, None, APRES)
    assert actions.crediter(greve.pk, APRES) == []


def test_la_base_refuse_un_second_forfait_la_meme_annee(ici, hugo):
    reserver(hugo, ici, EN_SEPTEMBRE)
    facturer(SEPTEMBRE)
    ligne = Ligne.objects.get()
    autre = fabriques.facture(hugo.familles.get(), mois=OCTOBRE, petit=hugo)
    ligne.pk, ligne.facture, ligne.seance = None, autre, fabriques.seance(ici, EN_OCTOBRE)
    ligne.jour = EN_OCTOBRE
    with pytest.raises(IntegrityError, match="forfait_de_l_annee_unique"), transaction.atomic():
        ligne.save(force_insert=True)


@pytest.mark.django_db
def test_hors_de_toute_annee_scolaire_le_tarif_manque():
    fabriques.commune()
    fabriques.tarif(genre="soir", nom="Étude", unite="annee", tranches=[(None, "90")])
    etude = fabriques.activite(nom="Étude", genre="soir")
    reserver(fabriques.enfant(fabriques.famille()), etude, EN_SEPTEMBRE)
    with pytest.raises(ValidationError, match="Sans tarif"):
        actions.facturer(SEPTEMBRE, None, APRES)
