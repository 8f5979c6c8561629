"""Le PDF d'une facture : la page de l'écran, sur papier, faite à la première demande et gardée."""

from base64 import b64encode
from functools import partial
from itertools import repeat

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from commune.contexte import courante
from commune.fichiers import Propre, effacer, garder
from commune.pdf import chemin, rendre
from commune.regles import lisible_sur
from facturation.models import Facture

FEUILLE = "facturation/facture-pdf.css"
PAR_DESSUS = "facturation/attestation-pdf.css"  # ce qui n'est pas une facture


def produire(facture):
    """Les octets du PDF d'une facture, balisé pour les lecteurs d'écran (PDF/UA-1). Lève ``PdfIndisponible``."""
    return rendre(_ecrire(facture), FEUILLE, pdf_variant="pdf/ua-1")


def _ecrire(facture):
    return composer("facturation/facture_pdf.html", {"facture": facture})


def rendre_piece(gabarit, emetteur, contexte):
    """Les octets d'une pièce de la régie (reçu, attestation, lettre, état…), balisée. Lève ``PdfIndisponible``.

    ``emetteur`` : ce que ``actions.mois.emetteur`` dit de la commune et de la régie, ``e`` dans le gabarit.
    """
    return rendre(composer(gabarit, contexte | {"e": emetteur}), FEUILLE, PAR_DESSUS, pdf_variant="pdf/ua-1")


def composer(gabarit, contexte):
    """La page d'une pièce, avec la couleur de la commune, lisible sur du papier, et son logo."""
    commune = courante()
    habits = {"accent": lisible_sur(commune.accent, ["#ffffff"]), "logo": en_ligne(commune.logo)}
    return render_to_string(gabarit, contexte | habits)


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
        _garder(facture, produire(facture))
    return facture.pdf


def obtenir_tous(factures, equipe):
    """Fait et garde les PDF qui manquent à ces factures (une liste), rendus par ``equipe`` (``sur_tous_les_coeurs``).

    Lève ``PdfIndisponible``, ``BrokenProcessPool`` et les refus de ``garder`` ; ce qui est fait reste gardé.
    """
    a_faire = [facture for facture in factures if not facture.pdf]
    faits = equipe.map(partial(rendre, pdf_variant="pdf/ua-1"), map(_ecrire, a_faire), repeat(chemin(FEUILLE)))
    for facture, octets in zip(a_faire, faits, strict=True):
        _garder(facture, octets)


def _garder(facture, octets):
    garder(facture, "pdf", Propre(ContentFile(octets), f"facture-{facture.reference}.pdf", 1, "application/pdf"))
    if not Facture.objects.filter(pk=facture.pk, pdf="").update(pdf=facture.pdf.name):
        effacer(facture.pdf.storage, facture.pdf.name)
        facture.refresh_from_db(fields=["pdf"])
