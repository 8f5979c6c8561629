"""Les pages de la famille : ce qu'elle doit, pourquoi, et rien de ce qui est à une autre."""

import datetime as dt
import html
import io
import re
from decimal import Decimal as D

import pikepdf
import pytest
import time_machine
from django.core.cache import caches
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.models import Commune
from commune.requetes import poser
from facturation import actions
from facturation.models import Facture, Regie, mois_d_avant, releve, solde_de
from facturation.pdf import produire
from facturation.views import finances
from familles.models import Quotient
from presences.models import Pointage
from tests import fabriques
from tests.beaucoup import copies, memes_requetes, ouvrir
from tests.papier import textes, verifier_les_pages

from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4)
NOVEMBRE = fabriques.a_paris(2026, 11, 20)


@pytest.fixture
def celine(client):
    fabriques.commune()
    foyer = fabriques.famille()
    client.force_login(foyer.compte)
    return foyer


def texte(reponse):
    return " ".join(reponse.content.decode().replace("\u00a0", " ").split())


def un_mois(foyer):
    """Septembre de Hugo et de Lina, réservé et facturé."""
    Quotient.objects.create(famille=foyer, valeur=742, debut=SEPTEMBRE, preuve="attestation CAF du 02/09/2026")
    fabriques.tarif(ajustements=[("fratrie", "pourcentage", "-10", 2)])
    midi = fabriques.activite()
    hugo = fabriques.enfant(foyer, date_naissance=dt.date(2014, 2, 7))
    lina = fabriques.enfant(foyer, prenom="Lina", date_naissance=dt.date(2020, 5, 1))
    for jour in (JEUDI, VENDREDI):
        seance = fabriques.seance(midi, jour)
        for petit in (hugo, lina):
            fabriques.reservation(petit, seance)
    Pointage.objects.create(enfant=lina, seance=midi.seances.get(jour=VENDREDI), etat="absent", recu_le=MAINTENANT)
    return hugo, lina


def facturee(client):
    """Un foyer connecté, et la ``facture`` de son mois."""
    fabriques.commune()
    foyer = fabriques.famille()
    un_mois(foyer)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    foyer.facture = Facture.objects.get()
    client.force_login(foyer.compte)
    return foyer


def test_la_facture_dit_qui_quoi_quand_combien_et_pourquoi(client, celine):
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    page = texte(client.get(reverse("facturation:facture", args=[Facture.objects.get().pk])))
    for phrase in [
        "Mairie de Migné-Auxances", "Mme Celine LA STAR", "N° 2026-000001, émise le 2 octobre 2026",
        "10,84 €", "1er novembre 2026", "les 3 et 4", "Jeudi 3 septembre", "2 fois", "1 absent",
        "Tranche 2 (QF 742, attestation CAF du 02/09/2026), 2e enfant (−10 %), absence non excusée par écrit",
        "Total pour Hugo", "5,70 €", "Comment payer",
    ]:
        assert phrase in page, phrase


def test_la_facture_prelevee_annonce_montant_date_rum_et_ics(client, celine):
    fabriques.commune(ics="FR12ZZZ123456")
    un_mois(celine)
    mandat = actions.signer_mandat(celine, "Celine LA STAR", "FR7630006000011234567890189", SEPTEMBRE)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    page = texte(client.get(reverse("facturation:facture", args=[Facture.objects.get().pk])))
    for phrase in [mandat.rum, "FR12ZZZ123456", "10,84 €</strong> seront prélevés"]:
        assert phrase in page
    assert "30006" not in page


def test_la_facture_garde_l_emetteur_du_jour_de_son_emission(client, celine):
    Regie.objects.create(emetteur="Claire Martin, maire", cheque_ordre="Régie de Migné")
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    Regie.objects.update(emetteur="Quelqu'un d'autre", cheque_ordre="Un autre ordre")
    page = texte(client.get(reverse("facturation:facture", args=[Facture.objects.get().pk])))
    assert "par Claire Martin, maire" in page
    assert "Régie de Migné" in page
    assert "autre" not in page


def test_l_etat_de_la_facture_suit_les_avoirs_et_les_reglements(client, celine):
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    adresse = reverse("facturation:facture", args=[facture.pk])
    with time_machine.travel(fabriques.a_paris(2026, 11, 1, 23, 59), tick=False):
        assert "À payer" in texte(client.get(adresse))
    with time_machine.travel(fabriques.a_paris(2026, 11, 2, 0, 0), tick=False):
        assert "En retard" in texte(client.get(adresse))
    actions.emettre_avoir(facture, D("2.57"), "Sortie de classe", None, NOVEMBRE)
    actions.encaisser(celine, D("8.27"), "cheque", None, NOVEMBRE, facture=facture)
    page = texte(client.get(adresse))
    for phrase in ["Payée", "Avoir A2026-000001 du 20 novembre 2026", "Sortie de classe", "par chèque : 8,27 €"]:
        assert phrase in page, phrase


