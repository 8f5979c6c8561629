"""Le livre de caisse : les opérations d'un jour, leurs totaux par moyen, les espèces attendues."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from commune.regles import instant_de_paris
from facturation import regles

from .caisse import Bordereau, Depose, Journee, Remboursement
from .reglements import Regie, Reglement


@dataclass
class Operation:
    """Une écriture du jour : ``somme`` en euros, négative si l'argent sort."""

    quoi: str
    famille: str
    moyen: str
    reference: str
    somme: Decimal


@dataclass
class Livre:
    """Ce que la régie a reçu, rendu et déposé un jour (date de Paris)."""

    jour: dt.date
    operations: list = field(default_factory=list)
    depots: list = field(default_factory=list)

    @property
    def par_moyen(self):
        """``[(moyen, nombre, entrées − sorties)…]``, dans l'ordre des moyens."""
        nombres, sommes = defaultdict(int), defaultdict(Decimal)
        for operation in self.operations:
            nombres[operation.moyen] += 1
            sommes[operation.moyen] += operation.somme
        return [(nom, nombres[nom], sommes[nom]) for _, nom in Reglement.Moyen.choices if nombres[nom]]

    @property
    def total(self):
        return sum((operation.somme for operation in self.operations), regles.ZERO)


def livre(jour):
    """Le ``Livre`` de ce jour : reçus, rendus, annulés, déposés ce jour-là. Cinq requêtes."""
    tenu = Livre(jour)
    for modele, quoi, date, sens in (
        (Reglement, "Règlement", "recu_le", 1), (Reglement, "Règlement annulé", "annule_le", -1),
        (Remboursement, "Remboursement", "fait_le", -1), (Remboursement, "Remboursement annulé", "annule_le", 1),
    ):  # fmt: skip
        filtre = _entre("annule_le", jour, jour) if date == "annule_le" else {date: jour}
        for argent in modele.objects.filter(**filtre).select_related("famille").order_by("saisi_le", "pk"):
            reference = " ".join(filter(None, [argent.reference, getattr(argent, "titres", "")]))
            tenu.operations.append(
                Operation(quoi, str(argent.famille), argent.get_moyen_display(), reference, sens * argent.montant)
            )
    tenu.depots = list(avec_total(Bordereau.objects.filter(depose_le=jour)).order_by("numero"))
    return tenu


def avec_total(bordereaux):
    """Ajoute ``total`` à des bordereaux (euros)."""
    return bordereaux.annotate(total=Sum("deposes__reglement__montant"))


def especes_attendues(jour):
    """Les espèces (euros) que la caisse doit contenir au soir de ce jour.

    Depuis la dernière journée close avant lui ; sans aucune, depuis son matin, sur le fonds de caisse de la régie.
    """
    derniere = Journee.objects.filter(jour__lt=jour).first()
    regie = Regie.courante()
    fonds = derniere.compte if derniere else regie.fonds_de_caisse
    du = derniere.jour + dt.timedelta(days=1) if derniere else jour
    especes = {"moyen": Reglement.Moyen.ESPECES}

    def somme(queryset, colonne="montant"):
        return queryset.aggregate(s=Sum(colonne))["s"] or regles.ZERO

    recus, rendus = Reglement.objects.filter(**especes), Remboursement.objects.filter(**especes)
    return regles.attendu(
        fonds,
        somme(recus.filter(recu_le__range=(du, jour))),
        somme(recus.filter(**_entre("annule_le", du, jour))),
        somme(Depose.objects.filter(bordereau__moyen=Reglement.Moyen.ESPECES, bordereau__depose_le__range=(du, jour)),
              "reglement__montant"),
        somme(rendus.filter(fait_le__range=(du, jour))) - somme(rendus.filter(**_entre("annule_le", du, jour))),
    )  # fmt: skip


def _entre(champ, du, au):
    """Le filtre d'un instant tombé entre ces deux dates de Paris, comprises."""
    fin = instant_de_paris(au + dt.timedelta(days=1), dt.time())
    return {f"{champ}__gte": instant_de_paris(du, dt.time()), f"{champ}__lt": fin}
