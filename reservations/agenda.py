"""L'agenda d'un foyer au format iCalendar (RFC 5545), pour le téléphone ou l'ordinateur d'un parent."""

import datetime as dt
from itertools import groupby

from icalendar import Calendar, Event

from commune.contexte import courante
from commune.regles import PARIS, jour_de_paris
from familles.models import garde_des

from . import regles
from .models import a_reserver, reservations_de_l_agenda

RELIRE = dt.timedelta(hours=6)  # ce que l'on demande aux agendas ; chacun fait à sa guise
MARQUE = dt.timedelta(minutes=30)  # la durée d'un « dernier moment » : une ligne visible, rien d'occupé


def agenda(compte, maintenant):
    """L'agenda de ce compte en octets : ses réservations, puis les derniers moments pour réserver."""
    jour = jour_de_paris(maintenant)
    calendrier = Calendar()
    calendrier.add("prodid", "-//Portail Famille//Agenda//FR")
    calendrier.add("version", "2.0")
    calendrier.add("x-wr-calname", f"Périscolaire, {courante().nom}")
    calendrier.add("x-wr-timezone", "Europe/Paris")
    calendrier.add("refresh-interval", RELIRE, parameters={"value": "DURATION"})
    for reservation in reservations_de_l_agenda(compte, jour):
        calendrier.add_component(_reservee(reservation, maintenant))
    seances = list(a_reserver(compte, jour, maintenant))
    garde = garde_des({s.enfant for s in seances}, jour, max((s.jour for s in seances), default=jour))
    seances = [s for s in seances if garde.a_nous(s.enfant, s.famille, s.jour)]
    for limite, groupe in groupby(seances, key=lambda seance: seance.limite_reservation):
        calendrier.add_component(_dernier_moment(limite, list(groupe), maintenant))
    calendrier.add_missing_timezones()
    return calendrier.to_ical()


def _reservee(reservation, maintenant):
    seance, activite = reservation.seance, reservation.seance.activite
    evenement = Event()
    evenement.add("uid", f"reservation-{reservation.pk}@portail-famille")
    evenement.add("dtstamp", reservation.modifiee_le)
    evenement.add("summary", f"{reservation.enfant.prenom} : {activite.nom}")
    evenement.add("location", str(activite.site))
    evenement.add("dtstart", dt.datetime.combine(seance.jour, activite.heure_debut, tzinfo=PARIS))
    evenement.add("dtend", dt.datetime.combine(seance.jour, activite.heure_fin, tzinfo=PARIS))
    if maintenant < seance.limite_annulation:
        # La date entière : un agenda se lit bien après avoir été téléchargé.
        evenement.add("description", f"S'annule {regles.limite_datee(seance.limite_annulation, annee=True)}.")
    return evenement


def _dernier_moment(limite, seances, maintenant):
    jours = list(dict.fromkeys(seance.jour for seance in seances))
    premier, dernier = regles.date_dite(jours[0]), regles.date_dite(jours[-1])
    quoi = premier if len(jours) == 1 else f"du {premier} au {dernier}"
    evenement = Event()
    evenement.add("uid", f"limite-{limite:%Y%m%dT%H%MZ}@portail-famille")
    evenement.add("dtstamp", maintenant)
    evenement.add("summary", f"À réserver : {quoi}")
    evenement.add("description", "\n".join(
        f"{seance.prenom} : {seance.activite.nom}, {regles.date_dite(seance.jour)}" for seance in seances
    ))  # fmt: skip
    evenement.add("dtstart", (limite - MARQUE).astimezone(PARIS))
    evenement.add("dtend", limite.astimezone(PARIS))
    evenement.add("transp", "TRANSPARENT")
    return evenement
