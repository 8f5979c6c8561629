"""Des enfants rangés classe par classe, comme on les appelle."""


def ranger_par_classe(lignes, enfant_de=lambda ligne: ligne.enfant):
    """Ces lignes, déjà dans l'ordre de l'appel, en ``[(clé, titre, lignes), …]`` : une école, un niveau, un groupe.

    L'école ne se dit que s'il y en a plusieurs : « CM1 B – École Jean Macé ». Lit l'école de chaque enfant.
    """
    plusieurs = len({enfant_de(ligne).ecole_id for ligne in lignes}) > 1
    classes = {}
    for ligne in lignes:
        enfant = enfant_de(ligne)
        cle = enfant.cle_de_classe
        if cle not in classes:
            classes[cle] = (_ancre(*cle), _titre(enfant, plusieurs), [])
        classes[cle][2].append(ligne)
    return list(classes.values())


def _ancre(ecole, classe, groupe):
    """De quoi nommer cette classe dans une adresse : un mot sans espace, le même d'une page à l'autre."""
    return "-".join(filter(None, [str(ecole or 0), classe or "sans", groupe]))


def _titre(enfant, plusieurs):
    titre = enfant.classe_dite or "Sans classe"
    return f"{titre} – {enfant.ecole or 'école non indiquée'}" if plusieurs else titre
