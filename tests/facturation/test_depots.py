"""Les bordereaux et les journées de caisse : ce qui se dépose, ce qui se compte, ce qui ne s'écrit plus."""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from facturation import actions, regles
from facturation.models import Bordereau, Compteur, Depose, Journee, Regie, Reglement, especes_attendues, livre
from tests import fabriques as f

MAINTENANT = f.a_paris(2026, 11, 20)
JOUR = dt.date(2026, 11, 20)
HIER = dt.date(2026, 11, 19)
pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    f.commune()
    return f.famille()


def code(action, *args, **options):
    with pytest.raises(ValidationError) as refus:
        action(*args, **options)
    return refus.value.code


def recevoir(foyer, montant="10", moyen="cheque", jour=JOUR):
    return actions.encaisser(foyer, D(montant), moyen, None, MAINTENANT, recu_le=jour, reference="12")


def deposer(*recus, moyen="cheque", jour=JOUR):
    return actions.deposer(moyen, [recu.pk for recu in recus], None, MAINTENANT, depose_le=jour)


def clore(compte, jour=JOUR, raison=""):
    return actions.clore(jour, D(compte), raison, None, MAINTENANT)


# --- Déposer ------------------------------------------------------------------------------------------------------
def test_un_bordereau_porte_ses_reglements_et_un_numero_sans_trou(foyer):
    un, deux, trois = (recevoir(foyer) for _ in range(3))
    assert [deposer(un, deux).reference, deposer(trois).reference] == ["B2026-000001", "B2026-000002"]
    assert not Reglement.objects.a_deposer().exists()
    assert code(deposer, un) == "deja_depose"
    assert Compteur.objects.get(serie="B").dernier == 2  # un refus rend son numéro


REFUS = {
    "rien de coché": (lambda foyer: deposer(), "vide"),
    "un virement": (lambda foyer: deposer(recevoir(foyer, moyen="virement"), moyen="virement"), "moyen"),
    "des espèces parmi les chèques": (lambda foyer: deposer(recevoir(foyer, moyen="especes")), "deja_depose"),
    "demain": (lambda foyer: deposer(recevoir(foyer), jour=dt.date(2026, 11, 21)), "futur"),
    "avant d'être reçu": (lambda foyer: deposer(recevoir(foyer), jour=HIER), "trop_tot"),
}


@pytest.mark.parametrize("nom", REFUS)
def test_un_depot_faux_est_refuse_en_entier(foyer, nom):
    faire, attendu = REFUS[nom]
    assert code(faire, foyer) == attendu
    assert (Bordereau.objects.count(), Depose.objects.count()) == (0, 0)


def test_un_cheque_annule_ne_se_depose_pas_et_reste_sur_le_sien(foyer):
    recu, autre = recevoir(foyer), recevoir(foyer)
    actions.annuler_reglement(recu, "Non signé", None, MAINTENANT)
    assert code(deposer, recu) == "deja_depose"
    bordereau = deposer(autre)
    actions.annuler_reglement(autre, "Rejeté par la banque", None, MAINTENANT)
    assert bordereau.deposes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_deux_bordereaux_a_la_fois_ne_deposent_pas_le_meme_cheque(foyer):
    recus = [recevoir(foyer) for _ in range(3)]

    def essayer(_):
        try:
            return deposer(*recus).numero
        except ValidationError as refus:
            return refus.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as fils:
        assert sorted(map(str, fils.map(essayer, range(4)))) == ["1", "deja_depose", "deja_depose", "deja_depose"]
    assert (Depose.objects.count(), Compteur.objects.get(serie="B").dernier) == (3, 1)


# --- Compter et clore ---------------------------------------------------------------------------------------------
ATTENDU = {
    "rien": ((0, 0, 0, 0, 0), 0),
    "le fonds et la recette": ((50, 30, 0, 0, 0), 80),
    "un règlement annulé en sort": ((50, 30, 10, 0, 0), 70),
    "un dépôt et un remboursement en sortent": ((50, 30, 0, 25, 5), 50),
}


@pytest.mark.parametrize("nom", ATTENDU)
def test_les_especes_attendues(nom):
    sommes, attendu = ATTENDU[nom]
    assert regles.attendu(*map(D, sommes)) == attendu


ECARTS = {"0": "juste", "-2": "il manque 2,00\u00a0€", "1.5": "1,50\u00a0€ de trop"}


@pytest.mark.parametrize("ecart", ECARTS)
def test_l_ecart_se_dit(ecart):
    assert regles.dire_l_ecart(D(ecart)) == ECARTS[ecart]


