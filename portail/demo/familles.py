"""Les familles de la démonstration : la famille LA STAR, une famille qui arrive, et plus de trois cents autres."""

import datetime as dt
import unicodedata
from collections import Counter

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from commune.models import Ecole
from documents.models import Piece, TypePiece
from familles.models import (
    Adulte,
    Autorisation,
    Enfant,
    Famille,
    FicheSanitaire,
    PersonneAutorisee,
    Quotient,
    Rattachement,
)
from messagerie.models import Message
from portail.actions import texte_rempli
from portail.models import Compte, Consentement, TexteConsentement

from .commun import MOT_DE_PASSE, annee_du
from .noms import MEDECINS, NOMS, PRENOMS, VOIES
from .specimens import pdf

CLASSES = {3: "ps", 4: "ms", 5: "gs", 6: "cp", 7: "ce1", 8: "ce2", 9: "cm1", 10: "cm2"}
MATERNELLE = {3, 4, 5}
EQUIPE = [
    ("mairie@demo.fr", "Direction", "Claire", "AUGEREAU"),
    ("regie@demo.fr", "Régie", "Marc", "TOURNIER"),
    ("periscolaire@demo.fr", "Périscolaire", "Nadège", "BOISSEAU"),
    ("agent@demo.fr", "Agents", "Samir", "RENOU"),
]


def installer(hasard, jour, maintenant, foyers):
    """Crée l'équipe et les familles ; rend la liste des foyers validés, les LA STAR d'abord."""
    secret = make_password(MOT_DE_PASSE)  # une seule empreinte : 330 argon2 prendraient vingt secondes
    equipe(secret)
    tirage = Tirage(hasard, jour, maintenant, secret)
    tirage.la_star()
    for rang in range(foyers - 1):
        tirage.foyer(rang)
    tirage.dedoubler()
    tirage.enregistrer()
    nouveau(secret)
    return tirage.valides


def equipe(secret):
    """Une personne par groupe : direction, régie, périscolaire, agents."""
    for email, groupe, prenom, nom in EQUIPE:
        compte = Compte.objects.create(email=email, password=secret, prenom=prenom, nom=nom, is_staff=True)
        compte.groups.add(Group.objects.get(name=groupe))


def nouveau(secret):
    """Un compte tout neuf, avant le consentement."""
    compte = Compte.objects.create(email="nouveau@demo.fr", password=secret, prenom="Camille", nom="DORVAL")
    foyer = Famille.objects.create(
        nom="DORVAL", adresse="4 allée des Acacias", code_postal="86440", ville="Migné-Auxances"
    )
    Adulte.objects.create(
        famille=foyer, civilite="mme", nom="DORVAL", prenom="Camille", lien="mere", telephone="06 00 00 00 01",
        responsable_legal=True, compte=compte,
    )


def identifiant(prenom, nom):
    """L'adresse d'un parent de la démonstration, sans accents."""
    plat = unicodedata.normalize("NFD", f"{prenom}.{nom}".lower().replace(" ", "-"))
    return "".join(c for c in plat if not unicodedata.combining(c)) + "@demo.fr"


