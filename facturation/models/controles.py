"""Ce qu'il vaut mieux régler avant de facturer un mois : chaque cas, et de quoi ouvrir la page qui le règle."""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from commune.regles import dire_le_jour
from facturation import regles
from familles.models import Adulte, Famille, Quotient
from presences.models import Pointage
from reservations.models import Excuse, Reservation, Seance

from . import corrections
from .contestations import Contestation
from .oublis import jours_oublies
from .prestations import Mois, sans_tarif

MONTRES = 12  # au-delà, la liste ne se lit plus
BIENTOT = dt.timedelta(days=31)  # un quotient qui finit dans le mois qui suit se redemande maintenant


class Cas(NamedTuple):
    """Un cas en toutes lettres ; ``cible`` désigne sa page : une clé, ou ce qui suit le « ? » de l'adresse."""

    texte: str
    cible: object = None


@dataclass
class Controle:
    """Une vérification : ``nombre`` cas à regarder, quelques-uns en toutes lettres, et s'ils empêchent d'émettre."""

    cle: str
    titre: str
    explication: str
    nombre: int = 0
    cas: list = field(default_factory=list)
    bloquant: bool = False

    @property
    def autres(self):
        """Combien de cas la page ne montre pas, quand ils se montrent un par un."""
        return max(self.nombre - len(self.cas), 0) if len(self.cas) == MONTRES else 0


def controler(jour, aujourdhui):
    """Les contrôles du mois de ``jour``, ceux qui bloquent d'abord (date de Paris). Un nombre fixe de requêtes."""
    mois = Mois(jour)
    return [
        tarifs(mois), pointages(mois, aujourdhui), excuses(mois), excuses_sur_place(mois), contestations(),
        quotients(mois), quotients_finissants(mois), a_corriger(mois), oublis(mois), adresses(mois),
        comptes(mois),
    ]  # fmt: skip


def tarifs(mois):
    cas = [
        Cas(f"{activite}, dès le {jour:%d/%m}", {"genre": activite.genre, "debut": mois.debut.isoformat()})
        for activite, jour in sans_tarif(mois)
    ]
    return Controle(
        "tarifs", "Activités sans tarif", "Créez leur tarif, à 0 € si elles sont gratuites.", len(cas), cas, True
    )


def pointages(mois, aujourdhui):
    pointe = Exists(Pointage.objects.filter(enfant=OuterRef("enfant"), seance=OuterRef("seance")))
    oublies = list(
        Reservation.objects.reservees()
        .filter(~pointe, seance__jour__range=(mois.debut, min(mois.fin, aujourdhui)), seance__ouverte=True)
        .order_by("seance__jour", "seance__activite")
        .values_list("seance__jour", "seance__activite")
        .annotate(n=Count("pk"))
    )
    cas = [
        Cas(f"{jour:%d/%m}, {mois.activites[pk]} : {n}",
            {"site": mois.activites[pk].site_id, "activite": pk, "jour": jour.isoformat(), "reste": 1})
        for jour, pk, n in oublies[:MONTRES]
    ]  # fmt: skip
    return Controle(
        "pointages", "Enfants réservés et pas pointés",
        f"{len(oublies)} listes à finir. Sans pointage, ils seront facturés comme réservés.",
        sum(n for *_, n in oublies), cas,
    )  # fmt: skip


