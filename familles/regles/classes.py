"""Règles des classes : celles d'une école, leur ordre, et ce qui en distingue deux du même niveau."""

from functools import lru_cache

from django.utils.text import slugify

from commune.regles import replier

MATERNELLE = ("tps", "ps", "ms", "gs")
ELEMENTAIRE = ("cp", "ce1", "ce2", "cm1", "cm2", "ulis")
CLASSES = MATERNELLE + ELEMENTAIRE


def classes_de(niveau):
    """Les classes d'une école « maternelle », « elementaire » ou « primaire », dans l'ordre."""
    return {"maternelle": MATERNELLE, "elementaire": ELEMENTAIRE}.get(niveau, CLASSES)


def rang_de_classe(classe):
    """L'ordre de l'école, de la toute petite section au CM2 ; les enfants sans classe à la fin."""
    return CLASSES.index(classe) if classe in CLASSES else len(CLASSES)


def peut_rentrer_seul(classe):
    """À la maternelle, un enfant n'est remis qu'à une personne désignée (circulaire n° 2014-089)."""
    return classe not in MATERNELLE


@lru_cache(maxsize=1000)  # une ville n'a que quelques groupes, et une liste les demande pour chaque enfant
def cle_de_division(division):
    """Ce qui reste d'un groupe quand on oublie comment il fut tapé : deux parents ne font pas deux classes.

    >>> cle_de_division("Mme Petit") == cle_de_division("MME. PÉTIT")
    True
    """
    return slugify(replier(division), allow_unicode=True)


def division_propre(texte, classe=""):
    """Un groupe comme il se dit : sans blancs de trop ni sa ``classe`` répétée ; une lettre seule est une capitale.

    Un trait ou un point ne disent aucun groupe.

    >>> division_propre(" b "), division_propre("cm1 B", "CM1"), division_propre("Mme  Petit"), division_propre("-")
    ('B', 'B', 'Mme Petit', '')
    """
    mots = texte.split()
    if mots and classe and replier(mots[0]) == replier(classe):
        mots = mots[1:]
    propre = " ".join(mots)
    if not cle_de_division(propre):
        return ""
    return propre.upper() if len(propre) == 1 else propre


def classe_dite(classe, division):
    """Une classe et son groupe, comme à l'école ; « » sans classe.

    >>> classe_dite("CM1", "B"), classe_dite("CM1", "Mme Petit"), classe_dite("CM1", "")
    ('CM1 B', 'CM1, Mme Petit', 'CM1')
    """
    if not classe or not division:
        return classe
    return f"{classe} {division}" if len(division) <= 2 else f"{classe}, {division}"


def garde_sa_division(changes):
    """Un groupe ne suit pas l'enfant dans une autre classe : ces champs changés le laissent-ils valable ?"""
    return "division" in changes or not {"ecole", "classe"} & set(changes)
