"""La facture ouverte jusqu'au jour, la contestation des deux côtés : à chacun le sien, en peu de requêtes."""

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.fichiers import nettoyer
from facturation import actions
from facturation.models import Avoir, Contestation, Facture, Regie
from familles.models import Rattachement
from portail.actions import accepter, installer_textes
from portail.models import TexteConsentement
from presences.models import Geste, Pointage
from tests import fabriques as f
from tests.acces import image
from tests.beaucoup import copies, memes_requetes, ouvrir

from .test_vues import JEUDI, VENDREDI, facturee, texte
from .ville import MAINTENANT

pytestmark = pytest.mark.django_db
EN_OCTOBRE = f.a_paris(2026, 10, 6)


@pytest.fixture(autouse=True)
def octobre(time_machine):
    time_machine.move_to(EN_OCTOBRE, tick=False)


@pytest.fixture
def celine(client):
    return facturee(client)


@pytest.fixture
def regie(client):
    return f.agent("Régie")


def ligne_de(foyer, prenom="Lina", jour=VENDREDI):
    return foyer.facture.lignes.get(prenom=prenom, jour=jour)


def page_de(foyer):
    return reverse("facturation:facture", args=[foyer.facture.pk])


def page_de_la_ligne(ligne):
    return reverse("facturation:contester", args=[ligne.pk])



# --- La facture ---------------------------------------------------------------------------------------------------
def test_chaque_jour_dit_reserve_venu_facture_et_pourquoi(client, celine):
    page = texte(client.get(page_de(celine)))
    vendredi = page.split("<h3>Vendredi 4 septembre</h3>")[-1].split("</li>")[0]
    for fait in ["<dt>Réservé</dt><dd>oui</dd>", "<dt>Venu</dt><dd>non</dd>", "<dt>Facturé</dt><dd>2,57 €</dd>",
                 "2e enfant (−10 %), absence non excusée par écrit", page_de_la_ligne(ligne_de(celine))]:  # fmt: skip
        assert fait in vendredi, fait
    assert "1 absent" in page
    assert "vendredi 4 septembre : Repas 2,57 € (absent)" in page
    assert "la contester jusqu'au 1er décembre 2026" in page


def test_la_page_compare_aux_mois_d_avant_en_une_phrase(client, celine):
    assert "Comparé aux mois" not in texte(client.get(page_de(celine)))
    midi = celine.facture.lignes.first().activite
    hugo = celine.enfants.get(prenom="Hugo")
    for jour in (1, 2):
        f.reservation(hugo, f.seance(midi, dt.date(2026, 10, jour)))
    with transaction.atomic():
        actions.facturer(dt.date(2026, 10, 1), None, f.a_paris(2026, 11, 2))
    octobre = Facture.objects.get(mois=dt.date(2026, 10, 1))
    page = texte(client.get(reverse("facturation:facture", args=[octobre.pk])))
    # Septembre : 4 repas, 10,84 € ; octobre : 2 repas d'un enfant seul, 5,70 €.
    assert "<p>5,14 € de moins qu&#x27;en septembre : 2 repas de moins.</p>" in page
    assert "Septembre 2026</a> <span>10,84 €, 4 prestations" in page


def test_un_avoir_se_lit_sur_son_jour(client, celine):
    ligne = ligne_de(celine)
    actions.emettre_avoir(celine.facture, ligne.montant, "Sortie", None, EN_OCTOBRE, lignes=[ligne])
    page = texte(client.get(page_de(celine)))
    assert "<dd>2,57 €, rendu</dd>" in page
    assert "Avoir A2026-000001" in page
    assert page_de_la_ligne(ligne) not in page


def test_l_autre_foyer_d_un_enfant_a_repris_le_jour_la_facture_n_en_dit_rien(client, celine):
    papa = f.famille(nom="PAPA")
    hugo = celine.enfants.get(prenom="Hugo")
    Rattachement.objects.create(enfant=hugo, famille=papa, foyer=2)
    hugo.reservations.filter(seance__jour=JEUDI).update(famille=papa)
    jeudi = texte(client.get(page_de(celine))).split("<h3>Jeudi 3 septembre</h3>")[1].split("</li>")[0]
    assert "<dt>Réservé</dt><dd>non</dd>" in jeudi


