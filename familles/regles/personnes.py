"""Règles de la famille : l'écriture des noms et des numéros, ce que chacun peut pour un enfant."""

import re

from django.core.exceptions import ValidationError

AGE_MAX = 18  # années : au-delà, ce n'est plus un enfant à garder


def en_capitales(nom):
    """Un nom de famille comme la mairie l'écrit : en capitales, les blancs réduits à une espace.

    >>> en_capitales(" la  star ")
    'LA STAR'
    """
    return " ".join(nom.upper().split())


def prenom_propre(prenom):
    """Un prénom tapé tout en minuscules ou tout en capitales reprend ses majuscules ; sinon on le laisse.

    >>> prenom_propre("JEAN-PIERRE"), prenom_propre("McKenna")
    ('Jean-Pierre', 'McKenna')
    """
    prenom = " ".join(prenom.split())
    if prenom in (prenom.lower(), prenom.upper()):
        return re.sub(r"(^|[ '’-])(\w)", lambda m: m[1] + m[2].title(), prenom.lower())
    return prenom


def telephone_lisible(numero):
    """Un numéro français à dix chiffres s'écrit par paires ; un autre reste comme il a été tapé.

    >>> telephone_lisible("0612345678"), telephone_lisible("+33 612345678")
    ('06 12 34 56 78', '06 12 34 56 78')
    """
    chiffres = re.sub(r"[ .\-]", "", numero)
    chiffres = re.sub(r"^(\+33|0033)(?=[1-9]\d{8}$)", "0", chiffres)
    if re.fullmatch(r"0[1-9][0-9]{8}", chiffres):
        return " ".join(chiffres[n : n + 2] for n in range(0, 10, 2))
    return " ".join(numero.split())


def age(naissance, jour):
    """L'âge révolu en années à cette date."""
    return jour.year - naissance.year - ((jour.month, jour.day) < (naissance.month, naissance.day))


def verifier_naissance(naissance, jour):
    """Lève ``ValidationError`` (``a_naitre``, ``adulte``) si ce n'est pas la naissance d'un enfant."""
    if naissance > jour:
        raise ValidationError("Cette date n'est pas encore venue.", code="a_naitre")
    if age(naissance, jour) >= AGE_MAX:
        raise ValidationError(
            f"À cette date de naissance, l'enfant a {AGE_MAX} ans ou plus : vérifiez l'année.", code="adulte"
        )


def verifier_roles(roles, telephone):
    """Ce qu'un adulte peut pour un enfant : ``roles`` contient « recupere », « urgence », « interdit ».

    Lève ``ValidationError`` : ``interdit_et_autorise``, ou ``urgence_sans_telephone``.
    """
    if "interdit" in roles and len(roles) > 1:
        raise ValidationError(
            "Une personne ne peut être à la fois interdite et autorisée : choisissez.",
            code="interdit_et_autorise",
        )
    if "urgence" in roles and not telephone:
        raise ValidationError(
            "Pour la prévenir en cas d'urgence, il faut un numéro de téléphone : ajoutez-le d'abord.",
            code="urgence_sans_telephone",
        )


def est_hors_commune(code_postal, code_de_la_commune):
    """Au premier regard, un foyer d'un autre code postal est hors commune ; la mairie en décide ensuite."""
    return bool(code_de_la_commune) and code_postal != code_de_la_commune


def reunir(texte, autre):
    """Deux textes de santé réunis : un doublon en moins ne doit pas être une allergie en moins.

    >>> reunir("Arachide.", "Œuf."), reunir("Arachide.", "")
    ('Arachide.\\nŒuf.', 'Arachide.')
    """
    morceaux = [m for m in (texte.strip(), autre.strip()) if m]
    if len(morceaux) == 2 and morceaux[1] in morceaux[0]:
        return morceaux[0]
    return "\n".join(morceaux)