def test_la_caisse_attend_ce_qui_est_entre_moins_ce_qui_est_sorti(foyer):
    Regie.objects.create(fonds_de_caisse=D("50"))
    recevoir(foyer, "99", "especes", dt.date(2026, 11, 2))  # avant la première journée : dans le fonds de caisse
    recevoir(foyer, "30", "especes", HIER)
    assert especes_attendues(HIER) == D("80")
    clore("80", HIER)
    gros, faux = recevoir(foyer, "20", "especes"), recevoir(foyer, "7", "especes")
    recevoir(foyer, "40", "cheque")
    actions.annuler_reglement(faux, "Erreur de saisie", None, MAINTENANT)
    deposer(gros, moyen="especes")
    actions.rembourser(foyer, D("5"), "especes", "reçu 1", "Trop versé", None, MAINTENANT)
    assert especes_attendues(JOUR) == D("75")  # 80 + 27 − 7 − 20 − 5
    tenu = livre(JOUR)
    assert [(o.quoi, o.somme) for o in tenu.operations] == [
        ("Règlement", D("20")), ("Règlement", D("7")), ("Règlement", D("40")), ("Règlement annulé", D("-7")),
        ("Remboursement", D("-5")),
    ]  # fmt: skip
    assert (tenu.par_moyen, tenu.total) == ([("chèque", 1, D("40")), ("espèces", 4, D("15"))], D("55"))
    assert [b.total for b in tenu.depots] == [D("20")]


def test_un_ecart_s_explique(foyer):
    recevoir(foyer, "30", "especes")
    assert code(clore, "28") == "ecart"
    close = clore("28", raison="Deux euros rendus en trop")
    assert (close.attendu, close.compte, close.ecart) == (D("30"), D("28"), D("-2"))
    assert especes_attendues(dt.date(2026, 11, 21)) == D("28")  # le lendemain part de ce qui fut compté


def test_une_journee_ne_se_clot_ni_deux_fois_ni_avant_une_autre_ni_demain(foyer):
    clore("0")
    assert [code(clore, "0"), code(clore, "0", HIER), code(clore, "0", dt.date(2026, 11, 21))] == [
        "deja_close", "deja_close", "futur"
    ]


CLOS = {
    "un chèque": lambda foyer: recevoir(foyer),
    "des espèces de la veille": lambda foyer: recevoir(foyer, moyen="especes", jour=HIER),
    "un remboursement en espèces":
        lambda foyer: actions.rembourser(foyer, D("1"), "especes", "reçu", "Trop versé", None, MAINTENANT),
    "un dépôt": lambda foyer: deposer(foyer.cheque),
    "une annulation": lambda foyer: actions.annuler_reglement(foyer.cheque, "Erreur", None, MAINTENANT),
}  # fmt: skip


@pytest.mark.parametrize("nom", CLOS)
def test_un_jour_clos_ne_recoit_plus_rien(foyer, nom):
    foyer.cheque = recevoir(foyer)
    clore("0")
    assert code(CLOS[nom], foyer) == "jour_clos"


def test_ce_qui_arrive_par_la_banque_s_ecrit_encore(foyer):
    clore("0")
    for moyen in ("virement", "prelevement", "payfip"):
        recevoir(foyer, moyen=moyen)
    actions.rembourser(foyer, D("1"), "virement", "VIR", "Trop versé", None, MAINTENANT)
    assert Reglement.objects.count() == 3


EN_BASE = {
    "un chèque daté d'un jour clos":
        "INSERT INTO facturation_reglement (famille_id, moyen, montant, recu_le, reference, emetteur, saisi_le, "
        "motif_annulation) SELECT famille_id, 'cheque', 5, '2026-11-19', '', '', saisi_le, '' "
        "FROM facturation_reglement LIMIT 1",
    "une journée d'avant":
        "INSERT INTO facturation_journee (jour, attendu, compte, raison, close_le) "
        "VALUES ('2026-11-18', 0, 0, '', now())",
    "changer une journée": "UPDATE facturation_journee SET compte = 1, raison = 'x'",
    "rouvrir une journée": "DELETE FROM facturation_journee",
    "déposer deux fois":
        "INSERT INTO facturation_depose (reglement_id, bordereau_id) "
        "SELECT reglement_id, bordereau_id FROM facturation_depose",
    "retirer d'un bordereau": "DELETE FROM facturation_depose",
    "changer un bordereau": "UPDATE facturation_bordereau SET numero = 9",
}  # fmt: skip


@pytest.mark.parametrize("geste", EN_BASE)
def test_la_base_refuse(foyer, geste):
    deposer(recevoir(foyer))
    clore("0")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(EN_BASE[geste])


