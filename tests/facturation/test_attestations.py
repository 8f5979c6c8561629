"""Les attestations : ce qu'elles disent d'un foyer, à lui et à la mairie, et rien d'un autre."""

import datetime as dt
import io
from decimal import Decimal as D

import pikepdf
import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from facturation import actions, attestations
from facturation.models import Facture, LigneCorrigee, Regie, fiscales_de, paiements_de, presences_de
from familles.models import Famille
from presences.models import Pointage
from tests import fabriques as f

from .test_vues import texte, texte_du_pdf

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 11, 20)
SEPTEMBRE, JEUDI, VENDREDI = dt.date(2026, 9, 1), dt.date(2026, 9, 3), dt.date(2026, 9, 4)


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


class Foyer:
    """Lina (5 ans au 1er janvier) et Hugo (8 ans) : à chacun deux repas à 3,60 € et deux soirs à 2,00 €, 22,40 €."""

    def __init__(self, client):
        f.commune(siret="21860158500014")
        Regie.objects.create(emetteur="Claire Martin, maire")
        f.tarif()
        f.tarif(genre="soir", nom="Soir", tranches=[(None, "2.00")])
        self.foyer, site = f.famille(), f.ecole(nom="Desnos")
        self.hugo = f.enfant(self.foyer, ecole=site, date_naissance=dt.date(2017, 2, 7))
        self.lina = f.enfant(self.foyer, prenom="Lina", sexe="f", ecole=site, date_naissance=dt.date(2020, 5, 19))
        midi, soir = f.activite(site=site, nom="Cantine"), f.activite(site=site, nom="Soir", genre="soir")
        self.seances = [f.seance(a, jour) for a in (midi, soir) for jour in (JEUDI, VENDREDI)]
        for seance in self.seances:
            for petit in (self.hugo, self.lina):
                f.reservation(petit, seance)
                Pointage.objects.create(enfant=petit, seance=seance, etat="present", recu_le=MAINTENANT)
        actions.facturer(SEPTEMBRE, None, f.a_paris(2026, 10, 2))
        self.facture = Facture.objects.get()
        client.force_login(self.foyer.compte)

    def payer(self, montant="22.40", le=dt.date(2026, 10, 12), facture=None):
        actions.encaisser(
            self.foyer, D(montant), "cheque", None, MAINTENANT, recu_le=le, facture=facture or self.facture
        )


@pytest.fixture
def ici(client):
    return Foyer(client)


