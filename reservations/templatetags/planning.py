"""Les cases du planning, écrites en une passe.

Le moteur de gabarits relit chaque variable de chaque case. Mesuré (temps de processeur, page entière, machine
chargée) : la semaine passe de 15,4 à 12,0 ms, le mois de 13,1 à 9,3. Tout ce qu'a écrit une personne passe par
``escape``.
"""

from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe

from ..regles import Statut

LISTES = {Statut.ATTENTE: "Voir la liste", Statut.PROPOSE: "Répondre"}
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
        f'<span class="case-mot">{echapper(case.mot)}</span>{_limite(case)}{excuser}{_liste(case)}{_raison(case)}</div>'
    )


def _liste(case):
    """Le lien vers la liste d'attente de la séance : y entrer, y lire son rang, répondre."""
    if not case.attendre:
        return ""
    adresse = reverse("reservations:attente", args=[case.attendre, case.seance])
    mot = LISTES.get(case.statut, "Me mettre sur la liste")
    suite = f'<span class="sr"> : {echapper(case.nom)}, {case.jour}</span>'
    return f'<a class="case-lien" href="{adresse}">{mot}{suite}</a>'


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
def bande(jours):
    """Sur un téléphone, la semaine en sept liens, un point par activité : plein, elle est réservée."""
    return mark_safe("".join(f"<li>{_lien(rang, jour)}</li>" for rang, jour in enumerate(jours, 1)))


def _lien(rang, jour):
    if jour.vide:
        return f"<span>{jour.court}<b>{jour.date.day}</b></span>"
    points = "".join(f"<span{' class=pris' if case.reservee else ''}></span>" for case in jour.cases if case)
    classe = ' class="aujourdhui"' if jour.aujourdhui else ""
    return f'<a href="#j{rang}"{classe}>{jour.court}<b>{jour.date.day}</b><i aria-hidden="true">{points}</i></a>'


@register.simple_tag
def jours_du_mois(mois, enfant=None):
    """Les rangées d'un mois. Avec un ``enfant``, le grand : chaque jour nomme ses activités et mène à sa semaine."""
    if enfant is None:
        return mark_safe("".join(f"<tr>{''.join(map(_petit_jour, semaine))}</tr>" for semaine in mois.semaines))
    semaine_de = reverse("reservations:planning_enfant", args=[enfant])
    rangees = (f"<tr>{''.join(_grand_jour(jour, semaine_de) for jour in semaine)}</tr>" for semaine in mois.semaines)
    return mark_safe("".join(rangees))


def _petit_jour(jour):
    if jour.dehors:
        return '<td class="mois-hors"></td>'
    return f'<td class="{jour.classe}">{jour.date.day}<span class="sr"> {echapper(jour.mot)}</span></td>'


def _grand_jour(jour, semaine_de):
    if jour.dehors:
        return '<td class="mois-hors"></td>'
    motif = f'<span class="mois-motif">{echapper(jour.ferme)}</span>' if jour.ferme else ""
    return (
        f'<td class="{jour.classe}"><a href="{semaine_de}?jour={jour.iso}"><b>{jour.date.day}</b>{motif}'
        f"{''.join(map(_marque, jour.marques))}</a></td>"
    )


def _marque(marque):
    return (
        f'<span class="jour-marque {marque.classe}">'
        f'<span aria-hidden="true" class="marque-lettre">{marque.lettre}</span>'
        f'<span class="marque-nom">{echapper(marque.nom)}</span>'
        f'<span class="sr"> : {echapper(marque.mot)}. </span></span>'
    )
