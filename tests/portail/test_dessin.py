"""Le dessin : léger, lisible quelle que soit la couleur de la commune, et sans obstacle."""

import gzip
import re
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commune import regles
from portail import dessin
from portail.templatetags.dessin import euros
from tests import fabriques

KIO = 1024
ACCENTS = ["#a8452c", "#ffd400", "#14213d", "#2e8b57", "#6b3fa0", "#000000", "#ffffff", "#777777", "#00ff00", "#ff0000"]
TEXTES = ["encre", "doux", "vert", "bleu", "rouge", "ocre", "prune", "gris", "lagon"]
PAPIERS = [regles.PAPIER_CLAIR, regles.PAPIER_SOMBRE]
feuilles = [Path(finders.find(f"portail/{nom}.css")).read_text() for nom in ("portail", "espace", "planning")]


# --- Le poids --------------------------------------------------------------------------------------
def poids(client, adresse, vus):
    """Octets transmis pour ``adresse`` et ce qu'elle demande, comprimés comme le fait le serveur."""
    adresse = adresse.split("#")[0]
    if adresse in vus or adresse.startswith("data:"):
        return 0
    vus.add(adresse)
    if adresse.startswith("/static/"):
        octets = Path(finders.find(adresse.removeprefix("/static/").split("?")[0])).read_bytes()
    else:
        octets = client.get(adresse).content
    if adresse.endswith((".woff2", ".png", ".jpg")):
        return len(octets)
    texte = octets.decode()
    suites = re.findall(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"', texte)
    if ".css" in adresse:
        suites = ["/static/portail/" + url for url in re.findall(r'url\("?([^")]+\.woff2)', texte)]
    return len(gzip.compress(octets, 9)) + sum(poids(client, suite, vus) for suite in suites)


@pytest.mark.django_db
def test_la_premiere_visite_pese_moins_de_60_kio(client):
    fabriques.commune()
    vus = set()
    total = poids(client, reverse("connexion"), vus)
    assert {"/static/portail/portail.css", "/static/portail/polices/bricolage.woff2"} <= vus
    assert total <= 60 * KIO, f"{total / KIO:.1f} Kio : {sorted(vus)}"


def test_la_police_tient_en_30_kio_et_sa_licence_l_accompagne():
    police = Path(finders.find("portail/polices/bricolage.woff2"))
    assert police.stat().st_size <= 30 * KIO
    assert "SIL Open Font License" in (police.parent / "OFL.txt").read_text()


# --- Les couleurs ----------------------------------------------------------------------------------
def proprietes():
    """Les couleurs de portail.css, en clair puis en sombre."""
    clair, sombre = re.findall(r":root \{(.*?)\n\s*\}", feuilles[0], re.S)[:2]
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", bloc)) for bloc in (clair, sombre)]


@pytest.mark.parametrize(("couleurs", "papiers"), list(zip(proprietes(), PAPIERS, strict=True)))
def test_chaque_encre_se_lit_sur_chaque_papier(couleurs, papiers):
    assert tuple(couleurs[papier] for papier in ("papier", "feuille", "creux")) == papiers
    illisibles = [(t, p) for t in TEXTES for p in papiers if regles.contraste(couleurs[t], p) < 4.5]
    illisibles += [
        (t, "pale") for t in TEXTES
        if f"{t}-pale" in couleurs and regles.contraste(couleurs[t], couleurs[f"{t}-pale"]) < 4.5
    ]  # fmt: skip
    # Le bord d'un champ et l'anneau de focus : 3 pour 1 (WCAG 1.4.11).
    illisibles += [(t, p) for t in ("bord", "vise") for p in papiers if regles.contraste(couleurs[t], p) < 3]
    assert illisibles == []


def melange(une, autre, part):
    """``color-mix(in oklab, une part, autre)``, comme le navigateur (CSS Color 5)."""

    def oklab(couleur):
        r, v, b = (
            n / 12.92 if n <= 0.04045 else ((n + 0.055) / 1.055) ** 2.4
            for n in (int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5))
        )  # fmt: skip
        long = (0.4122214708 * r + 0.5363325363 * v + 0.0514459929 * b) ** (1 / 3)
        moyen = (0.2119034982 * r + 0.6806995451 * v + 0.1073969566 * b) ** (1 / 3)
        court = (0.0883024619 * r + 0.2817188376 * v + 0.6299787005 * b) ** (1 / 3)
        return (
            0.2104542553 * long + 0.7936177850 * moyen - 0.0040720468 * court,
            1.9779984951 * long - 2.4285922050 * moyen + 0.4505937099 * court,
            0.0259040371 * long + 0.7827717662 * moyen - 0.8086757660 * court,
        )

    clarte, a, b = (x * part + y * (1 - part) for x, y in zip(oklab(une), oklab(autre), strict=True))
    long = (clarte + 0.3963377774 * a + 0.2158037573 * b) ** 3
    moyen = (clarte - 0.1055613458 * a - 0.0638541728 * b) ** 3
    court = (clarte - 0.0894841775 * a - 1.2914855480 * b) ** 3
    lineaires = (
        4.0767416621 * long - 3.3077115913 * moyen + 0.2309699292 * court,
        -1.2684380046 * long + 2.6097574011 * moyen - 0.3413193965 * court,
        -0.0041960863 * long - 0.7034186147 * moyen + 1.7076147010 * court,
    )
    canaux = (12.92 * n if n <= 0.0031308 else 1.055 * n ** (1 / 2.4) - 0.055 for n in (max(0, x) for x in lineaires))
    return "#" + "".join(f"{min(255, round(n * 255)):02x}" for n in canaux)


