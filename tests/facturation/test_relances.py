"""Relancer : un courriel par foyer, jamais deux, jamais à qui ne doit pas l'être, et rien ne se perd."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction

from facturation import actions, imprimes
from facturation.models import (
    Budget,
    Contestation,
    EnvoiDeRelances,
    LotDePrelevements,
    NiveauRelance,
    Paiement,
    Prelevement,
    Regie,
    Relance,
    installer_niveaux,
)
from tests import fabriques as f

from .test_vues import texte_du_pdf

pytestmark = pytest.mark.django_db
ECHEANCE = dt.date(2026, 10, 1)
MATIN = f.a_paris(2026, 10, 12)
OCTOBRE = dt.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def regie():
    f.commune()
    installer_niveaux()
    return Regie.objects.create()


def due(foyer=None, total="28.50", **champs):
    return f.facture(foyer or f.famille(), total, echeance=champs.pop("echeance", ECHEANCE), **champs)


def relancer(quand=MATIN, **options):
    return actions.envoyer_relances(actions.lancer_relances(None, quand, **options).pk, quand)


def raisons(quand=MATIN):
    [examen] = actions.prevoir_relances(quand)
    return [raison for _, raison in examen.ecartees] + ([examen.pourquoi] if examen.pourquoi else [])


def test_un_foyer_recoit_un_courriel_pour_toutes_ses_factures(courriels):
    foyer = f.famille()
    factures = [due(foyer), due(foyer, "10", mois=OCTOBRE)]
    envoi = relancer()
    [recu] = courriels()
    corps = recu.get_body(("plain",)).get_content()
    assert recu["Subject"] == "Une facture vous attend"
    assert recu["To"] == foyer.compte.email
    assert all(facture.reference in corps for facture in factures)
    assert "/facturation/" in corps
    assert "un oubli" in corps
    assert (envoi.foyers, envoi.factures, envoi.lettres, envoi.total) == (1, 2, 0, D("38.50"))
    assert list(Relance.objects.order_by("facture").values_list("facture", "rang", "nom", "du", "jour", "moyen")) == [
        (facture.pk, 1, "Rappel amical", facture.total, MATIN.date(), "courriel") for facture in factures
    ]


def test_un_second_envoi_le_meme_jour_n_ecrit_a_personne(courriels):
    due()
    relancer()
    courriels()
    assert relancer(f.a_paris(2026, 10, 12, 18)).factures == 0
    assert courriels() == []
    assert Relance.objects.count() == 1


def test_les_niveaux_se_suivent_et_le_plus_haut_donne_le_ton(courriels):
    foyer = f.famille()
    vieille = due(foyer)
    relancer()
    recente = due(foyer, "12", mois=OCTOBRE, echeance=dt.date(2026, 10, 14))
    courriels()
    relancer(f.a_paris(2026, 10, 25))
    [recu] = courriels()
    assert recu["Subject"] == "Une facture reste à payer"
    assert dict(Relance.objects.filter(jour=dt.date(2026, 10, 25)).values_list("facture", "rang")) == {
        vieille.pk: 2, recente.pk: 1,
    }  # fmt: skip


def _contestee(facture):
    Contestation.objects.create(
        ligne=facture.lignes.get(), motif="Absente", envoyee_le=MATIN, repondre_avant=MATIN.date()
    )


def _question(facture):
    _contestee(facture)
    Contestation.objects.update(etat="question", suspendue_le=MATIN)


def _en_ligne(facture):
    Paiement.objects.create(
        famille=facture.famille, facture=facture, montant=facture.total, numcli="012345", refdet="x", idop="y",
        etat="doute", cree_le=MATIN,
    )  # fmt: skip


def _au_lot(facture):
    lot = LotDePrelevements.objects.create(
        jour=dt.date(2026, 10, 20), version="02", prepare_le=MATIN, nom_du_fichier="p.xml"
    )
    Prelevement.objects.create(lot=lot, facture=facture, montant=facture.total, sequence="FRST")


def _payee(facture):
    actions.encaisser(facture.famille, facture.total, "cheque", None, MATIN)


LAISSEES = {
    "contestée": (_contestee, ["une ligne contestée n'est pas encore décidée"]),
    "contestée, et la mairie demande une précision": (_question, ["une ligne contestée n'est pas encore décidée"]),
    "un paiement en ligne en doute": (_en_ligne, ["un paiement en ligne attend son résultat"]),
    "dans un lot de prélèvements": (_au_lot, ["un prélèvement est en route"]),
}


@pytest.mark.parametrize("nom", LAISSEES)
def test_on_ne_relance_pas_ce_qui_est_en_suspens(nom, courriels):
    geste, attendu = LAISSEES[nom]
    geste(due())
    assert raisons() == attendu
    assert relancer().factures == 0
    assert courriels() == []


def test_un_prelevement_annonce_est_attendu_et_un_mandat_revoque_ne_l_est_plus():
    foyer = f.famille()
    mandat = actions.signer_mandat(foyer, "Celine", "FR7630006000011234567890189", dt.date(2026, 9, 1))
    due(foyer, rum=mandat.rum, preleve_le=dt.date(2026, 10, 20))
    assert raisons() == ["un prélèvement est en route"]
    actions.revoquer_mandat(mandat, MATIN.date())
    assert raisons() == []


def test_une_facture_payee_ou_sous_le_seuil_n_est_pas_relancee(courriels):
    _payee(due())
    assert actions.prevoir_relances(MATIN) == []
    due(total="4.99")
    assert raisons() == ["moins que le seuil de relance"]
    assert relancer().factures == 0
    assert courriels() == []


def test_un_titre_est_deja_au_tresor_la_regie_ne_le_relance_pas(courriels):
    passage = due().facturation
    passage.emetteur = {"titre": {"structure": "012345", "reference": "{facture}", "adresse": "https://x.fr"}}
    passage.save()
    assert raisons() == ["un titre, que le Trésor recouvre déjà"]
    assert relancer().factures == 0
    assert courriels() == []


def test_la_regie_ecarte_un_foyer_pour_cette_fois(courriels):
    ecartee, autre = due(), due()
    relancer(ecartes=[ecartee.famille_id])
    assert list(Relance.objects.values_list("facture", flat=True)) == [autre.pk]
    assert len(courriels()) == 1


def test_un_foyer_sans_courriel_a_sa_lettre(courriels):
    facture = due(f.famille(avec_compte=False, nom="MARTIN"))
    envoi = relancer()
    [(famille, niveau, relances, total)] = actions.lettres_de(envoi)
    assert (famille, niveau.nom, total) == (facture.famille, "Rappel amical", D("28.50"))
    assert [r.moyen for r in relances] == ["lettre"]
    assert (envoi.lettres, courriels()) == (1, [])


def test_les_lettres_gardent_les_mots_d_alors():
    due(f.famille(avec_compte=False))
    envoi = relancer()
    NiveauRelance.objects.update(texte="Autre chose")
    [(_, niveau, *_)] = actions.lettres_de(EnvoiDeRelances.objects.get(pk=envoi.pk))
    assert "un oubli" in niveau.texte


def test_une_lettre_dit_pour_chaque_facture_le_compte_de_son_budget(regie, tmp_path):
    Regie.objects.update(iban="FR7630006000011234567890189", cheque_ordre="Régie de la cantine")
    loisirs = Budget.objects.create(
        nom="Régie des loisirs", iban="FR7610107001011234567890129", cheque_ordre="Centre de loisirs"
    )
    foyer = f.famille(avec_compte=False, nom="MARTIN")
    du_budget = due(foyer, budget=loisirs)
    envoi = relancer()
    lettre = texte_du_pdf(imprimes.lettres(envoi, actions.lettres_de(envoi)), tmp_path)
    assert "FR76 1010 7001" in lettre
    assert "Centre de loisirs" in lettre
    assert "FR76 3000 6000" not in lettre, "l'argent irait à une autre régie"
    assert "Régie de la cantine" not in lettre
    autre = due(foyer, mois=OCTOBRE)
    envoi = relancer(f.a_paris(2026, 11, 12))
    lettre = texte_du_pdf(imprimes.lettres(envoi, actions.lettres_de(envoi)), tmp_path)
    for facture, iban in [(du_budget, "FR76 1010 7001"), (autre, "FR76 3000 6000")]:
        assert f"Comment payer la facture {facture.reference}" in lettre
        assert iban in lettre


def test_sans_niveau_rien_ne_se_lance():
    NiveauRelance.objects.all().delete()
    with pytest.raises(ValidationError) as refus:
        actions.lancer_relances(None, MATIN)
    assert refus.value.code == "niveaux"


def test_un_niveau_vient_apres_celui_d_avant():
    with pytest.raises(ValidationError):
        NiveauRelance(rang=4, nom="Encore", jours=45, objet="x", texte="y").full_clean()
    NiveauRelance(rang=4, nom="Encore", jours=46, objet="x", texte="y").full_clean()


def test_interrompu_l_envoi_reprend_sans_rien_perdre_ni_doubler(courriels, monkeypatch):
    foyers = [due().famille for _ in range(5)]
    envoi = actions.lancer_relances(None, MATIN)
    vrai, appels = actions.relances.ecrire_aux_foyers, []

    def tombe(gabarit, contextes):
        vrai(gabarit, contextes)
        appels.append(contextes)
        if len(appels) == 2:
            raise OSError("la machine tombe après avoir déposé les courriels")

    monkeypatch.setattr(actions.relances, "ecrire_aux_foyers", tombe)
    with pytest.raises(OSError, match="la machine tombe"):
        actions.envoyer_relances(envoi.pk, MATIN, lot=2)
    monkeypatch.undo()
    assert Relance.objects.count() == 2, "le lot interrompu n'a rien laissé"
    assert actions.lancer_relances(None, MATIN) == envoi, "on reprend celui qui n'a pas fini"
    actions.envoyer_relances(envoi.pk, MATIN, lot=2)
    assert sorted(m["To"] for m in courriels()) == sorted(foyer.compte.email for foyer in foyers)
    assert Relance.objects.count() == 5


def test_la_tache_fait_l_envoi_et_la_nuit_ne_relance_que_si_la_regie_l_a_choisi(regie, courriels):
    due()
    assert actions.relancer_automatiquement(MATIN) is None
    regie.relance_auto = True
    regie.save()
    envoi = actions.relancer_automatiquement(MATIN)
    assert len(courriels()) == 1  # la file fait tourner la vraie tâche
    envoi.refresh_from_db()
    assert envoi.lance_par is None
    assert envoi.termine_le
    assert actions.relancer_automatiquement(MATIN) is None, "personne à relancer, aucun envoi"


@pytest.mark.django_db(transaction=True)
def test_deux_regisseurs_en_meme_temps_n_ecrivent_qu_une_fois(courriels):
    for _ in range(6):
        due()
    envois = [
        EnvoiDeRelances.objects.create(lance_le=MATIN, niveaux=[list(n) for n in actions.relances.niveaux()])
        for _ in range(2)
    ]

    def envoyer(envoi):
        try:
            return actions.envoyer_relances(envoi.pk, MATIN, lot=2).factures
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        assert sum(fils.map(envoyer, envois)) == 6
    assert len(courriels()) == 6
    assert Relance.objects.count() == 6


@pytest.mark.parametrize("geste", ["changer", "effacer"])
def test_une_relance_faite_ne_change_plus(geste):
    due()
    relancer()
    with pytest.raises(DatabaseError), transaction.atomic():
        Relance.objects.update(du=1) if geste == "changer" else Relance.objects.all().delete()


def test_autant_de_requetes_pour_un_foyer_que_pour_vingt(django_assert_max_num_queries, regie):
    due()
    with django_assert_max_num_queries(14):
        assert len(actions.prevoir_relances(MATIN)) == 1
    for _ in range(20):
        due()
    with django_assert_max_num_queries(14):
        assert len(actions.prevoir_relances(MATIN)) == 21
