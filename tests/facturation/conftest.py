"""Un PayFiP d'essai sur un vrai port, et un foyer qui a une facture à y payer."""

import threading
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from facturation import actions
from facturation.models import Regie
from facturation.simulateur_payfip import ouvrir
from tests import fabriques as f


@pytest.fixture(autouse=True)
def _sans_seuil(monkeypatch):
    """Ces essais facturent souvent un seul repas ; ceux des petites dettes (``test_reports.py``) disent leur seuil."""
    monkeypatch.setattr(Regie._meta.get_field("seuil"), "_get_default", lambda: Decimal(0))


@pytest.fixture
def service(settings):
    """Un PayFiP d'essai, sur un vrai port."""
    serveur = ouvrir()
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    base = f"http://127.0.0.1:{serveur.server_port}/tpa"
    settings.PAYFIP_URL, settings.PAYFIP_PAGE = f"{base}/services/securite", f"{base}/paiementws.web"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": directives | {"form-action": [*directives["form-action"], base.removesuffix("/tpa")]}
    }
    yield serveur.simulateur
    serveur.shutdown()
    serveur.server_close()


@pytest.fixture
def foyer(service):
    f.commune()
    Regie.objects.create(cheque_ordre="Régie", payfip="regie", payfip_client="006382", payfip_saisie="W")
    foyer = f.famille()
    foyer.facture = f.facture(foyer, total="28.50")
    return foyer


@pytest.fixture
def celine(foyer):
    client = Client()
    client.force_login(foyer.compte)
    return client


def partir(foyer, notification="http://127.0.0.1:9/rien"):
    """Le parent part chez PayFiP payer sa facture ; rend le ``Paiement``."""
    paiement, _ = actions.ouvrir_paiement(
        foyer.facture, foyer.compte, timezone.now(), notification, lambda p: f"http://127.0.0.1:9/{p.refdet}"
    )
    return paiement
