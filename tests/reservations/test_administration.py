"""Les réservations vues de la mairie : créer, annuler avec un motif, décider une excuse, lire le journal."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from reservations.actions import ajouter_sur_place, appliquer
from reservations.models import Evenement, Excuse, Mouvement, Reservation, Seance
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir

LUNDI = dt.date(2026, 9, 7)


@pytest.fixture(autouse=True)
def jeudi(db):
    with time_machine.travel(f.a_paris(2026, 9, 3, 18), tick=False):
        yield


@pytest.fixture
def mairie(client):
    f.commune()
    compte = f.agent("Périscolaire")
    client.force_login(compte)
    client.compte = compte
    return client


@pytest.fixture
def seance():
    return f.seance(f.activite(nom="Restauration"), LUNDI)


def texte(reponse):
    return reponse.content.decode().replace("&#x27;", "'")


def page(nom, *args):
    return reverse(f"admin:reservations_{nom}", args=args)


def test_chaque_page_s_ouvre(mairie, seance):
    reservation = ajouter_sur_place(f.enfant(), seance, mairie.compte, "Par téléphone", f.a_paris(2026, 9, 3))
    excuse = f.excuse(reservation)
    pages = [
        page("seance_changelist"), page("seance_change", seance.pk), page("evenement_changelist"),
        page("seance_creer"), page("reservation_changelist"), page("reservation_change", reservation.pk),
        page("reservation_add"), page("reservation_annuler", reservation.pk), page("excuse_changelist"),
        page("excuse_change", excuse.pk), page("mouvement_changelist"),
    ]  # fmt: skip
    assert {adresse: mairie.get(adresse).status_code for adresse in pages} == dict.fromkeys(pages, 200)


def test_creer_les_seances_montre_d_abord_le_compte(mairie):
    annee = f.annee(fin=dt.date(2026, 9, 11))
    f.activite()
    apercu = texte(mairie.get(page("seance_creer")))
    assert "<dt>Séances à créer</dt><dd>6</dd>" in apercu  # du jeudi 3 au vendredi 11, sans les mercredis
    assert Seance.objects.count() == 0
    fait = mairie.post(page("seance_creer"), {"annee": annee.pk}, follow=True)
    assert "6 séances créées" in texte(fait)
    assert "Tout est à jour." in texte(mairie.get(page("seance_creer")))


def test_un_calendrier_a_relire_renvoie_a_l_annee(mairie):
    annee = f.annee(calendrier_confirme=False)
    apercu = texte(mairie.get(page("seance_creer")))
    assert "n'est pas confirmé" in apercu
    assert reverse("admin:commune_anneescolaire_change", args=[annee.pk]) in apercu


def test_une_seance_se_ferme_par_un_evenement_deja_rempli(mairie, seance):
    reponse = mairie.get(page("seance_annuler", seance.pk))
    site, activite = seance.activite.site_id, seance.activite_id
    assert reponse.url == f"{page('evenement_add')}?du=2026-09-07&au=2026-09-07&sites={site}&activites={activite}"
    formulaire = mairie.get(reponse.url).context["adminform"].form
    assert formulaire["du"].value() == "2026-09-07"
    assert [str(formulaire[nom].value()[0]) for nom in ("sites", "activites")] == [str(site), str(activite)]


def test_une_seance_fermee_par_un_evenement_y_mene(mairie, seance):
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=LUNDI, au=LUNDI, cree_le=timezone.now())
    appliquer(greve, mairie.compte, timezone.now())
    assert mairie.get(page("seance_annuler", seance.pk)).url == page("evenement_change", greve.pk)
    assert mairie.post(page("seance_annuler", seance.pk)).url == page("evenement_change", greve.pk)
    assert not Seance.objects.get().ouverte


def test_rouvrir_ce_que_le_calendrier_ferme_demande_une_confirmation(mairie, seance):
    Seance.objects.update(ouverte=False, motif="Pont")
    assert "La séance a lieu finalement" in texte(mairie.get(page("seance_annuler", seance.pk)))
    assert not Seance.objects.get().ouverte
    mairie.post(page("seance_annuler", seance.pk))
    assert Seance.objects.get().ouverte


def test_changer_les_places_d_un_jour(mairie, seance):
    envoi = {"action": "changer_places", "_selected_action": [seance.pk]}
    assert "1 séance choisie" in texte(mairie.post(page("seance_changelist"), envoi))
    mairie.post(page("seance_changelist"), envoi | {"capacite": "12"})
    assert Seance.objects.get().capacite == 12


def test_toute_la_liste_choisie_change_au_dela_de_ce_que_montre_la_page(mairie, seance):
    f.seance(seance.activite, LUNDI + dt.timedelta(days=1))
    envoi = {"action": "changer_places", "_selected_action": [seance.pk], "select_across": "1"}
    lue = mairie.post(page("seance_changelist"), envoi).content.decode()
    assert "2 séances choisies" in lue
    [tous] = re.findall(r'name="select_across" value="(.)"', lue)
    mairie.post(page("seance_changelist"), envoi | {"select_across": tous, "capacite": "12"})
    assert set(Seance.objects.values_list("capacite", flat=True)) == {12}


@pytest.mark.parametrize("recherche", ["07/09", "07/09/2026", "restauration 7/9"])
def test_une_seance_se_cherche_par_sa_date(mairie, seance, recherche):
    f.seance(f.activite(nom="Restauration"), LUNDI + dt.timedelta(days=1))
    reponse = mairie.get(page("seance_changelist"), {"q": recherche})
    assert [s.pk for s in reponse.context["cl"].queryset] == [seance.pk]


def test_la_liste_montre_les_seances_a_venir_sauf_si_on_demande_les_autres(mairie, seance):
    passee = f.seance(seance.activite, dt.date(2026, 9, 1))

    def pks(**filtre):
        return [s.pk for s in mairie.get(page("seance_changelist"), filtre).context["cl"].queryset]

    assert pks() == [seance.pk]
    assert pks(quand="passees") == [passee.pk]
    assert pks(quand="toutes") == [passee.pk, seance.pk]


def test_reserver_au_guichet_passe_les_places_et_garde_la_raison(mairie, seance):
    Seance.objects.update(capacite=0)
    petit = f.enfant()
    mairie.post(page("reservation_add"), {"enfant": petit.pk, "seance": seance.pk, "motif": "Au téléphone"})
    assert Reservation.objects.values_list("enfant", "etat").get() == (petit.pk, "reservee")
    assert Mouvement.objects.values_list("origine", "compte", "motif").get() == (
        "mairie", mairie.compte.pk, "Au téléphone",
    )  # fmt: skip


def test_reserver_deux_fois_au_guichet_se_refuse_en_une_phrase(mairie, seance):
    petit = f.enfant()
    f.reservation(petit, seance)
    reponse = mairie.post(page("reservation_add"), {"enfant": petit.pk, "seance": seance.pk, "motif": "Encore"})
    assert "a déjà une réservation" in texte(reponse)
    assert Mouvement.objects.count() == 0


def test_annuler_pour_une_famille(mairie, seance, courriels):
    reservation = f.reservation(f.enfant(), seance)
    mairie.post(page("reservation_annuler", reservation.pk), {"motif": "Déménagement"})
    reservation.refresh_from_db()
    assert reservation.etat == "annulee"
    assert len(courriels()) == 1


def test_une_reservation_ne_se_corrige_ni_ne_s_efface_a_la_main(mairie, seance):
    reservation = f.reservation(f.enfant(), seance)
    mairie.post(page("reservation_change", reservation.pk), {"etat": "annulee", "hors_delai": "on"})
    reservation.refresh_from_db()
    assert (reservation.etat, reservation.hors_delai) == ("reservee", False)
    assert mairie.post(page("reservation_delete", reservation.pk), {"post": "yes"}).status_code == 403
    assert mairie.get(page("mouvement_add")).status_code == 403


def test_decider_une_excuse_mene_a_la_suivante(mairie, seance, courriels):
    premiere = f.excuse(f.reservation(f.enfant(), seance), envoyee_le=f.a_paris(2026, 9, 1))
    seconde = f.excuse(f.reservation(f.enfant(), seance), envoyee_le=f.a_paris(2026, 9, 2))
    reponse = mairie.post(page("excuse_change", premiere.pk), {"decision": "accepter", "reponse": ""})
    assert reponse.url == page("excuse_change", seconde.pk)
    refus = mairie.post(page("excuse_change", seconde.pk), {"decision": "refuser", "reponse": ""})
    assert "Un refus se motive" in texte(refus)
    mairie.post(page("excuse_change", seconde.pk), {"decision": "refuser", "reponse": "Prévenu trop tard"})
    assert list(Excuse.objects.order_by("pk").values_list("etat", flat=True)) == ["acceptee", "refusee"]
    assert len(courriels()) == 2


def test_le_numero_d_un_recu_retrouve_ses_lignes(mairie, seance):
    ajouter_sur_place(f.enfant(), seance, mairie.compte, "Là", f.a_paris(2026, 9, 3))
    ajouter_sur_place(f.enfant(), seance, mairie.compte, "Là", f.a_paris(2026, 9, 3))
    mouvement = Mouvement.objects.first()
    reponse = mairie.get(page("mouvement_changelist"), {"q": mouvement.numero})
    assert list(reponse.context["cl"].queryset) == [mouvement]


@pytest.mark.parametrize("groupe", ["Régie", "Agents"])
def test_qui_ne_gere_pas_les_seances_n_en_change_aucune(client, seance, groupe):
    client.force_login(f.agent(groupe))
    reservation = f.reservation(f.enfant(), seance)
    excuse = f.excuse(reservation)
    envois = [
        (page("seance_annuler", seance.pk), {"motif": "x"}), (page("seance_creer"), {"annee": 1}),
        (page("reservation_annuler", reservation.pk), {"motif": "x"}),
        (page("excuse_change", excuse.pk), {"decision": "accepter"}),
        (page("reservation_add"), {"enfant": 1, "seance": 1, "motif": "x"}),
    ]  # fmt: skip
    assert [client.post(adresse, envoi).status_code in (302, 403) for adresse, envoi in envois] == [True] * 5
    assert (Seance.objects.get().ouverte, Reservation.objects.get().etat) == (True, "reservee")
    assert Excuse.objects.get().etat == "envoyee"


@pytest.mark.parametrize(
    "nom",
    ["seance_changelist", "reservation_changelist", "excuse_changelist", "mouvement_changelist",
     "evenement_changelist"],
)
def test_une_liste_coute_autant_pour_une_ligne_que_pour_trois_cents(mairie, nom):
    def ligne():
        reservation = ajouter_sur_place(
            f.enfant(), f.seance(f.activite(), LUNDI), mairie.compte, "Là", f.a_paris(2026, 9, 3)
        )
        f.excuse(reservation)
        greve = Evenement.objects.create(
            nature="greve", libelle="Grève", du=LUNDI, au=LUNDI, cree_le=timezone.now(), cree_par=mairie.compte
        )
        greve.sites.add(reservation.seance.activite.site)
        appliquer(greve, mairie.compte, timezone.now())
        return reservation, greve

    ligne()
    modele, greve = ligne()  # dès deux sites, un filtre de plus
    modele.refresh_from_db()
    with memes_requetes(ouvrir(mairie, page(nom))):
        familles = foyers()
        seances = copies(modele.seance, jour=lambda n: LUNDI + dt.timedelta(days=n + 1))
        reservations = copies(modele, famille=familles, enfant=enfants(familles), seance=seances)
        copies(modele.mouvements.last(), reservation=reservations, famille=familles)
        copies(modele.excuse, reservation=reservations)
        sites = Evenement.sites.through.objects
        copies(sites.get(evenement=greve), evenement=copies(greve))
