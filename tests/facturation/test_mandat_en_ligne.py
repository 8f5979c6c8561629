"""Le mandat signé sur le portail : le code, la preuve, les essais comptés, la révocation, l'annonce."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from facturation import actions
from facturation.banques import banque
from facturation.models import Mandat, Regie, SignatureMandat
from facturation.regles.prelevements import CODES, ESSAIS, VERSION_DU_TEXTE
from tests import fabriques as f

from .test_prelevements import ensemble

IBAN = "FR7630006000011234567890189"
AUTRE = "FR1420041010050500013M02606"
MAINTENANT = f.a_paris(2026, 11, 28, 10)
SAISIE = {"titulaire": "Celine LA STAR", "iban": "fr76 3000 6000 0112 3456 7890 189", "accord": "on"}


@pytest.fixture(autouse=True)
def le_28_novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def foyer(db):
    f.commune(nom="Commune de Migné-Auxances", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    return f.famille()


@pytest.fixture
def celine(client, foyer):
    client.force_login(foyer.compte)
    return client


def demander(foyer, iban=IBAN, quand=MAINTENANT):
    return actions.demander_signature(foyer, "Celine LA STAR", iban, foyer.compte, quand)


def code_de(recus):
    return re.search(r"code : (\d{6})", recus[-1].get_body(("plain",)).get_content())[1]


def faux(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refus(geste, *arguments):
    with pytest.raises(ValidationError) as leve:
        geste(*arguments)
    return leve.value.code


def test_un_parent_lit_signe_et_garde_la_preuve(celine, foyer, courriels):
    page = celine.get("/facturation/prelevement/").content.decode()
    assert "vous autorisez Commune de Migné-Auxances" in page
    assert "FR72ZZZ123456" in page
    suite = celine.post("/facturation/prelevement/", SAISIE).url
    page = celine.get(suite).content.decode()
    assert "FR76 •••• •••• 0189" in page
    assert IBAN not in page
    recus = courriels()
    assert [recu["To"] for recu in recus] == [foyer.compte.email]
    assert celine.post(suite, {"code": code_de(recus)}).url == "/facturation/prelevement/"
    mandat, preuve = Mandat.objects.get(), SignatureMandat.objects.get()
    assert (mandat.iban, mandat.titulaire, mandat.signe_le) == (IBAN, "Celine LA STAR", dt.date(2026, 11, 28))
    assert (preuve.mandat, preuve.signee_le, preuve.version) == (mandat, MAINTENANT, VERSION_DU_TEXTE)
    assert (preuve.compte, preuve.courriel, preuve.adresse_ip) == (foyer.compte, foyer.compte.email, "127.0.0.1")
    assert "vous autorisez Commune de Migné-Auxances" in preuve.texte
    copie = courriels()[0].get_body(("plain",)).get_content()
    assert mandat.rum in copie
    assert IBAN not in copie
    assert mandat.rum in celine.get("/facturation/prelevement/").content.decode()


def test_un_double_clic_n_envoie_qu_un_code_et_ne_signe_qu_une_fois(celine, foyer, courriels):
    suites = {celine.post("/facturation/prelevement/", SAISIE).url for _ in range(2)}
    recus = courriels()
    assert (len(suites), len(recus)) == (1, 1)
    for _ in range(2):
        assert celine.post(suites.copy().pop(), {"code": code_de(recus)}).status_code == 302
    assert Mandat.objects.count() == 1
    assert len(courriels()) == 1


@pytest.mark.parametrize(
    ("cas", "champs", "phrase"),
    [
        ("un chiffre changé", {"iban": IBAN[:-1] + "8"}, "IBAN n'est pas valide"),
        ("pas d'accord", {"accord": ""}, "cochez cette case"),
        ("sans titulaire", {"titulaire": " "}, "obligatoire"),
    ],
)
def test_une_saisie_fausse_n_envoie_aucun_code(celine, courriels, cas, champs, phrase):
    page = celine.post("/facturation/prelevement/", SAISIE | champs).content.decode().replace("&#x27;", "'")
    assert phrase in page, cas
    assert not courriels()
    assert not SignatureMandat.objects.exists()


def test_un_code_faux_est_compte_et_cinq_ferment_la_demande(foyer, courriels):
    demande = demander(foyer)
    code = code_de(courriels())
    for _ in range(ESSAIS):
        assert refus(actions.signer_en_ligne, demande, faux(code), None, MAINTENANT) == "code"
    assert refus(actions.signer_en_ligne, demande, code, None, MAINTENANT) == "essais"
    assert not Mandat.objects.exists()


def test_un_code_ne_vaut_que_quinze_minutes(foyer, courriels):
    demande = demander(foyer)
    code = code_de(courriels())
    tard = MAINTENANT + dt.timedelta(minutes=15, seconds=1)
    assert refus(actions.signer_en_ligne, demande, code, None, tard) == "perime"
    assert actions.signer_en_ligne(demande, code, None, MAINTENANT + dt.timedelta(minutes=15))


def test_cinq_codes_par_jour_et_par_foyer(foyer):
    for n in range(CODES):
        demander(foyer, quand=MAINTENANT + dt.timedelta(minutes=2 * n))
    assert refus(demander, foyer, IBAN, MAINTENANT + dt.timedelta(hours=1)) == "trop"
    assert demander(foyer, quand=MAINTENANT + dt.timedelta(hours=25))


def test_le_code_d_une_demande_n_en_signe_pas_une_autre(foyer, courriels):
    premiere = demander(foyer)
    code = code_de(courriels())
    seconde = demander(foyer, AUTRE)
    if code_de(courriels()) != code:
        assert refus(actions.signer_en_ligne, seconde, code, None, MAINTENANT) == "code"
    assert actions.signer_en_ligne(premiere, code, None, MAINTENANT).iban == IBAN


def test_changer_de_compte_revoque_l_ancien_mandat(foyer, courriels):
    ancien = actions.signer_mandat(foyer, "Celine", AUTRE, dt.date(2026, 9, 1))
    nouveau = actions.signer_en_ligne(demander(foyer), code_de(courriels()), None, MAINTENANT)
    ancien.refresh_from_db()
    assert ancien.revoque_le == dt.date(2026, 11, 28)
    assert list(Mandat.objects.actifs()) == [nouveau]


def test_le_parent_revoque_et_rien_ne_change_au_second_clic(celine, foyer):
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, dt.date(2026, 9, 1))
    for _ in range(2):
        assert celine.post(f"/facturation/prelevement/{mandat.pk}/revoquer/").status_code == 302
    mandat.refresh_from_db()
    assert mandat.revoque_le == dt.date(2026, 11, 28)
    assert "Signer un mandat" in celine.get("/facturation/prelevement/").content.decode()


def test_une_autre_famille_ne_voit_ni_ne_signe_ni_ne_revoque(foyer, courriels):
    demande = demander(foyer)
    code = code_de(courriels())
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, dt.date(2026, 9, 1))
    voisin = Client()
    voisin.force_login(f.famille(nom="VOISIN").compte)
    assert voisin.get(f"/facturation/prelevement/{demande.pk}/signer/").status_code == 404
    assert voisin.post(f"/facturation/prelevement/{demande.pk}/signer/", {"code": code}).status_code == 404
    assert voisin.post(f"/facturation/prelevement/{mandat.pk}/revoquer/").status_code == 404
    mandat.refresh_from_db()
    assert mandat.revoque_le is None
    assert mandat.rum not in voisin.get("/facturation/prelevement/").content.decode()


def test_une_commune_qui_ne_preleve_pas_ne_propose_rien(celine, foyer):
    Regie.objects.update(sepa_bic="")
    assert "ne propose pas le prélèvement" in celine.get("/facturation/prelevement/").content.decode()
    assert refus(demander, foyer) == "reglages"


def test_l_annonce_ecrit_le_jour_et_le_mandat_sans_montant(foyer, courriels):
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, dt.date(2026, 9, 1))
    facture = f.facture(foyer, total="28.50", rum=mandat.rum, preleve_le=dt.date(2026, 12, 15))
    courriels()
    actions.annoncer([facture.pk])
    texte = courriels()[0].get_body(("plain",)).get_content()
    assert "15 décembre 2026" in texte
    assert mandat.rum in texte
    assert "28,50" not in texte


def test_une_facture_dont_le_mandat_est_revoque_se_paie_autrement(celine, foyer):
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, dt.date(2026, 9, 1))
    facture = f.facture(foyer, total="28.50", rum=mandat.rum, preleve_le=dt.date(2026, 12, 15))
    adresse = f"/facturation/factures/{facture.pk}/"
    assert "seront prélevés le 15 décembre 2026" in celine.get(adresse).content.decode()
    actions.revoquer_mandat(mandat, dt.date(2026, 11, 28))
    assert "seront prélevés le 15 décembre 2026. " not in celine.get(adresse).content.decode().split("Comment payer")[0]


@pytest.mark.django_db(transaction=True)
def test_trois_clics_ensemble_ne_signent_qu_un_mandat():
    f.commune(nom="Commune", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    foyer = f.famille()
    demandes = ensemble(*[lambda: demander(foyer)] * 3)
    assert len({demande.pk for demande in demandes}) == 1
    from facturation.actions.mandats import _empreinte  # le courriel n'est pas parti : la file ne tourne pas ici

    demande = demandes[0]
    SignatureMandat.objects.update(code=_empreinte(demande, "123456"))
    signes = ensemble(*[lambda: actions.signer_en_ligne(demande, "123456", None, MAINTENANT)] * 3)
    assert len({mandat.pk for mandat in signes}) == 1
    assert Mandat.objects.count() == 1


@pytest.mark.parametrize(
    ("compte", "nom"),
    [
        ("FR7630006000011234567890189", "CREDIT AGRICOLE SA"),
        ("fr76 3000 6000 0112 3456 7890 189", "CREDIT AGRICOLE SA"),
        ("FR1420041010050500013M02606", "LA BANQUE POSTALE"),
        ("FR7699999000011234567890189", ""),  # un code que la table n'a pas
        ("DE89370400440532013000", ""),
        ("", ""),
    ],
)
def test_le_nom_de_la_banque_se_lit_dans_l_iban(compte, nom):
    assert banque(compte) == nom


def test_la_famille_et_la_regie_lisent_le_nom_de_la_banque(celine, client, foyer, courriels):
    demande = demander(foyer)
    assert "CREDIT AGRICOLE SA" in celine.get(f"/facturation/prelevement/{demande.pk}/signer/").content.decode()
    mandat = actions.signer_en_ligne(demande, code_de(courriels()), None, MAINTENANT)
    assert "CREDIT AGRICOLE SA" in celine.get("/facturation/prelevement/").content.decode()
    client.force_login(f.agent("Régie"))
    fiche = client.get(f"/admin/facturation/mandat/{mandat.pk}/change/").content.decode()
    assert "CREDIT AGRICOLE SA" in fiche
