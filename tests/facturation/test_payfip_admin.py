"""La régie devant les paiements en ligne : les lire, les redemander, trancher un doute ; régler PayFiP."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest
from django.contrib.admin.models import LogEntry
from django.forms.models import model_to_dict
from django.urls import reverse
from django.utils import timezone

from facturation import actions
from facturation.models import Paiement, Regie, Reglement, solde_de
from tests import fabriques as f
from tests.beaucoup import copies, factures, foyers, memes_requetes, ouvrir

from .conftest import partir
from .test_admin import texte

pytestmark = pytest.mark.django_db
Etat = Paiement.Etat
LISTE = reverse("admin:facturation_paiement_changelist")


def page(nom, paiement):
    return reverse(f"admin:facturation_paiement_{nom}", args=[paiement.pk])


@pytest.fixture
def regie(client, foyer):
    compte = f.agent("Régie", prenom="Claire", nom="MARTIN")
    client.force_login(compte)
    return compte


@pytest.fixture
def doute(foyer, service):
    """Un paiement payé chez PayFiP, dont il répond un euro de trop."""
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "montant")
    return actions.interroger(paiement, timezone.now())


def test_la_liste_dit_l_etat_et_garde_a_part_ce_qui_est_a_regarder(client, regie, doute, service):
    autre = f.famille(nom="BERNARD")
    autre.facture = f.facture(autre, total="12.00")
    actions.interroger(partir(autre), timezone.now())
    lue = texte(client.get(LISTE))
    for mot in ("LA STAR", "BERNARD", "28,50 €", "12,00 €", "en doute", "en cours", doute.facture.reference):
        assert mot in lue
    for choix, nombre in (("doute", 1), ("attente", 2), ("pas_ouvert", 0)):
        assert client.get(LISTE, {"a_regarder": choix}).context["cl"].result_count == nombre, choix
    assert client.get(LISTE, {"q": "bernard"}).context["cl"].result_count == 1
    assert client.get(LISTE, {"q": doute.refdet.lower()}).context["cl"].result_count == 1


def test_la_page_d_un_doute_dit_en_francais_ce_que_l_on_sait(client, regie, doute):
    lue = texte(client.get(page("change", doute)))
    assert "28,50 € : en doute" in lue
    assert "montant 29,50 € au lieu de 28,50 €" in lue
    assert "Payé par carte (P), le" in lue
    assert "<td>28,50 €</td><td><strong>29,50 €, différent</strong></td>" in lue
    assert page("trancher", doute) in lue
    assert page("redemander", doute) in lue


def test_la_premiere_page_compte_les_doutes_et_se_tait_s_il_n_y_en_a_pas(client, regie, doute):
    accueil = client.get("/admin/").content.decode()
    lien = re.search(r'href="([^"]+)"(?:(?!</a>).)*<b>1</b> <span>Paiements en doute', accueil, re.S)[1]
    assert client.get(lien).context["cl"].result_count == 1
    actions.trancher(doute, False, "Rien sur le relevé", regie, timezone.now())
    assert "Paiements en doute" not in client.get("/admin/").content.decode()


def test_trancher_que_l_argent_est_arrive(client, regie, doute, foyer):
    hier = timezone.localdate() - dt.timedelta(days=1)
    Paiement.objects.update(cree_le=timezone.now() - dt.timedelta(days=2))
    vide = client.post(page("trancher", doute), {"recu": "oui", "motif": ""})
    assert "obligatoire" in texte(vide)
    envoi = {"recu": "oui", "montant": "29,50", "recu_le": f"{hier}", "motif": "Relevé DFT du 27, ligne 12"}
    assert client.post(page("trancher", doute), envoi).url == page("change", doute)
    recu = Reglement.objects.get()
    assert (recu.montant, recu.recu_le, recu.moyen, recu.saisi_par) == (D("29.50"), hier, "payfip", regie)
    assert solde_de(foyer) == D("-1.00")
    lue = texte(client.get(page("change", doute)))
    assert "l'argent est arrivé" in lue
    assert "Vérifié par Claire MARTIN : Relevé DFT du 27, ligne 12" in lue
    assert "Relevé DFT" in LogEntry.objects.get().change_message
    deux_fois = client.post(page("trancher", doute), envoi)
    assert "n'est plus en doute" in texte(deux_fois)
    assert Reglement.objects.count() == 1


def test_trancher_que_rien_n_est_arrive_laisse_la_famille_payer_de_nouveau(client, regie, doute, foyer):
    client.post(page("trancher", doute), {"recu": "non", "motif": "Rien au 30"})
    doute.refresh_from_db()
    assert (doute.etat, doute.tranche_par, Reglement.objects.count()) == (Etat.SANS_SUITE, regie, 0)
    assert partir(foyer).etat == Etat.EN_COURS


def test_une_date_future_se_refuse_avec_sa_phrase(client, regie, doute):
    demain = timezone.localdate() + dt.timedelta(days=1)
    refus = client.post(page("trancher", doute), {"recu": "oui", "recu_le": f"{demain}", "motif": "Relevé"})
    assert "ne peut pas être reçu dans le futur" in texte(refus)
    doute.refresh_from_db()
    assert doute.etat == Etat.DOUTE


def test_redemander_ecrit_ce_que_payfip_repond_maintenant(client, regie, doute, service):
    service.operations[doute.idop]["scenario"] = ""
    assert client.get(page("redemander", doute)).status_code == 403
    lue = texte(client.post(page("redemander", doute), follow=True))
    assert "PayFiP redemandé : payé. payé par carte" in lue
    assert Reglement.objects.count() == 1
    assert page("redemander", doute) not in lue


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_les_autres_groupes_n_y_entrent_pas(client, doute, groupe):
    client.force_login(f.agent(groupe))
    for adresse in (LISTE, page("change", doute), page("trancher", doute), page("redemander", doute)):
        assert client.get(adresse).status_code in (302, 403)
        assert client.post(adresse, {"recu": "oui", "motif": "moi"}).status_code in (302, 403)
    doute.refresh_from_db()
    assert doute.etat == Etat.DOUTE


def test_lire_n_est_pas_trancher(client, doute):
    client.force_login(f.lecteur("familles.view_famille", "facturation.view_paiement"))
    lue = texte(client.get(page("change", doute)))
    assert page("trancher", doute) not in lue
    for nom in ("trancher", "redemander"):
        assert client.post(page(nom, doute), {"recu": "oui", "motif": "moi"}).status_code == 403


def test_la_facture_de_la_mairie_mene_au_paiement_qui_attend(client, regie, doute):
    assert page("change", doute) in texte(client.get(f"/admin/facturation/facture/{doute.facture_id}/change/"))


def test_une_rangee_ou_trois_cents_les_memes_requetes(client, regie, doute):
    with memes_requetes(ouvrir(client, LISTE)):
        familles = foyers()
        emises = factures(familles, petit=f.enfant(familles[0], ecole=None))
        copies(doute, famille=familles, facture=emises, refdet=lambda n: f"R{n}", idop=lambda n: f"I{n}")


# --- La régie ---------------------------------------------------------------------------------------------------------
def fiche(**champs):
    """Ce que poste la fiche de la régie sans qu'on y touche, et ces champs."""
    return {nom: "" if valeur is None else valeur for nom, valeur in model_to_dict(Regie(nom="Régie")).items() if valeur
            is not False} | champs  # fmt: skip


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"payfip": "regie"}, "le numéro de client PayFiP"),
        ({"payfip": "regie", "payfip_client": "12"}, "valeur valide"),
        ({"payfip": "titre"}, "l'identifiant de la structure"),
        ({"titre_reference": "{tiers}"}, "Les seuls mots remplacés"),
        ({"titre_adresse": "http://ailleurs.exemple"}, "URL valide"),
    ],
    ids=["sans client", "client trop court", "sans structure", "mot inconnu", "sans https"],
)
def test_un_reglage_incomplet_se_refuse(client, regie, champs, phrase):
    adresse = reverse("admin:facturation_regie_change", args=[Regie.objects.get().pk])
    assert phrase in texte(client.post(adresse, fiche(**champs)))
    assert Regie.objects.get().payfip_client == "006382"


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({}, "Aucun bouton"),
        ({"payfip": "regie", "payfip_client": "006382"}, "aucun compte ne voit « Payer »"),
        ({"payfip": "regie", "payfip_client": "006382", "payfip_essai": "a@b.fr"}, "seul a@b.fr voit « Payer »"),
        ({"payfip": "regie", "payfip_client": "006382", "payfip_saisie": "W"}, "sur chaque facture"),
        ({"payfip": "titre", "titre_structure": "S1"}, "sur les factures émises depuis"),
    ],
    ids=["éteint", "essais sans compte", "essais", "production", "titres"],
)
def test_la_fiche_dit_ce_que_voient_les_familles(client, regie, champs, phrase):
    adresse = reverse("admin:facturation_regie_change", args=[Regie.objects.get().pk])
    assert client.post(adresse, fiche(**champs)).status_code == 302
    assert phrase in texte(client.get(adresse))


@pytest.mark.parametrize(
    ("client_payfip", "phrase"),
    [
        ("006382", "PayFiP connaît le client 006382 : REGIE PERISCOLAIRE DEMONSTRATION."),
        ("999999", "PayFiP refuse le client 999999 : numéro de client (T2)."),
    ],
)
def test_verifier_le_numero_de_client(client, regie, client_payfip, phrase):
    Regie.objects.update(payfip_client=client_payfip)
    verifier = reverse("admin:facturation_regie_verifier", args=[Regie.objects.get().pk])
    assert phrase in texte(client.get(verifier, follow=True))
