"""Le mois : ce qu'il donnerait, et son émission, reprise là où elle s'est arrêtée."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from procrastinate.contrib.django import app
from stdnum import iban

from commune.contexte import courante
from commune.regles import jour_de_paris
from facturation import regles
from facturation.memoire import ramassage_suspendu
from facturation.models import Facturation, Facture, Mandat, Mois, Regie
from facturation.models.prestations import sans_tarif
from facturation.regles.payfip import PRODUCTION
from familles.models import Adulte, Famille

from . import numeros
from .evenements import crediter_le_mois
from .mandats import ANNONCER

LOT = 500  # foyers par transaction : un arrêt en perd au plus autant, et le compteur n'est jamais pris longtemps
TACHE = "facturation.facturer"
LIGNES = (
    "COPY facturation_ligne (facture_id, enfant_id, activite_id, seance_id, jour, prenom, texte, quantite,"
    " prix_unitaire, montant, quotient, regle, garde, unite) FROM STDIN"
)


ECHAPPEMENTS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass
class Apercu:
    """Ce que donnerait la facturation d'un mois. ``totaux`` : foyer (sa clé) → euros, pour chaque facture à émettre."""

    mois: dt.date
    foyers: int = 0
    totaux: dict = field(default_factory=dict)
    actes: Counter = field(default_factory=Counter)  # activité → nombre d'actes
    montants: dict = field(default_factory=lambda: defaultdict(Decimal))  # activité → euros
    activites: dict = field(default_factory=dict)

    @property
    def total(self):
        return sum(self.totaux.values(), regles.ZERO)

    @property
    def sans_facture(self):
        """Les foyers qui ne doivent rien ce mois-ci."""
        return self.foyers - len(self.totaux)

    def par_activite(self):
        """``[(activité, actes, euros), …]``, la plus chère d'abord."""
        rangees = [(self.activites[pk], n, self.montants[pk]) for pk, n in self.actes.items()]
        return sorted(rangees, key=lambda rangee: (-rangee[2], str(rangee[0])))


def apercu(jour, lot=LOT):
    """L'``Apercu`` du mois de ``jour``, par le calcul même de l'émission. N'écrit rien.

    Lève ``ValidationError`` (code ``sans_tarif``).
    """
    mois = Mois(jour)
    refuser_sans_tarif(mois)
    resultat = Apercu(mois.debut, activites=mois.activites)
    foyers = list(Famille.objects.order_by("pk").values_list("pk", flat=True))
    resultat.foyers = len(foyers)
    for debut in range(0, len(foyers), lot):
        for foyer, lignes in mois.prestations(foyers[debut : debut + lot]).items():
            if total := regles.total(lignes):
                resultat.totaux[foyer] = total
            for ligne in lignes:
                resultat.actes[ligne.fait.activite] += 1
                resultat.montants[ligne.fait.activite] += ligne.prix.montant
    return resultat


def refuser_sans_tarif(mois):
    """Une activité sans tarif arrête tout, avant la première facture : l'oublier la rendrait gratuite."""
    if oubliees := sans_tarif(mois):
        noms = " ; ".join(f"{activite} (le {jour:%d/%m})" for activite, jour in oubliees[:5])
        reste = f" ; et {len(oubliees) - 5} autres" if len(oubliees) > 5 else ""
        raise ValidationError(
            f"Sans tarif : {noms}{reste}. Créez le tarif de ces activités (0 € si elles sont gratuites).",
            code="sans_tarif",
        )


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
    regie = Regie.objects.first() or Regie()
    echeance = echeance or aujourdhui + dt.timedelta(days=regie.delai)
    if echeance <= aujourdhui:
        raise ValidationError("L'échéance doit laisser le temps de payer.", code="echeance")
    refuser_sans_tarif(Mois(mois))
    valeurs = {
        "echeance": echeance, "lancee_le": maintenant, "lancee_par": compte, "a_faire": Famille.objects.count(),
        "emetteur": emetteur(courante(), regie, compte),
    }  # fmt: skip
    return Facturation.objects.get_or_create(mois=mois, defaults=valeurs)[0]


