"""Ce que la commune envoie : ses courriels."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from .contexte import courante


def envoyer_courriel(gabarit, a, contexte=None):
    """Envoie le courriel ``gabarit`` (sans extension) aux adresses ``a``.

    Trois textes par courriel : ``.txt``, dont la première ligne est le sujet, et ``.html``.
    Le courriel part avec la transaction en cours : si elle échoue, il n'existe pas ; s'il attend
    un serveur en panne, il est retenté (voir ``EMAIL_BACKEND``).
    """
    commune = courante()
    contexte = {"commune": commune, "adresse_portail": settings.ADRESSE, **(contexte or {})}
    sujet, _, texte = render_to_string(f"{gabarit}.txt", contexte).strip().partition("\n")
    message = EmailMultiAlternatives(
        subject=sujet.strip(),
        body=texte.strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(a),
        reply_to=[commune.courriel] if commune.courriel else None,
    )
    message.attach_alternative(render_to_string(f"{gabarit}.html", contexte), "text/html")
    message.send()
