"""Écrire dans le fil, et dire qu'on l'a lu."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.actions import envoyer_courriel
from commune.contexte import courante
from commune.fichiers import garder
from familles.models import Famille

from .models import Message, PieceJointe
from .regles import faut_il_prevenir


@transaction.atomic
def envoyer(famille, auteur, texte, *, jeton, maintenant, de_la_mairie=False, fichiers=()):
    """Ajoute un message au fil de la famille et prévient l'autre côté. Rend le ``Message``.

    ``fichiers`` sont des ``Propre`` rendus par ``commune.fichiers.nettoyer``. Le même ``jeton`` rend le message déjà
    parti. Lève ``ValidationError`` : ``vide``, ou celles du disque.
    """
    if not texte.strip():
        raise ValidationError("Écrivez votre message.", code="vide")
    # Le verrou range les deux clics l'un derrière l'autre : le second trouve le message du premier.
    Famille.objects.select_for_update().get(pk=famille.pk)
    deja = famille.messages.filter(jeton=jeton).first()
    if deja:
        return deja
    en_attente = famille.messages.filter(de_la_mairie=de_la_mairie, lu_le=None).last()
    message = Message.objects.create(
        famille=famille,
        auteur=auteur,
        de_la_mairie=de_la_mairie,
        texte=texte.strip(),
        envoye_le=maintenant,
        jeton=jeton,
    )
    for propre in fichiers:
        piece = PieceJointe(message=message, nom=propre.nom)
        garder(piece, "fichier", propre)
        piece.save()
    if faut_il_prevenir(en_attente and en_attente.envoye_le, maintenant):
        _prevenir(famille, de_la_mairie)
    return message


def _prevenir(famille, de_la_mairie):
    """Un courriel qui ne dit rien du message, ni de qui l'écrit : il faut ouvrir le portail pour lire."""
    if de_la_mairie:
        adultes = famille.adultes.actuels().filter(compte__is_active=True).select_related("compte")
        for adulte in adultes:  # un courriel chacun : deux parents n'apprennent pas l'adresse l'un de l'autre
            envoyer_courriel("messagerie/courriels/a_la_famille", [adulte.compte.email])
    elif courante().courriel:
        envoyer_courriel("messagerie/courriels/a_la_mairie", [courante().courriel], {"famille_pk": famille.pk})


def marquer_lus(page, maintenant, par_la_mairie=False):
    """Note que ce côté a ouvert ce que l'autre avait écrit, jusqu'au dernier message de cette ``page`` du fil.

    Un message arrivé pendant qu'elle se composait n'a pas été montré : il reste à lire.
    """
    if page.object_list:
        dernier = max(page.object_list, key=lambda message: message.pk)
        recus = Message.objects.filter(famille=dernier.famille_id, de_la_mairie=not par_la_mairie, lu_le=None)
        recus.filter(pk__lte=dernier.pk).update(lu_le=maintenant)
