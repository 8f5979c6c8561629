"""Les filets et les cases de la feuille, en image : tracés un à un, ils prenaient le cinquième du temps de la liste."""

import io
from base64 import b64encode
from functools import lru_cache

from PIL import Image, ImageDraw

# En points d'imprimante, 300 par pouce : un rang fait 190 mm sur 7,17.
LARGEUR, RANG = 2244, 84.7
CASES, COTE, MARGE, TRAIT = (5, 99, 194), 50, 17, 3
HEURES = (1736, 1878, 2020)  # arrivée, départ, signature


@lru_cache
def grille(rangs, heures):
    """L'adresse ``data:`` de ``rangs`` rangs : leur filet, leurs trois cases et, au besoin, les colonnes d'heures."""
    image = Image.new("1", (LARGEUR, round(rangs * RANG)), 1)
    dessin = ImageDraw.Draw(image)
    for haut in (round(rang * RANG) for rang in range(rangs)):
        dessin.line([0, haut, LARGEUR, haut], fill=0)
        for gauche in CASES:
            carre = [gauche, haut + MARGE, gauche + COTE, haut + MARGE + COTE]
            dessin.rectangle(carre, outline=0, width=TRAIT)
    for x in HEURES if heures else ():
        dessin.line([x, 0, x, image.height], fill=0)
    sortie = io.BytesIO()
    image.save(sortie, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(sortie.getvalue()).decode()}"
