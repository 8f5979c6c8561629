"""Ce qu'un mois donnerait, comparé au précédent : ce que la régie regarde avant d'émettre. N'écrit rien."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Sum

from facturation import regles
from facturation.models import Emission, Facture, Ligne, Mois, Regie
from facturation.models.prestations import sans_tarif
from familles.models import Famille

LOT = 500  # foyers lus à la fois : la mémoire ne dépend pas de leur nombre


class Ecart(NamedTuple):
    """Un foyer (sa clé) à regarder : ce qu'il devait le mois d'avant et devrait ce mois-ci (euros), et pourquoi
    (une clé de ``regles.MOTS_D_ECART``).
    """

    foyer: int
    avant: Decimal | None
    maintenant: Decimal
    pourquoi: str


@dataclass
class Apercu:
    """Ce que donnerait la facturation d'un mois. ``totaux`` : foyer (sa clé) → euros à lui facturer ; ``reportes`` :
    foyer → euros qui attendraient la suivante.
    """

    mois: dt.date
    foyers: int = 0
    factures: int = 0
    totaux: Counter = field(default_factory=Counter)
    reportes: Counter = field(default_factory=Counter)
    actes: Counter = field(default_factory=Counter)  # activité → nombre d'actes facturés
    montants: dict = field(default_factory=lambda: defaultdict(Decimal))  # activité → euros facturés
    activites: dict = field(default_factory=dict)

    @property
    def total(self):
        return sum(self.totaux.values(), regles.ZERO)

    @property
    def reporte(self):
        return sum(self.reportes.values(), regles.ZERO)

    @property
    def sans_facture(self):
        """Les foyers qui ne doivent rien ce mois-ci."""
        return self.foyers - len({*self.totaux, *self.reportes})

    def par_activite(self):
        """``[(activité, actes, euros), …]``, la plus chère d'abord."""
        rangees = [(self.activites[pk], n, self.montants[pk]) for pk, n in self.actes.items()]
        return sorted(rangees, key=lambda rangee: (-rangee[2], str(rangee[0])))


def apercu(jour, lot=LOT, suivre=None):
    """L'``Apercu`` du mois de ``jour``, par le calcul même de l'émission. N'écrit rien.

    ``suivre(foyers)`` est appelé après chaque lot, avec combien sont lus.
    Lève ``ValidationError`` (code ``sans_tarif``).
    """
    emission = Emission(Mois(jour), Regie.courante().seuil)
    refuser_sans_tarif(emission.mois)
    resultat = Apercu(emission.mois.debut, activites=emission.mois.activites)
    foyers = list(Famille.objects.order_by("pk").values_list("pk", flat=True))
    resultat.foyers = len(foyers)
    for debut in range(0, len(foyers), lot):
        for piece in emission.pieces(foyers[debut : debut + lot]):
            if piece.reporte:
                resultat.reportes[piece.foyer] += piece.total
                continue
            if piece.total:
                resultat.factures += 1
                resultat.totaux[piece.foyer] += piece.total
            for ligne in piece.lignes:
                resultat.actes[ligne.fait.activite] += 1
                resultat.montants[ligne.fait.activite] += ligne.prix.montant
        if suivre:
            suivre(min(debut + lot, len(foyers)))
    return resultat


def refuser_sans_tarif(mois):
    """Une activité sans tarif arrête tout, avant la première facture : l'oublier la rendrait gratuite."""
    if oubliees := sans_tarif(mois):
        noms = " ; ".join(f"{activite} (le {jour:%d/%m})" for activite, jour in oubliees[:5])
        reste = f" ; et {len(oubliees) - 5} autres" if len(oubliees) > 5 else ""
        raise ValidationError(
            f"Sans tarif : {noms}{reste}. Créez le tarif de ces activités (0 € si elles sont gratuites).",
            code="sans_tarif",
        )


# --- Comparer -----------------------------------------------------------------------------------------------------
@dataclass
class Comparaison:
    """Un ``Apercu`` à côté du dernier mois facturé avant lui (``mois``, ``None`` s'il n'y en a pas)."""

    mois: dt.date | None
    factures: int
    total: Decimal
    activites: list  # (activité, actes, euros, euros d'avant ou None)
    ecarts: list  # les ``Ecart``, du plus grand au plus petit


def comparer(apercu):
    """La ``Comparaison`` de cet ``Apercu``. Quatre requêtes."""
    avant = Facture.objects.filter(mois__lt=apercu.mois).order_by("-mois").values_list("mois", flat=True).first()
    siennes = Facture.objects.filter(mois=avant) if avant else Facture.objects.none()
    foyers = _sommes(siennes, "famille", "total")
    activites = _sommes(Ligne.objects.filter(facture__in=siennes), "activite", "montant")
    rangees = [(activite, n, somme, activites.get(activite.pk)) for activite, n, somme in apercu.par_activite()]
    return Comparaison(
        avant, siennes.count(), sum(foyers.values(), regles.ZERO), rangees, a_regarder(apercu, avant, foyers)
    )


def a_regarder(apercu, avant, foyers):
    """Les foyers dont le mois s'écarte du leur (``foyers`` : ce que chacun devait au mois ``avant``)."""
    if avant is None:
        return []
    sommes = apercu.totaux + apercu.reportes
    mediane = median(sommes.values()) if sommes else regles.ZERO
    connus = set(Facture.objects.filter(mois__lt=apercu.mois).order_by().values_list("famille", flat=True).distinct())
    ecarts = []
    for foyer in {*sommes, *foyers}:
        d_avant = foyers.get(foyer, regles.ZERO) if foyer in connus else None
        if pourquoi := regles.remarquer(d_avant, sommes.get(foyer, regles.ZERO), mediane):
            ecarts.append(Ecart(foyer, d_avant, sommes.get(foyer, regles.ZERO), pourquoi))
    return sorted(ecarts, key=lambda e: (-abs(e.maintenant - (e.avant or regles.ZERO)), e.foyer))


def _sommes(lignes, par, colonne):
    return dict(lignes.order_by().values_list(par).annotate(s=Sum(colonne)))
