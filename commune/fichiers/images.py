"""Les images : décodées sans se laisser noyer, redressées, refaites sans lieu ni date de prise de vue."""

import io
import threading

import pillow_heif
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

pillow_heif.register_heif_opener()

COTE = 2200  # pixels : 190 par pouce sur une feuille A4, de quoi lire les petits caractères
COTE_VIGNETTE = 800
COTE_LOGO = 400
QUALITE = 80
# Un téléphone fait des JPEG de 200 millions de pixels et des HEIC de 48. Un JPEG ordinaire se décode directement à
# taille réduite ; les autres passent entiers en mémoire, où un pixel prend jusqu'à 10 octets (transparent), jusqu'à
# 16 en WebP ou en AVIF. Une image prend ainsi un demi-gigaoctet au plus, et une seule s'ouvre à la fois.
PIXELS_REDUCTIBLES = 220_000_000
PIXELS_ENTIERS = 50_000_000
PIXELS_GOURMANDS = 25_000_000
UNE_A_LA_FOIS = threading.Lock()
Image.MAX_IMAGE_PIXELS = PIXELS_REDUCTIBLES  # au double, Pillow refuse de lui-même ; nos limites passent avant

INCOMPLET = ("truncated", "end of file", "eof", "unexpected end")
# Ce que lèvent Pillow et libheif devant un fichier abîmé.
ERREURS = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, IndexError, OverflowError)
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"]


def ouvrir_image(fichier, cote=COTE):
    """L'image RVB redressée, son plus grand côté proche de ``cote`` pixels.

    Lève ``ValidationError`` : ``bombe``, ``tronque``, ``illisible``.
    """
    fichier.seek(0)
    try:
        with UNE_A_LA_FOIS:
            image = Image.open(fichier, formats=FORMATS)
            _refuser_bombe(image, fichier.name)
            image.draft("RGB", (cote, cote))
            image.load()
            image = _reduite(image, cote)
        image = _en_rvb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise _bombe(fichier.name) from None
    except ERREURS as erreur:
        raise _illisible(fichier, erreur) from erreur
    # Une image neuve : ni EXIF, ni profil, ni vignette cachée, ni octets ajoutés à la fin.
    nue = Image.new("RGB", image.size)
    nue.paste(image)
    return nue


def en_jpeg(image, qualite=QUALITE):
    tampon = io.BytesIO()
    image.save(tampon, "JPEG", quality=qualite, optimize=True, progressive=True)
    return tampon.getvalue()


def en_vignette(image):
    """Un carré d'au plus 800 pixels, cadré un peu haut : c'est là qu'est le visage."""
    cote = min(COTE_VIGNETTE, *image.size)
    return en_jpeg(ImageOps.fit(image, (cote, cote), Image.Resampling.LANCZOS, centering=(0.5, 0.35)))


def en_logo(fichier):
    """Un PNG d'au plus 400 pixels, qui garde sa transparence : le papier du portail est clair ou sombre."""
    fichier.seek(0)
    try:
        with UNE_A_LA_FOIS:
            image = Image.open(fichier, formats=FORMATS)
            _refuser_bombe(image, fichier.name)
            image = _reduite(image, COTE_LOGO).convert("RGBA")
    except Image.DecompressionBombError:
        raise _bombe(fichier.name) from None
    except ERREURS as erreur:
        raise _illisible(fichier, erreur) from erreur
    nu = Image.new("RGBA", image.size)
    nu.paste(image)
    tampon = io.BytesIO()
    nu.save(tampon, "PNG", optimize=True)
    return tampon.getvalue()


def en_page(image):
    """Un PDF d'une page, l'image en remplissant une feuille A4 dans son sens."""
    largeur, hauteur = sorted(image.size)
    resolution = max(largeur / 8.27, hauteur / 11.69)  # pixels par pouce pour tenir dans 210 × 297 mm
    tampon = io.BytesIO()
    image.save(tampon, "PDF", resolution=resolution, quality=QUALITE)
    return tampon


def _refuser_bombe(image, nom):
    largeur, hauteur = image.size
    # Un JPEG progressif se garde entier en mémoire avant d'être réduit.
    if image.format == "JPEG" and not image.info.get("progressive"):
        limite = PIXELS_REDUCTIBLES
    else:
        limite = PIXELS_GOURMANDS if image.format in ("WEBP", "AVIF") else PIXELS_ENTIERS
    if largeur * hauteur > limite or max(image.size) > 40_000:
        raise _bombe(nom)


def _reduite(image, cote):
    """Réduire d'abord : redresser ou poser sur du blanc l'image entière la copierait deux ou trois fois."""
    if image.mode in ("P", "PA"):  # une palette ne se réduit pas : ses numéros ne se mélangent pas
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode in ("I", "I;16"):  # un gris sur seize bits : Pillow le tronquerait, et la page serait blanche
        image = image.point(lambda gris: gris * (1 / 256)).convert("L")
    image.thumbnail((cote, cote), Image.Resampling.LANCZOS)
    return image


def _en_rvb(image):
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        # Un fond transparent deviendrait noir : on écrit sur du papier blanc.
        image = image.convert("RGBA")
        fond = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(fond, image).convert("RGB")
    return image.convert("RGB")


def _bombe(nom):
    return ValidationError(
        f"« {nom} » a des dimensions démesurées : une fois ouverte, elle remplirait la mémoire. "
        "Prenez une nouvelle photo du document.",
        code="bombe",
    )


def _illisible(fichier, erreur):
    nom, mots = fichier.name, str(erreur).lower()
    if isinstance(erreur, EOFError) or any(m in mots for m in INCOMPLET) or _webp_court(fichier):
        return ValidationError(
            f"« {nom} » est incomplète : l'envoi ou l'enregistrement s'est interrompu. Reprenez la photo.",
            code="tronque",
        )
    return ValidationError(
        f"« {nom} » ne s'ouvre pas : le fichier est abîmé. Reprenez la photo, ou enregistrez-la à nouveau.",
        code="illisible",
    )


def _webp_court(fichier):
    """Un WebP dit sa longueur dans son en-tête ; Pillow, lui, ne dit pas pourquoi il ne l'ouvre pas."""
    fichier.seek(0)
    entete = fichier.read(12)
    return entete[:4] == b"RIFF" and int.from_bytes(entete[4:8], "little") + 8 > fichier.size
