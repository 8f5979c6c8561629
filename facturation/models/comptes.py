"""Le compte d'un foyer : ce qui l'a chargé, ce qui l'a soulagé."""

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format

from commune.regles import jour_de_paris
from commune.requetes import poser
from facturation import regles
from facturation.regles import Mouvement
from familles.models import Famille

from .caisse import Remboursement
from .factures import Avoir, Facture
from .reglements import Reglement
from .tarifs import montant

# Le compte de ``facturation_ranger`` (``restes.sql``), fait avant que la facture existe : elle se rangera après
# celles de son mois et d'avant, qui sont servies les premières ; une plus récente attendra. En ensembles, et non une à
# une : un lot de mille foyers en relit trente mille au bout de trois ans.
AVANCES = """
WITH siennes AS (
  SELECT id, famille_id, mois, total FROM facturation_facture WHERE famille_id = ANY(%(foyers)s)
), soldees AS (
  SELECT facture_id, sum(montant) AS somme FROM (
    SELECT facture_id, montant FROM facturation_avoir WHERE facture_id IN (SELECT id FROM siennes)
    UNION ALL
    SELECT facture_id, montant FROM facturation_reglement
    WHERE facture_id IN (SELECT id FROM siennes) AND annule_le IS NULL
  ) payees GROUP BY facture_id
), nettes AS (
  SELECT f.famille_id, f.mois, f.total - COALESCE(s.somme, 0) AS net
  FROM siennes f LEFT JOIN soldees s ON s.facture_id = f.id
), comptes AS (
  SELECT famille_id, -net AS somme FROM nettes WHERE net < 0 OR mois <= %(mois)s
  UNION ALL
  SELECT famille_id, montant FROM facturation_reglement
  WHERE famille_id = ANY(%(foyers)s) AND facture_id IS NULL AND annule_le IS NULL
  UNION ALL
  SELECT famille_id, -montant FROM facturation_remboursement
  WHERE famille_id = ANY(%(foyers)s) AND annule_le IS NULL
)
SELECT famille_id, sum(somme) FROM comptes GROUP BY famille_id HAVING sum(somme) > 0
"""


def avances_pour(mois, foyers):
    """Foyer → ce que son compte tient (euros) pour une facture de ce mois, une fois servies celles d'avant.

    ``foyers`` : leurs clés. Qui n'a rien n'y est pas. Une requête.
    """
    with connection.cursor() as curseur:
        curseur.execute(AVANCES, {"mois": mois, "foyers": list(foyers)})
        return dict(curseur.fetchall())


def avec_solde(familles):
    """Ajoute ``solde`` : factures − avoirs − règlements + remboursements (euros) ; positif, le foyer doit."""

    def somme(queryset, par, colonne):
        totaux = queryset.filter(**{par: OuterRef("pk")}).values(par).order_by().annotate(s=Sum(colonne)).values("s")
        return Coalesce(Subquery(totaux), Value(regles.ZERO), output_field=montant("somme"))

    return familles.annotate(
        solde=somme(Facture.objects, "famille", "total")
        - somme(Avoir.objects, "facture__famille", "montant")
        - somme(Reglement.objects.valables(), "famille", "montant")
        + somme(Remboursement.objects.valables(), "famille", "montant")
    )


def solde_de(famille):
    """Ce que doit ce foyer (euros) ; négatif, il a une avance."""
    return avec_solde(Famille.objects.filter(pk=famille.pk)).values_list("solde", flat=True).get()


def hors_facture(famille):
    """Ce que doit ce foyer (euros) sans qu'aucune facture le porte : une avance rendue, puis son paiement annulé."""
    restes = Facture.objects.filter(famille=famille).impayees().values_list("reste", flat=True)
    return regles.hors_facture(solde_de(famille), restes)


def releve(famille):
    """Tous les ``Mouvement`` du compte, du plus ancien au plus récent, chacun avec son solde. Quatre requêtes."""
    mouvements = [
        Mouvement(
            jour_de_paris(f.emise_le), "facture", f"Facture {f.reference}, {date_format(f.mois, 'F Y')}", f.total, f.pk
        )
        for f in poser(_factures, famille.pk)
    ]
    for avoir in poser(_avoirs, famille.pk):
        texte = f"Avoir {avoir.reference} : {avoir.motif}"
        mouvements.append(Mouvement(jour_de_paris(avoir.emis_le), "avoir", texte, -avoir.montant, avoir.facture_id))
    for recu in poser(_reglements, famille.pk):
        mouvements += _aller_retour(recu, "Règlement", recu.recu_le, "reglement", -recu.montant)
    for rendu in poser(_remboursements, famille.pk):
        mouvements += _aller_retour(rendu, "Remboursement", rendu.fait_le, "remboursement", rendu.montant)
    return regles.relever(mouvements)


def _factures(famille):
    return Facture.objects.filter(famille=famille)


def _avoirs(famille):
    return Avoir.objects.filter(facture__famille=famille)


def _reglements(famille):
    return Reglement.objects.filter(famille=famille)


def _remboursements(famille):
    return Remboursement.objects.filter(famille=famille)


def _aller_retour(argent, nom, jour, genre, somme):
    """Un règlement ou un remboursement, et s'il fut annulé, son annulation."""
    moyen = f"{argent.get_moyen_display()} {argent.reference}".strip()
    facture, recu = (argent.facture_id, argent.pk) if genre == "reglement" else (None, None)
    mouvements = [Mouvement(jour, genre, f"{nom}, {moyen}", somme, facture, recu=None if argent.annule_le else recu)]
    if argent.annule_le:
        texte = f"{nom} annulé, {moyen} : {argent.motif_annulation}"
        mouvements.append(Mouvement(jour_de_paris(argent.annule_le), "annulation", texte, -somme, facture))
    return mouvements
