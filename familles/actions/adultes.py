"""Les adultes de l'entourage, et ce que chacun peut pour chaque enfant."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris, replier

from ..models import Adulte, Famille, PersonneAutorisee
from ..regles import en_capitales, prenom_propre, telephone_lisible, verifier_roles


@transaction.atomic
def ajouter_adulte(famille, *, jeton, identite, telephones, enfants):
    """Ajoute un adulte à l'entourage du foyer. Rend l'``Adulte`` ; le même ``jeton`` rend celui déjà créé.

    ``enfants`` est ``{enfant: {"recupere", …}}``.
    Lève ``ValidationError`` (``deja_la``) et celles de ``designer``.
    """
    Famille.objects.select_for_update().get(pk=famille.pk)
    deja = famille.adultes.filter(jeton=jeton).first()
    if deja:
        return deja
    champs = _propres(identite) | _lisibles(telephones)
    refuser_adulte_deja_la(famille, champs)
    adulte = Adulte.objects.create(famille=famille, jeton=jeton, **champs)
    designer({(enfant, adulte): roles for enfant, roles in enfants.items()})
    return adulte


@transaction.atomic
def modifier_adulte(adulte, **champs):
    """Change l'identité d'un adulte ; le nom de son compte suit.

    Lève ``ValidationError`` : ``deja_la``, ``a_un_compte``, ``dernier_responsable``.
    """
    Famille.objects.select_for_update().get(pk=adulte.famille_id)
    adulte = Adulte.objects.select_related("famille", "compte").get(pk=adulte.pk)
    champs = _propres(champs)
    if adulte.responsable_legal and not champs["responsable_legal"]:
        _verifier_responsable(adulte)
    refuser_adulte_deja_la(adulte.famille, champs, sauf=adulte)
    for nom, valeur in champs.items():
        setattr(adulte, nom, valeur)
    adulte.save(update_fields=list(champs))
    if adulte.compte:
        adulte.compte.nom, adulte.compte.prenom = adulte.nom, adulte.prenom
        adulte.compte.save(update_fields=["nom", "prenom"])
    return adulte


@transaction.atomic
def modifier_telephones(adulte, **champs):
    """Change les numéros. Lève ``urgence_sans_telephone`` s'il faut le prévenir et qu'il n'en reste aucun."""
    adulte = Adulte.objects.select_for_update().get(pk=adulte.pk)
    champs = _lisibles(champs)
    if not any(champs.values()) and adulte.enfants_confies.filter(urgence=True).exists():
        raise ValidationError(
            "Cette personne est à prévenir en cas d'urgence : elle doit garder un numéro de téléphone.",
            code="urgence_sans_telephone",
        )
    for nom, valeur in champs.items():
        setattr(adulte, nom, valeur)
    adulte.save(update_fields=list(champs))
    return adulte


@transaction.atomic
def designer(roles):
    """Dit ce que des adultes peuvent pour des enfants : ``{(enfant, adulte): {"recupere", "urgence"}}``.

    Les mots sont « recupere », « urgence », « interdit » ; aucun mot retire la personne de l'entourage de
    l'enfant. Lève ``ValidationError`` :
    ``interdit_et_autorise``, ``urgence_sans_telephone``, ``interdit_avec_compte``.
    """
    # Verrouillés dans l'ordre : deux parents qui enregistrent ensemble ne s'attendent pas l'un l'autre.
    pks = {adulte.pk for _, adulte in roles}
    adultes = Adulte.objects.select_for_update().order_by("pk").in_bulk(pks)
    interdits = set(
        PersonneAutorisee.objects.filter(adulte__in=pks, interdit=True).values_list("enfant_id", "adulte_id")
    )
    for (enfant, adulte), choisis in roles.items():
        adulte = adultes[adulte.pk]
        deja_interdit = (enfant.pk, adulte.pk) in interdits
        if adulte.compte_id and ("interdit" in choisis) != deja_interdit:
            raise ValidationError(
                f"{adulte} a un compte sur ce portail : pour une interdiction, écrivez à la mairie.",
                code="interdit_avec_compte",
            )
        verifier_roles(choisis, adulte.telephone or adulte.telephone_travail)
        if choisis:
            PersonneAutorisee.objects.update_or_create(
                enfant=enfant,
                adulte=adulte,
                defaults={role: role in choisis for role in ("recupere", "urgence", "interdit")},
            )
        else:
            PersonneAutorisee.objects.filter(enfant=enfant, adulte=adulte).delete()


@transaction.atomic
def retirer_adulte(adulte, maintenant):
    """L'adulte ne fait plus partie de l'entourage à partir d'aujourd'hui (date de Paris) ; sa fiche reste.

    Lève ``ValidationError`` : ``a_un_compte``, ``dernier_responsable``.
    """
    Famille.objects.select_for_update().get(pk=adulte.famille_id)
    adulte = Adulte.objects.select_related("famille").get(pk=adulte.pk)
    _verifier_responsable(adulte)
    adulte.fin = jour_de_paris(maintenant)
    adulte.save(update_fields=["fin"])


@transaction.atomic
def retablir_adulte(adulte):
    """L'adulte revient dans l'entourage, avec ce qu'il pouvait pour chaque enfant."""
    Famille.objects.select_for_update().get(pk=adulte.famille_id)
    adulte = Adulte.objects.select_related("famille").get(pk=adulte.pk)
    champs = {"nom": adulte.nom, "prenom": adulte.prenom, "lien": adulte.lien}
    refuser_adulte_deja_la(adulte.famille, champs, sauf=adulte)
    adulte.fin = None
    adulte.save(update_fields=["fin"])


def _verifier_responsable(adulte):
    if adulte.compte_id:
        raise ValidationError(
            f"{adulte} a un compte sur ce portail : pour l'enlever, écrivez à la mairie.", code="a_un_compte"
        )
    autres = adulte.famille.adultes.actuels().filter(responsable_legal=True).exclude(pk=adulte.pk)
    if adulte.responsable_legal and not autres.exists():
        raise ValidationError("Une famille garde au moins un responsable légal.", code="dernier_responsable")


def refuser_adulte_deja_la(famille, champs, sauf=None):
    """Le grand-père et l'oncle peuvent porter le même nom ; pas deux grands-pères. Lève ``deja_la``."""
    cle = replier(f"{champs['prenom']} {champs['nom']}")
    memes = famille.adultes.actuels().filter(cle=cle, lien=champs["lien"])
    if memes.exclude(pk=sauf and sauf.pk).exists():
        raise ValidationError(f"{champs['prenom']} {champs['nom']} figure déjà dans votre entourage.", code="deja_la")


def _propres(champs):
    return champs | {"nom": en_capitales(champs["nom"]), "prenom": prenom_propre(champs["prenom"])}


def _lisibles(telephones):
    return {nom: telephone_lisible(valeur) for nom, valeur in telephones.items()}
