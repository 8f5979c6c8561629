"""Le prix d'une prestation, et la phrase qui l'explique. Fonctions pures : ni base, ni horloge, ni requête.

Tout montant est en euros, ``Decimal`` ; tout jour est une date de Paris.

**Ce qui se facture** (règlement intérieur : « Toute réservation non excusée par écrit sera facturée ») :

==================================  ==========================================================
un enfant présent                   au prix réservé, ou au prix « sans réservation »
réservé, absent                     facturé, au prix « absence » si le tarif en a un
réservé, pas pointé                 facturé comme réservé : un oubli d'agent n'est pas une absence
excuse écrite acceptée              rien, sauf si l'enfant est venu
noté « excusé » sur place           rien, sauf si la mairie a refusé l'excuse écrite
séance annulée                      rien
==================================  ==========================================================

**Le rang dans la fratrie** est l'ordre d'âge, l'aîné d'abord, parmi les enfants du foyer qui ont au moins une
prestation facturée **dans le mois**, toutes activités confondues (à âge égal, le premier inscrit). Compté au mois et
non au jour, il ne fait pas changer le prix du cadet parce que l'aîné était malade.
"""

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from commune.regles import jour_de_paris

CENTIME = Decimal("0.01")
ZERO = Decimal("0.00")
PREAVIS = 14  # jours entre l'annonce d'un prélèvement SEPA et son débit
DELAI = 30  # jours laissés pour payer, quand la régie n'en dit pas d'autre

# Les effets d'un ajustement.
FIXE, MONTANT, POURCENTAGE = "fixe", "montant", "pourcentage"
FRATRIE = "fratrie"
# Les mots de la famille pour chaque cas. Aucun ne parle de santé : une facture se garde dix ans.
MOTS = {
    "hors_commune": "foyer hors commune",
    "panier": "repas apporté par la famille",
    "hors_delai": "réservé hors délai",
    "sans_reservation": "présent sans réservation",
    "absence": "absence non excusée par écrit",
}
# Ces deux-là expliquent qu'il y ait une ligne : on les dit même quand le tarif n'en change pas le prix.
TOUJOURS_DITS = ("sans_reservation", "absence")


class Palier(NamedTuple):
    """Une tranche de quotient : ``jusqu_a`` compris, ``None`` pour la plus haute."""

    jusqu_a: int | None
    prix: Decimal


class Effet(NamedTuple):
    """Un ajustement du tarif : ``valeur`` en euros ou en pour cent selon ``mode``, négative pour une remise."""

    cas: str
    mode: str
    valeur: Decimal
    rang: int | None = None


class Grille(NamedTuple):
    """Un tarif : ses paliers du plus bas au plus haut, ses effets dans l'ordre où ils s'appliquent."""

    nom: str
    paliers: tuple
    effets: tuple = ()


class QF(NamedTuple):
    """Un quotient familial et sa preuve, « attestation CAF du 02/09/2026 »."""

    valeur: int
    preuve: str = ""


class Circonstances(NamedTuple):
    """Ce qui, d'un acte, change son prix. Les noms sont ceux des cas d'ajustement."""

    hors_commune: bool = False
    panier: bool = False
    hors_delai: bool = False
    sans_reservation: bool = False
    absence: bool = False
    rang: int = 1


class Prix(NamedTuple):
    """Un montant, pourquoi lui, et le quotient qui l'a choisi (``None`` si aucun n'a compté)."""

    montant: Decimal
    pourquoi: str
    quotient: int | None


def arrondir(montant):
    """Au centime, le demi-centime vers le haut."""
    return montant.quantize(CENTIME, ROUND_HALF_UP)


def euros(montant):
    """``1 234,50 €``, à la française, espaces insécables."""
    entier, _, centimes = f"{abs(montant):,.2f}".replace(",", "\u00a0").partition(".")
    return f"{'−' if montant < 0 else ''}{entier},{centimes}\u00a0€"