def test_une_ligne_ou_trois_cents_la_page_demande_les_memes_requetes(client, celine):
    """Huit au plus, dont deux pour le paiement en ligne."""

    def compter(facture):
        adresse = reverse("facturation:facture", args=[facture.pk])
        client.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(adresse).status_code == 200
        return len(requetes)

    hugo, une = celine.enfants.get(prenom="Hugo"), celine.facture
    Regie.objects.create()
    beaucoup = f.facture(celine, total="301", mois=dt.date(2026, 12, 1), petit=hugo)
    longue = Facture.objects.get(pk=beaucoup.pk)
    soir = f.activite(nom="Soir", genre="soir")
    with transaction.atomic():
        grosse = Facture.objects.create(
            famille=celine, facturation=longue.facturation, total=D(300), exercice=2026, numero=9000,
            mois=dt.date(2027, 1, 1), destinataire="x", adresse="x", emise_le=EN_OCTOBRE, echeance=longue.echeance,
        )  # fmt: skip
        for n in range(300):
            jour = dt.date(2027, 1, 1) + dt.timedelta(days=n)
            seance = f.seance(soir, jour)
            f.reservation(hugo, seance)
            Pointage.objects.create(enfant=hugo, seance=seance, etat="present", recu_le=EN_OCTOBRE)
            grosse.lignes.create(enfant=hugo, activite=soir, seance=seance, jour=jour, prenom="Hugo", texte="Soir",
                                 prix_unitaire=D(1), montant=D(1), regle="prix unique")  # fmt: skip
    assert compter(grosse) == compter(une) <= 8


# --- La famille conteste ------------------------------------------------------------------------------------------
def test_la_famille_conteste_avec_une_piece_et_relit_le_fil(client, celine, regie):
    ligne = ligne_de(celine)
    adresse = page_de_la_ligne(ligne)
    page = texte(client.get(adresse))
    for phrase in ["Lina, Repas, vendredi 4 septembre 2026", "absence non excusée", "répond sous 15 jours"]:
        assert phrase in page, phrase
    vide = client.post(adresse, {"motif": ""})
    assert "Dites en quelques mots" in texte(vide)
    piece = SimpleUploadedFile("mot.png", image().read(), "image/png")
    reponse = client.post(adresse, {"motif": "Lina était malade.", "fichiers": [piece]}, follow=True)
    page = texte(reponse)
    assert "avant le <strong>21 octobre 2026</strong>" in page
    assert "Lina était malade." in page
    faite = Contestation.objects.get()
    assert (faite.envoyee_par, faite.ligne) == (celine.compte, ligne)
    jointe = client.get(reverse("facturation:contestation_piece", args=[faite.pk]))
    assert jointe["Content-Disposition"].startswith("attachment")
    assert "Contestation envoyée" in texte(client.get(page_de(celine)))
    # Le second clic d'un double clic : la page dit la contestation, et n'en crée pas d'autre.
    assert "déjà contestée" in texte(client.post(adresse, {"motif": "Lina était malade."}, follow=True))
    assert Contestation.objects.count() == 1
    actions.accepter_contestation(faite, "deduire", "C'est exact.", regie, EN_OCTOBRE)
    page = texte(client.get(adresse))
    for phrase in ["Contestation acceptée", "C&#x27;est exact.", "A2026-000001 vous rend cette ligne"]:
        assert phrase in page, phrase


def test_un_fichier_refuse_se_dit_et_le_texte_reste(client, celine):
    programme = SimpleUploadedFile("mot.pdf", b"MZ un programme", "application/pdf")
    envoi = {"motif": "Malade, vraiment.", "fichiers": [programme]}
    page = texte(client.post(page_de_la_ligne(ligne_de(celine)), envoi))
    assert "Malade, vraiment.</textarea>" in page
    assert Contestation.objects.count() == 0


def test_passe_le_delai_la_page_le_dit_et_la_facture_n_offre_plus_le_lien(client, celine, time_machine):
    time_machine.move_to(f.a_paris(2026, 12, 2), tick=False)
    client.force_login(celine.compte)
    ligne = ligne_de(celine)
    assert page_de_la_ligne(ligne) not in texte(client.get(page_de(celine)))
    page = texte(client.get(page_de_la_ligne(ligne)))
    assert "se contestait jusqu&#x27;au 1er décembre 2026" in page
    assert "<textarea" not in page


