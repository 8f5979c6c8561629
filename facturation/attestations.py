"""Les attestations d'une famille et ses reçus, des PDF balisés faits à la demande."""

from django.utils.formats import date_format

from commune.contexte import courante
from commune.pdf import rendre
from commune.templatetags.jours import jour
from facturation import regles
from facturation.actions.entetes import destinataires, emetteur
from facturation.models import Regie, fiscales_de, paiements_de, payees_par, presences_de
from facturation.pdf import destinataire, habits, lettre_tete
from facturation.regles import euros
from facturation.templatetags.facturation import du_mois


def fiscale(famille, annee, maintenant):
    """Ce que le foyer a payé dans l'année pour la garde de ses plus jeunes enfants."""
    retenues = fiscales_de(famille, annee)
    return _attester("fiscale", famille, maintenant, {
        "annee": str(annee), "total": euros(sum((retenue.retenu for _, retenue in retenues), regles.ZERO)),
        "retenues": [
            {
                "enfant": str(enfant), "naissance": jour(enfant.date_naissance), "alternee": retenue.alternee,
                "paye": euros(retenue.paye), "retenu": euros(retenue.retenu),
            }
            for enfant, retenue in retenues
        ],
    })  # fmt: skip


def presence(famille, enfant, du, au, maintenant):
    """Les jours où cet enfant est venu, de ``du`` à ``au`` compris (dates de Paris)."""
    return _attester("presence", famille, maintenant, {
        "enfant": str(enfant), "fille": enfant.sexe == "f", "naissance": jour(enfant.date_naissance),
        "du": jour(du), "au": jour(au),
        "activites": [
            {"nom": nom, "site": site, "nombre": str(nombre), "mois": mois}
            for nom, site, nombre, mois in presences_de(famille, enfant, du, au)
        ],
    })  # fmt: skip


def paiement(facture, maintenant):
    """Ce qui a payé cette facture ; demande qu'elle le soit."""
    return _attester("paiement", facture.famille, maintenant, {
        "facture": facture.reference, "du_mois": du_mois(facture.mois), "emise_le": jour(facture.emise_le),
        "au_nom_de": facture.destinataire, "total": euros(facture.total),
        "reglements": [
            {"quoi": ", ".join(filter(None, ["Règlement", recu.moyen])), "le": jour(recu.jour), "somme": euros(somme)}
            for recu, somme in paiements_de(facture.famille)[facture.pk]
        ],
        "avoirs": [
            {
                "reference": avoir.reference, "motif": avoir.motif, "le": jour(avoir.emis_le),
                "somme": euros(avoir.montant),
            }
            for avoir in facture.avoirs.order_by("emis_le")
        ],
    })  # fmt: skip


def recu(reglement, maintenant):
    """Le reçu d'un règlement valable ; ce qu'il a payé de chaque facture."""
    payees = payees_par(reglement)
    avance = reglement.montant - sum(somme for _, somme in payees)
    lignes = [(f"Facture {f.reference}, {date_format(f.mois, 'F Y')}", euros(somme)) for f, somme in payees]
    lignes += [("En avance sur votre compte, ou rendu", euros(avance))] if avance else []
    return _attester("recu", reglement.famille, maintenant, {
        "numero": str(reglement.recu_numero), "recu_le": jour(reglement.recu_le), "montant": euros(reglement.montant),
        "moyen": reglement.get_moyen_display(), "reference": reglement.reference, "titres": reglement.titres,
        "payees": lignes,
    })  # fmt: skip


def _attester(gabarit, famille, maintenant, contenu):
    e = emetteur(courante(), Regie.courante(), None)
    a_qui = destinataire(*destinataires([famille.pk])[famille.pk])
    lettre = {"emetteur": lettre_tete(e), "destinataire": a_qui, "le": jour(maintenant)}
    return rendre(f"facturation/papiers/{gabarit}.typ", habits() | lettre | contenu)
