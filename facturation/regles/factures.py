"""La facture et le compte du foyer : rangées, échéances, états, relevé."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from commune.regles import jour_de_paris

from .grilles import ANNEE, FORFAITS, MOIS
from .mots import ZERO, dire_jours
from .prix import sans_la_duree

PREAVIS = 14  # jours entre l'annonce d'un prélèvement SEPA et son débit
DELAI = 30  # jours laissés pour payer, quand la régie n'en dit pas d'autre


class Duree(NamedTuple):
    """Les jours d'une rangée qui ont duré autant, aux mêmes heures."""

    jours: list
    dite: str
    montant: Decimal

    @property
    def jours_en_mots(self):
        return dire_jours(self.jours)


class Groupe(NamedTuple):
    """Des lignes d'un même enfant, au même prix pour la même raison : une rangée de la facture.

    Leurs ``durees`` y sont une à une, si elles diffèrent : les heures ne sont jamais les mêmes deux soirs de suite.
    """

    texte: str
    prix: Decimal
    pourquoi: str
    jours: list
    nombre: Decimal
    montant: Decimal
    forfait: str = ""  # l'unité d'un forfait
    durees: tuple = ()

    @property
    def jours_en_mots(self):
        return {MOIS: "le mois entier", ANNEE: "l'année entière"}.get(self.forfait) or dire_jours(self.jours)

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
        cle = ligne.texte, ligne.prix_unitaire, sans_la_duree(ligne.regle)[1]
        enfants[ligne.enfant_id, ligne.prenom][cle].append(ligne)
    resultat = []
    for (_, prenom), rangees in enfants.items():
        groupes = [_groupe(*cle, siennes) for cle, siennes in rangees.items()]
        groupes.sort(key=lambda groupe: (groupe.texte, groupe.jours[0]))
        resultat.append((prenom, groupes, sum((groupe.montant for groupe in groupes), ZERO)))
    return resultat


def _groupe(texte, prix, pourquoi, lignes):
    par_duree = defaultdict(list)
    for ligne in lignes:
        par_duree[ligne.regle].append(ligne)
    durees = [
        Duree(_jours(siennes), sans_la_duree(regle)[0], sum(ligne.montant for ligne in siennes))
        for regle, siennes in par_duree.items()
    ]
    durees.sort(key=lambda duree: duree.jours)
    if len(durees) == 1:
        pourquoi, durees = lignes[0].regle, ()
    return Groupe(
        texte, prix, pourquoi, _jours(lignes), sum(ligne.quantite for ligne in lignes),
        sum(ligne.montant for ligne in lignes), lignes[0].unite if lignes[0].unite in FORFAITS else "", tuple(durees),
    )  # fmt: skip


def _jours(lignes):
    return sorted(ligne.jour for ligne in lignes)


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


def se_paie_ici(reste, prelevee, transmise):
    """Vrai si la famille paie elle-même ce ``reste`` (euros) à la régie : ni prélevé bientôt, ni transmis au Trésor."""
    return reste > 0 and not prelevee and not transmise


def part_due(echu, reste):
    """Ce qu'un échéancier demande maintenant d'une de ses factures (euros) : ce qui est échu, au plus son reste."""
    return min(echu, reste)


def deduit(total, reste, suites):
    """Ce que le compte du foyer a payé d'une facture (euros), hors de ses ``suites``, qui sont les montants de ses
    avoirs et des règlements qui la nomment.

    Une avance, un avoir d'une autre facture, un paiement qui n'en nomme aucune. Une facture trop payée n'en tient rien.

    >>> deduit(Decimal(50), Decimal("37.43"), [Decimal(10)]), deduit(Decimal(50), ZERO, [Decimal(60)])
    (Decimal('2.57'), Decimal('0.00'))
    """
    return max(total - reste - sum(suites, ZERO), ZERO)


def partager(tenues, demandes):
    """Ce que chaque ``(foyer, total)`` prend à son émission, dans l'ordre, de ce que tient le compte de son foyer.

    ``tenues`` : foyer → euros. Les factures d'un même foyer se le partagent, la première d'abord, comme le fait ensuite
    leur reste à payer.

    >>> partager({1: Decimal(12)}, [(1, Decimal(10)), (1, Decimal(10)), (2, Decimal(10))])
    [Decimal('10'), Decimal('2'), Decimal('0.00')]
    """
    restent, prises = dict(tenues), []
    for foyer, total in demandes:
        prises.append(min(restent.get(foyer, ZERO), total))
        restent[foyer] = restent.get(foyer, ZERO) - prises[-1]
    return prises


def etat(reste, echeance, jour):
    """L'état d'une facture ce jour-là : le jour de l'échéance, on peut encore payer."""
    if reste <= 0:
        return PAYEE
    return EN_RETARD if jour > echeance else A_PAYER


def rum(famille, signe_le, rang):
    """Une référence unique de mandat : jeu de caractères et longueur SEPA (35 au plus)."""
    return f"PF{famille:06d}-{signe_le:%Y%m%d}-{rang:02d}"


def rum_du_papier(famille, imprime_le, rang):
    """La référence d'un mandat imprimé pour être signé : d'une autre série que celles que tire l'enregistrement.

    >>> rum_du_papier(42, dt.date(2026, 11, 26), 1)
    'PF000042-20261126-P1'
    """
    return f"PF{famille:06d}-{imprime_le:%Y%m%d}-P{rang}"


def masquer(iban):
    """« FR76 •••• •••• 0189 » : de quoi reconnaître son compte, rien de plus."""
    return f"{iban[:4]} •••• •••• {iban[-4:]}"


# --- Le compte du foyer -------------------------------------------------------------------------------------------
class Mouvement(NamedTuple):
    """Une opération du compte : ``montant`` en euros, positif s'il augmente la dette."""

    jour: dt.date
    genre: str  # facture, remboursement, avoir, reglement, annulation
    texte: str
    montant: Decimal
    facture: int | None = None  # la facture à ouvrir
    solde: Decimal = ZERO  # après l'opération
    recu: int | None = None  # le règlement dont le reçu s'ouvre


ORDRE = ("facture", "avoir", "reglement", "annulation", "remboursement")


def relever(mouvements):
    """Les mouvements dans l'ordre, chacun avec le solde qu'il laisse ; le même jour, la dette avant ce qui l'éteint."""
    resultat, solde = [], ZERO
    for mouvement in sorted(mouvements, key=lambda m: (m.jour, ORDRE.index(m.genre))):
        solde += mouvement.montant
        resultat.append(mouvement._replace(solde=solde))
    return resultat


def hors_facture(solde, restes):
    """Ce qu'un foyer doit au-delà de ce qui reste de ses factures (euros), jamais moins que zéro.

    Cela n'arrive que lorsqu'une avance fut remboursée, puis que le paiement qui la faisait est annulé : les factures
    émises ne changent pas, et c'est le compte du foyer qui porte la différence.

    >>> hors_facture(Decimal(100), [Decimal(60)]), hors_facture(Decimal(-5), [])
    (Decimal('40.00'), Decimal('0.00'))
    """
    return max(solde - sum(restes, ZERO), ZERO) + ZERO
