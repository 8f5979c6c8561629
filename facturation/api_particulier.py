"""Le client d'API Particulier v3 (DINUM) : le quotient familial CAF ou MSA d'une personne. Rien ne touche à la base.

``urllib`` suffit pour un appel, comme pour PayFiP. L'adresse appelée porte une identité, et la réponse toute une
famille : ni l'une ni l'autre ne s'écrit dans un journal ni dans une erreur.
"""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.views.decorators.debug import sensitive_variables

from facturation.regles import quotients as regles

CHEMIN = "/v3/dss/quotient_familial/identite"
PATIENCE = 8  # secondes : un parent attend
REPIT = 30  # secondes : un service muet n'est pas rappelé, sans quoi chaque parent tiendrait un processus du portail
REPONSE_MAX = 1_000_000  # octets


class Refus(Exception):
    """Pourquoi il n'y a pas de quotient : ``mot``, une clé de ``regles.quotients.REFUS``."""

    def __init__(self, mot):
        super().__init__(mot)
        self.mot = mot


class SansDetour(urllib.request.HTTPRedirectHandler):
    """Une redirection emporterait le jeton et l'identité ailleurs : elle n'est pas suivie."""

    def redirect_request(self, *args, **options):
        return None


OUVREUR = urllib.request.build_opener(SansDetour)


@sensitive_variables()
def quotient(qui, siret):
    """Le ``Trouve`` de cette ``Identite``, demandé pour la commune de ce SIRET. Lève ``Refus``."""
    if caches["local"].get("api_particulier_muet"):
        raise Refus("muet")
    requete = urllib.request.Request(
        f"{settings.API_PARTICULIER_URL}{CHEMIN}?{urlencode(regles.question(qui, siret))}",
        headers={"Authorization": f"Bearer {settings.API_PARTICULIER_JETON}", "Accept": "application/json"},
    )
    try:
        with OUVREUR.open(requete, timeout=PATIENCE) as reponse:
            contenu = reponse.read(REPONSE_MAX)
    except urllib.error.HTTPError as erreur:
        with erreur:
            raise Refus(regles.refus_de(erreur.code)) from None
    except (OSError, ValueError, http.client.HTTPException):
        caches["local"].set("api_particulier_muet", True, REPIT)
        raise Refus("muet") from None
    try:
        return regles.lire(contenu)
    except ValueError:
        raise Refus("illisible") from None