def verifier(accent):
    parts = re.findall(r"--accent-pale: color-mix\(in oklab, var\(--accent-plein\) (\d+)%", feuilles[0])
    for nuance, papiers, part in zip(dessin.nuances(accent), PAPIERS, parts, strict=True):
        assert regles.contraste(nuance["--sur-accent"], nuance["--accent-plein"]) >= 4.5
        pale = melange(nuance["--accent-plein"], papiers[1], int(part) / 100)
        for fond in (*papiers, pale):
            assert regles.contraste(nuance["--accent-encre"], fond) >= 4.5, (nuance, fond)


@pytest.mark.parametrize("accent", ACCENTS)
def test_l_accent_de_la_commune_reste_lisible(accent):
    verifier(accent)


@given(st.integers(0, 0xFFFFFF))
def test_n_importe_quel_accent_reste_lisible(nombre):
    verifier(f"#{nombre:06x}")


def test_le_contraste_est_celui_des_wcag():
    assert regles.contraste("#000000", "#ffffff") == 21
    assert round(regles.contraste("#777777", "#ffffff"), 2) == 4.48
    assert regles.texte_sur("#ffd400") == regles.ENCRE_SOMBRE
    assert regles.texte_sur("#14213d") == "#ffffff"


@pytest.mark.django_db
def test_la_couleur_choisie_par_la_commune_habille_les_pages(client):
    fabriques.commune(accent="#14213d")
    page = client.get(reverse("connexion")).content.decode()
    assert 'href="/accent.css?14213d"' in page
    reponse = client.get("/accent.css?14213d")
    assert reponse["Content-Type"].startswith("text/css")
    assert "public" in reponse["Cache-Control"]
    assert "--accent-plein:#14213d;--sur-accent:#ffffff" in reponse.content.decode()


# --- La page des composants ------------------------------------------------------------------------
@pytest.mark.django_db
def test_la_page_de_dessin_n_existe_pas_en_production(client):
    assert client.get(reverse("dessin")).status_code == 404


@pytest.fixture
def atelier(settings, live_server):
    settings.DEMO = True
    fabriques.commune()
    return live_server.url + reverse("dessin")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [320, 800, 1280])
def test_aucun_composant_ne_fait_obstacle_ni_ne_deborde(new_context, atelier, theme, largeur):
    page = new_context(viewport={"width": largeur, "height": 800}, color_scheme=theme).new_page()
    page.goto(atelier)
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
    # La réglure est un dégradé : axe ne mesure pas le contraste devant elle, on la retire pour qu'il le fasse.
    page.evaluate("document.querySelector('.reglure').remove()")
    fautes = Axe().run(page).response["violations"]
    assert [(f["id"], [n["html"] for n in f["nodes"]]) for f in fautes] == []


def test_les_cibles_ont_44_pixels_au_doigt(telephone, atelier):
    """WCAG 2.5.5 ; un lien dans une phrase en est dispensé, une case est touchée par toute son étiquette."""
    telephone.goto(atelier)
    cibles = "a[class]:not(.evitement), button, select, summary, .menu a, .liens a, label.case, .choix label, .coche"
    basses = "les => les.filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 90))"
    petites = telephone.locator(cibles).evaluate_all(basses)
    assert petites == []


def test_le_resume_des_erreurs_prend_le_focus_et_mene_a_chaque_champ(page, atelier):
    page.goto(atelier)
    assert page.evaluate("document.activeElement.className") == "resume-erreurs"
    for lien in page.locator(".resume-erreurs a").all():
        assert page.locator(lien.get_attribute("href")).count() == 1
    champ = page.get_by_label("Adresse e-mail")
    for identifiant in champ.get_attribute("aria-describedby").split():
        assert page.locator(f"#{identifiant}").count() == 1
    assert champ.get_attribute("aria-invalid") == "true"


def test_le_mot_de_passe_se_montre_et_se_cache(page, atelier):
    page.goto(atelier)
    champ = page.locator("#id_mot_de_passe")
    page.get_by_role("button", name="Afficher : Votre mot de passe").click()
    assert champ.get_attribute("type") == "text"
    page.get_by_role("button", name="Masquer : Votre mot de passe").click()
    assert champ.get_attribute("type") == "password"


def test_une_case_dit_sans_script_ce_qui_changera(sans_js, atelier):
    sans_js.goto(atelier)
    mot = "e => getComputedStyle(e.querySelector('.case-mot'), '::before').content.split('\"')[1]"
    libre = sans_js.locator("label.case:not(.case-reserve, .case-attente, .case-refuse)").first
    prise = sans_js.locator("label.case-reserve").first
    assert [libre.evaluate(mot), prise.evaluate(mot)] == ["Libre", "Réservé"]
    libre.click()
    prise.click()
    assert [libre.evaluate(mot), prise.evaluate(mot)] == ["À réserver", "À annuler"]


def test_les_feuilles_de_style_n_ont_pas_d_adresse_exterieure():
    assert [f for f in feuilles if re.search(r"url\([\"']?(https?:)?//", f)] == []


# --- L'argent --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("montant", "ecrit"), [
    (Decimal("1234.5"), "1\xa0234,50\xa0€"),
    (Decimal("-7.2"), "\u22127,20\xa0€"),
    (0, "0,00\xa0€"),
    (None, ""),
])  # fmt: skip
def test_une_somme_s_ecrit_a_la_francaise(montant, ecrit):
    assert euros(montant) == ecrit
