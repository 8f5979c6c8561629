"""Ce que la mairie et les agents font au-delà des limites, et les excuses."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from commune.fichiers import Propre
from reservations.actions import ajouter_sur_place, annuler, decider_excuse, excuser
from reservations.models import Excuse, Mouvement, Reservation
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
MIDI = f.a_paris(2026, 9, 7, 12, 10)
DIMANCHE = f.a_paris(2026, 9, 6, 20)


@pytest.fixture
def hugo(db):
    f.commune()
    return f.enfant()


@pytest.fixture
def cantine(hugo):
    activite = f.activite(site=hugo.ecole, nom="Restauration", capacite=0)
    f.inscription(hugo, activite)
    return f.seance(activite, LUNDI)


def code(appel):
    with pytest.raises(ValidationError) as refus:
        appel()
    return refus.value.code


def test_un_agent_ajoute_au_dela_de_la_limite_et_des_places(hugo, cantine):
    agent = f.agent()
    reservation = ajouter_sur_place(hugo, cantine, agent, "Oubli du parent", MIDI)
    assert (reservation.etat, reservation.hors_delai, reservation.famille) == ("reservee", True, hugo.familles.get())
    mouvement = Mouvement.objects.get()
    assert (mouvement.origine, mouvement.compte, mouvement.motif) == ("agent", agent, "Oubli du parent")


def test_avant_la_limite_ce_n_est_pas_hors_delai(hugo, cantine):
    assert not ajouter_sur_place(hugo, cantine, f.agent(), "Par téléphone", DIMANCHE).hors_delai


def test_une_reservation_annulee_revit(hugo, cantine):
    f.reservation(hugo, cantine, etat="annulee")
    ajouter_sur_place(hugo, cantine, f.agent(), "Finalement là", MIDI)
    assert Reservation.objects.get().etat == "reservee"
    assert Mouvement.objects.values_list("avant", "apres").get() == ("annulee", "reservee")


def test_un_enfant_non_inscrit_est_ajoute_a_son_premier_foyer(hugo, cantine):
    inconnu = f.enfant(prenom="Ana")
    pere = f.famille()
    f.rattacher(inconnu, pere)
    reservation = ajouter_sur_place(inconnu, cantine, f.agent(), "Arrivée dans l'école", MIDI)
    assert reservation.famille == inconnu.familles.order_by("rattachements__foyer").first() != pere


def test_le_foyer_qui_paie_est_celui_de_l_inscription_du_jour(hugo, cantine):
    pere = f.famille()
    f.rattacher(hugo, pere)
    hugo.inscriptions.update(famille=pere)
    assert ajouter_sur_place(hugo, cantine, f.agent(), "Là", MIDI).famille == pere


def test_ajouter_se_refuse_sans_raison_deux_fois_ou_si_la_seance_est_annulee(hugo, cantine):
    agent = f.agent()
    assert code(lambda: ajouter_sur_place(hugo, cantine, agent, " ", MIDI)) == "sans_motif"
    ajouter_sur_place(hugo, cantine, agent, "Là", MIDI)
    assert code(lambda: ajouter_sur_place(hugo, cantine, agent, "Là", MIDI)) == "deja"
    cantine.ouverte, cantine.motif = False, "Grève"
    cantine.save()
    assert code(lambda: ajouter_sur_place(f.enfant(), cantine, agent, "Là", MIDI)) == "ferme"


def test_un_enfant_sans_foyer_n_est_ajoute_a_personne(hugo, cantine):
    seul = f.enfant(prenom="Seul")
    seul.rattachements.update(fin=dt.date(2026, 9, 1))
    assert code(lambda: ajouter_sur_place(seul, cantine, f.agent(), "Là", MIDI)) == "sans_foyer"


def test_la_mairie_annule_apres_la_limite_et_l_ecrit_a_la_famille(hugo, cantine, courriels):
    reservation = f.reservation(hugo, cantine)
    annulee = annuler(reservation, f.agent("Périscolaire"), "Sortie scolaire", MIDI)
    assert annulee.etat == "annulee"
    assert Mouvement.objects.values_list("origine", "motif").get() == ("mairie", "Sortie scolaire")
    [courriel] = courriels()
    assert courriel["To"] == hugo.familles.get().adultes.get().compte.email
    assert "Raison : Sortie scolaire" in courriel.get_body(("plain",)).get_content()
    assert code(lambda: annuler(reservation, f.agent(), "Encore", MIDI)) == "deja"


# --- Les excuses ----------------------------------------------------------------------------------------------------
def test_apres_la_limite_une_absence_s_excuse_par_ecrit(hugo, cantine):
    compte = hugo.familles.get().adultes.get().compte
    reservation = f.reservation(hugo, cantine)
    mot = Propre(ContentFile(b"%PDF-1.7"), "certificat.pdf", 1, "application/pdf")
    excuse = excuser(reservation, " Malade ", mot, compte, MIDI)
    assert (excuse.texte, excuse.etat, excuse.envoyee_par) == ("Malade", "envoyee", compte)
    assert excuse.fichier.name.startswith("reservations/")
    assert "certificat" not in excuse.fichier.name
    reservation.refresh_from_db()
    assert reservation.etat == "reservee"
    assert Mouvement.objects.values_list("avant", "apres").get() == ("reservee", "excuse")


@pytest.mark.parametrize(
    ("champs", "maintenant", "attendu"),
    [
        ({}, DIMANCHE, "encore_annulable"),
        ({"etat": "annulee"}, MIDI, "annulee"),
        ({}, f.a_paris(2026, 10, 8, 12), "trop_tard"),
    ],
)
def test_une_excuse_se_refuse(hugo, cantine, champs, maintenant, attendu):
    reservation = f.reservation(hugo, cantine, **champs)
    assert code(lambda: excuser(reservation, "Malade", None, None, maintenant)) == attendu
    assert not Excuse.objects.exists()


def test_une_seule_excuse_par_absence(hugo, cantine):
    reservation = f.reservation(hugo, cantine)
    f.excuse(reservation)
    assert code(lambda: excuser(reservation, "Malade", None, None, MIDI)) == "deja"


def test_accepter_une_excuse_l_ecrit_a_la_famille_et_au_journal(hugo, cantine, courriels):
    excuse = f.excuse(f.reservation(hugo, cantine))
    decidee = decider_excuse(excuse, True, "Bon rétablissement.", f.agent("Périscolaire"), MIDI)
    assert (decidee.etat, decidee.decidee_le) == ("acceptee", MIDI)
    assert Mouvement.objects.values_list("avant", "apres", "origine").get() == ("excuse", "acceptee", "mairie")
    [courriel] = courriels()
    assert courriel["Subject"] == "Votre excuse du lundi 7 septembre 2026 est acceptée"
    assert "Bon rétablissement." in courriel.get_body(("plain",)).get_content()


def test_un_refus_se_motive(hugo, cantine, courriels):
    excuse = f.excuse(f.reservation(hugo, cantine))
    assert code(lambda: decider_excuse(excuse, False, " ", f.agent(), MIDI)) == "sans_motif"
    decider_excuse(excuse, False, "Prévenu trop tard.", f.agent(), MIDI)
    assert "sera facturée" in courriels()[0].get_body(("plain",)).get_content()


def test_une_decision_se_reprend_mais_ne_se_repete_pas(hugo, cantine, courriels):
    excuse, mairie = f.excuse(f.reservation(hugo, cantine)), f.agent()
    decider_excuse(excuse, False, "Sans justificatif.", mairie, MIDI)
    assert code(lambda: decider_excuse(excuse, False, "Sans justificatif.", mairie, MIDI)) == "deja"
    decider_excuse(excuse, True, "Certificat reçu.", mairie, MIDI)
    assert list(Mouvement.objects.order_by("pk").values_list("avant", "apres")) == [
        ("excuse", "refusee"), ("refusee", "acceptee"),
    ]  # fmt: skip
