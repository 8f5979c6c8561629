"""Les pages du recouvrement : ce qu'elles disent à la famille et à la régie, leurs PDF, leur CSV, leurs requêtes."""

import csv
import datetime as dt
import io
from decimal import Decimal as D

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation import actions
from facturation.models import (
    DemandeEcheancier,
    Echeancier,
    EnvoiDeRelances,
    EtatDesRestes,
    Facture,
    Regie,
    Relance,
    Transmission,
    installer_niveaux,
)
from tests import fabriques as f
from tests.beaucoup import copies, factures, foyers, ouvrir, requetes
from tests.papier import textes

pytestmark = pytest.mark.django_db
MATIN = f.a_paris(2026, 11, 20)
JOUR = dt.date(2026, 11, 20)
ECHUE = dt.date(2026, 10, 1)
INSECABLE = "\u00a0"


@pytest.fixture(autouse=True)
def ville(time_machine):
    time_machine.move_to(MATIN, tick=False)
    f.commune()
    installer_niveaux()
    return Regie.objects.create(tresor_ou="Trésorerie de Poitiers", iban="FR7630006000011234567890189")


@pytest.fixture
def foyer():
    foyer = f.famille()
    foyer.due = f.facture(foyer, "90", echeance=ECHUE)
    return foyer


@pytest.fixture
def celine(client, foyer):
    client.force_login(foyer.compte)
    return client


@pytest.fixture
def regie(client):
    client.force_login(f.agent("Régie"))
    return client


def lire(client, nom, *args, **query):
    return client.get(reverse(nom, args=args), query).content.decode().replace(INSECABLE, " ")


def accorder(foyer, **options):
    dates = [dt.date(2026, 12, 5), dt.date(2027, 1, 5), dt.date(2027, 2, 5)]
    suite = list(zip(dates, [D("30")] * 3, strict=True))
    return actions.accorder_echeancier(foyer, [foyer.due.pk], suite, None, MATIN, **options)


def transmise(foyer=None, total="28.50", **champs):
    """Une facture relancée trois fois, et mise sur un état."""
    facture = f.facture(foyer or f.famille(), total, echeance=ECHUE, **champs)
    envoi = EnvoiDeRelances.objects.create(lance_le=MATIN, termine_le=MATIN)
    Relance.objects.create(
        envoi=envoi, facture=facture, rang=3, nom="Dernière relance", du=total, jour=dt.date(2026, 11, 1),
        moyen="courriel",
    )  # fmt: skip
    return facture


# --- La famille ---------------------------------------------------------------------------------------------------
def test_un_echeancier_tenu_se_dit_partout(celine, foyer):
    plan = accorder(foyer, mot="Bon courage.")
    phrase = "Prochaine échéance : <strong>30,00 €</strong> avant le 5 décembre 2026."
    for page in (
        lire(celine, "facturation:situation"), lire(celine, "facturation:facture", foyer.due.pk),
        lire(celine, "facturation:echeancier", plan.pk), lire(celine, "facturation:echeanciers"),
    ):  # fmt: skip
        assert phrase in page
    assert "Bon courage." in lire(celine, "facturation:echeancier", plan.pk)
    situation = lire(celine, "facturation:situation").replace("&#x27;", "'")
    assert "dans l'échéancier" in situation
    assert "Payer la facture" not in situation


def test_l_accueil_dit_la_prochaine_echeance_puis_le_retard(celine, foyer, time_machine):
    call_command("installer", verbosity=0)
    foyer.compte.texte_accepte_id = _texte()
    foyer.compte.save()
    f.inscription(f.enfant(foyer), f.activite())
    accorder(foyer)
    assert "Échéancier : prochaine échéance 30,00 € le 5 décembre." in lire(celine, "accueil")
    time_machine.move_to(f.a_paris(2026, 12, 8), tick=False)
    celine.force_login(foyer.compte)
    assert "Échéancier : 30,00 € en retard depuis le 5 décembre." in lire(celine, "accueil")


def _texte():
    from portail.models import TexteConsentement

    return TexteConsentement.objects.first().pk


def test_la_famille_demande_et_relit_sa_demande(celine, foyer):
    page = lire(celine, "facturation:echeanciers")
    assert "Il reste 90,00 € à payer" in page
    vide = celine.post(reverse("facturation:echeanciers"), {"mois": "3", "phrase": ""})
    assert "Dites en une phrase ce qui se passe." in vide.content.decode()
    celine.post(reverse("facturation:echeanciers"), {"mois": "3", "phrase": "Je change d'emploi"})
    page = lire(celine, "facturation:echeanciers")
    assert "Attend la mairie" in page
    assert "Envoyer ma demande" not in page
    assert DemandeEcheancier.objects.get().famille == foyer


