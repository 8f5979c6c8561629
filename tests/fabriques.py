"""Des objets vrais pour les tests : des fonctions simples, un défaut raisonnable pour chaque champ."""

import datetime as dt
from decimal import Decimal
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.db import transaction

from commune.models import AnneeScolaire, Commune, Ecole, JourFerme
from commune.regles import instant_de_paris
from documents.models import Piece, TypePiece
from facturation.models import Facturation, Facture, Tarif
from familles.models import Adulte, Echange, Enfant, Famille, Garde, Rattachement
from inscriptions.models import Activite, Inscription, RegleDelai
from reservations.models import Excuse, Reservation, Seance

numeros = count(1)
MIDI = dt.time(12)
RENTREE = dt.date(2026, 9, 1)


def a_paris(annee, mois, jour, heure=12, minute=0, seconde=0):
    """Un instant dit à l'heure de Paris."""
    return instant_de_paris(dt.date(annee, mois, jour), dt.time(heure, minute, seconde))


def commune(**champs):
    defauts = {
        "nom": "Mairie de Migné-Auxances", "ville": "Migné-Auxances", "code_postal": "86440",
        "telephone": "05.49.51.92.25", "courriel": "periscolaire@migne-auxances.fr",
    }
    return Commune.objects.update_or_create(pk=1, defaults=defauts | champs)[0]


def ecole(**champs):
    return Ecole.objects.create(**{"nom": f"École {next(numeros)}", "niveau": "primaire"} | champs)


def annee(**champs):
    defauts = {
        "debut": RENTREE, "fin": dt.date(2027, 7, 3), "ouverte": True, "calendrier_confirme": True,
    }
    return AnneeScolaire.objects.get_or_create(nom=champs.pop("nom", "2026-2027"), defaults=defauts | champs)[0]


def compte(**champs):
    mot_de_passe = champs.pop("mot_de_passe", "portail-famille")
    return get_user_model().objects.create_user(
        **{"email": f"compte{next(numeros)}@exemple.fr", "password": mot_de_passe, "prenom": "Celine", "nom": "LA STAR"}
        | champs
    )


def agent(groupe="Agents", **champs):
    """Un compte de la mairie dans un groupe : « Direction », « Régie », « Périscolaire » ou « Agents »."""
    membre = compte(is_staff=True, **champs)
    if groupe:
        membre.groups.add(Group.objects.get(name=groupe))
    return membre


def lecteur(*droits):
    """Un compte de la mairie sans groupe, avec ces seuls droits : ``lecteur("familles.view_famille")``."""
    membre = compte(is_staff=True)
    for droit in droits:
        app, nom = droit.split(".")
        membre.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=nom))
    return membre


def famille(avec_compte=True, **champs):
    """Un foyer validé avec un parent ; ``famille.compte`` est son compte."""
    defauts = {
        "nom": "LA STAR", "adresse": "1 rue des Écoles", "code_postal": "86440", "ville": "Migné-Auxances",
        "statut": Famille.Statut.VALIDEE,
    }
    champs = defauts | champs
    if champs["statut"] == Famille.Statut.VALIDEE:
        champs.setdefault("validee_le", a_paris(2026, 8, 20))
    foyer = Famille.objects.create(**champs)
    foyer.compte = compte() if avec_compte is True else avec_compte or None
    Adulte.objects.create(
        famille=foyer, civilite="mme", nom=foyer.nom, prenom="Celine", lien=Adulte.Lien.MERE,
        telephone="06 12 34 56 78", responsable_legal=True, compte=foyer.compte,
    )
    return foyer


def enfant(foyer=None, **champs):
    foyer = foyer or famille()
    defauts = {
        "nom": foyer.nom, "prenom": "Hugo", "sexe": "g", "date_naissance": dt.date(2018, 2, 7), "classe": "cm1",
    }
    if "ecole" not in champs:
        champs["ecole"] = ecole()
    petit = Enfant.objects.create(**defauts | champs)
    Rattachement.objects.create(enfant=petit, famille=foyer)
    return petit


def activite(**champs):
    if "site" not in champs:
        champs["site"] = ecole()
    defauts = {
        "nom": f"Restauration {next(numeros)}", "genre": Activite.Genre.MIDI, "jours": [0, 1, 3, 4],
        "heure_debut": dt.time(12), "heure_fin": dt.time(13, 30),
    }
    return Activite.objects.create(**defauts | champs)


def inscription(petit, activite, **champs):
    an = champs.pop("annee", None) or annee()
    defauts = {
        "famille": petit.familles.first(), "etat": Inscription.Etat.VALIDEE, "debut": an.debut, "fin": an.fin,
        "demandee_le": a_paris(2026, 8, 20),
    }
    return Inscription.objects.create(enfant=petit, activite=activite, annee=an, **defauts | champs)


def delai(activite, geste="reserver", **champs):
    """Une règle de délai de cette activité ; sans champs, la veille 23:59."""
    return RegleDelai.objects.create(**{"activite": activite, "geste": geste} | champs)


def seance(activite, jour, **champs):
    """Une séance dont les limites sont la veille 23:59, heure de Paris."""
    limite = instant_de_paris(jour, dt.time(0))
    defauts = {"limite_reservation": limite, "limite_annulation": limite, "capacite": activite.capacite}
    return Seance.objects.create(activite=activite, jour=jour, **defauts | champs)


