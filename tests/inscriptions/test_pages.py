"""Les pages d'inscription vues par un parent, avec de vraies réponses HTTP."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from familles.models import Famille
from inscriptions.models import Inscription
from tests import fabriques as f
from tests.beaucoup import memes_requetes, ouvrir

pytestmark = pytest.mark.django_db
MANQUE = "Document(s) manquant(s) - Pas de nouvelle inscription possible"


@pytest.fixture(autouse=True)
def _en_septembre():
    with time_machine.travel(f.a_paris(2026, 9, 10, 9), tick=False):
        yield


@pytest.fixture
def hugo(client):
    f.commune()
    f.annee()
    foyer = f.famille()
    petit = f.enfant(foyer)
    petit.foyer = foyer
    client.force_login(foyer.compte)
    return petit


def page(client, petit, **parametres):
    reponse = client.get(reverse("inscriptions:enfant", args=[petit.pk]), parametres)
    assert reponse.status_code == 200
    return reponse.content.decode()


def cocher(client, petit, *activites, debut="2026-09-14", **plus):
    return client.post(
        reverse("inscriptions:enfant", args=[petit.pk]),
        {f"activites_{petit.pk}": [a.pk for a in activites], "debut": debut}, **plus,
    )  # fmt: skip


def test_la_page_dit_tout_de_chaque_activite(client, hugo):
    f.activite(
        site=hugo.ecole, nom="Restauration", presentation="Repas bio le jeudi.", inscriptions_max=12,
        heure_debut=dt.time(12), heure_fin=dt.time(13, 30),
    )  # fmt: skip
    f.activite(nom="Ailleurs")
    html = page(client, hugo)
    for morceau in ("Restauration", "Lundi, mardi, jeudi et vendredi, 12\u00a0h – 13\u00a0h\u00a030", "12 places",
                    "Repas bio le jeudi.",
                    "La mairie répond par courriel", reverse("documents:informations")):  # fmt: skip
        assert morceau in html
    assert "Ailleurs" not in html
    assert 'value="2026-09-10"' in html, "le début proposé est aujourd'hui, l'année étant commencée"


def test_ce_qui_ne_lui_est_pas_ouvert_dit_pourquoi(client, hugo):
    f.activite(site=hugo.ecole, nom="Sieste", age_max=5)
    html = page(client, hugo)
    assert "Activités qui ne lui sont pas ouvertes (1)" in html
    assert "Cette activité s&#x27;arrête à 5\u00a0ans." in html
    assert "Demander l'inscription" not in html


def test_inscrire_mene_droit_au_planning(client, hugo):
    midi = f.activite(site=hugo.ecole, nom="Restauration", validation_automatique=True)
    reponse = cocher(client, hugo, midi, follow=True)
    html = reponse.content.decode()
    assert reponse.redirect_chain == [(reverse("reservations:planning_enfant", args=[hugo.pk]), 302)]
    assert "Inscription acceptée : Restauration pour Hugo. Il reste à réserver les jours." in html
    assert Inscription.objects.get().debut == dt.date(2026, 9, 14)


def test_une_fratrie_acceptee_mene_au_planning_de_la_famille(client, hugo):
    midi = f.activite(site=hugo.ecole, validation_automatique=True)
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    envoi = {f"activites_{petit.pk}": [midi.pk] for petit in (hugo, lina)} | {"debut": "2026-09-14"}
    assert client.post(reverse("inscriptions:liste"), envoi)["Location"] == reverse("reservations:planning")


def test_tant_qu_une_demande_attend_la_page_de_l_enfant_mene_au_planning(client, hugo):
    midi = f.activite(site=hugo.ecole, nom="Restauration", validation_automatique=True)
    reponse = cocher(client, hugo, midi, f.activite(site=hugo.ecole, nom="Soir"), follow=True)
    assert reponse.redirect_chain == [(reverse("inscriptions:enfant", args=[hugo.pk]), 302)]
    html = reponse.content.decode()
    assert "Demande envoyée à la mairie : Soir pour Hugo." in html
    assert f'class="bouton" href="{reverse("reservations:planning_enfant", args=[hugo.pk])}"' in html


def test_il_ne_reste_a_reserver_que_tant_que_rien_n_est_reserve_a_venir(client, hugo):
    """Ni un jour passé, ni une annulation, ni le jour de sa sœur, ni celui de l'autre foyer ne comptent."""
    midi, reste = f.activite(site=hugo.ecole), "<strong>Il reste à réserver les jours</strong>"
    f.inscription(hugo, midi)
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    a_venir = f.seance(midi, dt.date(2026, 9, 14))
    f.reservation(hugo, f.seance(midi, dt.date(2026, 9, 8)))
    f.reservation(hugo, f.seance(midi, dt.date(2026, 9, 15)), etat="annulee")
    f.reservation(hugo, f.seance(midi, dt.date(2026, 9, 17)), famille=f.famille(nom="AUTRE"))
    f.reservation(lina, a_venir)
    assert reste in page(client, hugo)
    f.reservation(hugo, a_venir)
    assert reste not in page(client, hugo)


