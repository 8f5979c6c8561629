"""Des documents de démonstration : de vraies pages PDF, marquées « spécimen »."""

import io
import textwrap
import unicodedata

from PIL import Image, ImageDraw, ImageFont


def nu(texte):
    """Sans accents : la police que Pillow apporte n'en a pas, et la machine peut n'en avoir aucune autre."""
    return "".join(c for c in unicodedata.normalize("NFD", texte) if not unicodedata.combining(c))


def page(titre, texte=""):
    """Une page A4 (595 × 842 points) avec son titre et son texte."""
    titre, texte = nu(titre), nu(texte)
    image = Image.new("RGB", (595, 842), "white")
    dessin = ImageDraw.Draw(image)
    dessin.text((48, 60), "\n".join(textwrap.wrap(titre, 34)), fill="#222", font=ImageFont.load_default(26))
    lignes = "\n".join("\n".join(textwrap.wrap(ligne, 74)) for ligne in texte.splitlines())
    dessin.multiline_text((48, 150), lignes, fill="#444", font=ImageFont.load_default(13), spacing=8)
    dessin.text((150, 640), "SPECIMEN", fill="#ddd", font=ImageFont.load_default(60))
    dessin.text((48, 790), nu("Document de démonstration, sans valeur."), fill="#777", font=ImageFont.load_default(12))
    return image


def pdf(titre, texte=""):
    """Les octets d'un PDF d'une page."""
    sortie = io.BytesIO()
    page(titre, texte).save(sortie, "PDF", resolution=72, title=titre)
    return sortie.getvalue()
