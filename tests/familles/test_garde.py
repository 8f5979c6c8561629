"""La garde partagée en base : saisie par la mairie, lue en trois requêtes, tenue par ses contraintes."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.models import JourFerme
from familles import actions
from familles.models import Echange, Garde, garde_des
from familles.regles.garde import CALENDRIER, PAIRES, PREMIERE, PREMIERE_PAIRES, TOUTES, Partage
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 11, 26)
PAIRE, IMPAIRE = dt.date(2026, 11, 23), dt.date(2026, 11, 30)  # les lundis des semaines 48 et 49
UN_AN = (dt.date(2026, 9, 1), dt.date(2027, 8, 31))


@pytest.fixture(autouse=True)
def novembre(time_machine):
    f.commune()
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def celine():
    return f.famille()


@pytest.fixture
def marc():
    return f.famille(nom="DURAND")


@pytest.fixture
def hugo(celine, marc):
    petit = f.enfant(celine)
    f.rattacher(petit, marc)
    return petit


def code(appel, *args):
    with pytest.raises(ValidationError) as refus, transaction.atomic():
        appel(*args)
    return refus.value.code


# --- Lire --------------------------------------------------------------------------------------------------------
def test_sans_garde_dite_les_deux_foyers_reservent(hugo, celine, marc):
    garde = garde_des([hugo], PAIRE, IMPAIRE)
    assert not garde
    assert garde.foyer(hugo.pk, PAIRE) is None
    assert garde.a_nous(hugo.pk, celine.pk, PAIRE)
    assert garde.a_nous(hugo.pk, marc.pk, PAIRE)


def test_chaque_semaine_est_a_un_seul_des_deux(hugo, celine, marc):
    f.garde(hugo, celine, marc)
    garde = garde_des([hugo], PAIRE, IMPAIRE)
    assert [garde.a_nous(hugo.pk, foyer.pk, jour) for foyer in (celine, marc) for jour in (PAIRE, IMPAIRE)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_avant_son_debut_et_apres_sa_fin_une_garde_ne_dit_rien(hugo, celine, marc):
    f.garde(hugo, celine, marc, debut=PAIRE, fin=IMPAIRE)
    garde = garde_des([hugo], *UN_AN)
    un_jour = dt.timedelta(days=1)
    chez = [garde.foyer(hugo.pk, jour) for jour in (PAIRE - un_jour, PAIRE, IMPAIRE, IMPAIRE + un_jour)]
    assert chez == [None, celine.pk, marc.pk, None]


def test_un_enfant_qui_quitte_un_foyer_est_tous_les_jours_a_l_autre(hugo, celine, marc):
    f.garde(hugo, celine, marc)
    actions.terminer_enfant(hugo, celine, celine.compte, MAINTENANT)  # le 26 novembre, un jeudi de semaine paire
    garde = garde_des([hugo], *UN_AN)
    assert garde.foyer(hugo.pk, dt.date(2026, 11, 26)) == celine.pk
    assert garde.foyer(hugo.pk, dt.date(2026, 11, 27)) is None
    assert garde.a_nous(hugo.pk, marc.pk, dt.date(2026, 12, 8))


def test_les_vacances_sont_celles_de_la_commune_et_de_son_ecole(hugo, celine, marc):
    f.jour_ferme(dt.date(2026, 12, 19), dt.date(2027, 1, 3), motif=JourFerme.Motif.VACANCES)
    f.jour_ferme(dt.date(2027, 2, 13), dt.date(2027, 2, 28), motif=JourFerme.Motif.VACANCES, ecole=f.ecole())
    f.jour_ferme(IMPAIRE, motif=JourFerme.Motif.GREVE)
    f.garde(hugo, celine, marc, vacances=PREMIERE, semaines=TOUTES)
    garde = garde_des([hugo], *UN_AN)
    seconde_moitie, ailleurs, greve = dt.date(2026, 12, 27), dt.date(2027, 2, 28), IMPAIRE
    assert garde.foyer(hugo.pk, seconde_moitie) == marc.pk
    assert garde.foyer(hugo.pk, ailleurs) == garde.foyer(hugo.pk, greve) == celine.pk
    # La moitié se compte sur toutes les vacances, même si l'on n'en regarde qu'un jour.
    assert garde_des([hugo], seconde_moitie, seconde_moitie).foyer(hugo.pk, seconde_moitie) == marc.pk


def test_un_calendrier_propre_et_un_echange_dans_les_deux_sens(hugo, celine, marc):
    f.garde(hugo, celine, marc, semaines=CALENDRIER, periodes=[(PAIRE, PAIRE)])
    f.echange(hugo, celine, marc, IMPAIRE, retour_du=PAIRE, retour_au=PAIRE, etat="accepte", repondu_le=MAINTENANT)
    f.echange(hugo, celine, marc, dt.date(2026, 12, 2), etat="refuse", repondu_le=MAINTENANT)
    garde = garde_des([hugo], *UN_AN)
    jours = (PAIRE, IMPAIRE, dt.date(2026, 12, 2))
    assert [garde.foyer(hugo.pk, jour) for jour in jours] == [celine.pk, marc.pk, celine.pk]


def test_trois_requetes_au_plus_pour_un_enfant_comme_pour_vingt(hugo, celine, marc):
    def requetes(enfants):
        with CaptureQueriesContext(connection) as vues:
            garde = garde_des(enfants, *UN_AN)
            for petit in enfants:
                garde.foyer(petit.pk, PAIRE)
        return len(vues)

    assert requetes([hugo]) == 1
    f.garde(hugo, celine, marc, vacances=PREMIERE_PAIRES)
    assert requetes([hugo]) == 3
    petits = [hugo]
    for n in range(19):
        petit = f.enfant(celine, prenom=f"Enfant {n}")
        f.rattacher(petit, marc)
        f.garde(petit, celine, marc, semaines=CALENDRIER, vacances=PREMIERE, periodes=[(PAIRE, PAIRE)])
        petits.append(petit)
    assert requetes(petits) == 3


# --- La base tient les invariants ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("champs", "contrainte"), [
    ({}, "une_garde_par_enfant_et_jour"), ({"debut": UN_AN[1], "fin": UN_AN[0]}, "garde_dans_l_ordre"),
    ({"debut": dt.date(2020, 1, 1), "fin": dt.date(2020, 1, 2), "bascule": 7}, "garde_bascule_un_jour"),
])  # fmt: skip
def test_deux_gardes_le_meme_jour_se_refusent(hugo, celine, marc, champs, contrainte):
    f.garde(hugo, celine, marc)
    with pytest.raises(IntegrityError, match=contrainte), transaction.atomic():
        f.garde(hugo, celine, marc, **champs)


def test_une_garde_a_deux_foyers_et_un_calendrier_ne_se_recouvre_pas(hugo, celine, marc):
    with pytest.raises(IntegrityError, match="garde_deux_foyers"), transaction.atomic():
        f.garde(hugo, celine, celine)
    with pytest.raises(IntegrityError, match="periodes_de_garde_sans_chevauchement"), transaction.atomic():
        f.garde(hugo, celine, marc, semaines=CALENDRIER, periodes=[(PAIRE, IMPAIRE), (IMPAIRE, IMPAIRE)])


@pytest.mark.parametrize(("champs", "contrainte"), [
    ({"au": PAIRE - dt.timedelta(days=1)}, "echange_dans_l_ordre"),
    ({"retour_du": IMPAIRE}, "echange_dans_l_ordre"), ({"retour_au": IMPAIRE}, "echange_dans_l_ordre"),
    ({"etat": "accepte"}, "echange_repondu_date"), ({"repondu_le": MAINTENANT}, "echange_repondu_date"),
])  # fmt: skip
def test_un_echange_bancal_se_refuse(hugo, celine, marc, champs, contrainte):
    with pytest.raises(IntegrityError, match=contrainte), transaction.atomic():
        f.echange(hugo, celine, marc, PAIRE, **champs)


# --- Régler --------------------------------------------------------------------------------------------------------
def regler(hugo, celine, marc, debut, semaines=PAIRES, **champs):
    partage = Partage(celine.pk, marc.pk, semaines, **champs)
    return actions.regler_garde(hugo, partage, debut, "jugement", None, MAINTENANT)


def test_une_garde_nouvelle_finit_l_ancienne_la_veille_et_previent_chaque_parent(hugo, celine, marc, courriels):
    regler(hugo, celine, marc, dt.date(2026, 9, 1))
    regler(hugo, celine, marc, IMPAIRE, CALENDRIER, periodes=((IMPAIRE, IMPAIRE),))
    assert list(Garde.objects.order_by("debut").values_list("debut", "fin", "semaines")) == [
        (dt.date(2026, 9, 1), dt.date(2026, 11, 29), PAIRES), (IMPAIRE, None, CALENDRIER),
    ]  # fmt: skip
    recus = courriels()
    assert sorted(recu["To"] for recu in recus) == sorted([celine.compte.email, marc.compte.email] * 2)
    for recu in recus:
        texte = recu.get_body(("plain",)).get_content()
        assert not any(mot in texte for mot in ("Hugo", "LA STAR", "DURAND", "rue des Écoles"))


def test_une_garde_corrigee_remplace_celle_du_meme_jour_et_les_suivantes(hugo, celine, marc):
    regler(hugo, celine, marc, dt.date(2026, 9, 1))
    regler(hugo, celine, marc, dt.date(2027, 1, 1))
    regler(hugo, celine, marc, dt.date(2026, 9, 1), TOUTES)
    assert list(Garde.objects.values_list("debut", "fin", "semaines")) == [(dt.date(2026, 9, 1), None, TOUTES)]


def test_on_ne_partage_qu_entre_les_deux_foyers_de_l_enfant(hugo, celine, marc):
    assert code(regler, hugo, celine, f.famille(), PAIRE) == "deux_foyers"
    assert code(regler, f.enfant(celine, prenom="Tom"), celine, marc, PAIRE) == "deux_foyers"


def test_ne_plus_rien_partager(hugo, celine, marc):
    assert code(actions.terminer_garde, hugo, PAIRE) == "rien"
    regler(hugo, celine, marc, dt.date(2026, 9, 1))
    actions.terminer_garde(hugo, PAIRE)
    assert garde_des([hugo], PAIRE, PAIRE).foyer(hugo.pk, PAIRE) is None
    assert garde_des([hugo], *UN_AN).foyer(hugo.pk, dt.date(2026, 11, 20)) == marc.pk


# --- La page de la mairie ------------------------------------------------------------------------------------------
@pytest.fixture
def mairie(client):
    client.force_login(f.agent("Périscolaire"))
    return client


def saisie(celine, **champs):
    return {"foyer": celine.pk, "semaines": "paires", "bascule": "4", "vacances": "premiere_paires",
            "debut": "2026-11-26", "acte": "jugement du 12/03/2026", "periodes": ""} | champs  # fmt: skip


def cases(mois):
    return [case for _, semaines in mois for _, jours in semaines for case in jours]


def test_la_mairie_relit_une_phrase_et_deux_mois_avant_d_enregistrer(mairie, hugo, celine, marc):
    page = reverse("admin:familles_enfant_garde", args=[hugo.pk])
    relue = mairie.post(page, saisie(celine) | {"voir": "1"})
    texte = relue.content.decode()
    assert not Garde.objects.exists()
    assert "Chez la famille LA STAR les semaines paires, chez la famille DURAND les semaines impaires" in texte
    assert "on change le vendredi" in texte
    assert "la première moitié chez la famille LA STAR les années paires" in texte
    mois = relue.context["apercu"]["mois"]
    assert [premier for premier, _ in mois] == [dt.date(2026, 11, 1), dt.date(2026, 12, 1)]
    rangs = {jour.date: rang for jour, rang in cases(mois) if not jour.dehors}
    # Avant le 26, rien n'est dit. Le vendredi 27 est de la semaine 48.
    assert [rangs[dt.date(2026, 11, n)] for n in (25, 26, 27)] == [None, 2, 1]
    assert mairie.post(page, saisie(celine) | {"enregistrer": "1"}).status_code == 302
    assert Garde.objects.get().partage == Partage(celine.pk, marc.pk, "paires", 4, "premiere_paires")
    assert [phrases[0] for _, phrases in mairie.get(page).context["gardes"]] == [
        "Chez la famille LA STAR les semaines paires, chez la famille DURAND les semaines impaires\u00a0; on change le "
        "vendredi."
    ]


def test_l_apercu_montre_les_echanges_acceptes(mairie, hugo, celine, marc):
    f.echange(hugo, celine, marc, dt.date(2026, 11, 27), etat="accepte", repondu_le=MAINTENANT)
    page = reverse("admin:familles_enfant_garde", args=[hugo.pk])
    mois = mairie.post(page, saisie(celine) | {"voir": "1"}).context["apercu"]["mois"]
    rangs = {jour.date: rang for jour, rang in cases(mois)}
    assert [rangs[dt.date(2026, 11, n)] for n in (27, 28)] == [2, 1]


def test_un_calendrier_illisible_n_ecrit_rien_et_garde_ce_qui_est_tape(mairie, hugo, celine):
    page = reverse("admin:familles_enfant_garde", args=[hugo.pk])
    for periodes, phrase in [("", "Écrivez les dates de ce calendrier."), ("lundi", "Ligne 1")]:
        vue = mairie.post(page, saisie(celine, semaines="calendrier", periodes=periodes) | {"enregistrer": "1"})
        assert phrase in vue.content.decode()
        assert periodes in vue.content.decode()
    assert not Garde.objects.exists()


def test_un_enfant_d_un_seul_foyer_n_a_rien_a_partager(mairie, celine):
    page = mairie.get(reverse("admin:familles_enfant_garde", args=[f.enfant(celine).pk])).content.decode()
    assert "rien à partager" in page
    assert "<form" not in page.split('id="content-main"')[1]


def test_la_regie_lit_les_gardes_et_ne_les_change_pas(client, hugo, celine, marc):
    f.garde(hugo, celine, marc)
    client.force_login(f.agent("Régie"))
    assert client.get(reverse("admin:familles_garde_changelist")).status_code == 200
    page = reverse("admin:familles_enfant_garde", args=[hugo.pk])
    assert client.post(page, saisie(celine) | {"enregistrer": "1"}).status_code == 403
    assert Garde.objects.count() == 1


def test_une_garde_disparait_avec_le_foyer_efface(hugo, celine, marc):
    """Et l'échange avec elle : leurs lignes nomment les deux foyers."""
    from portail.actions.effacement import effacer_contenu

    f.garde(hugo, celine, marc)
    f.echange(hugo, celine, marc, PAIRE)
    with transaction.atomic():
        effacer_contenu(marc, [])
    assert not Garde.objects.exists()
    assert not Echange.objects.exists()
