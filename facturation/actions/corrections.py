"""Corriger une facture émise quand un quotient ou une excuse arrive après elle : un avoir, jamais la facture."""

from django.core.exceptions import ValidationError
from django.db import transaction

from facturation import regles
from facturation.models import Facture, LigneCorrigee, LigneRendue, reviser_factures
from familles.actions import ecrire_aux_foyers

from .caisse import emettre_avoir, reste_a_rendre


@transaction.atomic
def corriger(facture, vu, compte, maintenant):
    """Rend par un avoir ce que les quotients et les excuses d'aujourd'hui retirent à cette facture ; l'écrit au foyer.

    ``vu`` est le montant (euros) que la régie a relu : s'il a changé, rien n'est émis. Relancée, elle ne rend rien deux
    fois. Rend l'``Avoir``. Lève ``ValidationError`` (codes ``rien``, ``change``, ``trop``).
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
    _noter(avoir, revision)
    ecrire_aux_foyers("facturation/courriels/facture_corrigee", {facture.famille_id: {"facture": facture}})
    return avoir


def _noter(avoir, revision):
    """Ce que l'avoir rend, ligne à ligne : une part pour un quotient, toute la ligne pour une absence excusée."""
    ecarts = revision.ecarts if revision.du_quotient else []
    LigneCorrigee.objects.bulk_create(
        LigneCorrigee(ligne=e.ligne, avoir=avoir, montant=e.rendre, quotient=e.quotient, regle=e.pourquoi)
        for e in ecarts
    )
    LigneRendue.objects.bulk_create(LigneRendue(ligne=e.ligne, avoir=avoir) for e in revision.excusees)


def _motif(revision):
    motifs = []
    if revision.du_quotient:
        valeurs = list(dict.fromkeys(str(ecart.quotient) for ecart in revision.ecarts))
        revues = _compter(revision.ecarts, "revue")
        motifs.append(f"Quotient familial reçu après coup (QF {', '.join(valeurs)}) : {revues}")
    if revision.excusees:
        motifs.append(f"Absence excusée après la facture : {_compter(revision.excusees, 'rendue')}")
    return " ; ".join(motifs)


def _compter(ecarts, mot):
    s = "s" if len(ecarts) > 1 else ""
    return f"{len(ecarts)} prestation{s} {mot}{s}"
