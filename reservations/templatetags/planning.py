"""Les cases du planning, écrites en une passe.

Le moteur de gabarits relit chaque variable de chaque case : sur une semaine de 28 cases il coûte 4 ms, ceci 0,4 ;
sur les 500 cases d'une année, 14 ms et 1. Tout ce qu'a écrit une personne passe par ``escape``.
"""

from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe

register = template.Library()
echapper = lru_cache(maxsize=1024)(escape)  # les mêmes noms et les mêmes phrases reviennent à chaque case


@register.simple_tag
def cases(jour):
    """Les cases d'une journée : une coche où l'on peut, un mot où l'on ne peut pas."""
    return mark_safe("".join(map(_case, jour.cases)))


def _case(case):
    if case is None:
        return '<div class="case case-vide"></div>'
    return _coche(case) if case.modifiable else _mot(case)


def _nom(case):
    return f'<span class="case-nom">{echapper(case.nom)} <i>{case.horaires}</i></span>'


def _coche(case):
    raison = f' aria-describedby="r{case.seance}"' if case.raison else ""
    return (
        f'<label class="case {case.classe}" id="c{case.seance}">'
        f'<input type="checkbox" name="seance" value="{case.seance}"{" checked" if case.cochee else ""}{raison}>'
        f"{_nom(case)}"
        f'<span class="sr">, {case.jour}{f", {echapper(case.phrase)}" if case.dite else ""}</span>'
        f'<span class="case-mot"></span>'
        f"{'' if case.dite else _limite(case)}{_raison(case)}</label>"
    )


def _mot(case):
    excuser = ""
    if case.excuser:
        adresse = reverse("reservations:excuser", args=[case.excuser])
        excuser = f'<a class="case-lien" href="{adresse}">Excuser<span class="sr"> l\'absence du {case.jour}</span></a>'
    return (
        f'<div class="case {case.classe}" id="c{case.seance}"{" tabindex=-1" if case.raison else ""}>{_nom(case)}'
        f'<span class="case-mot">{echapper(case.mot)}</span>{_limite(case)}{excuser}{_raison(case)}</div>'
    )


def _limite(case):
    return f'<span class="case-limite">{echapper(case.phrase)}</span>' if case.phrase else ""


def _raison(case):
    """Dans la case, la raison sans le nom de la case, que l'on a sous les yeux."""
    if not case.raison:
        return ""
    ici, _, raison = case.raison.partition(" : ")
    raison = raison or ici
    return f'<span class="case-raison" id="r{case.seance}">{escape(raison[:1].upper() + raison[1:])}</span>'


@register.simple_tag
def jours_du_mois(mois):
    """Les rangées d'un petit calendrier : le quantième, et pour qui ne le voit pas, ce qui est réservé."""
    return mark_safe("".join(f"<tr>{''.join(map(_jour, semaine))}</tr>" for semaine in mois.semaines))


def _jour(jour):
    if jour.dehors:
        return '<td class="mois-hors"></td>'
    return f'<td class="{jour.classe}">{jour.date.day}<span class="sr"> {echapper(jour.mot)}</span></td>'
