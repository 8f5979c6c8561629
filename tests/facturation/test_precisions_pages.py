"""Le fil d'une contestation, des deux côtés : chacun lit tout, dans l'ordre ; qui arrive second garde ses mots."""

import io
import json
import zipfile
from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.fichiers import nettoyer
from facturation import actions
from facturation.models import Avoir, Contestation, Precision
from familles.models import Rattachement
from portail.actions import accepter, installer_textes
from portail.models import TexteConsentement
from tests import fabriques as f
from tests.acces import image

from .test_vues import VENDREDI, facturee, texte

pytestmark = pytest.mark.django_db
EN_OCTOBRE, PLUS_TARD = f.a_paris(2026, 10, 6), f.a_paris(2026, 10, 9)


@pytest.fixture(autouse=True)
def octobre(time_machine):
    time_machine.move_to(EN_OCTOBRE, tick=False)


@pytest.fixture
def celine(client):
    return facturee(client)


@pytest.fixture
def regie(client):
    return f.agent("Régie", prenom="Zoé")


@pytest.fixture
def contestee(celine):
    """Le repas de Lina du vendredi, 2,57 €, contesté."""
    ligne = celine.facture.lignes.select_related("facture__famille").get(prenom="Lina", jour=VENDREDI)
    return actions.contester(ligne, "Lina était malade.", None, celine.compte, EN_OCTOBRE)


@pytest.fixture
def demandee(contestee, regie):
    return actions.demander_precision(contestee, "Aviez-vous appelé l'école ?", regie, EN_OCTOBRE)


def page_de(contestation):
    return reverse("facturation:contester", args=[contestation.ligne_id])


def page_admin(contestation):
    return reverse("admin:facturation_contestation_change", args=[contestation.pk])


def mot():
    return SimpleUploadedFile("mot.png", image().read(), "image/png")


def repondre(client, demandee, reponse="Le matin, à 8 h.", **champs):
    page = page_de(demandee.contestation)
    return client.post(page, {"precision": demandee.pk, "reponse": reponse, **champs}, follow=True)


# --- La famille ---------------------------------------------------------------------------------------------------
def test_la_famille_lit_la_question_le_delai_suspendu_et_repond_sur_la_meme_page(client, celine, demandee):
    page = texte(client.get(page_de(demandee.contestation)))
    for phrase in ["En attente de votre réponse", "Aviez-vous appelé l&#x27;école ?", "<strong>suspendu</strong>",
                   "Répondre à la mairie", "La mairie a demandé une précision le 6 octobre 2026"]:  # fmt: skip
        assert phrase in page, phrase
    assert "avant le <strong>" not in page
    assert "Zoé" not in page
    assert "En attente de votre réponse" in texte(client.get(reverse("facturation:facture", args=[celine.facture.pk])))
    vide = texte(repondre(client, demandee, ""))
    assert "Écrivez votre réponse à la mairie." in vide
    page = texte(repondre(client, demandee, fichiers=[mot()]))
    assert "Votre réponse est envoyée à la mairie" in page
    assert "avant le <strong>21 octobre 2026</strong>" in page
    # Le fil entier, dans l'ordre.
    piece = reverse("facturation:precision_piece", args=[demandee.pk])
    ordre = ["Vous avez écrit le", "Lina était malade.", "La mairie a demandé", "Aviez-vous appelé",
             "Vous avez répondu", "Le matin, à 8 h.", piece]  # fmt: skip
    assert [page.index(mots) for mots in ordre] == sorted(page.index(mots) for mots in ordre)
    demandee.refresh_from_db()
    assert (demandee.reponse, demandee.repondue_par) == ("Le matin, à 8 h.", celine.compte)
    jointe = client.get(reverse("facturation:precision_piece", args=[demandee.pk]))
    assert jointe["Content-Disposition"].startswith("attachment")


def test_acceptee_en_partie_la_page_dit_combien_sur_combien_et_pourquoi(client, celine, contestee, regie):
    actions.accepter_en_partie(contestee, D("1.20"), "deduire", "Le repas était commandé.", regie, EN_OCTOBRE)
    page = texte(client.get(page_de(contestee)))
    for phrase in ["Contestation acceptée en partie", "Acceptée en partie : 1,20 € sur 2,57 €",
                   "Le repas était commandé.", "A2026-000001 vous rend cette part de la ligne",
                   "<dd>2,57 €, dont 1,20 € rendus</dd>", "Contester à nouveau"]:  # fmt: skip
        assert phrase in page, phrase
    assert "Zoé" not in page
    facture = texte(client.get(reverse("facturation:facture", args=[celine.facture.pk])))
    assert "<dd>2,57 €, dont 1,20 € rendus</dd>" in facture
    assert "Contestation acceptée en partie" in facture


