"""L'émission d'un mois, reprise là où elle s'est arrêtée."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from procrastinate.contrib.django import app

from commune.contexte import courante
from commune.memoire import ramassage_suspendu
from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import Emission, Facturation, Mois, Regie, Report
from familles.models import Famille

from .apercu import refuser_sans_tarif
from .ecriture import ecrire_les_factures
from .entetes import emetteur, emetteurs_a_part
from .evenements import crediter_le_mois

LOT = 1000  # foyers par transaction : un arrêt en perd au plus autant, et le compteur n'est jamais pris longtemps
TACHE = "facturation.facturer"


# --- Lancer -------------------------------------------------------------------------------------------------------
@transaction.atomic
def lancer(jour, compte, maintenant, echeance=None):
    """Prépare la facturation du mois de ``jour`` et confie son émission à une tâche de fond. Rend la ``Facturation``.

    Lève les refus de ``preparer``.
    """
    facturation = preparer(Mois(jour), compte, maintenant, echeance)
    relancer(facturation)
    return facturation


@transaction.atomic
def relancer(facturation):
    """Remet une facturation interrompue dans la file. Sans effet sur une facturation terminée."""
    if facturation.terminee_le:
        return
    Facturation.objects.filter(pk=facturation.pk).update(incident="")
    # Par son nom : la tâche importe cette action, et non l'inverse.
    app.configure_task(TACHE).defer(mois=facturation.mois.isoformat())


@transaction.atomic
def preparer(mois, compte, maintenant, echeance=None):
    """La ligne de suivi de ce ``Mois``, créée ou retrouvée telle qu'elle fut lancée.

    Retient l'émetteur du jour : toutes les factures du mois l'impriment. Sans ``echeance`` (date de Paris), le délai
    de la régie. Lève ``ValidationError`` (codes ``mois_en_cours``, ``echeance``, ``sans_tarif``).
    """
    aujourdhui = jour_de_paris(maintenant)
    if facturation := Facturation.objects.filter(mois=mois.debut).first():
        return facturation
    if mois.fin >= aujourdhui:
        raise ValidationError(
            "Ce mois n'est pas terminé : ses derniers jours ne seraient jamais facturés.", code="mois_en_cours"
        )
    regie = Regie.courante()
    echeance = echeance or aujourdhui + dt.timedelta(days=regie.delai)
    if echeance <= aujourdhui:
        raise ValidationError("L'échéance doit laisser le temps de payer.", code="echeance")
    refuser_sans_tarif(mois)
    valeurs = {
        "echeance": echeance, "lancee_le": maintenant, "lancee_par": compte, "a_faire": Famille.objects.count(),
        "emetteur": emetteur(courante(), regie, compte) | {"budgets": emetteurs_a_part()}, "seuil": regie.seuil,
    }  # fmt: skip
    return Facturation.objects.get_or_create(mois=mois.debut, defaults=valeurs)[0]


# --- Émettre ------------------------------------------------------------------------------------------------------
def facturer(jour, compte, maintenant, echeance=None, lot=LOT):
    """Émet les factures du mois de ``jour`` et rend la ``Facturation``.

    Une transaction par ``lot`` de foyers. Relancée, elle reprend après le dernier foyer émis ; terminée, elle n'émet
    plus rien ; deux en même temps se partagent les foyers. Un foyer qui ne doit rien n'a pas de facture ; sous le
    seuil de la régie, sa dette attend la suivante. Lève les refus de ``preparer``.
    """
    mois = Mois(jour)
    facturation = preparer(mois, compte, maintenant, echeance)
    emission = Emission(mois, facturation.seuil)
    reste = True
    while reste:
        with ramassage_suspendu():
            reste = emettre_un_lot(facturation.pk, emission, maintenant, lot)
    for debut in sorted({mois.debut, *facturation.repris.values_list("mois", flat=True)}):
        crediter_le_mois(debut, maintenant)
    facturation.refresh_from_db()
    return facturation


def refaire_les_statistiques():
    """Dit à PostgreSQL ce que ses tables de factures et de lignes contiennent maintenant, un mois émis.

    Il finit par y venir seul, mais après une minute ou davantage : d'ici là, dans une commune neuve, il les croit vides
    et les relit en entier à chaque page d'une facture. Jamais dans la requête de quelqu'un : la tâche le fait.
    """
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE facturation_facture, facturation_ligne, facturation_restedu")


@transaction.atomic
def emettre_un_lot(facturation_pk, emission, maintenant, lot=LOT):
    """Émet les factures des ``lot`` foyers suivants ; vrai s'il en reste.

    Plusieurs processus s'y partagent le calcul : chacun prend un lot que nul autre ne tient, l'évalue, puis l'écrit à
    son tour, dans l'ordre. Si celui d'avant meurt, son lot est repris avant le nôtre.
    """
    curseur = Facturation.objects.values_list("curseur", flat=True).get(pk=facturation_pk)
    avant, debut, foyers = premier_lot_libre(facturation_pk, curseur, lot)
    pieces = evaluer(emission, foyers)
    if avant is not None:
        tenir(facturation_pk, avant, attendre=True)
    facturation = Facturation.objects.select_for_update().get(pk=facturation_pk)
    if facturation.terminee_le:
        return False
    if facturation.curseur != debut:
        return True  # un autre l'a émis, ou celui d'avant est mort sans finir : on recommence d'où l'on en est
    if foyers:
        emettre(facturation, pieces, maintenant)
        facturation.traites += len(foyers)
        facturation.a_faire = max(facturation.a_faire, facturation.traites)
        facturation.curseur = foyers[-1]
    if len(foyers) < lot:
        facturation.terminee_le = maintenant
    facturation.save(update_fields=["faites", "reportes", "traites", "a_faire", "curseur", "terminee_le"])
    return facturation.terminee_le is None


def premier_lot_libre(facturation_pk, curseur, lot):
    """``(début du lot d'avant ou None, début, foyers)`` du premier lot que ne tient aucun autre processus ; un lot se
    désigne par le dernier foyer qui le précède. Sans foyers : tout est émis ou tenu."""
    avant, debut = None, curseur
    while foyers := list(Famille.objects.filter(pk__gt=debut).order_by("pk").values_list("pk", flat=True)[:lot]):
        if tenir(facturation_pk, debut):
            break
        avant, debut = debut, foyers[-1]
    return avant, debut, foyers


def tenir(facturation_pk, debut, attendre=False):
    """Vrai si ce lot est à nous jusqu'à la fin de la transaction ; un processus tué le rend aussitôt."""
    fonction = "pg_advisory_xact_lock" if attendre else "pg_try_advisory_xact_lock"
    with connection.cursor() as curseur:
        curseur.execute(f"SELECT {fonction}(hashtextextended(%s, 0))", [f"facturation {facturation_pk} {debut}"])
        return curseur.fetchone()[0] is not False


def evaluer(emission, foyers):
    """Les pièces de ces foyers. Lève ``ValidationError`` (code ``sans_tarif``)."""
    try:
        return emission.pieces(foyers)
    except regles.TarifManquant as manque:
        raise ValidationError(
            f"L'activité « {emission.mois.activites[manque.args[0]]} » n'a plus de tarif le {manque.args[1]:%d/%m}.",
            code="sans_tarif",
        ) from manque


def emettre(facturation, pieces, maintenant):
    """Écrit les factures, leurs lignes et les reports, et les compte. Un nombre fixe de requêtes."""
    reporter(facturation, [piece for piece in pieces if piece.reporte and piece.du_mois])
    if repris := [cle for piece in pieces for cle in piece.repris]:
        Report.objects.filter(pk__in=repris).update(repris_par=facturation)
    a_emettre = [piece for piece in pieces if not piece.reporte and piece.total]
    if a_emettre:
        ecrire_les_factures(facturation, a_emettre, maintenant)


def reporter(facturation, pieces):
    """Note les dettes qui attendront la prochaine facture."""
    facturation.reportes += len(pieces)
    debut = facturation.mois
    Report.objects.bulk_create(
        Report(
            famille_id=piece.foyer, mois=debut, budget_id=piece.budget, montant=piece.du_mois, facturation=facturation,
            activites=sorted({ligne.fait.activite for ligne in piece.lignes if ligne.fait.jour >= debut}),
        ) for piece in pieces
    )  # fmt: skip
