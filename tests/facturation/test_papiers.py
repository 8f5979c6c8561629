"""Ce que la régie imprime, regardé comme des feuilles : rien de blanc, rien dans les marges."""

import datetime as dt
from decimal import Decimal

import pytest
import typst
from django.core.cache import caches
from django.urls import reverse

from commune.models import Commune
from facturation.actions import clore
from facturation.models import Regie
from tests import fabriques as f
from tests.acces import MAINTENANT, maison_partagee, ville
from tests.papier import textes, verifier_les_pages

pytestmark = pytest.mark.django_db
# La page d'administration qui rend un PDF → l'objet de la maison, et ce qu'on y lit.
PIECES = {
    "facture_pdf": ("facture", "Comment payer"), "reglement_recu": ("reglement", "a reçu de"),
    "bordereau_pdf": ("bordereau", "Bordereau de dépôt"), "journee_pdf": ("journee", "Journée de caisse"),
    "echeancier_pdf": ("echeancier", "Échéancier"), "etatdesrestes_pdf": ("etat", "État des restes à recouvrer"),
    "mandat_imprimer": ("foyer", "Signature du titulaire"),
}  # fmt: skip


@pytest.fixture
def ici(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    maison = maison_partagee(ville())
    Commune.objects.update(ics="FR72ZZZ123456")
    caches["local"].clear()  # la fiche y est gardée une minute
    Regie.objects.update(iban="FR7630006000011234567890189", sepa_bic="AGRIFRPP")
    maison.journee = clore(MAINTENANT.date() - dt.timedelta(days=1), Decimal("0"), "", None, MAINTENANT)
    return maison


def test_chaque_piece_s_imprime_dans_ses_marges(client, ici):
    client.force_login(f.agent("Direction"))
    for nom, (objet, phrase) in PIECES.items():
        reponse = client.get(reverse(f"admin:facturation_{nom}", args=[getattr(ici, objet).pk]))
        assert reponse["Content-Type"] == "application/pdf", (nom, reponse.status_code)
        octets = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
        verifier_les_pages(octets)
        assert phrase in " ".join(textes(octets)), nom


FAUTIVES = {
    "blanche": "#v(1cm)",
    "débordante": "#set page(margin: 2mm)\n" + "Du texte jusqu'au bord. " * 200,
}


@pytest.mark.parametrize("nom", FAUTIVES)
def test_une_page_blanche_ou_qui_deborde_se_voit(nom):
    with pytest.raises(AssertionError):
        verifier_les_pages(typst.compile(FAUTIVES[nom].encode()))
