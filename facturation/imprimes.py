"""Ce que la régie imprime : un bordereau de dépôt, une journée de caisse. Des PDF balisés, faits à la demande."""

from django.template.loader import render_to_string

from commune.contexte import courante
from commune.pdf import rendre
from commune.regles import lisible_sur
from facturation.models import Regie
from facturation.pdf import en_ligne


def bordereau(fait, recus):
    """Le bordereau, ses règlements et son total. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/bordereau.html", {"bordereau": fait, "recus": recus})


def journee(close, livre):
    """La journée close : ses opérations, ses totaux, les espèces comptées. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/journee.html", {"journee": close, "livre": livre})


def _produire(gabarit, contexte):
    commune = courante()
    contexte |= {
        "commune": commune, "regie": Regie.objects.first() or Regie(), "logo": en_ligne(commune.logo),
        "accent": lisible_sur(commune.accent, ["#ffffff"]),
    }  # fmt: skip
    page = render_to_string(gabarit, contexte)
    feuilles = ["facturation/facture-pdf.css", "facturation/attestation-pdf.css"]
    return rendre(page, *feuilles, pdf_variant="pdf/ua-1")
