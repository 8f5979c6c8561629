"""Les enfants : les ajouter une seule fois, les modifier, terminer leur rattachement sans rien effacer."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import jour_de_paris, replier

from ..models import Autorisation, Enfant, Famille, FicheSanitaire, PersonneAutorisee, Rattachement
from ..regles import en_capitales, peut_rentrer_seul, prenom_propre, reunir
from .adultes import designer
from .foyer import prevenir_le_service
from .sante import enregistrer_fiche

SANTE = ["allergies", "pai", "regime", "medecin", "medecin_telephone", "observations"]


@transaction.atomic
def ajouter_enfant(famille, compte, *, jeton, identite, ecole, sante, autorisations, entourage, maintenant):
    """Crée un enfant du foyer avec ce que les étapes ont recueilli. Rend l'``Enfant``.

    Le même ``jeton`` rend l'enfant déjà créé. ``autorisations`` est ``{genre: oui ou non}`` et ``entourage``
    ``{adulte: {"recupere", …}}``.
    Lève ``ValidationError`` (``deja_la``, ``deja_parti``) et celles de ``designer``.
    """
    # Le verrou range les deux clics l'un derrière l'autre : le second voit l'enfant du premier.
    Famille.objects.select_for_update().get(pk=famille.pk)
    deja = Enfant.objects.de_la_famille(famille).filter(jeton=jeton).first()
    if deja:
        return deja
    champs = _propres(identite) | ecole
    refuser_enfant_deja_la(famille, champs)
    enfant = Enfant.objects.create(jeton=jeton, **champs)
    Rattachement.objects.create(enfant=enfant, famille=famille, debut=jour_de_paris(maintenant))
    enregistrer_fiche(enfant, **sante)
    repondre(enfant, autorisations, compte, maintenant)
    designer({(enfant, adulte): roles for adulte, roles in entourage.items()}, compte, maintenant)
    return enfant


@transaction.atomic
def modifier_enfant(enfant, famille, **champs):
    """Change l'identité ou l'école d'un enfant. Lève ``deja_la`` s'il devient le sosie d'un autre."""
    Famille.objects.select_for_update().get(pk=famille.pk)
    enfant = Enfant.objects.select_for_update().get(pk=enfant.pk)
    champs = _propres(champs)
    for nom, valeur in champs.items():
        setattr(enfant, nom, valeur)
    if "date_naissance" in champs:
        refuser_enfant_deja_la(famille, champs, sauf=enfant)
    enfant.save(update_fields=list(champs))
    return enfant


@transaction.atomic
def donner_un_groupe(enfants, division):
    """Donne ce groupe (« » : aucun) à ceux de ces enfants qui ont une classe ; rend ceux qui changent.

    Lève ``sans_classe`` si aucun n'en a.
    """
    choisis = Enfant.objects.select_for_update(no_key=True).filter(pk__in=[e.pk for e in enfants]).exclude(classe="")
    choisis = list(choisis.order_by("pk"))
    if not choisis:
        raise ValidationError("Ces enfants n'ont pas de classe : dites-la d'abord.", code="sans_classe")
    changes = [enfant for enfant in choisis if enfant.division != division]
    Enfant.objects.filter(pk__in=[enfant.pk for enfant in changes]).update(division=division)
    return changes


def _propres(champs):
    champs = dict(champs)
    if "nom" in champs:
        champs |= {"nom": en_capitales(champs["nom"]), "prenom": prenom_propre(champs["prenom"])}
    return champs


def refuser_enfant_deja_la(famille, champs, sauf=None):
    """Deux enfants du même foyer, même nom et même naissance, sont le même enfant.

    Lève ``ValidationError`` : ``deja_la``, ``deja_parti``.
    """
    memes = Rattachement.objects.filter(
        famille=famille,
        enfant__cle=replier(f"{champs['prenom']} {champs['nom']}"),
        enfant__date_naissance=champs["date_naissance"],
    ).exclude(enfant=sauf)
    qui = f"{champs['prenom']} {champs['nom']}, né(e) le {champs['date_naissance']:%d/%m/%Y},"
    if memes.actuels().exists():
        raise ValidationError(f"{qui} fait déjà partie de votre famille.", code="deja_la")
    if memes.termines().exists() and not sauf:
        raise ValidationError(
            f"{qui} a déjà fait partie de votre famille : remettez sa fiche depuis « Entourage familial ».",
            code="deja_parti",
        )


@transaction.atomic
def repondre(enfant, reponses, compte, maintenant):
    """Ajoute une réponse datée à chaque question dont la réponse change ; les précédentes restent.

    ``reponses`` est ``{genre: oui ou non}``. Lève ``trop_petit`` : la maternelle ne rentre pas seule.
    """
    if reponses.get(Autorisation.Genre.SORTIE) and not peut_rentrer_seul(enfant.classe):
        raise ValidationError("À la maternelle, un enfant ne rentre pas seul.", code="trop_petit")
    Enfant.objects.select_for_update().get(pk=enfant.pk)
    actuelles = {a.genre: a.accordee for a in enfant.autorisations.en_vigueur()}
    Autorisation.objects.bulk_create(
        Autorisation(enfant=enfant, genre=genre, accordee=accordee, compte=compte, donnee_le=maintenant)
        for genre, accordee in reponses.items()
        if actuelles.get(genre) != accordee
    )