def test_la_situation_montre_le_solde_et_chaque_mouvement(client, celine):
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    actions.emettre_avoir(facture, D("0.84"), "Sortie de classe", None, NOVEMBRE)
    rejete = actions.encaisser(celine, D("10"), "cheque", None, NOVEMBRE, facture=facture, reference="n° 77")
    actions.annuler_reglement(rejete, "Chèque rejeté", None, NOVEMBRE)
    reponse = client.get(reverse("facturation:situation"))
    assert reponse.context["solde"] == D("10")
    assert [(m.genre, m.montant, m.solde) for m in reponse.context["page"]] == [
        ("annulation", D("10"), D("10")), ("reglement", D("-10"), D("0")), ("avoir", D("-0.84"), D("10")),
        ("facture", D("10.84"), D("10.84")),
    ]
    assert "Vous devez" in texte(reponse)
    assert "Payer la facture de septembre 2026" in texte(reponse)
    actions.encaisser(celine, D("12"), "especes", None, NOVEMBRE)
    page = texte(client.get(reverse("facturation:situation")))
    assert "avance de</h2><p class=\"montant\">2,00 €" in page
    assert "Payer la facture" not in page


def test_un_foyer_neuf_a_des_pages_vides_qui_le_disent(client, celine):
    assert "Vous êtes à jour" in texte(client.get(reverse("facturation:situation")))
    assert "Aucune facture" in texte(client.get(reverse("facturation:factures")))
    assert "Rien ce mois-ci" in texte(client.get(reverse("facturation:prestations")))


# --- Le détail des prestations --------------------------------------------------------------------------------------
def test_le_mois_en_cours_est_une_estimation_au_centime_de_la_facture(client, celine):
    un_mois(celine)
    adresse = reverse("facturation:prestations")
    with time_machine.travel(fabriques.a_paris(2026, 9, 10), tick=False):
        estimation = client.get(adresse)
    assert "Estimation" in texte(estimation)
    assert "Total estimé, 4 prestations" in texte(estimation)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facturee = client.get(adresse, {"mois": "2026-09"})
    assert "Estimation" not in texte(facturee)

    def dites(reponse):
        return [(x.jour, x.prenom, x.texte, x.montant, x.regle) for x in reponse.context["lignes"]]

    assert dites(estimation) == dites(facturee)
    assert facturee.context["total"] == Facture.objects.get().total


def test_le_detail_se_filtre_par_enfant_et_une_adresse_bricolee_ne_casse_rien(client, celine):
    _, lina = un_mois(celine)
    adresse = reverse("facturation:prestations")
    seule = client.get(adresse, {"mois": "2026-09", "enfant": lina.pk})
    assert {x.prenom for x in seule.context["lignes"]} == {"Lina"}
    tranche = "Tranche 2 (QF 742, attestation CAF du 02/09/2026), 2e enfant (−10 %)"
    assert f'<li id="raison-1">{tranche}</li><li id="raison-2">{tranche}, absence non excusée' in texte(seule)
    ailleurs = fabriques.enfant(fabriques.famille(nom="AUTRE"))
    for donnees in ({"mois": "2026-13"}, {"mois": "x"}, {"enfant": ailleurs.pk}, {"enfant": "'"}):
        assert client.get(adresse, donnees).status_code == 200


def test_un_tarif_manquant_se_dit_et_ne_casse_pas_la_page(client, celine):
    petit = fabriques.enfant(celine)
    fabriques.reservation(petit, fabriques.seance(fabriques.activite(), JEUDI))
    page = texte(client.get(reverse("facturation:prestations"), {"mois": "2026-09"}))
    assert "Pas encore d'estimation" in page.replace("&#x27;", "'")


# --- Le PDF ---------------------------------------------------------------------------------------------------------
def contenu_pdf(reponse):
    return b"".join(reponse.streaming_content)


