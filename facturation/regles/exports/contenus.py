"""Ce que chaque export contient, colonne par colonne : la page, la documentation et le fichier disent les mêmes."""

from typing import NamedTuple

CSV, ODS, XML = "csv", "ods", "xml"
FORMATS = {CSV: "CSV (point-virgule, UTF-8)", ODS: "ODS (tableur)", XML: "XML"}
ECRITURES, RECETTES, HEURES, PES = "ecritures", "recettes", "heures", "pes"


class Colonne(NamedTuple):
    """Une colonne : son titre dans le fichier, et ce qu'elle dit."""

    titre: str
    dit: str


class Contenu(NamedTuple):
    """Un export : ce qu'il contient, qui s'en sert, ses colonnes.

    ``scelle`` : fait de pièces qui ne changent plus, il se refait identique quoi qu'il arrive. Sinon, il se refait
    identique tant que personne n'a corrigé ce qu'il montre. ``jour`` : ce que la période choisit.
    """

    cle: str
    titre: str
    contenu: str
    pour: str
    jour: str
    colonnes: list
    scelle: bool = True
    formats: tuple = (CSV, ODS)

    def du(self, debut, fin):
        """« Factures du 01/09/2026 au 30/09/2026 »."""
        return f"{self.titre} du {debut:%d/%m/%Y} au {fin:%d/%m/%Y}"


EMISE = "la date d'émission (heure de Paris)"
ENREGISTRE = "la date d'enregistrement, et non celle de réception : deux périodes qui se suivent n'oublient rien"
FOYER = Colonne("Numéro de famille", "le numéro du foyer dans le portail")

