"""Le PDF d'une facture, fait à la première demande et gardé ; l'habit commun des papiers de la régie."""

from collections import defaultdict

from django.core.files.base import ContentFile
from django.utils.formats import date_format
from typst import TypstError

from commune.contexte import courante
from commune.fichiers import Propre, effacer, garder
from commune.pdf import dessin, rendre
from commune.regles import lisible_sur
from commune.templatetags.jours import jour
from facturation.models import Facture
from facturation.regles import euros

GABARIT = "facturation/papiers/facture.typ"


def produire(facture):
    """Les octets du PDF d'une facture, balisé pour les lecteurs d'écran (PDF/UA-1)."""
    return rendre(GABARIT, ecrire(facture))


def ecrire(facture):
    """Ce que dit le papier d'une facture : les mêmes mots que sa page, le jour où elle est émise.

    Ce qui lui arrive ensuite (payée, transmise au Trésor) n'y est pas : gardé, il est le même pour tous et toujours.
    """
    e = defaultdict(str, facture.emetteur)  # celui d'une vieille facture peut n'avoir pas tout dit
    return habits() | {
        "emetteur": lettre_tete(e, e["courriel"]), "destinataire": destinataire(facture.destinataire, facture.adresse),
        "reference": facture.reference, "mois": date_format(facture.mois, "F Y"), "emise_le": jour(facture.emise_le),
        "total": euros(facture.total), "demande": euros(facture.demande),
        "avance": euros(facture.avance) if facture.avance else "", "rien": not facture.demande,
        "echeance": jour(facture.echeance), "rum": facture.rum, "ics": e["ics"],
        "preleve_le": jour(facture.preleve_le) if facture.rum else "",
        "payer": payer(e), "titre": facture.titre, "voies_recours": en_lignes(e["voies_recours"]), "tva": e["tva"],
        "enfants": [
            {
                "prenom": prenom, "total": euros(sous_total),
                "rangees": [
                    {
                        "texte": rangee.texte, "jours": rangee.jours_en_mots, "pourquoi": rangee.pourquoi,
                        "nombre": rangee.nombre_en_mots, "prix": euros(rangee.prix), "montant": euros(rangee.montant),
                        "durees": [[d.jours_en_mots, d.dite, euros(d.montant)] for d in rangee.durees],
                    }
                    for rangee in rangees
                ],
            }
            for prenom, rangees, sous_total in facture.enfants()
        ],
    }  # fmt: skip


# --- L'habit commun -----------------------------------------------------------------------------------------------
def habits():
    """La commune, sa couleur, lisible sur du papier, et son logo ; sans lui s'il manque sur le disque."""
    commune = courante()
    return {"commune": commune.nom, "accent": lisible_sur(commune.accent, ["#ffffff"]), "logo": _logo(commune.logo)}


def _logo(logo):
    if not logo:
        return ""
    try:
        with logo.open("rb") as fichier:
            return dessin(fichier.read())
    except OSError:
        return ""


def lettre_tete(e, courriel=""):
    """Qui écrit, en haut à gauche : l'émetteur qu'a dit ``actions.entetes.emetteur``."""
    regie = e["regie"] if e["regie"] != e["service"] else ""
    return {
        "commune": e["commune"], "ville": e["ville"], "siret": e["siret"], "courriel": courriel,
        "regie": e["regie"], "emise_par": e["emise_par"], "adresse": e["adresse"],
        "lignes": list(filter(None, [e["service"], regie, e["adresse"], e["telephone"], courriel])),
    }  # fmt: skip


def destinataire(nom, adresse):
    return {"nom": nom, "adresse": en_lignes(adresse)}


def payer(e, references=()):
    """Comment payer cet émetteur ; ``references``, s'il faut dire lesquelles de plusieurs factures."""
    return {
        "en_ligne": bool(e["en_ligne"]), "ordre": e["cheque_ordre"], "iban": e["iban"],
        "guichet": ", ".join(filter(None, [e["regie"] or e["service"], e["telephone"]])),
        "accueil": en_lignes(e["accueil"]), "lesquelles": list(references),
    }  # fmt: skip


def en_lignes(texte):
    """Un texte tapé dans un navigateur, qui va à la ligne comme sur le papier ; Typst perdrait les tabulations."""
    return texte.replace("\r\n", "\n").replace("\t", " ")


# --- Le PDF gardé -------------------------------------------------------------------------------------------------
def obtenir(facture):
    """Le PDF gardé de cette facture, fait s'il ne l'était pas.

    Deux premières demandes en même temps : la première écrite est gardée, l'autre est jetée.
    """
    if not facture.pdf:
        _garder(facture, produire(facture))
    return facture.pdf


def obtenir_tous(factures, equipe):
    """Fait et garde les PDF qui manquent à ces factures (une liste), rendus par ``equipe`` (des fils).

    Lève les refus de ``garder`` et ``TypstError`` ; ce qui est fait reste gardé.
    """
    a_faire = [facture for facture in factures if not facture.pdf]
    # Écrites ici, où est la base ; rendues là-bas, où sont les cœurs.
    faits = [equipe.submit(rendre, GABARIT, ecrire(facture)) for facture in a_faire]
    for facture, fait in zip(a_faire, faits, strict=True):
        try:
            octets = fait.result()
        except TypstError as erreur:
            erreur.add_note(f"facture {facture.reference}")
            raise
        _garder(facture, octets)


def _garder(facture, octets):
    garder(facture, "pdf", Propre(ContentFile(octets), f"facture-{facture.reference}.pdf", 1, "application/pdf"))
    if not Facture.objects.filter(pk=facture.pk, pdf="").update(pdf=facture.pdf.name):
        effacer(facture.pdf.storage, facture.pdf.name)
        facture.refresh_from_db(fields=["pdf"])
