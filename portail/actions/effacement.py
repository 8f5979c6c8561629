"""Ce qui s'efface d'une famille, et ce qui en reste sans nom.

Rien ici ne décide ni ne verrouille : ``conservation`` l'a fait, dans la transaction où ceci est appelé.
"""

from axes.models import AccessAttempt, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat, TruncYear
from procrastinate.contrib.django import app

from documents.models import Lecture, Piece
from facturation.models import (
    Contestation,
    DemandeEcheancier,
    Echeancier,
    Mandat,
    Paiement,
    Precision,
    Prelevement,
    Reglement,
    Remboursement,
    SignatureMandat,
    Transmission,
)
from familles.models import (
    Adulte,
    Autorisation,
    Echange,
    Enfant,
    Famille,
    FicheSanitaire,
    Garde,
    PersonneAutorisee,
    Quotient,
    Rattachement,
)
from inscriptions.models import Inscription
from messagerie.models import Message, PieceJointe
from portail.models import ChangementEmail, Compte, DemandeCompte, Invitation
from reservations.models import Excuse, Mouvement, Reservation, Ticket, Voeu

EFFACER_FICHIERS = "effacer_fichiers"  # la tâche, dans portail.taches

# Dans cet ordre : chaque table avant celles dont elle dépend.
DISPARAISSENT = [
    Voeu, Ticket, Excuse, Precision, Contestation, DemandeEcheancier, Piece, Message, FicheSanitaire,
    Autorisation, PersonneAutorisee, Quotient,
    SignatureMandat, Mandat, Adulte, Echange, Garde,
    Rattachement,
]  # fmt: skip
FICHIERS = [
    (Piece, "fichier"), (PieceJointe, "fichier"), (Excuse, "fichier"), (Contestation, "fichier"),
    (Precision, "fichier"), (Mandat, "papier"), (Enfant, "photo"),
]  # fmt: skip


def jeter(noms):
    """Fait effacer ces fichiers privés par une tâche déposée dans la transaction.

    Annulée, elle ne les touche pas ; faite, un disque ou un S3 en panne n'en laisse aucun : la tâche réessaie.
    """
    noms = [nom for nom in noms if nom]
    if noms:
        app.configure_task(EFFACER_FICHIERS).defer(noms=noms)


def effacer_contenu(famille, enfants):
    """Efface ce qui désigne ce foyer et ces enfants (des clés) ; laisse la comptabilité telle qu'elle fut émise.

    Restent sans nom : le foyer, les enfants et leur année de naissance, les comptes, les inscriptions, les
    réservations, les présences et les journaux. Le compte d'un parent qui travaille pour la commune reste le sien.
    """
    comptes = dict(Compte.objects.filter(adulte__famille=famille, is_staff=False).values_list("pk", "email"))
    leurs = _lignes(famille, enfants, comptes)
    _taire_l_administration(leurs)
    noms, *suite = [leurs[modele].order_by().values_list(champ, flat=True) for modele, champ in FICHIERS]
    jeter(noms.union(*suite, all=True))
    _taire_les_motifs(leurs)
    for modele in DISPARAISSENT:
        leurs[modele].delete()
    _oublier_les_comptes(comptes)
    leurs[Enfant].update(
        nom="EFFACÉ", prenom="Enfant", date_naissance=TruncYear("date_naissance"), ecole=None, classe="", division="",
        photo="", jeton=None,
    )  # fmt: skip
    leurs[Famille].update(
        nom=f"EFFACÉE {famille.pk}", adresse="", complement="", code_postal="", ville="", notes="", motif_retour="",
        statut=Famille.Statut.EN_CREATION, envoyee_le=None, validee_le=None,
    )  # fmt: skip


