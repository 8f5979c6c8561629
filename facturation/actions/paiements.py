"""Payer en ligne : ouvrir chez PayFiP, demander le résultat, ne l'encaisser qu'une fois.

L'appel au service se fait hors de toute transaction : un service lent ne retient aucun verrou.
"""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from commune.regles import jour_de_paris
from facturation import payfip
from facturation.models import Facture, Paiement, Regie, Reglement, avec_suites, sera_prelevee
from facturation.regles import payfip as regles

from .caisse import encaisser
from .courriels import ecrire_a_la_regie
from .echeanciers import part_de_l_echeance

journal = logging.getLogger(__name__)
Etat = Paiement.Etat
INJOIGNABLE = "PayFiP ne répond pas pour l'instant : rien n'est débité, réessayez dans quelques minutes."
EN_COURS = (
    "Un paiement de cette facture attend encore son résultat. Pour ne pas payer deux fois, attendez qu'il soit connu."
)


def ouvrir_paiement(facture, compte, maintenant, notification, retour, *, echeance=False):
    """Ouvre chez PayFiP le paiement de ce qui reste d'une facture ; rend le ``Paiement`` et l'adresse où payer.

    ``notification`` est l'adresse que PayFiP appellera, ``retour(paiement)`` celle où le parent reviendra ; avec
    ``echeance``, on n'en paie que ce que son échéancier demande maintenant. Lève ``ValidationError`` : ``ferme`` (la
    régie n'a pas PayFiP), ``titre`` (elle se paie à la DGFiP), ``tresor`` (transmise), ``solde`` (rien à payer),
    ``prelevee``, ``montant``, ``en_cours`` (un autre paiement attend son résultat), ``refus`` ou ``injoignable``
    (PayFiP ne l'ouvre pas).
    """
    paiement, regie = _preparer(facture, compte, maintenant, echeance)
    demande = _demande(paiement, regie, compte.email, notification, retour(paiement))
    try:
        idop = payfip.creer(demande)
    except payfip.Faute as faute:
        dit = regles.dire_la_faute(faute.code)
        _ne_pas_ouvrir(paiement, f"PayFiP a refusé d'ouvrir le paiement : {dit}.", maintenant)
        raise ValidationError(
            f"PayFiP n'ouvre pas ce paiement ({faute.code}) : rien n'est débité. Prévenez la régie.", code="refus"
        ) from faute
    except payfip.Injoignable as raison:
        _ne_pas_ouvrir(paiement, "PayFiP n'a pas répondu à la demande.", maintenant)
        raise ValidationError(INJOIGNABLE, code="injoignable") from raison
    # Un processus gelé deux minutes trouve sa demande abandonnée : le parent recommence, sans deux paiements ouverts.
    if not Paiement.objects.filter(pk=paiement.pk, etat=Etat.PREPARE).update(idop=idop, etat=Etat.EN_COURS):
        raise ValidationError(INJOIGNABLE, code="injoignable")
    paiement.idop, paiement.etat = idop, Etat.EN_COURS
    return paiement, payfip.page(idop)


def _ne_pas_ouvrir(paiement, phrase, maintenant):
    journal.warning("Paiement %s : %s", paiement.refdet, phrase)
    Paiement.objects.filter(pk=paiement.pk, etat=Etat.PREPARE).update(
        etat=Etat.SANS_SUITE, phrase=phrase, conclu_le=maintenant
    )


def refus_de_payer(facture, compte, jour):
    """Pourquoi ce compte ne paie pas en ligne cette facture à cette date de Paris, ou ``None``.

    Elle est lue ``avec_reste()`` et ``avec_suites()``.
    """
    if not (settings.PAYFIP_URL and Regie.courante().paie_en_ligne(compte)):
        return ValidationError("Le paiement en ligne n'est pas ouvert.", code="ferme")
    if facture.emetteur.get("a_part"):
        return ValidationError("Cette facture se paie à une autre régie, qui n'encaisse pas en ligne.", code="budget")
    if facture.titre:
        return ValidationError("Cette facture est un titre : elle se paie sur le site de la DGFiP.", code="titre")
    if facture.transmise_le:
        return ValidationError("Cette facture est transmise au Trésor public : elle se paie là-bas.", code="tresor")
    if facture.reste <= 0:
        return ValidationError("Cette facture est déjà réglée.", code="solde")
    if sera_prelevee(facture, jour):
        return ValidationError("Cette facture sera prélevée : vous n'avez rien à faire.", code="prelevee")
    if refus := regles.empechement(regles.centimes(facture.reste), compte.email):
        return ValidationError(refus, code="montant")
    return None


