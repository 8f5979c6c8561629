"""Une longue facture sur le papier : soixante lignes, deux pages, et rien de mal coupé."""

import datetime as dt
import html
import io
import re

import pikepdf
import pytest
from django.core.cache import caches
from django.urls import reverse

from commune.pdf import rendre
from facturation import actions
from facturation.models import Facture, Ligne, Regie
from facturation.pdf import GABARIT, ecrire, produire
from presences.models import Pointage
from tests import fabriques
from tests.papier import textes, verifier_les_pages

from .test_vues import GUICHET, VOIES
from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db
ECOLE = [jour for jour in (SEPTEMBRE + dt.timedelta(n) for n in range(30)) if jour.weekday() in (0, 1, 3, 4)]


def soixante(jours=15):
    """Deux enfants, quinze matins et quinze soirs chacun, payés à la demi-heure pointée : chaque jour a ses heures."""
    fabriques.commune(**VOIES)
    caches["local"].clear()  # la fiche y est gardée une minute
    Regie.objects.create(**GUICHET)
    foyer = fabriques.famille()
    foyer.quotients.create(valeur=742, debut=SEPTEMBRE, preuve="attestation CAF du 02/09/2026")
    naissances = {"Hugo": dt.date(2017, 2, 7), "Lina": dt.date(2020, 5, 19)}
    petits = [fabriques.enfant(foyer, prenom=p, date_naissance=jour) for p, jour in naissances.items()]
    heures = {"matin": (7, 9), "soir": (16, 19)}
    for genre, (de, a) in heures.items():
        prix = [(600, "0.40"), (900, "0.50"), (None, "0.70")]
        fabriques.tarif(prix, genre=genre, nom=genre, unite="duree", minutes=30)
        activite = fabriques.activite(
            genre=genre, nom=f"Accueil du {genre}", heure_debut=dt.time(de), heure_fin=dt.time(a)
        )
        for rang, jour in enumerate(ECOLE[:jours]):
            seance = fabriques.seance(activite, jour)
            for n, petit in enumerate(petits):
                fabriques.reservation(petit, seance)
                arrivee, depart = dt.time(de, 5 + 3 * rang), dt.time(a - 1, (7 * rang + 11 * n) % 60)
                Pointage.objects.create(
                    enfant=petit, seance=seance, etat="present", recu_le=MAINTENANT, arrivee=arrivee, depart=depart
                )
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    return Facture.objects.get()


def bien_coupees(pages):
    """Ni titre ni en-tête de tableau en bas d'une page, le total avec la façon de le payer, les pages numérotées."""
    for n, page in enumerate(pages, 1):
        corps, pied = re.fullmatch(r"(.*) (Facture 2026-000001 page \d+ / \d+)", page).groups()
        assert pied.endswith(f"page {n} / {len(pages)}")
        assert not re.search(r"( Total [\d,]+ €|Prix Montant|Comment payer|étonne \?)$", corps), corps[-80:]
        assert ("€ Total à payer" in corps or corps.startswith("Total à payer")) == (n == len(pages)), n
    assert all(phrase in pages[-1] for phrase in ("Comment payer", "Une ligne vous étonne", "SIRET"))


def test_soixante_lignes_ordinaires_tiennent_sur_deux_pages_bien_coupees():
    facture = soixante()
    assert Ligne.objects.count() == 60
    octets = produire(facture)
    verifier_les_pages(octets, 2)
    pages = textes(octets, "-raw")
    bien_coupees(pages)
    # Chaque ligne est là avec ses heures, et la raison qu'elles partagent une fois par rangée.
    dites = re.findall(r"\d demi-heures à 0,50 € \(de \d\d:\d\d à \d\d:\d\d\)", " ".join(pages))
    assert len(dites) == 60
    assert " ".join(pages).count("tranche 2 (QF 742, attestation CAF du 02/09/2026)") == 4
    # Le tableau de Lina se coupe entre deux rangées, et son en-tête se redit : on sait encore de qui l'on parle.
    assert [page.count("Prestation pour Hugo") for page in pages] == [1, 0]
    assert [page.count("Prestation pour Lina") for page in pages] == [1, 1]
    with pikepdf.open(io.BytesIO(octets)) as document, document.open_metadata() as meta:
        assert (document.Root.MarkInfo.Marked, meta["pdfuaid:part"]) == (True, "1")


def test_de_une_a_soixante_rangees_elle_se_coupe_toujours_bien():
    dit = ecrire(soixante(jours=2))
    horaire = dit["enfants"][0]["rangees"][0]
    simple = horaire | {"durees": [], "texte": "Repas", "pourquoi": "tranche 2 (QF 742)"}
    combien = []
    for n in range(1, 61):
        melees = [horaire if rang % 4 == 3 else simple for rang in range(n)]
        dit["enfants"] = [
            {"prenom": prenom, "total": "52,00 €", "rangees": siennes}
            for prenom, siennes in (("Hugo", melees[: n // 2]), ("Lina", melees[n // 2 :])) if siennes
        ]  # fmt: skip
        pages = textes(rendre(GABARIT, dit), "-raw")
        bien_coupees(pages)
        combien.append(len(pages))
    assert combien == sorted(combien)
    assert set(combien) == {1, 2, 3}


def test_la_mairie_lit_a_l_ecran_les_memes_jours_que_le_papier(client):
    facture = soixante(jours=2)
    client.force_login(fabriques.agent("Régie"))
    page = client.get(reverse("admin:facturation_facture_change", args=[facture.pk])).content.decode()
    page = html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u00a0", " ")
    for duree in ("le 1er : 2 demi-heures à 0,50 € (de 07:05 à 08:00), 1,00 €", "le 3 : 4 demi-heures à 0,50 €"):
        assert duree in page


def test_une_longue_voie_de_recours_passe_a_la_page_suivante_sans_deborder():
    facture = soixante(jours=1)
    dit = ecrire(facture) | {"voies_recours": "\n\n".join(["Un paragraphe de plus, assez long pour deux lignes."] * 70)}
    octets = rendre(GABARIT, dit)
    verifier_les_pages(octets)
    assert sum(page.count("Un paragraphe de plus") for page in textes(octets)) == 70
