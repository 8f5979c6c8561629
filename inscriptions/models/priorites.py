"""Le rang de priorité de chaque enfant à chaque activité, en deux requêtes."""

from collections import defaultdict

from familles.models import Enfant, Rattachement

from .. import regles
from .tables import Inscription


def rangs_de_priorite(enfants, activites, annee=None):
    """``{(enfant_id, activite_id): rang}`` pour chaque couple ; voir :func:`regles.rang_de_priorite`.

    ``enfants`` et ``activites`` sont des objets déjà lus. Un frère ou une sœur compte s'il a une inscription validée à
    cette activité (de cette ``annee`` si on la dit). Un enfant de deux foyers a les priorités de l'un et de l'autre.
    """
    foyers, membres = defaultdict(list), defaultdict(set)
    enfants = list(enfants)
    siens = Rattachement.objects.actuels().filter(enfant__in=enfants).values("famille")
    for r in Rattachement.objects.actuels().filter(famille__in=siens).select_related("famille"):
        foyers[r.enfant_id].append(r.famille)
        membres[r.famille_id].add(r.enfant_id)
    inscrits = Inscription.objects.filter(
        etat=Inscription.Etat.VALIDEE, activite__in=activites, enfant__in={e for f in membres.values() for e in f}
    )
    inscrits = set((inscrits.filter(annee=annee) if annee else inscrits).order_by().values_list("enfant", "activite"))
    return {
        (enfant.pk, activite.pk): regles.rang_de_priorite(
            activite.priorites, _profil(enfant, activite, foyers[enfant.pk], membres, inscrits)
        )
        for enfant in enfants for activite in activites
    }  # fmt: skip


def _profil(enfant: Enfant, activite, foyers, membres, inscrits):
    fratrie = {petit for foyer in foyers for petit in membres[foyer.pk]} - {enfant.pk}
    groupes = {
        regles.priorites.FRATRIE: any((petit, activite.pk) in inscrits for petit in fratrie),
        regles.priorites.TRAVAIL: any(foyer.parents_travaillent for foyer in foyers),
        regles.priorites.ECOLE: enfant.ecole_id == activite.site_id,
        regles.priorites.COMMUNE: any(not foyer.hors_commune for foyer in foyers),
    }
    return {groupe for groupe, vrai in groupes.items() if vrai}
