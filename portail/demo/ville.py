"""La commune de la démonstration : écoles, activités, calendrier, tarifs fictifs, informations."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse

from commune.actions import preparer_calendrier
from commune.models import AnneeScolaire, Commune, Ecole
from documents.actions import pieces_par_defaut
from documents.models import Information
from facturation.models import Ajustement, Tarif, Tranche
from inscriptions.models import Activite
from portail.actions import installer_textes
from reservations.actions import ouvrir_seances

from .specimens import pdf

# Nom, niveau, adresse, fin de l'accueil du matin, début de l'accueil du soir.
ECOLES = [
    ("Élémentaire Victor Schoelcher", "elementaire", "13 rue Louis Jouvet", dt.time(8, 35), dt.time(15, 45)),
    ("Élémentaires Demarçay / Desnos", "elementaire", "8 rue Camille Demarçay", dt.time(8, 50), dt.time(16)),
    ("Maternelle Robert Desnos", "maternelle", "96 rue de Nanteuil", dt.time(8, 50), dt.time(16)),
    ("Primaire de Limbre", "primaire", "6 bis rue des Chilloux", dt.time(8, 35), dt.time(16)),
    ("Maternelle de la République", "maternelle", "5 rue de la République", dt.time(8, 50), dt.time(16)),
]
ECOLE = [0, 1, 3, 4]
MERCREDI = [2]

TRANCHES = [(400, "0.90", "0.45", "0.80", "4.50", "6.00"), (700, "1.90", "0.80", "1.40", "6.80", "8.50"),
            (1000, "2.85", "1.15", "1.95", "9.20", "11.50"), (1400, "3.60", "1.45", "2.40", "11.50", "14.00"),
            (None, "4.20", "1.75", "2.80", "13.40", "16.50")]
TARIFS = ["midi", "matin", "soir", "mercredi", "vacances"]


def installer(rentree, maintenant):
    """La ville entière ; rend l'année scolaire qui commence à ``rentree``, calendrier et séances compris."""
    commune()
    installer_textes()
    pieces_par_defaut()
    activites(ecoles())
    tarifs(rentree)
    informations(rentree)
    tutoriels(rentree)
    annee = AnneeScolaire.objects.create(
        nom=f"{rentree.year}-{rentree.year + 1}", debut=rentree, fin=dt.date(rentree.year + 1, 7, 2), ouverte=True
    )
    preparer_calendrier(annee)
    annee.calendrier_confirme = True
    annee.save()
    ouvrir_seances(annee)
    return annee


def commune():
    Commune.objects.create(
        nom="Mairie de Migné-Auxances",
        ville="Migné-Auxances",
        adresse="1 rue du 8 mai 1945",
        code_postal="86440",
        code_insee="86158",
        service="Service périscolaire",
        telephone="05.49.51.92.25",
        courriel="periscolaire@migne-auxances.fr",
        courriel_donnees="donnees@exemple.fr",
        site="https://www.migne-auxances.fr",
        ics="FR72ZZZ123456",
        siret="21860000000000",  # inventé, lui aussi
        zone="A",
        mentions=(
            "Ce portail est une démonstration : familles, agents, tarifs et factures y sont inventés.\n"
            "Seuls le nom de la commune, ses écoles et leurs horaires sont ceux d'une vraie ville."
        ),
        voies_recours=(
            "Dans les deux mois suivant la réception de cette facture, vous pouvez en contester le montant "
            "auprès de la mairie, puis devant le tribunal administratif (démonstration : sans valeur)."
        ),
    )


def ecoles():
    return [
        (Ecole.objects.create(nom=nom, niveau=niveau, adresse=adresse, ordre=rang), matin, soir)
        for rang, (nom, niveau, adresse, matin, soir) in enumerate(ECOLES)
    ]


def activites(ecoles):
    """Quatre activités par école : matin, restauration, soir, mercredi."""
    for ecole, fin_matin, debut_soir in ecoles:
        midi = dt.time(11, 45) if ecole.niveau == "maternelle" else dt.time(12)
        for ordre, champs in enumerate([
            {"nom": "Accueil du matin", "genre": "matin", "heure_debut": dt.time(7, 30), "heure_fin": fin_matin},
            {"nom": "Restauration", "genre": "midi", "heure_debut": midi, "heure_fin": dt.time(13, 30),
             "avec_repas": True, "validation_automatique": True},
            {"nom": "Accueil du soir", "genre": "soir", "heure_debut": debut_soir, "heure_fin": dt.time(19)},
            {"nom": "Mercredi", "genre": "mercredi", "heure_debut": dt.time(7, 30), "heure_fin": dt.time(18, 30),
             "jours": MERCREDI, "avec_repas": True, "capacite": 36},
        ]):
            Activite.objects.create(**{"site": ecole, "ordre": ordre, "jours": ECOLE} | champs)


