"""Ce qui change une inscription, une transaction à la fois : la famille demande ou termine, la mairie décide."""

from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from commune.actions import envoyer_courriel
from commune.regles import dire_le_jour, jour_de_paris
from documents.models import attendues
from familles.models import Adulte, Enfant

from .. import regles
from ..models import Activite, Inscription, comptes_des_places, pieces_de_l_activite, pieces_qui_manquent, profil

Etat = Inscription.Etat


def demander(enfant, activite, annee, famille, compte, maintenant, debut):
    """Demande une inscription à partir du ``debut`` (date de Paris) ; voir :func:`demander_ensemble`."""
    return demander_ensemble([(enfant, activite)], annee, famille, compte, maintenant, debut)[0]


@transaction.atomic
def demander_ensemble(choix, annee, famille, compte, maintenant, debut):
    """Demande toutes les inscriptions de ``choix`` (couples enfant, activité), ou aucune.

    Chacune est validée sur-le-champ si l'activité le dit, mise en liste d'attente si l'activité est complète, sinon
    demandée. ``debut`` est une date de Paris ; ``maintenant``, l'instant de la demande.

    Refus (``ValidationError``, une phrase par cause) : ``dossier``, ``pieces``, ``annee``, ``debut``, ``deja``, et les
    codes de :func:`regles.eligibilite`.
    """
    jour = jour_de_paris(maintenant)
    _verifier_dossier(famille)
    _verifier_dates(annee, debut, jour)
    choix = sorted(choix, key=lambda c: (c[0].pk, c[1].pk))  # toujours dans le même ordre : deux onglets s'attendent
    activites = _verrouiller(activite.pk for _, activite in choix)
    attentes = attendues(famille, jour)
    erreurs, faites = [], []
    for enfant, activite in choix:
        try:
            _verifier_pieces(enfant, activite, attentes)
            faites.append(_inscrire(enfant, activites[activite.pk], annee, famille, compte, maintenant, debut))
        except ValidationError as refus:
            erreurs += refus.error_list
    if erreurs:
        raise ValidationError(erreurs)  # la transaction entière s'efface : rien ne se fait à moitié
    _prevenir([inscription for inscription in faites if inscription.etat != Etat.DEMANDEE])
    return faites


def _verifier_dossier(famille):
    if not famille.est_validee:
        raise ValidationError(
            "La mairie n'a pas encore validé votre dossier : l'inscription s'ouvre ensuite.", code="dossier"
        )


def _verifier_dates(annee, debut, jour):
    if not annee.ouverte:
        raise ValidationError(f"Les inscriptions de l'année {annee} ne sont pas ouvertes.", code="annee")
    if debut < jour:
        raise ValidationError("Choisissez une date de début à partir d'aujourd'hui.", code="debut")
    _verifier_dans_l_annee(annee, debut)


def _verifier_dans_l_annee(annee, debut):
    if not annee.debut <= debut <= annee.fin:
        raise ValidationError(
            f"Choisissez une date de début entre le {dire_le_jour(annee.debut)} et le {dire_le_jour(annee.fin)}.",
            code="debut",
        )


def _verifier_pieces(enfant, activite, attentes):
    manquantes = pieces_qui_manquent(enfant, attentes) or pieces_de_l_activite(activite, enfant, attentes)
    if manquantes:
        noms = regles.enumerer(f"« {attente.type.nom} »" for attente in manquantes)
        raise ValidationError(f"{enfant.prenom}, {activite.nom} : il manque {noms}.", code="pieces")


def _verrouiller(cles):
    """Les activités relues ; celles dont les inscriptions sont comptées sont verrouillées, dans l'ordre de leurs clés.

    Une activité sans limite ne se verrouille pas : à l'ouverture, toute l'école s'inscrit à la cantine en même temps.
    """
    cles = set(cles)
    limitees = Activite.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=cles, inscriptions_max__isnull=False
    )
    list(limitees.order_by("pk"))
    return {
        a.pk: a
        for a in Activite.objects.filter(pk__in=cles).select_related("site").prefetch_related("ecoles", "pieces")
    }


