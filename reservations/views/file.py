"""La file d'une ouverture : la page que tout le monde ouvre à la même seconde.

Elle se prépare une fois par minute et par processus ; chaque visite n'y écrit que ses nombres. Elle dit elle-même dans
combien de secondes revenir, pour que deux mille cinq cents foyers ne fassent que soixante demandes par seconde.
"""

from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from commune.contexte import courante

from .. import regles
from ..actions import quitter, revenir, suivre

PREPAREE = 60  # secondes
NOMBRES = ("numero", "rang", "devant", "passes", "salle", "attente", "delai", "dans")  # écrits à chaque visite


@require_safe
def file_ouverture(request, pk):
    """Le rang du foyer. Son tour venu, la page mène à l'ouverture ; la file levée, aussi."""
    maintenant = timezone.now()
    ici = suivre(pk, request.user, maintenant)
    if ici is None:
        raise Http404
    if ici.finie_le or ici.est_admis(maintenant) or not ici.arrive_le:
        return redirect("reservations:ouverture", pk)
    if ici.a_passe(maintenant):
        return render(request, "reservations/file_passee.html", {"pk": pk, "nom": ici.nom, "minutes": ici.minutes})
    ouverte = maintenant >= ici.ouvre_le
    page = _preparee(pk, ici, ouverte)
    for nom, valeur in (_dans_la_file(ici, maintenant) if ouverte else _avant(ici, maintenant)).items():
        page = page.replace(f"@{nom}@", str(valeur))
    return HttpResponse(page)


def _preparee(pk, ici, ouverte):
    """La page entière, un @nom@ à la place de chaque nombre."""

    def composer():
        return render_to_string("reservations/file.html", {
            "pk": pk, "nom": ici.nom, "ouverte": ouverte, "minutes": ici.minutes, "commune": courante(),
            "ouvre_le": ici.ouvre_le, **{nom: f"@{nom}@" for nom in NOMBRES},
        })  # fmt: skip

    return caches["local"].get_or_set(f"file-{pk}-{ouverte}-{ici.ouvre_le.timestamp()}", composer, PREPAREE)


def _avant(ici, maintenant):
    secondes = (ici.ouvre_le - maintenant).total_seconds()
    return {
        "numero": ici.numero,
        "dans": regles.minutes_dites(int(secondes // 60)) if secondes >= 60 else "moins d'une minute",
        "delai": regles.delai_avant(secondes, ici.avant),
    }


def _dans_la_file(ici, maintenant):
    secondes = min(regles.RYTHME, maintenant - ici.ouvre_le).total_seconds()
    estimation = regles.attente_estimee(ici.devant, ici.a_la_fois, ici.minutes, ici.admis_recents, secondes)
    return {
        "numero": ici.numero,
        "rang": regles.rang_dit(ici.rang),
        "devant": regles.devant_dit(ici.devant),
        "passes": ici.avant - ici.devant,
        "salle": ici.en_salle,
        "attente": regles.phrase_attente(estimation),
        "delai": regles.delai_dans_la_file(ici.devant, ici.a_la_fois),
    }


@require_POST
def quitter_la_file(request, pk):
    """« J'ai fini » : la place est au suivant."""
    if not quitter(pk, request.user, timezone.now()):
        raise Http404
    return redirect("reservations:file", pk)


@require_POST
def revenir_dans_la_file(request, pk):
    """Le temps fini, reprendre un rang derrière ceux qui sont là."""
    if not revenir(pk, request.user, timezone.now()):
        raise Http404
    return redirect("reservations:file", pk)
