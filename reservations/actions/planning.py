"""Le planning que tient la mairie : réserver et annuler pour beaucoup de familles, d'un geste et avec une raison."""

from collections import defaultdict

from django.db import transaction

from commune.actions import envoyer_courriel
from familles.models import Adulte, Enfant

from .. import regles
from ..models import Mouvement, Reservation, Seance, restantes
from .enregistrement import ANNULEE, RESERVEE, Changement, Refus, Resultat, ecrire, lignes
from .mairie import exiger_un_motif, payeurs

MAIRIE = Mouvement.Origine.MAIRIE


@transaction.atomic
def enregistrer_pour_les_familles(souhaits, compte, motif, maintenant, au_dela=False):
    """Réserve et annule au-delà des limites ; ``souhaits`` : ``{(enfant_id, seance_id): vrai s'il faut réserver}``.

    Une case refusée et rien n'est écrit. Les places ne se dépassent que si la mairie le dit (``au_dela``). Chaque foyer
    reçoit un seul courriel. Rend le ``Resultat`` ; lève ``ValidationError`` (``sans_motif``).
    """
    motif = exiger_un_motif(motif)
    if not souhaits:
        return Resultat()
    changements, refus = _examiner(souhaits, maintenant, au_dela)
    if refus or not changements:
        return Resultat(refus=refus)
    lot = ecrire(changements, compte, maintenant, MAIRIE, motif)
    _prevenir(changements, lot, motif)
    return Resultat(lot, changements)


def _examiner(souhaits, maintenant, au_dela):
    """``(changements, refus)``, sur ce que la base dit des séances verrouillées ; les annulations d'abord."""
    seances = Seance.objects.verrouillees({seance for _, seance in souhaits}).select_related("activite")
    seances = {s.pk: s for s in seances}
    enfants = Enfant.objects.in_bulk({enfant for enfant, _ in souhaits})
    prises = {
        (r.enfant_id, r.seance_id): r
        for r in Reservation.objects.filter(enfant__in=enfants, seance__in=seances).select_related("famille")
    }
    foyers, libres = payeurs(enfants, seances.values()), restantes(seances.values())
    changements, refus = [], []
    for (enfant_id, seance_id), reserver in sorted(souhaits.items(), key=lambda s: (s[1], s[0][1], s[0][0])):
        enfant, seance, prise = enfants.get(enfant_id), seances.get(seance_id), prises.get((enfant_id, seance_id))
        avant = prise.etat if prise else ""
        if enfant and seance and avant in ((RESERVEE,) if reserver else ("", ANNULEE)):
            continue
        foyer = prise.famille if prise and avant != ANNULEE else foyers(enfant, seance) if enfant and seance else None
        code = _refus(enfant, seance, foyer, reserver, avant, libres, au_dela)
        if code:
            refus.append(Refus(enfant_id, seance_id, code, _phrase(code, enfant, seance)))
            continue
        if seance_id in libres:
            libres[seance_id] += (avant in Reservation.PRENANTS) - reserver
        hors_delai = reserver and maintenant >= seance.limite_reservation
        changements.append(Changement(enfant, seance, foyer, avant, RESERVEE if reserver else ANNULEE, hors_delai))
    return changements, refus


def _refus(enfant, seance, foyer, reserver, avant, libres, au_dela):
    if not enfant or not seance:
        return "inconnue"
    if not reserver:
        return ""
    if not seance.ouverte:
        return "ferme"
    if not foyer:
        return "sans_foyer"
    pleine = libres.get(seance.pk, 1) <= 0 and avant not in Reservation.PRENANTS
    return "complet" if pleine and not au_dela else ""


def _phrase(code, enfant, seance):
    if code == "inconnue":
        return "Une des cases n'existe pas ou n'existe plus : rechargez la page."
    suite = {
        "ferme": f"n'a pas lieu ({seance.motif})",
        "sans_foyer": "aucun foyer ne paierait, l'enfant n'y est plus rattaché",
        "complet": "complet ; cochez « au-delà des places » pour l'y ajouter quand même",
    }[code]
    return f"{enfant}, {seance.activite.nom} du {regles.date_dite(seance.jour)} : {suite}."


def _prevenir(changements, lot, motif):
    """Un courriel par foyer, qui ne dit que ses propres jours."""
    par_foyer, adresses = defaultdict(list), defaultdict(list)
    for changement in changements:
        par_foyer[changement.famille.pk].append(changement)
    joints = Adulte.objects.actuels().filter(famille__in=par_foyer, compte__is_active=True).order_by("pk")
    for famille, adresse in joints.values_list("famille", "compte__email"):
        adresses[famille].append(adresse)
    for famille, a in sorted(adresses.items()):
        siens = par_foyer[famille]
        envoyer_courriel("reservations/courriels/enregistrement", a, {
            "groupes": regles.regrouper(lignes(siens)), "enfants": sorted({c.enfant.prenom for c in siens}),
            "reservees": sum(c.apres == RESERVEE for c in siens), "annulees": sum(c.apres == ANNULEE for c in siens),
            "hors_delai": sum(c.hors_delai for c in siens), "lot": lot, "origine": MAIRIE, "motif": motif,
        })  # fmt: skip
