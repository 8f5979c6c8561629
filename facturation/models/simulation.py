"""« Et si ? » : des tarifs appliqués aux vraies réservations d'une période passée. Rien n'est écrit."""

import datetime as dt
from collections import defaultdict
from itertools import groupby

from django.db import connection

from commune.memoire import ramassage_suspendu
from commune.models import AnneeScolaire
from facturation import regles
from familles.models import Famille

from .prestations import FAITS, RECUL, Mois, ranger

# Les mêmes faits que la facture, mais les jours tout à fait semblables d'un enfant tiennent en une rangée, avec leur
# nombre : six cent mille réservations en font quelques dizaines de milliers.
SEMBLABLES = f"""
SELECT famille, enfant, min(seance), min(jour), activite, reserve, hors_delai, pointage, excuse,
       CASE WHEN %(heures)s THEN arrivee END, CASE WHEN %(heures)s THEN depart END,
       CASE WHEN %(chaque_jour)s THEN certifie END, count(*)
FROM ({FAITS}) AS f (famille, enfant, seance, jour, activite, reserve, hors_delai, pointage, excuse, arrivee, depart,
                        certifie)
GROUP BY famille, enfant, activite, reserve, hors_delai, pointage, excuse, 10, 11, 12,
  CASE WHEN %(chaque_jour)s OR famille IS NULL OR famille = ANY(%(au_jour)s) THEN jour
       ELSE date_trunc('month', jour)::date END
"""


def simuler(tarifs, pourcentage, debut, fin):
    """La ``regles.Simulation`` de ces tarifs (ou projets) votés ensemble, changés de ``pourcentage`` pour cent, de
    ``debut`` à ``fin`` compris.

    Ils remplacent, pour les activités qu'ils concernent, les tarifs qui valaient chaque jour ; les autres ne comptent
    que pour la fratrie. ``debut`` est le premier d'un mois. Un nombre fixe de requêtes. Lève ``regles.TarifManquant``
    si rien ne valait un de ces jours.
    """
    periode, nouvelles, anciennes = Mois(debut, fin), {}, []
    for tarif in sorted(tarifs, key=lambda tarif: tarif.activite_id is not None):  # le plus précis l'emporte
        grille = tarif.grille()
        grille = regles.majorer(grille, pourcentage) if pourcentage else grille
        nouvelles |= {
            pk: grille for pk, activite in periode.activites.items()
            if tarif.concerne(activite) and (tarif.activite_id or not periode.grilles(pk))
        }  # fmt: skip
        anciennes += [*periode.grilles(tarif.activite_id), *periode.grilles(tarif.genre), grille]
    if any(grille.carence for grille in nouvelles.values()):
        periode.depuis = periode.debut - RECUL
    with ramassage_suspendu():
        foyers = list(_foyers(periode, nouvelles))
    return regles.dresser(foyers, regles.seuils_de(*anciennes))


def _foyers(periode, nouvelles):
    """Un ``regles.Foyer`` par foyer qui aurait quelque chose à payer, avant ou après ; ``nouvelles`` : activité →
    grille.
    """
    ailleurs = dict(Famille.objects.order_by().values_list("pk", "hors_commune"))
    quotients = periode.quotients(ailleurs)
    grilles = [*periode.toutes(), *nouvelles.values()]
    faits = _faits(periode, quotients, list(ailleurs), grilles)
    petits = periode.petits({fait.enfant for fait in faits})
    payes = _forfaits_payes(faits, periode) if any(grille.unite == regles.ANNEE for grille in grilles) else {}

    def apres(activite, jour):
        return nouvelles.get(activite) or periode.tarif_du(activite, jour)

    concernees = set(nouvelles)
    for foyer, siens in groupby(faits, key=lambda fait: fait.famille):
        sommes, siens_qf, connus = [regles.ZERO, regles.ZERO], quotients[foyer], {}
        for premier, du_mois in _par_mois(list(siens), periode):
            for n, tarif_du in enumerate((periode.tarif_du, apres)):
                donnees = regles.Donnees(
                    petits, ailleurs[foyer], siens_qf.du, tarif_du, periode.offre_de, premier, concernees,
                    payes.get((foyer, premier), frozenset()), connus,
                )  # fmt: skip
                lignes = regles.prestations_du_foyer(du_mois, donnees)
                sommes[n] += sum(ligne.prix.montant * ligne.fait.nombre for ligne in lignes)
        if any(sommes):
            dernier = siens_qf.du(periode.fin)
            valait = dernier and (dernier.perime is None or dernier.perime >= periode.debut)
            yield regles.Foyer(foyer, dernier.valeur if valait else None, *sommes)


def _forfaits_payes(faits, periode):
    """``(foyer, premier jour d'un mois)`` → les ``(enfant, activite)`` dont le forfait de l'année n'y est pas dû."""
    annees, par_annee, couples = list(AnneeScolaire.objects.order_by("fin")), defaultdict(list), defaultdict(set)

    def annee_de(premier):
        return next((annee.pk for annee in annees if annee.fin >= premier), annees and annees[-1].pk)

    for fait in faits:
        if fait.jour >= periode.debut:
            premier = regles.premier(fait.jour)
            par_annee[annee_de(premier)].append(fait)
            couples[fait.famille, premier].add((fait.enfant, fait.activite))
    premiers = {cle: regles.premiers_jours(siens) for cle, siens in par_annee.items()}
    payes = {}
    for (foyer, premier), siens in couples.items():
        de_l_annee = premiers[annee_de(premier)]
        ouverts = {couple: de_l_annee[couple] for couple in siens if couple in de_l_annee}
        payes[foyer, premier] = {
            couple for couple, fait in ouverts.items() if (fait.famille, regles.premier(fait.jour)) != (foyer, premier)
        }
    return payes


def _par_mois(faits, periode):
    """``[(premier jour du mois, ses faits), …]`` d'un foyer ; avec ceux des semaines d'avant s'il faut les relire."""
    par_mois = defaultdict(list)
    for fait in faits:
        par_mois[regles.premier(fait.jour)].append(fait)
    for premier, siens in par_mois.items():
        if premier < regles.premier(periode.debut):
            continue
        avant = []
        if periode.depuis < periode.debut:
            veille = premier - dt.timedelta(days=1)
            avant = [f for f in par_mois.get(regles.premier(veille), ()) if f.jour >= premier - RECUL]
        yield premier, avant + siens


def _faits(periode, quotients, foyers, grilles):
    """Les ``Fait`` de la période, semblables réunis, triés par foyer puis par jour."""
    places = {
        "foyers": foyers, "debut": periode.depuis, "fin": periode.fin,
        "au_jour": [foyer for foyer, siens in quotients.items() if _change_en_cours_de_mois(siens, periode)],
        "chaque_jour": any(grille.par_jour for grille in grilles) or not periode.par_mois_entiers,
        "heures": any(grille.par_jour or grille.unite == regles.DUREE for grille in grilles),
    }  # fmt: skip
    with connection.cursor() as curseur:
        curseur.execute(SEMBLABLES, places)
        return ranger(curseur.fetchall(), set(foyers))


def _change_en_cours_de_mois(quotients, periode):
    """Vrai si un quotient du foyer commence ou finit au milieu d'un mois : ses jours ne se réunissent pas."""
    return any(
        (debut > periode.debut and debut.day > 1)
        or (fin and periode.debut <= fin < periode.fin and fin != regles.dernier(fin))
        for debut, fin, _ in quotients
    )
