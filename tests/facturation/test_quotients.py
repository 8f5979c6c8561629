"""Le quotient demandé à la CAF ou à la MSA, sur HTTP : ce qui part, ce qui reste, chaque refus, et qui demande."""

import datetime as dt
import json
import logging
import threading

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from facturation import actions, api_particulier
from facturation.models import Regie
from facturation.regles import quotients as regles
from facturation.simulateur_particulier import DOSSIERS, JETON, ouvrir
from familles.models import Quotient
from tests import fabriques as f

MAINTENANT = f.a_paris(2026, 11, 26, 10)
JOUR = dt.date(2026, 11, 26)
NOVEMBRE, FIN = dt.date(2026, 11, 1), dt.date(2027, 10, 31)
SIRET = "21860158600014"
CELINE = regles.Identite("La Star", ("Céline", "Marie"), "F", dt.date(1988, 3, 14), "99100", "86194")
SAISIE = {
    "nom": "La Star", "prenoms": "Céline Marie", "sexe": "F", "naissance": "1988-03-14", "en_france": "oui",
    "lieu": "86194", "accord": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def le_26_novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def service(settings):
    """Une API Particulier d'essai, sur un vrai port."""
    serveur = ouvrir()
    threading.Thread(target=serveur.serve_forever, args=(0.01,), daemon=True).start()
    settings.API_PARTICULIER_URL, settings.API_PARTICULIER_JETON = f"http://127.0.0.1:{serveur.server_port}", JETON
    yield serveur.simulateur
    serveur.shutdown()
    serveur.server_close()


@pytest.fixture
def foyer(db, service):
    f.commune(siret=SIRET)
    Regie.objects.create(api_particulier=True)
    return f.famille()


@pytest.fixture
def celine(client, foyer):
    client.force_login(foyer.compte)
    return client


def demander(foyer, qui=CELINE, quand=MAINTENANT):
    return actions.recuperer_quotient(foyer, qui, foyer.compte, quand)


def refus(foyer, nom):
    """Le mot du refus pour l'identité inventée de ce nom, et la phrase."""
    with pytest.raises(ValidationError) as leve:
        demander(foyer, regles.Identite(nom, ("Anne",), "F", dt.date(1985, 1, 1), "99100", "86194"))
    return leve.value.code


# --- Les règles ---------------------------------------------------------------------------------------------------
def reponse(**champs):
    dit = {"fournisseur": "CNAF", "valeur": 742, "annee": 2026, "mois": 11} | champs
    return json.dumps({"data": {"quotient_familial": dit}}).encode()


ILLISIBLES = {
    "pas du JSON": b"<html>maintenance</html>", "coupée": b'{"data": {"quotient', "vide": b"", "une liste": b"[1]",
    "rien dedans": b"{}", "data est un texte": b'{"data": "x"}', "pas de valeur": reponse(valeur=None),
    "une valeur écrite": reponse(valeur="742"), "une valeur vraie": reponse(valeur=True),
    "à virgule": reponse(valeur=7.5), "négative": reponse(valeur=-1), "énorme": reponse(valeur=10**9),
    "le mois 13": reponse(mois=13),
    "l'an mil": reponse(annee=1000), "un an sans fin": reponse(annee=10**40), "pas de l'unicode": b"\xff\xfe\xff",
    "un puits": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("nom", ILLISIBLES)
def test_une_reponse_illisible_n_est_jamais_un_quotient(nom):
    with pytest.raises(ValueError):  # noqa: PT011
        regles.lire(ILLISIBLES[nom])


@pytest.mark.parametrize(
    ("caisse", "dite"), [("CNAF", "CAF"), ("MSA", "MSA"), ("AUTRE", "CAF ou MSA"), (None, "CAF ou MSA")]
)
def test_une_reponse_dit_sa_caisse_sa_valeur_et_son_mois(caisse, dite):
    assert regles.lire(reponse(fournisseur=caisse)) == (dite, 742, NOVEMBRE)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 36))
def test_un_quotient_vaut_des_mois_entiers(jour, duree):
    debut, fin = regles.valable(jour.replace(day=1), duree)
    lendemain = fin + dt.timedelta(days=1)
    assert (debut.day, lendemain.day) == (1, 1)
    assert (lendemain.year - debut.year) * 12 + lendemain.month - debut.month == duree


@pytest.mark.parametrize(
    ("code", "mot"),
    [(400, "identite"), (401, "jeton"), (403, "jeton"), (404, "inconnu"), (422, "identite"), (429, "presse"),
     (500, "panne"), (502, "panne"), (503, "panne"), (302, "illisible"), (418, "illisible")],
)  # fmt: skip
def test_chaque_code_a_sa_phrase(code, mot):
    assert regles.refus_de(code) == mot
    assert regles.REFUS[mot].endswith(".")


