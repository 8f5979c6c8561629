"""La caisse : des titres reçus, deux dépôts, une avance rendue, la journée d'hier close à cinquante centimes près."""

import datetime as dt
from decimal import Decimal

from facturation.actions import clore, deposer, encaisser, rembourser
from facturation.models import Facture, Regie, Reglement, especes_attendues
from portail.models import Compte

FONDS = Decimal("50.00")


def installer(jour, maintenant):
    """Tout est daté d'hier et d'avant-hier ; à la rentrée, rien n'est encore facturé, et la caisse est vide."""
    regie = Compte.objects.get(email="regie@demo.fr")
    Regie.objects.update(titres_cesu=True, titres_ancv=True, fonds_de_caisse=FONDS)
    impayees = list(
        Facture.objects.impayees().filter(reste__gte=20, rum="").exclude(famille__nom="LA STAR")
        .select_related("famille").order_by("mois", "pk")[:3]
    )  # fmt: skip
    if len(impayees) < 3:
        return
    hier, avant_hier = jour - dt.timedelta(days=1), jour - dt.timedelta(days=2)
    for moyen in (Reglement.Moyen.CHEQUE, Reglement.Moyen.ESPECES):
        tenus = list(
            Reglement.objects.a_deposer().filter(moyen=moyen, recu_le__lte=avant_hier).values_list("pk", flat=True)
        )
        if tenus:
            deposer(moyen, tenus, regie, maintenant, depose_le=avant_hier)
    garder(impayees, hier, regie, maintenant)
    clore(
        hier, especes_attendues(hier) - Decimal("0.50"), "Cinquante centimes rendus en trop au guichet", regie,
        maintenant,
    )  # fmt: skip


def garder(impayees, hier, regie, maintenant):
    """Trois familles passent au guichet : l'une verse trop, et son avance lui est rendue."""
    guichet, titres, trop = impayees
    encaisser(guichet.famille, Decimal("20.00"), "especes", regie, maintenant, facture=guichet, recu_le=hier)
    ancv = ("ANCV", 2, Decimal("10.00"))
    encaisser(
        titres.famille, Decimal("20.00"), "ancv", regie, maintenant, facture=titres, recu_le=hier,
        reference="040 118 552 et 553", titres=ancv,
    )  # fmt: skip
    verse = sum((f.reste for f in Facture.objects.filter(famille=trop.famille).impayees()), Decimal("12.00"))
    encaisser(trop.famille, verse, "cheque", regie, maintenant, recu_le=hier, reference="0001274")
    rembourser(
        trop.famille, Decimal("12.00"), "virement", "VIR 2210", "Chèque de 12 € de trop", regie, maintenant,
        fait_le=hier,
    )  # fmt: skip