@pytest.mark.parametrize("qui", ["une autre famille", "le second foyer", "un agent", "la régie"])
def test_la_ligne_et_la_piece_d_un_autre_n_existent_pas(client, celine, qui):
    ligne = ligne_de(celine)
    faite = actions.contester(ligne, "Malade.", None, celine.compte, EN_OCTOBRE)
    compte = {
        "une autre famille": lambda: f.famille(nom="AUTRE").compte, "le second foyer": lambda: second(celine),
        "un agent": lambda: f.agent(), "la régie": lambda: f.agent("Régie"),
    }[qui]()  # fmt: skip
    client.force_login(compte)
    for adresse in (page_de_la_ligne(ligne), reverse("facturation:contestation_piece", args=[faite.pk])):
        reponse = client.get(adresse)
        assert reponse.status_code in (302, 403, 404)
        assert "2,57" not in reponse.content.decode()
    assert client.post(page_de_la_ligne(ligne), {"motif": "x"}).status_code in (302, 403, 404)
    assert Contestation.objects.count() == 1


def second(celine):
    papa = f.famille(nom="PAPA")
    Rattachement.objects.create(enfant=celine.enfants.get(prenom="Lina"), famille=papa, foyer=2)
    return papa.compte


def test_l_archive_de_la_famille_contient_ses_contestations(client, celine):
    installer_textes()
    accepter(celine.compte, TexteConsentement.objects.get(), EN_OCTOBRE, "192.0.2.1")
    propre = nettoyer(SimpleUploadedFile("mot.png", image().read(), "image/png"))
    actions.contester(ligne_de(celine), "Lina était malade.", propre, celine.compte, EN_OCTOBRE)
    reponse = client.post(reverse("mes_donnees_telecharger"))
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as archive:
        [dite] = json.loads(archive.read("donnees.json"))["contestations"]
        assert (dite["motif"], dite["prestation"], dite["etat"]) == ("Lina était malade.", "Repas", "envoyee")
        assert [nom for nom in archive.namelist() if nom.startswith("fichiers/contestations/")]


# --- La mairie répond ---------------------------------------------------------------------------------------------
@pytest.fixture
def contestee(client, celine, regie):
    faite = actions.contester(ligne_de(celine), "Lina était malade.", None, celine.compte, EN_OCTOBRE)
    client.force_login(regie)
    return faite


def page_admin(contestation):
    return reverse("admin:facturation_contestation_change", args=[contestation.pk])


def test_la_premiere_page_de_la_mairie_compte_celles_qui_attendent(client, contestee):
    assert "<b>1</b> <span>Lignes contestées</span>" in texte(client.get(reverse("admin:index")))
    actions.refuser_contestation(contestee, "Non.", None, EN_OCTOBRE)
    assert "<b>0</b> <span>Lignes contestées</span>" in texte(client.get(reverse("admin:index")))


def test_la_liste_met_en_tete_la_plus_pressee_de_celles_qui_attendent(client, celine, contestee):
    decidee = actions.contester(ligne_de(celine, jour=JEUDI), "x", None, None, f.a_paris(2026, 10, 3))
    actions.refuser_contestation(decidee, "Non.", None, EN_OCTOBRE)
    pressee = actions.contester(ligne_de(celine, "Hugo", JEUDI), "x", None, None, f.a_paris(2026, 10, 4))
    reponse = client.get(reverse("admin:facturation_contestation_changelist"))
    assert [c.pk for c in reponse.context["cl"].result_list] == [pressee.pk, contestee.pk, decidee.pk]
    assert "21 octobre 2026" in texte(reponse)


def test_la_facture_de_l_administration_mene_a_ses_contestations(client, celine, contestee):
    page = texte(client.get(reverse("admin:facturation_facture_change", args=[celine.facture.pk])))
    assert f'{page_admin(contestee)}">Lina, Repas du 04/09/2026</a> : contestation envoyée' in page


def test_une_reponse_qui_tarde_se_voit(client, contestee, regie, time_machine):
    time_machine.move_to(f.a_paris(2026, 10, 21, 23, 59), tick=False)
    client.force_login(regie)
    assert "le délai est passé" not in texte(client.get(page_admin(contestee)))
    time_machine.move_to(f.a_paris(2026, 10, 22, 0, 0), tick=False)
    assert "le délai est passé" in texte(client.get(page_admin(contestee)))
    assert "en retard" in texte(client.get(reverse("admin:facturation_contestation_changelist"))).lower()


