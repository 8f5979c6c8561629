"""Le PDF d'une facture : la page de l'écran, sur papier, faite à la première demande et gardée."""

from base64 import b64encode

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from commune.contexte import courante
from commune.fichiers import Propre, effacer, garder
from commune.pdf import rendre
from commune.regles import lisible_sur
from facturation.models import Facture


def produire(facture):
    """Les octets du PDF d'une facture, balisé pour les lecteurs d'écran (PDF/UA-1). Lève ``PdfIndisponible``."""
    commune = courante()
    contexte = {"facture": facture, "accent": lisible_sur(commune.accent, ["#ffffff"]), "logo": en_ligne(commune.logo)}
    page = render_to_string("facturation/facture_pdf.html", contexte)
    return rendre(page, "facturation/facture-pdf.css", pdf_variant="pdf/ua-1")


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
    """Le PDF gardé de cette facture, fait s'il ne l'était pas. Lève ``PdfIndisponible``.

    Deux premières demandes en même temps : la première écrite est gardée, l'autre est jetée.
    """
    if not facture.pdf:
        nom = f"facture-{facture.reference}.pdf"
        garder(facture, "pdf", Propre(ContentFile(produire(facture)), nom, 1, "application/pdf"))
        if not Facture.objects.filter(pk=facture.pk, pdf="").update(pdf=facture.pdf.name):
            effacer(facture.pdf.storage, facture.pdf.name)
            facture.refresh_from_db(fields=["pdf"])
    return facture.pdf
