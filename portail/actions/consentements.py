"""Le consentement : son texte, les réponses, le retrait."""

from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import transaction

from commune.actions import envoyer_courriel
from commune.contexte import courante
from documents.actions import effacer_pieces_sante
from familles import actions as familles
from familles.actions.foyer import prevenir_le_service
from familles.models import Enfant, Famille
from portail import regles
from portail.models import Compte, Consentement, TexteConsentement

from .textes import TEXTES


def texte_en_vigueur(maintenant):
    """Le dernier texte publié à cet instant, ou ``None``."""
    return TexteConsentement.objects.en_vigueur(maintenant)


def numero_en_vigueur(maintenant):
    """Le numéro du texte en vigueur, ou 0 ; relu au plus une fois par minute et par processus.

    Une nouvelle version s'impose donc partout en moins d'une minute, sans requête à chaque page.
    """

    def lire():
        texte = texte_en_vigueur(maintenant)
        return texte.pk if texte else 0

    return caches["local"].get_or_set("consentement", lire, 60)


def publier(texte):
    """Enregistre un texte ; ce processus le voit aussitôt, les autres en moins d'une minute."""
    texte.save()
    caches["local"].delete("consentement")


def texte_rempli(texte):
    """Le texte tel que la famille le lit : nom de la mairie, durées de conservation, adresse à qui écrire."""
    commune = courante()
    return regles.remplir(
        texte.texte,
        {
            "commune": commune.nom,
            "annees": commune.conservation,
            "mois": commune.conservation_sante,
            "courriel": commune.courriel_donnees or commune.courriel or "la mairie",
        },
    )


def _repondre(compte, texte, reponse, maintenant, adresse_ip):
    Consentement.objects.create(
        compte=compte,
        texte=texte,
        reponse=reponse,
        instant=maintenant,
        adresse_ip=adresse_ip,
        texte_lu=texte_rempli(texte),
    )
    compte.texte_accepte = texte if reponse == Consentement.Reponse.ACCEPTE else None
    compte.save(update_fields=["texte_accepte"])


@transaction.atomic
def accepter(compte, texte, maintenant, adresse_ip=None):
    """Note l'accord de ce compte au ``texte``.

    Lève ``ValidationError`` (code ``version``) si une autre version a été publiée depuis l'affichage.
    """
    # Le verrou : deux onglets qui acceptent ensemble ne laissent qu'une réponse.
    compte = Compte.objects.select_for_update().get(pk=compte.pk)
    if texte != texte_en_vigueur(maintenant):
        raise ValidationError("Ce texte vient de changer : relisez-le avant de répondre.", code="version")
    if compte.texte_accepte_id != texte.pk:
        _repondre(compte, texte, Consentement.Reponse.ACCEPTE, maintenant, adresse_ip)


@transaction.atomic
def retirer(compte, maintenant, adresse_ip=None):
    """Retire l'accord : les données de santé des enfants s'effacent et l'Espace Famille se ferme.

    La fiche d'un enfant que partage un autre foyer qui, lui, consent reste, et ses pièces validées aussi : elles sont
    autant les siennes.

    Lève ``ValidationError`` (code ``absent``) si ce compte n'a pas d'accord en cours.
    """
    compte = Compte.objects.select_for_update(of=("self",)).select_related("texte_accepte").get(pk=compte.pk)
    if compte.texte_accepte is None:
        raise ValidationError("Votre consentement n'est pas donné : il n'y a rien à retirer.", code="absent")
    for famille in Famille.objects.du_compte(compte):
        consentantes = _autres_foyers_consentants(famille)
        effacer_pieces_sante(famille, consentantes)
        effacees = familles.effacer_sante(famille, consentantes)
        if effacees:
            # Une allergie vient de disparaître des listes du jour : le service doit le savoir tout de suite.
            prevenir_le_service(famille, "Une famille a retiré son consentement : ses fiches sanitaires sont effacées.")
    _repondre(compte, compte.texte_accepte, Consentement.Reponse.RETIRE, maintenant, adresse_ip)
    envoyer_courriel("portail/courriels/consentement_retire", a=[compte.email], contexte={"compte": compte})


def _autres_foyers_consentants(famille):
    """Les autres foyers des mêmes enfants dont un parent a toujours donné son accord."""
    enfants = Enfant.objects.de_la_famille(famille).values("pk")
    return (
        Famille.objects.filter(rattachements__enfant__in=enfants, rattachements__fin=None)
        .filter(adultes__compte__texte_accepte__isnull=False, adultes__fin=None)
        .exclude(pk=famille.pk)
        .distinct()
    )


def installer_textes():
    """Pose la première version du texte, si la commune n'en a aucun. Se relance sans rien changer."""
    if not TexteConsentement.objects.exists():
        for texte in TEXTES:
            TexteConsentement.objects.get_or_create(version=texte["version"], defaults=texte)
    caches["local"].delete("consentement")