# --- L'action, sur HTTP -------------------------------------------------------------------------------------------
def test_la_caf_donne_le_quotient_et_sa_preuve(foyer, service):
    quotient, nouveau = demander(foyer)
    assert nouveau
    assert (quotient.valeur, quotient.debut, quotient.fin) == (698, NOVEMBRE, FIN)
    assert quotient.preuve == "CAF, par API Particulier, le 26/11/2026, quotient de 11/2026"
    (appel,) = service.appels
    assert appel == {
        "recipient": [SIRET], "nomNaissance": ["La Star"], "prenoms[]": ["Céline", "Marie"], "sexeEtatCivil": ["F"],
        "anneeDateNaissance": ["1988"], "moisDateNaissance": ["3"], "jourDateNaissance": ["14"],
        "codeCogInseePaysNaissance": ["99100"], "codeCogInseeCommuneNaissance": ["86194"],
    }


def test_la_msa_et_un_parent_ne_a_l_etranger(foyer):
    msa = regles.Identite("Beauchamp", ("Olivier",), "M", dt.date(1979, 6, 27), "99100")  # sans dire où
    assert demander(foyer, msa)[0].preuve.startswith("MSA, par API Particulier")
    etranger = regles.Identite("Elmasri", ("Nour",), "F", dt.date(1990, 11, 2), "99301")
    assert demander(foyer, etranger)[0].valeur == 512


REFUSES = {
    "PERDU": "inconnu", "PERSONNE": "inconnu", "FLOU": "identite", "JETON": "jeton", "DROITS": "jeton",
    "FOULE": "presse", "PANNE": "panne", "DETOUR": "illisible", "ABIME": "illisible", "VIDE": "illisible",
    "ANCIEN": "ancien",
}  # fmt: skip


@pytest.mark.parametrize("nom", REFUSES)
def test_chaque_refus_est_dit_et_n_ecrit_rien(foyer, nom):
    assert refus(foyer, nom) == REFUSES[nom]
    assert not Quotient.objects.exists()


def test_toutes_les_identites_inventees_servent():
    assert {d.nom for d in DOSSIERS} - set(REFUSES) == {"LA STAR", "BEAUCHAMP", "ELMASRI", "LENT"}


def test_un_service_lent_n_est_pas_attendu_ni_rappele_aussitot(foyer, service, monkeypatch):
    monkeypatch.setattr(api_particulier, "PATIENCE", 0.2)
    service.attente = 1
    assert refus(foyer, "LENT") == "muet"
    assert refus(foyer, "PERDU") == "muet"
    assert len(service.appels) == 1


def test_un_service_absent_est_muet(foyer, settings):
    settings.API_PARTICULIER_URL = "http://127.0.0.1:9"
    assert refus(foyer, "PERDU") == "muet"


@pytest.mark.django_db(transaction=True)
def test_l_appel_se_fait_hors_de_toute_transaction(celine, foyer, monkeypatch):
    vrai, vus = api_particulier.quotient, []
    monkeypatch.setattr(
        api_particulier, "quotient", lambda *a: vus.append(connection.in_atomic_block) or vrai(*a)
    )
    celine.post(reverse("facturation:quotient_demander"), SAISIE)
    assert vus == [False]
    assert Quotient.objects.count() == 1


def test_ni_l_identite_ni_la_reponse_ne_s_ecrivent_dans_un_journal(foyer, caplog):
    with caplog.at_level(logging.DEBUG):
        demander(foyer)
        for nom in REFUSES:
            cache.clear()
            refus(foyer, nom)
    dit = caplog.text.upper()
    assert "API PARTICULIER" in dit
    assert [mot for mot in ("LA STAR", "CÉLINE", "SECRET", "PERDU", "1988", "86194", JETON.upper()) if mot in dit] == []


def test_un_refus_ne_garde_pas_l_adresse_appelee(foyer):
    """Une erreur qui remonte se lit dans un rapport : elle n'a ni cause, ni adresse."""
    with pytest.raises(api_particulier.Refus) as leve:
        api_particulier.quotient(regles.Identite("PERDU", ("Anne",), "F", dt.date(1985, 1, 1), "99100"), SIRET)
    assert (leve.value.__cause__, leve.value.__suppress_context__, str(leve.value)) == (None, True, "inconnu")


def test_la_regie_apprend_une_fois_par_jour_que_le_jeton_est_refuse(foyer, courriels):
    regisseur = f.agent("Régie")
    for nom in ("JETON", "DROITS", "JETON"):
        assert refus(foyer, nom) == "jeton"
    (courriel,) = courriels()
    assert regisseur.email in courriel["To"]
    assert "refuse le jeton" in courriel["Subject"]
    assert "LA STAR" not in courriel.get_body(("plain",)).get_content()


