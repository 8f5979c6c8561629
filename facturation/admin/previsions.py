"""L'aperçu d'un mois sur la page « Prévoir » : calculé ici ou par une tâche, ses foyers à regarder page par page."""

from decimal import Decimal

from django.core.paginator import Paginator
from django.utils import timezone

from facturation import regles
from familles.models import Famille

from .. import actions
from ..models import Prevision

PAR_PAGE = 25  # foyers à regarder


def etat(request, mois):
    """Ce que la page montre de l'aperçu de ce mois ; dans une grande ville, le dernier calculé, ou où il en est."""
    if actions.se_calcule_ici():
        prevision = actions.prevoir(Prevision(mois=mois, demandee_le=timezone.now()))
        return {"prevision": prevision, "apercu": prevision} | a_regarder(request, prevision)
    prevision = Prevision.objects.select_related("demandee_par").filter(mois=mois).first()
    contexte = {"prevision": prevision, "a_part": True}
    if prevision and prevision.terminee_le:
        contexte |= {"apercu": prevision, "changee": prevision.changee()} | a_regarder(request, prevision)
    return contexte


def a_regarder(request, prevision):
    """Une page des foyers qui s'écartent de l'ordinaire, les plus grands écarts d'abord."""
    page = Paginator(prevision.ecarts, PAR_PAGE).get_page(request.GET.get("page"))
    noms = dict(Famille.objects.filter(pk__in=[foyer for foyer, *_ in page]).values_list("pk", "nom"))
    return {
        "page": page,
        "ecarts": [
            (foyer, noms[foyer], None if avant is None else Decimal(avant), Decimal(somme), regles.MOTS_D_ECART[raison])
            for foyer, avant, somme, raison in page if foyer in noms
        ],
    }
