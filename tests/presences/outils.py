"""Une cantine pleine, en quelques requêtes, et l'agent qui la pointe."""

import datetime as dt

from familles.models import Adulte, Autorisation, Enfant, Famille, FicheSanitaire, PersonneAutorisee, Rattachement
from reservations.models import Reservation
from tests import fabriques as f

JOUR = dt.date(2026, 11, 23)  # un lundi
MIDI = f.a_paris(2026, 11, 23, 12, 4)
CLASSES = ["ps", "ms", "gs", "cp", "ce1", "ce2", "cm1", "cm2"]


def service(jour=JOUR, **champs):
    """Une séance de restauration, sur son site."""
    defauts = {"nom": "Restauration", "avec_repas": True}
    if "site" not in champs:
        champs["site"] = f.ecole(nom="Victor Schoelcher")
    return f.seance(f.activite(**defauts | champs), jour)


def attendu(seance, prenom="Hugo", nom="LA STAR", foyer=None, sante=None, **champs):
    """Un enfant réservé à cette séance ; ``sante`` donne sa fiche."""
    petit = f.enfant(foyer or f.famille(nom=nom), prenom=prenom, nom=nom, ecole=seance.activite.site, **champs)
    f.reservation(petit, seance)
    if sante:
        FicheSanitaire.objects.create(enfant=petit, **sante)
    return petit


def remplir(seance, nombre, groupes=("",)):
    """``nombre`` enfants réservés de plus, de huit niveaux et de ces ``groupes``.

    Avec familles, téléphones, régimes et interdits.
    """
    familles = Famille.objects.bulk_create(
        Famille(nom=f"FAMILLE {n}", adresse="1 rue", code_postal="86440", ville="Migné-Auxances") for n in range(nombre)
    )
    adultes = Adulte.objects.bulk_create(
        Adulte(famille=famille, civilite="mme", nom=famille.nom, prenom="Anne", lien="mere", responsable_legal=True,
               telephone=f"06 12 34 {n // 100:02d} {n % 100:02d}")
        for n, famille in enumerate(familles)
    )  # fmt: skip
    enfants = Enfant.objects.bulk_create(
        Enfant(nom=famille.nom, prenom=f"Prénom{n:03d}", sexe="f", date_naissance=dt.date(2019, 5, 2),
               ecole=seance.activite.site, classe=CLASSES[n % 8],
               division=groupes[n // 8 % len(groupes)])
        for n, famille in enumerate(familles)
    )  # fmt: skip
    Rattachement.objects.bulk_create(
        Rattachement(enfant=e, famille=fa) for e, fa in zip(enfants, familles, strict=True)
    )
    PersonneAutorisee.objects.bulk_create(
        PersonneAutorisee(enfant=e, adulte=a, recupere=n % 9 != 0, interdit=n % 9 == 0)
        for n, (e, a) in enumerate(zip(enfants, adultes, strict=True))
    )
    FicheSanitaire.objects.bulk_create(
        FicheSanitaire(enfant=e, regime="sans_porc" if n % 7 == 0 else "", allergies="Arachide" if n % 11 == 0 else "")
        for n, e in enumerate(enfants)
    )
    Autorisation.objects.bulk_create(
        Autorisation(enfant=e, genre="sortie", accordee=n % 5 == 0, donnee_le=MIDI) for n, e in enumerate(enfants)
    )
    Reservation.objects.bulk_create(
        Reservation(enfant=e, seance=seance, famille=fa, modifiee_le=MIDI)
        for e, fa in zip(enfants, familles, strict=True)
    )
    return enfants