def test_un_fichier_refuse_se_dit_et_la_reponse_reste(client, celine, demandee):
    programme = SimpleUploadedFile("mot.pdf", b"MZ un programme", "application/pdf")
    page = texte(repondre(client, demandee, "Le matin même.", fichiers=[programme]))
    assert "Le matin même.</textarea>" in page
    assert Precision.objects.get().attend


@pytest.mark.parametrize("decision", ["acceptee", "partie", "refusee"])
def test_la_mairie_decide_pendant_que_la_famille_ecrit_elle_l_apprend_et_garde_ses_mots(
    client, celine, demandee, regie, decision
):
    faite = demandee.contestation
    {
        "acceptee": lambda: actions.accepter_contestation(faite, "deduire", "Oui.", regie, EN_OCTOBRE),
        "partie": lambda: actions.accepter_en_partie(faite, D(1), "deduire", "Oui.", regie, EN_OCTOBRE),
        "refusee": lambda: actions.refuser_contestation(faite, "Non.", regie, EN_OCTOBRE),
    }[decision]()
    page = texte(repondre(client, demandee, "J'avais appelé à 8 h."))
    assert "La mairie a décidé pendant que vous écriviez : votre réponse n&#x27;est pas partie." in page
    assert "J&#x27;avais appelé à 8 h." in page
    assert f"Contestation {Contestation.Etat(decision).label}" in page
    assert Precision.objects.get().attend


def test_un_double_clic_n_inquiete_pas_et_deux_parents_gardent_chacun_leurs_mots(client, celine, demandee):
    repondre(client, demandee)
    page = texte(repondre(client, demandee))
    assert "Une réponse à cette question est déjà partie à la mairie." in page
    assert "Pas envoyé" not in page
    page = texte(repondre(client, demandee, "Papa dit autre chose."))
    assert "Pas envoyé" in page
    assert "Papa dit autre chose." in page
    assert Precision.objects.get().reponse == "Le matin, à 8 h."


def test_deux_parents_contestent_la_meme_ligne_le_second_garde_ses_mots(client, celine, contestee):
    page = texte(client.post(page_de(contestee), {"motif": "Papa conteste aussi."}))
    for phrase in ["Pas envoyé", "Cette ligne est déjà contestée", "Papa conteste aussi.", "Lina était malade."]:
        assert phrase in page, phrase
    assert Contestation.objects.count() == 1


@pytest.mark.parametrize("numero", ["x", "0", "99999", "-1"])
def test_une_question_qui_n_est_pas_de_cette_ligne_n_existe_pas(client, celine, contestee, numero):
    reponse = client.post(page_de(contestee), {"precision": numero, "reponse": "Oui."})
    assert reponse.status_code in (200, 404)
    assert Precision.objects.count() == 0


@pytest.mark.parametrize("qui", ["une autre famille", "le second foyer", "un agent", "la régie"])
def test_le_fil_et_sa_piece_ne_sont_qu_au_foyer_facture(client, celine, demandee, qui):
    propre = nettoyer(mot())
    actions.repondre_precision(demandee, "Le matin, secret.", propre, celine.compte, EN_OCTOBRE)
    suivante = actions.demander_precision(demandee.contestation, "Encore ?", None, EN_OCTOBRE)
    comptes = {
        "une autre famille": lambda: f.famille(nom="AUTRE").compte, "le second foyer": lambda: second(celine),
        "un agent": lambda: f.agent(), "la régie": lambda: f.agent("Régie"),
    }  # fmt: skip
    client.force_login(comptes[qui]())
    piece = reverse("facturation:precision_piece", args=[demandee.pk])
    for reponse in (client.get(page_de(demandee.contestation)), client.get(piece)):
        assert reponse.status_code in (302, 403, 404)
        assert "secret" not in reponse.content.decode()
    envoi = {"precision": suivante.pk, "reponse": "Intrus"}
    assert client.post(page_de(demandee.contestation), envoi).status_code in (302, 403, 404)
    suivante.refresh_from_db()
    assert suivante.attend


def second(celine):
    papa = f.famille(nom="PAPA")
    Rattachement.objects.create(enfant=celine.enfants.get(prenom="Lina"), famille=papa, foyer=2)
    return papa.compte