# --- Le prix ------------------------------------------------------------------------------------------------------
def prix(grille, quotient, circonstances):
    """Le ``Prix`` d'un acte : la tranche du quotient, puis chaque ajustement dans son ordre.

    Sans quotient, la tranche la plus haute, et la phrase dit comment en changer. Le total s'arrondit une seule fois,
    à la fin, et n'est jamais négatif. Un ajustement de fratrie ne rend jamais un cadet plus cher.
    """
    montant, raison = tranche(grille, quotient)
    raisons, compte = [raison], quotient
    fratrie_faite = False
    for effet in grille.effets:
        if effet.cas == FRATRIE:
            # Une seule étape pour toute la fratrie, à la place du premier de ses ajustements : sinon le troisième
            # enfant pourrait payer plus que le deuxième.
            gagnant = None if fratrie_faite else _meilleur(grille, circonstances.rang, montant)
            fratrie_faite = True
            if gagnant is None:
                continue
            effet, mot = gagnant, f"{circonstances.rang}e enfant"
        elif getattr(circonstances, effet.cas):
            mot = MOTS[effet.cas]
        else:
            continue
        montant = appliquer(effet, montant)
        if effet.mode == FIXE:
            raisons, compte = [], None  # un prix fixe efface ce qui précède : le redire égarerait
        raisons.append(f"{mot} ({dire_effet(effet)})")
    prevus = {effet.cas for effet in grille.effets}
    raisons += [MOTS[cas] for cas in TOUJOURS_DITS if getattr(circonstances, cas) and cas not in prevus]
    return Prix(arrondir(max(montant, ZERO)), ", ".join(raisons), compte.valeur if compte else None)


def tranche(grille, quotient):
    """Le prix de la tranche et sa raison, avant tout ajustement."""
    if len(grille.paliers) == 1:
        return grille.paliers[0].prix, "prix unique"
    dernier = len(grille.paliers)
    if quotient is None:
        return grille.paliers[-1].prix, (
            f"tranche {dernier}, la plus haute, faute de quotient connu "
            "(pour en changer, transmettez votre attestation CAF ou MSA à la mairie)"
        )
    numero = next(
        (n for n, p in enumerate(grille.paliers, 1) if p.jusqu_a is not None and quotient.valeur <= p.jusqu_a), dernier
    )
    preuve = f", {quotient.preuve}" if quotient.preuve else ""
    return grille.paliers[numero - 1].prix, f"tranche {numero} (QF {quotient.valeur}{preuve})"


def appliquer(effet, montant):
    """Le montant après un effet, sans arrondi, jamais négatif."""
    if effet.mode == FIXE:
        return max(effet.valeur, ZERO)
    ajout = effet.valeur if effet.mode == MONTANT else montant * effet.valeur / 100
    return max(montant + ajout, ZERO)


def _meilleur(grille, rang, montant):
    """L'ajustement de fratrie qui donne le plus bas prix à un enfant de ce rang, ou rien s'il n'en baisse aucun."""
    possibles = [e for e in grille.effets if e.cas == FRATRIE and rang >= e.rang]
    gagnant = min(possibles, key=lambda e: appliquer(e, montant), default=None)
    return gagnant if gagnant and appliquer(gagnant, montant) < montant else None


def dire_effet(effet):
    """« prix fixe de 5,00 € », « +50 % », « −0,40 € »."""
    if effet.mode == FIXE:
        return f"prix fixe de {euros(effet.valeur)}"
    signe = "−" if effet.valeur < 0 else "+"
    if effet.mode == MONTANT:
        return f"{signe}{euros(abs(effet.valeur))}"
    nombre = f"{abs(effet.valeur):f}".rstrip("0").rstrip(".") if effet.valeur % 1 else f"{abs(effet.valeur):.0f}"
    return f"{signe}{nombre.replace('.', ',')}\u00a0%"


def dire_ajustement(effet):
    """La phrase d'un ajustement, pour la mairie : « À partir du 2e enfant : −10 %. »"""
    if effet.cas == FRATRIE:
        return f"À partir du {effet.rang}e enfant du foyer : {dire_effet(effet)}."
    mot = MOTS[effet.cas]
    return f"{mot[0].upper()}{mot[1:]} : {dire_effet(effet)}."


