"""Les exports à la mairie : la page, le fichier, le journal, les codes, les recettes et les heures."""

import re
from decimal import Decimal as D

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation.models import Comptabilite, Export, Facturation, Facture
from facturation.regles import euros
from familles.models import Famille
from tests import fabriques as f

from .exports import APRES, coder, fichier, lire_csv, un_mois

PERIODE = {"debut": "2026-09-01", "fin": "2026-11-20"}


@pytest.fixture(autouse=True)
def le_20_novembre(time_machine):
    time_machine.move_to(APRES, tick=False)


@pytest.fixture
def agent(client, db):
    client.force_login(f.agent("Régie"))
    return client


def page(nom, *arguments):
    return reverse(f"admin:facturation_{nom}", args=arguments)


def texte(reponse):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reponse.content.decode())).replace("\xa0", " ")


def test_la_regie_choisit_une_periode_fait_un_export_et_en_prend_le_fichier(agent):
    coder()
    un_mois(3)
    vu = texte(agent.get(page("export_add")))
    for phrase in ["Écritures comptables", "Lignes de facture", "10 colonnes", "Les lots de prélèvements",
                   "le même octet pour octet", "expérimental"]:  # fmt: skip
        assert phrase in vu, phrase
    assert 'value="2026-10-01"' in agent.get(page("export_add")).content.decode()
    reponse = agent.post(page("export_add"), PERIODE | {"quoi": "factures.csv"})
    export = Export.objects.get()
    assert reponse.url == page("export_change", export.pk)
    fiche = texte(agent.get(reponse.url))
    assert export.empreinte in fiche
    assert "3 lignes." in fiche
    pris = agent.get(page("export_fichier", export.pk))
    assert pris["Content-Disposition"] == f'attachment; filename="factures-2026-09-01-2026-11-20-{export.pk}.csv"'
    assert b"".join(pris.streaming_content) == fichier(export)
    assert [e.change_message for e in LogEntry.objects.filter(object_id=str(export.pk)).order_by("pk")] == [
        "Factures du 01/09/2026 au 20/11/2026 : 3 lignes.", "Fichier pris.",
    ]  # fmt: skip
    assert str(export) in texte(agent.get(page("export_add")))


def test_un_fichier_qui_ne_serait_plus_le_meme_n_est_pas_donne(agent):
    un_mois(3)
    agent.post(page("export_add"), PERIODE | {"quoi": "familles.ods"})
    export = Export.objects.get()
    Famille.objects.update(nom="AUTRE")
    reponse = agent.get(page("export_fichier", export.pk), follow=True)
    assert "corrigé ou effacé depuis" in texte(reponse)
    assert LogEntry.objects.filter(change_message="Fichier pris.").count() == 0


def test_sans_code_la_page_nomme_l_activite_et_mene_aux_codes(agent):
    coder(sauf=["soir"])
    un_mois(3)
    refus = agent.post(page("export_add"), PERIODE | {"quoi": "ecritures.csv"})
    assert "le compte de produit de « accueil du soir »" in texte(refus)
    assert page("comptabilite_changelist") in refus.content.decode()
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("donnees", "phrase"),
    [
        ({"debut": "2026-11-20", "fin": "2026-09-01", "quoi": "factures.csv"}, "finit avant de commencer"),
        ({"debut": "hier", "fin": "2026-09-01", "quoi": "factures.csv"}, "Saisissez une date valide"),
        (PERIODE | {"quoi": "tout.csv"}, "Choisissez."),
        (PERIODE, "Choisissez un export."),
        (PERIODE | {"quoi": "pes.csv"}, "Choisissez."),
    ],
)
def test_une_demande_bricolee_se_refuse(agent, donnees, phrase):
    assert phrase in texte(agent.post(page("export_add"), donnees))
    assert not Export.objects.exists()