class Tirage:
    """Accumule les objets pour les écrire en une fois par table."""

    def __init__(self, hasard, jour, maintenant, secret):
        self.hasard, self.jour, self.maintenant, self.secret = hasard, jour, maintenant, secret
        self.rentree = annee_du(jour)
        self.consentement = TexteConsentement.objects.en_vigueur(maintenant)
        self.ecoles = list(Ecole.objects.all())
        self.comptes, self.foyers, self.adultes, self.enfants, self.rattachements = [], [], [], [], []
        self.fiches, self.autorisations, self.personnes, self.quotients, self.pieces = [], [], [], [], []
        self.messages = []
        self.types = list(TypePiece.objects.all())
        self.specimens = {}
        self.adresses = set()

    @property
    def valides(self):
        return [foyer for foyer in self.foyers if foyer.statut == Famille.Statut.VALIDEE]

    def il_y_a(self, jours):
        return self.maintenant - dt.timedelta(days=jours)

    def la_star(self):
        """La famille du tutoriel. Hugo y est né trois ans plus tard, pour être encore à l'école primaire."""
        foyer = self.creer_foyer("LA STAR", "validee", adresse="12 rue des Tilleuls")
        celine = self.creer_adulte(foyer, "mme", "Celine", "mere", "celine@demo.fr")
        papi = self.creer_adulte(foyer, "m", "Georges", "grand_parent")
        voisin = self.creer_adulte(foyer, "m", "Fabrice", "autre", legal=False)
        hugo = self.creer_enfant(foyer, "Hugo", "g", dt.date(self.rentree - 9, 2, 7), self.ecoles[0])
        lina = self.creer_enfant(foyer, "Lina", "f", dt.date(self.rentree - 6, 5, 19), self.ecoles[0])
        for enfant in (hugo, lina):
            self.personnes += [
                PersonneAutorisee(enfant=enfant, adulte=celine, recupere=True, urgence=True),
                PersonneAutorisee(enfant=enfant, adulte=papi, recupere=True, urgence=True),
                PersonneAutorisee(enfant=enfant, adulte=voisin, interdit=True),
            ]
        self.fiches += [
            FicheSanitaire(enfant=hugo, medecin="Dr Auger", medecin_telephone="05 49 00 00 00"),
            FicheSanitaire(enfant=lina, allergies="Arachide : ni cacahuète ni pâte à tartiner.",
                           pai="Trousse d'urgence dans le bureau de la direction.", regime="sans_porc",
                           medecin="Dr Auger", medecin_telephone="05 49 00 00 00"),
        ]
        self.quotients.append(Quotient(famille=foyer, valeur=742, debut=dt.date(self.rentree, 9, 1),
                                       preuve=f"attestation CAF du 02/09/{self.rentree}"))
        self.pieces_de_celine(foyer, [hugo, lina], celine)
        self.messages += [
            Message(famille=foyer, auteur=celine.compte, texte="Bonjour, Hugo mangera-t-il avec sa sœur le vendredi ?",
                    envoye_le=self.il_y_a(6), lu_le=self.il_y_a(5)),
            Message(famille=foyer, de_la_mairie=True, envoye_le=self.il_y_a(5),
                    texte="Bonjour Madame, oui : les deux services sont réunis le vendredi. Bonne journée !"),
        ]

    def pieces_de_celine(self, foyer, enfants, celine):
        """Un exemple de chaque état, sans rien retirer de ce qui permet d'inscrire."""
        facultatives = iter(["refusee", "envoyee", "expiree", None])
        for type, enfant in self.attendues(enfants):
            etat = "validee" if type.obligatoire else next(facultatives, None)
            if etat:
                self.creer_piece(foyer, enfant, type, etat, celine.compte)

    def attendues(self, enfants):
        for type in self.types:
            yield from [(type, None)] if type.portee == "famille" else [(type, enfant) for enfant in enfants]

    def foyer(self, rang):
        hasard = self.hasard
        nom = hasard.choice(NOMS)
        statut = "en_creation" if rang % 41 == 7 else "a_valider" if rang % 36 == 5 else "validee"
        foyer = self.creer_foyer(nom, statut, hors_commune=hasard.random() < 0.08)
        civilites = hasard.choice([("mme", "m"), ("mme", "m"), ("mme", "m"), ("mme",), ("m",)])
        parents = []
        for place, civilite in enumerate(civilites):
            prenom = hasard.choice(PRENOMS[civilite])
            email = identifiant(prenom, nom) if place == 0 else None
            if email in self.adresses:
                email = email.replace("@", f"{rang}@")
            lien = "mere" if civilite == "mme" else "pere"
            parents.append(self.creer_adulte(foyer, civilite, prenom, lien, email))
        if hasard.random() < 0.4:
            parents.append(self.creer_adulte(foyer, "mme", hasard.choice(PRENOMS["mme"]), "grand_parent", legal=False))
        # 48 % d'enfants uniques, 42 % de paires, 10 % de trois : environ 520 enfants pour 330 familles.
        enfants = [self.enfant(foyer, nom) for _ in range(hasard.choices([1, 2, 3], [52, 38, 10])[0])]
        self.personnes += [
            PersonneAutorisee(enfant=enfant, adulte=adulte, recupere=True, urgence=adulte.responsable_legal)
            for enfant in enfants for adulte in parents
        ]
        if hasard.random() < 0.8:
            self.quotients.append(self.quotient(foyer))
        if statut != "en_creation":
            self.dossier(foyer, enfants, parents[0].compte, statut)
        if rang % 23 == 3:
            self.messages.append(Message(famille=foyer, auteur=parents[0].compte, envoye_le=self.il_y_a(1 + rang % 5),
                                         texte="Bonjour, comment modifier la classe de mon enfant ? Merci d'avance."))

    def quotient(self, foyer):
        return Quotient(
            famille=foyer, valeur=int(self.hasard.triangular(180, 2600, 900)), debut=dt.date(self.rentree, 9, 1),
            preuve=f"attestation CAF du {self.hasard.randint(1, 28):02d}/08/{self.rentree}",
        )

    def enfant(self, foyer, nom):
        hasard = self.hasard
        sexe = hasard.choice("fg")
        age = hasard.randint(3, 10)
        ne = dt.date(self.rentree - age, hasard.randint(1, 12), hasard.randint(1, 28))
        niveaux = ("primaire", "maternelle" if age in MATERNELLE else "elementaire")
        choix = [ecole for ecole in self.ecoles if ecole.niveau in niveaux]
        enfant = self.creer_enfant(foyer, hasard.choice(PRENOMS[sexe]), sexe, ne, hasard.choice(choix))
        self.fiches.append(self.fiche(enfant))
        return enfant

    def fiche(self, enfant):
        sort = self.hasard.random()
        return FicheSanitaire(
            enfant=enfant,
            allergies=self.hasard.choice(["Arachide.", "Lait de vache.", "Œuf.", "Pollens."]) if sort < 0.06 else "",
            pai="Asthme : inhalateur dans le cartable, deux bouffées si gêne." if sort < 0.03 else "",
            panier_repas=sort < 0.008,
            regime="sans_porc" if sort > 0.88 else "sans_viande" if sort > 0.84 else "",
            medecin=self.hasard.choice(MEDECINS),
            medecin_telephone=f"05 49 00 00 {self.hasard.randint(10, 99)}",
        )

    def dossier(self, foyer, enfants, compte, statut):
        """Les pièces obligatoires : toutes validées si la famille l'est, certaines à vérifier sinon."""
        for type, enfant in self.attendues(enfants):
            if type.obligatoire and type.condition == "toujours":
                etat = "validee" if statut == "validee" or self.hasard.random() < 0.4 else "envoyee"
                self.creer_piece(foyer, enfant, type, etat, compte)

    def creer_foyer(self, nom, statut, adresse="", hors_commune=False):
        foyer = Famille(
            nom=nom, statut=statut, hors_commune=hors_commune,
            adresse=adresse or f"{self.hasard.randint(1, 80)} {self.hasard.choice(VOIES)}",
            code_postal="86000" if hors_commune else "86440",
            ville="Poitiers" if hors_commune else "Migné-Auxances",
            envoyee_le=None if statut == "en_creation" else self.il_y_a(90 if statut == "validee" else 3),
            validee_le=self.il_y_a(85) if statut == "validee" else None,
        )
        self.foyers.append(foyer)
        return foyer

    def creer_adulte(self, foyer, civilite, prenom, lien, email=None, legal=None):
        compte = None
        if email:
            compte = Compte(
                email=email, password=self.secret, prenom=prenom, nom=foyer.nom, texte_accepte=self.consentement
            )
            self.adresses.add(email)
            self.comptes.append(compte)
        fin = " ".join(str(self.hasard.randint(10, 99)) for _ in range(3))
        adulte = Adulte(
            famille=foyer, civilite=civilite, prenom=prenom, nom=foyer.nom, lien=lien, compte=compte,
            telephone=f"06 00 {fin}",
            responsable_legal=lien in ("mere", "pere") if legal is None else legal,
        )
        self.adultes.append(adulte)
        return adulte

    def creer_enfant(self, foyer, prenom, sexe, ne, ecole):
        enfant = Enfant(nom=foyer.nom, prenom=prenom, sexe=sexe, date_naissance=ne, ecole=ecole,
                        classe=CLASSES[self.rentree - ne.year])
        self.enfants.append(enfant)
        self.rattachements.append(Rattachement(enfant=enfant, famille=foyer))
        self.autorisations += [
            Autorisation(enfant=enfant, genre=genre, accordee=self.hasard.random() < part, donnee_le=self.il_y_a(95))
            for genre, part in (("photo", 0.85), ("sortie", 0.1), ("soins", 1))
        ]
        return enfant

    def dedoubler(self):
        """La plus grande école a deux classes de ses deux plus gros niveaux, moitié A, moitié B."""
        ecole, _ = Counter(enfant.ecole for enfant in self.enfants).most_common(1)[0]
        eleves = [enfant for enfant in self.enfants if enfant.ecole == ecole]
        for classe, _ in Counter(enfant.classe for enfant in eleves).most_common(2):
            for rang, enfant in enumerate(e for e in eleves if e.classe == classe):
                enfant.division = "AB"[rang % 2]

    def creer_piece(self, foyer, enfant, type, etat, compte):
        nom = f"{type.nom}.pdf"
        if type.pk not in self.specimens:
            self.specimens[type.pk] = pdf(type.nom, "Pièce de démonstration envoyée par une famille inventée.")
        self.pieces.append(Piece(
            type=type, famille=foyer, enfant=enfant, envoyee_par=compte, nom=nom,
            # Chaque pièce a son fichier : en remplacer une ne doit pas en effacer une autre.
            fichier=default_storage.save("pieces/demo.pdf", ContentFile(self.specimens[type.pk])),
            etat="validee" if etat == "expiree" else etat,
            motif="La photo est floue : le nom n'est pas lisible." if etat == "refusee" else "",
            expire_le=self.jour - dt.timedelta(days=12) if etat == "expiree" else None,
            envoyee_le=self.il_y_a(2 if etat == "envoyee" else 90),
            decidee_le=None if etat == "envoyee" else self.il_y_a(86),
        ))

    def enregistrer(self):
        """Écrit chaque table en une requête, des comptes aux messages."""
        for modele, objets in [
            (Compte, self.comptes), (Famille, self.foyers), (Adulte, self.adultes), (Enfant, self.enfants),
            (Rattachement, self.rattachements), (FicheSanitaire, self.fiches), (Autorisation, self.autorisations),
            (PersonneAutorisee, self.personnes), (Quotient, self.quotients), (Piece, self.pieces),
            (Message, self.messages),
        ]:
            modele.objects.bulk_create(objets, batch_size=2000)
        lu = texte_rempli(self.consentement)
        Consentement.objects.bulk_create(
            Consentement(
                compte=compte, texte=self.consentement, texte_lu=lu, reponse="accepte", instant=self.il_y_a(95),
                adresse_ip="192.0.2.1",
            )
            for compte in self.comptes
        )
