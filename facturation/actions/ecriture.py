"""Écrire les factures d'un lot : leurs numéros, leurs lignes, l'annonce à leurs familles."""

from django.db import connection
from procrastinate.contrib.django import app

from commune.requetes import parmi
from facturation import regles
from facturation.models import Mandat, avances_pour

from . import numeros
from .annonces import PREVENIR
from .entetes import destinataires
from .mandats import ANNONCER

FACTURES = (
    "COPY facturation_facture (id, exercice, numero, famille_id, facturation_id, mois, budget_id, destinataire,"
    " adresse, total, avance, emise_le, echeance, rum, preleve_le, pdf) FROM STDIN"
)
LIGNES = (
    "COPY facturation_ligne (facture_id, enfant_id, activite_id, seance_id, jour, prenom, texte, quantite,"
    " prix_unitaire, montant, quotient, regle, garde, unite, annee_id) FROM STDIN"
)


def ecrire_les_factures(facturation, pieces, maintenant):
    """Numérote et écrit ces factures et leurs lignes, annonce à leurs familles qu'elles sont là."""
    foyers = {piece.foyer for piece in pieces}
    preleve_le = regles.jour_de_prelevement(facturation.echeance, maintenant)
    siens = Mandat.objects.filter(famille__in=parmi(foyers)).prelevables(preleve_le)
    adresses, mandats = destinataires(foyers), {mandat.famille_id: mandat.rum for mandat in siens}
    # Un budget qui a son propre compte ne se prélève pas : le lot est celui de la régie.
    a_part = {int(cle) for cle, dit in facturation.emetteur.get("budgets", {}).items() if dit.get("a_part")}
    exercice, cles = regles.exercice(maintenant), reserver_des_cles(len(pieces))
    premier = numeros.prendre(numeros.FACTURES, exercice, len(pieces))
    avances = regles.partager(avances_pour(facturation.mois, foyers), [(piece.foyer, piece.total) for piece in pieces])
    factures, annoncees, autres = [], [], []
    for numero, (cle, piece, avance) in enumerate(zip(cles, pieces, avances, strict=True), premier):
        # Un débit de zéro euro ne s'annonce pas.
        rum = "" if piece.budget in a_part or avance == piece.total else mandats.get(piece.foyer, "")
        (annoncees if rum else autres).append(cle)
        factures.append((
            cle, exercice, numero, piece.foyer, facturation.pk, facturation.mois, piece.budget, *adresses[piece.foyer],
            piece.total, avance, maintenant, facturation.echeance, rum, preleve_le if rum else None, "",
        ))  # fmt: skip
    copier(FACTURES, factures)
    copier(LIGNES, lignes(cles, pieces))
    facturation.faites += len(factures)
    if annoncees:
        app.configure_task(ANNONCER).defer(factures=annoncees, facturation=facturation.pk)
    if autres:
        app.configure_task(PREVENIR).defer(factures=autres, facturation=facturation.pk)


def lignes(cles, pieces):
    """Les lignes de ces factures, désignées par leurs ``cles``, dans l'ordre des colonnes de ``LIGNES``."""
    for cle, piece in zip(cles, pieces, strict=True):
        for fait, prenom, texte, prix in piece.lignes:
            yield (
                cle, fait.enfant, fait.activite, fait.seance, fait.jour, prenom, texte, prix.quantite, prix.unitaire,
                prix.montant, prix.quotient, prix.pourquoi, prix.garde, prix.unite, prix.annee,
            )  # fmt: skip


def reserver_des_cles(combien):
    """Autant de clés de facture, prises dans leur séquence : les lignes les portent avant que la base ne réponde."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT nextval(pg_get_serial_sequence('facturation_facture', 'id')) FROM generate_series(1, %s)", [combien]
        )
        return [cle for (cle,) in curseur]


def copier(ou, rangees):
    """Écrit ces rangées par COPY : un mois de 500 foyers a vingt mille lignes, dix fois plus vite ainsi."""
    with connection.wrap_database_errors, connection.cursor() as curseur, curseur.copy(ou) as copie:
        for rangee in rangees:
            copie.write_row(rangee)
