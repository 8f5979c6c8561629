"""Les courriels de la démonstration : ils n'arrivent nulle part, sauf sur cette page."""

import email
import email.policy
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render

PAR_PAGE = 20


@login_not_required
def courriels(request):
    """Du plus récent au plus ancien. N'existe qu'en démonstration : ces courriels ouvrent des comptes."""
    if not settings.DEMO:
        raise Http404
    dossier = Path(getattr(settings, "EMAIL_FILE_PATH", settings.VAR / "courriels"))
    fichiers = sorted(dossier.glob("*.log"), key=lambda fichier: fichier.stat().st_mtime, reverse=True)
    page = Paginator(fichiers, PAR_PAGE).get_page(request.GET.get("page"))
    lus = [lire(fichier) for fichier in page]
    return render(request, "portail/courriels.html", {"page": page, "courriels": lus, "dossier": dossier})


def lire(fichier):
    """Un courriel du dossier, en mots : à qui, quand, quoi. Le texte suffit, son html dit la même chose."""
    message = email.message_from_bytes(fichier.read_bytes().split(b"-" * 79 + b"\n")[0], policy=email.policy.default)
    return {
        "a": message["To"],
        "sujet": message["Subject"],
        "quand": datetime.fromtimestamp(fichier.stat().st_mtime, UTC),
        "texte": message.get_body(("plain",)).get_content(),
    }
