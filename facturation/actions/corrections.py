"""Corriger une facture émise quand le quotient arrive après coup : un avoir, jamais la facture."""

from django.core.exceptions import ValidationError
from django.db import transaction

from facturation import regles
from facturation.models import Facture, LigneCorrigee, reviser_factures

from .caisse import emettre_avoir, reste_a_rendre


@transaction.atomic
def corriger(facture, vu, compte, maintenant):
    """Rend par un avoir ce que les quotients d'aujourd'hui retirent à cette facture, et rend l'``Avoir``.

    ``vu`` est le montant (euros) que la régie a relu : s'il a changé, rien n'est émis. Relancée, elle ne rend rien deux
    fois. Lève ``ValidationError`` (codes ``rien``, ``change``, ``trop``).
    """
    # Verrouillée d'abord, recalculée ensuite : deux clics en même temps ne rendent qu'une fois.
    facture = Facture.objects.select_for_update(of=["self"]).select_related("famille").get(pk=facture.pk)
    ((_, revision),) = reviser_factures([facture])
    montant = revision.rendre
    if not montant:
        raise ValidationError("Il n'y a plus rien à rendre sur cette facture.", code="rien")
    if montant != vu:
        raise ValidationError(
            f"Le montant a changé depuis que vous l'avez lu : {regles.euros(montant)}. Relisez, puis émettez.",
            code="change",
        )
    if montant > (reste := reste_a_rendre(facture)):
        raise ValidationError(f"Il ne reste que {regles.euros(reste)} à rendre sur cette facture.", code="trop")
    avoir = emettre_avoir(facture, montant, _motif(revision), compte, maintenant)
    LigneCorrigee.objects.bulk_create(
        LigneCorrigee(ligne=e.ligne, avoir=avoir, montant=e.rendre, quotient=e.quotient, regle=e.pourquoi)
        for e in revision.ecarts
    )
    return avoir


def _motif(revision):
    valeurs = list(dict.fromkeys(str(ecart.quotient) for ecart in revision.ecarts))
    n, s = len(revision.ecarts), "s" if len(revision.ecarts) > 1 else ""
    return f"Quotient familial reçu après coup (QF {', '.join(valeurs)}) : {n} prestation{s} revue{s}"
