"""La fin de conservation d'une famille : prévenue, effacée, et rien de plus. Sur un vrai PostgreSQL."""

import datetime as dt

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from documents.models import Piece
from facturation.models import Avoir, Contestation, Facture, Ligne, Precision, Reglement, Remboursement, solde_de
from familles.models import Adulte, Enfant, Famille, LectureFiche
from inscriptions.models import Inscription
from messagerie.models import Message
from portail import actions
from portail.actions import conservation
from portail.models import Compte, Consentement, Effacement
from presences.models import Geste, Pointage
from reservations.models import Excuse, Mouvement, Reservation
from tests import fabriques as f
from tests.acces import contenu, maison
from tests.conftest import travailler
from tests.portail.conservation import (
    APRES,
    FIN,
    PREAVIS,
    RECENT,
    TROP_TOT,
    VEILLE,
    ailleurs,
    bilan,
    effacer,
    fichiers,
    reinscrire,
    reserver,
)

pytestmark = pytest.mark.django_db


# --- Le calendrier ------------------------------------------------------------------------------------------------
def test_prevenue_un_mois_avant_puis_effacee_le_jour_venu(zut):
    assert bilan(TROP_TOT) == (0, 0, 0)
    assert bilan(PREAVIS) == (1, 0, 0)
    assert bilan(VEILLE) == (0, 0, 0)
    assert bilan(FIN) == (0, 1, 0)
    assert bilan(APRES) == (0, 0, 0)


def test_une_seconde_purge_ne_fait_rien(zut):
    effacer()
    avant = contenu()
    assert actions.purger(APRES) == conservation.Bilan()
    assert contenu() == avant


def test_jamais_effacee_sans_un_mois_de_preavis_meme_en_retard(zut):
    """Le portail arrêté des années, ou une conservation raccourcie : le préavis reste entier."""
    assert bilan(f.a_paris(2040, 1, 31)) == (1, 0, 0)
    assert bilan(f.a_paris(2040, 2, 29)) == (0, 0, 0)
    assert bilan(f.a_paris(2040, 3, 1)) == (0, 1, 0)


def test_la_duree_est_celle_de_la_commune(zut):
    f.commune(conservation=2)
    caches["local"].clear()
    assert bilan(f.a_paris(2029, 6, 3)) == (0, 0, 0)
    assert bilan(f.a_paris(2029, 6, 4)) == (1, 0, 0)
    assert bilan(f.a_paris(2029, 7, 4)) == (0, 1, 0)


@pytest.mark.parametrize("champ", ["conservation", "conservation_sante"])
def test_une_commune_ne_garde_pas_zero(champ):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.commune(**{champ: 0})


def test_la_famille_prevenue_recoit_un_courriel_par_parent(zut, courriels, settings):
    settings.ADRESSE = "https://famille.exemple.fr"
    autre = f.compte(email="parti@exemple.fr", is_active=False)
    Adulte.objects.create(famille=zut.foyer, nom="X", prenom="Y", civilite="m", compte=autre)
    courriels()  # ceux de ses factures
    conservation.prevenir(zut.foyer.pk, PREAVIS)
    [recu] = courriels()
    assert (recu["To"], recu["Subject"]) == ("zut@exemple.fr", "Votre Espace Famille va être effacé")
    texte = recu.get_body(("plain",)).get_content()
    assert "à partir du 4 juillet 2032" in texte
    assert "https://famille.exemple.fr/connexion/" in texte


SIGNES = {
    "une inscription validée": lambda z: reinscrire(z),
    "une demande d'inscription": lambda z: reinscrire(z, etat="demandee"),
    "une réservation": reserver,
    "une présence": lambda z: Pointage.objects.create(
        enfant=z.hugo, seance=f.seance(f.activite(), dt.date(2031, 3, 4)), etat="present", recu_le=RECENT
    ),
    "une connexion": lambda z: Compte.objects.filter(pk=z.compte.pk).update(last_login=RECENT),
    "un nouveau compte": lambda z: Compte.objects.filter(pk=z.compte.pk).update(cree_le=RECENT),
    "un nouvel enfant": lambda z: Enfant.objects.filter(pk=z.hugo.pk).update(cree_le=RECENT),
    "un dossier validé": lambda z: Famille.objects.filter(pk=z.foyer.pk).update(validee_le=RECENT),
    "l'enfant inscrit par son autre foyer": lambda z: ailleurs(z, lambda papa: reinscrire(z, famille=papa)),
}
RIENS = {
    "une inscription refusée": lambda z: reinscrire(z, etat="refusee", motif="Trop jeune."),
    "une réservation annulée": lambda z: reserver(z, etat="annulee"),
    "la connexion d'un autre parent": lambda z: Compte.objects.exclude(pk=z.compte.pk).update(last_login=RECENT),
    "l'enfant parti, inscrit ailleurs": lambda z: ailleurs(z, lambda papa: (
        z.foyer.rattachements.update(fin=dt.date(2027, 9, 1)), reinscrire(z, famille=papa)
    )),
}  # fmt: skip


