"""La page des courriels n'existe qu'en démonstration, et montre ce qui est vraiment parti."""

import pytest

from tests.conftest import travailler
from tests.fabriques import compte

pytestmark = pytest.mark.django_db


def test_hors_demonstration_la_page_n_existe_pas(client):
    assert client.get("/demonstration/courriels/").status_code == 404


def test_le_courriel_parti_se_lit_sur_la_page(client, settings, courriels):
    from django.core.mail import send_mail

    settings.DEMO = True
    send_mail("Votre réservation", "Hugo mange jeudi : https://exemple.fr/lien/", None, [compte().email])
    travailler()
    page = client.get("/demonstration/courriels/").content.decode()
    assert "Votre réservation" in page
    assert '<a href="https://exemple.fr/lien/"' in page


def test_sans_courriel_la_page_dit_quoi_essayer(client, settings, tmp_path):
    settings.DEMO, settings.EMAIL_FILE_PATH = True, tmp_path
    assert "Aucun courriel pour l'instant" in client.get("/demonstration/courriels/").content.decode()