def test_un_double_clic_n_inscrit_qu_une_fois_et_ne_fait_pas_peur(client, hugo):
    midi = f.activite(site=hugo.ecole, nom="Restauration")
    soir = f.activite(site=hugo.ecole, nom="Soir")
    adresse = reverse("inscriptions:enfant", args=[hugo.pk])
    envoi = {f"activites_{hugo.pk}": [midi.pk], "debut": "2026-09-14"}
    client.post(adresse, envoi)
    reponse = client.post(adresse, envoi, follow=True)
    assert Inscription.objects.count() == 1
    assert "Cette demande est déjà enregistrée." in reponse.content.decode()
    assert cocher(client, hugo, soir).status_code == 302


def test_un_refus_garde_ce_qui_etait_coche_et_la_date(client, hugo):
    midi = f.activite(site=hugo.ecole, nom="Restauration")
    soir = f.activite(site=hugo.ecole, nom="Soir", age_min=9)  # Hugo a 9 ans le 7 février 2027
    reponse = cocher(client, hugo, midi, soir, debut="2026-10-01")
    html = reponse.content.decode()
    assert "Soir : Hugo pourra commencer le 7 février 2027" in html
    assert html.count(" checked") == 2
    assert 'value="2026-10-01"' in html
    assert not Inscription.objects.exists()


def test_rien_de_coche_se_dit(client, hugo):
    f.activite(site=hugo.ecole)
    assert "Cochez au moins une activité." in cocher(client, hugo).content.decode()


def test_un_document_manque_bouton_gris_et_un_lien_par_piece(client, hugo):
    f.activite(site=hugo.ecole)
    livret, vaccins = f.type_piece(nom="Livret de famille"), f.type_piece(nom="Vaccins", portee="enfant")
    html = page(client, hugo)
    assert MANQUE in html
    assert 'aria-disabled="true"' in html
    for piece, enfant in ((livret, 0), (vaccins, hugo.pk)):
        lien = reverse("documents:envoyer", args=[piece.pk, enfant])
        assert re.search(rf'href="{lien}">(?:(?!</a>).)*{piece.nom}</a>', html, re.S)
    assert "Demander l'inscription" not in html


def test_poster_malgre_le_bouton_gris_n_inscrit_pas(client, hugo):
    midi = f.activite(site=hugo.ecole)
    f.type_piece(nom="Livret de famille")
    assert cocher(client, hugo, midi).status_code == 200
    assert not Inscription.objects.exists()


@pytest.mark.parametrize(
    ("statut", "phrase"),
    [
        (Famille.Statut.EN_CREATION, "Votre dossier d'abord"),
        (Famille.Statut.A_VALIDER, "Votre dossier est à la mairie"),
    ],
)
def test_avant_la_validation_du_dossier(client, hugo, statut, phrase):
    midi = f.activite(site=hugo.ecole)
    hugo.foyer.statut = statut
    hugo.foyer.save()
    assert phrase in page(client, hugo)
    cocher(client, hugo, midi)
    assert not Inscription.objects.exists()


def test_les_inscriptions_terminees_se_montrent_a_la_demande(client, hugo):
    f.inscription(hugo, f.activite(site=hugo.ecole, nom="Ancienne"), fin=dt.date(2026, 9, 9))
    assert "Ancienne" not in page(client, hugo).split("Activités ouvertes")[0]
    html = page(client, hugo, terminees="")
    assert "Inscriptions terminées" in html
    assert "Terminée" in html


