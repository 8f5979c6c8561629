"""Le planning que tient la mairie : des enfants en rangées, des séances en colonnes. Quatre requêtes."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from commune.regles import replier
from familles.models import Enfant, ranger_par_classe
from inscriptions.models import Inscription

from .tables import Reservation, Seance


@dataclass(slots=True)
class Colonne:
    """Une séance et ses nombres ; ``reservees`` compte tous ses enfants, même ceux que la page ne montre pas."""

    seance: Seance
    reservees: int = 0

    @property
    def pleine(self):
        return self.seance.capacite is not None and self.reservees >= self.seance.capacite


@dataclass(slots=True)
class Rangee:
    """Un enfant : ``etats`` va de la séance à son état (``reservee``, ``excusee``, ``attente``, ``proposee``)."""

    enfant: Enfant
    etats: dict = field(default_factory=dict)
    inscrites: set = field(default_factory=set)


@dataclass(slots=True)
class PlanningMairie:
    colonnes: list
    classes: list  # (classe dite, [Rangee…]), dans l'ordre des écoles, des niveaux et des groupes

    @property
    def rangees(self):
        return [rangee for _, rangees in self.classes for rangee in rangees]


def lire_planning(activites, debut, fin, ajoutes=(), classe=""):
    """Le :class:`PlanningMairie` de ces activités, de ``debut`` à ``fin`` compris (dates de Paris).

    Ses enfants : ceux qui y sont inscrits ces jours-là, ceux qui y sont réservés, et les ``ajoutes`` (leurs clés).
    """
    seances = Seance.objects.du(debut, fin).filter(activite__in=activites).select_related("activite")
    colonnes = {s.pk: Colonne(s) for s in seances.order_by("jour", "activite__ordre", "activite__heure_debut", "pk")}
    etats, nombres = defaultdict(dict), Counter()
    for enfant, seance, etat, excuse in (
        Reservation.objects.filter(seance__in=colonnes).exclude(etat=Reservation.Etat.ANNULEE)
        .order_by().values_list("enfant", "seance", "etat", "excuse__etat")
    ):  # fmt: skip
        etats[enfant][seance] = "excusee" if excuse and excuse != "refusee" and etat == "reservee" else etat
        nombres[seance] += etat in Reservation.PRENANTS
    for pk, colonne in colonnes.items():
        colonne.reservees = nombres[pk]
    inscrites = _inscrites(colonnes.values(), activites, debut, fin)
    enfants = Enfant.objects.filter(pk__in={*etats, *inscrites, *ajoutes}).select_related("ecole")
    enfants = enfants.filter(classe=classe) | enfants.filter(pk__in=ajoutes) if classe else enfants
    rangees = [Rangee(enfant, etats[enfant.pk], inscrites[enfant.pk]) for enfant in enfants.order_by()]
    return PlanningMairie(list(colonnes.values()), _par_classe(rangees))


def _inscrites(colonnes, activites, debut, fin):
    """Enfant → les séances où son inscription vaut."""
    par_activite = defaultdict(list)
    for colonne in colonnes:
        par_activite[colonne.seance.activite_id].append(colonne.seance)
    valables = Inscription.objects.valables(debut, fin).filter(activite__in=activites).order_by()
    inscrites = defaultdict(set)
    for enfant, activite, du, au in valables.values_list("enfant", "activite", "debut", "fin"):
        inscrites[enfant].update(s.pk for s in par_activite[activite] if du <= s.jour <= au)
    return inscrites


def _par_classe(rangees):
    rangees.sort(key=lambda r: (
        *r.enfant.ordre_de_classe, replier(r.enfant.nom), replier(r.enfant.prenom), r.enfant.pk
    ))  # fmt: skip
    return [(titre, siennes) for _, titre, siennes in ranger_par_classe(rangees)]
