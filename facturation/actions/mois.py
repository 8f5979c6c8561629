"""L'émission d'un mois, reprise là où elle s'est arrêtée."""

import datetime as dt
import re
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from procrastinate.contrib.django import app
from stdnum import iban

from commune.contexte import courante
from commune.memoire import ramassage_suspendu
from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import Budget, Emission, Facturation, Facture, Mandat, Mois, Regie, Report, avances_pour
from facturation.regles.payfip import PRODUCTION
from familles.models import Adulte, Civilite, Famille

from . import numeros
from .annonces import PREVENIR
from .apercu import refuser_sans_tarif
from .evenements import crediter_le_mois
from .mandats import ANNONCER

LOT = 1000  # foyers par transaction : un arrêt en perd au plus autant, et le compteur n'est jamais pris longtemps
TACHE = "facturation.facturer"
LIGNES = (
    "COPY facturation_ligne (facture_id, enfant_id, activite_id, seance_id, jour, prenom, texte, quantite,"
    " prix_unitaire, montant, quotient, regle, garde, unite, annee_id) FROM STDIN"
)


A_ECHAPPER = re.compile(r"[\\\t\n\r]")
ECHAPPEMENTS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


# --- Lancer -------------------------------------------------------------------------------------------------------
@transaction.atomic
def lancer(jour, compte, maintenant, echeance=None):
    """Prépare la facturation du mois de ``jour`` et confie son émission à une tâche de fond. Rend la ``Facturation``.

    Lève les refus de ``preparer``.
    """
    facturation = preparer(jour, compte, maintenant, echeance)
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
def preparer(jour, compte, maintenant, echeance=None):
    """La ligne de suivi du mois, créée ou retrouvée telle qu'elle fut lancée.

    Retient l'émetteur du jour : toutes les factures du mois l'impriment. Sans ``echeance`` (date de Paris), le délai
    de la régie. Lève ``ValidationError`` (codes ``mois_en_cours``, ``echeance``, ``sans_tarif``).
    """
    mois, aujourdhui = regles.premier(jour), jour_de_paris(maintenant)
    if facturation := Facturation.objects.filter(mois=mois).first():
        return facturation
    if regles.dernier(mois) >= aujourdhui:
        raise ValidationError(
            "Ce mois n'est pas terminé : ses derniers jours ne seraient jamais facturés.", code="mois_en_cours"
        )
    regie = Regie.courante()
    echeance = echeance or aujourdhui + dt.timedelta(days=regie.delai)
    if echeance <= aujourdhui:
        raise ValidationError("L'échéance doit laisser le temps de payer.", code="echeance")
    refuser_sans_tarif(Mois(mois))
    valeurs = {
        "echeance": echeance, "lancee_le": maintenant, "lancee_par": compte, "a_faire": Famille.objects.count(),
        "emetteur": emetteur(courante(), regie, compte) | {"budgets": emetteurs_a_part()}, "seuil": regie.seuil,
    }  # fmt: skip
    return Facturation.objects.get_or_create(mois=mois, defaults=valeurs)[0]


def emetteur(commune, regie, compte):
    """L'émetteur tel qu'il est ce jour : la commune, la régie, et qui émet (avec sa qualité)."""
    return {
        "commune": commune.nom, "ville": commune.ville, "siret": commune.siret, "ics": commune.ics,
        "adresse": ", ".join(filter(None, [commune.adresse, f"{commune.code_postal} {commune.ville}".strip()])),
        "service": commune.service, "telephone": commune.telephone, "courriel": commune.courriel,
        "voies_recours": commune.voies_recours, "tva": regie.mention_tva, "regie": regie.nom,
        "cheque_ordre": regie.cheque_ordre, "iban": iban.format(regie.iban), "accueil": regie.accueil,
        "en_ligne": regie.payfip == Regie.EnLigne.REGIE and regie.payfip_saisie == PRODUCTION, "titre": _titre(regie),
        "emise_par": regie.emetteur or (compte.get_full_name() if compte else ""),
    }  # fmt: skip


def emetteurs_a_part():
    """Ce que chaque budget change à l'émetteur : son nom, et s'il a son compte, comment le payer."""
    resultat = {}
    for budget in Budget.objects.all():
        dits = {"regie": budget.nom, "cheque_ordre": budget.cheque_ordre, "accueil": budget.accueil}
        resultat[str(budget.pk)] = {nom: valeur for nom, valeur in dits.items() if valeur}
        if budget.iban:
            compte = {"iban": iban.format(budget.iban), "en_ligne": False, "titre": None, "a_part": True}
            resultat[str(budget.pk)] |= compte
    return resultat


def _titre(regie):
    """De quoi payer un titre sur le site de la DGFiP ; la référence est un modèle, rempli facture par facture."""
    if regie.payfip != Regie.EnLigne.TITRE:
        return None
    return {
        "structure": regie.titre_structure, "reference": regie.titre_reference, "adresse": regie.titre_adresse
    }


