"""La courbe d'un tarif, en coordonnées : un dessin de 640 sur 300, l'origine en haut à gauche."""

from typing import NamedTuple

from .lecture import courbe
from .mots import ZERO, euros

LARGEUR, HAUTEUR = 640, 300
GAUCHE, DROITE, HAUT, BAS = 62, 110, 16, 40
INTERLIGNE = 16  # deux noms de ligne ne se touchent pas
PAS = (1, 2, 5)  # les graduations rondes


class Ligne(NamedTuple):
    """Un rang : ses points tels que SVG les lit, et où écrire son nom."""

    nom: str
    points: str
    x: int
    y: int
    motif: int  # le n-ième motif de trait : la couleur seule ne dit rien


class Dessin(NamedTuple):
    """Les lignes, les graduations ``(position, mots)`` de chaque axe, et la même chose en une phrase."""

    lignes: list
    quotients: list
    euros: list
    phrase: str


def dessiner(grille):
    """Le ``Dessin`` du prix selon le quotient, ou ``None`` si tous paient pareil."""
    traces = courbe(grille)
    if not grille.effort and len(grille.paliers) < 2:
        return None
    q_max = traces[0].points[-1][0]
    e_max = max(prix for trace in traces for _, prix in trace.points) or 1
    bas = HAUTEUR - BAS

    def x(quotient):
        return round(GAUCHE + (LARGEUR - GAUCHE - DROITE) * quotient / q_max)

    def y(prix):
        return round(bas - (bas - HAUT) * float(prix) / float(e_max))

    lignes = [
        Ligne(trace.nom, " ".join(f"{x(q)},{y(prix)}" for q, prix in trace.points), x(q_max) + 8,
              y(trace.points[-1][1]) + 4, n)
        for n, trace in enumerate(traces)
    ]  # fmt: skip
    return Dessin(
        _ecarter(lignes), [(x(q), str(q)) for q in _rondes(q_max, 6)],
        [(y(e), euros(e)) for e in _rondes(float(e_max), 4)], _dire(traces),
    )  # fmt: skip


def _rondes(maximum, combien):
    """Des graduations rondes de 0 à ``maximum``, ``combien`` au plus ou à peu près."""
    unite = 10.0 ** -2
    while True:
        for pas in PAS:
            if maximum / (pas * unite) <= combien:
                saut = pas * unite
                return [round(n * saut, 2) if saut % 1 else int(n * saut) for n in range(int(maximum / saut) + 1)]
        unite *= 10


def _ecarter(lignes):
    """Les noms de ligne, poussés vers le bas quand deux se toucheraient."""
    dernier, ecartees = None, []
    for ligne in sorted(lignes, key=lambda ligne: ligne.y):
        hauteur = ligne.y if dernier is None else max(ligne.y, dernier + INTERLIGNE)
        ecartees.append(ligne._replace(y=hauteur))
        dernier = hauteur
    return sorted(ecartees, key=lambda ligne: ligne.motif)


def _dire(traces):
    """« 1er enfant : de 0,90 € à 4,20 € ; 2e enfant : de 0,81 € à 3,78 €. »"""
    return " ; ".join(f"{t.nom} : de {euros(t.points[0][1] or ZERO)} à {euros(t.points[-1][1])}" for t in traces) + "."