def lu(octets, dossier):
    with pikepdf.open(io.BytesIO(octets)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr"
        with document.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
    return texte_du_pdf(octets, dossier)


# --- Fiscale --------------------------------------------------------------------------------------------------------
def test_elle_retient_la_garde_payee_de_lina_sans_ses_repas_ni_hugo(ici):
    assert fiscales_de(ici.foyer, 2026) == []
    ici.payer()
    [(enfant, retenue)] = fiscales_de(ici.foyer, 2026)
    assert (enfant, retenue.paye, retenue.retenu) == (ici.lina, D("4.00"), D("4.00"))
    assert fiscales_de(ici.foyer, 2025) == []


def test_payee_a_moitie_elle_retient_la_moitie_et_ce_qu_un_avoir_rend_n_y_est_plus(ici):
    ici.payer("11.20")
    assert fiscales_de(ici.foyer, 2026)[0][1].paye == D("2.00")
    soir = ici.facture.lignes.get(prenom="Lina", texte="Soir", jour=JEUDI)
    actions.emettre_avoir(ici.facture, D(2), "Rendu", None, MAINTENANT, lignes=[soir])
    # Il reste 20,40 € à demander, dont 2,00 € de garde de Lina ; 11,20 € payés en valent 11,20 × 2 / 20,40 = 1,098 €.
    assert fiscales_de(ici.foyer, 2026)[0][1].paye == D("1.10")


def test_ce_qu_un_quotient_tardif_a_rendu_n_est_pas_de_la_garde_payee(ici):
    soir = ici.facture.lignes.get(prenom="Lina", texte="Soir", jour=JEUDI)
    avoir = actions.emettre_avoir(ici.facture, D("1.00"), "Quotient reçu après coup", None, MAINTENANT)
    LigneCorrigee.objects.create(ligne=soir, avoir=avoir, montant=D("1.00"), quotient=742, regle="tranche 2")
    ici.payer("21.40")  # tout ce qui reste : 2 × 2,00 € de garde de Lina, moins 1,00 €
    assert fiscales_de(ici.foyer, 2026)[0][1].paye == D("3.00")


def test_un_avoir_sans_ligne_se_repartit_sur_ce_que_les_autres_ont_laisse(ici):
    soir = ici.facture.lignes.get(prenom="Lina", texte="Soir", jour=JEUDI)
    actions.emettre_avoir(ici.facture, D("2.00"), "Rendu", None, MAINTENANT, lignes=[soir])
    actions.emettre_avoir(ici.facture, D("2.04"), "Geste", None, MAINTENANT)  # un dixième des 20,40 € qui restent
    ici.payer("18.36")
    assert fiscales_de(ici.foyer, 2026)[0][1].paye == D("1.80")


def test_en_residence_alternee_elle_en_retient_la_moitie(ici, tmp_path):
    papa = f.famille(nom="PAPA")
    f.rattacher(ici.lina, papa)
    f.garde(ici.lina, ici.foyer, papa)
    ici.payer()
    [(_, retenue)] = fiscales_de(ici.foyer, 2026)
    assert (retenue.alternee, retenue.paye, retenue.retenu) == (True, D("4.00"), D("2.00"))
    assert fiscales_de(papa, 2026) == []
    pdf = lu(attestations.fiscale(ici.foyer, 2026, MAINTENANT), tmp_path)
    assert "Résidence alternée : la moitié" in pdf
    assert "Total retenu 2,00 €" in pdf


def test_une_garde_qui_ne_donne_que_des_vacances_n_est_pas_alternee(ici):
    papa = f.famille(nom="PAPA")
    f.rattacher(ici.lina, papa)
    f.garde(ici.lina, ici.foyer, papa, semaines="toutes", vacances="premiere")
    ici.payer()
    assert not fiscales_de(ici.foyer, 2026)[0][1].alternee


def test_l_attestation_fiscale_est_un_pdf_balise_et_vide_elle_le_dit(client, ici, tmp_path):
    ici.payer()
    adresse = reverse("facturation:attestation_fiscale")
    reponse = client.get(adresse, {"annee": "2026"})
    assert (reponse["Content-Type"], reponse.status_code) == ("application/pdf", 200)
    assert "attestation-fiscale-2026.pdf" in reponse["Content-Disposition"]
    pdf = lu(reponse.content, tmp_path)
    for phrase in ["Attestation fiscale 2026", "Lina LA STAR", "19 mai 2020", "4,00 €", "Total retenu 4,00 €",
                   "Les repas n'y sont pas compris", "Mme Celine LA STAR", "Claire Martin, maire",
                   "SIRET 21860158500014", "Fait à Migné-Auxances, le 20 novembre 2026"]:  # fmt: skip
        assert phrase in pdf, phrase
    assert "Hugo" not in pdf
    vide = lu(client.get(adresse, {"annee": "2025"}).content, tmp_path)
    assert "n'a payé en 2025 aucune somme pour la garde d'un enfant de moins de six ans" in vide
    assert client.get(adresse, {"annee": "'--"}).status_code == 200  # une adresse bricolée : la dernière année finie


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=5), st.integers(0, 20))
def test_ce_que_les_reglements_paient_est_ce_que_la_base_ne_reclame_plus(recus, rendu):
    """La répartition des attestations et le reste à payer de la base disent la même chose, au centime."""
    with transaction.atomic():
        foyer = f.famille(nom="PROPRIETE")
        petit = f.enfant(foyer)
        factures = [f.facture(foyer, total="20", mois=dt.date(2027, mois, 1), petit=petit) for mois in (1, 2, 3)]
        for euros, visee in recus:
            facture = factures[visee] if visee < 3 else None
            actions.encaisser(foyer, D(euros), "cheque", None, MAINTENANT, facture=facture)
        if rendu:
            actions.emettre_avoir(factures[1], D(rendu), "x", None, MAINTENANT)
        parts = paiements_de(foyer)
        for facture in Facture.objects.filter(famille=foyer).avec_reste():
            paye = sum(somme for _, somme in parts[facture.pk])
            assert paye == facture.total - (rendu if facture.pk == factures[1].pk else 0) - facture.reste
        transaction.set_rollback(True)


# --- De présence ----------------------------------------------------------------------------------------------------
def test_elle_compte_les_jours_venus_de_la_periode(client, ici, tmp_path):
    Pointage.objects.filter(enfant=ici.lina, seance=ici.seances[0]).update(etat="absent")
    assert presences_de(ici.foyer, ici.lina, SEPTEMBRE, dt.date(2026, 9, 30)) == [
        ("Soir", "Desnos", 2, ["septembre 2026 : les 3 et 4"]), ("Cantine", "Desnos", 1, ["septembre 2026 : le 4"]),
    ]
    adresse = reverse("facturation:attestation_presence", args=[ici.lina.pk])
    pdf = lu(client.get(adresse, {"du": "2026-09-01", "au": "2026-09-30"}).content, tmp_path)
    for phrase in ["Lina LA STAR, née le 19 mai 2020", "du 1er septembre 2026 au 30 septembre 2026", "les 3 et 4"]:
        assert phrase in pdf, phrase
    vide = lu(client.get(adresse, {"du": "2026-10-01", "au": "2026-10-31"}).content, tmp_path)
    assert "Aucune présence de Lina LA STAR, née le 19 mai 2020" in vide
    page = client.get(adresse, {"du": "2026-10-02", "au": "2026-10-01"}, follow=True)
    assert "La période finit avant de commencer." in texte(page)


