"""La mairie décide, la famille termine ou se retire."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from inscriptions import actions
from inscriptions.models import Inscription
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 11, 23, 10)


def demande(petit=None, activite=None, **champs):
    return f.inscription(petit or f.enfant(), activite or f.activite(), **{"etat": "demandee"} | champs)


def code(refus):
    return refus.value.error_list[0].code


@pytest.mark.parametrize(
    ("etat", "motif", "sujet"),
    [
        ("validee", "", "Inscription acceptée"),
        ("attente", "", "Votre demande est en liste d'attente"),
        ("refusee", "Les petits d'abord.", "Votre demande n'est pas acceptée"),
    ],
)
def test_une_decision_se_date_se_signe_et_s_ecrit_a_la_famille(etat, motif, sujet, courriels):
    inscription, marie = demande(), f.agent("Périscolaire", prenom="Marie", nom="AUGER")
    actions.decider(inscription, etat, motif, marie, MAINTENANT)
    inscription.refresh_from_db()
    assert (inscription.etat, inscription.motif) == (etat, motif)
    assert (inscription.decidee_le, inscription.decidee_par) == (MAINTENANT, marie)
    [courriel] = courriels()
    assert courriel["Subject"] == sujet
    assert motif in courriel.get_body(("plain",)).get_content()
    assert motif.replace("'", "&#x27;") in courriel.get_body(("html",)).get_content()


def test_un_refus_se_motive():
    with pytest.raises(ValidationError) as refus:
        actions.decider(demande(), "refusee", "  ", f.agent(), MAINTENANT)
    assert code(refus) == "motif"


def test_le_collegue_arrive_trop_tard_et_sait_qui_a_decide(courriels):
    inscription, marie = demande(), f.agent("Périscolaire", prenom="Marie", nom="AUGER")
    actions.decider(inscription, "validee", "", marie, MAINTENANT)
    with pytest.raises(ValidationError) as refus:
        actions.decider(inscription, "refusee", "Non.", f.agent(), MAINTENANT)
    assert code(refus) == "decidee"
    assert "validée par Marie AUGER" in refus.value.messages[0]
    assert len(courriels()) == 1


def test_ensemble_un_courriel_par_famille(courriels):
    foyer, autre = f.famille(), f.famille(nom="AUGER")
    midi = f.activite()
    trois = [
        demande(f.enfant(foyer), midi),
        demande(f.enfant(foyer, prenom="Lina"), midi),
        demande(f.enfant(autre), midi),
    ]
    actions.decider_ensemble(trois, "validee", "", f.agent(), MAINTENANT)
    recus = courriels()
    assert sorted(c["To"] for c in recus) == sorted([foyer.compte.email, autre.compte.email])
    assert Inscription.objects.filter(etat="validee").count() == 3


def test_ensemble_s_arrete_a_la_derniere_place_et_n_accepte_alors_personne():
    midi = f.activite(inscriptions_max=1)
    with pytest.raises(ValidationError) as refus:
        actions.decider_ensemble([demande(activite=midi), demande(activite=midi)], "validee", "", f.agent(), MAINTENANT)
    assert code(refus) == "complet"
    assert not Inscription.objects.filter(etat="validee").exists()


def test_un_refus_ne_revit_pas_si_la_famille_a_redemande():
    premiere = demande()
    actions.decider(premiere, "refusee", "Complet.", f.agent(), MAINTENANT)
    demande(premiere.enfant, premiere.activite)
    with pytest.raises(ValidationError) as refus:
        actions.decider(premiere, "validee", "", f.agent(), MAINTENANT)
    assert code(refus) == "decidee"


def test_la_mairie_inscrit_d_office_meme_hors_des_regles_mais_pas_sans_place():
    petit = f.enfant()
    foyer, midi = petit.familles.get(), f.activite(inscriptions_max=1)
    marie = f.agent("Périscolaire")
    actions.inscrire(petit, midi, f.annee(), foyer, marie, MAINTENANT, f.RENTREE)
    autre = f.enfant()
    with pytest.raises(ValidationError) as refus:
        actions.inscrire(autre, midi, f.annee(), autre.familles.get(), marie, MAINTENANT, f.RENTREE)
    assert code(refus) == "complet"


def test_terminer_raccourcit_et_garde_qui_l_a_voulu():
    inscription = f.inscription(f.enfant(), f.activite())
    parent = f.compte()
    actions.terminer(inscription, dt.date(2026, 12, 18), parent, MAINTENANT)
    inscription.refresh_from_db()
    assert (inscription.fin, inscription.terminee_le, inscription.terminee_par) == (
        dt.date(2026, 12, 18), MAINTENANT, parent,
    )  # fmt: skip


@pytest.mark.parametrize("fin", [dt.date(2026, 8, 31), dt.date(2027, 7, 3), dt.date(2028, 1, 1)])
def test_terminer_n_allonge_ni_ne_precede_l_inscription(fin):
    with pytest.raises(ValidationError) as refus:
        actions.terminer(f.inscription(f.enfant(), f.activite()), fin, None, MAINTENANT)
    assert code(refus) == "fin"


def test_une_demande_ne_se_termine_pas_elle_se_retire():
    inscription = demande()
    with pytest.raises(ValidationError) as refus:
        actions.terminer(inscription, dt.date(2026, 12, 18), None, MAINTENANT)
    assert code(refus) == "etat"
    assert actions.retirer(inscription, None, MAINTENANT).etat == "retiree"


def test_une_inscription_commencee_ne_se_retire_plus():
    with pytest.raises(ValidationError) as refus:
        actions.retirer(f.inscription(f.enfant(), f.activite()), None, MAINTENANT)
    assert code(refus) == "etat"
