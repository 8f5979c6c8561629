"""La feuille de papier : ce qu'elle dit d'un enfant, et comment elle l'aligne. Fonctions pures."""

from itertools import groupby, zip_longest

from commune.regles import PARIS

from .journee import EXCUSES

# En lettres minuscules : ce que tiennent les colonnes de feuille.css.
LARGEUR_NOM, LARGEUR_MOTS, LARGEUR_TELEPHONES = 27, 26, 33
RANGS_SERRES = 8  # ce que montre le fond d'un bloc


def texte_de_feuille(ligne, heures, fiche=None):
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
    colonne = telephones if heures else ["   ".join(telephones)]
    return ligne_de_feuille(f"{ligne.enfant.nom} {ligne.enfant.prenom}", mots, colonne, suite)


def nom_et_telephone(adulte):
    """« Odile AUGER 05 49 00 00 00 » : son nom, et le numéro où on le joint s'il en a un."""
    return f"{adulte} {adulte.telephone or adulte.telephone_travail}".strip()


def ligne_de_feuille(nom, mots, telephones, suite=()):
    """Le texte d'un enfant sur la feuille : des colonnes séparées par des tabulations, un rang par retour à la ligne.

    Une seule suite de caractères par enfant, que les taquets de la feuille alignent : WeasyPrint met quatre fois moins
    de temps à la poser qu'une rangée de tableau. ``suite`` : des phrases entières, sous les colonnes.
    """
    colonnes = [_couper(nom, LARGEUR_NOM), _couper(mots, LARGEUR_MOTS), list(telephones)]
    rangs = ["\t".join(rang).rstrip("\t") for rang in zip_longest(*colonnes, fillvalue="")]
    return "\n".join([*(rangs or [""]), *(" ".join(phrase.split()) for phrase in suite)])


def blocs_de_feuille(lignes):
    """Les lignes d'une classe en couples ``(serrees, texte)`` : celles d'un rang se suivent à huit par bloc au plus.

    Un bloc coûte autant qu'il tienne un enfant ou huit. Une ligne trop longue pour ses colonnes garde le sien, où elle
    peut passer à la ligne.
    """
    for serrees, groupe in groupby(lignes, _tient_sur_un_rang):
        suite, pas = list(groupe), RANGS_SERRES if serrees else 1
        for debut in range(0, len(suite), pas):
            yield serrees, "\n".join(suite[debut : debut + pas])


def _tient_sur_un_rang(texte):
    largeurs = (LARGEUR_NOM, LARGEUR_MOTS, LARGEUR_TELEPHONES)
    return "\n" not in texte and all(
        _mesure(colonne) <= largeur for colonne, largeur in zip(texte.split("\t"), largeurs, strict=False)
    )


def _couper(texte, largeur):
    """Coupe aux espaces pour tenir dans ``largeur`` ; une capitale en vaut une et un tiers."""
    if _mesure(texte) <= largeur:
        return [texte]
    lignes = []
    for mot in texte.split(" "):
        if lignes and _mesure(f"{lignes[-1]} {mot}") <= largeur:
            lignes[-1] += f" {mot}"
        else:
            lignes.append(mot)
    return lignes


def _mesure(texte):
    return len(texte) + sum(map(str.isupper, texte)) / 3
