"""Demander un quotient à la CAF ou à la MSA, et n'en garder que la valeur, le mois et la preuve.

Ce client est à l'étage de la facturation et non à celui des familles, où vit ``Quotient`` : le quotient ne sert qu'au
prix, et un jeton refusé s'écrit à la régie, que les familles ne connaissent pas. L'appel se fait hors de toute
transaction : un service lent ne retient aucun verrou.
"""

import datetime as dt
import logging

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.views.decorators.debug import sensitive_variables

from commune.actions import compter
from commune.contexte import courante
from commune.regles import jour_de_paris
from facturation import api_particulier
from facturation.models import Regie
from facturation.regles import quotients as regles
from familles.models import Famille, Quotient

from .courriels import ecrire_a_la_regie

journal = logging.getLogger(__name__)
ALERTE = 24 * 3600  # secondes entre deux courriels à la régie : mille familles n'en font pas mille


def quotients_ouverts():
    """Vrai si la commune a pris cette option, et de quoi s'en servir : son jeton, son SIRET."""
    return bool(Regie.courante().api_particulier and settings.API_PARTICULIER_JETON and courante().siret)


@sensitive_variables("qui")
def recuperer_quotient(famille, qui, compte, maintenant, limite=regles.PAR_HEURE):
    """Demande le quotient de cette ``Identite`` et l'écrit au foyer ; rend ``(Quotient, nouveau)``.

    ``nouveau`` est faux si la caisse répète ce qu'elle avait dit. ``limite`` : ses demandes par heure. Lève
    ``ValidationError`` : ``trop``, ou une clé de ``regles.quotients.REFUS``.
    """
    if not quotients_ouverts():
        raise _refus("ferme")
    compter("quotient", compte.pk, limite, regles.HEURE, maintenant, regles.TROP)
    try:
        trouve = api_particulier.quotient(qui, courante().siret)
    except api_particulier.Refus as refus:
        if refus.mot == "jeton":
            _alerter_la_regie()
        if refus.mot not in ("inconnu", "identite"):
            journal.warning("API Particulier n'a pas donné de quotient : %s", refus.mot)
        raise _refus(refus.mot) from None
    return _ecrire(famille, trouve, maintenant)


def _refus(mot):
    return ValidationError(regles.REFUS[mot], code=mot)


def _alerter_la_regie():
    """Une fois par jour : le jeton est expiré, révoqué, ou n'a pas ce droit."""
    if cache.add("api_particulier_jeton", True, ALERTE):
        ecrire_a_la_regie("change_regie", "facturation/courriels/api_particulier_refusee", {})


@transaction.atomic
def _ecrire(famille, trouve, maintenant):
    jour = jour_de_paris(maintenant)
    duree = Regie.courante().quotient_mois
    debut, fin = regles.valable(trouve.mois, duree)
    if fin < jour:
        raise _refus("ancien")
    if debut > jour:
        raise _refus("illisible")  # un quotient à venir n'en est pas un
    # Le foyer verrouillé : deux clics n'écrivent qu'un quotient.
    famille = Famille.objects.select_for_update(no_key=True).get(pk=famille.pk)
    siens = Quotient.objects.filter(famille=famille)
    actuel = siens.au(jour).first()
    if actuel and actuel.valeur == trouve.valeur and regles.meme_reponse(actuel.preuve, trouve):
        return actuel, False
    debut = max(debut, actuel.debut) if actuel else debut
    # Ceux qu'il remplace finissent la veille : sans quoi ils reviendraient en vigueur quand lui expire.
    remplaces = siens.filter(Q(fin=None) | Q(fin__gte=debut), debut__lte=debut)
    remplaces.update(fin=Greatest(F("debut"), debut - dt.timedelta(days=1)))
    return siens.create(
        famille=famille, valeur=trouve.valeur, debut=debut, fin=fin, preuve=regles.preuve(trouve, jour)
    ), True
