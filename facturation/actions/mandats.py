"""Le mandat signé sur le portail : demander un code, signer, révoquer ; et annoncer un prélèvement."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from stdnum import iban as stdnum_iban

from commune.actions import envoyer_courriel
from commune.contexte import courante
from commune.fichiers import effacer, garder
from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import Facturation, Facture, Mandat, Regie, SignatureMandat
from facturation.regles import prelevements as sepa
from familles.actions import ecrire_aux_foyers
from familles.models import Famille

from .caisse import revoquer_mandat, signer_mandat
from .prelevements import verifier_reglages

ANNONCER = "facturation.annoncer"  # la tâche, dans facturation.taches


@transaction.atomic
def demander_signature(famille, titulaire, iban, compte, maintenant):
    """Envoie au parent le code qui signe ce mandat, et rend la ``SignatureMandat``.

    La même demande dans la minute (un double clic) rend la première. Lève ``ValidationError`` : ``reglages`` (la
    commune ne prélève pas), ``iban``, ``trop`` (codes demandés ce jour).
    """
    commune = courante()
    verifier_reglages(commune, Regie.courante())
    if not stdnum_iban.is_valid(iban):
        raise ValidationError("Cet IBAN n'est pas valide : vérifiez chaque chiffre.", code="iban")
    Famille.objects.select_for_update(no_key=True).get(pk=famille.pk)
    siennes = SignatureMandat.objects.filter(famille=famille)
    valeurs = {"titulaire": titulaire.strip(), "iban": stdnum_iban.compact(iban), "compte": compte}
    recente = siennes.filter(signee_le=None, demandee_le__gt=maintenant - sepa.RESERVIR, **valeurs).first()
    if recente:
        return recente
    if siennes.filter(demandee_le__gt=maintenant - sepa.UN_JOUR).count() >= sepa.CODES:
        raise ValidationError("Vous avez demandé plusieurs codes aujourd'hui. Réessayez demain.", code="trop")
    code = f"{secrets.randbelow(1_000_000):06d}"
    demande = SignatureMandat.objects.create(
        famille=famille, courriel=compte.email, texte=sepa.texte_du_mandat(commune.nom),
        version=sepa.VERSION_DU_TEXTE, demandee_le=maintenant, **valeurs,
    )  # fmt: skip
    demande.code = _empreinte(demande, code)
    demande.save(update_fields=["code"])
    envoyer_courriel("facturation/courriels/mandat_code", [compte.email], {"code": code})
    return demande


def _empreinte(demande, code):
    return salted_hmac(f"mandat-{demande.pk}", code, algorithm="sha256").hexdigest()


def signer_en_ligne(demande, code, ip, maintenant):
    """Signe le mandat si le code est le bon, et rend le ``Mandat`` ; déjà signé, rend le même.

    Garde la preuve : l'instant, les adresses (``ip`` et courriel), le texte et sa version. Lève ``ValidationError`` :
    ``code`` (le code est faux ; l'essai reste compté), ``essais``, ``perime``.
    """
    with transaction.atomic():
        # Sans jointure : qui attend le verrou relit la ligne, mais verrait le mandat d'avant, c'est-à-dire aucun.
        demande = SignatureMandat.objects.select_for_update().get(pk=demande.pk)
        if demande.mandat_id:
            return demande.mandat
        refus = _refus(demande, code, maintenant)
        if refus is None:
            return _signer(demande, ip, maintenant)
        if refus.code == "code":
            demande.essais += 1
            demande.save(update_fields=["essais"])
    # Hors de la transaction : le refus ne doit pas effacer l'essai qu'il compte.
    raise refus


def _refus(demande, code, maintenant):
    if demande.essais >= sepa.ESSAIS:
        return ValidationError("Trop de codes faux : demandez-en un autre.", code="essais")
    if maintenant > demande.demandee_le + sepa.VALIDITE:
        return ValidationError("Ce code n'est plus valable : demandez-en un autre.", code="perime")
    if not constant_time_compare(demande.code, _empreinte(demande, code)):
        return ValidationError("Ce code n'est pas le bon : relisez le courriel.", code="code")
    return None


def _signer(demande, ip, maintenant):
    mandat = signer_mandat(demande.famille, demande.titulaire, demande.iban, jour_de_paris(maintenant))
    demande.mandat, demande.signee_le, demande.adresse_ip = mandat, maintenant, ip
    demande.save(update_fields=["mandat", "signee_le", "adresse_ip"])
    contexte = {"mandat": mandat, "texte": demande.texte, "ics": courante().ics}
    ecrire_aux_foyers("facturation/courriels/mandat_signe", {demande.famille_id: contexte})
    return mandat


def reserver_rum(famille, maintenant):
    """La référence à imprimer sur un mandat papier de ce foyer ; réimprimé le même jour, il porte la même.

    Rien ne s'écrit : aucun autre mandat ne peut la prendre. Lève ``ValidationError`` (code ``reglages``).
    """
    verifier_reglages(courante(), Regie.courante())
    jour, rang = jour_de_paris(maintenant), 1
    while Mandat.objects.filter(rum=regles.rum_du_papier(famille.pk, jour, rang)).exists():
        rang += 1
    return regles.rum_du_papier(famille.pk, jour, rang)


def joindre_papier(mandat, propre):
    """Garde le papier signé d'un mandat (un ``commune.fichiers.Propre``) ; l'ancien, s'il y en a un, s'efface.

    Lève ``ValidationError`` (``disque_plein``, ``disque``) : rien n'est alors changé.
    """
    with transaction.atomic():
        mandat = Mandat.objects.select_for_update().get(pk=mandat.pk)
        ancien = mandat.papier.name
        garder(mandat, "papier", propre)
        try:
            mandat.save(update_fields=["papier"])
        except Exception:
            effacer(mandat.papier.storage, mandat.papier.name)
            raise
        if ancien:
            effacer(mandat.papier.storage, ancien, apres_transaction=True)
    return mandat


@transaction.atomic
def revoquer_en_ligne(mandat, maintenant):
    """Le parent révoque son mandat aujourd'hui ; déjà révoqué, rien ne change. Rend le ``Mandat``."""
    mandat = Mandat.objects.select_for_update().get(pk=mandat.pk)
    return mandat if mandat.revoque_le else revoquer_mandat(mandat, jour_de_paris(maintenant))


@transaction.atomic
def annoncer(factures):
    """Écrit à chaque foyer le prélèvement que sa facture (une clé) annonce : montant, date, RUM."""
    siennes = list(Facture.objects.filter(pk__in=factures).exclude(rum=""))
    contextes = {
        facture.famille_id: {"facture": facture, "jour": dire_le_jour(facture.preleve_le), "ics": courante().ics}
        for facture in siennes
    }
    ecrire_pour_le_mois("facturation/courriels/prelevement_annonce", siennes, contextes)


def ecrire_pour_le_mois(gabarit, factures, contextes):
    """Écrit ces courriels, et compte sur leur facturation combien le furent ; les ``factures`` sont d'un même mois."""
    if not factures:
        return
    facturation = factures[0].facturation_id
    ecrits = ecrire_aux_foyers(gabarit, contextes, envoi=envoi_de(facturation))
    # En dernier : l'émission, qui tient cette ligne d'un lot à l'autre, n'attend pas que des courriels se composent.
    Facturation.objects.filter(pk=facturation).update(courriels=F("courriels") + ecrits)


def envoi_de(facturation):
    """Ce que portent dans la file les courriels d'une facturation (sa clé)."""
    return f"facturation-{facturation}"