def defauts(grille):
    """Ce qui ne va pas dans un tarif, en phrases ; une liste vide s'il est bon."""
    phrases = []
    if not grille.paliers:
        return ["Un tarif a au moins une tranche."]
    if grille.paliers[-1].jusqu_a is not None:
        phrases.append(
            "Il manque la tranche sans seuil, la plus haute : c'est aussi celle des familles sans quotient."
        )
    if any(bas.prix > haut.prix for bas, haut in zip(grille.paliers, grille.paliers[1:], strict=False)):
        phrases.append("Le prix d'une tranche ne peut pas dépasser celui de la tranche suivante.")
    if any(e.cas == FRATRIE and e.mode != FIXE and e.valeur > 0 for e in grille.effets):
        phrases.append("Un ajustement de fratrie est une remise : sa valeur est négative.")
    return phrases


# --- Ce qui se facture --------------------------------------------------------------------------------------------
class Fait(NamedTuple):
    """Un enfant à une séance ouverte : ce qui fut réservé, vu, excusé."""

    famille: int
    enfant: int
    seance: int
    jour: dt.date
    activite: int
    reserve: bool
    hors_delai: bool = False
    pointage: str | None = None  # present, absent, excuse
    excuse: str | None = None  # envoyee, acceptee, refusee


RESERVE, SANS_RESERVATION, ABSENCE = "reserve", "sans_reservation", "absence"


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


def prestations_du_foyer(faits, petits, hors_commune, quotient_du, tarif_du, intitule_de):
    """Les prestations d'un foyer dans un mois, dans l'ordre des enfants (l'aîné d'abord) puis des jours.

    ``petits`` : l'enfant → ``Petit`` ; ``quotient_du(jour)`` → ``QF`` ou ``None`` ; ``tarif_du(activite, jour)`` →
    ``Grille`` (toujours le même objet) ; ``intitule_de(activite)`` → le texte. Lève ``TarifManquant`` sans tarif.
    """
    actes = [(fait, cas) for fait in faits if (cas := a_facturer(fait.reserve, fait.pointage, fait.excuse))]
    rangs = rangs_de_fratrie({fait.enfant for fait, _ in actes}, petits)
    # Le même quotient, le même prix reviennent chaque jour du mois : on ne les cherche qu'une fois.
    quotients = {jour: quotient_du(jour) for jour in {fait.jour for fait, _ in actes}}
    connus, lignes = {}, []
    for fait, cas in actes:
        quotient = quotients[fait.jour]
        grille = tarif_du(fait.activite, fait.jour)
        if grille is None:
            raise TarifManquant(fait.activite, fait.jour)
        cle = (id(grille), quotient, fait.enfant, fait.hors_delai, cas)
        if cle not in connus:
            connus[cle] = prix(
                grille,
                quotient,
                Circonstances(
                    hors_commune=hors_commune,
                    panier=petits[fait.enfant].panier,
                    hors_delai=fait.hors_delai,
                    sans_reservation=cas == SANS_RESERVATION,
                    absence=cas == ABSENCE,
                    rang=rangs[fait.enfant],
                ),
            )
        lignes.append(Prestation(fait, petits[fait.enfant].prenom, intitule_de(fait.activite), connus[cle]))
    lignes.sort(key=lambda ligne: (rangs[ligne.fait.enfant], ligne.fait.jour, ligne.fait.seance))
    return lignes


def rangs_de_fratrie(enfants, petits):
    """L'enfant → son rang : 1 pour l'aîné. À âge égal, le premier inscrit au portail."""
    par_age = sorted(enfants, key=lambda enfant: (petits[enfant].naissance, enfant))
    return {enfant: rang for rang, enfant in enumerate(par_age, 1)}


