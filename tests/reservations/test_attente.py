"""La liste d'attente sur un vrai PostgreSQL : l'ordre tenu, la place offerte à un seul, et rien qui ne se dise."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from familles.models import Famille
from inscriptions.models import Inscription
from reservations.actions import (
    annuler,
    appliquer,
    attendre,
    changer_places,
    donner_une_place,
    enregistrer,
    quitter_attente,
    repondre,
    tenir_les_listes,
)
from reservations.models import Evenement, Mouvement, Reservation, Seance, offre_du_jeton, rangs
from tests import fabriques as f
from tests.reservations.attente import JEUDI, LUNDI, Decor, texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def decor(db):
    return Decor()


def code(action, *args, **suite):
    with pytest.raises(ValidationError) as refus:
        action(*args, **suite)
    return refus.value.code


# --- Entrer, sortir -------------------------------------------------------------------------------------------------
def test_on_attend_dans_l_ordre_d_arrivee_et_le_journal_le_dit(decor):
    decor.remplir()
    un, deux, trois = decor.enfants(3)
    assert [decor.attendre(un, 0), decor.attendre(trois, 1), decor.attendre(deux, 2)] == [1, 2, 3]
    assert decor.file() == [un, trois, deux]
    journal = Mouvement.objects.filter(reservation__enfant=un).values_list("avant", "apres", "origine", "instant")
    assert list(journal) == [("", "attente", "parent", JEUDI)]


def test_sortir_de_la_liste_avance_les_autres_et_revenir_remet_au_bout(decor):
    decor.remplir()
    un, deux = decor.enfants(2)
    decor.attendre(un, 0)
    decor.attendre(deux, 1)
    quitter_attente(decor.reservation(un), decor.compte(un), JEUDI)
    assert decor.file() == [deux]
    assert decor.attendre(un, 5) == 2
    assert [m.verbe for m in Mouvement.objects.filter(reservation__enfant=un).order_by("pk")] == [
        "mis en liste d'attente", "sorti de la liste d'attente", "mis en liste d'attente",
    ]  # fmt: skip


def test_on_n_attend_ni_deux_fois_ni_ce_qui_est_libre_ni_trop_tard_ni_sans_liste(decor):
    petit, autre = decor.enfants(2)
    assert code(decor.attendre, petit) == "libre"
    decor.remplir()
    decor.attendre(petit)
    assert code(decor.attendre, petit) == "deja"
    assert code(attendre, decor.foyer(autre), None, autre, decor.seance, decor.seance.limite_reservation) == "trop_tard"
    decor.soir.place_liberee = "aucune"
    decor.soir.save()
    assert code(decor.attendre, autre) == "sans_liste"
    Inscription.objects.filter(enfant=autre).update(fin=LUNDI - dt.timedelta(days=1))
    assert code(decor.attendre, autre) == "non_inscrit"


def test_on_n_attend_pas_pour_l_enfant_d_un_autre(decor):
    decor.remplir()
    petit, autre = decor.enfants(2)
    assert code(attendre, decor.foyer(autre), None, petit, decor.seance, JEUDI) == "inconnue"


def test_quitter_une_liste_ou_l_on_n_est_plus_se_dit(decor):
    decor.remplir()
    petit = decor.enfants(1)[0]
    decor.attendre(petit)
    attente = decor.reservation(petit)
    quitter_attente(attente, None, JEUDI)
    assert code(quitter_attente, attente, None, JEUDI) == "pas_en_attente"


def test_une_place_proposee_a_toujours_une_fin_et_elle_seule(decor):
    petit = decor.enfants(1)[0]
    for champs in ({"etat": "proposee"}, {"etat": "attente", "offre_jusqu_a": JEUDI}):
        with pytest.raises(IntegrityError, match="reservation_proposee_jusqu_a"), transaction.atomic():
            f.reservation(petit, decor.seance, **champs)


# --- Une place se libère --------------------------------------------------------------------------------------------
def liberer_par_la_famille(decor, occupant):
    souhaits = {(occupant.pk, decor.seance.pk): False}
    enregistrer(decor.foyer(occupant), decor.compte(occupant), souhaits, JEUDI, "parent")


def liberer_par_la_mairie(decor, occupant):
    annuler(decor.reservation(occupant), None, "Déménagement", JEUDI)


def liberer_en_ajoutant(decor, occupant):
    changer_places([decor.seance], decor.seance.capacite + 1, JEUDI)


@pytest.mark.parametrize("liberer", [liberer_par_la_famille, liberer_par_la_mairie, liberer_en_ajoutant])
def test_une_place_libre_se_propose_au_premier_de_la_liste_et_a_lui_seul(decor, courriels, liberer):
    occupant = decor.remplir()[0]
    un, deux = decor.enfants(2)
    decor.attendre(un, 0)
    decor.attendre(deux, 1)
    liberer(decor, occupant)
    assert (decor.etat(un), decor.etat(deux)) == ("proposee", "attente")
    assert decor.reservation(un).offre_jusqu_a == f.a_paris(2026, 9, 4, 18, 1)
    assert rangs([decor.seance.pk]) == {decor.reservation(deux).pk: 1}
    offre = Mouvement.objects.get(apres="proposee")
    assert (offre.origine, offre.compte, offre.motif) == ("regle", None, "Une place s'est libérée")
    ecrits = [c for c in courriels() if "à confirmer" in c["Subject"]]
    assert [c["To"] for c in ecrits] == [decor.compte(un).email]
    assert ecrits[0]["Subject"] == f"Une place pour {un.prenom}, à confirmer"
    assert "À vous jusqu'au vendredi 4 septembre 18 h" in texte(ecrits[0])


def test_la_place_proposee_est_prise_pour_tous_les_autres(decor):
    occupant = decor.remplir()[0]
    un, presse = decor.enfants(2)
    decor.attendre(un)
    liberer_par_la_famille(decor, occupant)
    resultat = enregistrer(decor.foyer(presse), None, {(presse.pk, decor.seance.pk): True}, JEUDI, "parent")
    assert [r.code for r in resultat.refus] == ["complet"]


def test_une_place_donnee_se_reserve_et_se_dit(decor, courriels):
    decor.soir.place_liberee = "donner"
    decor.soir.save()
    occupant = decor.remplir()[0]
    un = decor.enfants(1)[0]
    decor.attendre(un)
    liberer_par_la_mairie(decor, occupant)
    assert decor.etat(un) == "reservee"
    (ecrit,) = [c for c in courriels() if decor.compte(un).email in c["To"]]
    assert ecrit["Subject"] == f"Une place pour {un.prenom} : c'est réservé"
    assert "S'annule sur le planning jusqu'au dimanche 6 septembre 23 h 59" in texte(ecrit)


def test_rien_ne_se_donne_que_la_famille_ne_puisse_plus_annuler(decor):
    """La limite d'annulation passée, la place donnée serait due : elle se propose."""
    decor.soir.place_liberee = "donner"
    decor.soir.save()
    Seance.objects.update(limite_annulation=JEUDI)
    occupant = decor.remplir()[0]
    un = decor.enfants(1)[0]
    decor.attendre(un)
    annuler(decor.reservation(occupant), None, "Malade", JEUDI)
    assert decor.etat(un) == "proposee"


