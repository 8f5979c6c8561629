"""Ce que la régie imprime : bordereaux, journées, lettres, échéanciers, états. Des PDF balisés, faits à la demande."""

from django.template.loader import render_to_string

from commune.contexte import courante
from commune.regles import jour_de_paris
from facturation.actions.mois import destinataires, emetteur, emetteurs_a_part
from facturation.models import Regie
from facturation.pdf import rendre_piece
from facturation.regles import prelevements


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


def mandat(famille, rum):
    """Le mandat d'un foyer, à remplir et à signer sur papier. Lève ``PdfIndisponible``."""
    texte = prelevements.texte_du_mandat(courante().nom)
    # Ses responsables, et non tout son entourage : il compte aussi qui ne doit pas approcher l'enfant.
    adultes = famille.adultes.filter(fin=None, responsable_legal=True)
    contexte = {"famille": famille, "rum": rum, "texte": texte, "adultes": adultes}
    return _produire("facturation/imprimes/mandat.html", contexte)


def courriers(ecrits, maintenant):
    """Ce qu'un courriel aurait dit à des foyers qui n'ont pas de compte : une lettre par page.

    Lève ``PdfIndisponible``. ``ecrits`` : ``[(foyer, gabarit du courriel, son contexte)…]``, ``foyer`` étant sa clé.
    """
    adresses = destinataires([foyer for foyer, *_ in ecrits])
    lettres_ = [(adresses[foyer], *lire_courriel(gabarit, contexte)) for foyer, gabarit, contexte in ecrits]
    return _produire("facturation/imprimes/courriers.html", {"lettres": lettres_, "le": jour_de_paris(maintenant)})


def lire_courriel(gabarit, contexte):
    """``(objet, paragraphes, se paie ici)`` de ce courriel, sans sa dernière ligne, qui mène au portail."""
    objet, *paragraphes = render_to_string(f"{gabarit}.txt", contexte | {"adresse_portail": ""}).strip().split("\n\n")
    return objet, [" ".join(p.split("\n")) for p in paragraphes[:-1]], not gabarit.endswith("dette_transmise")


def etat_des_restes(etat, dettes):
    """L'état numéroté, ses dettes et son total, sans celles qui en sont retirées. Lève ``PdfIndisponible``."""
    return _produire("facturation/imprimes/etat_des_restes.html", {"etat": etat, "dettes": dettes})


def _emetteur():
    return emetteur(courante(), Regie.courante(), None)


def _produire(gabarit, contexte):
    commune, regie = courante(), Regie.courante()
    return rendre_piece(gabarit, emetteur(commune, regie, None), contexte | {"commune": commune, "regie": regie})
