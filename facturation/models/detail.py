"""Ce que montre la page d'une facture, lu d'un bloc : ses lignes et leurs faits, ses suites, les mois d'avant."""

from collections import defaultdict, namedtuple
from decimal import Decimal
from itertools import groupby, starmap

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce

from commune.requetes import poser
from facturation import regles

from .factures import Avoir, Ligne
from .reglements import Reglement

MOIS_D_AVANT = 3
SANS_BUDGET = 0  # la clé d'aucun budget
# La réservation est celle du foyer facturé : celle que l'autre foyer d'un enfant a reprise ne le regarde pas.
ACTES = """
SELECT l.id, l.enfant_id, l.prenom, l.activite_id, l.texte, l.jour, l.montant, l.regle,
       r.etat, COALESCE(r.hors_delai, false), p.etat, p.arrivee, p.depart, x.etat,
       COALESCE('A' || a.exercice || '-' || lpad(a.numero::text, 6, '0'), ''),
       (SELECT c.etat FROM facturation_contestation c WHERE c.ligne_id = l.id ORDER BY c.id DESC LIMIT 1),
       (SELECT sum(k.montant) FROM facturation_lignecorrigee k WHERE k.ligne_id = l.id AND k.quotient IS NULL)
FROM facturation_ligne l
JOIN facturation_facture f ON f.id = l.facture_id
LEFT JOIN reservations_reservation r
  ON r.enfant_id = l.enfant_id AND r.seance_id = l.seance_id AND r.famille_id = f.famille_id
LEFT JOIN presences_pointage p ON p.enfant_id = l.enfant_id AND p.seance_id = l.seance_id
LEFT JOIN reservations_excuse x ON x.reservation_id = r.id
LEFT JOIN facturation_lignerendue d ON d.ligne_id = l.id
LEFT JOIN facturation_avoir a ON a.id = d.avoir_id
WHERE {quoi} = %s ORDER BY l.id
"""
SUITES = """
SELECT 'avoir' AS quoi, a.id, a.exercice, a.numero, a.montant, a.motif, a.emis_le, NULL::date AS recu_le, NULL AS moyen,
       NULL AS refdet
FROM facturation_avoir a WHERE a.facture_id = %(facture)s
UNION ALL
SELECT 'reglement', r.id, NULL, NULL, r.montant, NULL, NULL, r.recu_le, r.moyen, p.refdet
FROM facturation_reglement r LEFT JOIN facturation_paiement p ON p.reglement_id = r.id
WHERE r.facture_id = %(facture)s AND r.annule_le IS NULL
ORDER BY emis_le, recu_le, id
"""


def actes_de(facture):
    """Les ``regles.Acte`` de cette facture (sa clé), dans l'ordre de ses lignes. Une requête."""
    return _lire("l.facture_id", facture)


def acte_de(ligne):
    """L'``regles.Acte`` de cette ligne (sa clé)."""
    return _lire("l.id", ligne)[0]


def _lire(quoi, cle):
    with connection.cursor() as curseur:
        curseur.execute(ACTES.format(quoi=quoi), [cle])
        return [regles.Acte(*ligne) for ligne in curseur.fetchall()]


def suites_de(facture):
    """``(avoirs, règlements)`` de cette facture (sa clé), du plus ancien au plus récent. Une requête pour les deux."""
    avoirs, recus = [], []
    with connection.cursor() as curseur:
        curseur.execute(SUITES, {"facture": facture})
        lire = namedtuple("Suite", [colonne.name for colonne in curseur.description])
        for s in starmap(lire, curseur.fetchall()):
            if s.quoi == "avoir":
                avoirs.append(
                    Avoir(pk=s.id, exercice=s.exercice, numero=s.numero, montant=s.montant, motif=s.motif,
                          emis_le=s.emis_le)
                )  # fmt: skip
            else:
                recus.append(Reglement(pk=s.id, montant=s.montant, recu_le=s.recu_le, moyen=s.moyen))
                recus[-1].refdet = s.refdet  # la page de son paiement en ligne, s'il en est un
    return avoirs, recus


def mois_d_avant(facture):
    """Les ``regles.Bilan`` des mois du même budget facturés au foyer dans l'année d'avant, le plus récent d'abord."""
    un_an = facture.mois.replace(year=facture.mois.year - 1)
    lignes = poser(_lignes_d_avant, facture.famille_id, facture.budget_id or SANS_BUDGET, un_an, facture.mois)
    bilans = []
    for (pk, mois), groupe in groupby(lignes, key=lambda ligne: ligne[:2]):
        nombres, total = defaultdict(Decimal), regles.ZERO
        for *_, texte, n, somme in groupe:
            nombres[texte] += n
            total += somme
        bilans.append(regles.Bilan(mois, total, dict(nombres), pk))
    return bilans[:MOIS_D_AVANT]


def _lignes_d_avant(famille, budget, depuis, avant):
    lues = Ligne.objects.alias(budget=Coalesce("facture__budget", SANS_BUDGET)).filter(
        budget=budget, facture__famille=famille, facture__mois__gte=depuis, facture__mois__lt=avant
    )
    return lues.order_by("-facture__mois", "facture").values_list("facture", "facture__mois", "texte").annotate(
        n=Sum("quantite"), s=Sum("montant")
    )  # fmt: skip