def intitule(genre, nom):
    """Ce qu'on lit sur la facture : « Repas » à midi, sinon le nom de l'activité."""
    return "Repas" if genre == "midi" else nom


def phrase(texte, jour, montant, pourquoi):
    """« Repas du 12/11, tranche 3 (QF 742, attestation CAF du 02/09), 2e enfant (−10 %) : 2,85 € »."""
    return f"{texte} du {jour:%d/%m}, {pourquoi} : {euros(montant)}"


def total(lignes):
    """La somme des prestations."""
    return sum((ligne.prix.montant for ligne in lignes), ZERO)


# --- La facture ---------------------------------------------------------------------------------------------------
class Groupe(NamedTuple):
    """Des lignes d'un même enfant, au même prix pour la même raison : une rangée de la facture."""

    texte: str
    prix: Decimal
    pourquoi: str
    jours: list
    nombre: Decimal
    montant: Decimal

    @property
    def jours_en_mots(self):
        return dire_jours(self.jours)

    @property
    def nombre_en_mots(self):
        """« 12 », ou « 1,5 » : sans zéros inutiles."""
        return f"{self.nombre:f}".rstrip("0").rstrip(".").replace(".", ",") if self.nombre % 1 else f"{self.nombre:.0f}"


def grouper(lignes):
    """Les lignes d'une facture, par enfant puis par rangée : ``[(prenom, [Groupe…], sous-total), …]``.

    Les rangées suivent l'ordre du premier jour ; les enfants, celui des lignes.
    """
    enfants = defaultdict(lambda: defaultdict(list))
    for ligne in lignes:
        enfants[ligne.enfant_id, ligne.prenom][ligne.texte, ligne.prix_unitaire, ligne.regle].append(ligne)
    resultat = []
    for (_, prenom), rangees in enfants.items():
        groupes = [
            Groupe(*cle, sorted(x.jour for x in membres), sum(x.quantite for x in membres), sum(x.montant for x in membres))
            for cle, membres in rangees.items()
        ]
        groupes.sort(key=lambda groupe: (groupe.texte, groupe.jours[0]))
        resultat.append((prenom, groupes, sum((groupe.montant for groupe in groupes), ZERO)))
    return resultat


def dire_jours(jours):
    """« les 1er, 3, 4 et 7 », « le 12 » : les jours d'un même mois."""
    mots = ["1er" if jour.day == 1 else str(jour.day) for jour in jours]
    if len(mots) == 1:
        return f"le {mots[0]}"
    return f"les {', '.join(mots[:-1])} et {mots[-1]}"


def premier(jour):
    """Le premier jour du mois de ``jour``."""
    return jour.replace(day=1)


def dernier(jour):
    """Le dernier jour du mois de ``jour``."""
    return suivant(jour) - dt.timedelta(days=1)


def suivant(jour):
    """Le premier jour du mois qui suit."""
    return (jour.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def exercice(maintenant):
    """L'année (de Paris) où la pièce est émise : chaque série y repart du numéro 1."""
    return jour_de_paris(maintenant).year


def jour_de_prelevement(echeance, maintenant):
    """L'échéance, ou quatorze jours après l'annonce si elle tombe trop tôt (préavis SEPA)."""
    return max(echeance, jour_de_paris(maintenant) + dt.timedelta(days=PREAVIS))


PAYEE, A_PAYER, EN_RETARD = "payee", "a_payer", "en_retard"


def etat(reste, echeance, jour):
    """L'état d'une facture ce jour-là : le jour de l'échéance, on peut encore payer."""
    if reste <= 0:
        return PAYEE
    return EN_RETARD if jour > echeance else A_PAYER


def rum(famille, signe_le, rang):
    """Une référence unique de mandat : jeu de caractères et longueur SEPA (35 au plus)."""
    return f"PF{famille:06d}-{signe_le:%Y%m%d}-{rang:02d}"


def masquer(iban):
    """« FR76 •••• •••• 0189 » : de quoi reconnaître son compte, rien de plus."""
    return f"{iban[:4]} •••• •••• {iban[-4:]}"
