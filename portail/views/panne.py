"""Quand rien ne va : dire la vérité. Une base muette ou débordée n'est ni « complet », ni votre faute."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader
from django.views.defaults import server_error

REESSAYER = "20"  # secondes ; la page réessaie toute seule


def erreur(request):
    """500 ; ou 503 « réessayez, votre rang est gardé » si c'est la base qui manque. Ne demande rien à la base."""
    if not base_en_panne(sys.exc_info()[1]):
        return server_error(request)
    contexte = {"recharger": request.method in ("GET", "HEAD"), "delai": REESSAYER}
    return HttpResponse(
        loader.get_template("503.html").render(contexte), status=503, headers={"Retry-After": REESSAYER}
    )


def base_en_panne(exception):
    """Cette erreur, ou celle d'où elle vient, dit-elle que la base ne répond pas ?"""
    while exception:
        if isinstance(exception, (OperationalError, InterfaceError)):
            return True
        exception = exception.__cause__ or exception.__context__
    return False