def _inscrire(enfant, activite, annee, famille, compte, maintenant, debut):
    raisons = regles.eligibilite(profil(enfant), activite.accueil(), debut, dict(Enfant.Classe.choices))
    if raisons:
        raise ValidationError([ValidationError(f"{activite.nom} : {r.phrase}", code=r.code) for r in raisons])
    complete = not _places(activite, annee, debut)
    if complete:
        etat = Etat.ATTENTE
    else:
        etat = Etat.VALIDEE if activite.validation_automatique else Etat.DEMANDEE
    return _creer(
        enfant=enfant, activite=activite, annee=annee, famille=famille, etat=etat, debut=debut, fin=annee.fin,
        motif="Toutes les places sont prises." if complete else "",
        demandee_le=maintenant, demandee_par=compte,
        decidee_le=None if etat == Etat.DEMANDEE else maintenant,
    )  # fmt: skip


def _places(activite, annee, jour):
    """Vrai s'il reste une place à partir du ``jour``. L'activité est déjà verrouillée si elle est limitée."""
    prises = comptes_des_places([activite], annee, jour)[activite.pk]
    return regles.places_restantes(activite.inscriptions_max, prises) != 0


def _creer(**champs):
    """Crée l'inscription ; la contrainte d'unicité départage deux onglets, cette phrase les console."""
    enfant, activite, debut = champs["enfant"], champs["activite"], champs["debut"]
    precedentes = Inscription.objects.vives().filter(
        enfant=enfant, activite=activite, annee=champs["annee"], famille=champs["famille"]
    )
    deja = ValidationError(f"{enfant.prenom} est déjà inscrit à « {activite.nom} » pour cette année.", code="deja")
    for precedente in precedentes:
        if precedente.terminee_le is None:
            raise deja
        if precedente.fin >= debut:
            raise ValidationError(
                f"{activite.nom} : l'inscription précédente de {enfant.prenom} va jusqu'au"
                f" {dire_le_jour(precedente.fin)} ; commencez après.",
                code="debut",
            )
    try:
        with transaction.atomic():
            return Inscription.objects.create(**champs)
    except IntegrityError as erreur:
        raise deja from erreur


@transaction.atomic
def inscrire(enfant, activite, annee, famille, compte, maintenant, debut):
    """Inscrit d'office, au nom de la mairie : ni dossier, ni pièces, ni âge ne l'arrêtent ; les places et l'année, si.

    Refus (``ValidationError``) : ``debut``, ``deja``, ``complet``.
    """
    _verifier_dans_l_annee(annee, debut)
    activite = _verrouiller([activite.pk])[activite.pk]
    _exiger_une_place(activite, annee, debut)
    inscription = _creer(
        enfant=enfant, activite=activite, annee=annee, famille=famille, etat=Etat.VALIDEE, debut=debut, fin=annee.fin,
        demandee_le=maintenant, demandee_par=compte, decidee_le=maintenant, decidee_par=compte,
    )  # fmt: skip
    _prevenir([inscription])
    return inscription


def _exiger_une_place(activite, annee, jour):
    if not _places(activite, annee, jour):
        raise ValidationError(
            f"« {activite} » a ses {activite.inscriptions_max} inscriptions : terminez-en une, augmentez la limite,"
            " ou gardez l'enfant en liste d'attente.",
            code="complet",
        )


def decider(inscription, etat, motif, compte, maintenant):
    """La mairie valide, met en attente ou refuse ; la famille reçoit un courriel. Voir :func:`decider_ensemble`."""
    return decider_ensemble([inscription], etat, motif, compte, maintenant)[0]


@transaction.atomic
def decider_ensemble(inscriptions, etat, motif, compte, maintenant):
    """Décide de toutes, ou d'aucune, dans leur ordre d'arrivée ; un seul courriel par famille.

    Refus (``ValidationError``) : ``motif`` (un refus se motive), ``decidee`` (l'état ne le permet plus : un collègue a
    décidé entre-temps), ``complet``.
    """
    motif = motif.strip()
    if etat == Etat.REFUSEE and not motif:
        raise ValidationError("Dites à la famille pourquoi vous refusez.", code="motif")
    # L'activité d'abord, comme la demande : deux transactions qui s'attendraient l'une l'autre échoueraient.
    _verrouiller(inscription.activite_id for inscription in inscriptions)
    lues = (
        Inscription.objects.select_for_update(of=("self",)).filter(pk__in=[i.pk for i in inscriptions])
        .select_related("enfant", "activite__site", "annee", "famille", "decidee_par").order_by("demandee_le", "pk")
    )  # fmt: skip
    faites = [_decider(inscription, etat, motif, compte, maintenant) for inscription in lues]
    _prevenir(faites)
    return faites


