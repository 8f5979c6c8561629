"""Les prélèvements à la mairie : préparer, prendre le fichier, remettre, défaire, saisir un rejet."""

import datetime as dt
import html
import re
import subprocess
import tempfile

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from facturation import actions
from facturation.models import LotDePrelevements, Mandat, Prelevement, Reglement, solde_de
from tests import fabriques as f
from tests.beaucoup import copies, factures, foyers, memes_requetes, ouvrir
from tests.commune import fichiers

from .test_prelevements import AVANT, IBAN, JOUR, preleve, regie, remis  # noqa: F401


@pytest.fixture(autouse=True)
def le_28_novembre(time_machine):
    time_machine.move_to(AVANT, tick=False)


@pytest.fixture
def agent(client, regie):  # noqa: F811
    client.force_login(f.agent("Régie"))
    return client


def page(nom, *arguments):
    return reverse(f"admin:facturation_{nom}", args=arguments)


def pdf(reponse):
    """Le texte d'un PDF servi."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as fichier:
        fichier.write(reponse.content)
        fichier.flush()
        lu = subprocess.run(["pdftotext", "-layout", fichier.name, "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", lu.stdout.replace("\xa0", " "))


def texte(reponse):
    nu = html.unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode()))
    return re.sub(r"\s+", " ", nu.replace("\xa0", " "))


def test_la_regie_regarde_prepare_prend_le_fichier_et_le_remet(agent):
    facture, payee = preleve("28.50"), preleve("10.00")
    actions.encaisser(payee.famille, payee.total, "cheque", None, AVANT, facture=payee)
    apercu = texte(agent.get(page("lotdeprelevements_add")))
    for phrase in ["5 décembre 2026", "28,50 €", "il ne reste rien à payer", "Préparer 1 prélèvement"]:
        assert phrase in apercu, phrase
    reponse = agent.post(page("lotdeprelevements_add"), {"jour": "2026-12-05"})
    lot = LotDePrelevements.objects.get()
    assert reponse.url == page("lotdeprelevements_change", lot.pk)
    assert not Reglement.objects.filter(moyen="prelevement").exists()
    fichier = agent.get(page("lotdeprelevements_fichier", lot.pk))
    assert fichier["Content-Disposition"] == f'attachment; filename="{lot.nom_du_fichier}"'
    assert fichier.content == actions.fichier_du_lot(lot)
    agent.post(page("lotdeprelevements_remettre", lot.pk))
    agent.post(page("lotdeprelevements_remettre", lot.pk))  # un double clic
    assert Reglement.objects.filter(moyen="prelevement").count() == 1
    assert solde_de(facture.famille) == 0
    assert "Remis le" in texte(agent.get(page("lotdeprelevements_change", lot.pk)))
    assert agent.get(page("lotdeprelevements_fichier", lot.pk)).content == fichier.content
    assert LogEntry.objects.filter(change_message__contains="pris").count() == 2


def test_une_facture_payee_entre_temps_se_voit_avant_de_remettre(agent):
    facture = preleve("28.50")
    lot = actions.preparer_lot(JOUR, None, AVANT)
    actions.encaisser(facture.famille, facture.total, "cheque", None, AVANT, facture=facture)
    vu = texte(agent.get(page("lotdeprelevements_change", lot.pk)))
    assert "ne doit plus la même somme" in vu
    assert "0,00 € à payer aujourd'hui" in vu
    agent.post(page("lotdeprelevements_defaire", lot.pk))
    assert "Lot défait" in texte(agent.get(page("lotdeprelevements_change", lot.pk)))
    assert agent.get(page("lotdeprelevements_fichier", lot.pk)).status_code == 404


def test_un_rejet_se_saisit_et_se_compte_sur_la_premiere_page(agent, time_machine):
    facture = preleve("28.50")
    debit = remis(facture)
    assert "Prélèvements rejetés" not in texte(agent.get(reverse("admin:index")))
    time_machine.move_to(f.a_paris(2026, 12, 9), tick=False)
    fiche = page("prelevement_change", debit.pk)
    assert "Choisissez" in texte(agent.get(fiche))
    tot = agent.post(fiche, {"code": "AC04", "rejete_le": "2026-11-02"})
    assert "Un rejet arrive entre la remise" in texte(tot)
    for _ in range(2):  # un double clic
        assert agent.post(fiche, {"code": "AC04", "rejete_le": "2026-12-08"}).url == fiche
    vu = texte(agent.get(fiche))
    assert "le compte est fermé (AC04)" in vu
    assert "Ce mandat est suspendu" in vu
    assert solde_de(facture.famille) == facture.total
    assert "Prélèvements rejetés" in texte(agent.get(reverse("admin:index")))
    liste = agent.get(page("prelevement_changelist") + "?a_regarder=rejetes")
    assert debit.reference in texte(liste)


def test_la_banque_refuse_tout_le_lot_et_les_familles_sans_compte_ont_leur_lettre(agent, time_machine):
    avec, sans = preleve("28.50"), preleve("12.00", foyer=f.famille(avec_compte=False, nom="BERNARD"))
    lot = remis(avec).lot
    time_machine.move_to(f.a_paris(2026, 12, 9), tick=False)
    fiche = page("lotdeprelevements_change", lot.pk)
    assert "La banque a tout refusé" in texte(agent.get(fiche))
    refuser = page("lotdeprelevements_refuser", lot.pk)
    assert "2 débits, 40,50 €" in texte(agent.get(refuser))
    fait = texte(agent.post(refuser, {"code": "FF01", "rejete_le": "2026-12-08"}, follow=True))
    assert "2 règlements annulés, les dettes reviennent ; 1 famille n'a pas de compte" in fait
    assert "imprimez sa lettre ; les autres sont prévenues" in fait
    assert "Refusé par la banque le 8 décembre 2026" in fait
    assert "Imprimer 1 lettre" in fait
    lettres = agent.get(page("lotdeprelevements_lettres", lot.pk))
    dit = pdf(lettres)
    assert "BERNARD" in dit
    assert "votre compte n'a pas été débité" in dit
    assert sans.reference in dit
    assert avec.reference not in dit
    assert "Comment payer" in dit
    assert "Ouvrir la facture" not in dit
    assert solde_de(sans.famille) == sans.total


def test_un_rejet_sans_compte_ne_dit_pas_la_famille_prevenue_et_s_imprime(agent, time_machine):
    debit = remis(preleve("28.50", foyer=f.famille(avec_compte=False, nom="BERNARD")))
    time_machine.move_to(f.a_paris(2026, 12, 9), tick=False)
    fiche = page("prelevement_change", debit.pk)
    fait = texte(agent.post(fiche, {"code": "AC04", "rejete_le": "2026-12-08"}, follow=True))
    assert "La dette revient, cette famille n'a pas de compte, imprimez sa lettre." in fait
    assert "sa lettre est à imprimer" in fait
    for adresse in (page("prelevement_lettre", debit.pk), page("prelevement_lettres")):
        dit = pdf(agent.get(adresse))
        assert "le compte est fermé" in dit
        assert "il faut en signer un autre" in dit
    actions.encaisser(debit.facture.famille, debit.montant, "cheque", None, f.a_paris(2026, 12, 9))
    assert "Aucune lettre à imprimer" in texte(agent.get(page("prelevement_lettres"), follow=True))


def test_un_mandat_s_imprime_se_signe_s_enregistre_et_garde_son_papier(agent):
    foyer = f.famille(avec_compte=False, nom="BERNARD")
    foyer.adultes.create(civilite="m", nom="ECARTE", prenom="Paul", responsable_legal=False)
    assert "BERNARD" in texte(agent.get(page("mandat_a_signer"), {"q": "bernard"}))
    dit = pdf(agent.get(page("mandat_imprimer", foyer.pk)))
    rum = f"PF{foyer.pk:06d}-20261128-P1"
    for mot in (rum, "FR72ZZZ123456", "Commune de Migné-Auxances", "BERNARD", "vous autorisez", "huit semaines",
                "Signature du titulaire", "récurrent"):  # fmt: skip
        assert mot in dit, mot
    assert "ECARTE" not in dit
    assert rum in pdf(agent.get(page("mandat_imprimer", foyer.pk)))  # rien n'est écrit : le même
    saisie = {"famille": foyer.pk, "titulaire": "Jean BERNARD", "iban": IBAN, "signe_le": "2026-11-27", "rum": rum}
    assert agent.post(page("mandat_add"), saisie).status_code == 302
    mandat = Mandat.objects.get()
    assert mandat.rum == rum
    assert "P2" in pdf(agent.get(page("mandat_imprimer", foyer.pk)))
    fiche, joindre = page("mandat_change", mandat.pk), page("mandat_joindre", mandat.pk)
    assert "Voir le papier" not in texte(agent.get(fiche))
    assert "Choisissez la photo" in texte(agent.post(joindre, {}))
    faux = SimpleUploadedFile("mandat.pdf", b"<script>", "application/pdf")
    assert agent.post(joindre, {"fichiers": faux}).status_code == 200
    assert agent.post(joindre, {"fichiers": fichiers.pdf("mandat.pdf")}).url == fiche
    mandat.refresh_from_db()
    premier = mandat.papier.name
    assert "Voir le papier numérisé" in texte(agent.get(fiche))
    assert agent.get(page("mandat_papier", mandat.pk)).status_code == 200
    assert LogEntry.objects.filter(change_message="Papier signé lu.", object_id=mandat.pk).exists()
    with TestCase.captureOnCommitCallbacks(execute=True):
        agent.post(joindre, {"fichiers": fichiers.pdf("mieux.pdf")})
    mandat.refresh_from_db()
    assert mandat.papier.name != premier
    assert not mandat.papier.storage.exists(premier)


def test_sans_de_quoi_prelever_rien_ne_s_imprime(agent, regie):  # noqa: F811
    regie.sepa_bic = ""
    regie.save()
    suite = agent.get(page("mandat_imprimer", f.famille().pk), follow=True)
    assert "le BIC de ce compte" in texte(suite)


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_un_autre_groupe_ne_lit_ni_n_imprime_de_mandat(client, regie, groupe):  # noqa: F811
    mandat = preleve().mandat
    client.force_login(f.agent(groupe))
    for adresse in (page("mandat_papier", mandat.pk), page("mandat_imprimer", mandat.famille_id),
                    page("mandat_joindre", mandat.pk)):  # fmt: skip
        assert client.get(adresse).status_code in {302, 403}


def test_sans_reglages_la_page_dit_ce_qui_manque_et_ne_propose_rien(agent, regie):  # noqa: F811
    preleve()
    regie.sepa_bic = ""
    regie.save()
    vu = texte(agent.get(page("lotdeprelevements_add")))
    assert "le BIC de ce compte" in vu
    assert "Préparer 1 prélèvement" not in vu


def test_un_jour_passe_ou_illisible_se_refuse(agent):
    preleve(jour=dt.date(2026, 11, 20))
    assert "Ce jour est passé" in texte(agent.get(page("lotdeprelevements_add") + "?jour=2026-11-20"))
    assert "Ce jour est passé" in texte(agent.post(page("lotdeprelevements_add"), {"jour": "2026-11-20"}))
    assert agent.get(page("lotdeprelevements_add") + "?jour=demain").status_code == 200
    assert not Prelevement.objects.exists()


@pytest.mark.parametrize("geste", ["remettre", "defaire", "fichier"])
def test_qui_ne_fait_que_lire_ne_touche_a_aucun_lot(client, regie, geste):  # noqa: F811
    preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    droits = ["familles.view_famille", "facturation.view_lotdeprelevements", "facturation.view_prelevement"]
    client.force_login(f.lecteur(*droits))
    methode = client.get if geste == "fichier" else client.post
    assert methode(page(f"lotdeprelevements_{geste}", lot.pk)).status_code == 403
    assert client.post(page("prelevement_change", lot.prelevements.get().pk), {}).status_code == 403


def test_la_liste_des_prelevements_coute_autant_avec_trois_cents_qu_avec_un(agent):
    facture = preleve()
    prelevement = actions.preparer_lot(JOUR, None, AVANT).prelevements.get()
    with memes_requetes(ouvrir(agent, page("prelevement_changelist")), au_plus=14):
        familles = foyers()
        annonce = {"rum": facture.rum, "preleve_le": JOUR, "petit": facture.lignes.get().enfant}
        copies(prelevement, facture=factures(familles, **annonce))
