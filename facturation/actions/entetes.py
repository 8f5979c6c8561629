"""L'en-tête d'un papier de la régie : qui l'écrit, tel qu'il est ce jour, et à qui."""

from collections import defaultdict

from stdnum import iban

from commune.requetes import parmi
from facturation.models import Budget, Regie
from facturation.regles.payfip import PRODUCTION
from familles.models import Adulte, Civilite, Famille


def emetteur(commune, regie, compte):
    """L'émetteur tel qu'il est ce jour : la commune, la régie, et qui émet (avec sa qualité)."""
    return {
        "commune": commune.nom, "ville": commune.ville, "siret": commune.siret, "ics": commune.ics,
        "adresse": ", ".join(filter(None, [commune.adresse, f"{commune.code_postal} {commune.ville}".strip()])),
        "service": commune.service, "telephone": commune.telephone, "courriel": commune.courriel,
        "voies_recours": commune.voies_recours, "tva": regie.mention_tva, "regie": regie.nom,
        "cheque_ordre": regie.cheque_ordre, "iban": iban.format(regie.iban), "accueil": regie.accueil,
        "en_ligne": regie.payfip == Regie.EnLigne.REGIE and regie.payfip_saisie == PRODUCTION, "titre": _titre(regie),
        "emise_par": regie.emetteur or (compte.get_full_name() if compte else ""),
    }  # fmt: skip


def emetteurs_a_part():
    """Ce que chaque budget change à l'émetteur : son nom, et s'il a son compte, comment le payer."""
    resultat = {}
    for budget in Budget.objects.all():
        dits = {"regie": budget.nom, "cheque_ordre": budget.cheque_ordre, "accueil": budget.accueil}
        resultat[str(budget.pk)] = {nom: valeur for nom, valeur in dits.items() if valeur}
        if budget.iban:
            compte = {"iban": iban.format(budget.iban), "en_ligne": False, "titre": None, "a_part": True}
            resultat[str(budget.pk)] |= compte
    return resultat


def _titre(regie):
    """De quoi payer un titre sur le site de la DGFiP ; la référence est un modèle, rempli facture par facture."""
    if regie.payfip != Regie.EnLigne.TITRE:
        return None
    return {
        "structure": regie.titre_structure, "reference": regie.titre_reference, "adresse": regie.titre_adresse
    }


def destinataires(foyers):
    """Foyer → (nom, adresse) : ses responsables légaux, à défaut « Famille LA STAR »."""
    noms, resultat = defaultdict(list), {}
    legaux = Adulte.objects.actuels().filter(famille__in=parmi(foyers), responsable_legal=True)
    for foyer, civilite, prenom, nom in legaux.values_list("famille", "civilite", "prenom", "nom"):
        noms[foyer].append(f"{Civilite(civilite).label} {prenom} {nom}")
    lignes = Famille.objects.filter(pk__in=parmi(foyers)).order_by()
    for foyer, nom, *rue, code_postal, ville in lignes.values_list(
        "pk", "nom", "adresse", "complement", "code_postal", "ville"
    ):
        dit = " et ".join(noms[foyer][:2])
        adresse = "\n".join(filter(None, [*rue, f"{code_postal} {ville}"]))
        resultat[foyer] = dit if 0 < len(dit) <= 200 else str(Famille(nom=nom)), adresse
    return resultat
