"""Lire ce qui est ouvert aux enfants d'un foyer, en nombre constant de requêtes."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count

from familles.models import Enfant

from .. import regles
from .tables import Activite, Inscription

A_ENVOYER = ("a_envoyer", "refusee", "expiree")  # les états d'une pièce attendue qui empêchent d'inscrire


@dataclass(slots=True)
class Offre:
    """Une activité de l'école d'un enfant : ouverte dès ``debut``, ou fermée pour des ``raisons``."""

    enfant: object
    activite: object
    debut: object = None
    raisons: list = field(default_factory=list)
    restantes: int | None = None
    manquantes: list = field(default_factory=list)

    @property
    def ouverte(self):
        return not self.raisons and not self.manquantes


def profil(enfant):
    return regles.Profil(enfant.prenom, enfant.ecole_id, enfant.classe, enfant.date_naissance)


def offres(enfants, famille, annee, jour, attentes):
    """Les offres de l'``annee`` à ces enfants, moins celles où ce foyer les a déjà inscrits : ``{enfant: [Offre]}``.

    ``attentes`` vient de ``documents.models.attendues`` ; ``jour`` est la date de Paris.
    """
    activites = list(
        Activite.objects.des_ecoles({e.ecole_id for e in enfants if e.ecole_id})
        .select_related("site").prefetch_related("ecoles", "pieces").order_by("ordre", "heure_debut", "nom")
    )  # fmt: skip
    deja = set(
        Inscription.objects.vives().filter(enfant__in=enfants, famille=famille, annee=annee, terminee_le=None)
        .values_list("enfant_id", "activite_id")
    )  # fmt: skip
    prises = comptes_des_places(activites, annee, max(jour, annee.debut))
    noms = dict(Enfant.Classe.choices)
    resultat = {}
    for enfant in enfants:
        resultat[enfant] = lignes = []
        for activite in activites:
            accueil = activite.accueil()
            if enfant.ecole_id not in accueil.ecoles or (enfant.pk, activite.pk) in deja:
                continue
            debut, raisons = regles.premier_debut(profil(enfant), accueil, annee.debut, annee.fin, jour, noms)
            restantes = regles.places_restantes(activite.inscriptions_max, prises[activite.pk])
            manquantes = pieces_de_l_activite(activite, enfant, attentes)
            lignes.append(Offre(enfant, activite, debut, raisons, restantes, manquantes))
    return resultat


def comptes_des_places(activites, annee, jour):
    """Les inscriptions validées de l'année qui valent encore le ``jour`` ou après, par activité limitée."""
    limitees = [a.pk for a in activites if a.inscriptions_max is not None]
    prises = defaultdict(int)
    if limitees:
        prises.update(
            Inscription.objects.filter(
                activite__in=limitees, annee=annee, etat=Inscription.Etat.VALIDEE, fin__gte=jour
            ).order_by().values_list("activite").annotate(n=Count("pk"))
        )  # fmt: skip
    return prises


def pieces_qui_manquent(enfant, attentes):
    """Les pièces obligatoires du foyer et de cet enfant qui ne sont ni envoyées ni valables : elles ferment tout.

    Celles de sa sœur ne le concernent pas.
    """
    return [a for a in attentes if a.manque and a.enfant in (None, enfant)]


def pieces_de_l_activite(activite, enfant, attentes):
    """Les pièces que cette activité exige en plus, et qui manquent. Une pièce que rien n'attend de ce foyer
    (« si l'enfant a un PAI ») n'est pas exigée."""
    exigees = {piece.pk for piece in activite.pieces.all()}
    return [a for a in attentes if a.type.pk in exigees and a.enfant in (None, enfant) and a.etat in A_ENVOYER]