def test_passe_la_limite_de_reservation_rien_ne_s_offre(decor):
    occupant = decor.remplir()[0]
    un = decor.enfants(1)[0]
    decor.attendre(un)
    annuler(decor.reservation(occupant), None, "Malade", decor.seance.limite_reservation)
    assert decor.etat(un) == "attente"


def test_une_seance_annulee_n_offre_rien_et_finit_les_attentes(decor):
    decor.remplir()
    un = decor.enfants(1)[0]
    decor.attendre(un)
    greve = Evenement.objects.create(
        nature="greve", libelle="Grève", du=decor.seance.jour, au=decor.seance.jour, cree_le=JEUDI
    )
    greve.activites.add(decor.seance.activite)
    appliquer(greve, None, JEUDI)
    assert decor.etat(un) == "annulee"
    assert not Mouvement.objects.filter(apres="proposee").exists()


def test_un_enfant_qui_ne_peut_plus_reserver_est_enjambe(decor):
    occupant = decor.remplir()[0]
    parti, suivant = decor.enfants(2)
    decor.attendre(parti, 0)
    decor.attendre(suivant, 1)
    Inscription.objects.filter(enfant=parti).update(fin=LUNDI - dt.timedelta(days=1))
    liberer_par_la_famille(decor, occupant)
    assert (decor.etat(parti), decor.etat(suivant)) == ("attente", "proposee")


