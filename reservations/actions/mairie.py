"""Ce que la mairie et ses agents changent au-delà des limites, toujours avec une raison."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.actions import envoyer_courriel
from familles.models import Rattachement, garde_des
from familles.regles.garde import payeur
from inscriptions.models import Inscription

from .. import regles
from ..models import Mouvement, Reservation, Seance
from .enregistrement import ANNULEE, RESERVEE, Changement, adresses, ecrire, lignes

MAIRIE, AGENT = Mouvement.Origine.MAIRIE, Mouvement.Origine.AGENT


@transaction.atomic
def ajouter_sur_place(enfant, seance, compte, motif, maintenant, origine=AGENT):
    """Réserve pour un enfant qui est là : au-delà de la limite et des places, avec une raison gardée au
    journal.

    Le foyer qui paie est celui de l'inscription du jour ; de deux, celui qui a l'enfant ce jour-là. Après la
    limite, la réservation est hors délai. Rend la réservation. Lève ``ValidationError`` : ``sans_motif``,
    ``ferme`` (la séance n'a pas lieu), ``deja`` (réservée) ou ``sans_foyer``.
    """
    motif = exiger_un_motif(motif)
    seance = Seance.objects.verrouillees([seance.pk]).select_related("activite").get()
    if not seance.ouverte:
        raise ValidationError(f"Cette séance n'a pas lieu : {seance.motif}.", code="ferme")
    existante = Reservation.objects.filter(enfant=enfant, seance=seance).first()
    if existante and existante.etat == RESERVEE:
        raise ValidationError(f"{enfant} a déjà une réservation à cette séance.", code="deja")
    changement = Changement(
        enfant, seance, _foyer_du_jour(enfant, seance), existante.etat if existante else "", RESERVEE,
        hors_delai=maintenant >= seance.limite_reservation,
    )  # fmt: skip
    ecrire([changement], compte, maintenant, origine, motif)
    return Reservation.objects.get(enfant=enfant, seance=seance)


@transaction.atomic
def annuler(reservation, compte, motif, maintenant, origine=MAIRIE):
    """Annule une réservation pour la famille, même après la limite, et le lui écrit.

    Lève ``ValidationError`` : ``sans_motif``, ou ``deja`` si elle est annulée.
    """
    motif = exiger_un_motif(motif)
    seance = Seance.objects.verrouillees([reservation.seance_id]).select_related("activite").get()
    reservation = Reservation.objects.select_related("enfant", "famille").get(pk=reservation.pk)
    if reservation.etat == ANNULEE:
        raise ValidationError("Cette réservation est déjà annulée.", code="deja")
    changement = Changement(reservation.enfant, seance, reservation.famille, reservation.etat, ANNULEE)
    ecrire([changement], compte, maintenant, origine, motif)
    _prevenir(changement, motif)
    reservation.refresh_from_db()
    return reservation


@transaction.atomic
def rouvrir(seance):
    """Une séance que le calendrier avait fermée a lieu finalement. Celle d'un événement se rouvre en le levant.

    Lève ``ValidationError`` : ``evenement``.
    """
    seance = Seance.objects.verrouillees([seance.pk]).get()
    if seance.evenement_id:
        raise ValidationError("Un événement la tient fermée : c'est lui que l'on lève.", code="evenement")
    seance.ouverte, seance.motif = True, ""
    seance.save(update_fields=["ouverte", "motif"])
    return seance


def exiger_un_motif(motif):
    motif = motif.strip()
    if not motif:
        raise ValidationError("Dites pourquoi : la raison reste au journal.", code="sans_motif")
    return motif


def payeurs(enfants, seances):
    """Qui paie : une fonction ``(enfant, séance) → foyer ou None``, qui a tout lu en quelques requêtes.

    Le foyer de l'inscription du jour ; de deux, celui qui a l'enfant (voir ``familles.regles.garde.payeur``).
    """
    seances = list(seances)
    jours = [seance.jour for seance in seances]
    inscrits, rattaches, familles = defaultdict(list), defaultdict(list), {}
    garde = garde_des(enfants, min(jours), max(jours)) if jours else None
    if jours:
        valables = Inscription.objects.valables(min(jours), max(jours)).filter(
            enfant__in=enfants, activite__in={seance.activite_id for seance in seances}
        )  # fmt: skip
        for inscription in valables.select_related("famille").order_by("pk"):
            familles[inscription.famille_id] = inscription.famille
            inscrits[inscription.enfant_id, inscription.activite_id].append(inscription)
    liens = Rattachement.objects.actuels().filter(enfant__in=enfants).select_related("famille").order_by("foyer")
    for lien in liens:
        familles[lien.famille_id] = lien.famille
        rattaches[lien.enfant_id].append(lien.famille_id)

    def qui_paie(enfant, seance):
        siennes = inscrits[enfant.pk, seance.activite_id]
        du_jour = [i.famille_id for i in siennes if i.debut <= seance.jour <= i.fin]
        return familles.get(payeur(garde.foyer(enfant.pk, seance.jour), du_jour, rattaches[enfant.pk]))

    return qui_paie


def _foyer_du_jour(enfant, seance):
    foyer = payeurs([enfant.pk], [seance])(enfant, seance)
    if not foyer:
        raise ValidationError(f"{enfant} n'est rattaché à aucun foyer : qui paierait ?", code="sans_foyer")
    return foyer


def _prevenir(changement, motif):
    a = adresses(changement.famille)
    if a:
        envoyer_courriel("reservations/courriels/annulation", a, {
            "groupes": regles.regrouper(lignes([changement])), "changement": changement, "motif": motif,
        })  # fmt: skip