@pytest.mark.django_db(transaction=True)
def test_une_saisie_pendant_la_cloture_est_comptee_ou_refusee(foyer):
    def essayer(n):
        try:
            if n == 3:
                return clore("0", raison="Comptée pendant une saisie").attendu
            return recevoir(foyer, "10", "especes").pk
        except ValidationError as refus:
            return refus.code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as fils:
        *avant, attendu, apres1, apres2 = fils.map(essayer, range(6))
    refuses = [fait for fait in [*avant, apres1, apres2] if fait == "jour_clos"]
    assert Reglement.objects.count() == 5 - len(refuses)
    assert attendu == Journee.objects.get().attendu == especes_attendues(JOUR) == 10 * (5 - len(refuses))


# --- Les pages ----------------------------------------------------------------------------------------------------
@pytest.fixture
def regie(time_machine, foyer):
    time_machine.move_to(MAINTENANT, tick=False)
    client = Client()
    client.force_login(f.agent("Régie"))
    return client


def ouvrir(reponse):
    assert reponse["Content-Type"] == "application/pdf"
    return pikepdf.open(io.BytesIO(reponse.content))


def test_la_regie_depose_ce_qu_elle_coche_et_imprime_le_bordereau(regie, foyer):
    garde, pris = recevoir(foyer), recevoir(foyer, "15")
    page = reverse("admin:facturation_bordereau_add")
    assert "2" in regie.get(page).content.decode()
    reponse = regie.post(f"{page}?moyen=cheque", {"reglements": [pris.pk], "depose_le": "2026-11-20"})
    bordereau = Bordereau.objects.get()
    assert reponse["Location"] == reverse("admin:facturation_bordereau_change", args=[bordereau.pk])
    assert list(Reglement.objects.a_deposer()) == [garde]
    document = ouvrir(regie.get(reverse("admin:facturation_bordereau_pdf", args=[bordereau.pk])))
    assert str(document.docinfo["/Title"]) == "Bordereau B2026-000001"
    rejoue = regie.post(f"{page}?moyen=cheque", {"reglements": [pris.pk], "depose_le": "2026-11-20"})
    assert "déjà déposé" in rejoue.content.decode()


def test_la_regie_compte_explique_et_clot(regie, foyer):
    recevoir(foyer, "30", "especes")
    page = reverse("admin:facturation_journee_add")
    assert "30,00" in regie.get(page).content.decode()
    assert "il manque" in regie.post(page, {"compte": "28,00", "raison": ""}).content.decode()
    regie.post(page, {"compte": "28,00", "raison": "Rendu de monnaie"})
    close = Journee.objects.get()
    assert (close.jour, close.ecart, close.raison) == (JOUR, D("-2"), "Rendu de monnaie")
    assert "ne se clôt plus" in regie.get(page).content.decode()
    document = ouvrir(regie.get(reverse("admin:facturation_journee_pdf", args=[close.pk])))
    assert str(document.docinfo["/Title"]) == "Caisse du 20/11/2026"


def test_la_famille_ouvre_son_recu_et_l_autre_famille_non(foyer):
    facture = f.facture(foyer, total="8")
    recu = actions.encaisser(foyer, D("10"), "cheque", None, MAINTENANT, facture=facture, reference="77")
    client = Client()
    client.force_login(foyer.compte)
    page = client.get(reverse("facturation:recu", args=[recu.pk])).content.decode()
    assert [dit for dit in (recu.recu_numero, facture.reference, "2,00\u00a0€") if dit not in page] == []
    document = ouvrir(client.get(reverse("facturation:recu_pdf", args=[recu.pk])))
    assert str(document.docinfo["/Title"]) == f"Reçu {recu.recu_numero}"
    client.force_login(f.famille(nom="AUTRE").compte)
    for nom in ("recu", "recu_pdf"):
        assert client.get(reverse(f"facturation:{nom}", args=[recu.pk])).status_code == 404


def test_la_regie_rembourse_depuis_la_page(regie, foyer):
    recevoir(foyer, "30")
    page = f"{reverse('admin:facturation_remboursement_add')}?famille={foyer.pk}"
    assert "30,00" in regie.get(page).content.decode()
    envoi = {
        "montant": "31", "moyen": "virement", "reference": "VIR", "fait_le": "2026-11-20", "motif": "Trop versé",
        "jeton": "5f0c7f7e-6f5e-4a4c-9d3f-000000000003",
    }  # fmt: skip
    assert "on ne rend pas davantage" in regie.post(page, envoi).content.decode()
    assert regie.post(page, envoi | {"montant": "12,50"}).status_code == 302
    assert foyer.remboursements.get().montant == D("12.50")
