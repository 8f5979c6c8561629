"""L'échéancier : la famille le demande, la régie l'accorde ou refuse, avec ses mots ; un retard se dit, se révoque."""

import itertools

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import (
    DemandeEcheancier,
    Echeance,
    Echeancier,
    Facture,
    FactureEchelonnee,
    Regie,
    a_echelonner,
)
from facturation.regles import echeanciers as plans
from familles.actions import ecrire_aux_foyers
from familles.models import Famille

from .courriels import ecrire_a_la_regie
from .impayes import rouvrir_si_paye

Etat = DemandeEcheancier.Etat


@transaction.atomic
def demander_echeancier(famille, phrase, mois, compte, maintenant):
    """Envoie à la régie la demande d'un foyer et la rend.

    Lève ``ValidationError`` : ``phrase`` (rien d'écrit), ``mois``, ``deja`` (une demande attend), ``rien`` (aucune
    facture ne peut s'échelonner).
    """
    regie = Regie.courante()
    if not phrase.strip():
        raise ValidationError("Dites en une phrase ce qui se passe.", code="phrase")
    if not 2 <= mois <= regie.echeancier_mois:
        raise ValidationError(f"Un échéancier se demande en 2 à {regie.echeancier_mois} mois.", code="mois")
    # Le foyer sert de verrou : un double clic, ou deux parents à la fois, se suivent.
    Famille.objects.select_for_update(no_key=True).get(pk=famille.pk)
    if DemandeEcheancier.objects.a_decider().filter(famille=famille).exists():
        raise ValidationError("Votre demande d'échéancier attend déjà la réponse de la mairie.", code="deja")
    if not any(not raison for _, raison in a_echelonner(famille, jour_de_paris(maintenant))):
        raise ValidationError("Aucune de vos factures n'est à échelonner.", code="rien")
    demande = DemandeEcheancier.objects.create(
        famille=famille, phrase=phrase.strip(), mois=mois, envoyee_le=maintenant, envoyee_par=compte
    )
    ecrire_a_la_regie(
        "change_demandeecheancier", "facturation/courriels/echeancier_demande", {"demande_pk": demande.pk}
    )
    return demande


@transaction.atomic
def refuser_echeancier(demande, reponse, compte, maintenant):
    """Refuse, avec les mots de la régie. Lève ``ValidationError`` : ``sans_motif``, ``deja_decidee``."""
    if not reponse.strip():
        raise ValidationError("Un refus se motive : dites pourquoi à la famille.", code="sans_motif")
    demande = DemandeEcheancier.objects.select_for_update().get(pk=demande.pk)
    if demande.etat != Etat.ENVOYEE:
        raise ValidationError(f"Cette demande est déjà {demande.get_etat_display()}.", code="deja_decidee")
    _decider(demande, Etat.REFUSEE, reponse, compte, maintenant)
    ecrire_aux_foyers("facturation/courriels/echeancier_refuse", {demande.famille_id: {"demande": demande}})
    return demande


def _decider(demande, etat, reponse, compte, maintenant, plan=None):
    demande.etat, demande.reponse, demande.echeancier = etat, reponse.strip(), plan
    demande.decidee_le, demande.decidee_par = maintenant, compte
    demande.save()


@transaction.atomic
def accorder_echeancier(famille, factures, echeances, compte, maintenant, mot=""):
    """Accorde un échéancier sur ces factures (leurs clés) et le rend ; la famille l'apprend.

    ``echeances`` : ``[(date de Paris, euros)…]``. La demande du foyer, s'il en attend une, est acceptée. Lève
    ``ValidationError`` : ``factures`` (rien de coché, ou l'une n'est plus à échelonner), ``nombre``, ``dates``,
    ``montant``, ``somme`` (les échéances ne font pas la dette).
    """
    jour, cles = jour_de_paris(maintenant), set(factures)
    _verifier_les_echeances(echeances, jour)
    # Verrouillées contre tout, dans l'ordre : un règlement ou un paiement en ligne attend, puis compte.
    list(Facture.objects.select_for_update().filter(pk__in=cles).order_by("pk").values_list("pk", flat=True))
    libres = {facture.pk: facture for facture, raison in a_echelonner(famille, jour) if not raison}
    if not cles or cles - set(libres):
        raise ValidationError("Cochez des factures ; l'une de celles-ci n'est plus à échelonner.", code="factures")
    total = sum((libres[pk].reste for pk in cles), regles.ZERO)
    somme = sum((montant for _, montant in echeances), regles.ZERO)
    if somme != total:
        raise ValidationError(
            f"Les échéances font {regles.euros(somme)}, et la dette {regles.euros(total)}.", code="somme"
        )
    plan = Echeancier.objects.create(
        famille=famille, total=total, mot=mot.strip(), accorde_le=maintenant, accorde_par=compte
    )
    Echeance.objects.bulk_create(
        Echeance(echeancier=plan, rang=rang, jour=due_le, montant=montant)
        for rang, (due_le, montant) in enumerate(echeances, 1)
    )
    FactureEchelonnee.objects.bulk_create(
        FactureEchelonnee(echeancier=plan, facture=libres[pk], montant=libres[pk].reste) for pk in sorted(cles)
    )
    demande = DemandeEcheancier.objects.select_for_update().filter(famille=famille, etat=Etat.ENVOYEE).first()
    if demande:
        _decider(demande, Etat.ACCEPTEE, mot, compte, maintenant, plan)
    rouvrir_si_paye(famille, maintenant)
    contexte = {"plan": plan, "jours": [dire_le_jour(due_le) for due_le, _ in echeances]}
    ecrire_aux_foyers("facturation/courriels/echeancier_accorde", {famille.pk: contexte})
    return plan


