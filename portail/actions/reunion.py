"""Réunir deux fiches du même enfant, avec tout ce qui vit au-dessus d'elles : le toit seul voit tous les étages."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from commune.regles import dire_le_jour, jour_de_paris
from documents.models import Piece
from familles.actions import reunir_enfants
from familles.models import Enfant, Famille
from inscriptions.models import Inscription
from inscriptions.regles import enumerer
from presences.models import Pointage
from reservations.models import Reservation, Seance

JOURS_DITS = 5  # au-delà, la phrase ne se lit plus


@transaction.atomic
def reunir(doublon, enfant, compte, maintenant):
    """``enfant`` reste, avec deux foyers ; ce que le doublon a de vivant le suit.

    Suivent ses documents, ses inscriptions en cours et ses réservations à venir, avec leur journal. Ce qui est passé
    reste sur l'ancienne fiche, où il a eu lieu et fut facturé.
    Lève ``ValidationError`` : ``pointe`` (il est là aujourd'hui, sous l'ancienne fiche), ``memes_jours`` (l'autre fiche
    connaît déjà ces séances), ``deja_ici``, et celles de ``familles.actions.reunir_enfants``.
    """
    jour = jour_de_paris(maintenant)
    list(Enfant.objects.select_for_update().filter(pk__in=[doublon.pk, enfant.pk]).order_by("pk"))
    siennes = a_venir(doublon, jour)
    list(Seance.objects.verrouillees(siennes.values("seance")).values_list("pk", flat=True))
    if Pointage.objects.filter(enfant=doublon, seance__jour=jour).exists():
        raise ValidationError(
            f"{doublon} est pointé aujourd'hui sous la fiche à fermer : réunissez-les demain.", code="pointe"
        )
    _refuser_les_memes_jours(siennes, doublon, enfant)
    inscriptions = Inscription.objects.en_cours(jour).filter(enfant=doublon)
    reunir_enfants(doublon, enfant, compte, maintenant)
    try:
        with transaction.atomic():
            for lignes in (Piece.objects.filter(enfant=doublon), inscriptions, siennes):
                lignes.update(enfant=enfant)
    except IntegrityError as erreur:  # ce foyer avait déjà eu l'enfant sous l'autre fiche
        raise ValidationError(
            f"Ce foyer a déjà un document à vérifier ou une inscription sur la fiche qui reste : terminez d'abord"
            f" ce que {doublon.prenom} a en double.",
            code="deja_ici",
        ) from erreur


def a_venir(enfant, jour):
    """Ses réservations d'aujourd'hui et après, en attente comprises."""
    vives = Reservation.objects.exclude(etat=Reservation.Etat.ANNULEE)
    return vives.filter(enfant=enfant, seance__jour__gte=jour)


def ce_qui_suit(doublon, jour):
    """Ce que la réunion déplacera, en nombres : documents, inscriptions, réservations."""
    return {
        "documents": Piece.objects.filter(enfant=doublon).count(),
        "inscriptions": Inscription.objects.en_cours(jour).filter(enfant=doublon).count(),
        "reservations": a_venir(doublon, jour).count(),
    }


def _refuser_les_memes_jours(siennes, doublon, enfant):
    connues = Reservation.objects.filter(enfant=enfant).values("seance")
    memes = siennes.filter(seance__in=connues).order_by("seance__jour").values_list("seance__jour", flat=True)
    jours = sorted(set(memes))
    if jours:
        dits = [dire_le_jour(jour) for jour in jours[:JOURS_DITS]]
        if len(jours) > JOURS_DITS:
            dits.append(f"{len(jours) - JOURS_DITS} autres jours")
        foyer = Famille.objects.get(rattachements__enfant=doublon, rattachements__fin=None)
        raise ValidationError(
            f"Les deux fiches connaissent les mêmes séances : {enumerer(dits)}. Annulez d'abord celles de la fiche"
            f" à fermer ({foyer}) ; ce foyer pourra réserver de nouveau ensuite.",
            code="memes_jours",
        )
