"""Une famille a récupéré son quotient auprès de la MSA, au service d'essai."""

import datetime as dt
import threading

from django.conf import settings

from facturation import simulateur_particulier
from facturation.actions import recuperer_quotient
from facturation.regles.quotients import FRANCE, Identite
from familles.models import Famille

# L'une des identités inventées du service d'essai.
ALLOCATAIRE = Identite("Beauchamp", ("Olivier",), "M", dt.date(1979, 6, 27), FRANCE, "86194")


def installer(maintenant):
    """Un foyer sans quotient demande le sien : il vaut dès ce mois-ci, et ses factures d'avant ne changent pas."""
    foyers = Famille.objects.filter(statut=Famille.Statut.VALIDEE, quotients=None, adultes__compte__isnull=False)
    famille = foyers.filter(adultes__fin=None).exclude(nom="LA STAR").order_by("-pk").first()
    if not famille:
        return
    parent = famille.adultes.exclude(compte=None).select_related("compte").order_by("pk").first()
    serveur = simulateur_particulier.ouvrir(simulateur=simulateur_particulier.Simulateur(maintenant.timestamp))
    threading.Thread(target=serveur.serve_forever, args=(0.05,), daemon=True).start()
    avant = settings.API_PARTICULIER_URL, settings.API_PARTICULIER_JETON
    settings.API_PARTICULIER_URL = f"http://127.0.0.1:{serveur.server_port}"
    settings.API_PARTICULIER_JETON = simulateur_particulier.JETON
    try:
        recuperer_quotient(famille, ALLOCATAIRE, parent.compte, maintenant)
    finally:
        settings.API_PARTICULIER_URL, settings.API_PARTICULIER_JETON = avant
        serveur.shutdown()
        serveur.server_close()
