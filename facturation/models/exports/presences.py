"""Réservé, venu, facturé : les trois faits, enfant par enfant, ou comptés en heures pour la CAF."""

from django.db import connection

from facturation.regles.exports import AGES, heures_de, trimestre
from inscriptions.models import Activite

PAQUET = 2000
ETATS = {"present": "présent", "absent": "absent", "excuse": "excusé", None: ""}

# Un avoir ou une facture d'après l'arrêté n'existent pas encore.
FAITS = """
SELECT s.jour, s.activite_id, e.id, e.nom, e.prenom, coalesce(r.famille_id, b.famille_id), r.id IS NOT NULL,
       coalesce(r.hors_delai, false), p.etat, p.arrivee, p.depart, b.montant
FROM reservations_seance s
CROSS JOIN LATERAL (
  SELECT enfant_id FROM reservations_reservation WHERE seance_id = s.id AND etat = 'reservee'
  UNION SELECT enfant_id FROM presences_pointage WHERE seance_id = s.id
  UNION SELECT enfant_id FROM facturation_ligne WHERE seance_id = s.id
) qui
JOIN familles_enfant e ON e.id = qui.enfant_id
LEFT JOIN reservations_reservation r ON r.seance_id = s.id AND r.enfant_id = e.id AND r.etat = 'reservee'
LEFT JOIN presences_pointage p ON p.seance_id = s.id AND p.enfant_id = e.id
LEFT JOIN LATERAL (
  SELECT min(f.famille_id) AS famille_id, sum(l.montant) AS montant
  FROM facturation_ligne l JOIN facturation_facture f ON f.id = l.facture_id
  WHERE l.seance_id = s.id AND l.enfant_id = e.id AND f.emise_le <= %(arrete)s
) b ON true
WHERE s.jour BETWEEN %(debut)s AND %(fin)s
ORDER BY s.jour, s.activite_id, e.nom, e.prenom, e.id
"""
HEURES = """
SELECT date_trunc('quarter', x.jour)::date, x.activite_id, e.date_naissance > x.jour - interval '6 years',
       count(DISTINCT x.enfant_id) FILTER (WHERE x.fait = 'venu'), count(*) FILTER (WHERE x.fait = 'venu'),
       count(*) FILTER (WHERE x.fait = 'reserve'), count(*) FILTER (WHERE x.fait = 'facture'),
       count(*) FILTER (WHERE x.fait = 'forfait')
FROM (
  SELECT s.jour, s.activite_id, r.enfant_id, 'reserve' AS fait
  FROM reservations_reservation r JOIN reservations_seance s ON s.id = r.seance_id
  WHERE r.etat = 'reservee' AND s.ouverte AND s.jour BETWEEN %(debut)s AND %(fin)s
  UNION ALL SELECT s.jour, s.activite_id, p.enfant_id, 'venu'
  FROM presences_pointage p JOIN reservations_seance s ON s.id = p.seance_id
  WHERE p.etat = 'present' AND s.ouverte AND s.jour BETWEEN %(debut)s AND %(fin)s
  UNION ALL SELECT l.jour, l.activite_id, l.enfant_id,
         CASE WHEN l.unite IN ('mois', 'annee') THEN 'forfait' ELSE 'facture' END
  FROM facturation_ligne l JOIN facturation_facture f ON f.id = l.facture_id
  WHERE f.emise_le <= %(arrete)s AND l.jour BETWEEN %(debut)s AND %(fin)s AND NOT EXISTS (
    SELECT FROM facturation_lignerendue d JOIN facturation_avoir a ON a.id = d.avoir_id
    WHERE d.ligne_id = l.id AND a.emis_le <= %(arrete)s
  )
) x JOIN familles_enfant e ON e.id = x.enfant_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 DESC
"""


def presences(export):
    for jour, activite, enfant, nom, prenom, famille, reserve, hors_delai, etat, arrivee, depart, euros in _lire(
        export, FAITS
    ):
        yield (jour, *export.activite(activite), enfant, nom, prenom, famille, "oui" if reserve else "non",
               "oui" if hors_delai else "non", ETATS[etat], _heure(arrivee), _heure(depart), euros)  # fmt: skip


def heures(export):
    creneaux = {pk: heures for pk, *heures in Activite.objects.values_list("pk", "heure_debut", "heure_fin")}
    lues = []
    for debut, activite, petit, enfants, venus, reserves, factures, forfaits in _lire(export, HEURES):
        du, au = creneaux[activite]
        comptees = [heures_de(du, au, combien) for combien in (venus, reserves, factures)]
        age = AGES[not petit]
        lues.append((trimestre(debut), *export.activite(activite), age, enfants, venus, *comptees, forfaits))
    return sorted(lues, key=lambda rangee: (rangee[0], rangee[2], rangee[1], AGES.index(rangee[3])))


def _heure(heure):
    return f"{heure:%H:%M}" if heure else ""


def _lire(export, requete):
    """Les rangées d'une requête, par paquets : le curseur reste dans la base."""
    places = {"debut": export.debut, "fin": export.fin, "arrete": export.arrete_le}
    with connection.chunked_cursor() as curseur:
        curseur.execute(requete, places)
        while paquet := curseur.fetchmany(PAQUET):
            yield from paquet