def tarifs(rentree):
    """Une grille fictive par genre d'activité, en cinq tranches de quotient."""
    for colonne, genre in enumerate(TARIFS, start=1):
        nom = f"{Activite.Genre(genre).label.capitalize()} {rentree.year}-{rentree.year + 1} (tarif fictif)"
        tarif = Tarif.objects.create(nom=nom, genre=genre, debut=rentree)
        Tranche.objects.bulk_create(
            Tranche(tarif=tarif, jusqu_a=ligne[0], prix=Decimal(ligne[colonne])) for ligne in TRANCHES
        )
        ajustements = [("hors_commune", None, "pourcentage", "30"), ("fratrie", 2, "pourcentage", "-10"),
                       ("fratrie", 3, "pourcentage", "-20"), ("sans_reservation", None, "montant", "2")]
        if genre == "midi":
            ajustements.insert(0, ("panier", None, "fixe", "1.50"))
        for ordre, (cas, rang, mode, valeur) in enumerate(ajustements):
            Ajustement.objects.create(tarif=tarif, cas=cas, rang=rang, mode=mode, valeur=Decimal(valeur), ordre=ordre)
    soir_a_la_demi_heure(rentree)
    projet(rentree)


def soir_a_la_demi_heure(rentree):
    """À Limbre, l'accueil du soir se paie à la demi-heure, au taux d'effort ; le goûter et les retards en plus."""
    limbre = Activite.objects.get(genre="soir", site__nom="Primaire de Limbre")
    tarif = Tarif.objects.create(
        nom="Soir de Limbre, à la demi-heure (tarif fictif)", genre="soir", activite=limbre, debut=rentree,
        mode="effort", taux=Decimal("0.0006"), plancher=300, plafond=1500, part_fixe=Decimal("0.50"), unite="duree",
        minutes=30, tolerance=10,
    )  # fmt: skip
    for ordre, (cas, rang, mode, valeur) in enumerate([
        ("fratrie", 2, "pourcentage", -10), ("maximum", None, "fixe", 4), ("retard", None, "montant", 5),
        ("retard", 2, "montant", 10),
    ]):  # fmt: skip
        Ajustement.objects.create(tarif=tarif, cas=cas, rang=rang, mode=mode, valeur=valeur, ordre=ordre)


def projet(rentree):
    """Un projet que le conseil comparera : la cantine au taux d'effort."""
    projet = Tarif.objects.create(
        nom=f"Restauration {rentree.year + 1}, au taux d'effort (projet fictif)", genre="midi", projet=True,
        debut=rentree.replace(year=rentree.year + 1), mode="effort", taux=Decimal("0.003"), plancher=250, plafond=1500,
    )  # fmt: skip
    for ordre, (cas, rang, mode, valeur) in enumerate([
        ("panier", None, "fixe", "1.50"), ("hors_commune", None, "pourcentage", "30"),
        ("fratrie", 2, "pourcentage", "-10"), ("fratrie", 3, "pourcentage", "-20"),
        ("sans_reservation", None, "montant", "2"),
    ]):  # fmt: skip
        Ajustement.objects.create(
            tarif=projet, cas=cas, rang=rang, mode=mode, valeur=Decimal(valeur), ordre=ordre
        )


REGLEMENT = """Inscription. L'inscription à une activité permet de réserver ; elle ne réserve aucun jour.
Réservation. Jusqu'à quand on réserve et on annule se lit sur le portail, au « Règlement des réservations ».
Absence. Toute réservation non excusée par écrit est facturée. L'excuse s'écrit depuis le planning.
Facturation. Les factures paraissent au début du mois suivant. Le prix dépend du quotient familial ;
sans attestation, la tranche la plus haute s'applique (tarifs fictifs de la démonstration)."""


def informations(rentree):
    """Le règlement et le mandat, visibles de tous ; les menus, des familles."""
    for titre, texte, publique, jour in [
        ("Règlement intérieur et financier", REGLEMENT, True, dt.date(rentree.year, 8, 15)),
        ("Mandat de prélèvement SEPA à compléter",
         "À imprimer, signer et renvoyer dans « Mes documents » avec un RIB.", True, dt.date(rentree.year, 8, 15)),
        ("Menus des prochaines semaines", "Les menus de la restauration, allergènes compris.", False, rentree),
    ]:
        information = Information(titre=titre, texte=texte, publique=publique, publiee_le=jour)
        information.fichier.save(f"{titre}.pdf", ContentFile(pdf(titre, texte)), save=False)
        information.save()


TUTORIELS = """Cette ville est inventée et n'a rien filmé : la mairie donne l'adresse de ses vidéos dans « La commune ».
En attendant, les six étapes :

1. Créez votre compte : un courriel vous fait choisir votre mot de passe.
2. Donnez votre consentement : vous pourrez le retirer dans « Mes données ».
3. Complétez votre Espace Famille : les enfants, qui vient les chercher, les documents, puis envoyez le dossier.
4. Inscrivez vos enfants aux activités, une fois le dossier validé par la mairie.
5. Réservez les jours sur le planning : cochez, puis ENREGISTRER.
6. Suivez vos factures dans « Ma situation financière »."""


def tutoriels(rentree):
    """La page où mène « Tutoriels vidéo », sur cette machine : une démonstration n'invente pas d'adresse ailleurs."""
    page = Information.objects.create(
        titre="Tutoriels vidéo Espace Famille", texte=TUTORIELS, publique=True, publiee_le=rentree
    )
    commune = Commune.objects.get()
    commune.tutoriels = settings.ADRESSE + reverse("documents:information", args=[page.pk])
    commune.save()
