"""Ce qui est dû et échu, lu d'un bloc : qui relancer, quoi transmettre, et pourquoi pas le reste."""

from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import JSONObject

from facturation import regles
from facturation.regles import relances
from familles.models import Adulte

from .contestations import Contestation
from .echeanciers import FactureEchelonnee, echelonnees
from .factures import Facturation, Facture
from .paiements import Paiement
from .prelevements import Prelevement, avec_prelevement
from .relances import Relance
from .tresor import Transmission

VIVANTS = ["prepare", "en_cours", "doute"]  # un paiement en ligne dont on attend l'ouverture ou le résultat


def avec_suites(factures):
    """Ajoute ``transmise_le`` (instant), ``plan`` (clé de l'échéancier ouvert) et ``relancees`` (des dictionnaires)."""
    transmises = Transmission.objects.valables().filter(facture=OuterRef("pk"))
    plans = FactureEchelonnee.objects.filter(facture=OuterRef("pk"), ouverte=True)
    faites = Relance.objects.filter(facture=OuterRef("pk")).order_by("rang")
    return factures.annotate(
        transmise_le=Subquery(transmises.values("etat__fait_le")[:1]),
        plan=Subquery(plans.values("echeancier")[:1]),
        relancees=ArraySubquery(faites.values(dite=JSONObject(nom="nom", jour="jour", moyen="moyen"))),
    )


@dataclass
class Lue:
    """Une facture échue : sa ``Dette`` et le jour de sa dernière relance."""

    facture: Facture
    dette: relances.Dette
    relancee_le: object = None


def lire(factures, jour):
    """Les ``Lue`` de ces factures (une liste, ``avec_reste()``) ce jour de Paris. Un nombre fixe de requêtes."""
    cles = [facture.pk for facture in factures]
    familles = {facture.famille_id for facture in factures}
    if not cles:
        return []
    en_ligne = set(Paiement.objects.filter(facture__in=cles, etat__in=VIVANTS).values_list("facture", flat=True))
    contestees = set(
        Contestation.objects.ouvertes().filter(ligne__facture__in=cles).values_list("ligne__facture", flat=True)
    )
    transmises = set(Transmission.objects.valables().filter(facture__in=cles).values_list("facture", flat=True))
    tenues, debits = echelonnees(jour, familles), _debits(factures, jour)
    passages = Facturation.objects.filter(pk__in={facture.facturation_id for facture in factures})
    titres = {passage.pk for passage in passages if passage.emetteur.get("titre")}
    recues = {
        facture: (rang, quand)
        for facture, rang, quand in Relance.objects.filter(facture__in=cles).order_by().values_list("facture")
        .annotate(r=Max("rang"), j=Max("jour"))
    }  # fmt: skip
    lues = []
    for facture in factures:
        rang, quand = recues.get(facture.pk, (0, None))
        lues.append(Lue(facture, relances.Dette(
            facture.reste, facture.echeance, rang, facture.pk in contestees, facture.pk in en_ligne,
            facture.pk in debits, facture.pk in tenues, facture.pk in transmises, facture.facturation_id in titres,
        ), quand))  # fmt: skip
    return lues


def _debits(factures, jour):
    """Celles qu'un prélèvement va payer : dans un lot préparé, ou annoncé pour plus tard et qui tient encore."""
    cles = [facture.pk for facture in factures]
    prepares = Prelevement.objects.filter(facture__in=cles, etat=Prelevement.Etat.PREPARE)
    annoncees = avec_prelevement(Facture.objects.filter(pk__in=cles), jour).filter(sera_prelevee=True)
    return {*prepares.values_list("facture", flat=True), *annoncees.values_list("pk", flat=True)}


