"""Les jours d'un foyer : inscriptions, réservations et leur journal, excuses, pointages."""

from django.db.models import Exists, OuterRef, Q

from familles.models import Enfant, Rattachement
from inscriptions.models import Inscription
from presences.models import Pointage
from reservations.models import Excuse, Mouvement, Reservation, Voeu

from .lignes import lignes


def vie(famille):
    return {
        "inscriptions": lignes(
            Inscription.objects.filter(famille=famille), "etat", "motif", "debut", "fin", "demandee_le", "decidee_le",
            enfant="enfant__prenom", activite="activite__nom", annee="annee__nom",
        ),
        "reservations": lignes(
            Reservation.objects.filter(famille=famille).order_by("seance__jour", "pk"), "etat", "hors_delai",
            "modifiee_le", enfant="enfant__prenom", jour="seance__jour", activite="seance__activite__nom",
        ),
        "journal des réservations": lignes(
            Mouvement.objects.filter(famille=famille), "instant", "avant", "apres", "motif", par="origine",
            enfant="reservation__enfant__prenom", jour="reservation__seance__jour",
            activite="reservation__seance__activite__nom",
        ),
        "vœux": lignes(
            Voeu.objects.filter(ticket__famille=famille).order_by("seance__jour", "pk"), "etat", "rang", "raison",
            "depose_le", numero="ticket__numero", ouverture="ticket__ouverture__nom", enfant="enfant__prenom",
            jour="seance__jour", activite="seance__activite__nom",
        ),
        "excuses": lignes(
            Excuse.objects.filter(reservation__famille=famille), "texte", "etat", "reponse", "envoyee_le",
            "certifie_le", "decidee_le", enfant="reservation__enfant__prenom", jour="reservation__seance__jour",
        ),
        "présences": lignes(
            _pointages(famille), "etat", "arrivee", "depart", enfant="enfant__prenom", jour="seance__jour",
            activite="seance__activite__nom",
        ),
    }


def _pointages(famille):
    """Les pointages de ce que ce foyer a réservé, et ceux sans réservation des enfants qu'il ne partage pas."""
    enfants = Enfant.objects.filter(rattachements__famille=famille)
    partages = Rattachement.objects.filter(enfant__in=enfants).exclude(famille=famille)
    reserve = Reservation.objects.filter(famille=famille, enfant=OuterRef("enfant"), seance=OuterRef("seance"))
    return (
        Pointage.objects.filter(enfant__in=enfants)
        .filter(Exists(reserve) | ~Q(enfant__in=partages.values("enfant")))
        .order_by("seance__jour", "pk")
    )