def reservation(petit, seance, **champs):
    defauts = {"famille": petit.familles.first(), "modifiee_le": a_paris(2026, 9, 1)}
    return Reservation.objects.create(enfant=petit, seance=seance, **defauts | champs)


def tarif(tranches=((600, "2.10"), (900, "2.85"), (None, "3.60")), ajustements=(), **champs):
    """Un tarif ; chaque ajustement est ``(cas, mode, valeur)`` ou ``(cas, mode, valeur, rang)``, dans l'ordre.

    Une tranche est ``(jusqu_a, prix)`` ou ``(jusqu_a, prix, prix du matin et soir)``.
    """
    grille = Tarif.objects.create(**{"nom": "Restauration", "genre": Activite.Genre.MIDI, "debut": RENTREE} | champs)
    for jusqu_a, prix, *combine in tranches:
        grille.tranches.create(jusqu_a=jusqu_a, prix=Decimal(prix), combine=Decimal(combine[0]) if combine else None)
    for ordre, (cas, mode, valeur, *rang) in enumerate(ajustements):
        grille.ajustements.create(cas=cas, mode=mode, valeur=Decimal(valeur), rang=(rang or [None])[0], ordre=ordre)
    return grille


def facture(foyer, total="28.50", mois=RENTREE, petit=None, garde=None, **champs):
    """Une facture émise d'une seule ligne, dont ``garde`` : la base exige que ses lignes fassent son total."""
    total, numero = Decimal(total), next(numeros)
    petit = petit or foyer.enfants.first() or enfant(foyer)
    midi = activite(site=petit.ecole or ecole())
    passage = Facturation.objects.get_or_create(
        mois=mois, defaults={"echeance": dt.date(2026, 12, 15), "lancee_le": a_paris(2026, 11, 2)}
    )[0]
    defauts = {
        "exercice": 2026, "numero": numero, "mois": mois, "destinataire": "Mme Celine LA STAR",
        "adresse": f"{foyer.adresse}\n{foyer.code_postal} {foyer.ville}", "emise_le": a_paris(2026, 11, 2),
        "echeance": dt.date(2026, 12, 15),
    }
    with transaction.atomic():
        emise = Facture.objects.create(famille=foyer, facturation=passage, total=total, **defauts | champs)
        emise.lignes.create(
            enfant=petit, activite=midi, seance=seance(midi, mois), jour=mois, prenom=petit.prenom, texte="Repas",
            prix_unitaire=total, montant=total, regle="prix unique", garde=garde,
        )
    return emise


def jour_ferme(debut, fin=None, **champs):
    """Un jour fermé (ou plusieurs), pour toute la commune sauf si l'on dit ``ecole``."""
    defauts = {"libelle": "Fermeture", "motif": JourFerme.Motif.FERMETURE}
    return JourFerme.objects.create(debut=debut, fin=fin or debut, **defauts | champs)


def rattacher(petit, foyer, **champs):
    """Rattache l'enfant à un foyer de plus (le second, sauf si l'on dit ``rang``)."""
    rang = champs.pop("rang", 2)
    return Rattachement.objects.create(enfant=petit, famille=foyer, foyer=rang, **champs)


def garde(petit, foyer, autre, periodes=(), **champs):
    """La garde partagée d'un enfant, depuis la rentrée : les semaines paires chez ``foyer``, sauf si l'on dit mieux."""
    defauts = {"debut": RENTREE, "acte": "jugement du 12/03/2026", "dite_le": a_paris(2026, 8, 20)}
    dite = Garde.objects.create(enfant=petit, foyer=foyer, autre=autre, **defauts | champs)
    for du, au in periodes:
        dite.periodes.create(debut=du, fin=au)
    return dite


def echange(petit, de, vers, du, au=None, **champs):
    """Un échange que propose le foyer qui prendrait les jours (``vers``), sauf si l'on dit ``demandeur``."""
    demandeur = champs.setdefault("demandeur", vers)
    defauts = {"au": au or du, "propose_par": demandeur.compte, "propose_le": a_paris(2026, 9, 1)}
    return Echange.objects.create(enfant=petit, de=de, vers=vers, du=du, **defauts | champs)


def type_piece(**champs):
    return TypePiece.objects.create(**{"nom": f"Document {next(numeros)}", "portee": "famille"} | champs)


def piece(type, foyer, enfant=None, **champs):
    """Une pièce envoyée, avec un vrai petit fichier."""
    defauts = {"nom": "document.pdf", "envoyee_le": a_paris(2026, 11, 1), "envoyee_par": foyer.compte}
    envoi = Piece(type=type, famille=foyer, enfant=enfant, **defauts | champs)
    envoi.fichier.save("document.pdf", ContentFile(b"%PDF-1.4 un document"), save=False)
    envoi.save()
    return envoi


def excuse(reservation, **champs):
    """L'excuse écrite d'une absence, envoyée à la mairie."""
    defauts = {"texte": "Hugo est malade.", "envoyee_le": a_paris(2026, 9, 7, 8)}
    return Excuse.objects.create(reservation=reservation, **defauts | champs)
