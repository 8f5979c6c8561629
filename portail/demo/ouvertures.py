"""Les jours d'ouverture de la démonstration : un centre de loisirs ouvre bientôt, un mini-camp est tiré au sort."""

import datetime as dt

from commune.models import AnneeScolaire, Ecole, JourFerme
from commune.regles import instant_de_paris
from familles.models import Enfant, Famille, garde_des
from inscriptions.models import Activite, Inscription
from inscriptions.regles import ANNULER, RESERVER
from reservations.actions import deposer_voeux, ouvrir_seances, preparer_ouverture, tirer_au_sort
from reservations.models import Ouverture

FOYERS = 24  # dont celui de Céline : de quoi dépasser les places du mini-camp
NEUF_HEURES = dt.time(9)


def installer(hasard, annee, jour, maintenant):
    """Les prochaines vacances s'ouvrent dans cinq jours, vœux déjà ouverts ; leur mini-camp est tiré de ce matin. Faux
    s'il n'y en a pas.
    """
    a_venir = JourFerme.objects.filter(motif=JourFerme.Motif.VACANCES, ecole=None, debut__lte=annee.fin)
    vacances = a_venir.filter(debut__gt=jour + dt.timedelta(days=8)).order_by("debut").first()
    if not vacances:
        return False  # en fin d'année, il n'y a plus de vacances à ouvrir
    centre, camp = _activites()
    foyers = _inscrire(centre, camp, annee, maintenant)
    ouvrir_seances(AnneeScolaire.objects.get(pk=annee.pk), maintenant)
    lundi = vacances.debut + dt.timedelta(days=-vacances.debut.weekday() % 7)
    _centre_a_venir(hasard, centre, foyers, vacances, lundi, jour, maintenant)
    _camp_tire(hasard, camp, foyers, lundi, maintenant)
    return True


def _activites():
    site, *autres = Ecole.objects.order_by("ordre")
    commun = {
        "genre": Activite.Genre.VACANCES, "site": site, "jours": [0, 1, 2, 3, 4], "avec_repas": True, "ordre": 9,
    }  # fmt: skip
    centre = Activite.objects.create(
        nom="Centre de loisirs", heure_debut=dt.time(7, 30), heure_fin=dt.time(18, 30), capacite=32, **commun
    )
    camp = Activite.objects.create(
        nom="Mini-camp", heure_debut=dt.time(9), heure_fin=dt.time(17), capacite=12, **commun | {"ordre": 10}
    )
    for activite in (centre, camp):
        activite.ecoles.set(autres)
        for geste in (RESERVER, ANNULER):
            activite.regles_delai.create(geste=geste, nombre=3)
    return centre, camp


def _inscrire(centre, camp, annee, maintenant):
    """Les enfants de quelques foyers, Céline d'abord ; rend ``[(foyer, [enfants])]``."""
    celine = Famille.objects.filter(adultes__compte__email="celine@demo.fr")
    autres = Famille.objects.filter(statut="validee", adultes__compte__isnull=False).exclude(pk__in=celine).distinct()
    foyers = [
        (foyer, list(Enfant.objects.de_la_famille(foyer).order_by("date_naissance", "pk")))
        for foyer in [*celine, *autres.order_by("pk")[: FOYERS - 1]]
    ]
    Inscription.objects.bulk_create(
        Inscription(
            enfant=enfant, activite=activite, annee=annee, famille=foyer, etat="validee", debut=annee.debut,
            fin=annee.fin, demandee_le=maintenant, decidee_le=maintenant,
        )
        for foyer, enfants in foyers for enfant in enfants for activite in (centre, camp)
    )  # fmt: skip
    return foyers


def _centre_a_venir(hasard, centre, foyers, vacances, lundi, jour, maintenant):
    quand = vacances.libelle[:1].lower() + vacances.libelle[1:]
    ouverture = preparer_ouverture(Ouverture(
        nom=f"Centre de loisirs, {quand}", du=lundi, au=max(lundi, vacances.fin),
        voeux_des=maintenant - dt.timedelta(days=2),
        ouvre_le=instant_de_paris(jour + dt.timedelta(days=5), NEUF_HEURES),
    ), [centre], maintenant)  # fmt: skip
    seances = list(ouverture.seances.order_by("jour"))
    for foyer, enfants in foyers:
        choisis = {(e, s) for e in enfants for s in seances if hasard.random() < 0.5}
        if foyer.nom == "LA STAR":
            choisis = {(enfants[0], s) for s in seances[:3]}
        _deposer(ouverture, foyer, choisis, maintenant)


def _deposer(ouverture, foyer, choisis, maintenant):
    """Les vœux du foyer, sauf les jours où sa garde met l'enfant chez l'autre."""
    garde = garde_des({e.pk for e, _ in choisis}, ouverture.du, ouverture.au)
    siens = {(e.pk, s.pk) for e, s in choisis if garde.a_nous(e.pk, foyer.pk, s.jour)}
    deposer_voeux(ouverture, foyer, siens, maintenant)


def _camp_tire(hasard, camp, foyers, lundi, maintenant):
    """Trois jours, douze places, une vingtaine de foyers : Céline a son résultat."""
    la_veille = maintenant - dt.timedelta(days=1)
    ouverture = preparer_ouverture(Ouverture(
        nom="Mini-camp des vacances", du=lundi, au=lundi + dt.timedelta(days=2), mode=Ouverture.Mode.TIRAGE,
        voeux_des=maintenant - dt.timedelta(days=12), ouvre_le=maintenant - dt.timedelta(hours=1),
    ), [camp], la_veille)  # fmt: skip
    seances = list(ouverture.seances.order_by("jour"))
    for foyer, enfants in foyers:
        _deposer(ouverture, foyer, {(enfants[0], s) for s in seances}, la_veille)
    tirer_au_sort(ouverture, None, maintenant)
