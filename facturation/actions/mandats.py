"""Le mandat signé sur le portail : demander un code, signer, révoquer ; et annoncer un prélèvement."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from stdnum import iban as stdnum_iban

from commune.actions import envoyer_courriel
from commune.contexte import courante
from commune.regles import dire_le_jour, jour_de_paris
from facturation.models import Facture, Mandat, Regie, SignatureMandat
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


@transaction.atomic
def revoquer_en_ligne(mandat, maintenant):
    """Le parent révoque son mandat aujourd'hui ; déjà révoqué, rien ne change. Rend le ``Mandat``."""
    mandat = Mandat.objects.select_for_update().get(pk=mandat.pk)
    return mandat if mandat.revoque_le else revoquer_mandat(mandat, jour_de_paris(maintenant))


@transaction.atomic
def annoncer(factures):
    """Écrit à chaque foyer le prélèvement que sa facture (une clé) annonce : montant, date, RUM."""
    contextes = {
        facture.famille_id: {"facture": facture, "jour": dire_le_jour(facture.preleve_le), "ics": courante().ics}
        for facture in Facture.objects.filter(pk__in=factures).exclude(rum="")
    }
    ecrire_aux_foyers("facturation/courriels/prelevement_annonce", contextes)