@pytest.mark.parametrize("manque", ["option", "jeton", "siret"])
def test_sans_l_option_le_jeton_ou_le_siret_rien_ne_part(foyer, service, settings, manque):
    if manque == "option":
        Regie.objects.update(api_particulier=False)
    elif manque == "jeton":
        settings.API_PARTICULIER_JETON = ""
    else:
        f.commune(siret="")
    assert refus(foyer, "PERDU") == "ferme"
    assert service.appels == []


def test_un_compte_ne_demande_pas_sans_fin(foyer, service):
    for _ in range(regles.PAR_HEURE):
        assert refus(foyer, "PERDU") == "inconnu"
    with pytest.raises(ValidationError) as trop:
        demander(foyer)
    assert trop.value.code == "trop"
    assert "11 h 00" in trop.value.messages[0]
    assert len(service.appels) == regles.PAR_HEURE


@pytest.mark.django_db(transaction=True)
def test_deux_clics_n_ecrivent_qu_un_quotient(foyer):
    faits = []
    fils = [threading.Thread(target=lambda: (faits.append(demander(foyer)[1]), connection.close())) for _ in range(2)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(faits) == [False, True]
    assert Quotient.objects.count() == 1


AVANT = {
    # nom : (début, fin) de l'ancien, début du nouveau, fin de l'ancien ensuite
    "ouvert depuis la rentrée": ((f.RENTREE, None), NOVEMBRE, dt.date(2026, 10, 31)),
    "jusqu'à la fin de l'année": ((f.RENTREE, dt.date(2026, 12, 31)), NOVEMBRE, dt.date(2026, 10, 31)),
    "fini depuis longtemps": ((f.RENTREE, dt.date(2026, 9, 30)), NOVEMBRE, dt.date(2026, 9, 30)),
    "noté ce mois-ci": ((dt.date(2026, 11, 12), None), dt.date(2026, 11, 12), dt.date(2026, 11, 12)),
    "à venir": ((dt.date(2027, 1, 1), None), NOVEMBRE, None),
}


@pytest.mark.parametrize("nom", AVANT)
def test_le_nouveau_remplace_l_ancien_des_le_mois_qu_il_dit(foyer, nom):
    (debut, fin), attendu, clos = AVANT[nom]
    ancien = Quotient.objects.create(famille=foyer, valeur=900, debut=debut, fin=fin, preuve="attestation")
    nouveau, _ = demander(foyer)
    ancien.refresh_from_db()
    assert (nouveau.debut, ancien.fin) == (attendu, clos)
    assert Quotient.objects.filter(famille=foyer).au(JOUR).first() == nouveau
    # Quand il expire, l'ancien ne revient pas de lui-même ; celui que la mairie a noté pour plus tard, si.
    apres = Quotient.objects.filter(famille=foyer).au(FIN + dt.timedelta(days=1)).first()
    assert apres == (ancien if nom == "à venir" else None)


def test_la_duree_est_un_reglage_de_la_regie(foyer):
    Regie.objects.update(quotient_mois=3)
    assert demander(foyer)[0].fin == dt.date(2027, 1, 31)


# --- Les pages ----------------------------------------------------------------------------------------------------
def test_une_famille_lit_accepte_et_recoit_son_quotient(celine, foyer):
    page = celine.get(reverse("facturation:quotient")).content.decode()
    assert "ne connaît pas votre quotient" in page
    assert "Envoyer mon attestation" in page
    page = celine.get(reverse("facturation:quotient_demander")).content.decode()
    assert "Ce que la mairie garde" in page
    assert 'value="Celine"' in page
    page = celine.post(reverse("facturation:quotient_demander"), SAISIE, follow=True).content.decode()
    assert "Votre quotient est de 698" in page
    assert "CAF, par API Particulier" in page
    page = celine.post(reverse("facturation:quotient_demander"), SAISIE, follow=True).content.decode()
    assert "Votre quotient est toujours de 698" in page


@pytest.mark.parametrize("nom", REFUSES)
def test_un_refus_garde_la_saisie_et_montre_la_voie_du_papier(celine, nom):
    saisie = SAISIE | {"nom": nom, "prenoms": "Anne Lucie", "naissance": "1985-01-01"}
    page = celine.post(reverse("facturation:quotient_demander"), saisie).content.decode()
    for valeur in (nom, "Anne Lucie", "1985-01-01", "86194"):
        assert f'value="{valeur}"' in page
    assert regles.REFUS[REFUSES[nom]].split("'")[0][:40] in page
    assert page.count(reverse("documents:liste")) >= 2


FAUX = {
    "sans accord": ({"accord": ""}, "accord"), "sans nom": ({"nom": " "}, "nom"),
    "un nom de robot": ({"nom": "<script>"}, "nom"), "née demain": ({"naissance": "2026-11-27"}, "naissance"),
    "née il y a deux siècles": ({"naissance": "1826-11-27"}, "naissance"),
    "un code postal d'ailleurs": ({"lieu": "99350"}, "lieu"), "un code trop court": ({"lieu": "8619"}, "lieu"),
    "à l'étranger sans pays": ({"en_france": "non", "lieu": ""}, "lieu"),
    "à l'étranger, mais en France": ({"en_france": "non", "lieu": "99100"}, "lieu"),
    "à l'étranger avec une commune": ({"en_france": "non", "lieu": "86194"}, "lieu"),
    "sans dire où": ({"en_france": ""}, "en_france"),
}  # fmt: skip


@pytest.mark.parametrize("nom", FAUX)
def test_une_saisie_fausse_ne_part_pas(celine, service, nom):
    champs, faux = FAUX[nom]
    reponse = celine.post(reverse("facturation:quotient_demander"), SAISIE | champs)
    assert faux in reponse.context["form"].errors
    assert service.appels == []


@pytest.mark.parametrize("lieu", ["", "86194", "2a004", "97105"])
def test_un_lieu_de_france_s_ecrit_ou_se_tait(celine, service, lieu):
    celine.post(reverse("facturation:quotient_demander"), SAISIE | {"lieu": lieu})
    assert service.appels[0].get("codeCogInseeCommuneNaissance", [""]) == [lieu.upper()]


def test_sans_l_option_il_ne_reste_que_le_papier(celine):
    Regie.objects.update(api_particulier=False)
    page = celine.get(reverse("facturation:quotient_demander"), follow=True).content.decode()
    assert "Récupérer mon quotient" not in page
    assert "Envoyer mon attestation" in page


def test_une_autre_famille_ne_lit_ni_ne_change_rien(celine, foyer):
    Quotient.objects.create(famille=foyer, valeur=4321, debut=f.RENTREE, preuve="attestation")
    autre = Client()
    autre.force_login(f.famille(nom="AUTRE").compte)
    assert "4321" not in autre.get(reverse("facturation:quotient")).content.decode()
    autre.post(reverse("facturation:quotient_demander"), SAISIE)
    assert list(Quotient.objects.filter(famille=foyer).values_list("valeur", flat=True)) == [4321]


def test_la_page_fait_autant_de_requetes_avec_trois_cents_quotients(celine, foyer, django_assert_max_num_queries):
    Quotient.objects.bulk_create(
        Quotient(famille=foyer, valeur=n, debut=f.RENTREE - dt.timedelta(days=n), preuve="attestation")
        for n in range(300)
    )
    with django_assert_max_num_queries(8):
        celine.get(reverse("facturation:quotient"))


# --- La mairie ----------------------------------------------------------------------------------------------------
def test_la_regie_demande_le_quotient_d_un_foyer(client, foyer):
    client.force_login(f.agent("Régie"))
    adresse = reverse("admin:facturation_quotient_recuperer", args=[foyer.pk])
    fiche = client.get(reverse("admin:familles_famille_change", args=[foyer.pk])).content.decode()
    assert adresse in fiche
    assert adresse in client.get(reverse("mairie_famille", args=[foyer.pk])).content.decode()
    page = client.post(adresse, SAISIE | {"nom": "FLOU", "prenoms": "Anne", "naissance": "1985-01-01"}).content.decode()
    assert 'value="FLOU"' in page
    assert "Le saisir d&#x27;après une attestation" in page or "Le saisir d'après une attestation" in page
    page = client.post(adresse, SAISIE, follow=True).content.decode()
    assert "698" in page
    assert Quotient.objects.get().famille == foyer


def test_l_option_fermee_la_mairie_le_lit(client, foyer):
    Regie.objects.update(api_particulier=False)
    client.force_login(f.agent("Régie"))
    page = client.get(reverse("admin:facturation_quotient_recuperer", args=[foyer.pk])).content.decode()
    assert "l'option est dans « Régie »" in page


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_qui_ne_voit_pas_les_quotients_n_en_demande_pas(client, foyer, service, groupe):
    client.force_login(f.agent(groupe))
    adresse = reverse("admin:facturation_quotient_recuperer", args=[foyer.pk])
    assert client.post(adresse, SAISIE, follow=True).status_code == 403
    assert service.appels == []


def test_la_fiche_de_la_regie_dit_ce_qui_manque(client, foyer):
    client.force_login(f.agent("Direction"))
    f.commune(siret="")
    page = client.get(reverse("admin:facturation_regie_change", args=[Regie.objects.get().pk])).content.decode()
    assert "il manque le SIRET" in page
