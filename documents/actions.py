"""Ce que l'on fait d'un document : l'envoyer, le décider ; et d'un dossier : l'envoyer, le valider, le rendre."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import jour_de_paris
from familles.actions import ecrire_aux_foyers
from familles.models import Enfant, Famille

from . import regles
from .models import Lecture, Piece, TypePiece, attendues


def envoyer_piece(famille, type, enfant, propre, compte, maintenant):
    """Garde le fichier d'un document (``Propre`` de ``commune.fichiers``) et rend sa ``Piece``, à vérifier.

    Un envoi que la mairie n'a pas encore vérifié est remplacé et son fichier effacé.
    Lève ``ValidationError`` : ``type`` (document plus demandé), ``enfant`` (d'un autre foyer, ou de trop),
    ``deja_validee``, ``disque_plein``, ``disque``. Rien n'est alors gardé.
    """
    piece = Piece(
        type=type, famille=famille, enfant=enfant, nom=propre.nom, pages=propre.pages,
        envoyee_le=maintenant, envoyee_par=compte,
    )  # fmt: skip
    try:
        with transaction.atomic():
            # Le foyer sert de verrou : deux envois du même document, depuis deux téléphones, se suivent.
            Famille.objects.select_for_update().get(pk=famille.pk)
            _refuser_l_envoi(famille, type, enfant, jour_de_paris(maintenant))
            for ancienne in Piece.objects.filter(type=type, famille=famille, enfant=enfant).a_verifier():
                _remplacer(ancienne)
            garder(piece, "fichier", propre)
            piece.save()
    except Exception:
        if piece.fichier:
            effacer(piece.fichier.storage, piece.fichier.name)
        raise
    return piece


def _refuser_l_envoi(famille, type, enfant, jour):
    if not type.actif:
        raise ValidationError(f"La mairie ne demande plus « {type} ».", code="type")
    par_enfant = type.portee == TypePiece.Portee.ENFANT
    if par_enfant != (enfant is not None):
        raise ValidationError("Ce document n'est pas demandé ainsi.", code="enfant")
    if enfant and not Enfant.objects.de_la_famille(famille).filter(pk=enfant.pk).exists():
        raise ValidationError("Cet enfant n'est pas de votre famille.", code="enfant")
    envois = list(Piece.objects.filter(type=type, famille=famille, enfant=enfant))
    piece = regles.retenir(envois, jour)
    attente = regles.Attente(type, enfant, True, regles.etat(piece, jour), piece, jour)
    if not attente.envoyable:
        raise ValidationError(
            f"La mairie a déjà validé « {type} » : il n'est plus nécessaire de l'envoyer.", code="deja_validee"
        )


def _remplacer(piece):
    """La ligne reste dans l'historique ; le fichier, que personne n'a lu, s'efface avec la transaction."""
    effacer(piece.fichier.storage, piece.fichier.name, apres_transaction=True)
    piece.etat, piece.fichier = Piece.Etat.REMPLACEE, ""
    piece.save(update_fields=["etat", "fichier"])


@transaction.atomic
def decider_piece(piece, etat, motif, compte, maintenant, expire_le=None):
    """Valide ou refuse une pièce envoyée ; rend la pièce. Un refus écrit à la famille, avec son motif et rien d'autre.

    ``expire_le`` (date de Paris) remplace la validité du type, comptée depuis aujourd'hui.
    Lève ``ValidationError`` : ``deja_decidee`` (un collègue a été plus rapide, ou la famille l'a remplacée),
    ``sans_motif``, ``expiree`` (une date déjà passée).
    """
    piece = Piece.objects.select_for_update(of=("self",)).select_related("type", "decidee_par").get(pk=piece.pk)
    jour = jour_de_paris(maintenant)
    if piece.etat != Piece.Etat.ENVOYEE:
        qui = f" par {piece.decidee_par}" if piece.decidee_par else ""
        raise ValidationError(f"« {piece.type} » est déjà {piece.get_etat_display()}{qui}.", code="deja_decidee")
    if etat == Piece.Etat.REFUSEE and not motif.strip():
        raise ValidationError("Dites à la famille pourquoi ce document est refusé.", code="sans_motif")
    if etat == Piece.Etat.VALIDEE and expire_le and expire_le < jour:
        raise ValidationError("Ce document a déjà expiré : refusez-le plutôt.", code="expiree")
    piece.etat, piece.decidee_le, piece.decidee_par = etat, maintenant, compte
    if etat == Piece.Etat.VALIDEE:
        piece.expire_le = expire_le or regles.expiration(jour, piece.type.validite)
    else:
        piece.motif = motif.strip()
    piece.save()
    if etat == Piece.Etat.REFUSEE:
        ecrire_aux_foyers("documents/courriels/piece_refusee", {piece.famille_id: {"motif": piece.motif}})
    return piece


@transaction.atomic
def deposer_piece(famille, type, enfant, propre, compte, maintenant, validee):
    """Au guichet : garde un document pour la famille, et le valide aussitôt si l'agent l'a vérifié. Rend la pièce.

    Lève les refus d'``envoyer_piece`` et de ``decider_piece``.
    """
    piece = envoyer_piece(famille, type, enfant, propre, compte, maintenant)
    return decider_piece(piece, Piece.Etat.VALIDEE, "", compte, maintenant) if validee else piece


@transaction.atomic
def remettre_a_verifier(piece):
    """Annule une décision prise par erreur. Lève ``ValidationError`` (``trop_tard``) si la famille a renvoyé depuis."""
    piece = Piece.objects.select_for_update().get(pk=piece.pk)
    plus_recentes = Piece.objects.filter(
        type=piece.type_id, famille=piece.famille_id, enfant=piece.enfant_id, envoyee_le__gt=piece.envoyee_le
    )
    if piece.etat not in (Piece.Etat.VALIDEE, Piece.Etat.REFUSEE) or plus_recentes.exists():
        raise ValidationError(
            "La famille a envoyé ce document à nouveau : décidez de ce dernier envoi.", code="trop_tard"
        )
    piece.etat, piece.motif, piece.expire_le = Piece.Etat.ENVOYEE, "", None
    piece.decidee_le = piece.decidee_par = None
    piece.save()
    return piece


@transaction.atomic
def envoyer_dossier(famille, compte, maintenant):
    """La famille confie son dossier à la mairie : « en création » devient « à valider ». Rend la famille.

    Lève ``ValidationError`` : ``deja_envoye``, ``sans_enfant``, ``incomplet`` (une phrase par document manquant).
    """
    famille = Famille.objects.select_for_update().get(pk=famille.pk)
    if famille.statut != Famille.Statut.EN_CREATION:
        raise ValidationError("Votre dossier est déjà envoyé à la mairie.", code="deja_envoye")
    if not Enfant.objects.de_la_famille(famille).exists():
        raise ValidationError("Ajoutez d'abord un enfant à votre famille.", code="sans_enfant")
    manquantes = [attente for attente in attendues(famille, jour_de_paris(maintenant)) if attente.manque]
    if manquantes:
        raise ValidationError(
            [
                ValidationError(f"Il manque : {a.type}{f' ({a.enfant.prenom})' if a.enfant else ''}.", code="incomplet")
                for a in manquantes
            ]
        )
    famille.statut, famille.envoyee_le, famille.motif_retour = Famille.Statut.A_VALIDER, maintenant, ""
    famille.save(update_fields=["statut", "envoyee_le", "motif_retour"])
    ecrire_aux_foyers("documents/courriels/dossier_envoye", {famille.pk: {}})
    return famille


@transaction.atomic
def valider_dossier(famille, compte, maintenant):
    """La mairie valide un dossier dont chaque document exigé est validé, et l'écrit à la famille. Rend la famille.

    Lève ``ValidationError`` : ``deja_valide``, ``pas_envoye``, ``a_verifier``, ``incomplet``.
    """
    famille = _a_valider(famille)
    exigees = [attente for attente in attendues(famille, jour_de_paris(maintenant)) if attente.exigee]
    for etats, code, debut in [
        (["envoyee"], "a_verifier", "Il reste à vérifier"),
        (["a_envoyer", "refusee", "expiree"], "incomplet", "Il manque à ce dossier"),
    ]:
        noms = [str(attente.type) for attente in exigees if attente.etat in etats]
        if noms:
            raise ValidationError(f"{debut} : {', '.join(noms)}.", code=code)
    famille.statut, famille.validee_le, famille.motif_retour = Famille.Statut.VALIDEE, maintenant, ""
    famille.save(update_fields=["statut", "validee_le", "motif_retour"])
    ecrire_aux_foyers("documents/courriels/dossier_valide", {famille.pk: {}})
    return famille


@transaction.atomic
def rendre_dossier(famille, motif, compte, maintenant):
    """La mairie rend le dossier à la famille en disant ce qui manque. Rend la famille.

    Lève ``ValidationError`` : ``sans_motif``, ``deja_valide``, ``pas_envoye``.
    """
    if not motif.strip():
        raise ValidationError("Dites à la famille ce qui manque à son dossier.", code="sans_motif")
    famille = _a_valider(famille)
    famille.statut, famille.motif_retour = Famille.Statut.EN_CREATION, motif.strip()
    famille.save(update_fields=["statut", "motif_retour"])
    ecrire_aux_foyers("documents/courriels/dossier_rendu", {famille.pk: {"motif": famille.motif_retour}})
    return famille


def _a_valider(famille):
    """La famille, verrouillée. Deux agents ne décident pas deux fois du même dossier."""
    famille = Famille.objects.select_for_update().get(pk=famille.pk)
    if famille.est_validee:
        raise ValidationError("Ce dossier est déjà validé.", code="deja_valide")
    if famille.statut != Famille.Statut.A_VALIDER:
        raise ValidationError("Ce dossier est entre les mains de la famille, qui ne l'a pas envoyé.", code="pas_envoye")
    return famille


@transaction.atomic
def effacer_pieces_sante(famille, consentantes=()):
    """Efface les pièces de santé, fichiers compris, d'un foyer qui retire son consentement. Rend leur nombre.

    ``consentantes`` sont les foyers dont le consentement court toujours : voir ``PieceQuerySet.sante_a_effacer``.
    """
    pieces = Piece.objects.sante_a_effacer(famille, consentantes)
    for piece in pieces.exclude(fichier=""):
        effacer(piece.fichier.storage, piece.fichier.name, apres_transaction=True)
    nombre, _ = pieces.delete()
    return nombre


def marquer_lue(information, compte, maintenant):
    """Retient que ce compte a ouvert l'information ; la première fois seulement."""
    Lecture.objects.bulk_create(
        [Lecture(information=information, compte=compte, lue_le=maintenant)], ignore_conflicts=True
    )


@transaction.atomic
def pieces_par_defaut():
    """Crée les pièces du tutoriel de Migné-Auxances qui manquent ; rend celles créées. Se relance sans dommage."""
    foyer, enfant, condition = TypePiece.Portee.FAMILLE, TypePiece.Portee.ENFANT, TypePiece.Condition
    connues = set(TypePiece.objects.values_list("nom", flat=True))
    types = [
        TypePiece(nom="Justificatif de domicile (moins de 3 mois)", portee=foyer, validite=12,
                  aide="Facture d'eau, d'électricité, de téléphone, ou quittance de loyer."),
        TypePiece(nom="Livret de famille", portee=foyer, aide="Les pages des parents et de chaque enfant."),
        TypePiece(nom="Copie du jugement si garde alternée", portee=foyer, condition=condition.GARDE_PARTAGEE,
                  aide="Les pages qui disent où vit l'enfant, ou une convention signée par les deux parents."),
        TypePiece(nom="Mandat de prélèvement SEPA (signé)", portee=foyer, obligatoire=False,
                  condition=condition.PRELEVEMENT, aide="Seulement si vous choisissez d'être prélevé."),
        TypePiece(nom="RIB", portee=foyer, obligatoire=False, condition=condition.PRELEVEMENT,
                  aide="Celui du compte à prélever."),
        TypePiece(nom="Attestation de quotient familial (CAF ou MSA)", portee=foyer, obligatoire=False, validite=12,
                  aide="Sans elle, le tarif le plus haut s'applique."),
        TypePiece(nom="Vaccinations (pages du carnet de santé)", portee=enfant, sante=True),
        TypePiece(nom="Attestation d'assurance scolaire", portee=enfant, validite=12,
                  aide="Responsabilité civile et individuelle accident, pour l'année en cours."),
        TypePiece(nom="Projet d'accueil individualisé (PAI)", portee=enfant, validite=12, condition=condition.PAI,
                  sante=True, aide="Signé par le médecin et l'école."),
    ]  # fmt: skip
    for ordre, type in enumerate(types):
        type.ordre = ordre
    return TypePiece.objects.bulk_create([type for type in types if type.nom not in connues])
