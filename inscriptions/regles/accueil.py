"""À qui une activité s'ouvre, et ce qui se décide d'une inscription. Fonctions pures."""

import datetime as dt
from typing import NamedTuple

from commune.regles import dire_le_jour

from .mots import ans, enumerer

DEMANDEE, VALIDEE, ATTENTE, REFUSEE, RETIREE = "demandee", "validee", "attente", "refusee", "retiree"
# Ce que la mairie peut décider d'une inscription, selon son état. Une inscription validée ne se refuse plus :
# elle se termine, car des jours sont peut-être déjà réservés. Un refus se revoit, un retrait appartient à la famille.
DECISIONS = {
    DEMANDEE: {VALIDEE, ATTENTE, REFUSEE},
    ATTENTE: {VALIDEE, REFUSEE},
    REFUSEE: {VALIDEE, ATTENTE},
    VALIDEE: set(),
    RETIREE: set(),
}


class Profil(NamedTuple):
    """Ce qu'il faut savoir d'un enfant pour lui ouvrir une activité."""

    prenom: str
    ecole: int | None
    classe: str
    naissance: dt.date


class Accueil(NamedTuple):
    """À qui une activité s'ouvre. Un ensemble vide de classes les accueille toutes ; ``None`` ne limite rien."""

    ecoles: frozenset
    classes: frozenset = frozenset()
    age_min: int | None = None
    age_max: int | None = None
    au_mois: bool = False
    active: bool = True


class Raison(NamedTuple):
    """Pourquoi une activité n'est pas ouverte. ``des_le`` est la date à laquelle cette raison tombe d'elle-même."""

    code: str
    phrase: str
    des_le: dt.date | None = None


def eligibilite(profil, accueil, debut, noms_des_classes=None):
    """Les raisons pour lesquelles l'enfant ne peut pas commencer l'activité le ``debut`` ; aucune, il le peut."""
    raisons = []
    if not accueil.active:
        raisons.append(Raison("fermee", "Cette activité n'est plus proposée."))
    if profil.ecole is None:
        raisons.append(Raison("sans_ecole", f"L'école de {profil.prenom} n'est pas indiquée."))
    elif profil.ecole not in accueil.ecoles:
        raisons.append(Raison("ecole", f"Cette activité n'accueille pas l'école de {profil.prenom}."))
    if accueil.classes and profil.classe not in accueil.classes:
        noms = noms_des_classes or {}
        classes = enumerer([noms.get(c, c) for c in noms or sorted(accueil.classes) if c in accueil.classes])
        raisons.append(Raison("classe", f"Cette activité est réservée aux classes de {classes}."))
    return raisons + _ages(profil, accueil, debut)


def _ages(profil, accueil, debut):
    raisons = []
    if accueil.age_min is not None:
        des_le = anniversaire(profil.naissance, accueil.age_min, accueil.au_mois)
        if debut < des_le:
            raisons.append(Raison(
                "trop_jeune",
                f"{profil.prenom} pourra commencer le {dire_le_jour(des_le)}"
                f" ({'le mois de ses' if accueil.au_mois else 'à'} {ans(accueil.age_min)}).",
                des_le,
            ))  # fmt: skip
    if accueil.age_max is not None and debut >= anniversaire(profil.naissance, accueil.age_max + 1):
        raisons.append(Raison("trop_age", f"Cette activité s'arrête à {ans(accueil.age_max)}."))
    return raisons


def premier_debut(profil, accueil, annee_debut, annee_fin, aujourd_hui, noms_des_classes=None):
    """La première date de l'année où l'enfant peut commencer, et les raisons s'il n'y en a aucune.

    Rend ``(date, [])`` ou ``(None, raisons)``. L'âge seul change en cours d'année : un enfant qui aura trois ans en
    février peut déjà s'inscrire, pour février.
    """
    debut = max(annee_debut, aujourd_hui)
    raisons = eligibilite(profil, accueil, debut, noms_des_classes)
    attendre = [raison.des_le for raison in raisons if raison.des_le]
    if len(attendre) == len(raisons) and attendre:
        debut = max(attendre)
        raisons = [] if debut <= annee_fin else raisons
    if not raisons and debut > annee_fin:
        raisons = [Raison("annee_finie", "L'année scolaire est finie.")]
    return (None, raisons) if raisons else (debut, [])


def anniversaire(naissance, age, au_mois=False):
    """Le jour des ``age`` ans ; ``au_mois``, le premier jour de ce mois. Né un 29 février, on a son âge le 1er mars."""
    annee = naissance.year + age
    if au_mois:
        return dt.date(annee, naissance.month, 1)
    try:
        return naissance.replace(year=annee)
    except ValueError:
        return dt.date(annee, 3, 1)


def age(naissance, jour):
    """L'âge en années révolues à cette date."""
    ans = jour.year - naissance.year
    return ans - (anniversaire(naissance, ans) > jour)


def places_restantes(limite, prises):
    """Les inscriptions encore possibles ; ``None`` quand rien ne les limite. Jamais négatif."""
    return None if limite is None else max(limite - prises, 0)


def refus_a_montrer(inscription, toutes, jour):
    """Vrai d'un refus de l'année en cours, tant qu'aucune demande plus récente à la même activité ne l'a remplacé.

    ``toutes`` sont les inscriptions de l'enfant, ``jour`` une date de Paris.
    """
    return (
        inscription.etat == REFUSEE and inscription.fin >= jour
        and not any(i.activite_id == inscription.activite_id and i.pk > inscription.pk for i in toutes)
    )  # fmt: skip
