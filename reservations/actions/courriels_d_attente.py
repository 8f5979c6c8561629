"""Ce que la liste d'attente écrit aux familles : un courriel par compte, quel que soit le nombre de places."""

from collections import defaultdict

from commune.actions import envoyer_courriel
from inscriptions.regles import enumerer

from .. import regles
from ..models import Reservation, jeton_de
from .enregistrement import adresses


def annoncer_places(changements, offres, maintenant, motif=""):
    """Dit aux familles les places qui leur reviennent : à confirmer par un lien, ou réservées.

    ``offres`` : ``{(enfant, séance): mouvement}`` de celles à confirmer.
    """
    for famille, siens in _par_famille(changements):
        proposees = [_place(c, offres, maintenant) for c in siens if c.apres == Reservation.Etat.PROPOSEE]
        if proposees:
            prenoms = enumerer(sorted({place["enfant"] for place in proposees}))
            _ecrire("reservations/courriels/offre", famille, {"places": proposees, "prenoms": prenoms})
        donnees = [_place(c, {}, maintenant) for c in siens if c.apres == Reservation.Etat.RESERVEE]
        if donnees:
            prenoms = enumerer(sorted({place["enfant"] for place in donnees}))
            _ecrire(
                "reservations/courriels/place_donnee", famille,
                {"places": donnees, "prenoms": prenoms, "motif": motif},
            )  # fmt: skip


def annoncer_sorties(sorties):
    """Dit en un courriel par famille les attentes finies ; ``sorties`` : ``{raison: changements}``."""
    par_famille = defaultdict(list)
    for raison, changements in sorties.items():
        for famille, siens in _par_famille(changements):
            par_famille[famille].append((regles.SORTIES[raison], regles.regrouper(_lignes(siens))))
    for famille, raisons in par_famille.items():
        _ecrire("reservations/courriels/attente_finie", famille, {"raisons": raisons})


def _par_famille(changements):
    familles = defaultdict(list)
    for changement in sorted(changements, key=lambda c: (c.seance.jour, c.enfant.pk)):
        familles[changement.famille].append(changement)
    return familles.items()


def _place(changement, offres, maintenant):
    seance = changement.seance
    place = {
        "enfant": changement.enfant.prenom,
        "enfant_pk": changement.enfant.pk,
        "activite": seance.activite.nom,
        "horaires": seance.activite.horaires,
        "jour": regles.date_dite(seance.jour),
        "iso": seance.jour.isoformat(),
    }
    if changement.offre_jusqu_a:
        place["limite"] = regles.limite_datee(changement.offre_jusqu_a)
        place["jeton"] = jeton_de(offres[changement.enfant.pk, seance.pk])
    else:
        place["annulable"] = (
            regles.limite_datee(seance.limite_annulation) if maintenant < seance.limite_annulation else ""
        )
    return place


def _lignes(changements):
    return [regles.Ligne(c.enfant.prenom, c.seance.activite.nom, c.seance.jour, "attente") for c in changements]


def _ecrire(gabarit, famille, contexte):
    """Un courriel par compte : deux parents n'apprennent pas l'adresse l'un de l'autre."""
    for adresse in adresses(famille):
        envoyer_courriel(gabarit, [adresse], contexte)
