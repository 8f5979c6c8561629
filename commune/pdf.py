"""Les PDF de la maison : un gabarit Typst et ce qu'il a à dire deviennent un PDF balisé (PDF/UA-1, ISO 14289-1).

Un gabarit (``facturation/papiers/recu.typ``) porte les phrases et la mise en page, sur le modèle de
``commune/papiers/maison.typ`` ; Python lui donne des mots, des montants et des dates déjà écrits, en JSON. Ils ne sont
jamais lus comme du balisage : un nom ne commande rien, et un gabarit ne lit que les fichiers du projet.
"""

import io
import json
import threading
from base64 import b64encode
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pikepdf
import typst
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from PIL import Image

RACINE = Path(__file__).resolve().parent.parent
_ici = threading.local()


@cache
def _polices():
    """La nôtre d'abord ; celles de la machine ne servent qu'aux lettres qu'elle n'a pas."""
    return typst.Fonts(font_paths=[RACINE / "commune" / "papiers" / "polices"])


def _compilateur():
    """Celui de ce fil : il ne sert qu'un papier à la fois, mais rend la main à Python pendant qu'il le compose."""
    if not hasattr(_ici, "compilateur"):
        _ici.compilateur = typst.Compiler(root=RACINE, font_paths=_polices())
    return _ici.compilateur


def rendre(gabarit, contenu):
    """Les octets du PDF que ``gabarit`` (son chemin dans le projet) fait de ``contenu``, un dictionnaire pour JSON.

    Plusieurs fils peuvent rendre à la fois, chacun sur son cœur. Une lettre qu'aucune police ne sait écrire (un émoji
    dans une adresse) devient un carré, et ce papier-là, toujours balisé, ne se dit plus PDF/UA-1.
    """
    # U+FEFF, que laisse un texte copié d'ailleurs, ne s'imprime pas, et la norme l'interdit.
    piece = json.dumps(contenu, ensure_ascii=False).replace("\ufeff", "")
    papier = {"input": RACINE / gabarit, "format": "pdf", "sys_inputs": {"piece": piece}}
    try:
        return _compilateur().compile(**papier, pdf_standards="ua-1")
    except typst.TypstError as erreur:
        if "could not be displayed" not in str(erreur):
            erreur.add_note(erreur.diagnostic)  # où, dans quel gabarit
            raise
        return _compilateur().compile(**papier)


def servir_pdf(nom, octets):
    """La réponse qui montre ce PDF ; la vue a déjà vérifié que le demandeur y a droit."""
    disposition = content_disposition_header(False, nom)
    return HttpResponse(octets, content_type="application/pdf", headers={"Content-Disposition": disposition})


def dessin(image):
    """Le SVG, pour un gabarit, de cette image PNG (octets) : JSON ne porte que du texte. Lève ``OSError``."""
    try:
        with Image.open(io.BytesIO(image)) as lue:
            lue.load()  # tronquée, elle arrêterait le papier
            largeur, hauteur = lue.size
    except (SyntaxError, ValueError) as abimee:
        raise OSError(str(abimee)) from abimee
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{largeur}" height="{hauteur}"><image width="{largeur}" '
        f'height="{hauteur}" href="data:image/png;base64,{b64encode(image).decode()}"/></svg>'
    )


def joindre(fichiers, sortie, recto_verso=False):
    """Écrit dans ``sortie`` les pages de ces PDF (ouverts, en octets), dans l'ordre, et rend leur nombre.

    ``recto_verso`` : chacun commence sur une feuille neuve, une page blanche de plus s'il le faut. Lève ``OSError``.
    """
    with ExitStack() as ouverts:
        tout = ouverts.enter_context(pikepdf.new())
        for fichier in fichiers:
            # Ouvert jusqu'au bout : le contenu de ses pages ne se lit qu'à l'écriture.
            sien = ouverts.enter_context(pikepdf.open(fichier))
            tout.pages.extend(sien.pages)
            if recto_verso and len(tout.pages) % 2:
                tout.add_blank_page(page_size=tout.pages[-1].mediabox[2:])
        tout.save(sortie)
        return len(tout.pages)