@pytest.mark.parametrize("signe", SIGNES)
def test_tout_signe_de_vie_garde_la_famille(zut, signe):
    SIGNES[signe](zut)
    prevision = actions.prevoir(FIN)
    assert zut.foyer.pk not in prevision.prevenir + prevision.effacer


@pytest.mark.parametrize("rien", RIENS)
def test_ce_qui_n_est_pas_un_signe_de_vie(zut, rien):
    RIENS[rien](zut)
    assert zut.foyer.pk in actions.prevoir(FIN).prevenir


@pytest.mark.parametrize("signe", SIGNES)
def test_une_famille_prevenue_qui_revient_reste_et_sera_prevenue_a_nouveau(zut, signe):
    conservation.prevenir(zut.foyer.pk, PREAVIS)
    SIGNES[signe](zut)
    assert bilan(FIN) == (0, 0, 0)
    assert not Effacement.objects.filter(famille=zut.foyer).exists()
    assert Famille.objects.get(pk=zut.foyer.pk).nom == "ZutLA STAR"
    tard = f.a_paris(2040, 1, 15)
    assert bilan(tard)[0] >= 1
    assert Effacement.objects.get(famille=zut.foyer).prevenue_le == tard


# --- Ce qui s'efface ----------------------------------------------------------------------------------------------
def test_plus_rien_ne_la_designe_hors_de_la_comptabilite(zut):
    assert effacer() == 1
    restes = {
        table for table, lignes in contenu().items() for ligne in lignes if "zut" in ligne.lower() or "98 76" in ligne
    }
    assert restes == {"facturation.Facture", "facturation.Ligne", "facturation.Avoir", "facturation.Remboursement"}
    assert Famille.objects.get(pk=zut.foyer.pk).nom == f"EFFACÉE {zut.foyer.pk}"
    hugo = Enfant.objects.get(pk=zut.hugo.pk)
    assert (str(hugo), hugo.date_naissance, hugo.ecole, hugo.photo.name) == (
        "Enfant EFFACÉ", dt.date(2018, 1, 1), None, ""
    )  # fmt: skip
    for table in (Adulte, Message, Piece, Excuse, Contestation, Precision):
        assert not table.objects.exists()
    assert Effacement.objects.get().effacee_le == FIN


def test_ses_fichiers_ont_vraiment_disparu_du_disque(zut, ici):
    siens = fichiers(zut.foyer)
    assert len(siens) >= 6
    assert all(default_storage.exists(nom) for nom in siens)
    effacer()
    assert [nom for nom in siens if default_storage.exists(nom)] == []
    assert default_storage.exists(ici.domicile.modele.name)


def test_les_factures_les_avoirs_et_les_reglements_restent_tels_quels(zut):
    tables = (Facture, Ligne, Avoir, Reglement, Remboursement)
    avant, solde = {t: list(t.objects.order_by("pk").values()) for t in tables}, solde_de(zut.foyer)
    restes = list(Facture.objects.avec_reste().order_by("pk").values_list("pk", "reste"))
    effacer()
    assert {t: list(t.objects.order_by("pk").values()) for t in tables} == avant
    assert solde_de(zut.foyer) == solde
    assert list(Facture.objects.avec_reste().order_by("pk").values_list("pk", "reste")) == restes


def test_les_journaux_et_les_consentements_restent_sans_nom(zut):
    tables = (Reservation, Mouvement, Pointage, Geste, LectureFiche, Inscription, Consentement)
    avant = {t: t.objects.count() for t in tables}
    mouvement = Mouvement.objects.values().get()
    effacer()
    assert {t: t.objects.count() for t in tables} == avant
    assert Mouvement.objects.values().get() == mouvement | {"motif": ""}
    [accord] = Consentement.objects.select_related("compte")
    assert accord.reponse == "accepte"
    assert (str(accord.compte), accord.compte.email) == (
        f"efface-{zut.compte.pk}@compte.invalid", f"efface-{zut.compte.pk}@compte.invalid"
    )  # fmt: skip


