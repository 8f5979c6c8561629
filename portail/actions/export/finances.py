"""Ce que l'argent d'un foyer laisse : factures, paiements, prélèvements, recouvrement."""

from facturation.models import (
    Avoir,
    Contestation,
    DemandeEcheancier,
    Echeance,
    Facture,
    Ligne,
    Mandat,
    Paiement,
    Precision,
    Prelevement,
    Reglement,
    Relance,
    Remboursement,
    Report,
    SignatureMandat,
    Transmission,
)

from .lignes import lignes


def finances(famille):
    return _factures(famille) | _paiements(famille) | _recouvrement(famille)


def _factures(famille):
    return {
        "factures": lignes(
            Facture.objects.filter(famille=famille), "exercice", "numero", "mois", "total", "avance", "emise_le",
            "echeance", "destinataire", "adresse",
        ),
        "lignes de facture": lignes(
            Ligne.objects.filter(facture__famille=famille), "jour", "prenom", "texte", "quantite", "prix_unitaire",
            "montant", "quotient", "regle", exercice="facture__exercice", facture="facture__numero",
        ),
        "avoirs": lignes(
            Avoir.objects.filter(facture__famille=famille), "exercice", "numero", "montant", "motif", "emis_le",
        ),
        "petites sommes reportées": lignes(
            Report.objects.filter(famille=famille), "mois", "montant", reporté_par="facturation__mois",
            facturé_avec="repris_par__mois",
        ),
        "contestations": lignes(
            Contestation.objects.filter(ligne__facture__famille=famille), "motif", "etat", "reponse", "suite",
            "envoyee_le", "repondre_avant", "decidee_le", jour="ligne__jour", prenom="ligne__prenom",
            prestation="ligne__texte",
        ),
        "précisions sur les contestations": lignes(
            Precision.objects.filter(contestation__ligne__facture__famille=famille), "question", "reponse",
            "demandee_le", "repondue_le", jour="contestation__ligne__jour", prenom="contestation__ligne__prenom",
            prestation="contestation__ligne__texte",
        ),
    }


def _paiements(famille):
    return {
        "paiements en ligne": lignes(
            Paiement.objects.filter(famille=famille), "refdet", "montant", "etat", "phrase", "cree_le", "conclu_le",
        ),
        "règlements": lignes(
            Reglement.objects.filter(famille=famille), "moyen", "montant", "recu_le", "reference", "emetteur",
            "nombre", "valeur",
        ),
        "remboursements": lignes(
            Remboursement.objects.filter(famille=famille), "moyen", "montant", "fait_le", "reference", "motif",
        ),
        "mandats": lignes(
            Mandat.objects.filter(famille=famille), "rum", "titulaire", "iban", "signe_le", "revoque_le",
            "suspendu_le",
        ),
        "signatures de mandat": lignes(
            SignatureMandat.objects.filter(famille=famille), "titulaire", "iban", "courriel", "texte", "version",
            "demandee_le", "signee_le", "adresse_ip",
        ),
        "prélèvements": lignes(
            Prelevement.objects.vivants().filter(facture__famille=famille), "montant", "etat", "code_rejet",
            "rejete_le", jour="lot__jour", facture="facture__numero",
        ),
    }


def _recouvrement(famille):
    return {
        "relances": lignes(
            Relance.objects.filter(facture__famille=famille), "jour", "nom", "moyen", "du", facture="facture__numero",
        ),
        "demandes d'échéancier": lignes(
            DemandeEcheancier.objects.filter(famille=famille), "phrase", "mois", "etat", "reponse", "envoyee_le",
            "decidee_le",
        ),
        "échéances": lignes(
            Echeance.objects.filter(echeancier__famille=famille), "jour", "montant", échéancier="echeancier",
            accordé_le="echeancier__accorde_le", mot="echeancier__mot", révoqué_le="echeancier__revoque_le",
            motif="echeancier__motif_revocation",
        ),
        "dettes transmises au Trésor": lignes(
            Transmission.objects.filter(facture__famille=famille), "montant", "annulee_le", "motif_annulation",
            facture="facture__numero", transmise_le="etat__fait_le",
        ),
    }