def test_un_enfant_de_deux_foyers_chacun_n_atteste_que_de_ses_jours(ici):
    papa = f.famille(nom="PAPA")
    f.rattacher(ici.lina, papa)
    ici.lina.reservations.filter(seance=ici.seances[2]).update(famille=papa)
    au = dt.date(2026, 9, 30)
    assert presences_de(papa, ici.lina, SEPTEMBRE, au) == [("Soir", "Desnos", 1, ["septembre 2026 : le 3"])]
    venu_sans_rien = f.seance(ici.seances[0].activite, dt.date(2026, 9, 7))
    Pointage.objects.create(enfant=ici.lina, seance=venu_sans_rien, etat="present", recu_le=MAINTENANT)
    assert sum(n for _, _, n, _ in presences_de(papa, ici.lina, SEPTEMBRE, au)) == 1
    # Hugo n'a qu'un foyer : venu sans réservation, il est bien venu.
    Pointage.objects.create(enfant=ici.hugo, seance=venu_sans_rien, etat="present", recu_le=MAINTENANT)
    assert sum(n for _, _, n, _ in presences_de(ici.foyer, ici.hugo, SEPTEMBRE, au)) == 5


# --- De paiement ----------------------------------------------------------------------------------------------------
def test_elle_attend_que_la_facture_soit_payee_puis_dit_par_quoi(client, ici, tmp_path):
    adresse = reverse("facturation:attestation_paiement", args=[ici.facture.pk])
    ici.payer("20.40")
    reponse = client.get(adresse, follow=True)
    assert "Il reste 2,00 € à payer" in texte(reponse)
    soir = ici.facture.lignes.get(prenom="Lina", texte="Soir", jour=JEUDI)
    actions.emettre_avoir(ici.facture, D(2), "Soir rendu", None, MAINTENANT, lignes=[soir])
    pdf = lu(client.get(adresse).content, tmp_path)
    for phrase in ["est entièrement payée", ici.facture.reference, "22,40 €", "Règlement, chèque", "12 octobre 2026",
                   "20,40 €", "Avoir A2026-000001", "Soir rendu"]:  # fmt: skip
        assert phrase in pdf, phrase


def test_une_facture_toute_rendue_n_est_pas_dite_payee(ici, tmp_path):
    actions.emettre_avoir(ici.facture, D("22.40"), "Tout rendu", None, MAINTENANT)
    pdf = lu(attestations.paiement(ici.facture, MAINTENANT), tmp_path)
    assert "soldée par un avoir, sans règlement" in pdf
    assert "payée" not in pdf


# --- À chacun le sien -----------------------------------------------------------------------------------------------
def test_la_page_offre_chaque_attestation(client, ici):
    page = texte(client.get(reverse("facturation:attestations")))
    assert "Aucune facture n'est encore entièrement payée" in page.replace("&#x27;", "'")
    ici.payer()
    page = texte(client.get(reverse("facturation:attestations")))
    assert reverse("facturation:attestation_paiement", args=[ici.facture.pk]) in page
    assert reverse("facturation:attestations") in texte(client.get(reverse("facturation:situation")))


def test_une_autre_famille_n_en_ouvre_aucune(client, ici, tmp_path):
    ici.payer()
    client.force_login(f.famille(nom="AUTRE").compte)
    for nom, pk in [("presence", ici.lina.pk), ("paiement", ici.facture.pk)]:
        assert client.get(reverse(f"facturation:attestation_{nom}", args=[pk])).status_code == 404
    pdf = lu(client.get(reverse("facturation:attestation_fiscale"), {"annee": "2026"}).content, tmp_path)
    assert "4,00" not in pdf
    assert "Lina" not in pdf


def test_la_mairie_les_fait_depuis_la_famille_a_qui_lit_les_factures(client, ici, tmp_path):
    ici.payer()
    foyer = ici.foyer.pk
    adresses = [
        reverse("admin:facturation_attestations", args=[foyer]),
        reverse("admin:facturation_attestation_fiscale", args=[foyer]) + "?annee=2026",
        reverse("admin:facturation_attestation_presence", args=[foyer, ici.lina.pk]),
        reverse("admin:facturation_attestation_paiement", args=[ici.facture.pk]),
    ]
    client.force_login(f.agent("Régie"))
    assert adresses[0] in texte(client.get(reverse("mairie_famille", args=[foyer])))
    assert [client.get(a).status_code for a in adresses] == [200] * 4
    assert "4,00 €" in lu(client.get(adresses[1]).content, tmp_path)
    ailleurs = f.enfant(f.famille(nom="AUTRE"))
    autre = reverse("admin:facturation_attestation_presence", args=[foyer, ailleurs.pk])
    assert client.get(autre).status_code == 404
    client.force_login(f.agent("Périscolaire"))
    assert [client.get(a).status_code for a in adresses] == [403] * 4
    assert Famille.objects.count() == 2
