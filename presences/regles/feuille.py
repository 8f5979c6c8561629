"""La feuille de papier : ce qu'elle dit d'un enfant. Fonctions pures."""

from typing import NamedTuple

from commune.regles import PARIS

from .journee import EXCUSES


class RangDeFeuille(NamedTuple):
    """Un enfant sur la feuille : trois colonnes, et dessous des phrases entières."""

    nom: str
    mots: str
    telephones: list
    suite: list


def rang_de_feuille(ligne, heures, fiche=None):
    """Un enfant (une ``LigneDuJour``) sur la feuille ; ce qui met en danger est écrit en entier, sous son nom.

    ``heures`` : la feuille note qui part avec qui. ``fiche``, si l'agent a demandé le détail, est sa fiche sanitaire.
    """
    mots = ", ".join(mot for _, mot in ligne.mots)
    telephones = ligne.telephones[:2]
    suite = [f"■ NE PAS CONFIER À {adulte.get_civilite_display()} {adulte}" for adulte in ligne.interdits]
    if heures and ligne.recuperent:
        suite.append("À confier à : " + ", ".join(nom_et_telephone(adulte) for adulte in ligne.recuperent))
    suite += [f"Rentre seul{'e' if ligne.enfant.sexe == 'f' else ''}"] if heures and ligne.rentre_seul else []
    # Un parent dont la colonne donne déjà un numéro ne s'écrit pas deux fois.
    autres = [a for a in ligne.urgences if not {a.telephone, a.telephone_travail} & set(telephones)]
    suite += ["Urgence : " + ", ".join(nom_et_telephone(adulte) for adulte in autres)] if autres else []
    suite += [f"Ajouté : {ligne.motif}"] if ligne.motif else []
    suite += [EXCUSES[ligne.excuse]] if ligne.excuse else []
    if ligne.pointage:
        heure = ligne.pointage.recu_le.astimezone(PARIS)
        suite.append(f"Pointé {ligne.pointage.get_etat_display()} à {heure:%H:%M}")
    if fiche:
        suite += [f"{mot} : {texte}" for mot, texte in [("PAI", fiche.pai), ("Allergies", fiche.allergies)] if texte]
    return RangDeFeuille(
        f"{ligne.enfant.nom} {ligne.enfant.prenom}", mots, telephones, [" ".join(phrase.split()) for phrase in suite]
    )


def nom_et_telephone(adulte):
    """« Odile AUGER 05 49 00 00 00 » : son nom, et le numéro où on le joint s'il en a un."""
    return f"{adulte} {adulte.telephone or adulte.telephone_travail}".strip()
