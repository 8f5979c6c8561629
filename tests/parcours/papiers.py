"""Les papiers d'une famille, fabriqués pour l'essai : de vraies photos, de vrais PDF."""

import io
import subprocess

from PIL import Image, ImageDraw


def photo(texte):
    """Une photo de téléphone : JPEG, quatre millions de points, tournée par son étiquette EXIF."""
    octets = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    _page(texte, (2016, 1512)).save(octets, "JPEG", quality=80, exif=exif)
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": octets.getvalue()}


def pdf(texte):
    octets = io.BytesIO()
    _page(texte, (827, 1169)).save(octets, "PDF", save_all=True, append_images=[_page("page 2", (827, 1169))])
    return {"name": f"{texte}.pdf", "mimeType": "application/pdf", "buffer": octets.getvalue()}


def _page(texte, taille):
    page = Image.new("RGB", taille, "white")
    ImageDraw.Draw(page).text((60, 60), texte, fill="black", font_size=48)
    return page


def lire_pdf(octets):
    """Le texte d'un PDF, comme le lit une personne : une ligne par ligne."""
    assert octets[:5] == b"%PDF-", octets[:80]
    lu = subprocess.run(["pdftotext", "-layout", "-", "-"], input=octets, capture_output=True, check=True)
    return lu.stdout.decode()
