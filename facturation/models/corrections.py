"""Les factures émises qu'un quotient, entré depuis, rendrait moins chères."""

import datetime as dt
from collections import defaultdict

from django.db import connection
from django.db.models import Count, Q, Sum

from facturation import regles

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
"""


def quotients_tardifs(mois):
    """``[(Facture, Revision), …]`` : avant d'émettre ``mois``, les factures de l'année d'avant qu'un quotient, arrivé
    depuis, rendrait moins chères ; une hausse, ou une correction déjà faite, n'y est plus.
    """
    return factures_a_corriger(regles.premier(mois - AN), mois)


def factures_a_corriger(depuis, avant=dt.date.max):
    """``[(Facture, Revision), …]`` des mois de ``depuis`` à ``avant``, celui-ci exclu (leurs premiers jours), que l'on
    propose de corriger. Un nombre de requêtes par mois, quel que soit le nombre de factures.
    """
    with connection.cursor() as curseur:
        curseur.execute(A_REVOIR, {"depuis": depuis, "avant": avant, "faute": f"{regles.FAUTE}|{regles.PERIME}"})
        cles = [pk for (pk,) in curseur.fetchall()]
    factures = Facture.objects.filter(pk__in=cles).select_related("famille").order_by("mois", "famille__nom", "pk")
    revues = reviser_factures(list(factures))
    return [(facture, revue) for facture, revue in revues if revue.rendre]


def reviser_factures(factures):
    """``[(Facture, Revision), …]`` : ce que chacune coûterait avec les quotients d'aujourd'hui. N'écrit rien.

    Les jours d'un mois reporté se recalculent dans leur mois, et non dans celui de la facture qui les a repris.
    """
    par_mois, revisions = defaultdict(lambda: defaultdict(list)), {f.pk: regles.Revision([], []) for f in factures}
    lignes = Ligne.objects.filter(facture__in=factures, rendue=None).select_related("activite").order_by("pk")
    for ligne in lignes:
        par_mois[regles.premier(ligne.jour)][ligne.facture_id].append(ligne)
    parts = (
        LigneCorrigee.objects.filter(ligne__facture__in=factures).order_by()
        .values_list("ligne").annotate(s=Sum("montant"), contestees=Count("pk", filter=Q(quotient=None)))
    )  # fmt: skip
    rendus = {ligne: None if contestees else somme for ligne, somme, contestees in parts}
    foyers = {facture.pk: facture.famille for facture in factures}
    for mois, par_facture in sorted(par_mois.items()):
        for facture, revue in _du_mois(Mois(mois), par_facture, foyers, rendus):
            revisions[facture].ecarts.extend(revue.ecarts)
            revisions[facture].a_la_main.extend(revue.a_la_main)
    return [(facture, revisions[facture.pk]) for facture in factures]


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
        yield facture, regles.reviser(siennes, alors, maintenant, rendus)


def _emis(lignes):
    """Les quotients que ces lignes ont copiés, jour par jour. Une ligne à prix fixe n'en dit aucun."""
    connus = {ligne.jour: ligne.quotient for ligne in lignes if ligne.quotient is not None}
    return Quotients((jour, jour, regles.QF(valeur)) for jour, valeur in connus.items())
