"""Déposer : un bordereau numéroté sans trou, sur lequel chaque règlement n'est qu'une fois."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris
from facturation.models import Bordereau, Depose, Reglement

from . import numeros
from .journees import refuser_jour_clos


@transaction.atomic
def deposer(moyen, reglements, compte, maintenant, *, depose_le=None):
    """Met ces règlements (leurs clés) sur un bordereau neuf et le rend ; tous, ou aucun.

    ``depose_le`` : date de Paris, aujourd'hui par défaut ; elle donne l'exercice du numéro. Lève ``ValidationError``
    (codes ``vide``, ``futur``, ``jour_clos``, ``moyen``, ``deja_depose``, ``trop_tot``).
    """
    depose_le = depose_le or jour_de_paris(maintenant)
    cles = set(reglements)
    if moyen not in Reglement.EN_CAISSE:
        raise ValidationError("On dépose des chèques, des espèces ou des titres.", code="moyen")
    if not cles:
        raise ValidationError("Cochez ce que vous déposez.", code="vide")
    if depose_le > jour_de_paris(maintenant):
        raise ValidationError("Un dépôt ne se fait pas dans le futur.", code="futur")
    refuser_jour_clos(depose_le)
    # Verrouillés dans l'ordre, puis relus : de deux bordereaux à la fois, le second trouve les règlements pris.
    trouves = list(Reglement.objects.select_for_update(of=("self",)).filter(pk__in=cles).order_by("pk"))
    libres = set(Reglement.objects.a_deposer().filter(pk__in=cles, moyen=moyen).values_list("pk", flat=True))
    if libres != cles:
        raise ValidationError(
            "Un de ces règlements est déjà déposé, ou annulé : relisez la liste.", code="deja_depose"
        )
    if any(recu.recu_le > depose_le for recu in trouves):
        raise ValidationError("Un de ces règlements est reçu après ce dépôt.", code="trop_tot")
    bordereau = Bordereau.objects.create(
        exercice=depose_le.year, numero=numeros.prendre(numeros.BORDEREAUX, depose_le.year), moyen=moyen,
        depose_le=depose_le, fait_le=maintenant, fait_par=compte,
    )  # fmt: skip
    Depose.objects.bulk_create(Depose(reglement=recu, bordereau=bordereau) for recu in trouves)
    return bordereau
