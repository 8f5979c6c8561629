"""L'excuse écrite d'une absence, son certificat, et la réponse de la mairie."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import instant_de_paris
from familles.actions import ecrire_aux_foyers
from inscriptions.regles import EXCUSE_JOURS, jours

from .. import regles
from ..models import Excuse, Mouvement, Reservation


@transaction.atomic
def excuser(reservation, texte, propre, compte, maintenant):
    """Envoie à la mairie l'excuse d'une absence que l'on ne peut plus annuler ; rend l'``Excuse``.

    ``propre`` est un justificatif nettoyé (``commune.fichiers.Propre``) ou ``None``. Lève ``ValidationError``
    : ``deja`` (une excuse est envoyée), ``annulee``, ``encore_annulable`` ou ``trop_tard``.
    """
    reservation = (
        Reservation.objects.select_for_update(of=("self",))
        .select_related("seance__activite", "enfant", "famille").get(pk=reservation.pk)
    )  # fmt: skip
    verifier_excuse(reservation, maintenant)
    excuse = Excuse(reservation=reservation, texte=texte.strip(), envoyee_le=maintenant, envoyee_par=compte)
    if propre:
        garder(excuse, "fichier", propre)
        excuse.certifie_le = maintenant
    try:
        excuse.save()
        _noter(excuse, reservation.etat, "excuse", Mouvement.Origine.PARENT, compte, maintenant)
    except BaseException:
        if propre:
            effacer(excuse.fichier.storage, excuse.fichier.name)
        raise
    return excuse


def verifier_excuse(reservation, maintenant):
    """Lève ``ValidationError`` si cette absence ne s'excuse pas, ou ne s'excuse plus."""
    seance = reservation.seance
    if Excuse.objects.filter(reservation=reservation).exists():
        raise ValidationError("Une excuse est déjà envoyée pour ce jour.", code="deja")
    if reservation.etat != Reservation.Etat.RESERVEE or not seance.ouverte:
        raise ValidationError("Cette réservation est annulée : elle ne sera pas facturée.", code="annulee")
    if maintenant < seance.limite_annulation:
        limite = regles.phrase_limite(seance.limite_annulation, maintenant)
        raise ValidationError(f"Cette réservation s'annule encore sur le planning, {limite}.", code="encore_annulable")
    if maintenant >= excusable_jusqu_a(seance):
        raise ValidationError(
            f"Une absence s'excuse pendant {jours(seance.activite.excuse_jours)} ; écrivez à la mairie.",
            code="trop_tard",
        )


def excusable_jusqu_a(seance):
    """Le premier instant (UTC) où une absence à cette séance ne s'excuse plus."""
    debut = instant_de_paris(seance.jour, seance.activite.heure_debut)
    return regles.fin_d_excuse(debut, seance.activite.excuse_jours)


@transaction.atomic
def joindre_certificat(excuse, propre, maintenant):
    """Joint un certificat à une excuse envoyée sans lui ; rend l'``Excuse``. Il compte à cet instant pour la facture.

    ``propre`` est un justificatif nettoyé (``commune.fichiers.Propre``). Lève ``ValidationError`` : ``deja`` (un
    justificatif est joint), ``refusee`` ou ``trop_tard``.
    """
    excuse = (
        Excuse.objects.select_for_update(of=("self",)).select_related("reservation__seance__activite").get(pk=excuse.pk)
    )
    verifier_certificat(excuse, maintenant)
    garder(excuse, "fichier", propre)
    excuse.certifie_le = maintenant
    try:
        excuse.save(update_fields=["fichier", "certifie_le"])
    except BaseException:
        effacer(excuse.fichier.storage, excuse.fichier.name)
        raise
    return excuse


def verifier_certificat(excuse, maintenant):
    """Lève ``ValidationError`` si aucun certificat ne se joint, ou plus, à cette excuse."""
    seance = excuse.reservation.seance
    if excuse.fichier:
        raise ValidationError("Un justificatif est déjà joint à cette excuse.", code="deja")
    if excuse.etat == Excuse.Etat.REFUSEE:
        raise ValidationError("Cette excuse est refusée : aucun certificat ne s'y joint.", code="refusee")
    if maintenant >= certifiable_jusqu_a(seance):
        raise ValidationError(
            f"Un certificat se joint pendant {jours(_jours_du_certificat(seance))} ; écrivez à la mairie.",
            code="trop_tard",
        )


def certifiable_jusqu_a(seance):
    """Le premier instant (UTC) où aucun certificat ne se joint plus à l'excuse d'une absence à cette séance."""
    return regles.fin_d_excuse(instant_de_paris(seance.jour, seance.activite.heure_debut), _jours_du_certificat(seance))


def _jours_du_certificat(seance):
    # Une activité qui n'excuse que deux jours ne raccourcit pas les heures que le tarif donne au certificat.
    return max(EXCUSE_JOURS, seance.activite.excuse_jours)


@transaction.atomic
def decider_excuse(excuse, acceptee, reponse, compte, maintenant):
    """Accepte ou refuse une excuse, et l'écrit à la famille. Une décision se reprend : la dernière vaut.

    Lève ``ValidationError`` : ``sans_motif`` (un refus se motive) ou ``deja`` (même décision, mêmes mots).
    """
    excuse = (
        Excuse.objects.select_for_update(of=("self",))
        .select_related("reservation__seance__activite", "reservation__enfant", "reservation__famille")
        .get(pk=excuse.pk)
    )  # fmt: skip
    etat = Excuse.Etat.ACCEPTEE if acceptee else Excuse.Etat.REFUSEE
    reponse = reponse.strip()
    if not acceptee and not reponse:
        raise ValidationError("Un refus se motive : dites pourquoi à la famille.", code="sans_motif")
    if (excuse.etat, excuse.reponse) == (etat, reponse):
        raise ValidationError("Cette excuse est déjà décidée ainsi.", code="deja")
    avant = "excuse" if excuse.etat == Excuse.Etat.ENVOYEE else excuse.etat
    excuse.etat, excuse.reponse, excuse.decidee_le, excuse.decidee_par = etat, reponse, maintenant, compte
    excuse.save()
    if avant != etat:
        _noter(excuse, avant, etat, Mouvement.Origine.MAIRIE, compte, maintenant)
    ecrire_aux_foyers("reservations/courriels/excuse", {excuse.reservation.famille_id: {
        "excuse": excuse, "acceptee": acceptee,
        "jour": regles.date_dite(excuse.reservation.seance.jour, annee=True),
    }})  # fmt: skip
    return excuse


def _noter(excuse, avant, apres, origine, compte, maintenant):
    Mouvement.objects.create(
        reservation=excuse.reservation, avant=avant, apres=apres, origine=origine, compte=compte, instant=maintenant,
        motif=excuse.reponse,
    )  # fmt: skip
