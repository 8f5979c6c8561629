"""Ce que demandent encore les lignes de factures émises, tous avoirs déduits."""

from collections import defaultdict

from django.db.models import Sum

from facturation import regles

from .factures import Avoir, Facture, Ligne, LigneCorrigee


def lignes_nettes(factures):
    """``[(facture, enfant, genre, montant, garde)…]`` de ces factures (leurs clés), en euros : quatre requêtes.

    ``montant`` est au centime ; ``garde``, sa part de garde, en garde les décimales, ou vaut ``None`` si la ligne n'en
    dit pas. Une ligne rendue en entier n'y est plus.
    """
    rendus = _sommes(Avoir.objects.filter(facture__in=factures), "facture")
    corrections = _sommes(LigneCorrigee.objects.filter(ligne__facture__in=factures), "ligne")
    par_facture, resultat = defaultdict(list), []
    lues = Ligne.objects.filter(facture__in=factures, rendue=None, montant__gt=0).order_by("pk")
    for facture, *ligne in lues.values_list("facture", "pk", "enfant", "activite__genre", "montant", "garde"):
        par_facture[facture].append(ligne)
    for facture, total in Facture.objects.filter(pk__in=factures).order_by("pk").values_list("pk", "total"):
        siennes = par_facture[facture]
        restes = [(pk, montant - corrections.get(pk, regles.ZERO)) for pk, _, _, montant, _ in siennes]
        nets = regles.nets(restes, total - rendus.get(facture, regles.ZERO))
        resultat += [
            (facture, enfant, genre, nets[pk], garde and garde * nets[pk] / montant)
            for pk, enfant, genre, montant, garde in siennes
        ]  # fmt: skip
    return resultat


def _sommes(lignes, cle):
    return dict(lignes.order_by().values_list(cle).annotate(s=Sum("montant")))
