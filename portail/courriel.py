"""Les courriels passent par une tâche de fond, déposée dans la transaction qui les décide.

Une transaction annulée n'envoie rien ; un serveur de courrier en panne ne fait attendre personne,
et ne perd rien.
"""

import base64
from email.mime.base import MIMEBase

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import DNS_NAME, make_msgid
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

# 1, 2, 3… minutes entre les essais, trois jours en tout ; puis la tâche reste en échec.
PATIENCE = RetryStrategy(max_attempts=90, wait=60, linear_wait=60)


class FileDAttente(BaseEmailBackend):
    """Le dépôt : ce que ``settings.EMAIL_BACKEND`` désigne."""

    def send_messages(self, email_messages):
        for message in email_messages:
            envoyer.defer(courriel=en_json(message))
        return len(email_messages)


@app.task(name="courriel", queue="courriels", retry=PATIENCE, pass_context=False)
def envoyer(courriel):
    """Envoie par ``settings.COURRIEL_BACKEND`` ; une erreur remet la tâche dans la file."""
    message = depuis_json(courriel)
    message.connection = get_connection(settings.COURRIEL_BACKEND)
    message.send()


def en_json(message):
    """Tout le message, pièces jointes en base64. Le Message-ID fixé ici trahit un second envoi."""
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "to": list(message.to),
        "cc": list(message.cc),
        "bcc": list(message.bcc),
        "reply_to": list(message.reply_to),
        "headers": {"Message-ID": make_msgid(domain=DNS_NAME.get_fqdn())} | dict(message.extra_headers),
        "alternatives": [[str(contenu), nature] for contenu, nature in getattr(message, "alternatives", [])],
        "attachments": [_jointe_en_json(piece) for piece in message.attachments],
    }


def depuis_json(courriel):
    champs = {nom: valeur for nom, valeur in courriel.items() if nom not in ("alternatives", "attachments")}
    message = EmailMultiAlternatives(**champs)
    for contenu, nature in courriel["alternatives"]:
        message.attach_alternative(contenu, nature)
    for nom, contenu, nature in courriel["attachments"]:
        message.attach(nom, base64.b64decode(contenu), nature)
    return message


def _jointe_en_json(piece):
    if isinstance(piece, MIMEBase):
        return [piece.get_filename(), _en_base64(piece.get_payload(decode=True)), piece.get_content_type()]
    nom, contenu, nature = piece
    return [nom, _en_base64(contenu.encode() if isinstance(contenu, str) else contenu), nature]


def _en_base64(octets):
    return base64.b64encode(octets).decode("ascii")
