"""Un événement (grève, sortie, intempéries…) dit en une phrase, celle que lisent la mairie et les familles."""

from commune.regles import replier

from .mots import date_dite

DUREE_MAX = 31  # jours : au-delà, c'est le calendrier de l'année qu'il faut changer
# Ce qui ne touche que des enfants d'une classe : sans classe, toute l'école serait fermée par erreur.
PAR_CLASSE = {"sortie": "Dites quelle classe sort.", "absence": "Dites quelle classe n'a pas son enseignant."}


def annonce(libelle, du, au, sites=(), activites=(), classes=()):
    """La phrase du bandeau et des courriels. ``sites`` vide : toute la commune ; ``activites`` vide : toutes.

    >>> import datetime as dt
    >>> jeudi = dt.date(2026, 11, 12)
    >>> annonce("Grève", jeudi, jeudi, ["Desnos"], ["Restauration"])
    'Jeudi 12 novembre : grève, pas de restauration (Desnos)'
    >>> annonce("Sortie au musée", jeudi, jeudi, ["Desnos"], classes=["CM1", "CM2"])
    'Jeudi 12 novembre : sortie au musée des CM1 et CM2 (Desnos), réservations annulées'
    """
    ou = f"({enumerer(sites)})" if sites else "dans toute la commune"
    quoi = [minuscule(nom) for nom in dict.fromkeys(activites)]
    if classes:
        suite = f" des {enumerer(classes)} {ou}, réservations annulées"
        suite += f" ({enumerer(quoi)})" if quoi else ""
    elif len(quoi) > 3:
        suite = f", {len(quoi)} activités n'ont pas lieu {ou}"
    else:
        suite = f", pas {' ni '.join(map(_de, quoi or ['accueil']))} {ou}"
    return f"{jours_dits(du, au)} : {minuscule(libelle)}{suite}"


def jours_dits(du, au):
    """« Jeudi 12 novembre », « Du jeudi 12 au vendredi 13 novembre »."""
    if du == au:
        dits = date_dite(du)
    elif (du.year, du.month) == (au.year, au.month):
        dits = f"du {date_dite(du).rpartition(' ')[0]} au {date_dite(au)}"
    else:
        dits = f"du {date_dite(du)} au {date_dite(au)}"
    return dits[:1].upper() + dits[1:]


def enumerer(mots):
    """« a », « a et b », « a, b et c »."""
    *debut, fin = mots
    return f"{', '.join(debut)} et {fin}" if debut else fin


def minuscule(texte):
    """Le texte sans sa majuscule de début de phrase ; un sigle (« CM1 ») garde les siennes."""
    return texte[:1].lower() + texte[1:] if texte[1:2].islower() else texte


def _de(mot):
    return f"d'{mot}" if replier(mot)[:1] in set("aeiouy") else f"de {mot}"


def revient_a(avant):
    """L'état où revient une réservation dont l'événement est levé.

    Une place proposée revient en liste d'attente, à son rang : le temps de l'offre a passé sans la famille.
    """
    return "attente" if avant == "proposee" else avant
