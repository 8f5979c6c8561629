"""Règles des documents : ce qui est exigé, ce qui vaut encore, ce qui manque. Fonctions pures."""

import datetime as dt
from dataclasses import dataclass, field

from commune.regles import decaler

RENOUVELER = 45  # jours avant l'expiration où l'on peut déjà envoyer la suivante

MOTS = {
    "a_envoyer": "à envoyer",
    "envoyee": "envoyé",
    "validee": "validé",
    "refusee": "refusé",
    "expiree": "expiré",
}
PASTILLES = {
    "a_envoyer": "a-envoyer",
    "envoyee": "envoye",
    "validee": "valide",
    "refusee": "refuse",
    "expiree": "expire",
}
LEGENDE = [
    ("a_envoyer", "la mairie l'attend de vous"),
    ("envoyee", "reçu, la mairie va le vérifier ; vous pouvez encore le remplacer"),
    ("validee", "vérifié par la mairie, rien à faire"),
    ("refusee", "à renvoyer : la raison est écrite dessous"),
    ("expiree", "trop ancien, envoyez-en un récent"),
]


@dataclass
class Attente:
    """Un document attendu d'un foyer, ou d'un de ses enfants, et où il en est.

    ``piece`` est celle qui compte (voir ``retenir``), d'un autre foyer de l'enfant si ``d_ailleurs`` ;
    ``historique``, tous les envois de ce foyer, le plus récent d'abord.
    """

    type: object
    enfant: object | None
    exigee: bool
    etat: str
    piece: object | None = None
    jour: dt.date | None = None
    d_ailleurs: bool = False
    historique: list = field(default_factory=list)

    @property
    def manque(self):
        """Vrai si son absence empêche d'inscrire : exigé, et ni envoyé ni valable."""
        return self.exigee and self.etat in ("a_envoyer", "refusee", "expiree")

    @property
    def mot(self):
        return MOTS[self.etat]

    @property
    def pastille(self):
        return PASTILLES[self.etat]

    @property
    def a_renouveler(self):
        """Encore valable, mais plus pour longtemps."""
        expire = self.piece.expire_le if self.etat == "validee" else None
        return expire is not None and expire - self.jour <= dt.timedelta(days=RENOUVELER)

    @property
    def envoyable(self):
        """Ce que la mairie a validé ne se remplace pas, sauf à l'approche de sa fin."""
        return self.etat != "validee" or self.a_renouveler

    @property
    def cle(self):
        """Ce qui le nomme dans une adresse : ``type-enfant``, l'enfant valant 0 pour le foyer."""
        return f"{self.type.pk}-{self.enfant.pk if self.enfant else 0}"


def est_valable(piece, jour):
    return piece.etat == "validee" and (piece.expire_le is None or piece.expire_le >= jour)


def retenir(pieces, jour):
    """La pièce qui compte parmi les envois d'un document, du plus récent au plus ancien ; ``None`` s'il n'y en a pas.

    Un envoi à vérifier passe devant. Un renouvellement refusé n'annule pas une pièce encore valable.
    """
    vives = [piece for piece in pieces if piece.etat != "remplacee"]
    if not vives or vives[0].etat == "envoyee":
        return vives[0] if vives else None
    return next((piece for piece in vives if est_valable(piece, jour)), vives[0])


def etat(piece, jour):
    if piece is None:
        return "a_envoyer"
    return "expiree" if piece.etat == "validee" and not est_valable(piece, jour) else piece.etat


def expiration(jour, mois):
    """La date où expire une pièce validée ce ``jour`` pour ``mois`` mois ; ``None`` si elle vaut toujours.

    >>> expiration(dt.date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    return decaler(jour, mois) if mois else None


def condition_remplie(condition, *, garde_partagee, pai, prelevement):
    """La condition d'une pièce est-elle remplie ? Voir ``TypePiece.Condition``."""
    faits = {"toujours": True, "garde": garde_partagee, "pai": pai, "prelevement": prelevement}
    return faits[condition]


def montree(portee, remplie):
    """Une pièce du foyer se montre même quand sa condition n'est pas remplie : la famille sait mieux que nous."""
    return remplie or portee == "famille"
