"""Avant toute page : rien ne s'ouvre sans le consentement, ni à une adresse que la base ne saurait lire."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone

from portail import actions

OUVERTES = {"consentement", "deconnexion"}
# Qui a retiré son accord, ou n'a pas encore lu une nouvelle version, garde ses droits sur ses données.
DROITS = {"mes_donnees", "mes_donnees_telecharger", "mes_donnees_demander", "mes_donnees_retirer"}
PLUS_GRANDE_CLE = 2**63 - 1  # un bigint de PostgreSQL


class Consentement:
    """Envoie un parent à la page du consentement tant qu'il n'a pas accepté le texte en vigueur.

    Aucune requête dans le cas ordinaire : la réponse est sur le compte déjà lu, le numéro du texte en mémoire.
    Les pages publiques restent publiques ; la mairie et ses agents ne sont pas concernés.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, args, kwargs):
        if not getattr(view_func, "login_required", True):
            return None
        compte = request.user
        if not compte.is_authenticated or compte.is_staff:
            return None
        numero = actions.numero_en_vigueur(timezone.now())
        if not numero or compte.texte_accepte_id == numero:
            return None
        nom = request.resolver_match.view_name
        if nom in OUVERTES or (nom in DROITS and compte.consentements.exists()):
            return None
        if request.method != "GET":
            return redirect("consentement")
        return redirect_to_login(request.get_full_path(), login_url="consentement")


class AdresseLisible:
    """Une adresse que la base ne saurait lire n'existe pas (404), au lieu de casser la requête.

    Un caractère nul, que PostgreSQL n'admet dans aucun texte ; un numéro plus grand que toute clé.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, args, kwargs):
        numeros = [valeur for valeur in kwargs.values() if isinstance(valeur, int)]
        if "%00" in request.get_full_path() or max(numeros, default=0) > PLUS_GRANDE_CLE:
            raise Http404