@transaction.atomic
def changer_photo(enfant, propre):
    """Remplace la photo par un fichier rendu par ``commune.fichiers.nettoyer(…, photo=True)``."""
    enfant = Enfant.objects.select_for_update().get(pk=enfant.pk)
    ancienne = enfant.photo.name
    garder(enfant, "photo", propre)
    enfant.save(update_fields=["photo"])
    if ancienne:
        effacer(enfant.photo.storage, ancienne, apres_transaction=True)
    return enfant


@transaction.atomic
def retirer_photo(enfant):
    enfant = Enfant.objects.select_for_update().get(pk=enfant.pk)
    if enfant.photo:
        effacer(enfant.photo.storage, enfant.photo.name, apres_transaction=True)
        enfant.photo = ""
        enfant.save(update_fields=["photo"])
    return enfant


@transaction.atomic
def terminer_enfant(enfant, famille, compte, maintenant):
    """L'enfant quitte ce foyer aujourd'hui (date de Paris). Son autre foyer, s'il en a un, n'en voit rien.

    Rien n'est effacé, et le service est prévenu. Ses inscriptions et ses réservations finissent à leur étage
    (``reservations.actions.quitter_foyer``).
    """
    lien = Rattachement.objects.select_for_update().actuels().filter(enfant=enfant, famille=famille).first()
    if lien is None:  # un autre onglet l'a déjà fait
        return
    lien.fin = max(jour_de_paris(maintenant), lien.debut or jour_de_paris(maintenant))
    lien.fin_par = compte
    lien.save(update_fields=["fin", "fin_par"])
    prevenir_le_service(famille, "Une famille a signalé le départ d'un enfant.")


@transaction.atomic
def retablir_enfant(rattachement, compte, maintenant):
    """Défait un départ que la famille avait signalé elle-même : un nouveau rattachement s'ouvre aujourd'hui.

    Lève ``ValidationError`` ``a_la_mairie`` quand la mairie a terminé le rattachement, ou qu'un autre foyer a
    l'enfant : une famille ne se donne pas elle-même accès à l'enfant d'un autre foyer.
    """
    Enfant.objects.select_for_update().get(pk=rattachement.enfant_id)  # deux foyers le remettraient ensemble
    actuels = Rattachement.objects.actuels().filter(enfant=rattachement.enfant_id)
    if any(autre.famille_id == rattachement.famille_id for autre in actuels):
        return
    if not peut_etre_retabli(rattachement) or actuels:
        raise ValidationError(
            "Seule la mairie peut remettre cet enfant dans votre famille : écrivez-lui par la messagerie.",
            code="a_la_mairie",
        )
    Rattachement.objects.create(
        enfant_id=rattachement.enfant_id, famille_id=rattachement.famille_id, debut=jour_de_paris(maintenant)
    )
    prevenir_le_service(rattachement.famille, "Une famille a remis un enfant dont elle avait dit le départ.")


def peut_etre_retabli(rattachement):
    """Le départ a été signalé par un compte de ce foyer, pas décidé par la mairie."""
    adulte = getattr(rattachement.fin_par, "adulte", None)
    return adulte is not None and adulte.famille_id == rattachement.famille_id


@transaction.atomic
def reunir_enfants(doublon, enfant, compte, maintenant):
    """La mairie reconnaît un enfant sous deux fiches, une par foyer : ``enfant`` reste, avec deux foyers.

    Le foyer du doublon devient le second ; ses personnes, ses réponses et ses mots de santé suivent.
    Lève ``ValidationError`` : ``deux_foyers`` si l'une des fiches n'a pas un seul foyer, ``meme_foyer``.
    """
    liens = list(Rattachement.objects.select_for_update().actuels().filter(enfant__in=[doublon, enfant]).order_by("pk"))
    siens = [lien for lien in liens if lien.enfant_id == doublon.pk]
    gardes = [lien for lien in liens if lien.enfant_id == enfant.pk]
    if len(siens) != 1 or len(gardes) != 1:
        raise ValidationError("Chacune des deux fiches doit avoir un seul foyer.", code="deux_foyers")
    if siens[0].famille_id == gardes[0].famille_id:
        raise ValidationError("Ces deux fiches sont du même foyer.", code="meme_foyer")
    aujourdhui = jour_de_paris(maintenant)
    siens[0].fin, siens[0].fin_par = max(aujourdhui, siens[0].debut or aujourdhui), compte
    siens[0].save(update_fields=["fin", "fin_par"])
    Rattachement.objects.create(
        enfant=enfant, famille_id=siens[0].famille_id, debut=aujourdhui,
        foyer=2 if gardes[0].foyer == 1 else 1,
    )  # fmt: skip
    connus = PersonneAutorisee.objects.en_cours().filter(enfant=enfant).values("adulte")
    PersonneAutorisee.objects.filter(enfant=doublon).exclude(fin=None, adulte__in=connus).update(enfant=enfant)
    Autorisation.objects.filter(enfant=doublon).update(enfant=enfant)
    _reunir_fiches(doublon, enfant)


def _reunir_fiches(doublon, enfant):
    autre = FicheSanitaire.objects.filter(enfant=doublon).first()
    fiche = FicheSanitaire.objects.select_for_update().filter(enfant=enfant).first() or FicheSanitaire(enfant=enfant)
    if autre is None:
        return
    for champ in SANTE:
        ici, la = getattr(fiche, champ), getattr(autre, champ)
        # Un régime est un choix, pas un texte : le plus prudent gagne (sans viande est aussi sans porc).
        setattr(fiche, champ, max(ici, la) if champ == "regime" else reunir(ici, la))
    fiche.panier_repas = fiche.panier_repas or autre.panier_repas
    fiche.save()