def test_une_facture_transmise_ne_se_paie_plus_ici(celine, foyer):
    facture = transmise(foyer, mois=dt.date(2026, 10, 1))
    actions.transmettre([facture.pk], None, MATIN)
    Regie.objects.update(payfip="regie", payfip_client="012345", payfip_saisie="W")
    page = lire(celine, "facturation:facture", facture.pk)
    assert "transmise au Trésor public depuis le 20 novembre 2026" in page
    assert "Trésorerie de Poitiers" in page
    assert "Dernière relance le 1er novembre 2026, par courriel" in page
    assert f"/factures/{facture.pk}/payer/" not in page
    situation = lire(celine, "facturation:situation").replace("&#x27;", "'")
    assert "à payer au Trésor public" in situation
    assert "Payer la facture d'octobre" not in situation


def test_l_autre_famille_ne_voit_rien(client, foyer):
    plan, voisine = accorder(foyer), f.famille(nom="VOISIN")
    client.force_login(voisine.compte)
    for nom in ("facturation:echeancier", "facturation:echeancier_pdf"):
        assert client.get(reverse(nom, args=[plan.pk])).status_code == 404
    assert plan.reference not in lire(client, "facturation:echeanciers")


def test_la_page_d_un_echeancier_ne_grossit_pas_avec_ses_echeances(celine, foyer):
    """Vingt-quatre et non trois cents : un échéancier dure deux ans au plus."""
    def compter(plan):
        with CaptureQueriesContext(connection) as requetes:
            lire(celine, "facturation:echeancier", plan.pk)
        return len(requetes)

    court = accorder(foyer)
    celine.get(reverse("facturation:echeancier", args=[court.pk]))
    premier = compter(court)
    foyer.autre = f.facture(foyer, "24", mois=dt.date(2026, 10, 1), echeance=ECHUE)
    suite = [(dt.date(2027 + n // 12, 1 + n % 12, 8), D("1")) for n in range(24)]
    assert compter(actions.accorder_echeancier(foyer, [foyer.autre.pk], suite, None, MATIN)) == premier


# --- La régie -----------------------------------------------------------------------------------------------------
def test_l_apercu_dit_qui_combien_quel_niveau_et_pourquoi_pas(regie, foyer):
    lettre = f.facture(f.famille(avec_compte=False, nom="MARTIN"), "20", echeance=ECHUE)
    tot = f.facture(f.famille(nom="TOT"), "20", echeance=dt.date(2026, 11, 18))
    page = lire(regie, "admin:facturation_envoiderelances_add")
    assert f"{foyer.due.reference}</a> : Rappel amical" in page
    assert "<dd>110,00 €</dd>" in page
    assert "<b>lettre</b>" in page
    assert lettre.reference in page
    assert tot.reference in page
    assert "« Rappel amical » viendra le 25/11/2026" in page


def test_la_regie_envoie_en_ecartant_un_foyer_puis_imprime_les_lettres(regie, foyer, courriels):
    f.facture(f.famille(avec_compte=False, nom="MARTIN"), "20", echeance=ECHUE)
    reponse = regie.post(reverse("admin:facturation_envoiderelances_add"), {"ecarter": [foyer.pk]})
    assert courriels() == []
    page = regie.get(reponse["Location"]).content.decode()
    assert "Envoi terminé" in page
    assert "1 foyer écarté" in page
    envoi = EnvoiDeRelances.objects.get()
    pdf = regie.get(reverse("admin:facturation_envoiderelances_lettres", args=[envoi.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


def test_composer_un_echeancier_propose_puis_se_retouche(regie, foyer, courriels):
    adresse = reverse("admin:facturation_echeancier_add")
    demande = actions.demander_echeancier(foyer, "Je change d'emploi", 2, foyer.compte, MATIN)
    choix = {"famille": foyer.pk, "factures": foyer.due.pk, "nombre": "2", "premiere": "2026-12-05"}
    page = lire(regie, "admin:facturation_echeancier_add", **choix)
    assert "Je change d" in page
    assert page.count('value="45,00"') == 2
    envoi = choix | {
        "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-jour": "2026-12-05", "form-0-montant": "50,00",
        "form-1-jour": "2027-01-08", "form-1-montant": "39,99", "mot": "Courage",
    }  # fmt: skip
    refus = regie.post(f"{adresse}?famille={foyer.pk}", envoi).content.decode().replace(INSECABLE, " ")
    assert "Les échéances font 89,99 €, et la dette 90,00 €." in refus
    assert 'value="39,99"' in refus
    regie.post(f"{adresse}?famille={foyer.pk}", envoi | {"form-1-montant": "40"})
    plan = Echeancier.objects.get()
    assert list(plan.echeances.values_list("jour", "montant")) == [
        (dt.date(2026, 12, 5), D("50")), (dt.date(2027, 1, 8), D("40"))
    ]  # fmt: skip
    demande.refresh_from_db()
    assert (demande.etat, demande.reponse) == ("acceptee", "Courage")


def test_refuser_une_demande_puis_revoquer_un_plan(regie, foyer):
    demande = actions.demander_echeancier(foyer, "Je change d'emploi", 2, foyer.compte, MATIN)
    page = reverse("admin:facturation_demandeecheancier_change", args=[demande.pk])
    assert "Un refus se motive" in regie.post(page, {"mot": " "}).content.decode()
    regie.post(page, {"mot": "Votre dette est récente."})
    demande.refresh_from_db()
    assert demande.etat == "refusee"
    plan = accorder(foyer)
    regie.post(reverse("admin:facturation_echeancier_revoquer", args=[plan.pk]), {"motif": "À sa demande"})
    assert "À sa demande" in lire(regie, "admin:facturation_echeancier_change", plan.pk)


def test_transmettre_imprimer_exporter_et_retirer(regie):
    piege = f.famille(nom="PIEGE")
    facture = transmise(piege, destinataire="=HYPERLINK(1)")
    gardee = transmise(total="9")
    page = lire(regie, "admin:facturation_etatdesrestes_add")
    assert facture.reference in page
    assert "Gardées : moins de 15,00 € par foyer" in page
    assert gardee.famille.nom in page
    assert "Cochez les dettes" in regie.post(reverse("admin:facturation_etatdesrestes_add")).content.decode()
    regie.post(reverse("admin:facturation_etatdesrestes_add"), {"factures": [facture.pk]})
    etat = EtatDesRestes.objects.get()
    assert regie.get(reverse("admin:facturation_etatdesrestes_pdf", args=[etat.pk])).content.startswith(b"%PDF")
    texte = regie.get(reverse("admin:facturation_etatdesrestes_csv", args=[etat.pk])).content.decode("utf-8-sig")
    [titres, rangee] = csv.reader(io.StringIO(texte), delimiter=";")
    lue = dict(zip(titres, rangee, strict=True))
    assert (lue["Facture"], lue["Reste transmis"], lue["Redevable"]) == (
        facture.reference, "28,50", "'=HYPERLINK(1)"
    )
    dette = Transmission.objects.get()
    regie.post(reverse("admin:facturation_transmission_retirer", args=[dette.pk]), {"motif": "Promesse tenue"})
    assert "Promesse tenue" in lire(regie, "admin:facturation_etatdesrestes_change", etat.pk)
    vide = " ".join(textes(regie.get(reverse("admin:facturation_etatdesrestes_pdf", args=[etat.pk])).content))
    assert "0 dette, 0,00 €" in vide, "toutes retirées, l'état s'imprime encore"


def compter(client, page):
    client.get(page)
    return requetes(ouvrir(client, page))


def test_trois_cents_foyers_ne_demandent_pas_plus_de_requetes_qu_un(regie, foyer):
    pages = [
        reverse("admin:facturation_envoiderelances_add"), reverse("admin:facturation_etatdesrestes_add"),
        reverse("admin:facturation_echeancier_changelist"), reverse("admin:facturation_relance_changelist"),
    ]  # fmt: skip

    def echelonnee():
        facture = transmise()
        actions.accorder_echeancier(
            facture.famille, [facture.pk], [(dt.date(2026, 12, 5), D("28.50"))], None, MATIN
        )

    modele = transmise()
    echelonnee()
    avant = [compter(regie, page) for page in pages]
    for _ in range(30):
        echelonnee()
    familles = foyers(270)
    emises = factures(familles, total="28.50", petit=modele.lignes.get().enfant, echeance=ECHUE)
    copies(modele.relances.get(), 270, facture=emises)
    assert [compter(regie, page) for page in pages] == avant
    assert Facture.objects.count() == 303
