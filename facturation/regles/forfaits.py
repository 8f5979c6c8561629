"""Le forfait de l'année : un seul par enfant et par activité, avec le premier mois où un jour se facturerait.

**Qui le paie.** Le foyer chez qui tombe ce premier jour. Le second foyer d'un enfant partagé, ou celui où il déménage
en cours d'année, n'a rien à payer : la commune a vendu une place, pour l'année, et elle est payée ; à deux
demi-forfaits, un parent devrait la moitié d'une année que l'autre a choisie.

**Une fois.** La ligne émise fait foi : des jours excusés après coup ne le font ni rendre, ni facturer de nouveau.
"""

from .prestations import a_facturer


def premiers_jours(faits):
    """``(enfant, activite)`` → son premier ``Fait`` qui se facture. La carence d'une absence n'ouvre pas un forfait."""
    premiers = {}
    for fait in sorted(faits, key=lambda fait: (fait.jour, fait.seance, fait.famille)):
        if a_facturer(fait.reserve, fait.pointage, fait.excuse):
            premiers.setdefault((fait.enfant, fait.activite), fait)
    return premiers


def forfaits_payes(foyer, faits, emis, debut, fin):
    """Les ``(enfant, activite)`` dont ce foyer ne doit pas le forfait de l'année au mois qui va de ``debut`` à ``fin``.

    ``faits`` : ceux de tous les foyers de ses enfants, ce mois-ci et les mois de l'année pas encore émis ; ``emis`` :
    ``(enfant, activite)`` → ``(foyer, jour)`` de la ligne émise cette année.
    """
    payes = set()
    for couple, fait in premiers_jours(faits).items():
        qui, jour = emis.get(couple, (fait.famille, fait.jour))
        # La ligne de ce mois, à ce foyer : la recalculer la redonne.
        if qui != foyer or not debut <= jour <= fin:
            payes.add(couple)
    return payes