def excuses(mois):
    attendent = Excuse.objects.a_decider().filter(reservation__seance__jour__range=(mois.debut, mois.fin))
    cas = [
        Cas(f"{excuse.reservation.enfant}, le {excuse.reservation.seance.jour:%d/%m}", excuse.pk)
        for excuse in attendent.select_related("reservation__enfant", "reservation__seance").order_by("envoyee_le")[
            :MONTRES
        ]
    ]
    return Controle(
        "excuses", "Excuses écrites à décider", "Sans réponse, l'absence sera facturée.", attendent.count(), cas
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


def contestations():
    ouvertes = Contestation.objects.a_decider().select_related("ligne").order_by("repondre_avant", "pk")
    cas = [
        Cas(f"{c.ligne.prenom}, {c.ligne} ; à répondre avant le {c.repondre_avant:%d/%m}", c.pk)
        for c in ouvertes[:MONTRES]
    ]
    return Controle(
        "contestations", "Lignes contestées sans réponse",
        "Acceptée, une ligne donne un avoir ; mieux vaut que la famille le lise avant sa nouvelle facture.",
        ouvertes.count(), cas,
    )  # fmt: skip


def reserves(mois):
    """Les foyers qui ont une réservation ce mois-ci."""
    siennes = Reservation.objects.reservees().filter(
        famille=OuterRef("pk"), seance__in=Seance.objects.du(mois.debut, mois.fin)
    )
    return Famille.objects.filter(Exists(siennes)).order_by("nom", "pk")


def quotients(mois):
    """Les foyers réservés ce mois-ci qui n'ont pas de quotient valable jusqu'à sa fin."""
    sans = reserves(mois).exclude(Exists(Quotient.objects.au(mois.fin).filter(famille=OuterRef("pk"))))
    return _foyers(
        "quotients", "Foyers sans quotient à la fin du mois",
        "Ils paieront la tranche la plus haute ; leur facture dit comment en changer.", sans,
    )  # fmt: skip


def quotients_finissants(mois):
    """Ceux dont le quotient finit dans le mois qui suit, et que rien ne remplace."""
    plus_tard = mois.fin + BIENTOT
    siens = Quotient.objects.filter(famille=OuterRef("pk"))
    finissent = reserves(mois).filter(Exists(siens.au(mois.fin)), ~Exists(siens.au(plus_tard)))
    return _foyers(
        "quotients_finissants", f"Quotients qui finissent avant le {dire_le_jour(plus_tard)}",
        "Ce mois-ci n'y change pas ; demandez la nouvelle attestation pour le suivant.", finissent,
    )  # fmt: skip


def a_corriger(mois):
    """Les factures de l'année d'avant qu'un quotient ou une excuse, arrivés depuis, rendraient moins chères."""
    cas = [
        Cas(f"{facture.famille} : {regles.euros(revue.rendre)} à rendre", facture.pk)
        for facture, revue in corrections.corrections_avant(mois.debut)
    ]
    return Controle(
        "corrections", "Factures à corriger : un quotient ou une excuse est arrivé après elles",
        "Un avoir se propose, ligne à ligne ; émis maintenant, il se déduit de la facture qui vient.",
        len(cas), cas[:MONTRES],
    )  # fmt: skip


def oublis(mois):
    """Les jours d'un mois déjà facturé, dans l'année d'avant, que plus aucune facture ne porte."""
    trouves = jours_oublies(regles.premier(mois.debut - corrections.AN), mois.debut)
    cas = [
        Cas(f"{o.prestation.prenom}, {o.prestation.texte} du {o.prestation.fait.jour:%d/%m} : {o.pourquoi}")
        for o in trouves[:MONTRES]
    ]
    return Controle(
        "oublis", "Jours passés, dus et jamais facturés",
        "Venus et pointés après leur facture, ou d'un événement levé depuis : vous choisissez ceux qui vont sur la "
        "facture qui vient.", len(trouves), cas,
    )  # fmt: skip


def adresses(mois):
    sans = reserves(mois).filter(Q(adresse="") | Q(code_postal="") | Q(ville=""))
    return _foyers("adresses", "Foyers sans adresse entière", "Leur facture imprimée n'arriverait pas.", sans)


def comptes(mois):
    joignables = Adulte.objects.actuels().filter(famille=OuterRef("pk"), compte__is_active=True)
    return _foyers(
        "comptes", "Foyers sans compte", "Aucun courriel ne les préviendra : leur facture est à imprimer, ou à poster.",
        reserves(mois).exclude(Exists(joignables)),
    )  # fmt: skip


def _foyers(cle, titre, explication, familles):
    montres = familles.values_list("pk", "nom", "ville")[:MONTRES]
    cas = [Cas(f"{nom} ({ville})" if ville else nom, pk) for pk, nom, ville in montres]
    return Controle(cle, titre, explication, familles.count(), cas)
