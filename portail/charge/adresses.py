"""Les adresses du portail, et les pages nues qui mesurent ce que le serveur sait faire au mieux."""

from functools import cache

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from portail.urls import *  # noqa: F403
from portail.urls import urlpatterns as _celles_du_portail

# Le cadre du portail, puis une boucle sur des cases toutes prêtes : aucune requête, aucune règle, le même poids.
NUE = """{% extends "base.html" %}{% block title %}Page nue{% endblock %}{% block contenu %}<h1>Page nue</h1>
{% for c in cases %}<label class="case {{ c.classe }}"><input type="checkbox" name="seance" value="{{ c.seance }}">
<span class="case-nom">{{ c.nom }} <i>{{ c.horaires }}</i></span><span class="case-mot">{{ c.mot }}</span></label>
{% endfor %}<p>{{ reste }}</p>{% endblock %}"""


@cache
def _gabarit():
    return engines["django"].from_string(NUE)


def nue(request, cases, octets):
    """Une page de ``octets`` octets et de ``cases`` cases, la famille connectée comme sur le planning."""
    contexte = {"cases": [
        {"classe": "case-libre", "seance": n, "nom": "Restauration", "horaires": "12 h – 13 h 30", "mot": "Libre"}
        for n in range(cases)
    ], "reste": ""}  # fmt: skip
    page = _gabarit().render(contexte, request)
    manque = octets - len(page.encode())
    return HttpResponse(page.replace("<p></p>", f"<p>{'x' * manque}</p>", 1) if manque > 0 else page)


urlpatterns = [*_celles_du_portail, path("charge/nue/<int:cases>/<int:octets>/", nue)]