def test_un_parent_ne_repond_pas_par_sa_ligne_a_la_question_d_une_autre_famille(client, celine, demandee):
    autre = f.famille(nom="AUTRE")
    sienne = f.facture(autre, total="12").lignes.get()
    client.force_login(autre.compte)
    adresse = reverse("facturation:contester", args=[sienne.pk])
    assert client.post(adresse, {"precision": demandee.pk, "reponse": "Intrus"}).status_code == 404
    demandee.refresh_from_db()
    assert demandee.attend


def test_la_page_demande_autant_de_requetes_pour_un_echange_que_pour_dix(client, celine, contestee):
    """Dix et non trois cents : une contestation se dit en deux ou trois questions."""
    def compter():
        client.get(page_de(contestee))
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(page_de(contestee)).status_code == 200
        return len(requetes)

    def echanger():
        precision = actions.demander_precision(contestee, "Quand ?", None, EN_OCTOBRE)
        actions.repondre_precision(precision, "Là.", None, celine.compte, EN_OCTOBRE)

    echanger()
    un = compter()
    for _ in range(9):
        echanger()
    assert compter() == un


def test_l_archive_de_la_famille_contient_ses_reponses(client, celine, demandee):
    installer_textes()
    accepter(celine.compte, TexteConsentement.objects.get(), EN_OCTOBRE, "192.0.2.1")
    actions.repondre_precision(demandee, "Le matin.", nettoyer(mot()), celine.compte, EN_OCTOBRE)
    reponse = client.post(reverse("mes_donnees_telecharger"))
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as archive:
        [dite] = json.loads(archive.read("donnees.json"))["précisions sur les contestations"]
        assert (dite["question"], dite["reponse"]) == ("Aviez-vous appelé l'école ?", "Le matin.")
        assert [nom for nom in archive.namelist() if nom.startswith("fichiers/contestations/precision-")]


# --- La mairie ----------------------------------------------------------------------------------------------------
@pytest.fixture
def bureau(client, contestee, regie):
    client.force_login(regie)
    return contestee


def decider(client, contestation, decision, **champs):
    return client.post(page_admin(contestation), {"decision": decision, **champs}, follow=True)


def test_la_regie_pose_une_question_et_la_page_dit_le_delai_suspendu(client, bureau):
    page = texte(decider(client, bureau, "demander", reponse=""))
    assert "Écrivez votre question à la famille." in page
    decider(client, bureau, "demander", reponse="Aviez-vous appelé ?")
    bureau.refresh_from_db()
    assert bureau.etat == "question"
    page = texte(client.get(page_admin(bureau)))
    for phrase in ["Attend la famille depuis le 6 octobre 2026", "votre délai est suspendu", "Aviez-vous appelé ?",
                   "Zoé", "décider sans l'attendre", "Accepter en partie"]:  # fmt: skip
        assert phrase in page, phrase
    assert 'value="demander"' not in page
    actions.repondre_precision(bureau.precisions.get(), "Le matin.", nettoyer(mot()), None, EN_OCTOBRE)
    page = texte(client.get(page_admin(bureau)))
    assert page.index("Lina était malade.") < page.index("Aviez-vous appelé ?") < page.index("Le matin.")
    jointe = client.get(reverse("admin:facturation_precision_piece", args=[bureau.precisions.get().pk]))
    assert jointe["Content-Disposition"].startswith("inline")


def test_la_regie_accepte_en_partie_au_plus_ce_que_dit_la_page(client, bureau):
    assert "Au plus 2,57 €" in texte(client.get(page_admin(bureau)))
    page = texte(decider(client, bureau, "partie", montant="2,58", reponse="Le repas était commandé."))
    assert "Il ne reste que 2,57 € à rendre de cette ligne." in page
    assert "Le repas était commandé.</textarea>" in page
    assert 'value="2,58"' in page
    for montant in ("", "0", "abc"):
        decider(client, bureau, "partie", montant=montant, reponse="Le repas était commandé.")
    assert Avoir.objects.count() == 0
    decider(client, bureau, "partie", montant="1,20", suite="rembourser", reponse="Le repas était commandé.")
    bureau.refresh_from_db()
    assert (bureau.etat, bureau.suite, bureau.avoir.montant) == ("partie", "rembourser", D("1.20"))
    page = texte(client.get(page_admin(bureau)))
    assert "Acceptée en partie : 1,20 € sur 2,57 €" in page
    liste = texte(client.get(reverse("admin:facturation_contestation_changelist")))
    assert "1,20 € sur 2,57 €" in liste


