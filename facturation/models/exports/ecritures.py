"""Le journal comptable, lu pièce par pièce."""

from itertools import groupby

from django.db.models import Sum

from commune.regles import jour_de_paris
from facturation.regles import exports as regles

from ..caisse import Remboursement
from ..factures import Avoir, Facture, Ligne
from ..reglements import Reglement
from .codes import lire_codes
from .pieces import PAQUET, mouvements
from .ventilation import avoirs_ventiles

CHAMPS = ["facture", "facture__exercice", "facture__numero", "facture__emise_le", "facture__famille",
          "facture__destinataire", "facture__budget", "activite"]  # fmt: skip


def ecritures(export):
    codes = lire_codes(export.reglages)
    yield from ventes(export, codes)
    for avoir, parts in avoirs_ventiles(export):
        par_activite = [(ligne.activite_id, euros) for ligne, euros in parts]
        libelle = f"Avoir sur la facture {avoir.facture.reference}, {avoir.facture.destinataire}"
        jour = jour_de_paris(avoir.emis_le)
        siens = codes.du_budget(avoir.facture.budget_id)
        yield from regles.avoir(siens, jour, avoir.reference, libelle, avoir.facture.famille_id, par_activite)
    for instant, _, piece, sens, quoi, argent in mouvements(export):
        libelle = f"{quoi}, {argent.get_moyen_display()} {argent.reference}".strip()
        jour, somme = jour_de_paris(instant), sens * argent.montant
        facture = getattr(argent, "facture", None)  # un remboursement n'en désigne pas : c'est la régie principale
        siens = codes.du_budget(facture.budget_id if facture else None)
        yield from regles.encaissement(siens, jour, piece, libelle, argent.famille_id, argent.moyen, somme)


def ventes(export, codes):
    """Une facture et ses lignes, sommées par activité dans la base : une rangée par activité."""
    lues = Ligne.objects.filter(**export.entre("facture__emise_le")).order_by("facture", "activite")
    sommes = lues.values_list(*CHAMPS).annotate(s=Sum("montant"))
    for cle, rangees in groupby(sommes.iterator(PAQUET), key=lambda rangee: rangee[:7]):
        _, exercice, numero, emise_le, famille, destinataire, budget = cle
        reference = Facture(exercice=exercice, numero=numero).reference
        parts = [(rangee[7], rangee[8]) for rangee in rangees]
        libelle = f"Facture {reference}, {destinataire}"
        yield from regles.vente(
            codes.du_budget(budget), jour_de_paris(emise_le), reference, libelle, famille, parts
        )


def utilises(export):
    """Les activités (leurs clés) et les moyens dont la période a besoin d'un compte. Six requêtes."""
    lignes = Ligne.objects.filter(**export.entre("facture__emise_le")).order_by()
    activites = set(lignes.values_list("activite", flat=True).distinct())
    rendues = Ligne.objects.filter(facture__avoirs__in=Avoir.objects.filter(**export.entre("emis_le"))).order_by()
    activites |= set(rendues.values_list("activite", flat=True).distinct())
    moyens = set()
    for modele in (Reglement, Remboursement):
        for champ in ("saisi_le", "annule_le"):
            moyens |= set(modele.objects.filter(**export.entre(champ)).order_by().values_list("moyen", flat=True))
    return activites, moyens

