"""Les familles de la charge : de vrais comptes, de vraies sessions, une ouverture à l'heure dite."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from commune.models import AnneeScolaire, Commune, Ecole
from commune.regles import instant_de_paris, jour_de_paris, lundi
from familles.models import Adulte, Enfant, Famille, Rattachement
from inscriptions.models import Activite, Inscription
from portail.actions import installer_textes
from portail.models import Compte, TexteConsentement
from reservations.actions import preparer_ouverture
from reservations.models import Ouverture, Reservation, Seance

LOT = 2000
MOTEUR = "portail.session.Comptes"
DEBUT = dt.timedelta(days=30)  # les séances de l'ouverture ont lieu dans un mois


@dataclass(slots=True)
class Parent:
    """Un foyer, ses enfants, et le témoin de session que porte son navigateur."""

    famille: Famille
    enfants: list
    session: str


class Ville:
    """La commune, son école, son année ; et de quoi y ajouter des foyers et des ouvertures."""

    def __init__(self, maintenant):
        self.maintenant, self.jour = maintenant, jour_de_paris(maintenant)
        Commune.objects.create(nom="Mairie de la charge", ville="Charge", code_postal="86440")
        installer_textes()
        self.texte = TexteConsentement.objects.get()
        self.ecole = Ecole.objects.create(nom="École", niveau="primaire")
        self.annee = AnneeScolaire.objects.create(
            nom="Année", debut=self.jour - dt.timedelta(days=60), fin=self.jour + dt.timedelta(days=300), ouverte=True,
            calendrier_confirme=True,
        )  # fmt: skip

    def parents(self, combien, enfants, prefixe):
        """``combien`` foyers d'``enfants`` enfants, chacun avec un compte dont la session est déjà ouverte."""
        comptes = Compte.objects.bulk_create((
            Compte(email=f"{prefixe}{n}@charge.invalid", password="!", prenom="Parent", nom=f"{prefixe}{n}",
                   texte_accepte=self.texte)
            for n in range(combien)
        ), batch_size=LOT)  # fmt: skip
        foyers = Famille.objects.bulk_create((
            Famille(nom=f"{prefixe}{n}", adresse="1 rue", code_postal="86440", ville="Charge", statut="validee",
                    validee_le=self.maintenant)
            for n in range(combien)
        ), batch_size=LOT)  # fmt: skip
        Adulte.objects.bulk_create((
            Adulte(famille=foyer, civilite="mme", nom=foyer.nom, prenom="Parent", lien="mere", responsable_legal=True,
                   telephone="06 00 00 00 00", compte=compte)
            for foyer, compte in zip(foyers, comptes, strict=True)
        ), batch_size=LOT)  # fmt: skip
        petits = Enfant.objects.bulk_create((
            Enfant(nom=foyer.nom, prenom=f"Enfant{rang}", sexe="f", date_naissance=dt.date(2018, 1, 1 + rang),
                   classe="cm1", ecole=self.ecole)
            for foyer in foyers for rang in range(enfants)
        ), batch_size=LOT)  # fmt: skip
        parents = [
            Parent(foyer, petits[n * enfants : (n + 1) * enfants], session)
            for n, (foyer, session) in enumerate(zip(foyers, self._sessions(comptes), strict=True))
        ]
        Rattachement.objects.bulk_create(
            (Rattachement(enfant=e, famille=p.famille) for p in parents for e in p.enfants), batch_size=LOT
        )
        return parents

    def _sessions(self, comptes):
        """De vraies sessions, comme en laisse une connexion ; leurs clés."""
        magasin, sessions = SessionStore(), []
        for compte in comptes:
            donnees = {
                "_auth_user_id": str(compte.pk), "_auth_user_backend": MOTEUR,
                "_auth_user_hash": compte.get_session_auth_hash(),
            }  # fmt: skip
            sessions.append(Session(
                session_key=f"charge{compte.pk:026d}", session_data=magasin.encode(donnees),
                expire_date=self.maintenant + dt.timedelta(days=1),
            ))  # fmt: skip
        Session.objects.bulk_create(sessions, batch_size=LOT)
        return [s.session_key for s in sessions]

    def activites(self, nom, combien, **champs):
        return [
            Activite.objects.create(**{
                "nom": f"{nom} {n}", "genre": "soir", "site": self.ecole, "jours": [0, 1, 2, 3, 4],
                "heure_debut": dt.time(16), "heure_fin": dt.time(18),
            } | champs)
            for n in range(1, combien + 1)
        ]  # fmt: skip

    def inscrire(self, parents, activites):
        Inscription.objects.bulk_create((
            Inscription(enfant=enfant, activite=activite, annee=self.annee, famille=p.famille, etat="validee",
                        debut=self.annee.debut, fin=self.annee.fin, demandee_le=self.maintenant)
            for p in parents for enfant in p.enfants for activite in activites
        ), batch_size=LOT)  # fmt: skip

    def seances(self, activites, jours, capacite=None):
        minuit = {jour: instant_de_paris(jour, dt.time(0)) for jour in jours}
        return Seance.objects.bulk_create(
            Seance(activite=a, jour=j, capacite=capacite, limite_reservation=minuit[j], limite_annulation=minuit[j])
            for a in activites for j in jours
        )  # fmt: skip

    def ouverture(self, nom, parents, places, dans, **champs):
        """Cinq activités de ``places`` places, pour les enfants de ``parents`` ; ouvre dans ``dans`` secondes."""
        activites, jour = self.activites(nom, 5), self.jour + DEBUT
        self.inscrire(parents, activites)
        self.seances(activites, [jour], places)
        ouverture = Ouverture(
            nom=nom, du=jour, au=jour, voeux_des=self.maintenant - dt.timedelta(hours=1),
            ouvre_le=self.maintenant + dt.timedelta(seconds=dans), **champs,
        )  # fmt: skip
        return preparer_ouverture(ouverture, activites, self.maintenant)

    def semaines(self, parents):
        """Quatre activités, trois semaines à demi réservées : le planning ordinaire d'une famille."""
        activites = self.activites("Ordinaire", 4)
        self.inscrire(parents, activites)
        debut = lundi(self.jour)
        jours = [debut + dt.timedelta(days=n) for n in range(21) if n % 7 < 5]
        seances = self.seances(activites, jours, capacite=5000)
        Reservation.objects.bulk_create((
            Reservation(enfant=e, seance=s, famille=p.famille, modifiee_le=self.maintenant)
            for p in parents for e in p.enfants for rang, s in enumerate(seances) if rang % 2
        ), batch_size=LOT)  # fmt: skip
