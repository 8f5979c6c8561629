"""Une question de la mairie sur une ligne contestée, la réponse de la famille ; entre les deux, le délai attend."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import dire_le_jour
from facturation import regles
from facturation.models import Contestation, Precision

from .contestations import ecrire_a_la_famille, verrouiller
from .courriels import ecrire_a_la_regie


@transaction.atomic
def demander_precision(contestation, question, compte, maintenant, *, vu=None):
    """Pose une question à la famille, qui la reçoit par courriel, et rend la ``Precision``.

    Le délai de réponse de la mairie est suspendu jusqu'à la réponse. Lève ``ValidationError`` : ``motif`` (rien
    d'écrit), ``deja_demandee`` (une question attend déjà), et ceux de ``contestations.verrouiller``.
    """
    if not question.strip():
        raise ValidationError("Écrivez votre question à la famille.", code="motif")
    contestation = verrouiller(contestation, vu)
    if contestation.etat == Contestation.Etat.QUESTION:
        raise ValidationError("Une question attend déjà la réponse de la famille.", code="deja_demandee")
    precision = Precision.objects.create(
        contestation=contestation, question=question.strip(), demandee_le=maintenant, demandee_par=compte
    )
    contestation.etat, contestation.suspendue_le = Contestation.Etat.QUESTION, maintenant
    contestation.save(update_fields=["etat", "suspendue_le"])
    ecrire_a_la_famille(contestation, "facturation/courriels/contestation_question", precision=precision)
    return precision


def repondre_precision(precision, reponse, propre, compte, maintenant):
    """Répond à la question de la mairie, et rend la ``Precision``.

    ``propre`` : un ``commune.fichiers.Propre``, ou rien. Le délai reprend où il en était. Lève ``ValidationError`` :
    ``motif`` (rien d'écrit), ``decidee`` (la mairie a décidé entre-temps), ``repondue`` (l'autre parent, un double
    clic), ``disque_plein``, ``disque``. Rien n'est alors gardé.
    """
    if not reponse.strip():
        raise ValidationError("Écrivez votre réponse à la mairie.", code="motif")
    ecrite = None
    try:
        with transaction.atomic():
            contestation, ecrite = _a_repondre(precision)
            ecrite.reponse, ecrite.repondue_le, ecrite.repondue_par = reponse.strip(), maintenant, compte
            if propre:
                garder(ecrite, "fichier", propre)
            ecrite.save()
            contestation.repondre_avant = regles.repousser(
                contestation.repondre_avant, contestation.suspendue_le, maintenant
            )
            contestation.etat, contestation.suspendue_le = Contestation.Etat.ENVOYEE, None
            contestation.save(update_fields=["etat", "suspendue_le", "repondre_avant"])
            contexte = {"contestation_pk": contestation.pk, "avant": dire_le_jour(contestation.repondre_avant)}
            ecrire_a_la_regie("change_contestation", "facturation/courriels/contestation_precisee", contexte)
    except Exception:
        if ecrite and ecrite.fichier:
            effacer(ecrite.fichier.storage, ecrite.fichier.name)
        raise
    return ecrite


def _a_repondre(precision):
    """``(contestation, précision)``, celle-là verrouillée et ouverte, celle-ci relue et sans réponse."""
    contestation = Contestation.objects.select_for_update().get(pk=precision.contestation_id)
    relue = Precision.objects.get(pk=precision.pk)
    if not relue.attend:
        raise ValidationError("Une réponse à cette question est déjà partie à la mairie.", code="repondue")
    if not contestation.ouverte:
        raise ValidationError(
            "La mairie a décidé pendant que vous écriviez : votre réponse n'est pas partie.", code="decidee"
        )
    return contestation, relue