def _lignes(famille, enfants, comptes):
    """Tout ce qui porte la trace de ce foyer ou de ces enfants, par table."""
    du_foyer, des_enfants = Q(famille=famille), Q(enfant__in=enfants)
    reservations = Reservation.objects.filter(du_foyer | des_enfants)
    messages = Message.objects.filter(du_foyer)
    return {
        Famille: Famille.objects.filter(pk=famille.pk),
        Enfant: Enfant.objects.filter(pk__in=enfants),
        Compte: Compte.objects.filter(pk__in=comptes),
        Adulte: Adulte.objects.filter(du_foyer),
        Rattachement: Rattachement.objects.filter(du_foyer | des_enfants),
        Garde: Garde.objects.filter(Q(foyer=famille) | Q(autre=famille) | des_enfants),
        Echange: Echange.objects.filter(Q(de=famille) | Q(vers=famille) | des_enfants),
        PersonneAutorisee: PersonneAutorisee.objects.filter(Q(adulte__famille=famille) | des_enfants),
        Autorisation: Autorisation.objects.filter(des_enfants),
        FicheSanitaire: FicheSanitaire.objects.filter(des_enfants),
        Quotient: Quotient.objects.filter(du_foyer),
        Piece: Piece.objects.filter(du_foyer | des_enfants),
        Message: messages,
        PieceJointe: PieceJointe.objects.filter(message__in=messages),
        Inscription: Inscription.objects.filter(du_foyer | des_enfants),
        Reservation: reservations,
        Excuse: Excuse.objects.filter(reservation__in=reservations),
        Mouvement: Mouvement.objects.filter(Q(reservation__in=reservations) | du_foyer),
        Voeu: Voeu.objects.filter(Q(ticket__famille=famille) | des_enfants),
        Ticket: Ticket.objects.filter(du_foyer),
        SignatureMandat: SignatureMandat.objects.filter(du_foyer),
        Mandat: Mandat.objects.filter(du_foyer),
        Precision: Precision.objects.filter(contestation__ligne__facture__famille=famille),
        Contestation: Contestation.objects.filter(ligne__facture__famille=famille),
        Reglement: Reglement.objects.filter(du_foyer),
        Remboursement: Remboursement.objects.filter(du_foyer),
        Paiement: Paiement.objects.filter(du_foyer),
        Prelevement: Prelevement.objects.filter(facture__famille=famille),
        DemandeEcheancier: DemandeEcheancier.objects.filter(du_foyer),
        Echeancier: Echeancier.objects.filter(du_foyer),
        Transmission: Transmission.objects.filter(facture__famille=famille),
    }


def _taire_l_administration(leurs):
    """Son journal copie le nom de ce qu'il suit : il garde qui a fait quoi, quand, sur quel numéro."""
    suivies = Q()
    for modele, lignes in leurs.items():
        cles = [str(pk) for pk in lignes.values_list("pk", flat=True)]
        suivies |= Q(content_type=ContentType.objects.get_for_model(modele), object_id__in=cles)
    LogEntry.objects.filter(suivies).update(object_repr="Effacé", change_message="")


def _taire_les_motifs(leurs):
    """Un motif saisi peut nommer quelqu'un, ou dire pourquoi un enfant manque."""
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL portail.purge = 'oui'")  # le journal des réservations est scellé
    leurs[Mouvement].exclude(motif="").update(motif="")
    leurs[Paiement].exclude(motif="").update(motif="Effacé")  # trancher se motive aussi
    leurs[Echeancier].exclude(mot="").update(mot="")
    leurs[Echeancier].exclude(motif_revocation="").update(motif_revocation="Effacé")
    leurs[Inscription].exclude(motif="").update(motif="Effacé")  # un refus se motive : jamais vide


def _oublier_les_comptes(comptes):
    """Un compte reste, car trop de lignes disent qui les a écrites ; il n'ouvre plus rien et n'est plus personne."""
    emails = list(comptes.values())
    Compte.objects.filter(pk__in=comptes).update(
        email=Concat(Value("efface-"), Cast(F("pk"), CharField()), Value("@compte.invalid")),
        nom="", prenom="", password=make_password(None), is_active=False, last_login=None, texte_accepte=None,
    )  # fmt: skip
    ChangementEmail.objects.filter(compte__in=comptes).delete()
    Lecture.objects.filter(compte__in=comptes).delete()
    DemandeCompte.objects.filter(email__in=emails).delete()
    Invitation.objects.filter(Q(email__in=emails) | Q(envoyee_par__in=comptes)).delete()
    for essais in (AccessAttempt, AccessLog):
        essais.objects.filter(username__in=emails).delete()
