"""De quelles activités vient ce qu'un avoir rend, au centime."""

from collections import defaultdict

from facturation import regles

from ..factures import Avoir, Ligne, LigneCorrigee, LigneRendue

PAQUET = 500  # avoirs, avec toutes les lignes de leurs factures


def avoirs_ventiles(export):
    """``(Avoir, [(Ligne, euros)…])``, l'un après l'autre, de la période. Quatre requêtes par paquet.

    Un avoir qui désigne ses lignes les rend ; un autre rend une part de chaque ligne de sa facture.
    """
    tous = Avoir.objects.filter(**export.entre("emis_le")).select_related("facture").order_by("pk")
    dernier, encore = 0, True
    while encore:
        lus = list(tous.filter(pk__gt=dernier)[:PAQUET])
        encore = len(lus) == PAQUET
        if lus:
            dernier = lus[-1].pk
            yield from _ventiler(lus)


def _ventiler(lus):
    poids = defaultdict(list)
    for corrigee in LigneCorrigee.objects.filter(avoir__in=lus).select_related("ligne").order_by("pk"):
        poids[corrigee.avoir_id].append((corrigee.ligne, corrigee.montant))
    for rendue in LigneRendue.objects.filter(avoir__in=lus).select_related("ligne").order_by("pk"):
        poids[rendue.avoir_id].append((rendue.ligne, rendue.ligne.montant))
    sans = {avoir.facture_id for avoir in lus if avoir.pk not in poids}
    toutes = defaultdict(list)
    for ligne in Ligne.objects.filter(facture__in=sans).order_by("pk"):
        toutes[ligne.facture_id].append((ligne, ligne.montant))
    for avoir in lus:
        yield avoir, regles.ventiler(avoir.montant, poids.get(avoir.pk) or toutes[avoir.facture_id])