def _decider(inscription, etat, motif, compte, maintenant):
    if etat not in regles.DECISIONS[inscription.etat]:
        qui = f" par {inscription.decidee_par}" if inscription.decidee_par else ""
        raise ValidationError(
            f"{inscription} : l'inscription est déjà {inscription.get_etat_display()}{qui}.", code="decidee"
        )
    if etat == Etat.VALIDEE:
        jour = max(inscription.debut, jour_de_paris(maintenant))
        _exiger_une_place(inscription.activite, inscription.annee, jour)
    inscription.etat, inscription.motif = etat, motif
    inscription.decidee_le, inscription.decidee_par = maintenant, compte
    try:
        with transaction.atomic():
            inscription.save(update_fields=["etat", "motif", "decidee_le", "decidee_par"])
    except IntegrityError as erreur:  # refusée puis redemandée : l'ancienne ne peut plus revivre
        raise ValidationError(
            f"{inscription} : la famille a refait une demande depuis ; décidez de celle-là.", code="decidee"
        ) from erreur
    return inscription


@transaction.atomic
def terminer(inscription, fin, compte, maintenant):
    """Termine une inscription validée : ``fin`` (date de Paris) est son dernier jour.

    Les réservations d'après ne se font plus ; celles qui existent relèvent de l'étage des réservations.
    Refus (``ValidationError``) : ``etat``, ``fin``.
    """
    inscription = _relire(inscription)
    if inscription.etat != Etat.VALIDEE:
        raise ValidationError("Seule une inscription validée se termine ; une demande se retire.", code="etat")
    if not inscription.debut <= fin < inscription.fin:
        raise ValidationError(
            f"Choisissez un dernier jour entre le {dire_le_jour(inscription.debut)}"
            f" et le {dire_le_jour(inscription.fin)}.",
            code="fin",
        )
    inscription.fin, inscription.terminee_le, inscription.terminee_par = fin, maintenant, compte
    inscription.save(update_fields=["fin", "terminee_le", "terminee_par"])
    return inscription


@transaction.atomic
def retirer(inscription, compte, maintenant):
    """La famille retire sa demande, ou une inscription qui n'a pas commencé. Refus (``ValidationError``) : ``etat``."""
    inscription = _relire(inscription)
    if not inscription.peut_se_retirer(jour_de_paris(maintenant)):
        raise ValidationError("Cette inscription ne peut plus se retirer : indiquez son dernier jour.", code="etat")
    inscription.etat, inscription.terminee_le, inscription.terminee_par = Etat.RETIREE, maintenant, compte
    inscription.save(update_fields=["etat", "terminee_le", "terminee_par"])
    return inscription


def _relire(inscription):
    return (
        Inscription.objects.select_for_update(of=("self",)).select_related("enfant", "activite__site", "annee")
        .get(pk=inscription.pk)
    )  # fmt: skip


def _prevenir(inscriptions):
    """Un courriel par famille, à chacun de ses comptes, quoi que la mairie ait décidé pour chaque enfant."""
    for famille, lot in groupby(sorted(inscriptions, key=lambda i: i.famille_id), key=lambda i: i.famille):
        lot = list(lot)
        adresses = Adulte.objects.actuels().filter(Q(compte__is_active=True), famille=famille)
        adresses = list(adresses.values_list("compte__email", flat=True))
        if adresses:
            envoyer_courriel("inscriptions/courriels/decision", a=adresses, contexte={
                "inscriptions": lot,
                "validees": [i for i in lot if i.etat == Etat.VALIDEE],
                "en_attente": [i for i in lot if i.etat == Etat.ATTENTE],
                "refusees": [i for i in lot if i.etat == Etat.REFUSEE],
            })  # fmt: skip