def test_le_pdf_dit_la_meme_chose_que_la_page_et_se_garde(client, celine, tmp_path):
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    adresse = reverse("facturation:facture_pdf", args=[facture.pk])
    reponse = client.get(adresse)
    octets = contenu_pdf(reponse)
    assert reponse["Content-Type"] == "application/pdf"
    assert f"facture-{facture.reference}.pdf" in reponse["Content-Disposition"]
    with pikepdf.open(io.BytesIO(octets)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr"
        assert document.docinfo["/Title"] == "Facture 2026-000001, septembre 2026"
        with document.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
    lu = texte_du_pdf(octets, tmp_path)
    for phrase in [
        "Mairie de Migné-Auxances", "Mme Celine LA STAR", "2026-000001", "10,84 €", "les 3 et 4", "2e enfant",
        "absence non excusée par écrit", "Total à payer", "Comment payer",
    ]:
        assert phrase in lu, phrase
    facture.refresh_from_db()
    assert facture.pdf.name.endswith(".pdf")
    assert "LA STAR" not in facture.pdf.name
    premier = facture.pdf.name
    assert contenu_pdf(client.get(adresse)) == octets
    facture.refresh_from_db()
    assert facture.pdf.name == premier


VOIES = {"siret": "21860158900018", "voies_recours": "Deux mois.\r\n\r\nAu tribunal\r\nde Poitiers.", "ics": "FR72ZZZ1"}
GUICHET = {
    "iban": "FR7630006000011234567890189", "cheque_ordre": "Régie de Migné", "accueil": "Au guichet.\r\nLe matin.",
    "emetteur": "Claire Martin, maire", "mention_tva": "Exonéré de TVA.",
}  # fmt: skip
TITRE = {
    "payfip": "titre", "titre_structure": "012345", "titre_adresse": "https://payer.exemple.fr",
}  # fmt: skip
ENTIERES = [
    ("presque rien", {}, {}, False, "", ["Total à payer 10,84 €"]),
    ("tout ce qu'une régie peut dire", VOIES, GUICHET, False, "", [
        "par Claire Martin, maire", "FR76 3000 6000 0112 3456 7890 189", "Au guichet. Le matin.", "Exonéré de TVA.",
        "Délais et voies de recours Deux mois. Au tribunal de Poitiers.", "SIRET 21860158900018",
    ]),
    ("PayFiP Titre", VOIES, TITRE, False, "", [
        "https://payer.exemple.fr", "identifiant 012345", "montant 10,84 €",
    ]),
    ("prélevée", VOIES, GUICHET, True, "", [
        "vous n'avez rien à faire", "10,84 € seront prélevés", "(ICS) : FR72ZZZ1",
    ]),
    ("une part déjà sur le compte", VOIES, GUICHET, False, "2.57", [
        "Total de la facture 10,84 € Déjà sur votre compte 2,57 €", "Reste à payer 8,27 €", "Par chèque",
    ]),
    ("le reste prélevé", VOIES, GUICHET, True, "2.57", ["Reste à payer 8,27 €", "8,27 € seront prélevés"]),
    ("le reste, par PayFiP Titre", VOIES, TITRE, False, "2.57", ["montant 8,27 €"]),
    ("toute déjà sur le compte", VOIES, GUICHET, True, "20", ["Reste à payer 0,00 €", "Vous n'avez rien à payer"]),
]  # fmt: skip


@pytest.mark.parametrize(("cas", "commune", "regie", "prelevee", "avance", "dits"), ENTIERES)
def test_chaque_mot_du_papier_est_sur_la_page_de_la_mairie(client, celine, cas, commune, regie, prelevee, avance, dits):
    """Deux mises en page, une seule facture : un mot changé d'un côté l'est de l'autre."""
    un_mois(celine)
    Commune.objects.update(**commune)
    caches["local"].clear()  # la fiche y est gardée une minute
    Regie.objects.create(**regie)
    if prelevee:
        actions.signer_mandat(celine, "Celine LA STAR", "FR7630006000011234567890189", SEPTEMBRE)
    if avance:
        actions.encaisser(celine, D(avance), "especes", None, MAINTENANT)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    client.force_login(fabriques.agent("Régie"))
    page = client.get(reverse("admin:facturation_facture_change", args=[facture.pk])).content.decode()
    [page] = re.findall(r'<article class="facture".*?</article>', page, re.DOTALL)
    page = html.unescape(re.sub(r"<caption.*?</caption>|<[^>]+>", " ", page, flags=re.DOTALL))
    papier = " ".join(textes(produire(facture)))
    for phrase in dits:
        assert phrase in papier
    assert set(mots(papier)) - set(mots(page)) <= {"page"}
    assert set(mots(page)) - set(mots(papier)) <= {"pour"}  # le total d'un enfant, ici dans son titre


def mots(texte):
    return re.findall(r"\w+", texte)


def texte_du_pdf(octets, dossier):
    import subprocess

    fichier = dossier / "f.pdf"
    fichier.write_bytes(octets)
    sortie = subprocess.run(["pdftotext", fichier, "-"], capture_output=True, check=True, text=True).stdout
    return " ".join(sortie.replace("\u00a0", " ").split())


def test_une_facture_ordinaire_tient_sur_une_page_la_facon_de_payer_avec_elle(celine):
    """Deux enfants, trois activités, huit jours de chacune, et tout ce qu'une régie a à dire."""
    Commune.objects.update(**VOIES)
    caches["local"].clear()
    Regie.objects.create(**GUICHET)
    celine.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF du 02/09/2026")
    fabriques.tarif(ajustements=[("fratrie", "pourcentage", "-10", 2)])
    fabriques.tarif(genre="soir", nom="Soir", ajustements=[("fratrie", "pourcentage", "-10", 2)])
    fabriques.tarif(genre="matin", nom="Matin", ajustements=[("fratrie", "pourcentage", "-10", 2)])
    naissances = {"Hugo": dt.date(2017, 2, 7), "Lina": dt.date(2020, 5, 19)}
    petits = [fabriques.enfant(celine, prenom=p, date_naissance=jour) for p, jour in naissances.items()]
    for genre, nom in (("midi", "Restauration"), ("soir", "Accueil du soir"), ("matin", "Accueil du matin")):
        activite = fabriques.activite(genre=genre, nom=nom)
        for jour in range(8):
            seance = fabriques.seance(activite, JEUDI + dt.timedelta(days=jour))
            for petit in petits:
                fabriques.reservation(petit, seance)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    [page] = textes(produire(Facture.objects.get()))
    assert page.count("tranche 2 (QF 742, attestation CAF du 02/09/2026)") == 6
    assert "SIRET" in page


def test_soixante_rangees_et_de_longs_noms_se_coupent_proprement_sur_plusieurs_pages(celine, tmp_path):
    fabriques.tarif()
    midi = [fabriques.activite(nom=f"Accueil périscolaire très long numéro {n}", genre="soir") for n in range(15)]
    fabriques.tarif(genre="soir", nom="Soir", ajustements=[("absence", "montant", "1.50")])
    for n in range(4):
        petit = fabriques.enfant(
            celine, prenom=f"Marie-Antoinette-Élisabeth {n}", date_naissance=dt.date(2014 + n, 1, 1)
        )
        for activite in midi:
            seance = activite.seances.first() or fabriques.seance(activite, JEUDI)
            fabriques.reservation(petit, seance)
    celine.adultes.update(nom="DE LA ROCHEFOUCAULD-MONTMORENCY-LUXEMBOURG", prenom="Marie-Antoinette-Élisabeth")
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    octets = produire(facture)
    pages = textes(octets)
    verifier_les_pages(octets, len(pages))
    assert len(pages) == 4
    # Une rangée et sa raison sont sur la même page : aucune page ne commence par la raison d'une autre.
    assert [page.count("Accueil périscolaire très long") for page in pages] == [
        page.count("faute de quotient connu") for page in pages
    ]
    lu = texte_du_pdf(octets, tmp_path)
    assert lu.count("faute de quotient connu") == 60
    assert "Mme Marie-Antoinette-Élisabeth DE LA" in lu
    assert "LUXEMBOURG" in lu
    assert f"Facture {facture.reference} page 2" in lu


# --- À chacun le sien -----------------------------------------------------------------------------------------------
PAGES = ["facturation:situation", "facturation:factures", "facturation:prestations"]
UNE = ["facturation:facture", "facturation:facture_pdf"]


def test_la_facture_d_une_autre_famille_n_existe_pas(client, celine):
    autre = fabriques.facture(fabriques.famille(nom="AUTRE"), total="99.99")
    for nom in UNE:
        assert client.get(reverse(nom, args=[autre.pk])).status_code == 404
    for nom in PAGES:
        assert "99,99" not in texte(client.get(reverse(nom)))


def test_le_second_foyer_d_un_enfant_ne_voit_pas_ce_que_paie_le_premier(client, celine):
    from familles.models import Rattachement

    hugo = fabriques.enfant(celine)
    papa = fabriques.famille(nom="PAPA")
    Rattachement.objects.create(enfant=hugo, famille=papa, foyer=2)
    facture = fabriques.facture(celine, total="99.99", petit=hugo)
    client.force_login(papa.compte)
    assert client.get(reverse("facturation:facture", args=[facture.pk])).status_code == 404
    assert "99,99" not in texte(client.get(reverse("facturation:prestations"), {"mois": "2026-09"}))


def test_un_adulte_parti_ne_voit_plus_les_factures(client, celine):
    facture = fabriques.facture(celine)
    celine.adultes.update(fin=dt.date(2026, 9, 1))
    assert client.get(reverse("facturation:facture", args=[facture.pk])).status_code == 404


@pytest.mark.parametrize("nom", PAGES)
def test_un_inconnu_est_renvoye_a_la_connexion_et_un_agent_n_a_pas_de_finances(client, nom):
    fabriques.commune()
    assert client.get(reverse(nom)).headers["Location"].startswith(reverse("connexion"))
    client.force_login(fabriques.agent())
    assert client.get(reverse(nom)).status_code in (302, 403, 404)


@pytest.mark.parametrize("nom", PAGES)
def test_les_pages_ne_s_ecrivent_pas(client, celine, nom):
    assert client.post(reverse(nom)).status_code == 405


# --- Le nombre de requêtes ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("nom", "plafond"), [("facturation:situation", 8), ("facturation:factures", 8)])
def test_une_facture_ou_trois_cents_les_memes_requetes(client, celine, nom, plafond):
    facture = fabriques.facture(celine, mois=dt.date(1999, 12, 1), petit=fabriques.enfant(celine))
    with memes_requetes(ouvrir(client, reverse(nom)), au_plus=plafond), transaction.atomic():
        emises = copies(
            facture, numero=lambda n: 10_000 + n, mois=lambda n: dt.date(2000 + n // 12, 1 + n % 12, 1)
        )
        copies(facture.lignes.get(), facture=emises)


def test_la_page_d_une_facture_tient_en_peu_de_requetes(client, celine):
    un_mois(celine)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    adresse = reverse("facturation:facture", args=[Facture.objects.get().pk])
    client.get(adresse)
    with CaptureQueriesContext(connection) as requetes:
        client.get(adresse)
    assert len(requetes) <= 8


@pytest.mark.parametrize("emise", [False, True])
def test_le_detail_de_deux_repas_ou_de_trente_demande_les_memes_requetes(client, celine, emise):
    hugo, _ = un_mois(celine)
    adresse = reverse("facturation:prestations") + "?mois=2026-09"

    def compter():
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(adresse).status_code == 200
        return len(requetes)

    compter()
    peu = compter()
    soir = fabriques.activite(nom="Accueil du soir", genre="soir")
    fabriques.tarif(genre="soir", nom="Soir")
    for jour in range(1, 31):
        fabriques.reservation(hugo, fabriques.seance(soir, dt.date(2026, 9, jour)))
    if emise:
        actions.facturer(SEPTEMBRE, None, MAINTENANT)
        assert compter() <= peu
    else:
        assert compter() == peu <= 18


def test_les_requetes_gardees_ne_melent_pas_deux_foyers(celine):
    """Composées pour l'un, posées pour l'autre : chacun lit les siennes, et comme l'ORM les lirait."""
    autre, jour = fabriques.famille(nom="AUTRE"), NOVEMBRE.date()
    for foyer, total in ((celine, "28.50"), (autre, "99.00")):
        for mois in (SEPTEMBRE, dt.date(2026, 10, 1)):
            emise = fabriques.facture(foyer, total=total, mois=mois)
        actions.emettre_avoir(emise, D("3"), "Repas non servi.", None, NOVEMBRE)
        actions.encaisser(foyer, D("5"), "cheque", None, NOVEMBRE, facture=emise)
    for foyer in (celine, autre, celine):
        emise = foyer.factures.latest("mois")
        for composer, *valeurs in (
            (finances.foyer_et_reports, foyer.compte.pk), (finances.dues, foyer.pk, jour),
            (finances.lue, foyer.compte.pk, emise.pk), (finances.en_suspens, emise.pk),
        ):  # fmt: skip
            gardees = [{**vars(ligne), "_state": None} for ligne in poser(composer, *valeurs)]
            assert gardees == [{**vars(ligne), "_state": None} for ligne in composer(*valeurs)]
        assert [m.solde for m in releve(foyer)][-1] == solde_de(foyer) == 2 * emise.total - 8
        assert [bilan.total for bilan in mois_d_avant(emise)] == [emise.total]
        assert not poser(finances.lue, (autre if foyer == celine else celine).compte.pk, emise.pk)
