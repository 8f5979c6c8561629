"""Les guides : leurs images sont produites, celles qui sont produites y sont, chaque mesure a sa ligne."""

import re
from pathlib import Path

from portail.banc.ville import Ville
from portail.management.commands.images import IMAGES

RACINE = Path(__file__).resolve().parent.parent
PAGES = [RACINE / "README.md", *sorted((RACINE / "docs").glob("*.md"))]


def montrees():
    """Les images des guides, et le chemin de chacune depuis la page qui la montre."""
    for page in PAGES:
        for chemin in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text()):
            yield (page.parent / chemin).resolve()


def test_les_guides_montrent_toutes_les_images_et_rien_d_autre():
    produites = {RACINE / "docs" / "images" / f"{image[0]}.png" for image in IMAGES}
    assert set(montrees()) == produites
    assert set((RACINE / "docs" / "images").iterdir()) == produites


def test_chaque_lien_d_un_guide_mene_a_un_fichier():
    perdus = [
        f"{page.name} : {lien}" for page in PAGES for lien in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        if not lien.startswith(("http", "mailto:")) and not (page.parent / lien).exists()
    ]
    assert perdus == []


def test_chaque_mesure_du_banc_est_dans_les_mesures():
    texte = (RACINE / "docs" / "mesures.md").read_text()
    assert [nom for nom in Ville.ordre if not re.search(rf"\b{nom}\b", texte)] == []
