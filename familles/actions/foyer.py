"""Le foyer : il naît avec le compte du premier parent, et il déménage."""

from django.db import transaction

from commune.actions import envoyer_courriel
from commune.contexte import courante

from ..models import Adulte, Famille
from ..regles import en_capitales, est_hors_commune, prenom_propre, telephone_lisible


@transaction.atomic
def creer_foyer(
    compte, *, civilite, nom, prenom, adresse, code_postal, ville,
    complement="", telephone="", telephone_travail="",
):  # fmt: skip
    """Ouvre le foyer d'un compte neuf, avec le parent qui l'a créé, responsable légal. Rend la ``Famille``.

    Relancée pour le même compte (le lien du courriel ouvert deux fois), rend le foyer qui existe déjà.
    """
    type(compte).objects.select_for_update().get(pk=compte.pk)  # deux clics sur le lien : un seul foyer
    deja = Famille.objects.filter(adultes__compte=compte).first()
    if deja:
        return deja
    nom = en_capitales(nom)
    famille = Famille.objects.create(
        nom=nom, adresse=adresse, complement=complement, code_postal=code_postal, ville=ville,
        hors_commune=est_hors_commune(code_postal, courante().code_postal),
    )  # fmt: skip
    Adulte.objects.create(
        famille=famille, compte=compte, civilite=civilite, nom=nom, prenom=prenom_propre(prenom),
        lien=Adulte.Lien.PARENT, responsable_legal=True,
        telephone=telephone_lisible(telephone), telephone_travail=telephone_lisible(telephone_travail),
    )  # fmt: skip
    return famille


@transaction.atomic
def modifier_foyer(famille, *, adresse, complement, code_postal, ville):
    """Change l'adresse du foyer, et le dit au service : un déménagement peut changer le tarif.

    « Hors commune » suit l'adresse tant que le dossier n'est pas parti ; ensuite, seule la mairie le change,
    car une famille ne fixe pas son tarif.
    """
    famille = Famille.objects.select_for_update().get(pk=famille.pk)
    famille.adresse, famille.complement = adresse, complement
    famille.code_postal, famille.ville = code_postal, ville
    if famille.statut == Famille.Statut.EN_CREATION:
        famille.hors_commune = est_hors_commune(code_postal, courante().code_postal)
    famille.save(update_fields=["adresse", "complement", "code_postal", "ville", "hors_commune"])
    if famille.statut != Famille.Statut.EN_CREATION:
        prevenir_le_service(famille, "Une famille a changé d'adresse.")
    return famille


def prevenir_le_service(famille, quoi):
    """Écrit au service qu'il y a quelque chose à voir, sans nom ni donnée : un courriel n'est pas secret."""
    adresse = courante().courriel
    if adresse:
        envoyer_courriel("familles/courriels/changement", [adresse], {"quoi": quoi, "famille_pk": famille.pk})
