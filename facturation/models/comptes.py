"""Le compte d'un foyer : ce qui l'a chargé, ce qui l'a soulagé."""

from django.utils.formats import date_format

from commune.regles import jour_de_paris
from facturation import regles
from facturation.regles import Mouvement

from .factures import Avoir, Facture
from .reglements import Reglement


def releve(famille):
    """Tous les ``Mouvement`` du compte, du plus ancien au plus récent, chacun avec son solde. Trois requêtes."""
    mouvements = [
        Mouvement(
            jour_de_paris(f.emise_le), "facture", f"Facture {f.reference}, {date_format(f.mois, 'F Y')}", f.total, f.pk
        )
        for f in Facture.objects.filter(famille=famille)
    ]
    for avoir in Avoir.objects.filter(facture__famille=famille):
        texte = f"Avoir {avoir.reference} : {avoir.motif}"
        mouvements.append(Mouvement(jour_de_paris(avoir.emis_le), "avoir", texte, -avoir.montant, avoir.facture_id))
    for recu in Reglement.objects.filter(famille=famille):
        moyen = f"{recu.get_moyen_display()} {recu.reference}".strip()
        mouvements.append(Mouvement(recu.recu_le, "reglement", f"Règlement, {moyen}", -recu.montant, recu.facture_id))
        if recu.annule_le:
            texte = f"Règlement annulé, {moyen} : {recu.motif_annulation}"
            mouvements.append(
                Mouvement(jour_de_paris(recu.annule_le), "annulation", texte, recu.montant, recu.facture_id)
            )
    return regles.relever(mouvements)
