"""Ce que la régie imprime : bordereaux, journées, lettres, échéanciers, états. Des PDF balisés, faits à la demande."""

from django.template.loader import render_to_string

from commune.contexte import courante
from commune.pdf import rendre
from commune.regles import lisible_sur
from facturation.actions.mois import destinataires, emetteur
from facturation.models import Regie
from facturation.pdf import en_ligne


def bordereau(fait, recus):
    """Le bordereau, ses règlements et son total. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/bordereau.html", {"bordereau": fait, "recus": recus})


def journee(close, livre):
    """La journée close : ses opérations, ses totaux, les espèces comptées. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/journee.html", {"journee": close, "livre": livre})


def echeancier(plan):
    """L'échéancier accordé, à signer et à garder. Lève ``PdfIndisponible``."""
    contexte = {"plan": plan, "destinataire": destinataires([plan.famille_id])[plan.famille_id]}
    return _produire("facturation/imprimes/echeancier.html", contexte)


def lettres(envoi, dues):
    """Les lettres d'un envoi, une page chacune, dans un seul fichier ; ``dues`` vient de ``lettres_de``."""
    adresses = destinataires([famille.pk for famille, *_ in dues])
    contexte = {
        "envoi": envoi,
        "lettres": [(adresses[famille.pk], niveau, relances, total) for famille, niveau, relances, total in dues],
    }
    return _produire("facturation/imprimes/lettres.html", contexte)


def etat_des_restes(etat, dettes):
    """L'état numéroté, ses dettes et son total, sans celles qui en sont retirées. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/etat_des_restes.html", {"etat": etat, "dettes": dettes})


def _produire(gabarit, contexte):
    commune = courante()
    regie = Regie.objects.first() or Regie()
    contexte |= {
        "commune": commune, "regie": regie, "e": emetteur(commune, regie, None), "logo": en_ligne(commune.logo),
        "accent": lisible_sur(commune.accent, ["#ffffff"]),
    }  # fmt: skip
    page = render_to_string(gabarit, contexte)
    feuilles = ["facturation/facture-pdf.css", "facturation/attestation-pdf.css"]
    return rendre(page, *feuilles, pdf_variant="pdf/ua-1")
