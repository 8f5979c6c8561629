"""Les factures émises qu'un quotient ou une excuse, arrivés depuis, rendraient moins chères."""

import datetime as dt
from collections import defaultdict

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from facturation import regles
from reservations.models import Excuse

from .factures import Facture, Ligne, LigneCorrigee
from .forfaits import forfaits_du
from .prestations import Mois, Quotients

AN = dt.timedelta(days=366)  # au-delà, l'exercice est clos : la régie décide facture par facture

# Les lignes d'une facture au même quotient tiennent en une rangée, du premier au dernier jour : le quotient
# d'aujourd'hui se cherche à ces deux jours, et non ligne par ligne.
A_REVOIR = """
WITH paquets AS (
  SELECT f.id, f.famille_id, l.quotient, min(l.jour) AS du, max(l.jour) AS au
  FROM facturation_facture f JOIN facturation_ligne l ON l.facture_id = f.id
  WHERE f.mois >= %(depuis)s AND f.mois < %(avant)s AND (l.quotient IS NOT NULL OR l.regle ~ %(faute)s)
    AND NOT EXISTS (SELECT FROM facturation_lignerendue r WHERE r.ligne_id = l.id)
  GROUP BY f.id, f.famille_id, l.quotient
)
SELECT DISTINCT p.id FROM paquets p CROSS JOIN LATERAL (VALUES (p.du), (p.au)) AS j(jour)
CROSS JOIN LATERAL (
  SELECT q.valeur FROM familles_quotient q
  WHERE q.famille_id = p.famille_id AND q.debut <= j.jour AND (q.fin IS NULL OR q.fin >= j.jour)
  ORDER BY q.debut DESC, q.id DESC LIMIT 1
) q WHERE q.valeur IS DISTINCT FROM p.quotient
UNION
SELECT f.id FROM reservations_excuse x
JOIN reservations_reservation r ON r.id = x.reservation_id
JOIN facturation_ligne l ON l.enfant_id = r.enfant_id AND l.seance_id = r.seance_id
JOIN facturation_facture f ON f.id = l.facture_id AND f.famille_id = r.famille_id
WHERE x.etat = 'acceptee' AND greatest(x.decidee_le, x.certifie_le) > %(depuis)s
  AND greatest(x.decidee_le, x.certifie_le) > f.emise_le AND f.mois >= %(depuis)s AND f.mois < %(avant)s
  AND l.montant > 0 AND NOT EXISTS (SELECT FROM facturation_lignerendue d WHERE d.ligne_id = l.id)
"""


def corrections_avant(mois):
    """``[(Facture, Revision), …]`` : avant d'émettre ``mois``, les factures de l'année d'avant qu'un quotient ou une
    excuse, arrivés depuis, rendraient moins chères ; une hausse, ou une correction déjà faite, n'y est plus.
    """
    return factures_a_corriger(regles.premier(mois - AN), mois)


def factures_a_corriger(depuis, avant=dt.date.max):
    """``[(Facture, Revision), …]`` des mois de ``depuis`` à ``avant``, celui-ci exclu (leurs premiers jours), que l'on
    propose de corriger.
    """
    return [(facture, revue) for facture, revue in factures_a_revoir(depuis, avant) if revue.rendre]


def factures_a_revoir(depuis, avant=dt.date.max):
    """Les mêmes, et celles où un certificat est arrivé trop tard pour rien rendre. Un nombre de requêtes par mois, quel
    que soit le nombre de factures.
    """
    with connection.cursor() as curseur:
        curseur.execute(A_REVOIR, {"depuis": depuis, "avant": avant, "faute": f"{regles.FAUTE}|{regles.PERIME}"})
        cles = [pk for (pk,) in curseur.fetchall()]
    factures = Facture.objects.filter(pk__in=cles).select_related("famille").order_by("mois", "famille__nom", "pk")
    revues = reviser_factures(list(factures))
    return [(facture, revue) for facture, revue in revues if revue.rendre or revue.tardives]