def test_un_frere_prend_la_place_que_sa_famille_rend_et_la_liste_attend(decor):
    """Dans un même enregistrement, une famille échange sa propre place : elle ne la rend pas."""
    occupant = decor.remplir()[0]
    frere = f.enfant(decor.foyer(occupant), prenom="Tom", ecole=decor.site)
    f.inscription(frere, decor.soir)
    un = decor.enfants(1)[0]
    decor.attendre(un)
    souhaits = {(occupant.pk, decor.seance.pk): False, (frere.pk, decor.seance.pk): True}
    assert enregistrer(decor.foyer(occupant), None, souhaits, JEUDI, "parent").refus == []
    assert (decor.etat(frere), decor.etat(un)) == ("reservee", "attente")


def test_sans_limite_de_places_chacun_recoit_la_sienne(decor, courriels):
    decor.remplir()
    enfants = decor.enfants(3)
    for rang, petit in enumerate(enfants):
        decor.attendre(petit, rang)
    changer_places([decor.seance], None, JEUDI)
    assert {decor.etat(petit) for petit in enfants} == {"proposee"}


@pytest.fixture
def fratrie(decor):
    """Deux enfants d'un même foyer attendent ; la cadette est arrivée la première, et son numéro est le plus grand."""
    decor.remplir()
    decor.aine = decor.enfants(1)[0]
    decor.cadette = f.enfant(decor.foyer(decor.aine), prenom="Zoé", ecole=decor.site)
    f.inscription(decor.cadette, decor.soir)
    decor.attendre(decor.cadette, 0)
    decor.attendre(decor.aine, 1)
    return decor


def test_entre_freres_et_soeurs_aussi_la_place_est_au_premier_arrive(fratrie):
    changer_places([fratrie.seance], 3, JEUDI)
    assert (fratrie.etat(fratrie.cadette), fratrie.etat(fratrie.aine)) == ("proposee", "attente")


def test_deux_places_pour_une_famille_tiennent_dans_un_courriel(fratrie, courriels):
    changer_places([fratrie.seance], 4, JEUDI)
    (ecrit,) = courriels()
    assert ecrit["Subject"] == "2 places pour Enfant0 et Zoé, à confirmer"
    liens = re.findall(r"/reservations/place/(\S+)/", texte(ecrit))
    assert [offre_du_jeton(jeton).reservation.enfant for jeton in liens] == [fratrie.aine, fratrie.cadette]


def test_la_liste_de_trente_familles_ne_coute_pas_plus_de_requetes_que_celle_de_trois(db, courriels):
    def cout(combien):
        decor = Decor()
        occupant = decor.remplir()[0]
        for petit in decor.enfants(combien):
            f.reservation(petit, decor.seance, etat="attente", modifiee_le=JEUDI)
        reservation = decor.reservation(occupant)
        with CaptureQueriesContext(connection) as requetes:
            annuler(reservation, None, "Malade", JEUDI)
        assert Reservation.objects.filter(seance=decor.seance, etat="proposee").count() == 1
        return len(requetes)

    cout(1)  # la fiche de la commune se lit une fois
    assert cout(3) == cout(30)


# --- Répondre -------------------------------------------------------------------------------------------------------
@pytest.fixture
def offre(decor):
    """Une place proposée au premier de deux enfants qui attendent."""
    occupant = decor.remplir()[0]
    decor.un, decor.deux = decor.enfants(2)
    decor.attendre(decor.un, 0)
    decor.attendre(decor.deux, 1)
    liberer_par_la_famille(decor, occupant)
    return decor.reservation(decor.un)


