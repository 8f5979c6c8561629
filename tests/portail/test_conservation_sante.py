"""La santé d'un enfant s'efface après sa dernière inscription ; celle des autres ne bouge pas."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from documents.models import Piece
from familles.actions import consigner_lectures, enregistrer_fiche
from familles.models import Enfant, FicheSanitaire, LectureFiche
from portail import actions
from portail.actions import conservation
from tests import fabriques as f
from tests.beaucoup import BEAUCOUP, copies, enfants, foyers, memes_requetes
from tests.conftest import travailler
from tests.portail.test_conservation_ensemble import a_cote, attendre_un_verrou

pytestmark = pytest.mark.django_db
RENTREE = f.a_paris(2026, 9, 10)
# L'année finit le 3 juillet 2027 et la commune garde la santé trois mois.
VEILLE, FIN = f.a_paris(2027, 10, 3, 3, 37), f.a_paris(2027, 10, 4, 3, 37)


@pytest.fixture
def hugo(time_machine):
    """Hugo, inscrit toute l'année 2026-2027, avec une fiche, un PAI et une assurance."""
    time_machine.move_to(RENTREE, tick=False)
    f.commune()
    foyer = f.famille()
    petit = f.enfant(foyer)
    petit.foyer = foyer
    f.inscription(petit, f.activite(site=petit.ecole))
    sante = f.type_piece(nom="PAI", portee="enfant", sante=True)
    petit.pai = f.piece(sante, petit.foyer, petit, etat="validee", envoyee_le=RENTREE)
    petit.assurance = f.piece(f.type_piece(portee="enfant"), petit.foyer, petit, envoyee_le=RENTREE)
    enregistrer_fiche(petit, allergies="Arachide", pai="Oui")
    consigner_lectures([petit], f.agent("Agents"), "/presences/", RENTREE)
    return petit


def a_sa_sante(petit):
    return FicheSanitaire.objects.filter(enfant=petit).exists(), Piece.objects.filter(pk=petit.pai.pk).exists()


def annee_suivante():
    return f.annee(nom="2027-2028", debut=dt.date(2027, 9, 1), fin=dt.date(2028, 7, 5))


def test_trois_mois_apres_la_fin_de_l_inscription(hugo):
    assert actions.purger(VEILLE).sante == 0
    assert a_sa_sante(hugo) == (True, True)
    assert actions.purger(FIN).sante == 1
    travailler()
    assert a_sa_sante(hugo) == (False, False)
    assert not default_storage.exists(hugo.pai.fichier.name)
    assert actions.purger(FIN).sante == 0


def test_le_reste_de_l_enfant_et_les_lectures_de_sa_fiche_restent(hugo):
    actions.purger(FIN)
    travailler()
    assert Enfant.objects.get(pk=hugo.pk).prenom == "Hugo"
    assert Piece.objects.get().pk == hugo.assurance.pk
    assert default_storage.exists(hugo.assurance.fichier.name)
    assert LectureFiche.objects.count() == 1


@pytest.mark.parametrize("etat", ["validee", "demandee", "attente"])
def test_un_enfant_reinscrit_la_garde(hugo, etat):
    f.inscription(hugo, f.activite(), annee=annee_suivante(), etat=etat)
    assert actions.purger(FIN).sante == 0
    assert a_sa_sante(hugo) == (True, True)


def test_une_inscription_refusee_ne_la_garde_pas(hugo):
    f.inscription(hugo, f.activite(), annee=annee_suivante(), etat="refusee", motif="Trop grand.")
    assert actions.purger(FIN).sante == 1


def test_un_enfant_ajoute_sur_place_sans_inscription_la_garde(hugo):
    f.reservation(hugo, f.seance(f.activite(), dt.date(2027, 10, 1)))
    assert actions.purger(FIN).sante == 0
    assert actions.purger(f.a_paris(2028, 1, 2)).sante == 1


def test_un_enfant_parti_en_novembre_n_attend_pas_l_ete(hugo):
    hugo.inscriptions.update(fin=dt.date(2026, 11, 10))
    assert actions.purger(f.a_paris(2027, 2, 10)).sante == 0
    assert actions.purger(f.a_paris(2027, 2, 11)).sante == 1


def test_un_dossier_en_preparation_la_garde_jusqu_au_bout_de_l_annee(hugo):
    hugo.inscriptions.all().delete()
    assert actions.purger(VEILLE).sante == 0
    assert actions.purger(FIN).sante == 1


def test_une_fiche_refaite_l_ete_attend_l_annee_suivante(hugo, time_machine):
    annee_suivante()
    time_machine.move_to(f.a_paris(2027, 8, 20), tick=False)
    enregistrer_fiche(hugo, allergies="Arachide, œuf")
    assert actions.purger(FIN).sante == 0
    assert actions.purger(f.a_paris(2028, 10, 6)).sante == 1


def test_la_piece_de_sante_d_un_foyer_suit_les_inscriptions_du_foyer(hugo):
    liaison = f.piece(f.type_piece(sante=True), hugo.foyer, envoyee_le=RENTREE)
    actions.purger(VEILLE)
    assert Piece.objects.filter(pk=liaison.pk).exists()
    actions.purger(FIN)
    travailler()
    assert not Piece.objects.filter(pk=liaison.pk).exists()
    assert not default_storage.exists(liaison.fichier.name)


def test_une_fratrie_recoit_un_seul_courriel_et_chaque_foyer_le_sien(hugo, courriels):
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    enregistrer_fiche(lina, regime="sans_porc")
    f.inscription(lina, f.activite())
    papa = f.famille(nom="PAPA")
    for petit in (hugo, lina):
        f.rattacher(petit, papa)
    assert actions.purger(FIN).sante == 2
    recus = courriels()
    assert sorted(c["To"] for c in recus) == sorted([hugo.foyer.compte.email, papa.compte.email])
    for recu in recus:
        texte = recu.get_body(("plain",)).get_content()
        assert recu["Subject"] == "Des fiches sanitaires effacées"
        assert "Hugo et Lina n'ont plus d'inscription" in texte
        assert "rachide" not in texte
        assert "porc" not in texte


def test_un_enfant_sans_foyer_perd_aussi_sa_sante(hugo):
    hugo.rattachements.update(fin=dt.date(2027, 7, 3))
    assert actions.purger(FIN).sante == 1
    assert a_sa_sante(hugo) == (False, False)


def test_prevoir_ne_coute_pas_plus_pour_trois_cents_enfants(hugo):
    with memes_requetes(lambda: actions.prevoir(FIN)):
        fiche = enregistrer_fiche(f.enfant(hugo.foyer, ecole=hugo.ecole), allergies="Lait")
        copies(fiche, BEAUCOUP - 2, enfant=enfants(foyers(BEAUCOUP - 2), ecole=hugo.ecole))
    assert len(actions.prevoir(FIN).sante) == BEAUCOUP


@pytest.mark.django_db(transaction=True)
def test_une_fiche_refaite_a_l_instant_reste(hugo, time_machine):
    annee_suivante()
    time_machine.move_to(FIN, tick=False)
    with transaction.atomic():
        enregistrer_fiche(hugo, allergies="Œuf")
        purge = a_cote(lambda: conservation.effacer_sante([hugo.pk], [hugo.foyer.pk], FIN))
        attendre_un_verrou()
    assert purge.result(30) == 0
    assert FicheSanitaire.objects.get().allergies == "Œuf"
