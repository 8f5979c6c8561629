"""Les adultes de l'entourage, et ce que chacun peut pour chaque enfant."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris, replier

from ..models import Adulte, Famille, PersonneAutorisee
from ..regles import en_capitales, prenom_propre, telephone_lisible, verifier_roles
from .foyer import prevenir_le_service


@transaction.atomic
def ajouter_adulte(famille, compte, *, jeton, identite, telephones, enfants, maintenant):
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
    designer({(enfant, adulte): roles for enfant, roles in enfants.items()}, compte, maintenant)
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
    if not any(champs.values()) and adulte.enfants_confies.en_cours().filter(urgence=True).exists():
        raise ValidationError(
            "Cette personne est à prévenir en cas d'urgence : elle doit garder un numéro de téléphone.",
            code="urgence_sans_telephone",
        )
    for nom, valeur in champs.items():
        setattr(adulte, nom, valeur)
    adulte.save(update_fields=list(champs))
    return adulte


@transaction.atomic
def designer(roles, compte, maintenant):
    """Dit ce que des adultes peuvent pour des enfants : ``{(enfant, adulte): {"recupere", "urgence"}}``.

    Les mots sont « recupere », « urgence », « interdit » ; aucun mot retire la personne de l'entourage de
    l'enfant. Lève ``ValidationError`` :
    ``interdit_et_autorise``, ``urgence_sans_telephone``, ``interdit_avec_compte``.
    """
    adultes, actuelles = _verrouiller(roles)
    for (enfant, adulte), choisis in roles.items():
        adulte = adultes[adulte.pk]
        actuelle = actuelles.get((enfant.pk, adulte.pk))
        deja_interdit = actuelle is not None and actuelle.interdit
        if adulte.compte_id and ("interdit" in choisis) != deja_interdit:
            raise ValidationError(
                f"{adulte} a un compte sur ce portail : pour une interdiction, écrivez à la mairie.",
                code="interdit_avec_compte",
            )
        verifier_roles(choisis, adulte.telephone or adulte.telephone_travail)
    _redire(roles, adultes, actuelles, compte, maintenant)


@transaction.atomic
def redire(roles, compte, maintenant):
    """La même chose, dite par la mairie : elle seule interdit, ou réhabilite, qui a un compte.

    Le formulaire de la mairie a vérifié les rôles ; la base les vérifie encore.
    """
    _redire(roles, *_verrouiller(roles), compte, maintenant)


def _redire(roles, adultes, actuelles, compte, maintenant):
    """Ce qui valait finit aujourd'hui (date de Paris), avec son auteur, sans s'effacer ; la suite est une autre ligne.

    Le service est prévenu dès qu'une interdiction apparaît ou disparaît.
    """
    jour, changees = jour_de_paris(maintenant), {}
    for (enfant, adulte), choisis in roles.items():
        actuelle = actuelles.get((enfant.pk, adulte.pk))
        avant = actuelle.roles if actuelle else set()
        if avant == set(choisis):
            continue
        if actuelle:
            actuelle.fin, actuelle.fin_par = jour, compte
            actuelle.save(update_fields=["fin", "fin_par"])
        if choisis:
            PersonneAutorisee.objects.create(
                enfant=enfant, adulte=adulte, debut=jour, par=compte, **dict.fromkeys(choisis, True)
            )
        if ("interdit" in avant) != ("interdit" in choisis):
            changees[adultes[adulte.pk].famille] = "interdit" in choisis
    for famille, interdite in changees.items():
        _signaler_interdiction(famille, interdite)


def _verrouiller(roles):
    """Les adultes verrouillés, par clé, et ce qui vaut pour chaque couple (enfant, adulte)."""
    # Dans l'ordre : deux parents qui enregistrent ensemble ne s'attendent pas l'un l'autre.
    pks = {adulte.pk for _, adulte in roles}
    adultes = Adulte.objects.select_for_update(of=("self",)).select_related("famille").order_by("pk").in_bulk(pks)
    personnes = PersonneAutorisee.objects.en_cours().filter(adulte__in=pks)
    return adultes, {(p.enfant_id, p.adulte_id): p for p in personnes}


def _signaler_interdiction(famille, interdite):
    """Un agent qui a lu la liste ce matin doit l'apprendre avant ce soir."""
    apparue, levee = "Quelqu'un ne doit plus approcher un enfant.", "Une interdiction d'approcher un enfant cesse."
    dit = apparue if interdite else levee
    prevenir_le_service(famille, f"{dit} Relisez l'entourage de cette famille.")


def signaler_les_interdictions(adulte):
    """Prévient le service quand part, ou revient, un adulte que l'on interdisait d'approcher un enfant."""
    if adulte.enfants_confies.en_cours().filter(interdit=True).exists():
        _signaler_interdiction(adulte.famille, interdite=adulte.fin is None)


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
    signaler_les_interdictions(adulte)


@transaction.atomic
def retablir_adulte(adulte):
    """L'adulte revient dans l'entourage, avec ce qu'il pouvait pour chaque enfant."""
    Famille.objects.select_for_update().get(pk=adulte.famille_id)
    adulte = Adulte.objects.select_related("famille").get(pk=adulte.pk)
    champs = {"nom": adulte.nom, "prenom": adulte.prenom, "lien": adulte.lien}
    refuser_adulte_deja_la(adulte.famille, champs, sauf=adulte)
    adulte.fin = None
    adulte.save(update_fields=["fin"])
    signaler_les_interdictions(adulte)


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