@pytest.mark.parametrize("decision", ["accepter", "demander", "refuser"])
def test_un_montant_ecrit_ne_rend_jamais_toute_la_ligne_par_megarde(client, bureau, decision):
    page = texte(decider(client, bureau, decision, montant="1,20", reponse="Oui."))
    assert "Un montant se rend par « Accepter en partie »" in page
    bureau.refresh_from_db()
    assert bureau.etat == "envoyee"


def test_le_second_a_decider_l_apprend_et_garde_ses_mots(client, bureau, regie):
    actions.refuser_contestation(bureau, "Non.", f.agent("Régie", prenom="Léa"), EN_OCTOBRE)
    page = texte(decider(client, bureau, "demander", reponse="Aviez-vous appelé ?"))
    assert "Cette contestation est déjà refusée par" in page
    assert "Voici ce que vous aviez écrit" in page
    assert "Aviez-vous appelé ?" in page
    assert Precision.objects.count() == 0


def test_la_famille_a_repondu_pendant_que_la_regie_ecrivait_elle_relit(client, bureau):
    precision = actions.demander_precision(bureau, "Aviez-vous appelé ?", None, EN_OCTOBRE)
    assert 'name="vu" value="1"' in texte(client.get(page_admin(bureau)))
    actions.repondre_precision(precision, "Oui, le matin.", None, None, EN_OCTOBRE)
    page = texte(decider(client, bureau, "refuser", reponse="Sans réponse de votre part.", vu="1"))
    for phrase in ["relisez, puis recommencez", "Oui, le matin.", "Sans réponse de votre part.</textarea>",
                   'name="vu" value="2"']:  # fmt: skip
        assert phrase in page, phrase
    decider(client, bureau, "refuser", reponse="La feuille la dit venue.", vu="2")
    bureau.refresh_from_db()
    assert bureau.etat == "refusee"


def test_sans_reponse_depuis_trente_jours_elle_est_en_tete_et_la_premiere_page_la_compte(
    client, celine, demandee, regie, time_machine
):
    lignes = celine.facture.lignes.exclude(pk=demandee.contestation.ligne_id).select_related("facture").order_by("pk")
    pressee = actions.contester(lignes[0], "x", None, None, EN_OCTOBRE)
    recente = actions.contester(lignes[1], "x", None, None, EN_OCTOBRE)
    actions.demander_precision(recente, "Quand ?", None, f.a_paris(2026, 10, 20))
    faite = actions.contester(lignes[2], "x", None, None, EN_OCTOBRE)
    actions.refuser_contestation(faite, "Non.", None, EN_OCTOBRE)
    liste, accueil = reverse("admin:facturation_contestation_changelist"), reverse("admin:index")

    def ordre(filtre=""):
        reponse = client.get(liste + filtre)
        return [c.pk for c in reponse.context["cl"].result_list], texte(reponse)

    oubliee = demandee.contestation
    client.force_login(regie)
    assert ordre()[0] == [pressee.pk, recente.pk, oubliee.pk, faite.pk]
    assert "<b>1</b> <span>Lignes contestées</span>" in texte(client.get(accueil))
    time_machine.move_to(f.a_paris(2026, 11, 6), tick=False)
    client.force_login(regie)
    trouvees, page = ordre()
    assert trouvees == [oubliee.pk, pressee.pk, recente.pk, faite.pk]
    assert "sans réponse" in page.lower()
    assert "<b>2</b> <span>Lignes contestées</span>" in texte(client.get(accueil))
    assert set(ordre("?attend=mairie")[0]) == {oubliee.pk, pressee.pk}
    assert ordre("?attend=sans_reponse")[0] == [oubliee.pk]
    assert set(ordre("?attend=famille")[0]) == {oubliee.pk, recente.pk}
    assert "sans réponse" in texte(client.get(page_admin(oubliee)))
    oubliee.refresh_from_db()
    assert oubliee.etat == "question", "rien n'est automatique"


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_qui_ne_voit_pas_l_argent_ne_voit_pas_la_piece(client, celine, demandee, groupe):
    actions.repondre_precision(demandee, "Le matin.", nettoyer(mot()), None, EN_OCTOBRE)
    client.force_login(f.agent(groupe))
    piece = reverse("admin:facturation_precision_piece", args=[demandee.pk])
    assert client.get(piece).status_code in (302, 403)
    assert decider(client, demandee.contestation, "demander", reponse="x").status_code == 403
