"""Les jours d'un mois déjà facturé qui restent dus : venus et pointés trop tard, ou d'un événement levé depuis."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import DateField, Exists, OuterRef
from django.db.models.functions import Cast, TruncMonth

from facturation import regles
from familles.models import Rattachement
from presences.models import Pointage
from reservations.models import Evenement, Mouvement, Reservation, Seance

from .emission import Report
from .factures import Facturation, Ligne, LigneRendue
from .prestations import Mois

VENU, LEVE = "venu, pointé après la facture", "annulé par un événement, levé depuis"


class Oubli(NamedTuple):
    """Un jour dû qu'aucune facture ne porte plus, ou pas encore : son foyer (sa clé), sa prestation, pourquoi."""

    famille: int
    prestation: regles.Prestation
    pourquoi: str

    @property
    def cle(self):
        """« enfant-séance » : ce que coche la régie."""
        return f"{self.prestation.fait.enfant}-{self.prestation.fait.seance}"

    @property
    def mois(self):
        return regles.premier(self.prestation.fait.jour)


def jours_oublies(depuis, avant):
    """Les ``Oubli`` de ``depuis`` à ``avant``, exclu (des dates de Paris), dans l'ordre des jours.

    Le calcul de la facturation dit lesquels se factureraient aujourd'hui, à quel foyer et à quel prix : un jour gratuit
    ou refermé n'y est pas, ni un forfait, qui ne tient pas à un jour. Ceux qui attendent déjà leur facture non plus.
    """
    # Les reports d'abord, les lignes ensuite : une émission qui finit entre les deux ne fait rien facturer deux fois.
    attendent = list(Report.objects.en_attente())
    promis = {tuple(acte) for report in attendent for acte in report.actes or ()}
    couples = {couple: mot for couple, mot in _couples(depuis, avant).items() if couple not in promis}
    jours = dict(Seance.objects.filter(pk__in={seance for _, seance in couples}).values_list("pk", "jour"))
    par_mois, resultat = defaultdict(set), []
    for enfant, seance in couples:
        par_mois[regles.premier(jours[seance])].add((enfant, seance))
    for mois, siens in par_mois.items():
        entiers = [report for report in attendent if report.mois == mois and report.actes is None]
        for famille, prestation in _prestations(mois, siens):
            cle, prix = (prestation.fait.enfant, prestation.fait.seance), prestation.prix
            attendu = any(report.famille_id == famille and report.attend(prestation) for report in entiers)
            if cle in siens and prix.montant and prix.unite not in regles.FORFAITS and not attendu:
                resultat.append(Oubli(famille, prestation, couples[cle]))
    return sorted(resultat, key=lambda oubli: (oubli.prestation.fait.jour, oubli.famille, oubli.cle))


def _couples(depuis, avant):
    """``{(enfant, séance): pourquoi}``, avant de savoir s'ils se factureraient. Trois requêtes."""
    venus = Pointage.objects.presents().filter(seance__jour__gte=depuis, seance__jour__lt=avant, seance__ouverte=True)
    # La levée rend des réservations : si leur mois fut facturé entre-temps, personne ne les a facturées.
    rouverts = Mouvement.objects.filter(
        lot__in=Evenement.objects.exclude(lot_levee=None).values("lot_levee"), apres=Reservation.Etat.RESERVEE,
        reservation__seance__jour__gte=depuis, reservation__seance__jour__lt=avant,
    )
    encore = Ligne.objects.filter(enfant=OuterRef("ligne__enfant"), seance=OuterRef("ligne__seance"), rendue=None)
    rendus = LigneRendue.objects.filter(
        ~Exists(encore), avoir__evenement__leve_le__isnull=False, ligne__jour__gte=depuis, ligne__jour__lt=avant
    )
    return (
        dict.fromkeys(_sans_ligne(venus, "", "recu_le"), VENU)
        | dict.fromkeys(_sans_ligne(rouverts, "reservation__", "instant"), LEVE)
        | dict.fromkeys(rendus.values_list("ligne__enfant", "ligne__seance"), LEVE)
    )


def _sans_ligne(faits, chemin, quand):
    """Les ``(enfant, séance)`` de ces faits, écrits (``quand``) après l'émission de leur mois, que rien ne facture."""
    emis = Facturation.objects.filter(mois=OuterRef("mois"), lancee_le__lt=OuterRef(quand)).exclude(terminee_le=None)
    memes = Ligne.objects.filter(enfant=OuterRef(f"{chemin}enfant"), seance=OuterRef(f"{chemin}seance"))
    dates = faits.annotate(mois=Cast(TruncMonth(f"{chemin}seance__jour"), DateField()))
    return dates.filter(Exists(emis), ~Exists(memes)).values_list(f"{chemin}enfant", f"{chemin}seance")


def _prestations(mois, couples):
    """``(foyer, prestation)`` de ce mois, pour tous les foyers de ces enfants."""
    enfants, seances = {enfant for enfant, _ in couples}, {seance for _, seance in couples}
    foyers = set(Rattachement.objects.filter(enfant__in=enfants).values_list("famille", flat=True))
    foyers |= set(Reservation.objects.filter(enfant__in=enfants, seance__in=seances).values_list("famille", flat=True))
    try:
        par_foyer = Mois(mois).prestations(foyers)
    except regles.TarifManquant:
        return []  # le tarif d'alors n'existe plus : rien ne dirait leur prix
    return [(foyer, prestation) for foyer, siennes in par_foyer.items() for prestation in siennes]
