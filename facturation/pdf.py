"""Le PDF d'une facture : la page de l'écran, sur papier, faite à la première demande et gardée.

WeasyPrint ne s'importe qu'ici, et tard : il lui faut Pango, qu'une machine peut ne pas avoir.
"""

import gc
from base64 import b64encode
from functools import cache

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from commune.contexte import courante
from commune.fichiers import Propre, effacer, garder
from commune.regles import lisible_sur
from facturation.memoire import ramassage_suspendu
from facturation.models import Facture

INSTALLER = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian), brew install pango (macOS)"


class Indisponible(RuntimeError):
    """Pango manque sur cette machine : aucun PDF n'est possible tant qu'il n'est pas installé."""


@cache
def moteur():
    """WeasyPrint, la feuille de style lue et les polices cherchées une fois par processus : un tiers du temps."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError as erreur:
        raise Indisponible(f"La bibliothèque Pango manque à cette machine. Pour l'installer : {INSTALLER}.") from erreur
    polices = FontConfiguration()
    style = weasyprint.CSS(
        filename=finders.find("facturation/facture-pdf.css"), font_config=polices,
        url_fetcher=URLFetcher(allowed_protocols={"file"}),
    )  # fmt: skip
    # Le document lui-même ne lit que ce qu'il porte : ni fichier, ni réseau.
    return weasyprint.HTML, style, polices, URLFetcher(allowed_protocols={"data"})


def produire(facture):
    """Les octets du PDF d'une facture, balisé pour les lecteurs d'écran (PDF/UA-1). Lève ``Indisponible``."""
    html, style, polices, lecteur = moteur()
    commune = courante()
    contexte = {"facture": facture, "accent": lisible_sur(commune.accent, ["#ffffff"]), "logo": en_ligne(commune.logo)}
    page = render_to_string("facturation/facture_pdf.html", contexte)
    with ramassage_suspendu():
        octets = html(string=page, url_fetcher=lecteur).write_pdf(
            stylesheets=[style], font_config=polices, pdf_variant="pdf/ua-1"
        )
    gc.collect(0)  # un document laisse des cycles de plusieurs mégaoctets, tous parmi les objets les plus jeunes
    return octets


def en_ligne(logo):
    """Le logo de la commune, écrit dans la page même ; vide si elle n'en a pas, ou s'il manque sur le disque."""
    if not logo:
        return ""
    try:
        with logo.open("rb") as fichier:
            return f"data:image/png;base64,{b64encode(fichier.read()).decode()}"
    except OSError:
        return ""


def obtenir(facture):
    """Le PDF gardé de cette facture, fait s'il ne l'était pas. Lève ``Indisponible``.

    Deux premières demandes en même temps : la première écrite est gardée, l'autre est jetée.
    """
    if not facture.pdf:
        nom = f"facture-{facture.reference}.pdf"
        garder(facture, "pdf", Propre(ContentFile(produire(facture)), nom, 1, "application/pdf"))
        if not Facture.objects.filter(pk=facture.pk, pdf="").update(pdf=facture.pdf.name):
            effacer(facture.pdf.storage, facture.pdf.name)
            facture.refresh_from_db(fields=["pdf"])
    return facture.pdf
