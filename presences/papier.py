"""La feuille A4 d'une séance : les mots de l'écran, mis sur le papier."""

from commune.contexte import courante
from commune.pdf import rendre
from commune.regles import PARIS
from commune.templatetags.jours import jour
from presences import regles
from presences.actions import GENRES_A_HEURES
from presences.models import par_classe, repas_dits


def imprimer(seance, lignes, details, agent, maintenant):
    """Le PDF de la liste (``lignes`` de ``lire_liste``), une page au moins par classe.

    ``details`` : enfant (sa clé) → la fiche sanitaire dont on écrit le PAI et les allergies.
    """
    commune, activite = courante(), seance.activite
    heures = activite.genre in GENRES_A_HEURES
    imprime = f"Imprimé le {maintenant.astimezone(PARIS):%d/%m/%Y à %H:%M}"
    imprime += f" par {agent}" if str(agent) else ""
    return rendre("presences/papiers/feuille.typ", {
        "titre": f"{activite.nom} – {seance.jour:%d/%m/%Y}", "commune": commune.nom, "heures": heures,
        "quoi": f"{activite.nom}, {jour(seance.jour, 'long')}, {activite.horaires}",
        "imprime": f"{commune.nom}, {activite.site} · {imprime} · À détruire après usage",
        "classes": _classes(lignes, details, heures, activite.avec_repas),
    })  # fmt: skip


def _classes(lignes, details, heures, avec_repas):
    classes = [
        {
            "titre": classe.titre, "comptes": [_compter(classe.compte, classe.repas_dits if avec_repas else [])],
            "enfants": [
                regles.rang_de_feuille(ligne, heures, details.get(ligne.enfant.pk))._asdict()
                for ligne in classe.lignes
            ],
        }
        for classe in par_classe(lignes)
    ]  # fmt: skip
    if len(classes) > 1:
        compte = regles.compter(ligne.etat for ligne in lignes)
        classes[0]["comptes"].append(f"Toute la liste : {_compter(compte, repas_dits(lignes) if avec_repas else [])}")
    return classes


def _compter(compte, repas):
    """« 24 enfants · 21 ordinaire · 3 sans porc »."""
    enfants = f"{compte.prevus} enfant{'s' if compte.prevus > 1 else ''}"
    return " · ".join([enfants, *(f"{nombre} {mot}" for mot, nombre in repas)])
