"""Les cases du planning, écrites en une passe.

Le moteur de gabarits relit chaque variable de chaque case. Mesuré (temps de processeur, page entière, machine
chargée) : la semaine passe de 15,4 à 12,0 ms, le mois de 13,1 à 9,3. Tout ce qu'a écrit une personne passe par
``escape``.
"""

from functools import lru_cache

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

from commune.adresses import adresse

from ..regles import Statut

register = template.Library()
ISO = "%Y-%m-%dT%H:%M:%SZ"
echapper = lru_cache(maxsize=1024)(escape)  # les mêmes noms et les mêmes phrases reviennent à chaque case


@register.simple_tag
def colonnes(semaine):
    """La tête de la grille : les jours, leurs limites, et sur un téléphone de quoi n'en regarder qu'un."""
    jours = "".join(_colonne(rang, jour) for rang, jour in enumerate(semaine.jours, 1))
    return mark_safe(
        '<tr><td class="coin"><label><input type="radio" name="vue" value="0" checked>'
        f"<span>Toute la semaine</span></label></td>{jours}</tr>"
    )


def _colonne(rang, jour):
    quand = f"{jour.nom} {jour.quantieme} {jour.mois}"
    court = f'<abbr>{jour.court}</abbr> <b>{jour.quantieme}</b> <i>{jour.mois}</i>'
    dite = f'<small>{echapper(jour.ferme)}</small>' if jour.ferme else _limite_du_jour(jour)
    return (
        f'<th class="jour{jour.classe}" scope="col"><label><input type="radio" name="vue" value="{rang}">'
        f'<span class="sr" id="j{rang}">{quand}</span><span aria-hidden="true">{court}</span></label>{dite}</th>'
    )


def _limite_du_jour(jour):
    if not jour.limite:
        return ""
    modifiable = '<span class="sr">modifiable </span>' if jour.modifiable else ""
    return f"<small{_fin(jour.fin)}>{modifiable}{echapper(jour.limite_dite)}</small>"


def _fin(instant):
    """L'instant d'une limite proche, pour que la page le compte dans les dernières heures."""
    return f' class="proche" data-fin="{instant:{ISO}}"' if instant else ""


@register.simple_tag
def rangees(semaine):
    """Le corps de la grille : un groupe de rangées par enfant, une rangée par activité, une case par jour."""
    seul, colonnes = len(semaine.enfants) == 1, len(semaine.jours)
    return mark_safe("".join(
        _groupe(rang, vu, colonnes, seul) for rang, vu in enumerate(semaine.enfants)
    ))


def _groupe(rang, vu, colonnes, seul):
    lignes = "".join(_rangee(rang, n, ligne, colonnes) for n, ligne in enumerate(vu.lignes))
    if not lignes:
        lignes = f'<tr class="sans"><td colspan="{colonnes + 1}">Rien à réserver cette semaine.</td></tr>'
    return f"<tbody>{_enfant(rang, vu, colonnes, seul)}{lignes}</tbody>"


def _enfant(rang, vu, colonnes, seul):
    prenom = echapper(vu.enfant.prenom)
    if seul:
        return f'<tr class="sr"><th colspan="{colonnes + 1}" scope="rowgroup" id="e{rang}">{prenom}</th></tr>'
    copier = ""
    if any(ligne.modifiables for ligne in vu.lignes):
        copier = (
            f'<button class="lien" name="copier" value="{vu.enfant.pk}">Mêmes jours pour les autres'
            f'<span class="sr"> que {prenom}</span></button>'
        )
    ou = adresse("reservations:planning_enfant", vu.enfant.pk)
    return (
        f'<tr class="enfant"><th colspan="{colonnes + 1}" scope="rowgroup">'
        f'<span class="gommette gommette-{rang}" aria-hidden="true">{echapper(vu.enfant.prenom[:1])}</span>'
        f'<a href="{ou}" id="e{rang}">{prenom}</a>{copier}</th></tr>'
    )


