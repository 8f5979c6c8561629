"""La vie de la démonstration : inscriptions, huit semaines réservées et pointées, les suivantes à demi réservées."""

import datetime as dt
from collections import Counter, defaultdict

from commune.regles import instant_de_paris, lundi
from familles.models import Enfant
from inscriptions.models import Activite, Inscription
from portail.models import Compte
from presences.models import Pointage
from reservations.models import Excuse, Mouvement, Reservation, Seance

# La part des enfants inscrits, et la part des jours qu'ils réservent.
HABITUDES = {"midi": (0.92, 0.9), "matin": (0.35, 0.7), "soir": (0.5, 0.75), "mercredi": (0.3, 0.85)}
SEMAINES = 8
LOT = 5000


def installer(hasard, foyers, annee, jour, maintenant):
    """Inscrit les enfants des foyers validés, réserve et pointe autour de ``jour``."""
    inscrits = inscrire(hasard, foyers, annee)
    Inscription.objects.bulk_create(inscrits, batch_size=LOT)
    reservations = reserver(hasard, [i for i in inscrits if i.etat == "validee"], jour, maintenant)
    Reservation.objects.bulk_create(reservations, batch_size=LOT)
    Mouvement.objects.bulk_create(
        (Mouvement(reservation=r, apres=r.etat, origine="parent", instant=r.modifiee_le) for r in reservations),
        batch_size=LOT,
    )
    pointer(hasard, reservations, jour)
    excuser(reservations, jour, maintenant)


def inscrire(hasard, foyers, annee):
    """Une inscription par enfant et par activité choisie ; quelques-unes attendent encore la mairie."""
    activites = defaultdict(list)
    for activite in Activite.objects.all():
        activites[activite.site_id].append(activite)
    demandee = instant_de_paris(annee.debut - dt.timedelta(days=25), dt.time(18))
    enfants = list(Enfant.objects.filter(rattachements__famille__in=foyers).prefetch_related("familles").order_by("pk"))
    inscrits = []
    for enfant in enfants:
        foyer = enfant.familles.all()[0]
        for activite in activites[enfant.ecole_id]:
            la_star = foyer.nom == "LA STAR"
            if not la_star and hasard.random() > HABITUDES[activite.genre][0]:
                continue
            etat = "validee"
            if la_star and activite.genre == "mercredi":
                etat = "attente" if enfant.prenom == "Hugo" else "demandee"
            elif not activite.validation_automatique and hasard.random() < 0.02:
                etat = "demandee"
            inscrits.append(Inscription(
                enfant=enfant, activite=activite, annee=annee, famille=foyer, etat=etat, debut=annee.debut,
                fin=annee.fin, demandee_le=demandee, decidee_le=demandee if etat == "validee" else None,
            ))
    return inscrits


def fenetre(jour):
    """Du lundi d'il y a huit semaines d'école au dimanche dans trois semaines."""
    ecole = (
        Seance.objects.filter(jour__lt=lundi(jour), ouverte=True)
        .order_by("-jour").values_list("jour", flat=True).distinct()
    )
    lundis = sorted({lundi(j) for j in ecole}, reverse=True)[:SEMAINES]
    return (lundis[-1] if lundis else lundi(jour)), lundi(jour) + dt.timedelta(days=27)


def reserver(hasard, inscrits, jour, maintenant):
    """Chaque enfant a ses jours habituels ; les places restent comptées."""
    debut, fin = fenetre(jour)
    seances = defaultdict(list)
    ouvertes = Seance.objects.filter(jour__range=(debut, fin), ouverte=True).select_related("activite__site")
    for seance in ouvertes.order_by("jour"):
        seances[seance.activite_id].append(seance)
    pris, reservations = Counter(), []
    for inscription in inscrits:
        part = HABITUDES[inscription.activite.genre][1]
        jours = {j for j in inscription.activite.jours if hasard.random() < part} or {inscription.activite.jours[0]}
        for seance in seances[inscription.activite_id]:
            a_venir = seance.jour > jour + dt.timedelta(days=13)
            if seance.jour.weekday() not in jours or (a_venir and hasard.random() < 0.6):
                continue
            if seance.capacite and pris[seance.pk] >= seance.capacite:
                continue
            lina = inscription.enfant.prenom == "Lina" and inscription.famille.nom == "LA STAR"
            if lina and lundi(seance.jour) == lundi(jour):
                continue  # oubliée cette semaine : sa maman en a reçu le rappel (voir rappels.py)
            pris[seance.pk] += 1
            reserve_le = min(seance.limite_reservation, maintenant) - dt.timedelta(days=hasard.randint(1, 9))
            reservations.append(Reservation(
                enfant_id=inscription.enfant_id, seance=seance, famille_id=inscription.famille_id,
                modifiee_le=reserve_le,
            ))
    return reservations


def pointer(hasard, reservations, jour):
    """Les jours passés : presque tous présents, quelques absents, quelques excusés."""
    agent = Compte.objects.get(email="agent@demo.fr")
    pointages = []
    for reservation in reservations:
        seance = reservation.seance
        if seance.jour >= jour:
            continue
        sort = hasard.random()
        etat = "absent" if sort < 0.03 else "excuse" if sort < 0.045 else "present"
        midi = instant_de_paris(seance.jour, dt.time(12))
        pointages.append(Pointage(
            enfant_id=reservation.enfant_id, seance=seance, etat=etat, agent=agent, recu_le=midi, instant_appareil=midi,
            depart=depart_du_soir(seance, len(pointages)) if etat == "present" else None,
        ))
    Pointage.objects.bulk_create(pointages, batch_size=LOT)


def depart_du_soir(seance, n):
    """À Limbre, où le soir se paie à la demi-heure, on note qui part quand : deux sur cent après l'heure."""
    activite = seance.activite
    if activite.genre != "soir" or activite.site.nom != "Primaire de Limbre":
        return None
    return dt.time(19, 14) if n % 50 == 0 else dt.time(16 + n % 3, 5 + n % 11 * 5)


def excuser(reservations, jour, maintenant):
    """Trois excuses écrites : deux attendent la mairie."""
    recentes = [r for r in reservations if jour - dt.timedelta(days=10) <= r.seance.jour < jour][:: 97][:3]
    for rang, reservation in enumerate(recentes):
        Excuse.objects.create(
            reservation=reservation, texte="Mon enfant était malade, je vous joins le mot du médecin dès que possible.",
            envoyee_le=maintenant - dt.timedelta(days=1 + rang),
            **({"etat": "acceptee", "reponse": "Bon rétablissement.", "decidee_le": maintenant} if rang == 2 else {}),
        )
