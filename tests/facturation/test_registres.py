"""Les registres de la régie s'emportent : tarifs, mandats, paiements, contestations, relances, bordereaux, caisse,
échéanciers."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from django.urls import reverse

from facturation import actions
from facturation.models import Bordereau, Contestation, Echeance, Journee, Mandat, Paiement, Relance, Tranche
from tests import fabriques as f
from tests.acces import MAINTENANT, maison_partagee, ville

pytestmark = pytest.mark.django_db
# La table → le nombre de rangées attendues, et des colonnes qui s'y lisent.
REGISTRES = {
    "tarif": (Tranche, {"Tarif", "Quotient jusqu'à", "Prix"}), "mandat": (Mandat, {"Mandat (RUM)", "Signé le"}),
    "paiement": (Paiement, {"Référence", "Montant", "État"}), "contestation": (Contestation, {"Raison", "Réponse"}),
    "relance": (Relance, {"Relance", "Reste réclamé"}), "bordereau": (Bordereau, {"Bordereau", "Total"}),
    "journee": (Journee, {"Jour", "Espèces comptées"}),
    "echeancier": (Echeance, {"Échéancier", "À payer avant le", "Montant"}),
}  # fmt: skip


@pytest.fixture
def ici(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    maison = maison_partagee(ville())
    actions.clore(MAINTENANT.date() - dt.timedelta(days=1), Decimal("0"), "", None, MAINTENANT)
    return maison


def emporter(client, table, format):
    return client.post(reverse(f"admin:facturation_{table}_export"), {"format": format, "resource": ""})


def test_chaque_registre_s_emporte_en_csv_et_en_ods(client, ici):
    client.force_login(f.agent("Régie"))
    for table, (modele, colonnes) in REGISTRES.items():
        reponse = emporter(client, table, "0")
        lignes = list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))
        assert colonnes <= set(lignes[0]), table
        assert len(lignes) == modele.objects.count() > 0, table
        assert "30006000011234567890189" not in reponse.content.decode(), "un IBAN entier"
        contenu = zipfile.ZipFile(io.BytesIO(emporter(client, table, "1").content)).read("content.xml").decode()
        assert all(colonne.replace("'", "&apos;") in contenu or colonne in contenu for colonne in colonnes), table


def test_un_tarif_au_taux_d_effort_fait_une_rangee(client):
    f.commune()
    f.tarif(nom="Effort", mode="effort", taux="0.004", plafond=1500, tranches=[], ajustements=[
        ("fratrie", "pourcentage", "-10", 2)])  # fmt: skip
    client.force_login(f.agent("Régie"))
    [ligne] = csv.DictReader(io.StringIO(emporter(client, "tarif", "0").content.decode("utf-8-sig")), delimiter=";")
    assert (ligne["Tarif"], ligne["Prix"], ligne["Projet"]) == ("Effort", "", "non")
    assert Decimal(ligne["Taux (€ par point)"].replace(",", ".")) == Decimal("0.004")
    assert ligne["Ajustements"]


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_un_autre_groupe_n_en_emporte_aucun(client, ici, groupe):
    client.force_login(f.agent(groupe))
    for table in REGISTRES:
        assert emporter(client, table, "0").status_code in {302, 403}, table


def test_l_historique_des_quotients_s_emporte_avec_ses_preuves_et_pas_au_periscolaire(client, ici):
    ici.foyer.quotients.all().delete()
    ici.foyer.quotients.create(valeur=742, debut=dt.date(2025, 9, 1), fin=dt.date(2026, 8, 31), preuve="CAF 2025")
    ici.foyer.quotients.create(valeur=810, debut=dt.date(2026, 9, 1), preuve="=CAF 2026")
    adresse = f"{reverse('admin:familles_quotient_export')}?q={ici.foyer.nom.split()[-1]}"
    client.force_login(f.agent("Régie"))
    reponse = client.post(adresse, {"format": "0", "resource": ""})
    lignes = list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))
    assert [(ligne["Quotient familial"], ligne["Preuve"]) for ligne in lignes if ligne["Famille"] == ici.foyer.nom] == [
        ("810", "'=CAF 2026"), ("742", "CAF 2025")
    ]  # fmt: skip
    client.force_login(f.agent("Périscolaire"))
    assert client.post(adresse, {"format": "0", "resource": ""}).status_code == 403
