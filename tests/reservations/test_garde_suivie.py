"""Une année réservée avant le jugement : ce qui passe à l'autre foyer, ce qui reste, et comment chacun l'apprend."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from reservations import actions
from reservations.models import Mouvement
from tests import fabriques as f
from tests.navigateur import ouvrir, sans_faute

from .test_echanges import A_CELINE, A_MARC, A_MARC_AUSSI, MAINTENANT, decor, qui_reserve, reserver


@pytest.fixture
def ici(db, time_machine):
    """Céline avait tout réservé, semaines de Marc comprises."""
    time_machine.move_to(MAINTENANT, tick=False)
    ici = decor()
    for jour in (A_MARC, A_MARC_AUSSI, A_CELINE):
        f.reservation(ici.hugo, ici.seances[jour], famille=ici.celine)
    return ici


def suivre(ici):
    return actions.suivre_la_garde(ici.hugo, f.agent("Périscolaire"), MAINTENANT)


def test_les_jours_de_l_autre_foyer_passent_a_lui_qui_peut_les_annuler(ici):
    suite = suivre(ici)
    assert [r.seance.jour for r, _ in suite.suivent] == [A_MARC, A_MARC_AUSSI]
    assert qui_reserve() == {A_MARC: ici.marc, A_MARC_AUSSI: ici.marc, A_CELINE: ici.celine}
    assert reserver(ici, ici.marc, A_MARC, oui=False).lot
    assert suivre(ici).suivent == [], "refait, il n'y a plus rien à passer"


def test_ce_qui_est_passe_ou_ne_s_annule_plus_reste_a_qui_l_a_reserve(ici):
    hier = f.seance(ici.midi, f.a_paris(2026, 11, 20).date())  # semaine 47, chez Marc
    f.reservation(ici.hugo, hier, famille=ici.celine)
    ici.seances[A_MARC].limite_annulation = MAINTENANT
    ici.seances[A_MARC].save()
    suite = suivre(ici)
    assert [r.seance.jour for r in suite.restent] == [A_MARC]
    assert qui_reserve() == {
        hier.jour: ici.celine, A_MARC: ici.celine, A_MARC_AUSSI: ici.marc, A_CELINE: ici.celine,
    }  # fmt: skip


def test_rien_ne_passe_a_un_foyer_qui_n_a_pas_inscrit_l_enfant(ici):
    ici.hugo.inscriptions.filter(famille=ici.marc).update(etat="demandee")
    suite = suivre(ici)
    assert (len(suite.suivent), len(suite.restent)) == (0, 2)


def test_sans_garde_dite_il_n_y_a_rien_a_passer(ici):
    ici.garde.delete()
    assert actions.suite_de_la_garde(f.enfant(ici.celine), MAINTENANT).restent == [], "ni sans réservation"
    assert suivre(ici).suivent == []


def test_chacun_lit_une_ligne_a_son_journal_et_un_courriel_de_ses_seuls_jours(ici, courriels):
    suivre(ici)
    verbes = {
        foyer: [m.verbe for m in Mouvement.objects.du_compte(foyer.compte)] for foyer in (ici.celine, ici.marc)
    }
    assert verbes == {ici.celine: ["passé à l'autre foyer"] * 2, ici.marc: ["repris de l'autre foyer"] * 2}
    assert {m.origine for m in Mouvement.objects.all()} == {"mairie"}
    recus = {c["To"]: c.get_body(("plain",)).get_content() for c in courriels()}
    assert set(recus) == {ici.celine.compte.email, ici.marc.compte.email}
    cede, recu = recus[ici.celine.compte.email], recus[ici.marc.compte.email]
    assert "vous ne les payez plus" in cede
    assert "à votre nom désormais" not in cede
    assert "mar. 1er, jeu. 3" in cede
    assert "à votre nom désormais" in recu
    assert "mar. 1er, jeu. 3" in recu
    assert not any(mot in cede for mot in ("Marc", "DURAND", "chemin secret"))
    assert not any(mot in recu for mot in ("Celine", "LA STAR", "rue des Écoles"))


def test_la_mairie_lit_combien_puis_les_passe_d_un_bouton(client, ici):
    client.force_login(f.agent("Périscolaire"))
    page = reverse("admin:reservations_garde", args=[ici.hugo.pk])
    lue = client.get(page).content.decode()
    assert "Passer 2 réservations à la famille DURAND" in lue
    assert qui_reserve()[A_MARC] == ici.celine, "lire ne passe rien"
    assert client.post(page).url == reverse("admin:familles_enfant_garde", args=[ici.hugo.pk])
    assert qui_reserve()[A_MARC] == ici.marc
    assert client.get(page).status_code == 302, "il n'y a plus rien à lire"


def test_un_second_clic_ne_dit_pas_qu_un_courriel_est_parti(client, ici, courriels):
    client.force_login(f.agent("Périscolaire"))
    page = reverse("admin:reservations_garde", args=[ici.hugo.pk])
    client.post(page)
    assert len(courriels()) == 2
    suite = client.post(page, follow=True).content.decode()
    assert "plus aucune réservation à passer" in suite
    assert courriels() == []
    assert LogEntry.objects.filter(change_message__contains="passées à l'autre foyer").count() == 1


def test_enregistrer_la_garde_mene_a_ce_qui_est_deja_reserve(client, ici):
    ici.garde.delete()
    client.force_login(f.agent("Périscolaire"))
    saisie = {"foyer": ici.celine.pk, "semaines": "paires", "bascule": "0", "vacances": "comme", "periodes": "",
              "debut": "2026-11-26", "acte": "jugement", "enregistrer": "1"}  # fmt: skip
    suite = client.post(reverse("admin:familles_enfant_garde", args=[ici.hugo.pk]), saisie, follow=True)
    assert "Passer 2 réservations" in suite.content.decode()


@pytest.mark.django_db(transaction=True)
def test_la_page_du_passage_est_sans_faute_au_telephone(live_server, page, ici):
    page.set_viewport_size({"width": 360, "height": 800})
    ouvrir(page, live_server, f.agent("Périscolaire"), reverse("admin:reservations_garde", args=[ici.hugo.pk]))
    assert page.get_by_role("button", name="Passer 2 réservations").is_visible()
    sans_faute(page, {"include": [["#content"]]})
