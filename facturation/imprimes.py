"""Ce que la régie imprime : bordereaux, journées, lettres, échéanciers, états. Des PDF balisés, faits à la demande."""

from django.template.loader import render_to_string

from commune.contexte import courante
from commune.pdf import rendre
from commune.regles import lisible_sur
from facturation.actions.mois import destinataires, emetteur, emetteurs_a_part
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
    echelonnees = [ligne.facture for ligne in plan.factures.select_related("facture").order_by("pk")]
    contexte = {
        "plan": plan, "destinataire": destinataires([plan.famille_id])[plan.famille_id],
        "a_qui": a_qui_payer(echelonnees, _emetteur(), emetteurs_a_part()),
    }  # fmt: skip
    return _produire("facturation/imprimes/echeancier.html", contexte)


def lettres(envoi, dues):
    """Les lettres d'un envoi, une page chacune, dans un seul fichier ; ``dues`` vient de ``lettres_de``."""
    adresses = destinataires([famille.pk for famille, *_ in dues])
    principal, a_part = _emetteur(), emetteurs_a_part()
    contexte = {
        "envoi": envoi,
        "lettres": [
            (adresses[famille.pk], niveau, relances, total,
             a_qui_payer([relance.facture for relance in relances], principal, a_part))
            for famille, niveau, relances, total in dues
        ],
    }  # fmt: skip
    return _produire("facturation/imprimes/lettres.html", contexte)


def a_qui_payer(factures, principal, a_part):
    """``[(émetteur, [référence…])…]`` : comment payer ces factures aujourd'hui, budget par budget.

    Un budget peut avoir son compte : son argent n'est pas celui de la régie principale.
    """
    groupes = {}
    for facture in factures:
        groupes.setdefault(facture.budget_id, []).append(facture.reference)
    return [(principal | a_part.get(str(budget), {}), references) for budget, references in groupes.items()]


def etat_des_restes(etat, dettes):
    """L'état numéroté, ses dettes et son total, sans celles qui en sont retirées. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/etat_des_restes.html", {"etat": etat, "dettes": dettes})


def _emetteur():
    return emetteur(courante(), Regie.courante(), None)


def _produire(gabarit, contexte):
    commune = courante()
    contexte |= {
        "commune": commune, "regie": Regie.courante(), "e": _emetteur(), "logo": en_ligne(commune.logo),
        "accent": lisible_sur(commune.accent, ["#ffffff"]),
    }  # fmt: skip
    page = render_to_string(gabarit, contexte)
    feuilles = ["facturation/facture-pdf.css", "facturation/attestation-pdf.css"]
    return rendre(page, *feuilles, pdf_variant="pdf/ua-1")
