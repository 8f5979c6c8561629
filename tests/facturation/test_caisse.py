"""L'argent : encaisser, annuler, rendre ; et ce que doit chaque foyer."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as reglages
from hypothesis import strategies as st

from facturation import actions
from facturation.actions.caisse import reste_a_rendre
from facturation.models import Avoir, Compteur, Facture, Ligne, Mandat, Reglement, solde_de
from familles.models import Enfant
from tests import fabriques

pytestmark = pytest.mark.django_db
MAINTENANT = fabriques.a_paris(2026, 11, 20)
OCTOBRE = dt.date(2026, 10, 1)


@pytest.fixture
def foyer():
    return fabriques.famille()


def code(action, *args, **options):
    with pytest.raises(ValidationError) as refus:
        action(*args, **options)
    return refus.value.code


def restes(foyer):
    return [f.reste for f in Facture.objects.filter(famille=foyer).avec_reste().order_by("mois")]


# --- Encaisser ----------------------------------------------------------------------------------------------------
def test_un_reglement_solde_sa_facture(foyer):
    facture = fabriques.facture(foyer, total="28.50")
    actions.encaisser(foyer, D("28.50"), "cheque", None, MAINTENANT, facture=facture, reference="1234567")
    recu = Reglement.objects.get()
    assert (recu.recu_le, recu.saisi_le, recu.reference) == (dt.date(2026, 11, 20), MAINTENANT, "1234567")
    assert (restes(foyer), solde_de(foyer)) == ([D("0.00")], D("0.00"))


@pytest.mark.parametrize("jeton", [None, "5f0c7f7e-6f5e-4a4c-9d3f-000000000001"])
def test_le_meme_formulaire_envoye_deux_fois_ne_compte_qu_une_fois(foyer, jeton):
    for _ in range(2):
        actions.encaisser(foyer, D("5"), "especes", None, MAINTENANT, jeton=jeton)
    assert Reglement.objects.count() == (1 if jeton else 2)


REFUS = {
    "zéro": ({"montant": D("0")}, "montant"),
    "négatif": ({"montant": D("-3")}, "montant"),
    "un demi-centime": ({"montant": D("1.005")}, "montant"),
    "demain": ({"recu_le": dt.date(2026, 11, 21)}, "futur"),
    "un moyen inconnu": ({"moyen": "troc"}, "moyen"),
}


@pytest.mark.parametrize("nom", REFUS)
def test_un_reglement_faux_est_refuse(foyer, nom):
    changes, attendu = REFUS[nom]
    valeurs = {"montant": D("5"), "moyen": "cheque", "recu_le": None} | changes
    assert code(
        actions.encaisser, foyer, valeurs["montant"], valeurs["moyen"], None, MAINTENANT, recu_le=valeurs["recu_le"]
    ) == attendu
    assert Reglement.objects.count() == 0


def test_le_reglement_d_un_foyer_ne_paie_pas_la_facture_d_un_autre(foyer):
    autre = fabriques.facture(fabriques.famille(nom="AUTRE"))
    assert code(actions.encaisser, foyer, D("5"), "cheque", None, MAINTENANT, facture=autre) == "autre_foyer"


def test_ce_qui_depasse_reste_en_avance_et_paie_la_facture_suivante(foyer):
    septembre = fabriques.facture(foyer, total="20")
    actions.encaisser(foyer, D("30"), "virement", None, MAINTENANT, facture=septembre)
    assert solde_de(foyer) == D("-10")
    fabriques.facture(foyer, total="25", mois=OCTOBRE)
    assert (restes(foyer), solde_de(foyer)) == ([D("0"), D("15")], D("15"))


def test_sans_facture_designee_on_paie_la_plus_ancienne(foyer):
    fabriques.facture(foyer, total="20")
    fabriques.facture(foyer, total="25", mois=OCTOBRE)
    actions.encaisser(foyer, D("22"), "especes", None, MAINTENANT)
    assert restes(foyer) == [D("0"), D("23")]


def test_la_facture_designee_est_payee_meme_si_une_autre_est_plus_ancienne(foyer):
    fabriques.facture(foyer, total="20")
    octobre = fabriques.facture(foyer, total="25", mois=OCTOBRE)
    actions.encaisser(foyer, D("25"), "cheque", None, MAINTENANT, facture=octobre)
    assert restes(foyer) == [D("20"), D("0")]


def test_un_cheque_rejete_s_annule_et_la_dette_revient(foyer):
    facture = fabriques.facture(foyer, total="20")
    recu = actions.encaisser(foyer, D("20"), "cheque", None, MAINTENANT, facture=facture)
    assert code(actions.annuler_reglement, recu, " ", None, MAINTENANT) == "motif"
    actions.annuler_reglement(recu, "Chèque rejeté", None, MAINTENANT)
    assert (restes(foyer), solde_de(foyer)) == ([D("20")], D("20"))
    assert code(actions.annuler_reglement, recu, "Encore", None, MAINTENANT) == "deja_annule"
    assert Reglement.objects.get().motif_annulation == "Chèque rejeté"


def test_les_factures_d_un_autre_foyer_ne_se_melangent_pas(foyer):
    fabriques.facture(foyer, total="20")
    autre = fabriques.famille(nom="AUTRE")
    fabriques.facture(autre, total="7")
    actions.encaisser(autre, D("50"), "cheque", None, MAINTENANT)
    assert (restes(foyer), restes(autre)) == ([D("20")], [D("0")])
    assert list(Facture.objects.impayees().values_list("famille", flat=True)) == [foyer.pk]


centimes = st.integers(1, 5000).map(lambda n: D(n) / 100)


@reglages(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(centimes, min_size=1, max_size=4),
    st.lists(st.tuples(centimes, st.none() | st.integers(0, 3)), max_size=5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 100)), max_size=3),
)
def test_le_solde_est_factures_moins_avoirs_moins_reglements_et_les_restes_l_expliquent(factures, recus, avoirs):
    with transaction.atomic():
        foyer = fabriques.famille()
        emises = [
            fabriques.facture(foyer, total=total, mois=dt.date(2026, 9 + n, 1)) for n, total in enumerate(factures)
        ]
        rendu = D(0)
        for n, part in avoirs:
            facture = emises[n % len(emises)]
            montant = (reste_a_rendre(facture) * part / 100).quantize(D("0.01"))
            if montant > 0:
                rendu += actions.emettre_avoir(facture, montant, "Sortie", None, MAINTENANT).montant
        for montant, n in recus:
            cible = None if n is None else emises[n % len(emises)]
            actions.encaisser(foyer, montant, "cheque", None, MAINTENANT, facture=cible)
        solde = sum(factures) - rendu - sum(montant for montant, _ in recus)
        assert solde_de(foyer) == solde
        reste = restes(foyer)
        assert all(0 <= r <= f for r, f in zip(reste, factures, strict=True))
        # Une avance ne coexiste avec un reste que si un règlement désignait une autre facture : le surplus descend.
        assert sum(reste) == max(solde, 0)
        transaction.set_rollback(True)


# --- Avoirs -------------------------------------------------------------------------------------------------------
def test_un_avoir_diminue_ce_qui_reste_et_porte_son_propre_numero(foyer):
    facture = fabriques.facture(foyer, total="20")
    premier = actions.emettre_avoir(facture, D("2.85"), "Sortie de classe", None, MAINTENANT)
    second = actions.emettre_avoir(facture, D("1"), "Grève", None, MAINTENANT)
    assert [premier.reference, second.reference] == ["A2026-000001", "A2026-000002"]
    assert (restes(foyer), solde_de(foyer)) == ([D("16.15")], D("16.15"))
    assert Compteur.objects.get(serie="A").dernier == 2


@pytest.mark.parametrize(
    ("montant", "motif", "attendu"),
    [("20.01", "Trop", "trop"), ("0", "Rien", "montant"), ("-1", "Moins", "montant"), ("1", "  ", "motif")],
)
def test_un_avoir_faux_est_refuse_et_ne_prend_pas_de_numero(foyer, montant, motif, attendu):
    facture = fabriques.facture(foyer, total="20")
    assert code(actions.emettre_avoir, facture, D(montant), motif, None, MAINTENANT) == attendu
    assert (Avoir.objects.count(), Compteur.objects.count()) == (0, 0)


def test_rendre_une_facture_payee_laisse_une_avance(foyer):
    facture = fabriques.facture(foyer, total="20")
    actions.encaisser(foyer, D("20"), "cheque", None, MAINTENANT, facture=facture)
    actions.emettre_avoir(facture, D("20"), "Erreur de la mairie", None, MAINTENANT)
    assert solde_de(foyer) == D("-20")


def test_le_meme_formulaire_d_avoir_envoye_deux_fois_n_en_emet_qu_un(foyer):
    facture = fabriques.facture(foyer, total="20")
    jeton = "5f0c7f7e-6f5e-4a4c-9d3f-000000000002"
    for _ in range(2):
        actions.emettre_avoir(facture, D("15"), "Sortie", None, MAINTENANT, jeton=jeton)
    assert Avoir.objects.count() == 1


# --- Mandats ------------------------------------------------------------------------------------------------------
def test_un_nouveau_mandat_revoque_le_precedent(foyer):
    ancien = actions.signer_mandat(foyer, "Celine LA STAR", "FR76 3000 6000 0112 3456 7890 189", OCTOBRE)
    nouveau = actions.signer_mandat(foyer, "Celine LA STAR", "DE89370400440532013000", dt.date(2026, 11, 2))
    ancien.refresh_from_db()
    assert (ancien.revoque_le, ancien.iban) == (dt.date(2026, 11, 2), "FR7630006000011234567890189")
    assert list(Mandat.objects.actifs()) == [nouveau]
    assert ancien.rum != nouveau.rum
    assert ancien.iban_masque == "FR76 •••• •••• 0189"


def test_un_iban_mal_copie_est_refuse(foyer):
    assert code(actions.signer_mandat, foyer, "Celine", "FR7630006000011234567890188", OCTOBRE) == "iban"


# --- Ce que la base refuse, qui que ce soit qui écrive --------------------------------------------------------------
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE facturation_facture SET total = 1",
        "UPDATE facturation_facture SET destinataire = 'Un autre'",
        "UPDATE facturation_facture SET pdf = 'x', echeance = '2030-01-01'",
        "DELETE FROM facturation_facture",
        "UPDATE facturation_ligne SET montant = 1, prix_unitaire = 1",
        "DELETE FROM facturation_ligne",
        "UPDATE facturation_avoir SET motif = 'Autre'",
        "DELETE FROM facturation_avoir",
    ],
)
def test_une_piece_emise_ne_change_plus(foyer, sql):
    facture = fabriques.facture(foyer, total="20")
    actions.emettre_avoir(facture, D("2"), "Sortie", None, MAINTENANT)
    with pytest.raises(IntegrityError, match="se corrige par un avoir"), transaction.atomic(), connection.cursor() as c:
        c.execute(sql)


def test_seul_le_pdf_s_ajoute_apres_coup(foyer):
    facture = fabriques.facture(foyer)
    Facture.objects.filter(pk=facture.pk).update(pdf="factures/x.pdf")
    facture.refresh_from_db()
    assert facture.pdf.name == "factures/x.pdf"


def test_une_facture_emise_ne_recoit_plus_de_ligne(foyer):
    facture = fabriques.facture(foyer, total="20")
    modele = facture.lignes.get()
    autre = fabriques.seance(modele.activite, dt.date(2026, 9, 3))
    with pytest.raises(IntegrityError, match="ne reçoit plus de ligne"), transaction.atomic():
        facture.lignes.create(
            enfant=modele.enfant, activite=modele.activite, seance=autre, jour=autre.jour, prenom="Hugo",
            texte="Repas", prix_unitaire=D(1), montant=D(1), regle="",
        )


@pytest.mark.parametrize(
    "changes", [{"jour": dt.date(2026, 9, 4)}, {"enfant_id": 999999}, {"seance_id": 999999}, {"activite_id": 999999}]
)
def test_une_ligne_designe_un_enfant_et_une_seance_qui_existent_au_jour_dit(foyer, changes):
    modele = fabriques.facture(foyer, total="20").lignes.get()
    autre = fabriques.seance(modele.activite, dt.date(2026, 9, 3))
    valeurs = {
        "facture_id": modele.facture_id, "enfant_id": modele.enfant_id, "activite_id": modele.activite_id,
        "seance_id": autre.pk, "jour": autre.jour, "prenom": "Hugo", "texte": "Repas", "prix_unitaire": D(0),
        "montant": D(0), "regle": "",
    }
    with pytest.raises(IntegrityError, match="n'existe pas"), transaction.atomic():
        Ligne.objects.create(**valeurs | changes)


def test_un_total_qui_n_est_pas_la_somme_des_lignes_est_refuse_a_la_fin(foyer):
    modele = fabriques.facture(foyer, total="20")
    point = transaction.savepoint()
    Facture.objects.create(
        exercice=2026, numero=999, famille=foyer, facturation=modele.facturation, mois=OCTOBRE, destinataire="X",
        adresse="Y", total=D("1"), emise_le=MAINTENANT, echeance=dt.date(2026, 12, 15),
    )
    with pytest.raises(IntegrityError, match="n'est pas la somme de ses lignes"), transaction.atomic():
        connection.check_constraints()
    transaction.savepoint_rollback(point)


def test_l_orm_protege_l_enfant_d_une_facture(foyer):
    facture = fabriques.facture(foyer)
    with pytest.raises(IntegrityError):
        Enfant.objects.filter(pk=facture.lignes.get().enfant_id).delete()