def test_un_refus_reste_sous_les_yeux_avec_sa_raison(client, hugo):
    f.inscription(hugo, f.activite(site=hugo.ecole), etat="refusee", motif="Priorité aux petits.")
    assert "Priorité aux petits." in page(client, hugo)


def test_toute_la_fratrie_d_un_seul_envoi(client, hugo):
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    midi = f.activite(site=hugo.ecole)
    adresse = reverse("inscriptions:liste")
    html = client.get(adresse).content.decode()
    assert "Activités ouvertes à Hugo" in html
    assert "Activités ouvertes à Lina" in html
    reponse = client.post(adresse, {
        f"activites_{hugo.pk}": midi.pk, f"activites_{lina.pk}": midi.pk, "debut": "2026-09-14",
    })  # fmt: skip
    assert reponse["Location"] == adresse
    assert Inscription.objects.count() == 2


def test_le_recu_est_date_et_numerote(client, hugo):
    inscription = f.inscription(hugo, f.activite(site=hugo.ecole, nom="Restauration"))
    html = client.get(reverse("inscriptions:recu", args=[inscription.pk])).content.decode()
    for morceau in ("Attestation d'inscription", f"I-2026-{inscription.pk:06d}", "né le 07/02/2018",
                    "du 01/09/2026 au 03/07/2027", "édité le 10/09/2026 à 09:00",
                    "Mairie de Migné-Auxances"):  # fmt: skip
        assert morceau in html


def test_terminer_a_une_date_a_venir(client, hugo):
    inscription = f.inscription(hugo, f.activite(site=hugo.ecole))
    adresse = reverse("reservations:fin_inscription", args=[inscription.pk])
    assert adresse in page(client, hugo)
    assert (
        "Choisissez aujourd&#x27;hui ou un jour à venir."
        in client.post(adresse, {"fin": "2026-09-09"}).content.decode()
    )
    client.post(adresse, {"fin": "2026-12-18", "confirmer": "oui"})
    inscription.refresh_from_db()
    assert inscription.fin == dt.date(2026, 12, 18)


def test_retirer_une_demande(client, hugo):
    inscription = f.inscription(hugo, f.activite(site=hugo.ecole), etat="demandee")
    client.post(reverse("reservations:fin_inscription", args=[inscription.pk]))
    inscription.refresh_from_db()
    assert inscription.etat == "retiree"


def test_l_enfant_d_une_autre_famille_n_existe_pas(client, hugo):
    autre = f.enfant()
    inscription = f.inscription(autre, f.activite(site=autre.ecole))
    fin = "reservations:fin_inscription"
    for nom, pk in [("inscriptions:enfant", autre.pk), ("inscriptions:recu", inscription.pk), (fin, inscription.pk)]:
        assert client.get(reverse(nom, args=[pk])).status_code == 404
    assert client.post(reverse(fin, args=[inscription.pk])).status_code == 404
    midi = f.activite(site=autre.ecole)
    client.post(reverse("inscriptions:liste"), {f"activites_{autre.pk}": midi.pk, "debut": "2026-09-14"})
    assert not Inscription.objects.filter(activite=midi).exists()


def test_le_second_foyer_ne_voit_pas_les_inscriptions_du_premier(client, hugo):
    inscription = f.inscription(hugo, f.activite(site=hugo.ecole, nom="Restauration"))
    second = f.famille(nom="AUGER")
    f.rattacher(hugo, second)
    client.force_login(second.compte)
    assert "Ses inscriptions" not in page(client, hugo)
    assert client.get(reverse("inscriptions:recu", args=[inscription.pk])).status_code == 404


def test_le_nombre_de_requetes_ne_depend_ni_des_activites_ni_des_enfants(client, hugo):
    """Trente activités, et autant d'inscriptions d'un enfant : aucune école n'en offre tant."""
    f.inscription(hugo, f.activite(site=hugo.ecole, inscriptions_max=30))
    f.activite(site=hugo.ecole)
    f.type_piece(obligatoire=False)
    with memes_requetes(ouvrir(client, reverse("inscriptions:liste")), au_plus=20):
        for n in range(30):
            f.inscription(hugo, f.activite(site=hugo.ecole, inscriptions_max=30))
            f.activite(site=hugo.ecole).ecoles.add(hugo.ecole)
            if n % 10 == 0:
                f.enfant(hugo.foyer, prenom=f"Enfant {n}", ecole=hugo.ecole)