def test_accepter_reserve_et_donne_un_recu(decor, offre, courriels):
    courriels()
    repondre(offre, True, decor.compte(decor.un), JEUDI)
    assert (decor.etat(decor.un), decor.etat(decor.deux)) == ("reservee", "attente")
    recu = [c for c in courriels() if decor.compte(decor.un).email in c["To"]][-1]
    assert recu["Subject"] == f"Planning de {decor.un.prenom} : 1 réservation"
    assert decor.reservation(decor.un).offre_jusqu_a is None


def test_accepter_deux_fois_n_ecrit_qu_une_fois(decor, offre):
    repondre(offre, True, None, JEUDI)
    assert code(repondre, offre, True, None, JEUDI) == "deja"
    assert Mouvement.objects.filter(avant="proposee").count() == 1


def test_laisser_passe_la_place_au_suivant_sur_le_champ(decor, offre):
    repondre(offre, False, None, JEUDI)
    assert (decor.etat(decor.un), decor.etat(decor.deux)) == ("annulee", "proposee")
    assert Mouvement.objects.get(reservation=offre, avant="proposee").verbe == "place laissée"


def test_accepter_trop_tard_se_refuse_a_la_seconde_pres(decor, offre):
    fin = offre.offre_jusqu_a
    assert code(repondre, offre, True, None, fin) == "expiree"
    repondre(offre, True, None, fin - dt.timedelta(seconds=1))
    assert decor.etat(decor.un) == "reservee"


def test_accepter_respecte_les_regles_du_jour(decor, offre):
    """Le foyer n'inscrit plus l'enfant : la place ne lui revient plus, quoi que dise le courriel."""
    Inscription.objects.filter(enfant=decor.un).update(fin=LUNDI - dt.timedelta(days=1))
    assert code(repondre, offre, True, None, JEUDI) == "non_inscrit"


def test_cocher_la_case_proposee_l_accepte_et_la_decocher_la_laisse(decor, offre):
    cle = (decor.un.pk, decor.seance.pk)
    resultat = enregistrer(decor.foyer(decor.un), decor.compte(decor.un), {cle: True}, JEUDI, "parent")
    assert (resultat.refus, decor.etat(decor.un)) == ([], "reservee")
    repondre_a = decor.reservation(decor.un)
    assert repondre_a.offre_jusqu_a is None
    enregistrer(decor.foyer(decor.un), decor.compte(decor.un), {cle: False}, JEUDI, "parent")
    assert decor.etat(decor.deux) == "proposee"


# --- Les listes que le portail tient de lui-même -----------------------------------------------------------------
def test_une_offre_sans_reponse_passe_au_suivant_et_se_dit(decor, offre, courriels):
    courriels()
    fin = offre.offre_jusqu_a
    assert tenir_les_listes(fin - dt.timedelta(seconds=1)) == 0
    assert tenir_les_listes(fin) == 1
    assert (decor.etat(decor.un), decor.etat(decor.deux)) == ("annulee", "proposee")
    sujets = {c["To"]: c["Subject"] for c in courriels()[-2:]}
    assert sujets == {
        decor.compte(decor.un).email: "Liste d'attente : ce qui n'attend plus",
        decor.compte(decor.deux).email: f"Une place pour {decor.deux.prenom}, à confirmer",
    }
    assert tenir_les_listes(fin) == 0


def test_la_limite_passee_finit_les_attentes_en_un_courriel_par_famille(decor, courriels):
    decor.remplir()
    un = decor.enfants(1)[0]
    frere = f.enfant(decor.foyer(un), prenom="Zoé", ecole=decor.site)
    f.inscription(frere, decor.soir)
    decor.attendre(un, 0)
    decor.attendre(frere, 1)
    limite = decor.seance.limite_reservation
    assert tenir_les_listes(limite - dt.timedelta(seconds=1)) == 0
    assert tenir_les_listes(limite) == 2
    (ecrit,) = courriels()
    lu = texte(ecrit)
    assert "La limite de réservation est passée sans qu'une place se libère" in lu
    assert f"{un.prenom}, Accueil du soir" in lu
    assert "Zoé, Accueil du soir" in lu
    assert set(Mouvement.objects.filter(apres="annulee").values_list("origine", "motif")) == {
        ("regle", "La limite de réservation est passée sans qu'une place se libère"),
    }


