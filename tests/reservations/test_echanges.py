"""Deux foyers réservent chacun leurs jours, et en échangent : ce qui suit l'enfant, ce qui reste, ce qui s'écrit."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation.models import Mois
from familles.models import Echange, garde_des
from familles.regles.garde import CALENDRIER, IMPAIRES, PAIRES, PREMIERE_PAIRES, TOUTES
from presences.models import Pointage
from reservations import actions
from reservations.models import Mouvement, Reservation, lire
from tests import fabriques as f
from tests.beaucoup import copies, memes_requetes, ouvrir

MAINTENANT = f.a_paris(2026, 11, 26)
# Semaine 49, impaire : chez Marc ; semaine 50, paire : chez Céline.
A_MARC, A_MARC_AUSSI, A_CELINE = dt.date(2026, 12, 1), dt.date(2026, 12, 3), dt.date(2026, 12, 8)


def decor(**garde):
    f.commune()
    ici = SimpleNamespace(celine=f.famille(), marc=f.famille(nom="DURAND", adresse="99 chemin secret"))
    ici.marc.adultes.update(prenom="Marc", telephone="07 99 99 99 99")
    ici.hugo = f.enfant(ici.celine)
    f.rattacher(ici.hugo, ici.marc)
    ici.midi = f.activite(nom="Restauration", site=ici.hugo.ecole)
    for foyer in (ici.celine, ici.marc):
        f.inscription(ici.hugo, ici.midi, famille=foyer)
    ici.garde = f.garde(ici.hugo, ici.celine, ici.marc, **garde)
    ici.seances = {jour: f.seance(ici.midi, jour) for jour in (A_MARC, A_MARC_AUSSI, A_CELINE)}
    return ici


@pytest.fixture
def ici(db, time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    return decor()


def reserver(ici, foyer, *jours, oui=True):
    souhaits = {(ici.hugo.pk, ici.seances[jour].pk): oui for jour in jours}
    return actions.enregistrer(foyer, foyer.compte, souhaits, MAINTENANT, Mouvement.Origine.PARENT)


def code(appel, *args, **kwargs):
    with pytest.raises(ValidationError) as refus:
        appel(*args, **kwargs)
    return refus.value.code


def proposer(ici, foyer, du, au=None, retour=None, prendre=True):
    sens = [(du, au or du)] + ([(retour, retour)] if retour else [])
    return actions.proposer_echange(ici.hugo, foyer, foyer.compte, sens, prendre, MAINTENANT)


def qui_reserve():
    return {r.seance.jour: r.famille for r in Reservation.objects.reservees().select_related("seance", "famille")}


# --- La garde décide ---------------------------------------------------------------------------------------------
def test_chaque_foyer_ne_reserve_que_ses_jours(ici):
    assert [r.code for r in reserver(ici, ici.celine, A_MARC, A_CELINE).refus] == ["garde_autre"]
    assert qui_reserve() == {}
    assert reserver(ici, ici.celine, A_CELINE).lot
    assert reserver(ici, ici.marc, A_MARC).lot
    assert qui_reserve() == {A_CELINE: ici.celine, A_MARC: ici.marc}


def test_le_refus_dit_qu_il_est_chez_son_autre_foyer_sans_le_nommer(ici):
    [refus] = reserver(ici, ici.celine, A_MARC).refus
    assert refus.phrase == "Restauration du mardi 1er décembre : ce jour-là, Hugo est chez son autre foyer."


def test_la_page_montre_ce_que_l_enregistrement_accepte(ici):
    for foyer, siens in ((ici.celine, {A_CELINE}), (ici.marc, {A_MARC, A_MARC_AUSSI})):
        [lecture] = lire([ici.hugo], foyer, A_MARC, A_CELINE)
        assert {case.faits.jour for case in lecture.cases if case.faits.a_nous} == siens


def test_ce_qui_etait_reserve_avant_la_garde_s_annule_encore(ici):
    f.reservation(ici.hugo, ici.seances[A_MARC], famille=ici.celine)
    assert reserver(ici, ici.celine, A_MARC, oui=False).lot


def test_un_enfant_ajoute_sur_place_est_au_foyer_qui_l_a_ce_jour_la(ici):
    for jour, foyer in ((A_MARC, ici.marc), (A_CELINE, ici.celine)):
        ajoutee = actions.ajouter_sur_place(ici.hugo, ici.seances[jour], f.agent(), "Là", MAINTENANT)
        assert ajoutee.famille == foyer
    ici.hugo.inscriptions.filter(famille=ici.marc).update(etat="retiree")
    seule = actions.ajouter_sur_place(ici.hugo, ici.seances[A_MARC_AUSSI], f.agent(), "Là", MAINTENANT)
    assert seule.famille == ici.celine, "seule Céline l'a inscrit : elle paie, comme avant"


def test_un_enfant_venu_sans_reservation_se_facture_au_foyer_qui_l_a_ce_jour_la(ici):
    f.tarif()
    for seance in ici.seances.values():
        Pointage.objects.create(enfant=ici.hugo, seance=seance, etat="present", recu_le=MAINTENANT)
    mois = Mois(A_MARC)
    faits = mois.faits([ici.celine.pk, ici.marc.pk])
    assert [(fait.famille, fait.jour) for fait in faits] == sorted(
        [(ici.celine.pk, A_CELINE), (ici.marc.pk, A_MARC), (ici.marc.pk, A_MARC_AUSSI)]
    )
    assert [fait.jour for fait in mois.faits([ici.celine.pk])] == [A_CELINE], "un foyer à la fois dit pareil"


# --- Proposer ----------------------------------------------------------------------------------------------------
def test_proposer_previent_l_autre_foyer_et_ne_change_rien(ici, courriels):
    echange = proposer(ici, ici.celine, A_MARC)
    assert (echange.de, echange.vers, echange.etat) == (ici.marc, ici.celine, "propose")
    [recu] = courriels()
    assert recu["To"] == ici.marc.compte.email
    texte = recu.get_body(("plain",)).get_content()
    assert "Hugo" in texte
    assert "le mardi 1er décembre 2026" in texte
    assert not any(mot in texte for mot in ("Celine", "LA STAR", ici.celine.compte.email, "rue des Écoles"))
    assert garde_des([ici.hugo], A_MARC, A_MARC).foyer(ici.hugo.pk, A_MARC) == ici.marc.pk


@pytest.mark.parametrize(("du", "au", "retour", "prendre", "attendu"), [
    (A_CELINE, A_CELINE, None, True, "mal_place"), (A_MARC, A_MARC, None, False, "mal_place"),
    (A_MARC, A_CELINE, None, True, "mal_place"), (A_MARC, A_MARC, A_MARC_AUSSI, True, "mal_place"),
    (A_MARC_AUSSI, A_MARC, None, True, "a_l_envers"), (dt.date(2026, 11, 26), None, None, False, "passe"),
    (A_MARC, A_MARC, dt.date(2026, 11, 20), True, "passe"),
    (A_MARC, A_MARC + dt.timedelta(days=31), None, True, "trop_long"),
    (dt.date(2020, 1, 1), None, None, True, "passe"),
])  # fmt: skip
def test_un_echange_impossible_se_refuse(ici, du, au, retour, prendre, attendu):
    assert code(proposer, ici, ici.celine, du, au, retour, prendre) == attendu
    assert not Echange.objects.exists()


def test_sans_garde_dite_il_n_y_a_rien_a_echanger(ici):
    ici.garde.delete()
    assert code(proposer, ici, ici.celine, A_MARC) == "sans_garde"


def test_deux_echanges_n_attendent_pas_le_meme_jour(ici):
    proposer(ici, ici.celine, A_MARC)
    assert code(proposer, ici, ici.marc, A_MARC, prendre=False) == "deja"
    proposer(ici, ici.marc, A_MARC_AUSSI, prendre=False)


# --- Répondre ----------------------------------------------------------------------------------------------------
def test_accepter_deplace_la_garde_et_les_reservations_qui_peuvent_l_etre(ici, courriels):
    reserver(ici, ici.marc, A_MARC, A_MARC_AUSSI)
    ici.seances[A_MARC_AUSSI].limite_annulation = MAINTENANT
    ici.seances[A_MARC_AUSSI].save()
    echange = proposer(ici, ici.celine, A_MARC, A_MARC_AUSSI)
    courriels()
    prevu = actions.suite_de_l_echange(echange, MAINTENANT)
    fait = actions.accepter_echange(echange, ici.marc, ici.marc.compte, MAINTENANT)
    assert [r.seance.jour for r, _ in prevu.suivent] == [r.seance.jour for r, _ in fait.suivent] == [A_MARC]
    assert [r.seance.jour for r in prevu.restent] == [A_MARC_AUSSI]
    assert qui_reserve() == {A_MARC: ici.celine, A_MARC_AUSSI: ici.marc}
    assert sorted(recu["To"] for recu in courriels()) == sorted([ici.celine.compte.email, ici.marc.compte.email])
    assert reserver(ici, ici.celine, A_MARC, oui=False).lot, "la réservation reprise s'annule"
    assert [r.code for r in reserver(ici, ici.marc, A_MARC).refus] == ["garde_autre"]


def test_l_aller_et_le_retour_changent_ensemble(ici):
    reserver(ici, ici.marc, A_MARC)
    reserver(ici, ici.celine, A_CELINE)
    echange = proposer(ici, ici.celine, A_MARC, retour=A_CELINE)
    actions.accepter_echange(echange, ici.marc, ici.marc.compte, MAINTENANT)
    assert qui_reserve() == {A_MARC: ici.celine, A_CELINE: ici.marc}
    garde = garde_des([ici.hugo], A_MARC, A_CELINE)
    assert [garde.foyer(ici.hugo.pk, jour) for jour in (A_MARC, A_CELINE)] == [ici.celine.pk, ici.marc.pk]


def test_une_reservation_reste_si_le_foyer_qui_arrive_n_a_pas_inscrit_l_enfant(ici):
    ici.hugo.inscriptions.filter(famille=ici.celine).update(etat="demandee")
    reserver(ici, ici.marc, A_MARC)
    actions.accepter_echange(proposer(ici, ici.celine, A_MARC), ici.marc, ici.marc.compte, MAINTENANT)
    assert qui_reserve() == {A_MARC: ici.marc}


def test_un_foyer_suspendu_ne_recoit_pas_ce_que_l_autre_avait_reserve(ici):
    reserver(ici, ici.marc, A_MARC)
    echange = proposer(ici, ici.celine, A_MARC)
    ici.celine.suspendue_le, ici.celine.suspendue_motif = MAINTENANT, "une facture attend."
    ici.celine.save()
    suite = actions.accepter_echange(echange, ici.marc, ici.marc.compte, MAINTENANT)
    assert (len(suite.suivent), len(suite.restent)) == (0, 1)
    assert qui_reserve() == {A_MARC: ici.marc}


def test_un_jour_recu_par_un_echange_ne_se_defait_pas_comme_un_enregistrement(client, ici):
    reserver(ici, ici.marc, A_MARC)
    actions.accepter_echange(proposer(ici, ici.celine, A_MARC), ici.marc, ici.marc.compte, MAINTENANT)
    lot = Mouvement.objects.get(avant="foyer").lot
    assert actions.inverse(lot, ici.celine).souhaits == {}
    client.force_login(ici.celine.compte)
    recu = client.get(reverse("reservations:recu", args=[lot])).content.decode()
    assert "Repris de l&#x27;autre foyer" in recu
    assert "Annuler cet enregistrement" not in recu
    assert client.get(reverse("reservations:defaire", args=[lot])).status_code == 404
    assert qui_reserve() == {A_MARC: ici.celine}


def test_le_jour_ou_l_autre_foyer_s_en_va_il_n_y_a_plus_personne_avec_qui_echanger(ici):
    ici.hugo.rattachements.filter(famille=ici.marc).update(fin=MAINTENANT.date())
    assert code(proposer, ici, ici.celine, A_MARC) == "sans_garde"
    assert code(proposer, ici, ici.celine, A_CELINE, prendre=False) == "sans_garde"


def test_la_place_qu_attendait_le_foyer_qui_cede_le_jour_n_est_plus_attendue(ici):
    """Elle ne pouvait plus lui venir, et empêchait l'autre d'attendre à son tour."""
    f.reservation(ici.hugo, ici.seances[A_MARC], famille=ici.marc, etat="attente")
    actions.accepter_echange(proposer(ici, ici.celine, A_MARC), ici.marc, ici.marc.compte, MAINTENANT)
    sortie = Mouvement.objects.get(apres="annulee")
    assert (sortie.famille, sortie.origine) == (ici.marc, "regle")
    assert reserver(ici, ici.celine, A_MARC).lot


def test_une_garde_reglee_depuis_fait_sortir_de_la_liste_le_foyer_qui_n_a_plus_l_enfant(ici, courriels):
    ici.midi.place_liberee = "proposer"
    ici.midi.save()
    f.reservation(ici.hugo, ici.seances[A_MARC], famille=ici.celine, etat="attente")
    f.reservation(ici.hugo, ici.seances[A_CELINE], famille=ici.celine, etat="attente")
    ici.midi.seances.update(capacite=0)
    assert actions.tenir_les_listes(MAINTENANT) == 1
    assert Reservation.objects.en_attente().get().seance.jour == A_CELINE
    assert Mouvement.objects.get().motif == "Ce jour-là, l'enfant est chez son autre foyer"
def test_une_place_en_attente_ne_change_pas_de_mains(ici):
    f.reservation(ici.hugo, ici.seances[A_MARC], famille=ici.marc, etat="attente")
    actions.accepter_echange(proposer(ici, ici.celine, A_MARC), ici.marc, ici.marc.compte, MAINTENANT)
    assert Reservation.objects.get().famille == ici.marc


def test_le_journal_de_chacun_dit_ce_qui_est_passe_et_rien_du_passe_de_l_autre(ici):
    reserver(ici, ici.marc, A_MARC)
    actions.accepter_echange(proposer(ici, ici.celine, A_MARC), ici.marc, ici.marc.compte, MAINTENANT)
    verbes = {
        foyer: [m.verbe for m in Mouvement.objects.du_compte(foyer.compte).order_by("pk")]
        for foyer in (ici.celine, ici.marc)
    }
    assert verbes == {ici.celine: ["repris de l'autre foyer"], ici.marc: ["réservé", "passé à l'autre foyer"]}
    Mouvement.objects.create(
        reservation=Reservation.objects.get(), avant="reservee", apres="annulee", origine="mairie", instant=MAINTENANT
    )
    assert Mouvement.objects.order_by("pk").last().famille == ici.celine, "la base pose le foyer d'à présent"


def test_seul_l_autre_foyer_repond_et_seul_son_auteur_retire(ici):
    echange = proposer(ici, ici.celine, A_MARC)
    for action in (actions.accepter_echange, actions.refuser_echange):
        assert code(action, echange, ici.celine, ici.celine.compte, MAINTENANT) == "pas_a_vous"
    assert code(actions.retirer_echange, echange, ici.marc, ici.marc.compte, MAINTENANT) == "pas_a_vous"
    actions.retirer_echange(echange, ici.celine, ici.celine.compte, MAINTENANT)
    assert code(actions.accepter_echange, echange, ici.marc, ici.marc.compte, MAINTENANT) == "fini"
    assert Echange.objects.get().etat == "retire"


def test_un_echange_expire_quand_vient_son_premier_jour(ici):
    echange = proposer(ici, ici.celine, A_MARC)
    la_veille, le_jour = f.a_paris(2026, 11, 30, 23, 59), f.a_paris(2026, 12, 1, 0, 0)
    assert code(actions.accepter_echange, echange, ici.marc, ici.marc.compte, le_jour) == "fini"
    actions.refuser_echange(echange, ici.marc, ici.marc.compte, la_veille)
    assert Echange.objects.get().etat == "refuse"


def test_une_garde_changee_depuis_se_voit_en_acceptant(ici):
    echange = proposer(ici, ici.celine, A_MARC)
    ici.garde.semaines = TOUTES
    ici.garde.save()
    assert code(actions.accepter_echange, echange, ici.marc, ici.marc.compte, MAINTENANT) == "mal_place"
    assert Echange.objects.get().etat == "propose"


def test_accepter_ne_coute_pas_plus_pour_un_mois_que_pour_un_jour(ici):
    def requetes(nombre):
        ici.garde.semaines = CALENDRIER
        ici.garde.save()
        ici.garde.periodes.all().delete()
        debut = dt.date(2027, 1, 4) if nombre == 1 else dt.date(2027, 2, 1)
        jours = [debut + dt.timedelta(days=n) for n in range(nombre)]
        ici.garde.periodes.create(debut=jours[0], fin=jours[-1])
        for jour in jours:
            f.reservation(ici.hugo, f.seance(ici.midi, jour), famille=ici.marc)
        echange = proposer(ici, ici.celine, jours[0], jours[-1])
        with CaptureQueriesContext(connection) as vues:
            actions.accepter_echange(echange, ici.marc, ici.marc.compte, MAINTENANT)
        return len(vues)

    assert requetes(1) == requetes(28)


# --- Les pages ---------------------------------------------------------------------------------------------------
SECRETS = ["Marc", "DURAND", "chemin secret", "07 99"]
ETATS = [("paires", {}), ("impaires", {"semaines": IMPAIRES}), ("calendrier", {"semaines": CALENDRIER}),
         ("vacances", {"semaines": TOUTES, "vacances": PREMIERE_PAIRES}), ("bascule", {"bascule": 4})]  # fmt: skip


@pytest.mark.parametrize("garde", [garde for _, garde in ETATS], ids=[nom for nom, _ in ETATS])
def test_aucune_page_ne_dit_qui_est_l_autre_foyer(db, client, time_machine, garde):
    time_machine.move_to(MAINTENANT, tick=False)
    ici = decor(**garde)
    etats = {"propose": {}, "accepte": {"repondu_le": MAINTENANT}, "refuse": {"repondu_le": MAINTENANT}}
    for n, (etat, champs) in enumerate(etats.items()):
        f.echange(ici.hugo, ici.celine, ici.marc, A_CELINE + dt.timedelta(days=n), etat=etat, **champs)
    f.reservation(ici.hugo, ici.seances[A_MARC], famille=ici.marc)
    client.force_login(ici.celine.compte)
    pages = [
        reverse("reservations:echanges"), reverse("familles:enfant", args=[ici.hugo.pk]),
        reverse("reservations:echange_proposer", args=[ici.hugo.pk]),
        reverse("reservations:planning_enfant", args=[ici.hugo.pk]) + f"?jour={A_MARC}",
        reverse("reservations:planning_mois", args=[ici.hugo.pk]) + f"?jour={A_MARC}",
        reverse("reservations:journal", args=[ici.hugo.pk]), reverse("inscriptions:enfant", args=[ici.hugo.pk]),
        *[reverse("reservations:echange", args=[e.pk]) for e in Echange.objects.all()],
    ]  # fmt: skip
    for page in pages:
        vue = client.get(page)
        assert vue.status_code == 200, page
        texte = vue.content.decode()
        assert [secret for secret in [*SECRETS, ici.marc.compte.email] if secret in texte] == [], page


def test_un_parent_propose_l_autre_lit_ce_qui_s_ensuit_et_accepte(client, ici):
    reserver(ici, ici.marc, A_MARC)
    client.force_login(ici.celine.compte)
    page = reverse("reservations:echange_proposer", args=[ici.hugo.pk])
    assert client.post(page, {"sens": "prendre", "du": "2026-12-08"}).status_code == 200
    vue = client.post(page, {"sens": "prendre", "du": "2026-12-08"}).content.decode()
    assert "est déjà chez vous" in vue
    assert client.post(page, {"sens": "prendre", "du": "2026-12-01"}).status_code == 302
    echange = reverse("reservations:echange", args=[Echange.objects.get().pk])
    assert "Retirer ma proposition" in client.get(echange).content.decode()
    client.force_login(ici.marc.compte)
    assert "À vous de répondre" in client.get(reverse("reservations:echanges")).content.decode()
    dite = client.get(echange).content.decode()
    assert "Vous ne payez plus celles-ci" in dite
    client.post(echange, {"accepter": "1"})
    assert qui_reserve() == {A_MARC: ici.celine}
    assert "Accepter" not in client.get(echange).content.decode()


def test_un_double_clic_ou_un_geste_interdit_se_dit_sans_rien_changer(client, ici):
    echange = proposer(ici, ici.celine, A_MARC)
    client.force_login(ici.celine.compte)
    page = reverse("reservations:echange", args=[echange.pk])
    vue = client.post(page, {"accepter": "1"}, follow=True).content.decode()
    assert "attend la réponse de l&#x27;autre foyer" in vue
    assert Echange.objects.get().etat == "propose"


def test_un_etranger_ou_un_enfant_sans_garde_n_ont_pas_ces_pages(client, ici):
    echange = proposer(ici, ici.celine, A_MARC)
    client.force_login(f.famille().compte)
    assert client.get(reverse("reservations:echange", args=[echange.pk])).status_code == 404
    tom = f.enfant(ici.celine, prenom="Tom")
    client.force_login(ici.celine.compte)
    assert client.get(reverse("reservations:echange_proposer", args=[tom.pk])).status_code == 404
    ici.garde.delete()
    assert client.get(reverse("reservations:echange_proposer", args=[ici.hugo.pk])).status_code == 404
    assert "Aucune garde partagée" in client.get(reverse("reservations:echanges")).content.decode()


def test_la_page_des_echanges_coute_autant_pour_un_que_pour_trois_cents(client, ici):
    client.force_login(ici.celine.compte)
    echange = f.echange(ici.hugo, ici.celine, ici.marc, A_CELINE)
    with memes_requetes(ouvrir(client, reverse("reservations:echanges")), au_plus=14):
        copies(echange, etat="retire", repondu_le=MAINTENANT)


# --- En même temps -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_reserver_pendant_qu_un_echange_s_accepte_ne_laisse_pas_un_jour_a_qui_ne_l_a_plus(time_machine):
    """Marc réserve le jour qu'il est en train de céder : ou sa réservation suit l'enfant, ou elle est refusée."""
    time_machine.move_to(MAINTENANT, tick=False)
    for _ in range(4):
        ici = decor()
        echange = proposer(ici, ici.celine, A_MARC)
        depart = threading.Barrier(2)

        def courir(action, depart=depart):
            depart.wait()
            try:
                return action()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as fils:
            un = fils.submit(courir, lambda ici=ici: reserver(ici, ici.marc, A_MARC))
            deux = fils.submit(
                courir,
                lambda ici=ici, e=echange: actions.accepter_echange(e, ici.marc, ici.marc.compte, MAINTENANT),
            )
            resultat = un.result(timeout=30)
            deux.result(timeout=30)
        siennes = Reservation.objects.filter(enfant=ici.hugo).values_list("famille", flat=True)
        if resultat.refus:
            assert [r.code for r in resultat.refus] == ["garde_autre"]
            assert not siennes
        else:
            assert list(siennes) == [ici.celine.pk]


@pytest.mark.django_db(transaction=True)
def test_deux_parents_qui_repondent_ensemble_ne_repondent_qu_une_fois(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    ici = decor(semaines=PAIRES)
    echange = proposer(ici, ici.celine, A_MARC)

    def courir(action):
        try:
            action(echange, ici.marc, ici.marc.compte, MAINTENANT)
            return "fait"
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        issues = sorted(fils.map(courir, [actions.accepter_echange, actions.refuser_echange]))
    assert issues == ["fait", "fini"]