def test_la_page_montre_les_faits_cote_a_cote(client, celine, contestee):
    reservation = celine.reservations.get(enfant__prenom="Lina", seance__jour=VENDREDI)
    f.excuse(reservation, texte="Fièvre", etat="refusee", reponse="Trop tard", decidee_le=EN_OCTOBRE)
    reservation.mouvements.create(apres="reservee", origine="parent", compte=celine.compte, instant=MAINTENANT)
    Geste.objects.create(
        enfant=reservation.enfant, seance=reservation.seance, apres="absent", agent=f.agent(prenom="Zoé"),
        recu_le=MAINTENANT,
    )  # fmt: skip
    page = texte(client.get(page_admin(contestee)))
    for fait in ["2 octobre 2026 à 12 h 00 : absent, par Zoé",
                 "<dt>Réservé</dt><dd>oui</dd>", "<dt>Venu</dt><dd>non</dd>", "<dt>Facturé</dt><dd>2,57 €</dd>",
                 "refusée</a>", "Fièvre", "réservé, par la famille", "Lina était malade.", "absence non excusée",
                 "Répondre avant le 21 octobre 2026"]:  # fmt: skip
        assert fait in page, fait


def test_la_regie_accepte_et_la_suivante_arrive(client, celine, contestee):
    autre = actions.contester(ligne_de(celine, jour=JEUDI), "x", None, None, EN_OCTOBRE)
    reponse = client.post(
        page_admin(contestee), {"decision": "accepter", "suite": "rembourser", "reponse": "C'est exact."}
    )
    assert reponse.url == page_admin(autre)
    contestee.refresh_from_db()
    assert (contestee.etat, contestee.suite, contestee.avoir) == ("acceptee", "rembourser", Avoir.objects.get())
    filtree = client.get(reverse("admin:facturation_contestation_changelist") + "?suite=rembourser")
    assert [c.pk for c in filtree.context["cl"].result_list] == [contestee.pk]
    # Le second collègue l'apprend, et rien n'est rendu deux fois.
    page = texte(client.post(page_admin(contestee), {"decision": "accepter", "suite": "deduire"}, follow=True))
    assert "déjà acceptée" in page
    assert Avoir.objects.count() == 1


def test_un_refus_sans_mot_se_redemande_sans_rien_perdre(client, contestee):
    page = texte(client.post(page_admin(contestee), {"decision": "refuser", "reponse": ""}))
    assert "Un refus se motive" in page
    client.post(page_admin(contestee), {"decision": "refuser", "reponse": "La feuille la dit absente."})
    contestee.refresh_from_db()
    assert (contestee.etat, contestee.reponse) == ("refusee", "La feuille la dit absente.")


@pytest.mark.parametrize(("droits", "lecture", "ecriture"), [
    ([], 403, 403),
    (["facturation.view_contestation"], 200, 403),
    (["facturation.view_contestation", "facturation.change_contestation"], 200, 403),
    (["facturation.view_contestation", "facturation.change_contestation", "facturation.add_avoir"], 200, 302),
])  # fmt: skip
def test_repondre_demande_le_droit_de_rendre(client, contestee, droits, lecture, ecriture):
    client.force_login(f.lecteur("familles.view_famille", *droits))
    assert client.get(page_admin(contestee)).status_code == lecture
    envoi = {"decision": "accepter", "suite": "deduire", "reponse": ""}
    assert client.post(page_admin(contestee), envoi).status_code == ecriture
    assert Avoir.objects.exists() == (ecriture == 302)


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_qui_ne_voit_pas_l_argent_ne_voit_pas_les_contestations(client, contestee, groupe):
    client.force_login(f.agent(groupe))
    for adresse in (page_admin(contestee), reverse("admin:facturation_contestation_changelist")):
        assert client.get(adresse).status_code in (302, 403)


def test_la_liste_demande_autant_de_requetes_pour_une_que_pour_trois_cents(client, celine, contestee):
    with memes_requetes(ouvrir(client, reverse("admin:facturation_contestation_changelist"))):
        decidee = {"etat": "refusee", "reponse": "non", "decidee_le": EN_OCTOBRE}
        copies(contestee, ligne=ligne_de(celine, "Hugo", JEUDI), **decidee)