def _rangee(rang, n, ligne, colonnes):
    nom = f"a{rang}-{n}"
    cases = "".join(
        _case(case, f"e{rang} {nom} j{jour}") for jour, case in enumerate(ligne.cases[:colonnes], 1)
    )
    return (
        f'<tr><th scope="row"><span id="{nom}">{echapper(ligne.activite.nom)} <i>{ligne.horaires}</i></span></th>'
        f"{cases}</tr>"
    )


def _case(case, nom):
    if case is None:
        return "<td></td>"
    return f"<td>{_coche(case, nom) if case.modifiable else _mot(case, nom)}</td>"


def _coche(case, nom):
    dit = f"p{case.numero}" if case.numero is not None else ""
    decrit = " ".join(filter(None, (case.raison and f"r{case.cle}", dit)))
    decrit = f' aria-describedby="{decrit}"' if decrit else ""
    prix = f'<span class="case-prix" id="x{case.cle}"></span>' if case.statut == Statut.HORS_DELAI else ""
    limite = f' data-limite="{case.fin:{ISO}}"' if case.se_ferme else ""
    return (
        f'<label class="case {case.classe}" id="c{case.cle}"{limite}>'
        f'<input type="checkbox" name="case" value="{case.cle}" aria-labelledby="{nom}"'
        f'{decrit}{" checked" if case.cochee else ""}>'
        f'<span class="case-mot"></span>{prix}{"" if case.dite else _limite(case, True)}{_raison(case)}</label>'
    )


def _mot(case, nom):
    excuser = ""
    if case.excuser:
        ou = adresse("reservations:excuser", case.excuser)
        moi = f"x{case.cle}"
        mot, dit = ("Voir", f"{moi} m{case.cle}") if case.excusee else ("Excuser", moi)
        excuser = f'<a class="case-lien" href="{ou}" id="{moi}" aria-labelledby="{dit} {nom}">{mot}</a>'
    return (
        f'<div class="case {case.classe}" id="c{case.cle}" role="group" aria-labelledby="{nom}"'
        f'{" tabindex=-1" if case.raison else ""}>'
        f'<span class="case-mot" id="m{case.cle}">{echapper(case.mot)}</span>'
        f"{_limite(case)}{excuser}{_liste(case, nom)}{_raison(case)}</div>"
    )


def _liste(case, nom):
    """Le lien vers la liste d'attente de la séance : y entrer, y lire son rang."""
    if not case.attendre:
        return ""
    ou, moi = adresse("reservations:attente", *map(int, case.cle.split("-"))), f"l{case.cle}"
    mot = "Voir la liste" if case.statut == Statut.ATTENTE else "Me mettre sur la liste"
    return f'<a class="case-lien" href="{ou}" id="{moi}" aria-labelledby="{moi} {nom}">{mot}</a>'


def _limite(case, muette=False):
    """La limite écrite dans la case ; muette, elle ne s'y lit qu'à l'œil, la case y renvoie déjà."""
    if not case.phrase:
        return ""
    muet = " aria-hidden=true" if muette else ""
    fin = f' data-fin="{case.fin:{ISO}}"' if case.fin else ""
    return f'<span class="case-limite{" proche" if fin else ""}"{muet}{fin}>{echapper(case.phrase)}</span>'


def _raison(case):
    """Dans la case, la raison sans le nom de la case, que l'on a sous les yeux."""
    if not case.raison:
        return ""
    ici, _, raison = case.raison.partition(" : ")
    raison = raison or ici
    return f'<span class="case-raison" id="r{case.cle}">{escape(raison[:1].upper() + raison[1:])}</span>'


@register.simple_tag
def limites(semaine):
    """Les limites de la page, chacune une fois : les cases y renvoient, et la barre du bas les répète."""
    return mark_safe("".join(
        f'<li id="p{n}"{_fin(fin)}>{echapper(phrase)}</li>' for n, (phrase, fin) in enumerate(semaine.phrases)
    ))


@register.simple_tag
def jours_du_mois(mois, enfant=None):
    """Les rangées d'un mois. Avec un ``enfant``, le grand : chaque jour nomme ses activités et mène à sa semaine."""
    if enfant is None:
        return mark_safe("".join(f"<tr>{''.join(map(_petit_jour, semaine))}</tr>" for semaine in mois.semaines))
    semaine_de = adresse("reservations:planning_enfant", enfant)
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
