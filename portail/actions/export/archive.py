"""Tout ce que le portail sait d'une famille, dans une archive (RGPD, art. 15 et 20).

Un enfant peut avoir deux foyers : l'archive ne contient que ce qui est à celui-ci. Les notes internes de la
mairie n'y sont pas, car elles peuvent nommer des tiers (art. 15-4) : LISEZ-MOI dit comment les demander.
"""

import json
import shutil
import zipfile
from pathlib import PurePosixPath

from axes.models import AccessLog
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.text import get_valid_filename

from commune.contexte import courante
from commune.regles import PARIS
from documents.models import Lecture, Piece
from facturation.models import Contestation, Facture, Mandat, Precision
from familles.models import (
    Adulte,
    Autorisation,
    FicheSanitaire,
    LectureFiche,
    PersonneAutorisee,
    Quotient,
    Rattachement,
)
from messagerie.models import Message
from portail.models import ChangementEmail, Consentement
from reservations.models import Excuse

from .finances import finances
from .lignes import lignes
from .vie import vie

CHAMPS_FOYER = [
    "nom", "adresse", "complement", "code_postal", "ville", "hors_commune", "statut", "motif_retour", "creee_le",
    "envoyee_le", "validee_le",
]  # fmt: skip
SANTE = ["allergies", "pai", "panier_repas", "regime", "medecin", "medecin_telephone", "observations", "modifiee_le"]


