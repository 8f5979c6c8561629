"""La liste d'une séance : qui est attendu, qui vient le chercher, quoi savoir. Huit requêtes, pour 3 enfants ou 424."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.db.models.functions import Length

from familles.models import Adulte, Autorisation, FicheSanitaire, PersonneAutorisee, ranger_par_classe
from reservations.models import Mouvement, Reservation

from .. import regles
from .tables import Geste, Pointage


@dataclass(slots=True)
class LigneDuJour:
    """Un enfant sur la liste : il est réservé, ou il a été pointé sans l'être (``reservee`` est faux)."""

    enfant: object
    reservee: bool
    excuse: str = ""
    pointage: Pointage | None = None
    signes: regles.Signes = field(default_factory=regles.Signes)
    recuperent: list = field(default_factory=list)
    interdits: list = field(default_factory=list)
    urgences: list = field(default_factory=list)
    responsables: list = field(default_factory=list)
    autorisations: dict = field(default_factory=dict)  # {genre: oui ou non}, la dernière réponse à chaque question
    motif: str = ""

    @property
    def etat(self):
        return self.pointage.etat if self.pointage else ""

    @property
    def rentre_seul(self):
        return self.autorisations.get(Autorisation.Genre.SORTIE, False)

    @property
    def excuse_dite(self):
        return regles.EXCUSES.get(self.excuse, "")

    @property
    def mange(self):
        return regles.mange(self.excuse, self.etat)

    @property
    def mots(self):
        """Les couples (signe, mot) de la liste : la santé, puis ce que la famille refuse."""
        return self.signes.mots + regles.refus_de_la_famille(self.autorisations)

    @property
    def accords(self):
        """Les trois questions posées à la famille : ``[(question, réponse, vrai si c'est un refus à signaler)]``."""
        mots, refus = {True: "Oui", False: "Non"}, dict(regles.refus_de_la_famille(self.autorisations))
        return [
            (genre.label, mots.get(self.autorisations.get(genre), "Sans réponse"), genre in refus)
            for genre in Autorisation.Genre
        ]

    @property
    def autres_responsables(self):
        """Ceux que la famille n'a pas mis à prévenir en cas d'urgence."""
        return [adulte for adulte in self.responsables if adulte not in self.urgences]

    @property
    def telephones(self):
        """Un numéro par responsable, puis leurs autres numéros, sans répéter le fixe d'un foyer."""
        premiers = [adulte.telephone or adulte.telephone_travail for adulte in self.responsables]
        numeros = [n for n in premiers + [adulte.telephone_travail for adulte in self.responsables] if n]
        return list(dict.fromkeys(numeros))


@dataclass(slots=True)
class Classe:
    """Un groupe de l'appel, et où il en est."""

    cle: str
    titre: str
    lignes: list

    @property
    def compte(self):
        return regles.compter(ligne.etat for ligne in self.lignes)

    @property
    def restent(self):
        """Ceux que l'on pointerait présents d'un seul geste : une absence écrite se pointe à la main."""
        return [ligne for ligne in self.lignes if not ligne.etat and not ligne.excuse]

    @property
    def repas_dits(self):
        return repas_dits(self.lignes)


def repas_dits(lignes):
    """Les repas d'une liste, sans les zéros : ``[("ordinaire", 96), ("sans porc", 12)]``."""
    nombres = regles.compter_repas(ligne.signes for ligne in lignes if ligne.mange)
    return [(mot, nombres[cle]) for cle, mot in regles.REPAS.items() if nombres[cle]]


