"""La seule page de la commune : son logo, que montre la page de connexion."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from .contexte import courante
from .fichiers import servir


@require_safe
@login_not_required
@cache_control(public=True, max_age=3600)
def logo(request):
    if not courante().logo:
        raise Http404
    return servir(courante().logo, "logo.png", voir=True)
