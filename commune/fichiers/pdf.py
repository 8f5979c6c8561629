"""Les PDF : refusés s'ils peuvent agir, puis recopiés page à page dans un document neuf."""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import pikepdf
from django.core.exceptions import ValidationError
from pikepdf import Name
from PIL import Image

from .images import COTE, PIXELS_ENTIERS, en_jpeg

PAGES_MAX = 60
OBJETS_MAX = 100_000  # une bombe faite de petits objets
ESSAI = Path(__file__).with_name("essai.py")
LOURD = 5 * 1024 * 1024  # octets : au-delà, les images numérisées trop fines sont refaites

REFUS = {
    "chiffre": "« {nom} » est protégé par un mot de passe. Ouvrez-le, imprimez-le vers un nouveau PDF, "
    "ou photographiez-le.",
    "javascript": "« {nom} » contient un programme (JavaScript), ce qui n'est pas accepté. "
    "Imprimez-le vers un nouveau PDF, ou photographiez-le.",
    "fichier_joint": "« {nom} » contient d'autres fichiers cachés à l'intérieur, ce qui n'est pas accepté. "
    "Imprimez-le vers un nouveau PDF, ou photographiez-le.",
    "lancement": "« {nom} » contient une action qui lance un autre programme, ce qui n'est pas accepté. "
    "Imprimez-le vers un nouveau PDF, ou photographiez-le.",
    "tronque": "« {nom} » est incomplet : l'envoi ou l'enregistrement s'est interrompu. Enregistrez-le à nouveau.",
    "illisible": "« {nom} » ne s'ouvre pas : le PDF est abîmé. Enregistrez-le à nouveau, ou photographiez-le.",
    "trop_de_pages": f"Cet envoi dépasse {PAGES_MAX} pages. N'envoyez que les pages utiles.",
    "bombe": "« {nom} » est démesuré : une fois ouvert, il remplirait la mémoire. Photographiez le document.",
}
ACTIONS = {
    "/JavaScript": "javascript",
    "/Rendition": "javascript",
    "/Launch": "lancement",
    "/ImportData": "lancement",
    "/SubmitForm": "lancement",
    "/GoToE": "fichier_joint",
}
CLES = {
    "/JS": "javascript",
    "/JavaScript": "javascript",
    "/EmbeddedFiles": "fichier_joint",
    "/EF": "fichier_joint",
}
TYPES = {
    "/EmbeddedFile": "fichier_joint", "/FileAttachment": "fichier_joint", "/RichMedia": "fichier_joint",
    "/Movie": "fichier_joint", "/Sound": "fichier_joint", "/3D": "fichier_joint",
}  # fmt: skip


def refus(code, nom=""):
    return ValidationError(REFUS[code].format(nom=nom), code=code)


