"""La couleur de la commune, et la page qui montre tous les composants."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from commune import regles
from commune.contexte import courante

from .dessin_exemples import exemples


def nuances(accent):
    """Les propriétés CSS de l'accent, en clair puis en sombre (voir ``commune.regles.nuances``)."""
    return [
        {f"--{nom.replace('_', '-')}": couleur for nom, couleur in une.items()} for une in regles.nuances(accent)
    ]


@login_not_required
@cache_control(public=True, max_age=24 * 3600)
def accent(request):
    """``/accent.css`` : base.html y joint la couleur en paramètre, qui change l'adresse quand elle change."""
    regles_css = (
        ";".join(f"{nom}:{valeur}" for nom, valeur in n.items()) for n in nuances(courante().accent)
    )
    clair, sombre = regles_css
    css = f":root{{{clair}}}@media screen and (prefers-color-scheme:dark){{:root{{{sombre}}}}}"
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@login_not_required
def dessin(request):
    """Chaque composant, dans chacun de ses états ; 404 hors d'une machine d'essai."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    messages.success(request, "Le planning de Hugo est enregistré : 4 repas ajoutés.")
    messages.error(request, "Le repas du mardi 1er septembre n'est pas réservé : il n'y a plus de place.")
    return render(request, "portail/dessin.html", exemples())
