"""Ce qu'il vaut mieux régler avant de facturer un mois."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef

from familles.models import Famille, Quotient
from presences.models import Pointage
from reservations.models import Excuse, Reservation, Seance

from .prestations import Mois, sans_tarif

MONTRES = 12  # au-delà, la liste ne se lit plus


@dataclass
class Controle:
    """Une vérification : ``nombre`` cas à regarder, quelques-uns en toutes lettres, et s'ils empêchent d'émettre."""

    cle: str
    titre: str
    explication: str
    nombre: int = 0
    cas: list = field(default_factory=list)
    bloquant: bool = False


def controler(jour, aujourdhui):
    """Les contrôles du mois de ``jour``, ceux qui bloquent d'abord (date de Paris). Un nombre fixe de requêtes."""
    mois = Mois(jour)
    return [tarifs(mois), pointages(mois, aujourdhui), excuses(mois), excuses_sur_place(mois), quotients(mois)]


def tarifs(mois):
    cas = [f"{activite}, dès le {jour:%d/%m}" for activite, jour in sans_tarif(mois)]
    return Controle(
        "tarifs", "Activités sans tarif", "Créez leur tarif, à 0 € si elles sont gratuites.", len(cas), cas, True
    )


def pointages(mois, aujourdhui):
    pointe = Exists(Pointage.objects.filter(enfant=OuterRef("enfant"), seance=OuterRef("seance")))
    oublies = (
        Reservation.objects.reservees()
        .filter(~pointe, seance__jour__range=(mois.debut, min(mois.fin, aujourdhui)), seance__ouverte=True)
        .order_by("seance__jour", "seance__activite")
        .values_list("seance__jour", "seance__activite")
        .annotate(n=Count("pk"))
    )
    cas = [f"{jour:%d/%m}, {mois.activites[activite]} : {n}" for jour, activite, n in oublies]
    return Controle(
        "pointages", "Enfants réservés et pas pointés", "Ils seront facturés comme réservés.",
        sum(n for *_, n in oublies), cas[:MONTRES],
    )  # fmt: skip


def excuses(mois):
    attendent = Excuse.objects.a_decider().filter(reservation__seance__jour__range=(mois.debut, mois.fin))
    return Controle(
        "excuses", "Excuses écrites à décider", "Sans réponse, l'absence sera facturée.", attendent.count()
    )


def excuses_sur_place(mois):
    ecrite = Exists(
        Excuse.objects.filter(reservation__enfant=OuterRef("enfant"), reservation__seance=OuterRef("seance"))
    )
    seuls = Pointage.objects.filter(
        ~ecrite, etat=Pointage.Etat.EXCUSE, seance__jour__range=(mois.debut, mois.fin)
    )
    return Controle(
        "excuses_sur_place", "Excusés par un agent, sans excuse écrite",
        "Ils ne seront pas facturés. Si la famille devait écrire, corrigez le pointage.", seuls.count(),
    )  # fmt: skip


def quotients(mois):
    """Les foyers réservés ce mois-ci qui n'ont pas de quotient valable jusqu'à sa fin."""
    reserves = Exists(
        Reservation.objects.reservees().filter(
            famille=OuterRef("pk"), seance__in=Seance.objects.du(mois.debut, mois.fin)
        )
    )
    connu = Exists(Quotient.objects.au(mois.fin).filter(famille=OuterRef("pk")))
    sans = list(Famille.objects.filter(reserves, ~connu).order_by("nom").values_list("nom", flat=True))
    return Controle(
        "quotients", "Foyers sans quotient à la fin du mois",
        "Ils paieront la tranche la plus haute ; leur facture dit comment en changer.", len(sans),
        [nom if n == 1 else f"{nom} ({n} foyers)" for nom, n in Counter(sans).most_common()][:MONTRES],
    )  # fmt: skip