def reviser_factures(factures):
    """``[(Facture, Revision), …]`` : ce que chacune coûterait avec les quotients et les excuses d'aujourd'hui.

    Les jours d'un mois reporté se recalculent dans leur mois, et non dans celui de la facture qui les a repris.
    """
    par_mois, revisions = defaultdict(lambda: defaultdict(list)), {f.pk: regles.Revision.vide() for f in factures}
    lignes = Ligne.objects.filter(facture__in=factures, rendue=None).select_related("activite").order_by("pk")
    for ligne in _avec_excuse(lignes):
        par_mois[regles.premier(ligne.jour)][ligne.facture_id].append(ligne)
    parts = (
        LigneCorrigee.objects.filter(ligne__facture__in=factures).order_by()
        .values_list("ligne").annotate(s=Sum("montant"), contestees=Count("pk", filter=Q(quotient=None)))
    )  # fmt: skip
    rendus = {ligne: None if contestees else somme for ligne, somme, contestees in parts}
    foyers = {facture.pk: facture.famille for facture in factures}
    for mois, par_facture in sorted(par_mois.items()):
        for facture, revue in _du_mois(Mois(mois), par_facture, foyers, rendus):
            revisions[facture].ajouter(revue)
    return [(facture, revisions[facture.pk]) for facture in factures]


def _avec_excuse(lignes):
    """Ajoute ``acceptee_le`` et ``certifie_le``, les instants de l'excuse acceptée de chaque ligne, et ``emise_le``."""
    siennes = Excuse.objects.filter(
        etat=Excuse.Etat.ACCEPTEE, reservation__enfant=OuterRef("enfant"), reservation__seance=OuterRef("seance"),
        reservation__famille=OuterRef("facture__famille"),
    )  # fmt: skip
    return lignes.annotate(
        acceptee_le=Subquery(siennes.values("decidee_le")), certifie_le=Subquery(siennes.values("certifie_le")),
        emise_le=F("facture__emise_le"),
    )  # fmt: skip


def _excusees(lignes, mois):
    """La ligne (sa clé) → son ``regles.Excusee``, si l'excuse ou son certificat est arrivé après la facture."""
    resultat = {}
    for ligne in lignes:
        instants = [instant for instant in (ligne.acceptee_le, ligne.certifie_le) if instant]
        if instants and max(instants) > ligne.emise_le:
            grille = mois.tarif_du(ligne.activite_id, ligne.jour)
            heures = grille.certificat if grille else None
            resultat[ligne.pk] = regles.Excusee(ligne.acceptee_le, ligne.certifie_le, heures)
    return resultat


def _du_mois(mois, par_facture, foyers, rendus):
    """``(facture, Revision)`` de leurs lignes de ce ``Mois`` ; ``foyers`` : la facture (sa clé) → sa famille."""
    concernes, par_foyer = {foyers[facture] for facture in par_facture}, defaultdict(list)
    for fait in mois.faits(famille.pk for famille in concernes):
        par_foyer[fait.famille].append(fait)
    petits = mois.petits({fait.enfant for siens in par_foyer.values() for fait in siens})
    quotients, forfaits = mois.quotients(famille.pk for famille in concernes), forfaits_du(mois, petits)
    for facture, siennes in par_facture.items():
        famille = foyers[facture]
        faits = par_foyer[famille.pk]
        payes = forfaits.payes(famille.pk, faits)
        alors, maintenant = (
            mois.tarifer(faits, petits, famille.hors_commune, connus, payes)
            for connus in (_emis(siennes), quotients[famille.pk])
        )
        yield facture, regles.reviser(siennes, alors, maintenant, rendus, _excusees(siennes, mois))


def _emis(lignes):
    """Les quotients que ces lignes ont copiés, jour par jour. Une ligne à prix fixe n'en dit aucun."""
    connus = {ligne.jour: ligne.quotient for ligne in lignes if ligne.quotient is not None}
    return Quotients((jour, jour, regles.QF(valeur)) for jour, valeur in connus.items())