def test_le_journal_de_l_administration_ne_nomme_plus_personne(zut):
    marie = f.agent("Direction")
    for objet in (zut.foyer, zut.hugo, zut.papi, zut.piece, zut.reglement, zut.compte):
        LogEntry.objects.log_actions(marie.pk, [objet], CHANGE, f"Zut : {objet}", single_object=True)
    autre = f.famille(nom="AUTRE", avec_compte=False)
    LogEntry.objects.log_actions(marie.pk, [autre], CHANGE, "Adresse", single_object=True)
    Famille.objects.filter(pk=autre.pk).update(validee_le=RECENT)
    effacer()
    lignes = LogEntry.objects.exclude(object_id=autre.pk, content_type__model="famille")
    assert set(lignes.values_list("user", "object_repr", "change_message")) == {(marie.pk, "Effacé", "")}
    assert LogEntry.objects.count() == 7
    assert LogEntry.objects.filter(object_repr="Famille AUTRE", change_message__contains="Adresse").exists()


def test_son_compte_n_ouvre_plus_rien(zut, client):
    client.force_login(zut.compte)
    Compte.objects.filter(pk=zut.compte.pk).update(last_login=None)
    effacer()
    assert reverse("connexion") in client.get(reverse("accueil")).headers["Location"]
    essai = {"username": "zut@exemple.fr", "password": "portail-famille", "robot": "on"}
    autre = Client()
    assert autre.post(reverse("connexion"), essai).status_code == 200
    assert "_auth_user_id" not in autre.session
    compte = Compte.objects.get(pk=zut.compte.pk)
    assert (compte.is_active, compte.has_usable_password(), compte.texte_accepte) == (False, False, None)


def test_le_compte_d_un_agent_qui_est_aussi_parent_reste_le_sien(zut):
    Compte.objects.filter(pk=zut.compte.pk).update(is_staff=True)
    effacer()
    assert Compte.objects.get(pk=zut.compte.pk).email == "zut@exemple.fr"
    assert not Adulte.objects.filter(compte=zut.compte).exists()


def test_une_autre_famille_garde_tout(ici):
    celine = maison(ici)
    Compte.objects.filter(pk=celine.compte.pk).update(last_login=RECENT)
    reinscrire(celine)
    avant, leurs = contenu(), fichiers(celine.foyer)
    del avant["facturation.Compteur"]  # l'avoir de l'autre foyer prend un numéro
    del avant["reservations.Evenement"]  # la file, en tournant, annonce celui de la ville
    del avant["reservations.Seance"]  # et recalcule les limites des séances
    zut = maison(ici, "Zut")
    assert effacer() == 1
    assert Famille.objects.get(pk=zut.foyer.pk).nom.startswith("EFFACÉE")
    apres = contenu()
    assert {table for table, lignes in avant.items() if set(lignes) - set(apres[table])} == set()
    assert all(default_storage.exists(nom) for nom in leurs)


def test_l_enfant_de_deux_foyers_reste_tant_que_l_un_d_eux_reste(zut):
    papa = f.famille(nom="PAPA")
    f.rattacher(zut.hugo, papa)
    Compte.objects.filter(pk=papa.compte.pk).update(last_login=RECENT)
    effacer()
    assert list(Effacement.objects.values_list("famille", "effacee_le")) == [(zut.foyer.pk, FIN)]
    hugo = Enfant.objects.get(pk=zut.hugo.pk)
    assert (hugo.prenom, hugo.photo.name) == ("ZutHugo", zut.hugo.photo.name)
    assert [lien.famille for lien in hugo.rattachements.all()] == [papa]
    assert default_storage.exists(hugo.photo.name)
    actions.purger(f.a_paris(2036, 3, 10))
    actions.purger(f.a_paris(2036, 5, 10))
    travailler()
    assert Effacement.objects.faits().count() == 2
    assert str(Enfant.objects.get(pk=zut.hugo.pk)) == "Enfant EFFACÉ"
    assert not default_storage.exists(hugo.photo.name)


def test_la_mairie_ouvre_encore_les_pages_d_une_famille_effacee(zut, client, time_machine):
    effacer()
    time_machine.move_to(APRES, tick=False)
    client.force_login(f.agent("Direction"))
    for nom, pk in [
        ("familles_famille", zut.foyer.pk), ("familles_enfant", zut.hugo.pk), ("facturation_facture", zut.facture.pk),
        ("facturation_reglement", zut.reglement.pk), ("portail_compte", zut.compte.pk),
        ("inscriptions_inscription", zut.inscription.pk), ("reservations_reservation", zut.reservation.pk),
    ]:  # fmt: skip
        for adresse in (reverse(f"admin:{nom}_change", args=[pk]), reverse(f"admin:{nom}_changelist")):
            page = client.get(adresse)
            assert page.status_code == 200, adresse
    page = client.get(reverse("admin:portail_effacement_changelist"), {"etat": "faits"}).content.decode()
    assert f"Famille EFFACÉE {zut.foyer.pk}" in page
