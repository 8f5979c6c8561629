"""À qui touche un événement, en nombres : ce que la mairie lit avant de l'appliquer, et avant de le lever."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from familles.models import Adulte, Enfant, Famille
from inscriptions.models import Activite

from .tables import Seance


@dataclass(slots=True)
class Portee:
    """Ce que toucherait un événement, ou ce que rendrait sa levée, en nombres."""

    seances: int = 0
    deja_fermees: int = 0
    passees: int = 0
    reservations: int = 0
    repas: int = 0
    enfants: int = 0
    familles: int = 0
    par_activite: list = field(default_factory=list)  # (activité, réservations), dans l'ordre des sites
    par_classe: list = field(default_factory=list)  # (classe dite, enfants)
    a_appeler: list = field(default_factory=list)  # les foyers qu'aucun courriel n'atteint, avec leurs téléphones


def portee(evenement, jour):
    """La :class:`Portee` de l'événement : ce qu'il annulerait (brouillon) ou ce qu'il tient annulé (appliqué).

    ``jour`` : la date de Paris. Neuf requêtes, quel que soit le nombre de réservations.
    """
    if evenement.applique_le:
        seances = list(Seance.objects.filter(evenement=evenement).values_list("jour", "ouverte"))
        reservations = evenement.tenues()
    else:
        seances = list(evenement.seances().order_by().values_list("jour", "ouverte"))
        reservations = evenement.reservations(evenement.seances().filter(ouverte=True))
    resultat = Portee()
    if not evenement.classes:
        resultat.seances = len(seances) if evenement.applique_le else sum(ouverte for _, ouverte in seances)
        resultat.deja_fermees = len(seances) - resultat.seances
    resultat.passees = sum(quand < jour for quand, _ in seances)
    _compter(resultat, reservations)
    return resultat


def _compter(resultat, reservations):
    lignes = list(
        reservations.order_by().values_list("seance__activite", "enfant", "famille", "enfant__classe")
    )
    par_activite = Counter(activite for activite, *_ in lignes)
    activites = Activite.objects.filter(pk__in=par_activite).select_related("site")
    classes = {enfant: classe for _, enfant, _, classe in lignes}
    par_classe = Counter(classes.values())
    familles = {famille for _, _, famille, _ in lignes}
    resultat.reservations, resultat.enfants, resultat.familles = len(lignes), len(classes), len(familles)
    resultat.par_activite = [
        (activite, par_activite[activite.pk])
        for activite in activites.order_by("site__ordre", "site__nom", "ordre", "heure_debut", "pk")
    ]
    resultat.repas = sum(n for activite, n in resultat.par_activite if activite.avec_repas)
    resultat.par_classe = [
        (mot, par_classe[classe]) for classe, mot in [*Enfant.Classe.choices, ("", "sans classe")] if par_classe[classe]
    ]
    resultat.a_appeler = sans_courriel(familles)


def sans_courriel(familles):
    """Ceux de ces foyers (leurs clés) qu'aucun courriel n'atteint : ``[(foyer, téléphones), …]``. Deux requêtes."""
    joints = Adulte.objects.actuels().filter(famille=OuterRef("pk"), compte__is_active=True)
    foyers = Famille.objects.filter(~Exists(joints), pk__in=familles)
    adultes = Adulte.objects.actuels().filter(famille__in=foyers, responsable_legal=True).exclude(telephone="")
    numeros = {}
    for famille, telephone in adultes.order_by("pk").values_list("famille", "telephone"):
        numeros.setdefault(famille, []).append(telephone)
    return [(foyer, numeros.get(foyer.pk, [])) for foyer in foyers]
