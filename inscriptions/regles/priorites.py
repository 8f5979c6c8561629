"""Qui passe d'abord quand les places manquent. Fonctions pures."""

FRATRIE, TRAVAIL, ECOLE, COMMUNE = "fratrie", "travail", "ecole", "commune"
GROUPES = {
    FRATRIE: "un frère ou une sœur y est déjà",
    TRAVAIL: "les parents travaillent",
    ECOLE: "l'enfant est de l'école",
    COMMUNE: "la famille habite la commune",
}
DROIT_A_LA_CANTINE = (
    "L'inscription à la cantine d'une école publique du premier degré est un droit de tous les enfants scolarisés : "
    "elle ne peut être refusée selon leur situation ou celle de leur famille (code de l'éducation, article L131-13)."
)


def rang_de_priorite(groupes, profil):
    """Le rang d'un enfant : 0 pour le premier des ``groupes`` (dans leur ordre) dont il est, 1 pour le suivant…

    ``profil`` est l'ensemble des groupes dont il est. D'aucun : le dernier rang, ``len(groupes)``. Le plus petit
    passe d'abord ; à égalité, c'est à l'appelant de départager (arrivée, tirage).
    """
    return next((rang for rang, groupe in enumerate(groupes) if groupe in profil), len(groupes))


def phrase_priorites(groupes):
    """« Quand les places manquent, passent d'abord : 1. … ; 2. … » ; vide sans priorité."""
    if not groupes:
        return ""
    rangs = " ; ".join(f"{rang}. {GROUPES[groupe]}" for rang, groupe in enumerate(groupes, 1))
    return f"Quand les places manquent, passent d'abord : {rangs} ; puis les autres."
