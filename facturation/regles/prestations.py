"""Ce qui, d'un mois, se facture à un foyer.

**Ce qui se facture** (règlement intérieur : « Toute réservation non excusée par écrit sera facturée ») :

==================================  ==========================================================
un enfant présent                   au prix réservé, ou au prix « sans réservation »
réservé, absent                     facturé, au prix « absence » si le tarif en a un
réservé, pas pointé                 facturé comme réservé : un oubli d'agent n'est pas une absence
excuse écrite acceptée              rien, sauf si l'enfant est venu
noté « excusé » sur place           rien, sauf si la mairie a refusé l'excuse écrite
séance annulée                      rien
==================================  ==========================================================

Un tarif peut encore facturer les premiers jours d'une absence excusée sans certificat (``absences``) ; un forfait du
mois tient en une ligne par enfant et par activité, dès qu'un de ses jours se facturerait ; celui de l'année de même,
une seule fois dans l'année (``forfaits``).

**Le rang dans la fratrie** est l'ordre d'âge, l'aîné d'abord, parmi les enfants du foyer qui ont au moins une
prestation facturée **dans le mois**, toutes activités confondues (à âge égal, le premier inscrit). Compté au mois et
non au jour, il ne fait pas changer le prix du cadet parce que l'aîné était malade.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from . import absences
from .grilles import ANNEE, FORFAITS
from .journee import Journee
from .mots import ZERO
from .prix import Circonstances, Prix, prix


class Fait(NamedTuple):
    """Un enfant à une séance ouverte : ce qui fut réservé, vu, excusé.

    ``arrivee`` et ``depart`` sont à l'heure de Paris ; ``certifie_le`` est l'instant où l'excuse est arrivée avec sa
    pièce ; ``nombre``, combien de jours tout à fait semblables (plus d'un seulement quand on simule).
    """

    famille: int
    enfant: int
    seance: int
    jour: dt.date
    activite: int
    reserve: bool
    hors_delai: bool = False
    pointage: str | None = None  # present, absent, excuse
    excuse: str | None = None  # envoyee, acceptee, refusee
    arrivee: dt.time | None = None
    depart: dt.time | None = None
    certifie_le: dt.datetime | None = None
    nombre: int = 1


RESERVE, SANS_RESERVATION, ABSENCE, CARENCE = "reserve", "sans_reservation", "absence", "carence"


def a_facturer(reserve, pointage, excuse):
    """Comment se facture un fait d'une séance ouverte : réservé, sans réservation, absence, ou ``None``.

    La table est en tête du module.
    """
    if pointage == "present":
        return RESERVE if reserve else SANS_RESERVATION
    if not reserve or excuse == "acceptee":
        return None
    if pointage == "excuse":
        return ABSENCE if excuse == "refusee" else None
    return ABSENCE if pointage == "absent" else RESERVE


class Offre(NamedTuple):
    """Ce que le prix retient d'une activité : son intitulé, son genre, ses heures (de Paris)."""

    intitule: str
    genre: str = ""
    debut: dt.time = dt.time(0)
    fin: dt.time = dt.time(23, 59)


class Petit(NamedTuple):
    """Ce que le prix retient d'un enfant."""

    prenom: str
    naissance: dt.date
    panier: bool = False


class Prestation(NamedTuple):
    """Un acte facturé : une ligne de la facture, avant son numéro."""

    fait: Fait
    prenom: str
    texte: str
    prix: Prix


class TarifManquant(LookupError):
    """Aucun tarif ne vaut pour cette activité ce jour-là ; ``args`` : l'activité et le jour."""


def avec_changements(faits, changements):
    """Les faits tels qu'ils seraient si ces ``changements`` étaient enregistrés ; ni base, ni promesse.

    ``changements`` : des ``Fait`` dont ``reserve`` dit s'il faudrait réserver ou annuler. Un enfant déjà présent reste
    à facturer, réservé ou non.
    """
    restants = {(fait.enfant, fait.seance): fait for fait in faits}
    for voulu in changements:
        cle = voulu.enfant, voulu.seance
        avant = restants.pop(cle, voulu)
        if voulu.reserve or avant.pointage:
            restants[cle] = avant._replace(reserve=voulu.reserve, hors_delai=voulu.hors_delai)
    return sorted(restants.values(), key=lambda fait: (fait.jour, fait.seance, fait.enfant))


class Donnees(NamedTuple):
    """Ce que le prix lit d'un foyer et de ses tarifs.

    ``petits`` : l'enfant → ``Petit`` ; ``quotient_du(jour)`` → ``QF`` ou ``None`` ; ``tarif_du(activite, jour)`` →
    ``Grille`` (toujours le même objet) ; ``offre_de(activite)`` → ``Offre``. ``depuis`` : les faits d'avant ne disent
    que les absences commencées plus tôt. ``seulement`` : les activités dont on veut le prix ; les autres comptent pour
    la fratrie. ``payes`` : les ``(enfant, activite)`` dont le forfait de l'année n'est pas à facturer. ``connus`` : les
    prix déjà faits de ce foyer, en d'autres mois.
    """

    petits: dict
    hors_commune: bool
    quotient_du: Callable
    tarif_du: Callable
    offre_de: Callable
    depuis: dt.date | None = None
    seulement: set | None = None
    payes: frozenset = frozenset()
    connus: dict | None = None


def prestations_du_foyer(faits, donnees):
    """Les prestations d'un foyer dans un mois, dans l'ordre des enfants (l'aîné d'abord) puis des jours.

    ``faits`` : dans l'ordre des jours, puis des séances ; ``donnees`` : les ``Donnees`` du foyer. Lève
    ``TarifManquant`` sans tarif.
    """
    actes = _actes(faits, donnees)
    par_enfant, jours = defaultdict(list), set()
    for acte in actes:
        par_enfant[acte[0].enfant].append(acte)
        jours.add(acte[0].jour)
    # Le même quotient, le même prix reviennent chaque jour du mois : on ne les cherche qu'une fois.
    quotients = {jour: donnees.quotient_du(jour) for jour in jours}
    connus, lignes = {} if donnees.connus is None else donnees.connus, []
    journee = Journee(actes, donnees.offre_de)
    for enfant, rang in rangs_de_fratrie(par_enfant, donnees.petits).items():
        for fait, cas, grille in _a_tarifer(par_enfant[enfant], donnees):
            suites, quotient = journee.suites(fait, grille), quotients[fait.jour]
            cle = grille, fait.activite, quotient, enfant, rang, fait.hors_delai, cas, suites
            if (connu := connus.get(cle)) is None:
                connu = connus[cle] = _tarifer(fait, cas, grille, quotient, rang, suites, donnees)
            lignes.append(Prestation(fait, *connu))
    return lignes


def _tarifer(fait, cas, grille, quotient, rang, suites, donnees):
    """``(prenom, texte, Prix)`` d'un acte."""
    petit = donnees.petits[fait.enfant]
    situation = Circonstances(
        donnees.hors_commune, petit.panier, fait.hors_delai, cas == SANS_RESERVATION, cas == ABSENCE, rang,
        cas == CARENCE, *suites,
    )  # fmt: skip
    calcule = prix(grille, quotient, situation)
    return petit.prenom, _texte(donnees.offre_de(fait.activite).intitule, calcule.par), calcule


def _a_tarifer(actes, donnees):
    """``(fait, comment il se facture, grille)`` de chaque ligne ; un forfait n'en a qu'une par enfant et activité."""
    forfaits = set()
    for fait, cas in actes:
        if donnees.seulement is not None and fait.activite not in donnees.seulement:
            continue
        if (grille := donnees.tarif_du(fait.activite, fait.jour)) is None:
            raise TarifManquant(fait.activite, fait.jour)
        if grille.unite in FORFAITS:
            couple = fait.enfant, fait.activite
            if couple in forfaits or (grille.unite == ANNEE and (cas == CARENCE or couple in donnees.payes)):
                continue
            forfaits.add(couple)
            fait, cas = fait._replace(hors_delai=False, nombre=1), RESERVE
        yield fait, cas, grille


def _actes(faits, donnees):
    """``[(fait, comment il se facture), …]`` dans l'ordre, carence comprise, depuis ``donnees.depuis`` s'il est dit."""
    actes = [(fait, cas) for fait in faits if (cas := a_facturer(fait.reserve, fait.pointage, fait.excuse))]
    if carences := absences.jours_de_carence(faits, donnees.tarif_du, donnees.offre_de):
        actes += [(fait, CARENCE) for fait in carences]
        actes.sort(key=lambda acte: (acte[0].jour, acte[0].seance))
    return [acte for acte in actes if acte[0].jour >= donnees.depuis] if donnees.depuis else actes


def _texte(intitule, par):
    return f"{intitule}, {par}" if par else intitule


def rangs_de_fratrie(enfants, petits):
    """L'enfant → son rang : 1 pour l'aîné. À âge égal, le premier inscrit au portail."""
    par_age = sorted(enfants, key=lambda enfant: (petits[enfant].naissance, enfant))
    return {enfant: rang for rang, enfant in enumerate(par_age, 1)}


def total(lignes):
    """La somme des prestations."""
    return sum((ligne.prix.montant for ligne in lignes), ZERO)


def sous(seuil, *listes):
    """Vrai si la somme de toutes ces prestations est sous ce seuil (euros) ; s'arrête dès qu'elle l'atteint."""
    somme = ZERO
    for ligne in chain(*listes):
        somme += ligne.prix.montant
        if somme >= seuil:
            return False
    return True


class Rassemblee(NamedTuple):
    """Des prestations d'un même enfant, au même prix et pour la même raison."""

    prenom: str
    texte: str
    nombre: int
    prix: Prix
    montant: object  # Decimal, en euros


def rassembler(lignes):
    """Les prestations, celles qui se ressemblent sur une ligne : « Hugo, Repas × 4, 2,85 €, tranche 3 »."""
    paquets = {}
    for ligne in lignes:
        paquets.setdefault((ligne.fait.enfant, ligne.prenom, ligne.texte, ligne.prix), []).append(ligne)
    return [
        Rassemblee(prenom, texte, len(paquet), prix, prix.montant * len(paquet))
        for (_, prenom, texte, prix), paquet in paquets.items()
    ]