def _verifier_les_echeances(echeances, jour):
    if not 1 <= len(echeances) <= plans.MAXIMUM:
        raise ValidationError(f"Un échéancier a de une à {plans.MAXIMUM} échéances.", code="nombre")
    if any(montant <= 0 or montant != regles.arrondir(montant) for _, montant in echeances):
        raise ValidationError("Chaque échéance est un montant positif, au centime.", code="montant")
    dates = [due_le for due_le, _ in echeances]
    if dates[0] < jour or any(avant >= apres for avant, apres in itertools.pairwise(dates)):
        raise ValidationError("Les échéances se suivent, à partir d'aujourd'hui.", code="dates")


@transaction.atomic
def revoquer_echeancier(plan, motif, compte, maintenant):
    """Révoque un échéancier : ses factures peuvent de nouveau être relancées ; la famille l'apprend.

    Lève ``ValidationError`` : ``motif``, ``deja``, ``fini`` (tout est payé).
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi : la famille le lira.", code="motif")
    Echeancier.objects.select_for_update().get(pk=plan.pk)
    [plan] = Echeancier.objects.filter(pk=plan.pk).situes(jour_de_paris(maintenant))
    if plan.revoque_le:
        raise ValidationError("Cet échéancier est déjà révoqué.", code="deja")
    if plan.position.etat == plans.FINI:
        raise ValidationError("Cet échéancier est terminé : il n'y a rien à révoquer.", code="fini")
    plan.revoque_le, plan.revoque_par, plan.motif_revocation = maintenant, compte, motif.strip()[:300]
    plan.save(update_fields=["revoque_le", "revoque_par", "motif_revocation"])
    plan.factures.update(ouverte=False)
    ecrire_aux_foyers("facturation/courriels/echeancier_revoque", {plan.famille_id: {"plan": plan}})
    return plan


@transaction.atomic
def rappeler_les_echeances(maintenant):
    """Écrit, une fois par échéance passée et impayée, aux foyers en retard sur leur plan ; rend combien de plans."""
    jour = jour_de_paris(maintenant)
    passees = Echeance.objects.filter(jour__lt=jour, rappelee_le=None, echeancier__revoque_le=None)
    # Verrouillés dans l'ordre : deux ouvriers ne rappellent pas deux fois la même échéance.
    verrou = Echeancier.objects.select_for_update().filter(pk__in=passees.values("echeancier")).order_by("pk")
    cles, en_retard = list(verrou.values_list("pk", flat=True)), []
    for plan in Echeancier.objects.filter(pk__in=cles).situes(jour):
        dues = [echeance for echeance in plan.prevues if echeance.en_retard and not echeance.rappelee_le]
        if dues:
            Echeance.objects.filter(pk__in=[echeance.pk for echeance in dues]).update(rappelee_le=maintenant)
            en_retard.append(plan)
    for plan in en_retard:  # un foyer peut avoir deux plans
        contexte = {"plan": plan, "jour": dire_le_jour(plan.prochaine.jour)}
        ecrire_aux_foyers("facturation/courriels/echeance_en_retard", {plan.famille_id: contexte})
    return len(en_retard)


def part_de_l_echeance(facture, jour):
    """Ce que l'échéancier de cette facture (``avec_suites()``) demande d'en payer maintenant (euros) ; zéro sans plan.

    Un paiement en ligne est d'une facture : une échéance qui en touche deux se paie en deux fois.
    """
    plans_ = Echeancier.objects.filter(pk=facture.plan).situes(jour) if facture.plan else []
    return regles.part_due(plans_[0].a_payer, facture.reste) if plans_ else regles.ZERO