def test_les_codes_se_saisissent_sur_une_page_et_servent_aussitot(agent):
    un_mois(3)
    vide = agent.get(page("comptabilite_changelist"), follow=True)
    assert vide.redirect_chain[-1][0] == page("comptabilite_add")
    donnees = {
        "tiers": "4111", "journal_ventes": "VT", "journal_avoirs": "AV", "journal_encaissements": "EN",
        "pes_fichier": "PESALR2", "pes_bordereau": "01", "pes_piece": "01", "pes_nature_piece": "01",
        "imputations-TOTAL_FORMS": 6, "imputations-INITIAL_FORMS": 0,
        "imputations-0-genre": "midi", "imputations-0-compte": "7067",
        "imputations-1-genre": "matin", "imputations-3-genre": "mercredi", "imputations-4-genre": "vacances",
        "imputations-5-genre": "midi",  # prêtes, laissées vides
        "imputations-2-genre": "soir", "imputations-2-compte": "7067", "imputations-2-analytique": "PERI",
        "tresoreries-TOTAL_FORMS": 4, "tresoreries-INITIAL_FORMS": 0,
        "tresoreries-0-moyen": "cheque", "tresoreries-0-compte": "5112",
        "tresoreries-1-moyen": "especes", "tresoreries-1-compte": "531",
        "tresoreries-2-moyen": "virement", "tresoreries-2-compte": "515",
        "tresoreries-3-moyen": "prelevement",
    }  # fmt: skip
    reponse = agent.post(page("comptabilite_add"), donnees)
    assert reponse.status_code == 302, texte(reponse)
    assert Comptabilite.objects.get().imputations.count() == 2
    refus = agent.post(page("export_add"), PERIODE | {"quoi": "ecritures.csv"})
    assert Export.objects.count() == 1, texte(refus)
    lues = lire_csv(fichier(Export.objects.get()))[1:]
    assert {r[3] for r in lues} == {"4111", "7067", "5112", "515", "531"}
    assert agent.get(page("comptabilite_changelist"), follow=True).redirect_chain[-1][0] == page(
        "comptabilite_change", 1
    )
    assert agent.get(page("comptabilite_add")).status_code == 403


def test_un_fichier_qui_n_est_pas_un_schema_ne_se_garde_pas(agent):
    coder()
    for contenu, phrase in [(b"<rien/>", "Aucun de ces schémas"), (b"pas du xml", "pas un schéma XSD")]:
        donnees = {
            "tiers": "4111", "journal_ventes": "VT", "journal_avoirs": "AV", "journal_encaissements": "EN",
            "pes_fichier": "PESALR2", "pes_bordereau": "01", "pes_piece": "01", "pes_nature_piece": "01",
            "pes_schema": SimpleUploadedFile("pes.xsd", contenu),
            "imputations-TOTAL_FORMS": 0, "imputations-INITIAL_FORMS": 0,
            "tresoreries-TOTAL_FORMS": 0, "tresoreries-INITIAL_FORMS": 0,
        }  # fmt: skip
        assert phrase in texte(agent.post(page("comptabilite_change", 1), donnees))
    assert not Comptabilite.objects.get().pes_schema


def test_les_recettes_se_lisent_en_tableaux_et_font_la_somme_des_factures(agent):
    un_mois(4)
    reponse = agent.get(page("recettes"), PERIODE)
    vu, total = texte(reponse), Facture.objects.aggregate(s=Sum("total"))["s"]
    for phrase in ["Par école", "Par activité", "Par tranche de quotient", "Septembre 2026", "sans quotient connu",
                   euros(total).replace("\xa0", " ")]:  # fmt: skip
        assert phrase in vu, phrase
    assert reponse.content.decode().count('aria-hidden="true"><rect') >= 5
    assert "Rien n'est émis" in texte(agent.get(page("recettes"), {"debut": "2026-01-01", "fin": "2026-01-31"}))
    assert agent.get(page("recettes"), {"debut": "hier", "fin": "demain"}).status_code == 200


def test_les_heures_se_lisent_a_l_ecran(agent):
    un_mois(3)
    vu = texte(agent.get(page("heures"), PERIODE))
    for phrase in ["2026-T3", "6 ans et plus", "Heures réalisées", "Heures réservées", "Heures facturées"]:
        assert phrase in vu, phrase


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
@pytest.mark.parametrize("nom", ["export_add", "export_changelist", "recettes", "heures", "comptabilite_changelist"])
def test_les_exports_ne_sont_qu_a_la_regie(client, db, groupe, nom):
    client.force_login(f.agent(groupe))
    assert client.get(page(nom)).status_code in (302, 403)
    assert client.post(page("export_add"), PERIODE | {"quoi": "factures.csv"}).status_code in (302, 403)
    assert not Export.objects.exists()


