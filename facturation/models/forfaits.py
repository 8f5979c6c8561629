"""Les forfaits de l'année déjà payés : ce que disent les lignes émises, et les jours des mois encore à émettre."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from facturation import regles
from familles.models import Rattachement

from .factures import Facturation, Ligne


@dataclass
class Forfaits:
    """De quoi savoir, pour un mois, qui doit encore le forfait de l'année. Sans ``emis``, aucun tarif n'en a."""

    mois: object
    emis: dict | None = None  # (enfant, activite) → (foyer, jour) de la ligne
    ailleurs: dict = field(default_factory=lambda: defaultdict(list))  # enfant → faits des autres foyers et mois

    def payes(self, foyer, faits):
        """Les ``(enfant, activite)`` que ce foyer n'a pas à payer, avec ces ``faits``, vrais ou supposés."""
        if self.emis is None:
            return frozenset()
        debut = self.mois.debut
        siens = [fait for fait in faits if fait.jour >= debut]
        autres = [
            fait for enfant in {fait.enfant for fait in siens} for fait in self.ailleurs[enfant]
            if fait.famille != foyer or fait.jour < debut
        ]  # fmt: skip
        return regles.forfaits_payes(foyer, siens + autres, self.emis, debut, self.mois.fin)


def forfaits_du(mois, enfants):
    """Les ``Forfaits`` de ce ``Mois`` pour ces enfants (leurs clés). Aucune requête si nul tarif n'est à l'année."""
    if all(grille.unite != regles.ANNEE for grille in mois.toutes()):
        return Forfaits(mois)
    lignes = Ligne.objects.filter(annee=mois.annee, enfant__in=enfants).order_by()
    emis = {
        (enfant, activite): (foyer, jour)
        for enfant, activite, foyer, jour in lignes.values_list("enfant", "activite", "facture__famille", "jour")
    }
    forfaits, foyers_de = Forfaits(mois, emis), defaultdict(set)
    for enfant, foyer in Rattachement.objects.filter(enfant__in=enfants).order_by().values_list("enfant", "famille"):
        foyers_de[enfant].add(foyer)
    partages = {foyer for siens in foyers_de.values() if len(siens) > 1 for foyer in siens}
    lus = mois.faits(partages) if partages else []
    if a_venir := mois_a_emettre(mois):
        tous = {foyer for siens in foyers_de.values() for foyer in siens}
        d_avant = mois.faits(tous, a_venir[0], mois.debut - dt.timedelta(days=1))
        lus = [*lus, *(fait for fait in d_avant if regles.premier(fait.jour) in a_venir)]
    for fait in lus:
        forfaits.ailleurs[fait.enfant].append(fait)
    return forfaits


def mois_a_emettre(mois):
    """Les mois de l'année scolaire d'avant celui-ci que rien n'a encore facturés (leurs premiers jours)."""
    premier, attendus = regles.premier(mois.annee.debut), []
    emis = Facturation.objects.filter(mois__lt=mois.debut).exclude(terminee_le=None)
    faits = set(emis.values_list("mois", flat=True))
    while premier < mois.debut:
        if premier not in faits:
            attendus.append(premier)
        premier = regles.suivant(premier)
    return attendus