# --- Émettre ------------------------------------------------------------------------------------------------------
def facturer(jour, compte, maintenant, echeance=None, lot=LOT):
    """Émet les factures du mois de ``jour`` et rend la ``Facturation``.

    Une transaction par ``lot`` de foyers. Relancée, elle reprend après le dernier foyer émis ; terminée, elle n'émet
    plus rien ; deux en même temps se partagent les foyers. Un foyer qui ne doit rien n'a pas de facture ; sous le
    seuil de la régie, sa dette attend la suivante. Lève les refus de ``preparer``.
    """
    facturation = preparer(jour, compte, maintenant, echeance)
    emission = Emission(jour, facturation.seuil)
    reste = True
    while reste:
        with ramassage_suspendu():
            reste = emettre_un_lot(facturation.pk, emission, maintenant, lot)
    for mois in sorted({emission.mois.debut, *facturation.repris.values_list("mois", flat=True)}):
        crediter_le_mois(mois, maintenant)
    facturation.refresh_from_db()
    return facturation


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


def ecrire_les_factures(facturation, pieces, maintenant):
    """Numérote et écrit ces factures, annonce à leurs familles qu'elles sont là."""
    cles = {piece.foyer for piece in pieces}
    preleve_le = regles.jour_de_prelevement(facturation.echeance, maintenant)
    adresses, siens = destinataires(cles), Mandat.objects.filter(famille__in=cles).prelevables(preleve_le)
    mandats = {mandat.famille_id: mandat.rum for mandat in siens}
    # Un budget qui a son propre compte ne se prélève pas : le lot est celui de la régie.
    a_part = {int(cle) for cle, dit in facturation.emetteur.get("budgets", {}).items() if dit.get("a_part")}
    exercice = regles.exercice(maintenant)
    premier = numeros.prendre(numeros.FACTURES, exercice, len(pieces))
    avances = regles.partager(avances_pour(facturation.mois, cles), [(piece.foyer, piece.total) for piece in pieces])
    factures = Facture.objects.bulk_create(
        Facture(
            exercice=exercice, numero=numero, famille_id=piece.foyer, facturation=facturation, mois=facturation.mois,
            budget_id=piece.budget, destinataire=adresses[piece.foyer][0], adresse=adresses[piece.foyer][1],
            total=piece.total, avance=avance, emise_le=maintenant, echeance=facturation.echeance,
            # Un débit de zéro euro ne s'annonce pas.
            rum=(rum := "" if piece.budget in a_part or avance == piece.total else mandats.get(piece.foyer, "")),
            preleve_le=preleve_le if rum else None,
        )
        for numero, (piece, avance) in enumerate(zip(pieces, avances, strict=True), premier)
    )  # fmt: skip
    copier_les_lignes(zip(factures, (piece.lignes for piece in pieces), strict=True))
    facturation.faites += len(factures)
    if annoncees := [facture.pk for facture in factures if facture.rum]:
        app.configure_task(ANNONCER).defer(factures=annoncees, facturation=facturation.pk)
    if autres := [facture.pk for facture in factures if not facture.rum]:
        app.configure_task(PREVENIR).defer(factures=autres, facturation=facturation.pk)


def copier_les_lignes(factures):
    """Écrit toutes les lignes par COPY : un mois de 500 foyers en compte vingt mille, dix fois plus vite ainsi."""
    with connection.cursor() as curseur, curseur.copy(LIGNES) as copie:
        for facture, lignes in factures:
            copie.write("".join(en_texte(facture.pk, lignes)))


def en_texte(facture, lignes):
    """Les lignes d'une facture (sa clé) comme COPY les lit. Leur fin revient chaque jour : on l'écrit une fois."""
    fins = {}
    for fait, prenom, texte, prix in lignes:
        if id(prix) not in fins:
            quotient, annee = ("\\N" if un is None else un for un in (prix.quotient, prix.annee))  # le NULL de COPY
            fins[id(prix)] = (
                f"{echapper(prenom)}\t{echapper(texte)}\t{prix.quantite}\t{prix.unitaire}\t{prix.montant}\t{quotient}"
                f"\t{echapper(prix.pourquoi)}\t{prix.garde}\t{prix.unite}\t{annee}\n"
            )
        yield f"{facture}\t{fait.enfant}\t{fait.activite}\t{fait.seance}\t{fait.jour}\t{fins[id(prix)]}"


def echapper(texte):
    """Un texte dans le format de COPY : ni tabulation ni retour n'y coupent une ligne."""
    return A_ECHAPPER.sub(lambda trouve: ECHAPPEMENTS[trouve[0]], texte)


def destinataires(foyers):
    """Foyer → (nom, adresse) : ses responsables légaux, à défaut « Famille LA STAR »."""
    noms, resultat = defaultdict(list), {}
    legaux = Adulte.objects.actuels().filter(famille__in=foyers, responsable_legal=True)
    for foyer, civilite, prenom, nom in legaux.values_list("famille", "civilite", "prenom", "nom"):
        noms[foyer].append(f"{Civilite(civilite).label} {prenom} {nom}")
    lignes = Famille.objects.filter(pk__in=foyers).order_by()
    for foyer, nom, *rue, code_postal, ville in lignes.values_list(
        "pk", "nom", "adresse", "complement", "code_postal", "ville"
    ):
        dit = " et ".join(noms[foyer][:2])
        adresse = "\n".join(filter(None, [*rue, f"{code_postal} {ville}"]))
        resultat[foyer] = dit if 0 < len(dit) <= 200 else str(Famille(nom=nom)), adresse
    return resultat
