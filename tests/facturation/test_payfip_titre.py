"""PayFiP Titre : la facture porte l'identifiant, la référence et le lien ; le portail n'ouvre rien lui-même."""

from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from facturation import actions
from facturation.models import Facture, Regie
from facturation.pdf import produire
from tests import fabriques

from .test_vues import texte, texte_du_pdf, un_mois
from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db


@pytest.fixture
def celine(client):
    fabriques.commune()
    foyer = fabriques.famille()
    client.force_login(foyer.compte)
    un_mois(foyer)
    return foyer


def titres(**champs):
    Regie.objects.create(
        payfip="titre", titre_structure="086158", titre_reference="{exercice}PERI{numero}",
        titre_adresse="https://paiement.exemple.gouv.fr", **champs,
    )  # fmt: skip


def facturer():
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    return Facture.objects.avec_reste().get()


def test_la_facture_et_son_pdf_portent_de_quoi_payer_le_titre(client, celine, tmp_path):
    titres()
    facture = facturer()
    assert facture.titre == {
        "structure": "086158", "reference": "2026PERI000001", "adresse": "https://paiement.exemple.gouv.fr"
    }
    page = texte(client.get(reverse("facturation:facture", args=[facture.pk])))
    for mot in ('href="https://paiement.exemple.gouv.fr"', "Payer sur le site de la DGFiP", "086158", "2026PERI000001"):
        assert mot in page
    assert f'action="{reverse("facturation:payer", args=[facture.pk])}"' not in page
    lu = texte_du_pdf(produire(facture), tmp_path)
    for mot in ("PayFiP Titre", "086158", "2026PERI000001", "paiement.exemple.gouv.fr"):
        assert mot in lu


def test_le_portail_n_ouvre_pas_lui_meme_le_paiement_d_un_titre(celine):
    """Ni pendant que la régie est aux titres, ni plus tard : cette dette-là reste au Trésor."""
    titres(payfip_client="006382", payfip_saisie="W")
    facture = facturer()
    for mode, code in (("titre", "ferme"), ("regie", "titre")):
        Regie.objects.update(payfip=mode)
        with pytest.raises(ValidationError) as refus:
            actions.ouvrir_paiement(facture, celine.compte, timezone.now(), "http://n", lambda p: "http://r")
        assert refus.value.code == code


def test_une_facture_emise_garde_ce_qui_etait_vrai_ce_jour_la(client, celine):
    titres()
    facture = facturer()
    Regie.objects.update(titre_structure="autre", payfip="")
    assert "086158" in texte(client.get(reverse("facturation:facture", args=[facture.pk])))


def test_payee_la_facture_ne_propose_plus_le_lien(client, celine):
    titres()
    facture = facturer()
    actions.encaisser(celine, facture.total, "cheque", None, timezone.now(), facture=facture)
    page = texte(client.get(reverse("facturation:facture", args=[facture.pk])))
    assert "Payer sur le site de la DGFiP" not in page
    assert "Comment payer" not in page
    assert page.count("Il ne reste rien à payer.") == 1


def comment_payer(client, celine, facture):
    """Ce que disent « Comment payer », sur la page de la famille et sur celle de la mairie."""
    dits = []
    for compte, nom in (
        (celine.compte, "facturation:facture"), (fabriques.agent("Régie"), "admin:facturation_facture_change"),
    ):  # fmt: skip
        client.force_login(compte)
        page = texte(client.get(reverse(nom, args=[facture.pk]))).replace("&#x27;", "'")
        dits.append(page.split("Comment payer</h2>")[1].split("</section>")[0])
    return dits


def test_la_somme_a_payer_est_celle_qui_reste_aujourd_hui(client, celine):
    """Une avance payait toute la facture ; son chèque revient, puis une part arrive, puis le reste."""
    titres()
    cheque = actions.encaisser(celine, D("20.00"), "cheque", None, MAINTENANT)
    facture = facturer()
    assert (facture.demande, facture.reste) == (0, 0)
    for dit in comment_payer(client, celine, facture):
        assert "Vous n'avez rien à payer : ce qui était déjà sur votre compte paie toute cette facture." in dit
    actions.annuler_reglement(cheque, "Chèque rejeté", None, timezone.now())
    for paye, reste in ((None, "10,84"), ("5.00", "5,84")):
        if paye:
            actions.encaisser(celine, D(paye), "especes", None, timezone.now(), facture=facture)
        for dit in comment_payer(client, celine, facture):
            assert f"montant {reste} €" in dit
            assert "rien à payer" not in dit
    actions.encaisser(celine, D("5.84"), "especes", None, timezone.now(), facture=facture)
    for dit in comment_payer(client, celine, facture):
        assert "rien à payer" in dit
        assert "montant" not in dit


def test_sans_ce_reglage_la_facture_n_en_dit_rien(client, celine, tmp_path):
    facture = facturer()
    assert facture.titre is None
    assert "DGFiP" not in texte(client.get(reverse("facturation:facture", args=[facture.pk])))
    assert "PayFiP" not in texte_du_pdf(produire(facture), tmp_path)


@pytest.mark.parametrize(("etape", "dit"), [("W", True), ("T", False)], ids=["en production", "pendant les essais"])
def test_la_facture_imprimee_dit_qu_elle_se_paie_sur_le_portail(celine, tmp_path, etape, dit):
    Regie.objects.create(payfip="regie", payfip_client="006382", payfip_saisie=etape)
    assert ("En ligne, par carte" in texte_du_pdf(produire(facturer()), tmp_path)) is dit