def emetteur(commune, regie, compte):
    """L'émetteur tel qu'il est ce jour : la commune, la régie, et qui émet (avec sa qualité)."""
    return {
        "commune": commune.nom, "ville": commune.ville, "siret": commune.siret, "ics": commune.ics,
        "adresse": ", ".join(filter(None, [commune.adresse, f"{commune.code_postal} {commune.ville}".strip()])),
        "service": commune.service, "telephone": commune.telephone, "courriel": commune.courriel,
        "voies_recours": commune.voies_recours, "regie": regie.nom, "cheque_ordre": regie.cheque_ordre,
        "iban": iban.format(regie.iban), "accueil": regie.accueil,
        "en_ligne": regie.payfip == Regie.EnLigne.REGIE and regie.payfip_saisie == PRODUCTION, "titre": _titre(regie),
        "emise_par": regie.emetteur or (compte.get_full_name() if compte else ""),
    }  # fmt: skip


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
    plus rien ; deux en même temps se partagent les foyers. Un foyer qui ne doit rien n'a pas de facture.
    Lève les refus de ``preparer``.
    """
    facturation = preparer(jour, compte, maintenant, echeance)
    mois = Mois(jour)
    reste = True
    while reste:
        with ramassage_suspendu():
            reste = emettre_un_lot(facturation.pk, mois, maintenant, lot)
    crediter_le_mois(mois.debut, maintenant)
    facturation.refresh_from_db()
    return facturation


@transaction.atomic
def emettre_un_lot(facturation_pk, mois, maintenant, lot=LOT):
    """Émet les factures des ``lot`` foyers suivants ; vrai s'il en reste."""
    # Le verrou vient d'abord : une autre facturation du même mois attend ici, puis lit notre curseur.
    facturation = Facturation.objects.select_for_update().get(pk=facturation_pk)
    if facturation.terminee_le:
        return False
    foyers = list(
        Famille.objects.filter(pk__gt=facturation.curseur).order_by("pk").values_list("pk", flat=True)[:lot]
    )
    if foyers:
        facturation.faites += emettre(facturation, mois, foyers, maintenant)
        facturation.traites += len(foyers)
        facturation.a_faire = max(facturation.a_faire, facturation.traites)
        facturation.curseur = foyers[-1]
    if len(foyers) < lot:
        facturation.terminee_le = maintenant
    facturation.save(update_fields=["faites", "traites", "a_faire", "curseur", "terminee_le"])
    return facturation.terminee_le is None


def emettre(facturation, mois, foyers, maintenant):
    """Écrit les factures de ces foyers et leurs lignes ; rend combien. Un nombre fixe de requêtes."""
    try:
        prestations = mois.prestations(foyers)
    except regles.TarifManquant as manque:
        raise ValidationError(
            f"L'activité « {mois.activites[manque.args[0]]} » n'a plus de tarif le {manque.args[1]:%d/%m}.",
            code="sans_tarif",
        ) from manque
    a_emettre = [(foyer, lignes) for foyer in foyers if regles.total(lignes := prestations.get(foyer, []))]
    if not a_emettre:
        return 0
    cles = [foyer for foyer, _ in a_emettre]
    preleve_le = regles.jour_de_prelevement(facturation.echeance, maintenant)
    adresses, siens = destinataires(cles), Mandat.objects.filter(famille__in=cles).prelevables(preleve_le)
    mandats = {mandat.famille_id: mandat.rum for mandat in siens}
    exercice = regles.exercice(maintenant)
    premier = numeros.prendre(numeros.FACTURES, exercice, len(a_emettre))
    factures = Facture.objects.bulk_create(
        Facture(
            exercice=exercice, numero=numero, famille_id=foyer, facturation=facturation, mois=mois.debut,
            destinataire=adresses[foyer][0], adresse=adresses[foyer][1], total=regles.total(lignes),
            emise_le=maintenant, echeance=facturation.echeance,
            rum=mandats.get(foyer, ""), preleve_le=preleve_le if foyer in mandats else None,
        )
        for numero, (foyer, lignes) in enumerate(a_emettre, premier)
    )  # fmt: skip
    copier_les_lignes(zip(factures, (lignes for _, lignes in a_emettre), strict=True))
    if annoncees := [facture.pk for facture in factures if facture.rum]:
        app.configure_task(ANNONCER).defer(factures=annoncees)
    return len(factures)


def copier_les_lignes(factures):
    """Écrit toutes les lignes par COPY : un mois de 500 foyers en compte vingt mille, dix fois plus vite ainsi."""
    with connection.cursor() as curseur, curseur.copy(LIGNES) as copie:
        for facture, lignes in factures:
            copie.write("".join(en_texte(facture.pk, lignes)))


def en_texte(facture, lignes):
    """Les lignes d'une facture (sa clé) comme COPY les lit. La fin d'une ligne revient chaque jour : écrite une fois."""
    fins = {}
    for fait, prenom, texte, prix in lignes:
        if id(prix) not in fins:
            quotient = "\\N" if prix.quotient is None else prix.quotient  # le NULL de COPY
            fins[id(prix)] = (
                f"{echapper(prenom)}\t{echapper(texte)}\t{prix.quantite}\t{prix.unitaire}\t{prix.montant}\t{quotient}"
                f"\t{echapper(prix.pourquoi)}\t{prix.garde}\t{prix.unite}\n"
            )
        yield f"{facture}\t{fait.enfant}\t{fait.activite}\t{fait.seance}\t{fait.jour}\t{fins[id(prix)]}"


def echapper(texte):
    """Un texte dans le format de COPY : ni tabulation ni retour n'y coupent une ligne."""
    return texte.translate(ECHAPPEMENTS)


def destinataires(foyers):
    """Foyer → (nom, adresse) : ses responsables légaux, à défaut « Famille LA STAR »."""
    noms = defaultdict(list)
    for adulte in Adulte.objects.actuels().filter(famille__in=foyers, responsable_legal=True):
        noms[adulte.famille_id].append(f"{adulte.get_civilite_display()} {adulte}")
    resultat = {}
    for famille in Famille.objects.filter(pk__in=foyers):
        nom = " et ".join(noms[famille.pk][:2])
        adresse = [famille.adresse, famille.complement, f"{famille.code_postal} {famille.ville}"]
        resultat[famille.pk] = (nom if 0 < len(nom) <= 200 else str(famille), "\n".join(filter(None, adresse)))
    return resultat
