"""Une fratrie de trois enfants, inscrits partout : la plus grande semaine et la plus grande année d'une famille."""

import datetime as dt
from types import SimpleNamespace

from django.urls import reverse

from commune.models import Ecole, JourFerme
from commune.regles import est_ferme, instant_de_paris, jour_de_paris, jours, lundi
from familles.models import Adulte, Enfant, Famille, Rattachement
from inscriptions.models import Activite, Inscription
from portail.actions import accepter
from portail.models import Compte, TexteConsentement
from reservations.models import Seance

GENRES = ["matin", "midi", "soir", "mercredi"]
JOURS = 125  # trois enfants, quatre activités, cent vingt-cinq jours : quinze cents cases


def installer_fratrie(annee, maintenant):
    """Un foyer de trois enfants à la même école, chacun inscrit à quatre activités qui ont lieu tous les jours ouverts.

    Rend son ``compte``, sa ``famille``, l'adresse de sa ``semaine`` pleine et ses ``souhaits`` de l'année.
    """
    demain = jour_de_paris(maintenant) + dt.timedelta(days=2)
    fermes = list(JourFerme.objects.entre(demain, annee.fin))
    dates = [jour for jour in jours(demain, annee.fin) if not est_ferme(jour, fermes)][:JOURS]
    compte = Compte.objects.create_user(email="banc@demo.fr", password=None, prenom="Anne", nom="BANC")
    accepter(compte, TexteConsentement.objects.first(), maintenant, "192.0.2.1")
    famille = Famille.objects.create(
        nom="BANC", adresse="1 rue du Banc", code_postal="86440", ville="Migné-Auxances",
        statut=Famille.Statut.VALIDEE, validee_le=maintenant,
    )  # fmt: skip
    Adulte.objects.create(
        famille=famille, civilite="mme", nom="BANC", prenom="Anne", lien=Adulte.Lien.MERE, telephone="06 00 00 00 00",
        responsable_legal=True, compte=compte,
    )  # fmt: skip
    site = Ecole.objects.create(nom="École du banc", niveau="primaire")
    seances = []
    for n, genre in enumerate(GENRES):
        activite = Activite.objects.create(
            nom=f"Activité {genre}", genre=genre, site=site, jours=list(range(7)), heure_debut=dt.time(8 + 2 * n),
            heure_fin=dt.time(9 + 2 * n), capacite=80, ordre=n,
        )  # fmt: skip
        seances += [
            Seance(
                activite=activite, jour=jour, capacite=80, limite_reservation=instant_de_paris(jour, dt.time(0)),
                limite_annulation=instant_de_paris(jour, dt.time(0)),
            )
            for jour in dates
        ]
    Seance.objects.bulk_create(seances)
    souhaits = {}
    for n, prenom in enumerate(["Ana", "Basile", "Chloé"]):
        petit = Enfant.objects.create(
            nom="BANC", prenom=prenom, sexe="f", date_naissance=dt.date(2017 + n, 2, 7), classe="cp", ecole=site
        )
        Rattachement.objects.create(enfant=petit, famille=famille)
        Inscription.objects.bulk_create(
            Inscription(
                enfant=petit, famille=famille, activite=activite, annee=annee, etat=Inscription.Etat.VALIDEE,
                debut=annee.debut, fin=annee.fin, demandee_le=maintenant,
            )
            for activite in Activite.objects.filter(site=site)
        )
        souhaits |= {(petit.pk, seance.pk): True for seance in seances}
    semaine = f"{reverse('reservations:planning')}?jour={lundi(dates[0]) + dt.timedelta(days=7)}"
    return SimpleNamespace(compte=compte, famille=famille, semaine=semaine, souhaits=souhaits)
