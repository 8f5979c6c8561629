"""Ce qu'un enregistrement ferait, dit avant de l'écrire : « 3 refusées : complet le jeu. 12 novembre »."""

from inscriptions.regles import MOIS

from .mots import JOURS_COURTS, quantieme

TITRES = {
    "complet": "complet",
    "trop_tard": "trop tard pour réserver",
    "trop_tard_annuler": "trop tard pour annuler",
    "ferme": "pas d'accueil",
    "non_inscrit": "pas inscrit",
    "autre_foyer": "réservé par l'autre foyer",
    "garde_autre": "chez l'autre foyer",
    "suspendue": "réservations suspendues",
    "pas_ouvert": "pas encore ouvert",
    "file": "à tour de rôle, dans la file",
    "tirage": "le tirage au sort n'a pas eu lieu",
    "semaine_max": "trop de jours dans la semaine",
    "semaine_min": "pas assez de jours dans la semaine",
    "exige": "une autre activité va avec",
    "exclut": "ne va pas avec une autre activité",
    "par_classe": "complet pour la classe",
    "changee": "changé depuis",
}
DITES = 3  # au-delà, on compte


def titre(code):
    """La raison d'un refus en deux mots."""
    return TITRES.get(code, "impossible")


def dire_refus(refus):
    """« complet le jeu. 12 et le ven. 13 novembre ; trop tard pour réserver le lun. 2 novembre et 4 autres jours ».

    ``refus`` : des couples (code, jour).
    """
    par_titre = {}
    for code, jour in sorted(refus, key=lambda r: r[1]):
        par_titre.setdefault(titre(code), {})[jour] = True
    return " ; ".join(f"{nom} {_les_jours(list(jours))}" for nom, jours in par_titre.items())


def _les_jours(jours):
    dits = [f"le {JOURS_COURTS[j.weekday()]} {quantieme(j)} {MOIS[j.month - 1]}" for j in jours[:DITES]]
    autres = len(jours) - DITES
    if autres > 0:
        dits.append(f"{autres} autre{'s' if autres > 1 else ''} jour{'s' if autres > 1 else ''}")
    return dits[0] if len(dits) == 1 else f"{', '.join(dits[:-1])} et {dits[-1]}"