@transaction.atomic
def _preparer(facture, compte, maintenant, echeance):
    # Verrouillée : deux onglets n'ouvrent pas deux paiements de la même somme.
    Facture.objects.select_for_update().get(pk=facture.pk)
    facture = avec_suites(Facture.objects.avec_reste().select_related("famille", "facturation")).get(pk=facture.pk)
    if refus := refus_de_payer(facture, compte, jour_de_paris(maintenant)):
        raise refus
    siens = Paiement.objects.filter(facture=facture)
    _abandonner_les_brouillons(siens, maintenant)
    # Tant que son résultat peut arriver, un autre ne s'ouvre pas : deux heures et demie au plus, si PayFiP répond.
    if siens.filter(etat__in=[Etat.PREPARE, Etat.EN_COURS, Etat.DOUTE]).exists():
        raise ValidationError(EN_COURS, code="en_cours")
    regie, part = Regie.courante(), part_de_l_echeance(facture, jour_de_paris(maintenant)) if echeance else 0
    if part and (refus := regles.empechement(regles.centimes(part), compte.email)):
        raise ValidationError(refus, code="montant")
    paiement = Paiement.objects.create(
        famille=facture.famille, facture=facture, montant=part or facture.reste, numcli=regie.payfip_client,
        saisie=regie.payfip_saisie, refdet=f"brouillon{facture.pk}x{maintenant.timestamp():.0f}"[:30],
        cree_le=maintenant, cree_par=compte,
    )  # fmt: skip
    paiement.refdet = regles.reference(facture.exercice, facture.numero, paiement.pk)
    paiement.save(update_fields=["refdet"])
    return paiement, regie


def _demande(paiement, regie, mel, notification, retour):
    facture = paiement.facture
    return regles.Demande(
        numcli=paiement.numcli, exer=str(facture.exercice), refdet=paiement.refdet,
        objet=regles.objet(f"{regie.nom} facture {facture.reference}"), montant=regles.centimes(paiement.montant),
        mel=mel, saisie=paiement.saisie, urlnotif=notification, urlredirect=retour,
    )  # fmt: skip


def interroger(paiement, maintenant):
    """Demande au service où en est ce paiement, et écrit ce qu'il en dit ; rend le ``Paiement`` à jour.

    Un service muet n'apprend rien : on redemandera. Reçu, ou sans idop, rien n'est demandé.
    """
    if not paiement.a_interroger:
        return paiement
    try:
        reponse = payfip.interroger(paiement.idop)
    except payfip.Faute as faute:
        verdict = regles.juger_la_faute(faute.code, paiement.cree_le, maintenant)
        return _conclure(paiement, verdict, None, maintenant)
    except payfip.Injoignable:
        return _conclure(paiement, regles.juger_le_silence(paiement.cree_le, maintenant), None, maintenant)
    return _conclure(paiement, regles.juger((paiement.idop, _attendue(paiement)), reponse), reponse, maintenant)


def _attendue(paiement):
    """Ce que la réponse doit répéter de notre demande."""
    return regles.Demande(
        numcli=paiement.numcli, exer="", refdet=paiement.refdet, objet="", montant=regles.centimes(paiement.montant),
        mel="", saisie=paiement.saisie, urlnotif="", urlredirect="",
    )  # fmt: skip