def exporter(famille, compte, fichier, maintenant):
    """Écrit dans ``fichier`` (binaire, ouvert) le zip des données du foyer et du compte qui les demande.

    Les instants y sont en UTC, les montants en euros. Un fichier disparu du disque est nommé dans LISEZ-MOI.
    """
    liens, messages = list(_rattachements(famille)), list(_messages(famille))
    pieces = list(_fichiers(famille, liens, messages))
    with zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as archive:
        manquants = [nom for nom, champ in pieces if not _copier(archive, nom, champ)]
        donnees = _donnees(famille, compte, maintenant, liens, messages)
        donnees |= {"fichiers": [nom for nom, _ in pieces if nom not in manquants]}
        texte = json.dumps(donnees, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("donnees.json", texte)
        contexte = {
            "famille": famille,
            "commune": courante(),
            "jour": maintenant.astimezone(PARIS),
            "manquants": manquants,
        }
        archive.writestr("LISEZ-MOI.txt", render_to_string("portail/export.txt", contexte))


def _copier(archive, nom, champ):
    try:
        with champ.open("rb") as source:
            # Photos et PDF sont déjà compressés : on les range tels quels, morceau par morceau.
            fiche = zipfile.ZipInfo(nom)
            fiche.external_attr = 0o600 << 16
            with archive.open(fiche, "w") as cible:
                shutil.copyfileobj(source, cible)
    except FileNotFoundError:
        return False
    return True


def _donnees(famille, compte, maintenant, liens, messages):
    return {
        "exporté le": maintenant,
        "compte": _compte(compte),
        "foyer": {champ: getattr(famille, champ) for champ in CHAMPS_FOYER}
        | {"quotients": lignes(Quotient.objects.filter(famille=famille), "valeur", "debut", "fin", "preuve")},
        "adultes": lignes(
            Adulte.objects.filter(famille=famille),
            "civilite",
            "nom",
            "prenom",
            "lien",
            "telephone",
            "telephone_travail",
            "responsable_legal",
            "fin",
            compte="compte__email",
        ),
        "enfants": [_enfant(lien, famille) for lien in liens],
        "documents": lignes(
            Piece.objects.filter(famille=famille),
            "nom",
            "pages",
            "etat",
            "motif",
            "envoyee_le",
            "decidee_le",
            "expire_le",
            document="type__nom",
            enfant="enfant__prenom",
        ),
        "messages": [
            {
                "de": "la mairie" if m.de_la_mairie else str(m.auteur or "la famille"),
                "texte": m.texte,
                "envoye_le": m.envoye_le,
                "lu_le": m.lu_le,
                "pieces jointes": [p.nom for p in m.pieces.all()],
            }
            for m in messages
        ],
        **vie(famille),
        **finances(famille),
    }


def _compte(compte):
    return {
        "email": compte.email,
        "nom": compte.nom,
        "prenom": compte.prenom,
        "cree_le": compte.cree_le,
        "consentements": lignes(
            Consentement.objects.filter(compte=compte),
            "reponse",
            "instant",
            "adresse_ip",
            "texte_lu",
            version="texte__version",
        ),
        "changements d'adresse": lignes(
            ChangementEmail.objects.filter(compte=compte),
            "ancienne",
            "nouvelle",
            "demande_le",
            "confirme_le",
            "annule_le",
        ),
        "connexions": lignes(
            AccessLog.objects.filter(username=compte.email).order_by("-attempt_time"),
            instant="attempt_time",
            adresse_ip="ip_address",
            navigateur="user_agent",
        ),
        "informations lues": lignes(Lecture.objects.filter(compte=compte), "lue_le", titre="information__titre"),
    }


def _rattachements(famille):
    return Rattachement.objects.filter(famille=famille).select_related("enfant__ecole").order_by("pk")


def _enfant(lien, famille):
    """L'enfant vu de ce foyer. S'il l'a quitté, sa santé n'est plus l'affaire que de l'autre."""
    enfant = lien.enfant
    de_la_famille = Q(compte=None) | Q(compte__adulte__famille=famille)
    donnees = {
        "nom": enfant.nom,
        "prenom": enfant.prenom,
        "sexe": enfant.sexe,
        "date_naissance": enfant.date_naissance,
        "rattachement": {"debut": lien.debut, "fin": lien.fin},
        "autorisations": lignes(
            Autorisation.objects.filter(de_la_famille, enfant=enfant), "genre", "accordee", "donnee_le"
        ),
        "personnes": lignes(
            PersonneAutorisee.objects.filter(enfant=enfant, adulte__famille=famille),
            "recupere",
            "urgence",
            "interdit",
            "debut",
            "fin",
            nom="adulte__nom",
            prenom="adulte__prenom",
        ),
    }
    if lien.fin is None:
        donnees |= {
            "ecole": enfant.ecole and enfant.ecole.nom,
            "classe": enfant.classe,
            "groupe": enfant.division,
            "fiche sanitaire": next(iter(lignes(FicheSanitaire.objects.filter(enfant=enfant), *SANTE)), None),
            "lectures de la fiche par la mairie": lignes(LectureFiche.objects.filter(enfant=enfant), "lue_le"),
        }
    return donnees


def _messages(famille):
    return Message.objects.filter(famille=famille).select_related("auteur").prefetch_related("pieces")


def _fichiers(famille, liens, messages):
    """``(nom dans l'archive, champ)`` de chaque fichier du foyer ; un numéro évite que deux noms se mangent."""
    for lien in liens:
        if lien.fin is None and lien.enfant.photo:
            yield _nom("photos", lien.enfant_id, lien.enfant.prenom, lien.enfant.photo), lien.enfant.photo
    for piece in Piece.objects.filter(famille=famille).exclude(fichier=""):  # remplacée, elle n'a plus de fichier
        yield _nom("documents", piece.pk, piece.nom, piece.fichier), piece.fichier
    for piece in (piece for message in messages for piece in message.pieces.all()):
        yield _nom("messages", piece.pk, piece.nom, piece.fichier), piece.fichier
    for excuse in Excuse.objects.filter(reservation__famille=famille).exclude(fichier=""):
        yield _nom("excuses", excuse.pk, "justificatif", excuse.fichier), excuse.fichier
    for contestation in Contestation.objects.filter(ligne__facture__famille=famille).exclude(fichier=""):
        yield _nom("contestations", contestation.pk, "piece", contestation.fichier), contestation.fichier
    for precision in Precision.objects.filter(contestation__ligne__facture__famille=famille).exclude(fichier=""):
        yield _nom("contestations", f"precision-{precision.pk}", "piece", precision.fichier), precision.fichier
    for mandat in Mandat.objects.filter(famille=famille).exclude(papier=""):
        yield _nom("mandats", mandat.pk, mandat.rum, mandat.papier), mandat.papier
    for facture in Facture.objects.filter(famille=famille).exclude(pdf=""):
        yield _nom("factures", facture.pk, facture.reference, facture.pdf), facture.pdf


def _nom(dossier, numero, nom, champ):
    """« fichiers/documents/12-livret-de-famille.pdf » : le nom que la famille connaît, l'extension vraie."""
    racine = get_valid_filename(PurePosixPath(nom.replace("\\", "/")).stem[:80] or "fichier")
    return f"fichiers/{dossier}/{numero}-{racine}{PurePosixPath(champ.name).suffix}"