@dataclass
class Examen:
    """Un foyer qui doit de l'argent échu. ``retenues`` : (facture, niveau) ; ``ecartees`` : (facture, pourquoi)."""

    famille: object
    retenues: list = field(default_factory=list)
    ecartees: list = field(default_factory=list)
    pourquoi: str = ""  # ce foyer n'est pas relancé aujourd'hui, malgré ses factures retenues
    courriel: bool = True

    @property
    def total(self):
        return sum((facture.reste for facture, _ in self.retenues), regles.ZERO)

    @property
    def niveau(self):
        """Le plus haut de ses factures : c'est lui qui donne le ton du message."""
        return max(niveau for _, niveau in self.retenues)

    @property
    def relance(self):
        return bool(self.retenues) and not self.pourquoi


def examiner(jour, niveaux, regie, familles=None):
    """Les ``Examen`` de chaque foyer en retard ce jour de Paris, dans l'ordre des foyers ; ``familles`` : des clés."""
    echues = Facture.objects.filter(echeance__lt=jour)
    echues = echues if familles is None else echues.filter(famille__in=familles)
    factures = list(echues.impayees().select_related("famille").order_by("famille", "mois", "pk"))
    examens = {}
    for lue in lire(factures, jour):
        examen = examens.setdefault(lue.facture.famille_id, Examen(lue.facture.famille))
        niveau, raison = relances.examiner(lue.dette, niveaux, jour)
        (examen.retenues if niveau else examen.ecartees).append((lue.facture, niveau or raison))
    dernieres = dict(
        Relance.objects.filter(facture__famille__in=examens).order_by().values_list("facture__famille")
        .annotate(j=Max("jour"))
    )  # fmt: skip
    joignables = set(
        Adulte.objects.actuels().filter(famille__in=examens, compte__is_active=True).values_list("famille", flat=True)
    )
    for cle, examen in examens.items():
        examen.courriel = cle in joignables
        if examen.retenues:
            examen.pourquoi = relances.foyer_a_laisser(
                examen.total, regie.relance_seuil, dernieres.get(cle), regie.relance_intervalle, jour
            )
    return list(examens.values())


@dataclass
class Candidat:
    """Un foyer dont des dettes peuvent aller au Trésor, ou attendent : ``lues`` prêtes, ``attendent`` (lue, raison)."""

    famille: object
    pretes: list = field(default_factory=list)
    attendent: list = field(default_factory=list)
    assez: bool = False  # ensemble, elles atteignent le seuil

    @property
    def total(self):
        return sum((lue.facture.reste for lue in self.pretes), regles.ZERO)


def candidats_au_tresor(jour, niveaux, regie, factures=None):
    """Les ``Candidat`` des foyers qui ont reçu une relance ; ``factures`` : seulement celles-là (des clés)."""
    relancees = Facture.objects.filter(echeance__lt=jour, relances__isnull=False).distinct()
    relancees = relancees if factures is None else relancees.filter(pk__in=factures)
    lues = lire(list(relancees.impayees().select_related("famille").order_by("famille", "mois", "pk")), jour)
    dernier = max((niveau.rang for niveau in niveaux), default=0)
    foyers = {}
    for lue in lues:
        if lue.dette.transmise:
            continue
        candidat = foyers.setdefault(lue.facture.famille_id, Candidat(lue.facture.famille))
        raison = relances.pas_encore_au_tresor(lue.dette, dernier, lue.relancee_le, regie.tresor_delai, jour)
        if raison:
            candidat.attendent.append((lue, raison))
        else:
            candidat.pretes.append(lue)
    for candidat in foyers.values():
        candidat.assez = bool(candidat.pretes) and relances.atteint_le_seuil(
            [lue.facture.reste for lue in candidat.pretes], regie.tresor_seuil
        )
    return list(foyers.values())


def a_echelonner(famille, jour):
    """``[(facture, raison)…]`` de ce que doit ce foyer : raison vide, la facture peut entrer dans un échéancier."""
    factures = list(Facture.objects.filter(famille=famille).impayees().order_by("mois", "pk"))
    ouvertes = set(
        FactureEchelonnee.objects.filter(facture__in=factures, ouverte=True).values_list("facture", flat=True)
    )
    return [
        (lue.facture, relances.pas_echelonnable(lue.dette, lue.facture.pk in ouvertes))
        for lue in lire(factures, jour)
    ]
