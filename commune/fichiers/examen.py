"""L'examen d'un envoi, du moins cher au plus cher : nombre, taille, extension, nature, virus, contenu."""

import os
import unicodedata
from collections import namedtuple

import puremagic
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from .antivirus import chercher_virus
from .images import en_jpeg, en_logo, en_page, en_vignette, ouvrir_image
from .pdf import Assemblage

TAILLE_MAX = 50 * 1024 * 1024  # octets par fichier : la plus grosse photo d'un téléphone en fait 40
TOTAL_MAX = 150 * 1024 * 1024  # octets par envoi
FICHIERS_MAX = 20
EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "avif"), "image"),
    "pdf": "pdf",
}
TYPES = {
    **dict.fromkeys(("image/jpeg", "image/png", "image/webp", "image/heif", "image/heic", "image/avif"), "image"),
    "application/pdf": "pdf",
}
# Les noms de la famille HEIF que puremagic ne connaît pas tous (Samsung, iPhone, Live Photo).
MARQUES_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
# Pour l'attribut accept : un téléphone propose alors l'appareil photo, les images et les documents.
ACCEPTE_PHOTO = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif,.heic,.heif"
ACCEPTE = f"{ACCEPTE_PHOTO},application/pdf,.pdf"

Propre = namedtuple("Propre", "contenu nom pages type_mime")


def nettoyer(fichiers, photo=False):
    """Examine les fichiers d'un envoi et en rend un seul, sûr : ``Propre(contenu, nom, pages, type_mime)``.

    Une image devient un JPEG ; un PDF est recopié ; plusieurs images ou PDF deviennent les pages d'un seul
    PDF, dans l'ordre reçu. ``photo=True`` veut une seule image et rend un carré d'au plus 800 pixels.
    Lève ``ValidationError``, dont le code est l'un de : ``manquant``, ``trop_nombreux``, ``trop_gros``,
    ``vide``, ``genre_inconnu``, ``fausse_extension``, ``pas_une_photo``, ``illisible``, ``tronque``,
    ``bombe``, ``chiffre``, ``javascript``, ``fichier_joint``, ``lancement``, ``trop_de_pages``, ``virus``,
    ``antivirus_muet``.
    """
    fichiers = list(fichiers) if isinstance(fichiers, list | tuple) else [fichiers]
    _mesurer(fichiers, 1 if photo else FICHIERS_MAX)
    genres = [_genre(fichier) for fichier in fichiers]
    if photo and genres != ["image"]:
        raise ValidationError("Il faut ici une photo (JPEG, PNG ou HEIC), pas un PDF.", code="pas_une_photo")
    for fichier in fichiers:
        chercher_virus(fichier)
    nom = _nom_lisible(fichiers[0].name)
    if photo:
        return Propre(ContentFile(en_vignette(ouvrir_image(fichiers[0], 1600))), f"{nom}.jpg", 1, "image/jpeg")
    if genres == ["image"]:
        return Propre(ContentFile(en_jpeg(ouvrir_image(fichiers[0]))), f"{nom}.jpg", 1, "image/jpeg")
    contenu, pages = _assembler(fichiers, genres)
    return Propre(ContentFile(contenu), f"{nom}.pdf", pages, "application/pdf")


def nettoyer_logo(fichier):
    """Examine le logo de la commune et rend un ``Propre`` au format PNG. Lève ``ValidationError`` (voir plus haut)."""
    _mesurer([fichier], 1)
    if _genre(fichier) != "image":
        raise ValidationError("Un logo est une image (PNG, JPEG ou WebP).", code="pas_une_photo")
    chercher_virus(fichier)
    return Propre(ContentFile(en_logo(fichier)), "logo.png", 1, "image/png")


def _mesurer(fichiers, maximum):
    if not all(fichiers) or not fichiers:
        raise ValidationError("Choisissez au moins un fichier.", code="manquant")
    if len(fichiers) > maximum:
        raise ValidationError(
            f"Vous avez choisi {len(fichiers)} fichiers ; on peut en envoyer {maximum} à la fois.",
            "trop_nombreux",
        )
    for fichier in fichiers:
        if fichier.size == 0:
            raise ValidationError(
                f"« {fichier.name} » est vide : l'envoi a peut-être été interrompu. Choisissez-le à nouveau.",
                "vide",
            )
        if fichier.size > TAILLE_MAX:
            raise ValidationError(
                f"« {fichier.name} » pèse {_mo(fichier.size)} et la limite est de {_mo(TAILLE_MAX)} par "
                "fichier : photographiez le document, ou envoyez-le en plusieurs fichiers.",
                "trop_gros",
            )
    if sum(fichier.size for fichier in fichiers) > TOTAL_MAX:
        raise ValidationError(
            f"Ces fichiers pèsent ensemble plus de {_mo(TOTAL_MAX)} : envoyez-en moins à la fois.",
            "trop_gros",
        )


def _genre(fichier):
    """« image » ou « pdf », d'après l'extension *et* le contenu, qui doivent s'accorder."""
    extension = os.path.splitext(fichier.name)[1].lower().lstrip(".")
    annonce = EXTENSIONS.get(extension)
    # Certains téléphones donnent un nom sans extension : le contenu décide alors seul.
    if extension and annonce is None:
        raise ValidationError(
            f"« {fichier.name} » : les fichiers .{extension} ne sont pas acceptés. "
            "Envoyez une photo (JPEG, PNG, HEIC) ou un PDF.",
            "genre_inconnu",
        )
    reel = _nature(fichier)
    if reel is None and annonce is None:
        raise ValidationError(
            f"« {fichier.name} » n'est ni une photo ni un PDF. Envoyez une photo (JPEG, PNG, HEIC) ou un PDF.",
            "genre_inconnu",
        )
    # Une photo .jpg qui est un HEIC est courante et sans danger ; un .pdf qui n'en est pas un ne l'est pas.
    if annonce and reel != annonce:
        attendu = "une image" if annonce == "image" else "un PDF"
        raise ValidationError(
            f"« {fichier.name} » se dit {attendu} mais son contenu est autre chose. "
            "Prenez plutôt le document en photo, ou enregistrez-le à nouveau en PDF.",
            "fausse_extension",
        )
    return reel


def _nature(fichier):
    fichier.seek(0)
    debut = fichier.read(4096)
    fichier.seek(0)
    if debut[4:8] == b"ftyp" and debut[8:12] in MARQUES_HEIF:
        return "image"
    try:
        trouves = puremagic.magic_string(debut)
    except (puremagic.PureError, ValueError):
        # La norme admet quelques octets avant l'en-tête d'un PDF (ISO 32000-1, annexe H.3).
        return "pdf" if b"%PDF-" in debut[:1024] else None
    return next((TYPES[t.mime_type] for t in trouves if t.mime_type in TYPES), None)


def _assembler(fichiers, genres):
    assemblage = Assemblage()
    for fichier, genre in zip(fichiers, genres, strict=True):
        if genre == "pdf":
            assemblage.ajouter(fichier)
        else:
            assemblage.ajouter_page(en_page(ouvrir_image(fichier)))
    return assemblage.enregistrer()


def _nom_lisible(nom):
    """Le nom que la famille reverra : le sien, sans chemin, ni extension, ni caractère de contrôle."""
    base = os.path.splitext(os.path.basename(nom.replace("\\", "/")))[0]
    propre = "".join(c for c in unicodedata.normalize("NFC", base) if c.isprintable() and c not in '/\\:*?"<>|')
    return propre.strip(" .")[:100] or "document"


def _mo(octets):
    return f"{octets / 1024 / 1024:.0f} Mo"
