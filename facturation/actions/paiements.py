"""Payer en ligne : ouvrir chez PayFiP, demander le résultat, ne l'encaisser qu'une fois.

L'appel au service se fait hors de toute transaction : un service lent ne retient aucun verrou.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris
from facturation import payfip
from facturation.models import Facture, Paiement, Regie, Reglement
from facturation.regles import payfip as regles

from .caisse import encaisser

journal = logging.getLogger(__name__)
Etat = Paiement.Etat
INJOIGNABLE = "PayFiP ne répond pas pour l'instant : rien n'est débité, réessayez dans quelques minutes."


def ouvrir_paiement(facture, compte, maintenant, notification, retour):
    """Ouvre chez PayFiP le paiement de ce qui reste d'une facture ; rend le ``Paiement`` et l'adresse où payer.

    ``notification`` est l'adresse que PayFiP appellera, ``retour(paiement)`` celle où le parent reviendra. Lève
    ``ValidationError`` : ``ferme`` (la régie n'a pas PayFiP), ``solde`` (rien à payer), ``montant``, ``en_cours``
    (un autre paiement attend son résultat) ou ``injoignable``.
    """
    paiement, regie = _preparer(facture, compte, maintenant)
    demande = _demande(paiement, regie, compte.email, notification, retour(paiement))
    try:
        idop = payfip.creer(demande)
    except (payfip.Faute, payfip.Injoignable) as raison:
        journal.warning("PayFiP n'a pas ouvert le paiement %s : %s", paiement.refdet, raison)
        Paiement.objects.filter(pk=paiement.pk).update(etat=Etat.SANS_SUITE, phrase=str(raison)[:300])
        raise ValidationError(INJOIGNABLE, code="injoignable") from raison
    Paiement.objects.filter(pk=paiement.pk).update(idop=idop, etat=Etat.EN_COURS)
    paiement.idop, paiement.etat = idop, Etat.EN_COURS
    return paiement, payfip.page(idop)


@transaction.atomic
def _preparer(facture, compte, maintenant):
    regie = Regie.objects.exclude(payfip_client="").first()
    if not regie:
        raise ValidationError("Le paiement en ligne n'est pas ouvert.", code="ferme")
    # Verrouillée : deux onglets n'ouvrent pas deux paiements de la même somme.
    Facture.objects.select_for_update().get(pk=facture.pk)
    facture = Facture.objects.avec_reste().get(pk=facture.pk)
    if facture.reste <= 0:
        raise ValidationError("Cette facture est déjà réglée.", code="solde")
    if refus := regles.empechement(regles.centimes(facture.reste)):
        raise ValidationError(refus, code="montant")
    vivant = Paiement.objects.filter(facture=facture, cree_le__gt=maintenant - regles.VIE_IDOP, etat=Etat.EN_COURS)
    if vivant.exists() or Paiement.objects.filter(facture=facture).en_doute().exists():
        raise ValidationError(
            "Un paiement de cette facture attend encore son résultat : pour ne pas payer deux fois, patientez un quart "
            "d'heure, ou regardez où il en est.",
            code="en_cours",
        )
    paiement = Paiement.objects.create(
        famille=facture.famille, facture=facture, montant=facture.reste, numcli=regie.payfip_client,
        refdet=f"brouillon{facture.pk}x{maintenant.timestamp():.0f}"[:30], cree_le=maintenant, cree_par=compte,
    )  # fmt: skip
    paiement.refdet = regles.reference(facture.exercice, facture.numero, paiement.pk)
    paiement.save(update_fields=["refdet"])
    return paiement, regie


def _demande(paiement, regie, mel, notification, retour):
    facture = paiement.facture
    return regles.Demande(
        numcli=paiement.numcli, exer=str(facture.exercice), refdet=paiement.refdet,
        objet=regles.objet(f"{regie.nom} facture {facture.reference}"), montant=regles.centimes(paiement.montant),
        mel=mel, saisie=regie.payfip_saisie, urlnotif=notification, urlredirect=retour,
    )  # fmt: skip


def interroger(paiement, maintenant):
    """Demande au service où en est ce paiement, et écrit ce qu'il en dit ; rend le ``Paiement`` à jour.

    Un service muet ne change rien : on redemandera. Déjà conclu, rien n'est demandé.
    """
    if paiement.fini or not paiement.idop:
        return paiement
    try:
        reponse = payfip.interroger(paiement.idop)
    except payfip.Faute as faute:
        verdict = regles.juger_la_faute(faute.code, paiement.cree_le, maintenant)
        return _conclure(paiement, verdict, "", maintenant)
    except payfip.Injoignable:
        Paiement.objects.filter(pk=paiement.pk).update(demande_le=maintenant)
        return paiement
    verdict = regles.juger((paiement.idop, _attendue(paiement)), reponse)
    return _conclure(paiement, verdict, reponse.numauto, maintenant)


def _attendue(paiement):
    """Ce que la réponse doit répéter de notre demande."""
    return regles.Demande(
        numcli=paiement.numcli, exer="", refdet=paiement.refdet, objet="", montant=regles.centimes(paiement.montant),
        mel="", saisie="", urlnotif="", urlredirect="",
    )  # fmt: skip


@transaction.atomic
def _conclure(paiement, verdict, autorisation, maintenant):
    """Écrit un verdict. Verrouillé : une notification, un retour et la tâche, ensemble, n'encaissent qu'une fois."""
    paiement = Paiement.objects.select_for_update(of=("self",)).select_related("facture", "famille").get(pk=paiement.pk)
    if paiement.fini:
        return paiement
    paiement.etat, paiement.demande_le = Etat(verdict.etat), maintenant
    paiement.phrase, paiement.autorisation = verdict.phrase[:300], autorisation[:20]
    if verdict.etat in regles.FINIS:
        paiement.conclu_le = maintenant
    if verdict.etat == regles.Etat.PAYE:
        recu_le = min(jour_de_paris(verdict.quand or maintenant), jour_de_paris(maintenant))
        paiement.reglement = encaisser(
            paiement.famille, paiement.montant, Reglement.Moyen.PAYFIP, None, maintenant, facture=paiement.facture,
            recu_le=recu_le, reference=paiement.refdet,
        )  # fmt: skip
    paiement.save()
    return paiement


def redemander(maintenant):
    """Interroge chaque paiement en suspens dont c'est l'heure ; rend leur nombre. C'est la tâche de fond.

    Une notification peut ne jamais venir : sans elle, c'est ici que l'argent se voit.
    """
    recents = Paiement.objects.en_suspens().filter(cree_le__gt=maintenant - timedelta(days=1))
    dus = [p for p in recents if regles.a_redemander(p.etat, p.cree_le, p.demande_le, maintenant)]
    for paiement in dus:
        interroger(paiement, maintenant)
    _abandonner_les_brouillons(maintenant)
    return len(dus)


def _abandonner_les_brouillons(maintenant):
    """Un processus tué entre la préparation et PayFiP laisse un paiement sans idop : il n'aura pas de suite."""
    vieux = Paiement.objects.filter(etat=Etat.PREPARE, cree_le__lt=maintenant - regles.VIE_IDOP)
    vieux.update(etat=Etat.SANS_SUITE, phrase="La demande n'est pas arrivée chez PayFiP.", conclu_le=maintenant)


@transaction.atomic
def trancher(paiement, paye, motif, compte, maintenant):
    """La régie tranche un doute, après avoir regardé dans Hélios ou sur le relevé ; le motif reste écrit.

    Lève ``ValidationError`` : ``motif``, ou ``pas_en_doute``.
    """
    if not motif.strip():
        raise ValidationError("Dites ce que vous avez vérifié : la raison reste écrite.", code="motif")
    paiement = Paiement.objects.select_for_update(of=("self",)).select_related("facture", "famille").get(pk=paiement.pk)
    if paiement.etat != Etat.DOUTE:
        raise ValidationError("Ce paiement n'est plus en doute.", code="pas_en_doute")
    paiement.etat, paiement.conclu_le = (Etat.PAYE if paye else Etat.SANS_SUITE), maintenant
    paiement.phrase = f"Tranché par la régie : {motif.strip()}"[:300]
    if paye:
        paiement.reglement = encaisser(
            paiement.famille, paiement.montant, Reglement.Moyen.PAYFIP, compte, maintenant, facture=paiement.facture,
            reference=paiement.refdet,
        )  # fmt: skip
    paiement.save()
    return paiement


def ouvert():
    """Le paiement en ligne est-il ouvert par la régie ?"""
    return bool(settings.PAYFIP_URL) and Regie.objects.exclude(payfip_client="").exists()
