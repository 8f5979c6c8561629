"""Les nombres, les jours et les heures, dits comme à la mairie."""

from commune.regles import JOURS


def ans(nombre):
    """« 1 an », « 3 ans », l'espace insécable."""
    return f"{nombre}\u00a0an{'s' if nombre > 1 else ''}"


def jours(nombre):
    """« 1 jour », « 31 jours », l'espace insécable."""
    return f"{nombre}\u00a0jour{'s' if nombre > 1 else ''}"


def heures(nombre):
    """« 1 heure », « 24 heures », l'espace insécable."""
    return f"{nombre}\u00a0heure{'s' if nombre > 1 else ''}"


def enumerer(mots):
    """« lundi, mardi et jeudi »."""
    mots = list(mots)
    return " et ".join([", ".join(mots[:-1]), mots[-1]] if len(mots) > 1 else mots)


def jours_dits(jours):
    """« lundi, mardi, jeudi et vendredi » ; les cinq jours d'école, « du lundi au vendredi »."""
    jours = sorted(set(jours))
    if len(jours) > 3 and jours == list(range(jours[0], jours[-1] + 1)):
        return f"du {JOURS[jours[0]]} au {JOURS[jours[-1]]}"
    return enumerer(JOURS[jour] for jour in jours)


def heure_dite(heure):
    """« 23 h 59 », « 12 h » : les espaces sont insécables."""
    return f"{heure.hour}\u00a0h\u00a0{heure.minute:02d}" if heure.minute else f"{heure.hour}\u00a0h"