@transaction.atomic
def _conclure(paiement, verdict, reponse, maintenant):
    """Écrit un verdict. Verrouillé : une notification, un retour et la tâche, ensemble, n'encaissent qu'une fois."""
    paiement = _verrouille(paiement)
    verdict = regles.retenir(
        paiement.etat, verdict, dit=reponse is not None, deja_dit=paiement.reponse is not None,
        tranche=paiement.tranche_par_id is not None,
    )  # fmt: skip
    paiement.demande_le = maintenant
    if verdict is None:
        paiement.save(update_fields=["demande_le"])
        return paiement
    # Une panne met en doute tout ce qui est en cours, et se lève seule : la première page la compte, sans courriel.
    deja_su = paiement.etat == Etat.DOUTE and paiement.reponse is not None
    alerter = verdict.etat == Etat.DOUTE and reponse is not None and not deja_su
    paiement.etat, paiement.phrase = Etat(verdict.etat), verdict.phrase[:300]
    paiement.conclu_le = maintenant if paiement.fini else None
    if reponse is not None:
        paiement.autorisation = reponse.numauto[:20]
        paiement.reponse = {nom: valeur[:100] for nom, valeur in reponse._asdict().items() if nom != "mel"}
    if paiement.etat == Etat.PAYE:
        cree, aujourdhui = jour_de_paris(paiement.cree_le), jour_de_paris(maintenant)
        dit = verdict.quand and jour_de_paris(verdict.quand)
        _encaisser(paiement, None, maintenant, regles.recu_le(dit, cree, aujourdhui))
    paiement.save()
    if alerter:
        ecrire_a_la_regie("change_paiement", "facturation/courriels/paiement_en_doute", {"paiement": paiement})
    return paiement


def _verrouille(paiement):
    return Paiement.objects.select_for_update(of=("self",)).select_related("facture", "famille").get(pk=paiement.pk)


def _encaisser(paiement, compte, maintenant, recu_le, montant=None):
    paiement.reglement = encaisser(
        paiement.famille, montant or paiement.montant, Reglement.Moyen.PAYFIP, compte, maintenant,
        facture=paiement.facture, recu_le=recu_le, reference=paiement.refdet,
    )  # fmt: skip


def redemander(maintenant):
    """Interroge chaque paiement en suspens dont c'est l'heure ; rend leur nombre. C'est la tâche de fond.

    Une notification peut ne jamais venir : sans elle, c'est ici que l'argent se voit. Un paiement qui ne s'écrit pas
    n'arrête pas les autres.
    """
    suivis = Q(etat=Etat.EN_COURS) | Q(cree_le__gte=maintenant - regles.UNE_SEMAINE)
    dus = [
        p for p in Paiement.objects.en_suspens().filter(suivis)
        if regles.a_redemander(p.etat, p.cree_le, p.demande_le, maintenant)
    ]  # fmt: skip
    for paiement in dus:
        try:
            interroger(paiement, maintenant)
        except Exception:
            journal.exception("Le résultat du paiement %s ne s'écrit pas", paiement.refdet)
    _abandonner_les_brouillons(Paiement.objects.all(), maintenant)
    return len(dus)


def _abandonner_les_brouillons(paiements, maintenant):
    """Un processus tué entre la préparation et PayFiP laisse un paiement sans idop : il n'aura pas de suite."""
    vieux = paiements.filter(etat=Etat.PREPARE, cree_le__lt=maintenant - regles.PREPARATION)
    vieux.update(etat=Etat.SANS_SUITE, phrase="La demande n'est pas arrivée chez PayFiP.", conclu_le=maintenant)


@transaction.atomic
def trancher(paiement, recu, motif, compte, maintenant, *, montant=None, recu_le=None):
    """La régie tranche un doute, après avoir regardé ses propres relevés ; qui et pourquoi restent écrits.

    ``recu`` : l'argent est là, et un règlement de ``montant`` euros (celui de la demande, à défaut) s'écrit à la date
    ``recu_le`` (de Paris ; aujourd'hui, à défaut). Sinon le paiement est sans suite, et la facture se paie de nouveau.
    Lève ``ValidationError`` : ``motif``, ``pas_en_doute``, ou celles d'``encaisser``.
    """
    if not motif.strip():
        raise ValidationError("Dites ce que vous avez vérifié : la raison reste écrite.", code="motif")
    paiement = _verrouille(paiement)
    if paiement.etat != Etat.DOUTE:
        raise ValidationError("Ce paiement n'est plus en doute.", code="pas_en_doute")
    paiement.etat, paiement.conclu_le = (Etat.PAYE if recu else Etat.SANS_SUITE), maintenant
    paiement.tranche_par, paiement.motif = compte, motif.strip()[:300]
    if recu:
        _encaisser(paiement, compte, maintenant, recu_le or jour_de_paris(maintenant), montant)
    paiement.save()
    return paiement
