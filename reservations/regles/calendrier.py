"""Quand une activité a lieu, et pourquoi elle n'a pas lieu.

Une fermeture est tout objet qui a ``debut`` et ``fin`` (dates comprises), ``motif``, ``libelle`` et
``ecole_id`` (``None`` : toute la commune) ; une activité, tout objet qui a ``genre``, ``site_id`` et
``jours``.
"""

import datetime as dt

from commune.regles import est_ferme, fermeture_du, jours

VACANCES, UNE_SEMAINE = "vacances", dt.timedelta(days=7)


def fermeture(jour, activite, fermetures):
    """La fermeture qui empêche l'activité ce ``jour``, ou ``None``.

    Les vacances scolaires ne ferment pas une activité de vacances ; un férié, une grève ou un pont la ferment.
    """
    if activite.genre == VACANCES:
        fermetures = [f for f in fermetures if f.motif != VACANCES]
    return fermeture_du(jour, fermetures, activite.site_id)


def a_lieu(jour, activite, fermetures):
    """L'activité a-t-elle lieu ce ``jour`` ? Une activité de vacances, seulement pendant les vacances."""
    if jour.weekday() not in activite.jours or fermeture(jour, activite, fermetures):
        return False
    vacances = [f for f in fermetures if f.motif == VACANCES]
    return activite.genre != VACANCES or est_ferme(jour, vacances, activite.site_id)


def jours_du_site(debut, fin, activites, fermetures):
    """Les jours d'ouverture d'un site, de ``debut`` à ``fin`` compris : ceux où l'une de ses activités a lieu."""
    return [j for j in jours(debut, fin) if any(a_lieu(j, a, fermetures) for a in activites)]


def premier_jour_utile(aujourdhui):
    """Le jour dont le planning montre la semaine : le samedi et le dimanche, on vient réserver celle qui suit."""
    return aujourdhui + UNE_SEMAINE if aujourdhui.weekday() > 4 else aujourdhui
