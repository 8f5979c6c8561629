"""Les sommes et les jours, en français."""

from decimal import ROUND_HALF_UP, Decimal

CENTIME = Decimal("0.01")
ZERO = Decimal("0.00")


def arrondir(montant):
    """Au centime, le demi-centime vers le haut."""
    return montant.quantize(CENTIME, ROUND_HALF_UP)


def euros(montant):
    """``1 234,50 €``, à la française, espaces insécables."""
    entier, _, centimes = f"{abs(montant):,.2f}".replace(",", "\u00a0").partition(".")
    return f"{'−' if montant < 0 else ''}{entier},{centimes}\u00a0€"


def dire_jours(jours):
    """« les 1er, 3, 4 et 7 », « le 12 » : les jours d'un même mois."""
    mots = ["1er" if jour.day == 1 else str(jour.day) for jour in jours]
    if len(mots) == 1:
        return f"le {mots[0]}"
    return f"les {', '.join(mots[:-1])} et {mots[-1]}"


def intitule(genre, nom):
    """Ce qu'on lit sur la facture : « Repas » à midi, sinon le nom de l'activité."""
    return "Repas" if genre == "midi" else nom


def phrase(texte, jour, montant, pourquoi):
    """« Repas du 12/11, tranche 3 (QF 742, attestation CAF du 02/09), 2e enfant (−10 %) : 2,85 € »."""
    return f"{texte} du {jour:%d/%m}, {pourquoi} : {euros(montant)}"