def test_une_inscription_terminee_sort_de_la_liste(decor, courriels):
    decor.remplir()
    parti, suivant = decor.enfants(2)
    decor.attendre(parti, 0)
    decor.attendre(suivant, 1)
    Inscription.objects.filter(enfant=parti).update(fin=LUNDI - dt.timedelta(days=1))
    assert tenir_les_listes(JEUDI) == 1
    assert decor.file() == [suivant]
    assert "n'est plus inscrit à cette activité" in texte(courriels()[0])


def test_une_place_que_personne_n_a_offerte_finit_par_l_etre(decor):
    """Une capacité changée hors du portail : la tâche la voit."""
    decor.remplir()
    un = decor.enfants(1)[0]
    decor.attendre(un)
    Seance.objects.update(capacite=3)
    assert tenir_les_listes(JEUDI) == 0
    assert decor.etat(un) == "proposee"


def test_rien_a_tenir_ne_verrouille_rien(decor, django_assert_num_queries):
    decor.remplir()
    decor.attendre(decor.enfants(1)[0])
    with django_assert_num_queries(4):  # deux questions, entre un point de reprise et sa fin
        tenir_les_listes(JEUDI)


# --- La mairie ------------------------------------------------------------------------------------------------------
def test_la_mairie_donne_une_place_au_dela_du_rang_avec_une_raison(decor, courriels):
    decor.remplir()
    un, deux = decor.enfants(2)
    decor.attendre(un, 0)
    decor.attendre(deux, 1)
    agent = f.agent("Direction")
    assert code(donner_une_place, decor.reservation(deux), agent, "  ", JEUDI) == "sans_motif"
    donner_une_place(decor.reservation(deux), agent, "Hospitalisation de la mère", JEUDI)
    assert (decor.etat(un), decor.etat(deux)) == ("attente", "reservee")
    donne = Mouvement.objects.get(reservation__enfant=deux, apres="reservee")
    assert (donne.origine, donne.compte, donne.motif) == ("mairie", agent, "Hospitalisation de la mère")
    assert "Hospitalisation de la mère" in texte(courriels()[-1])
    assert code(donner_une_place, decor.reservation(deux), agent, "Encore", JEUDI) == "deja"


def test_augmenter_les_places_offre_et_les_reduire_n_annule_personne(decor):
    decor.remplir()
    un = decor.enfants(1)[0]
    decor.attendre(un)
    changer_places([decor.seance], 1, JEUDI)
    assert (decor.etat(un), Reservation.objects.reservees().count()) == ("attente", 2)
    changer_places([decor.seance], 2, JEUDI)
    assert decor.etat(un) == "attente"
    changer_places([decor.seance], 3, JEUDI)
    assert decor.etat(un) == "proposee"


def test_un_groupe_de_priorite_passe_avant_l_arrivee(decor):
    """La commune d'abord : le dernier arrivé, qui y habite, a la place avant le premier, qui n'y habite pas."""
    occupant = decor.remplir()[0]
    premier, dernier = decor.enfants(2)
    decor.attendre(premier, 0)
    decor.attendre(dernier, 1)
    decor.seance.activite.priorites = ["commune"]
    decor.seance.activite.save()
    Famille.objects.filter(rattachements__enfant=premier).update(hors_commune=True)
    attentes = {r.enfant_id: r.pk for r in Reservation.objects.en_attente()}
    assert rangs([decor.seance.pk]) == {attentes[dernier.pk]: 1, attentes[premier.pk]: 2}
    liberer_par_la_famille(decor, occupant)
    assert (decor.etat(dernier), decor.etat(premier)) == ("proposee", "attente")