def test_qui_ne_fait_que_lire_prend_un_fichier_mais_n_en_fait_pas(client, agent):
    un_mois(3)
    agent.post(page("export_add"), PERIODE | {"quoi": "factures.csv"})
    export = Export.objects.get()
    client.force_login(f.lecteur("familles.view_famille", "facturation.view_export"))
    assert client.get(page("export_fichier", export.pk)).status_code == 200
    assert client.get(page("export_add")).status_code == 403
    client.force_login(f.lecteur("familles.view_famille"))
    assert client.get(page("export_fichier", export.pk)).status_code == 403


@pytest.mark.parametrize("nom", ["export_add", "export_changelist", "recettes", "heures"])
def test_les_pages_coutent_autant_avec_trois_cents_rangees_qu_avec_une(agent, nom):
    un_mois(3)

    def requetes():
        with CaptureQueriesContext(connection) as vues:
            assert agent.get(page(nom), PERIODE if nom in ("recettes", "heures") else {}).status_code == 200
        return len(vues)

    def faits(combien):
        Export.objects.bulk_create(
            Export(genre="factures", format="csv", debut="2026-09-01", fin="2026-09-30", arrete_le=APRES,
                   empreinte="0" * 64, fait_par=f.compte() if n == 0 else None) for n in range(combien)
        )  # fmt: skip

    faits(1)
    requetes()
    peu = requetes()
    faits(300)
    for n in range(40):
        f.facture(f.famille(nom=f"F{n}"), total="10.00", emise_le=f.a_paris(2026, 11, 2))
    Facturation.objects.update(terminee_le=APRES)
    assert requetes() == peu


def test_la_mention_de_tva_s_imprime_quand_elle_est_remplie(agent):
    from facturation import actions
    from facturation.models import Regie

    f.commune()
    regie = Regie.objects.create()
    foyer = f.famille()
    sans = f.facture(foyer)
    assert "TVA" not in texte(agent.get(page("facture_change", sans.pk)))
    regie.mention_tva = "TVA non applicable, texte de la commune."
    regie.save()
    avec = f.facture(foyer, mois=f.dt.date(2026, 10, 1), total="5.00")
    Facturation.objects.filter(pk=avec.facturation_id).update(
        emetteur=actions.entetes.emetteur(f.commune(), regie, None)
    )
    assert "TVA non applicable, texte de la commune." in texte(agent.get(page("facture_change", avec.pk)))
    assert "TVA" not in texte(agent.get(page("facture_change", sans.pk))), "une facture émise ne change plus"
    assert D("5.00") == avec.total


def test_une_liste_exportee_telle_qu_on_l_a_filtree_laisse_sa_trace(agent):
    un_mois(3)
    agent.post(page("facture_export") + "?paiement=payee", {"format": "0", "resource": "0"})
    trace = LogEntry.objects.get(object_repr="Liste exportée : factures")
    assert trace.change_message == "2 en csv, filtre « paiement=payee »."


def test_une_liste_trop_longue_se_refuse_et_dit_de_la_filtrer(agent, monkeypatch):
    un_mois(3)
    monkeypatch.setattr("commune.exports.PLAFOND", 2)
    trop = agent.post(page("facture_export"), {"format": "0", "resource": "0"})
    assert "3 lignes : c'est trop pour un fichier, qui en tient 2." in texte(trop).replace("&#x27;", "'")
    assert "filtrez-la" in texte(trop)
    lignes = agent.post(page("facture_export") + "?paiement=payee", {"format": "0", "resource": "1"})
    assert "c'est trop pour un fichier" in texte(lignes).replace("&#x27;", "'"), "deux factures, et bien plus de lignes"
    assert not LogEntry.objects.filter(object_repr__startswith="Liste exportée").exists()
    tient = agent.post(page("facture_export") + "?paiement=payee", {"format": "0", "resource": "0"})
    assert tient["Content-Type"] == "text/csv"
