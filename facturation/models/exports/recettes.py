"""Les recettes, comptées par la base : une requête pour les factures, quatre par paquet d'avoirs."""

from collections import defaultdict
from operator import attrgetter

from django.db import connection
from django.utils.formats import date_format

from facturation import regles
from facturation.regles.exports import Recette, rang_de_bande

from ..tarifs import Tarif
from .ventilation import avoirs_ventiles

# Les bornes sont comprises (« jusqu'à 600 ») : width_bucket les veut exclues, d'où le « + 1 » de ``_bornes``.
FACTURE = """
SELECT f.mois, l.activite_id, coalesce(width_bucket(l.quotient, %(bornes)s::int[]), %(inconnu)s),
       count(*), sum(l.montant)
FROM facturation_facture f JOIN facturation_ligne l ON l.facture_id = f.id
WHERE f.emise_le >= %(du)s AND f.emise_le < %(au)s AND f.emise_le <= %(arrete)s
GROUP BY 1, 2, 3
"""


def seuils_en_vigueur(fin):
    """Les seuils de quotient des tranches : ceux d'un tarif qui vaut ce jour-là, à défaut des nombres ronds."""
    tarifs = Tarif.objects.au(fin, fin).avec_grilles().order_by("genre", "-debut", "pk")
    return regles.seuils_de(*(tarif.grille() for tarif in tarifs))


def lire_recettes(export):
    """Les ``Recette`` de la période, triées. Une requête, et quatre par paquet d'avoirs."""
    seuils = export.reglages["seuils"]
    cases = defaultdict(lambda: [0, regles.ZERO, regles.ZERO])
    for mois, activite, bande, combien, somme in _factures(export, seuils):
        case = cases[mois, activite, bande]
        case[0], case[1] = combien, somme
    for avoir, parts in avoirs_ventiles(export):
        for ligne, euros in parts:
            cases[avoir.facture.mois, ligne.activite_id, rang_de_bande(ligne.quotient, seuils)][2] += euros
    lues = []
    for (mois, activite, bande), (combien, facture, avoirs) in cases.items():
        nom, site = export.activite(activite)
        lues.append(Recette(mois, site, nom, bande, combien, facture, avoirs))
    return sorted(lues, key=attrgetter("mois", "ecole", "activite", "bande"))


def recettes(export):
    noms = regles.noms_des_bandes(export.reglages["seuils"])
    for r in lire_recettes(export):
        yield (date_format(r.mois, "F Y"), r.ecole, r.activite, noms[r.bande], r.lignes, r.facture, r.avoirs, r.nette)


def _factures(export, seuils):
    bornes = export.entre("emise_le")
    places = {
        "bornes": [seuil + 1 for seuil in seuils], "inconnu": len(seuils) + 1, "du": bornes["emise_le__gte"],
        "au": bornes["emise_le__lt"], "arrete": export.arrete_le,
    }  # fmt: skip
    with connection.cursor() as curseur:
        curseur.execute(FACTURE, places)
        return curseur.fetchall()