class Assemblage:
    """Le PDF neuf où se recopient les pages reçues."""

    def __init__(self):
        self.document = pikepdf.Pdf.new()
        self.sources = []  # pikepdf lit les pages au moment d'enregistrer : d'ici là, elles restent ouvertes

    def ajouter(self, fichier):
        """Recopie les pages d'un PDF reçu. Lève ``ValidationError`` (voir ``REFUS``)."""
        source = _ouvrir(fichier)
        self.sources.append(source)
        try:
            _refuser_dangers(source, fichier.name)
            if len(source.pages) == 0:
                raise refus("illisible", fichier.name)
            if len(self.document.pages) + len(source.pages) > PAGES_MAX:
                raise refus("trop_de_pages")
            if "/AcroForm" in source.Root:
                # Un formulaire rempli : ses réponses deviennent de l'encre, sinon elles disparaîtraient.
                source.Root.AcroForm.NeedAppearances = True
                source.generate_appearance_streams()
                source.flatten_annotations("all")
            if fichier.size > LOURD:
                _alleger(source)
            with warnings.catch_warnings(action="ignore", category=pikepdf.PageCopyWarning):
                self.document.pages.extend(source.pages)  # champs et liens internes : perdus exprès
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as erreur:
            raise refus("illisible", fichier.name) from erreur

    def ajouter_page(self, tampon):
        """Ajoute la page d'un PDF que nous venons de faire d'une image."""
        if len(self.document.pages) >= PAGES_MAX:
            raise refus("trop_de_pages")
        source = pikepdf.open(tampon)
        self.sources.append(source)
        self.document.pages.extend(source.pages)

    def enregistrer(self):
        """Rend ``(octets, nombre de pages)``, sans le catalogue ni les métadonnées d'origine."""
        for page in self.document.pages:
            for cle in ("/AA", "/Metadata", "/PieceInfo", "/Thumb"):
                if cle in page.obj:
                    del page.obj[cle]
        tampon = io.BytesIO()
        self.document.save(tampon, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return tampon.getvalue(), len(self.document.pages)


def _ouvrir(fichier):
    fichier.seek(0)
    octets = fichier.read()
    _refuser_bombe(octets, fichier.name)
    try:
        source = pikepdf.open(io.BytesIO(octets), attempt_recovery=False)
    except pikepdf.PasswordError:
        raise refus("chiffre", fichier.name) from None
    except pikepdf.PdfError:
        if b"%%EOF" not in octets[-4096:]:
            raise refus("tronque", fichier.name) from None
        try:
            source = pikepdf.open(io.BytesIO(octets))
        except pikepdf.PasswordError:
            raise refus("chiffre", fichier.name) from None
        except pikepdf.PdfError as erreur:
            raise refus("illisible", fichier.name) from erreur
    if source.is_encrypted:
        raise refus("chiffre", fichier.name)
    return source


def _refuser_bombe(octets, nom):
    """L'ouvre d'abord à part (voir ``essai``) : ce qui y remplit la mémoire ne remplit pas celle du portail."""
    try:
        subprocess.run([sys.executable, "-P", ESSAI], input=octets, capture_output=True, timeout=60, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fin:
        raise refus("bombe", nom) from fin


def _refuser_dangers(source, nom):
    """Parcourt chaque objet et ce qu'il contient : une action se cache au fond d'une annotation."""
    if len(source.objects) > OBJETS_MAX:
        raise refus("bombe", nom)
    restants = [(objet, 0) for objet in source.objects]
    vus = 0
    while restants:
        objet, fond = restants.pop()
        vus += 1
        if vus > 10 * OBJETS_MAX or fond > 100:
            raise refus("bombe", nom)
        if isinstance(objet, pikepdf.Array):
            restants += [(o, fond + 1) for o in objet if _direct(o)]
        elif isinstance(objet, pikepdf.Dictionary | pikepdf.Stream):
            danger = _danger(objet)
            if danger:
                raise refus(danger, nom)
            restants += [(o, fond + 1) for _, o in objet.items() if _direct(o)]


def _direct(objet):
    return isinstance(objet, pikepdf.Object) and not objet.is_indirect


def _danger(objet):
    action = ACTIONS.get(str(objet.get("/S", "")))
    genre = TYPES.get(str(objet.get("/Type", ""))) or TYPES.get(str(objet.get("/Subtype", "")))
    return action or genre or next((CLES[cle] for cle in CLES if cle in objet), None)


def _alleger(source):
    """Refait les images d'un PDF numérisé trop finement : on réduit plutôt que de refuser."""
    for objet in source.objects:
        if not isinstance(objet, pikepdf.Stream) or objet.get("/Filter") != Name.DCTDecode:
            continue
        largeur, hauteur = int(objet.get("/Width", 0)), int(objet.get("/Height", 0))
        if max(largeur, hauteur) <= COTE or largeur * hauteur > PIXELS_ENTIERS:
            continue
        try:
            image = Image.open(io.BytesIO(objet.read_raw_bytes()), formats=["JPEG"])
            if image.mode not in ("RGB", "L") or image.size != (largeur, hauteur):
                continue
            image.draft(image.mode, (COTE, COTE))
            image.thumbnail((COTE, COTE), Image.Resampling.LANCZOS)
        except (OSError, SyntaxError, ValueError):
            continue  # une image que Pillow ne lit pas reste comme elle est
        objet.write(en_jpeg(image), filter=Name.DCTDecode)
        objet.Width, objet.Height = image.size
