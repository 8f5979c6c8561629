"""Un PDF regardé comme une feuille : chaque page rendue en image, son encre et ses marges, son texte page par page."""

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

POINTS = 72  # par pouce : un point de l'image vaut un point du PDF
BORD = 20  # points (7 mm) où rien ne s'imprime : les imprimantes n'y vont pas
ENCRE = 160  # plus sombre que cela, de 0 (noir) à 255 (blanc)


def images(octets):
    """Les pages du PDF, en niveaux de gris."""
    with tempfile.TemporaryDirectory() as dossier:
        fichier = Path(dossier, "f.pdf")
        fichier.write_bytes(octets)
        subprocess.run(["pdftoppm", "-gray", "-r", str(POINTS), fichier, Path(dossier, "p")], check=True)
        pages = []
        for page in sorted(Path(dossier).glob("p-*.pgm")):
            with Image.open(page) as vue:
                pages.append(vue.copy())
        return pages


def textes(octets, *options):
    """Le texte de chaque page, sur une ligne ; ``-raw`` : dans l'ordre où le papier l'écrit, colonnes comprises."""
    commande = ["pdftotext", *options, "-", "-"]
    lu = subprocess.run(commande, input=octets, capture_output=True, check=True).stdout.decode()
    return [" ".join(page.replace("\u00a0", " ").split()) for page in lu.split("\f")[:-1]]


def encre(page):
    """``(part de la feuille encrée, cadre de l'encre)`` ; le cadre vaut ``None`` sur une page blanche."""
    noir = page.point(lambda ton: 255 if ton < ENCRE else 0)
    return noir.histogram()[255] / (page.width * page.height), noir.getbbox()


def verifier_les_pages(octets, pages=None):
    """Aucune page blanche ni noire, toute l'encre loin des bords, et ``pages`` feuilles si on le dit."""
    vues = images(octets)
    assert vues, "aucune page"
    if pages is not None:
        assert len(vues) == pages
    for n, vue in enumerate(vues, 1):
        part, cadre = encre(vue)
        assert cadre, f"page {n} blanche"
        assert 0.002 < part < 0.4, (n, part)
        gauche, haut, droite, bas = cadre
        assert min(gauche, haut, vue.width - droite, vue.height - bas) >= BORD, (n, cadre, vue.size)
