"""Demander une inscription : le dossier, les pièces, les places, deux onglets à la fois."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from familles.models import Famille
from inscriptions import actions
from inscriptions.models import Inscription
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 8, 25, 10)
RENTREE = f.RENTREE


def demander(petit, activite, foyer, debut=RENTREE, maintenant=MAINTENANT):
    return actions.demander(petit, activite, f.annee(), foyer, foyer.compte, maintenant, debut)


def codes(refus):
    return [erreur.code for erreur in refus.value.error_list]


@pytest.fixture
def hugo():
    foyer = f.famille()
    petit = f.enfant(foyer)
    petit.foyer = foyer
    return petit


def test_une_demande_attend_la_mairie_et_n_envoie_aucun_courriel(hugo, courriels):
    inscription = demander(hugo, f.activite(site=hugo.ecole), hugo.foyer)
    assert (inscription.etat, inscription.debut, inscription.fin) == ("demandee", RENTREE, f.annee().fin)
    assert inscription.demandee_par == hugo.foyer.compte
    assert inscription.decidee_le is None
    assert courriels() == []


def test_une_activite_qui_accepte_seule_valide_aussitot_et_l_ecrit(hugo, courriels):
    inscription = demander(hugo, f.activite(site=hugo.ecole, nom="Cantine", validation_automatique=True), hugo.foyer)
    assert (inscription.etat, inscription.decidee_le) == ("validee", MAINTENANT)
    [courriel] = courriels()
    assert courriel["To"] == hugo.foyer.compte.email
    assert courriel["Subject"] == "Inscription acceptée"
    texte = courriel.get_body(("plain",)).get_content()
    assert "Hugo : Cantine" in texte
    assert "Il reste à réserver les jours" in texte
    assert "&#x27;" not in texte


@pytest.mark.parametrize("statut", [Famille.Statut.EN_CREATION, Famille.Statut.A_VALIDER])
def test_sans_dossier_valide_rien_ne_s_inscrit(hugo, statut):
    hugo.foyer.statut = statut
    hugo.foyer.save()
    with pytest.raises(ValidationError) as refus:
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer)
    assert codes(refus) == ["dossier"]


def test_une_piece_obligatoire_manquante_ferme_tout_et_se_nomme(hugo):
    f.type_piece(nom="Livret de famille")
    f.type_piece(nom="RIB", obligatoire=False)
    with pytest.raises(ValidationError) as refus:
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer)
    assert codes(refus) == ["pieces"]
    assert "« Livret de famille »" in refus.value.messages[0]
    assert "RIB" not in refus.value.messages[0]


def test_une_piece_envoyee_suffit_en_attendant_qu_elle_soit_lue(hugo):
    livret = f.type_piece()
    f.piece(livret, hugo.foyer)
    assert demander(hugo, f.activite(site=hugo.ecole), hugo.foyer).etat == "demandee"


def test_une_piece_refusee_ou_expiree_manque_a_nouveau(hugo):
    livret, assurance = f.type_piece(), f.type_piece(portee="enfant")
    f.piece(livret, hugo.foyer, etat="refusee", motif="illisible")
    f.piece(assurance, hugo.foyer, hugo, etat="validee", expire_le=dt.date(2026, 8, 24))
    with pytest.raises(ValidationError) as refus:
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer)
    assert str(livret) in refus.value.messages[0]
    assert str(assurance) in refus.value.messages[0]


def test_les_pieces_d_une_soeur_ne_bloquent_pas_hugo(hugo):
    vaccins = f.type_piece(portee="enfant")
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    f.piece(vaccins, hugo.foyer, hugo, etat="validee")
    midi = f.activite(site=hugo.ecole)
    assert demander(hugo, midi, hugo.foyer).etat == "demandee"
    with pytest.raises(ValidationError) as refus:
        demander(lina, midi, hugo.foyer)
    assert codes(refus) == ["pieces"]


def test_une_piece_exigee_par_la_seule_activite(hugo):
    brevet = f.type_piece(nom="Brevet de natation", portee="enfant", obligatoire=False)
    piscine, midi = f.activite(site=hugo.ecole), f.activite(site=hugo.ecole)
    piscine.pieces.add(brevet)
    assert demander(hugo, midi, hugo.foyer).etat == "demandee"
    with pytest.raises(ValidationError) as refus:
        demander(hugo, piscine, hugo.foyer)
    assert "« Brevet de natation »" in refus.value.messages[0]


@pytest.mark.parametrize(
    ("debut", "maintenant", "code"),
    [
        (dt.date(2026, 8, 31), MAINTENANT, "debut"),
        (dt.date(2027, 7, 4), MAINTENANT, "debut"),
        (dt.date(2026, 9, 10), f.a_paris(2026, 9, 11), "debut"),
    ],
)
def test_la_date_de_debut_est_a_venir_et_dans_l_annee(hugo, debut, maintenant, code):
    with pytest.raises(ValidationError) as refus:
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer, debut, maintenant)
    assert codes(refus) == [code]


def test_aujourd_hui_se_compte_a_paris(hugo):
    """À 0 h 30 à Paris le 11 septembre, il est encore le 10 en temps universel : le 10 est déjà passé."""
    minuit_trente = f.a_paris(2026, 9, 11, 0, 30)
    with pytest.raises(ValidationError):
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer, dt.date(2026, 9, 10), minuit_trente)


def test_une_annee_fermee_ne_prend_personne(hugo):
    f.annee(ouverte=False)
    with pytest.raises(ValidationError) as refus:
        demander(hugo, f.activite(site=hugo.ecole), hugo.foyer)
    assert codes(refus) == ["annee"]


def test_toutes_ou_aucune(hugo, courriels):
    """Une des deux est refusée : rien n'est écrit, aucun courriel ne part, et la raison nomme l'activité."""
    midi = f.activite(site=hugo.ecole, validation_automatique=True)
    soir = f.activite(site=hugo.ecole, nom="Accueil du soir", classes=["cp"])
    with pytest.raises(ValidationError) as refus:
        actions.demander_ensemble(
            [(hugo, midi), (hugo, soir)], f.annee(), hugo.foyer, hugo.foyer.compte, MAINTENANT, RENTREE
        )
    assert refus.value.messages == ["Accueil du soir : Cette activité est réservée aux classes de CP."]
    assert Inscription.objects.count() == 0
    assert courriels() == []


def test_un_seul_courriel_pour_toute_la_fratrie(hugo, courriels):
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    midi = f.activite(site=hugo.ecole, validation_automatique=True)
    actions.demander_ensemble(
        [(hugo, midi), (lina, midi)], f.annee(), hugo.foyer, hugo.foyer.compte, MAINTENANT, RENTREE
    )
    [courriel] = courriels()
    texte = courriel.get_body(("plain",)).get_content()
    assert "Hugo" in texte
    assert "Lina" in texte


def test_une_seconde_demande_se_fait_dire_qu_elle_existe(hugo):
    midi = f.activite(site=hugo.ecole)
    demander(hugo, midi, hugo.foyer)
    with pytest.raises(ValidationError) as refus:
        demander(hugo, midi, hugo.foyer)
    assert codes(refus) == ["deja"]
    assert Inscription.objects.count() == 1


def test_une_demande_refusee_ou_retiree_se_refait(hugo):
    midi = f.activite(site=hugo.ecole)
    actions.decider(demander(hugo, midi, hugo.foyer), "refusee", "Fratrie d'abord.", f.agent(), MAINTENANT)
    seconde = demander(hugo, midi, hugo.foyer)
    actions.retirer(seconde, hugo.foyer.compte, MAINTENANT)
    demander(hugo, midi, hugo.foyer)
    assert sorted(Inscription.objects.values_list("etat", flat=True)) == ["demandee", "refusee", "retiree"]


def test_apres_une_fin_on_se_reinscrit_pour_la_suite(hugo):
    midi = f.activite(site=hugo.ecole, validation_automatique=True)
    actions.terminer(demander(hugo, midi, hugo.foyer), dt.date(2026, 12, 18), hugo.foyer.compte, MAINTENANT)
    with pytest.raises(ValidationError) as refus:
        demander(hugo, midi, hugo.foyer, dt.date(2026, 12, 18))
    assert "commencez après" in refus.value.messages[0]
    assert demander(hugo, midi, hugo.foyer, dt.date(2027, 3, 1)).etat == "validee"


def test_les_deux_foyers_d_un_enfant_s_inscrivent_chacun(hugo):
    second = f.famille(nom="AUGER")
    f.rattacher(hugo, second)
    midi = f.activite(site=hugo.ecole)
    demander(hugo, midi, hugo.foyer)
    demander(hugo, midi, second)
    assert Inscription.objects.count() == 2


def test_une_activite_complete_met_en_attente_et_l_ecrit(hugo, courriels):
    mercredi = f.activite(site=hugo.ecole, inscriptions_max=1, validation_automatique=True)
    f.inscription(f.enfant(ecole=hugo.ecole), mercredi)
    inscription = demander(hugo, mercredi, hugo.foyer)
    assert (inscription.etat, inscription.motif) == ("attente", "Toutes les places sont prises.")
    assert courriels()[0]["Subject"] == "Votre demande est en liste d'attente"


def test_une_inscription_terminee_rend_sa_place(hugo):
    mercredi = f.activite(site=hugo.ecole, inscriptions_max=1, validation_automatique=True)
    f.inscription(f.enfant(ecole=hugo.ecole), mercredi, fin=dt.date(2026, 10, 16))
    assert demander(hugo, mercredi, hugo.foyer, dt.date(2026, 10, 16)).etat == "attente"
    actions.retirer(Inscription.objects.get(etat="attente"), hugo.foyer.compte, MAINTENANT)
    assert demander(hugo, mercredi, hugo.foyer, dt.date(2026, 10, 17)).etat == "validee"


# --- De vraies transactions à la fois ------------------------------------------------------------------------------
def ensemble(taches):
    """Lance ces fonctions au même instant, chacune dans sa connexion ; rend leurs résultats ou leurs refus."""
    depart = Barrier(len(taches))

    def faire(tache):
        try:
            depart.wait(timeout=10)
            return tache()
        except ValidationError as refus:
            return refus.error_list[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(taches)) as fils:
        return list(fils.map(faire, taches))


@pytest.mark.django_db(transaction=True)
def test_deux_onglets_a_la_fois_n_inscrivent_qu_une_fois(hugo):
    midi, soir = f.activite(site=hugo.ecole), f.activite(site=hugo.ecole)
    an = f.annee()

    def onglet(choix):
        return lambda: actions.demander_ensemble(choix, an, hugo.foyer, hugo.foyer.compte, MAINTENANT, RENTREE)

    # Dans un ordre et dans l'autre : ni doublon, ni étreinte fatale.
    resultats = ensemble([onglet([(hugo, midi), (hugo, soir)]), onglet([(hugo, soir), (hugo, midi)])] * 3)
    assert resultats.count("deja") == 5
    assert Inscription.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_la_derniere_place_d_inscription_n_est_donnee_qu_une_fois():
    site, an = f.ecole(), f.annee()
    mercredi = f.activite(site=site, inscriptions_max=3, validation_automatique=True)
    foyers = [f.famille() for _ in range(10)]
    enfants = [(f.enfant(foyer, ecole=site), foyer) for foyer in foyers]
    resultats = ensemble([
        lambda petit=petit, foyer=foyer: actions.demander(
            petit, mercredi, an, foyer, foyer.compte, MAINTENANT, RENTREE
        ).etat
        for petit, foyer in enfants
    ])  # fmt: skip
    assert sorted(resultats) == ["attente"] * 7 + ["validee"] * 3