_CONTENUS = [
    Contenu(
        "factures", "Factures", "Chaque facture émise, une par ligne, telle qu'elle fut imprimée.",
        "La comptabilité, un contrôle.", EMISE,
        [
            Colonne("Facture", "son numéro, sans trou dans l'exercice"), Colonne("Émise le", "date de Paris"),
            Colonne("Mois", "le premier jour du mois facturé"), FOYER,
            Colonne("Destinataire", "le nom imprimé"), Colonne("À payer avant le", "l'échéance, ce jour compris"),
            Colonne("Mandat prélevé", "la RUM annoncée, s'il y en a une"),
            Colonne("Prélevée le", "la date annoncée"), Colonne("Total", "en euros"),
        ],
    ),
    Contenu(
        "lignes", "Lignes de facture", "Chaque prestation facturée et pourquoi elle a ce prix : de quoi refaire "
        "chaque total.", "Un contrôle, une étude des tarifs.", EMISE,
        [
            Colonne("Facture", "le numéro de la facture qui la porte"), Colonne("Émise le", "date de Paris"), FOYER,
            Colonne("Enfant", "le prénom imprimé"), Colonne("Jour", "le jour de la prestation"),
            Colonne("Activité", "son nom le jour de l'export"), Colonne("Site", "l'école où elle a lieu"),
            Colonne("Prestation", "le texte imprimé"), Colonne("Quantité", "nombre d'unités"),
            Colonne("Unité", "acte, période ou mois"), Colonne("Prix unitaire", "en euros"),
            Colonne("Montant", "quantité × prix unitaire, en euros"),
            Colonne("Dont garde", "hors repas, en euros ; vide si la ligne n'est pas partagée"),
            Colonne("Quotient", "celui qui a compté ; vide sans quotient"),
            Colonne("Pourquoi ce prix", "la règle imprimée"),
        ],
    ),
    Contenu(
        "avoirs", "Avoirs", "Chaque somme rendue sur une facture émise, avec sa raison.",
        "La comptabilité, un contrôle.", EMISE,
        [
            Colonne("Avoir", "son numéro, dans sa propre série"), Colonne("Émis le", "date de Paris"),
            Colonne("Facture", "celle qu'il corrige"), FOYER, Colonne("Destinataire", "le nom imprimé sur la facture"),
            Colonne("Montant rendu", "en euros, positif"), Colonne("Motif", "ce que la famille a lu"),
        ],
    ),
    Contenu(
        "reglements", "Règlements et remboursements", "Chaque mouvement d'argent : reçu, annulé, rendu. La somme de la "
        "colonne « Montant » est ce que la régie a gardé.", "La régie, le comptable public.", ENREGISTRE,
        [
            Colonne("Enregistré le", "date de Paris"),
            Colonne("Opération", "règlement, remboursement, ou l'annulation de l'un"),
            Colonne("Reçu ou rendu le", "la date de l'argent lui-même"), Colonne("Pièce", "R… reçu, D… remboursement"),
            FOYER, Colonne("Facture", "celle que le règlement désigne, s'il en désigne une"),
            Colonne("Moyen", "chèque, espèces, virement…"), Colonne("Montant", "en euros ; négatif si l'argent sort"),
            Colonne("Référence", "numéro du chèque, du virement, des titres"),
            Colonne("Émetteur des titres", "CESU et chèques-vacances"), Colonne("Nombre de titres", ""),
            Colonne("Valeur faciale", "en euros, d'un titre"),
            Colonne("Motif", "d'une annulation ou d'un remboursement"),
        ],
    ),
    Contenu(
        "prelevements", "Prélèvements", "Chaque débit des lots remis, et le rejet que la banque en a dit jusqu'à "
        "l'instant de l'export.", "La régie, pour rapprocher le relevé de la banque.", "la date de remise du lot",
        [
            Colonne("Lot", "son numéro"), Colonne("Remis le", "date de Paris"),
            Colonne("Prélevé le", "le jour annoncé aux familles"),
            Colonne("Référence", "celle du relevé bancaire (EndToEndId)"), Colonne("Facture", ""), FOYER,
            Colonne("Mandat", "la RUM annoncée sur la facture"),
            Colonne("Séquence", "FRST (premier) ou RCUR (suivant)"),
            Colonne("Montant", "en euros"), Colonne("Rejeté le", "vide si la banque n'a rien rejeté"),
            Colonne("Motif du rejet", "le code ISO 20022"),
        ],
    ),
    Contenu(
        "familles", "Familles et soldes", "Ce que la régie sait de chaque foyer : adresse, quotient du dernier jour, "
        "mandat, et son compte à l'instant de l'export.", "La régie, le recouvrement.",
        "ce que le compte additionne, par date d'enregistrement ; le quotient est celui du dernier jour",
        [
            FOYER, Colonne("Famille", "son nom"), Colonne("Adresse", ""), Colonne("Complément", ""),
            Colonne("Code postal", ""), Colonne("Ville", ""), Colonne("Hors commune", "oui ou non"),
            Colonne("Quotient", "vide s'il n'est pas connu"), Colonne("Valable jusqu'au", "vide : sans fin"),
            Colonne("Mandat", "la RUM en cours"), Colonne("Facturé", "en euros"), Colonne("Avoirs", "en euros"),
            Colonne("Réglé", "en euros, annulations déduites"), Colonne("Remboursé", "en euros"),
            Colonne("Solde de la période", "facturé − avoirs − réglé + remboursé"),
            Colonne("Solde", "depuis l'ouverture du portail ; positif, le foyer doit"),
        ], scelle=False,
    ),
    Contenu(
        "presences", "Réservé, venu, facturé",
        "Les trois faits côte à côte, pour chaque enfant et chaque séance où l'un des trois existe.",
        "La régie et le périscolaire, pour expliquer un écart.", "le jour de la séance",
        [
            Colonne("Jour", "date de la séance"), Colonne("Activité", "son nom le jour de l'export"),
            Colonne("Site", "l'école où elle a lieu"), Colonne("Numéro d'enfant", ""), Colonne("Nom", ""),
            Colonne("Prénom", ""), Colonne("Numéro de famille", "le foyer qui a réservé ou que l'on a facturé"),
            Colonne("Réservé", "oui ou non"), Colonne("Hors délai", "oui ou non"),
            Colonne("Pointé", "présent, absent, excusé ; vide si personne n'a pointé"),
            Colonne("Arrivée", "heure de Paris"), Colonne("Départ", "heure de Paris"),
            Colonne("Facturé", "en euros ; vide sans ligne de facture"),
        ], scelle=False,
    ),
    Contenu(
        ECRITURES, "Écritures comptables", "Le journal des ventes (factures), des avoirs et des encaissements, en "
        "partie double, aux codes comptables de la commune.", "Le logiciel financier de la commune.", ENREGISTRE,
        [
            Colonne("Journal", "son code"), Colonne("Date", "d'enregistrement"),
            Colonne("Pièce", "facture, avoir, reçu ou remboursement"), Colonne("Compte", "votre code"),
            Colonne("Libellé", ""), Colonne("Débit", "en euros"), Colonne("Crédit", "en euros"),
            Colonne("Analytique", "le code de l'activité"),
            Colonne("Budget", "votre code : celui du budget de la facture, à défaut celui de la commune"), FOYER,
        ],
    ),
    Contenu(
        RECETTES, "Recettes", "Ce qui est facturé, moins les avoirs, par mois, école, activité et tranche de quotient. "
        "Les totaux sont ceux des écritures, au centime.", "Le conseil municipal, le budget.", EMISE,
        [
            Colonne("Mois", "le mois facturé"), Colonne("École", "le site de l'activité"), Colonne("Activité", ""),
            Colonne("Quotient", "la tranche"), Colonne("Lignes", "nombre de lignes de facture"),
            Colonne("Facturé", "en euros"), Colonne("Avoirs", "en euros"), Colonne("Recette", "facturé − avoirs"),
        ],
    ),
    Contenu(
        HEURES, "Heures CAF", "Par trimestre, activité et âge : les heures réalisées (le créneau entier dès que "
        "l'enfant y est venu), et à part les heures réservées et facturées.", "La CAF (prestation de service).",
        "le jour de la séance",
        [
            Colonne("Trimestre", "civil"), Colonne("Activité", ""), Colonne("Site", "l'école où elle a lieu"),
            Colonne("Âge", "moins de 6 ans, ou 6 ans et plus, le jour même"),
            Colonne("Enfants venus", "enfants différents"), Colonne("Présences", "enfants × séances"),
            Colonne("Heures réalisées", "présences × durée du créneau"),
            Colonne("Heures réservées", "réservations × durée du créneau"),
            Colonne("Heures facturées", "lignes de facture × durée du créneau, hors forfaits et lignes rendues"),
            Colonne("Forfaits facturés", "lignes au mois ou à l'année : elles ne disent pas d'heures"),
        ], scelle=False,
    ),
    Contenu(
        PES, "PES Recette ORMC (expérimental)", "Les factures de la période en un bordereau, une pièce par facture. "
        "Les avoirs n'y sont pas. Le fichier n'est donné que si le schéma fourni par la commune l'accepte.",
        "Le Trésor, après un essai avec votre comptable public.", EMISE, [], formats=(XML,),
    ),
]  # fmt: skip
CONTENUS = {contenu.cle: contenu for contenu in _CONTENUS}
