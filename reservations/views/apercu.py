"""Ce qui serait fait, avant de l'écrire : le même aperçu pour une période et pour un enregistrement à défaire."""

from .. import regles
from ..actions import lignes
from ..models import Reservation

# Un jour fermé de la période ne manque à personne : on le saute, et on le compte.
SAUTES = ("ferme",)


def apercu(resultat, annuler, plusieurs, perdues=()):
    """Ce qui sera fait, groupé pour être lu, et ce qui ne le pourra pas, rangé par raison.

    ``perdues`` : des phrases de plus à mettre parmi les impossibles.
    """
    refus = [r for r in resultat.refus if r.code not in SAUTES]
    raisons = {}
    for un in refus:
        raisons.setdefault(regles.titre(un.code), []).append(un.phrase)
    if perdues:
        raisons[regles.titre("changee")] = list(perdues)
    annulees = sum(c.apres == Reservation.Etat.ANNULEE for c in resultat.faits)
    return {
        "nombre": len(resultat.faits),
        "reservees": len(resultat.faits) - annulees,
        "annulees": annulees,
        "mot": "annulation" if annuler else "réservation",
        "plusieurs": plusieurs,
        "hors_delai": sum(c.hors_delai for c in resultat.faits),
        "groupes": regles.regrouper(lignes(resultat.faits)),
        "retenues": " ".join(f"{c.enfant.pk}-{c.seance.pk}" for c in resultat.faits),
        "refus": list(raisons.items()),
        "refuses": len(refus) + len(perdues),
        "refus_dit": regles.dire_refus([(r.code, r.jour) for r in refus if r.jour]),
        "sautes": len({r.jour for r in resultat.refus if r.code in SAUTES}),
    }


def champs_caches(envoi, noms):
    """Les champs à renvoyer tels quels : ``[(nom, valeur)…]``."""
    return [(nom, valeur) for nom in noms for valeur in envoi.getlist(nom)]
