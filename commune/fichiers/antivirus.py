"""ClamAV, si la commune en a un : ``CLAMAV=machine:port``. Donné et muet, il ferme la porte."""

import socket
import struct

from django.conf import settings
from django.core.exceptions import ValidationError

DELAI = 20  # secondes
MORCEAU = 64 * 1024


def chercher_virus(fichier):
    """Soumet le fichier à clamd (protocole INSTREAM). Sans ``CLAMAV``, ne fait rien.

    Lève ``ValidationError`` : ``virus``, ou ``antivirus_muet`` s'il ne répond pas « OK ».
    """
    if not settings.CLAMAV:
        return
    try:
        reponse = _demander(fichier)
    except (OSError, ValueError):
        reponse = b""
    if reponse.endswith(b"FOUND"):
        raise ValidationError(
            f"« {fichier.name} » contient un virus : il n'a pas été gardé. Vérifiez votre appareil.",
            code="virus",
        )
    if not reponse.endswith(b"OK"):
        raise ValidationError(
            "L'antivirus de la mairie ne répond pas : votre fichier n'a pas pu être vérifié. "
            "Réessayez dans quelques minutes.",
            code="antivirus_muet",
        )


def _demander(fichier):
    machine, _, port = settings.CLAMAV.rpartition(":")
    fichier.seek(0)
    with socket.create_connection((machine, int(port)), DELAI) as prise:
        prise.sendall(b"zINSTREAM\0")
        while morceau := fichier.read(MORCEAU):
            prise.sendall(struct.pack("!L", len(morceau)) + morceau)
        prise.sendall(struct.pack("!L", 0))
        reponse = b""
        while not reponse.endswith(b"\0"):
            recu = prise.recv(4096)
            if not recu:
                break
            reponse += recu
    fichier.seek(0)
    return reponse.rstrip(b"\0").strip()