def lire_liste(seance, enfants=None):
    """Les :class:`LigneDuJour` d'une séance dans l'ordre de l'appel ; avec ``enfants``, les leurs seulement."""
    seuls = {} if enfants is None else {"enfant__in": enfants}
    lignes = {
        r.enfant_id: LigneDuJour(r.enfant, True, excuse=r.excuse.etat if hasattr(r, "excuse") else "")
        for r in Reservation.objects.reservees()
        .filter(seance=seance, **seuls)
        .select_related("enfant", "excuse")
        # Et non une jointure, qui ferait d'une école autant d'objets que d'enfants.
        .prefetch_related("enfant__ecole")
    }
    pointages = Pointage.objects.filter(seance=seance, **seuls).select_related("enfant", "agent").order_by()
    for pointage in pointages.prefetch_related("enfant__ecole"):
        lignes.setdefault(pointage.enfant_id, LigneDuJour(pointage.enfant, False)).pointage = pointage
    ajouts = Mouvement.objects.filter(
        reservation__seance=seance, origine=Mouvement.Origine.AGENT, apres=Reservation.Etat.RESERVEE
    )
    for enfant_id, motif in ajouts.order_by("instant").values_list("reservation__enfant_id", "motif"):
        if enfant_id in lignes:
            lignes[enfant_id].motif = motif
    _completer(lignes)
    return sorted(lignes.values(), key=_appel)


def ligne_de(seance, enfant):
    """La ligne de cet enfant, relue après un geste ; ``None`` s'il n'est pas sur la liste."""
    return next(iter(lire_liste(seance, [enfant])), None)


def _completer(lignes):
    """La santé en signes, et les adultes de chaque enfant."""
    for enfant_id, signe in signes(lignes).items():
        lignes[enfant_id].signes = signe
    personnes = PersonneAutorisee.objects.actuelles().filter(enfant__in=lignes).select_related("adulte")
    interdites = defaultdict(set)
    for personne in personnes.order_by("adulte__nom", "adulte__prenom"):
        if personne.interdit:
            interdites[personne.enfant_id].add(personne.adulte_id)
            lignes[personne.enfant_id].interdits.append(personne.adulte)
        if personne.recupere:
            lignes[personne.enfant_id].recuperent.append(personne.adulte)
        if personne.urgence:
            lignes[personne.enfant_id].urgences.append(personne.adulte)
    responsables = Adulte.objects.actuels().filter(
        Q(famille__rattachements__enfant__in=lignes, famille__rattachements__fin=None), responsable_legal=True
    )
    for adulte in responsables.annotate(de=F("famille__rattachements__enfant_id")).order_by("pk"):
        if adulte.pk not in interdites[adulte.de]:
            lignes[adulte.de].responsables.append(adulte)
    reponses = Autorisation.objects.filter(enfant__in=lignes).order_by("donnee_le", "pk")
    for enfant_id, genre, accordee in reponses.values_list("enfant_id", "genre", "accordee"):
        lignes[enfant_id].autorisations[genre] = accordee  # la plus récente vaut


def signes(enfants):
    """Les :class:`regles.Signes` de ces enfants, par clé. Le détail reste chiffré : sa longueur suffit."""
    fiches = FicheSanitaire.objects.filter(enfant__in=enfants).annotate(a=Length("allergies"), p=Length("pai"))
    return {
        enfant_id: regles.Signes(allergies > 0, pai > 0, panier, regime)
        for enfant_id, allergies, pai, panier, regime in fiches.values_list(
            "enfant_id", "a", "p", "panier_repas", "regime"
        )
    }


def _appel(ligne):
    enfant = ligne.enfant
    return *enfant.ordre_de_classe, *regles.ordre_d_appel(enfant.nom, enfant.prenom), enfant.pk


def par_classe(lignes):
    """Les :class:`Classe` de l'appel, dans l'ordre ; l'école ne se dit que s'il y en a plusieurs."""
    return [Classe(*classe) for classe in ranger_par_classe(lignes)]


def compte_de(seance):
    """Où en est l'appel d'une séance, sans relire les enfants.

    Les gestes se comptent avant les états : deux réponses qui se croisent se comparent, et la plus ancienne s'efface.
    """
    gestes = Geste.objects.filter(seance=seance).count()
    etats = dict.fromkeys(
        Reservation.objects.reservees().filter(seance=seance).order_by().values_list("enfant_id", flat=True), ""
    )
    etats.update(Pointage.objects.filter(seance=seance).order_by().values_list("enfant_id", "etat"))
    return regles.compter(etats.values())._replace(gestes=gestes)
