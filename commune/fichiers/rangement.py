"""Ranger un fichier sans rien laisser à moitié, et le rendre à qui a le droit de le lire."""

import contextlib
import errno
import os
import secrets
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header

TYPES_SERVIS = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
DISQUE_PLEIN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def chemin_prive(instance, nom):
    """``upload_to`` des fichiers privés : un nom au hasard, qui ne dit ni qui ni quoi."""
    hasard = secrets.token_hex(16)
    extension = os.path.splitext(nom)[1].lower()
    return f"{instance._meta.app_label}/{hasard[:2]}/{hasard}{extension}"


def garder(instance, champ, propre):
    """Écrit le fichier d'un ``Propre`` et le nomme dans ``instance.champ``, sans enregistrer l'instance.

    À appeler dans la transaction de l'action : si elle échoue ensuite, ``effacer`` retire le fichier.
    Lève ``ValidationError`` (``disque_plein`` ou ``disque``) et ne laisse alors rien sur le disque.
    """
    fichier = getattr(instance, champ)
    nom = fichier.field.generate_filename(instance, propre.nom)
    try:
        nom = fichier.storage.save(nom, propre.contenu, max_length=fichier.field.max_length)
    except OSError as erreur:
        effacer(fichier.storage, nom)
        plein = erreur.errno in DISQUE_PLEIN
        raise ValidationError(
            "Le disque de la mairie est plein : votre fichier n'a pas pu être gardé. "
            "La mairie doit faire de la place ; réessayez plus tard."
            if plein
            else "Votre fichier n'a pas pu être gardé à cause d'une panne de la mairie. Réessayez plus tard.",
            code="disque_plein" if plein else "disque",
        ) from erreur
    setattr(instance, champ, nom)


def effacer(storage, nom, apres_transaction=False):
    """Retire un fichier sans se plaindre de son absence ; avec la transaction en cours si on le demande."""

    def retirer():
        with contextlib.suppress(OSError):  # un disque en panne laisse au pire un fichier de trop
            storage.delete(nom)

    if apres_transaction:
        transaction.on_commit(retirer)
    else:
        retirer()


def servir(champ, nom, voir=False):
    """La réponse qui rend un fichier privé. La vue a déjà vérifié que le demandeur y a droit.

    ``voir=True`` l'affiche (une image ou un PDF, que nous avons refaits) ; sinon il se télécharge.
    Derrière nginx (``X_ACCEL``), c'est lui qui envoie les octets ; sur S3, une adresse signée d'une minute.
    """
    if not champ:
        raise Http404
    extension = os.path.splitext(champ.name)[1].lower()
    genre = TYPES_SERVIS.get(extension)
    voir = voir and genre is not None
    genre = genre or "application/octet-stream"
    disposition = content_disposition_header(not voir, nom) or "inline"
    distant = hasattr(champ.storage, "bucket_name")
    if distant and not voir:
        parametres = {"ResponseContentDisposition": disposition, "ResponseContentType": genre}
        return HttpResponseRedirect(champ.storage.url(champ.name, parameters=parametres, expire=60))
    if settings.X_ACCEL and not distant:
        reponse = HttpResponse(headers={"X-Accel-Redirect": f"{settings.X_ACCEL.rstrip('/')}/{quote(champ.name)}"})
    else:
        try:
            reponse = FileResponse(champ.open("rb"))
        except FileNotFoundError:
            raise Http404 from None
    reponse["Content-Type"] = genre
    reponse["Content-Disposition"] = disposition
    reponse["X-Content-Type-Options"] = "nosniff"
    # Notre page peut l'encadrer ; lui ne peut rien charger ni rien lancer.
    reponse["X-Frame-Options"] = "SAMEORIGIN"
    reponse["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'"
    )
    return reponse
