"""Suspendre les réservations des foyers qui doivent de l'argent, si la commune l'a choisi, et les rouvrir."""

import datetime as dt

from django.db import transaction

from commune.models import Commune
from commune.regles import dire_le_jour, jour_de_paris
from facturation.models import Facture, echelonnees
from familles.models import Famille


@transaction.atomic
def suspendre_impayes(maintenant):
    """Suspend chaque foyer dont une facture attend depuis plus longtemps que le réglage de la commune, rouvre les
    autres. Rend ``(suspendus, rouverts)`` ; la relancer ne change rien. Sans le réglage, tous sont rouverts.
    """
    dus = _dus(maintenant)
    rouverts = [f for f in Famille.objects.exclude(suspendue_le=None).order_by("pk") if f.pk not in dus]
    _rouvrir(rouverts)
    suspendus = list(Famille.objects.filter(pk__in=dus, suspendue_le=None).order_by("pk"))
    for famille in suspendus:
        famille.suspendue_le, famille.suspendue_motif = maintenant, _motif(dus[famille.pk])
    Famille.objects.bulk_update(suspendus, ["suspendue_le", "suspendue_motif"], batch_size=500)
    return len(suspendus), len(rouverts)


def rouvrir_si_paye(famille, maintenant):
    """Après un règlement, un avoir, un échéancier : le foyer qui ne doit plus rien d'ancien rouvre aussitôt."""
    rouvrir_si_payes([famille.pk], maintenant)


def rouvrir_si_payes(foyers, maintenant):
    """De même pour tous ces foyers (leurs clés) ; quatre requêtes au plus."""
    suspendus = list(Famille.objects.filter(pk__in=foyers).exclude(suspendue_le=None).order_by("pk"))
    if suspendus:
        dus = _dus(maintenant, [famille.pk for famille in suspendus])
        _rouvrir([famille for famille in suspendus if famille.pk not in dus])


def _dus(maintenant, familles=None):
    """``{foyer: la plus ancienne échéance dépassée}``, échéanciers tenus à part ; sans suspension, rien."""
    commune = Commune.objects.first()
    if not commune or not commune.bloquer_impayes:
        return {}
    avant = jour_de_paris(maintenant) - dt.timedelta(days=commune.impayes_jours)
    factures = Facture.objects.filter(echeance__lt=avant).impayees()
    factures = factures if familles is None else factures.filter(famille__in=familles)
    # Un échéancier tenu vaut promesse : il ne suspend personne.
    tenues = echelonnees(jour_de_paris(maintenant), familles)
    factures = factures.exclude(pk__in=tenues) if tenues else factures
    return dict(factures.order_by("-echeance").values_list("famille", "echeance"))


def _rouvrir(familles):
    Famille.objects.filter(pk__in=[f.pk for f in familles]).update(suspendue_le=None, suspendue_motif="")


def _motif(echeance):
    return f"une facture attend depuis le {dire_le_jour(echeance)}."
