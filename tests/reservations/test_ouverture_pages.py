"""Les pages de l'ouverture : la famille, le public, la mairie."""

import csv
import datetime as dt
import hashlib
import io

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reservations.actions import deposer_voeux, tirer_au_sort
from reservations.models import Ouverture, Reservation, Ticket, Voeu
from tests import fabriques as f

from .ouverture import AVANT, NEUF_HEURES, PENDANT_LES_VOEUX, UNE_SECONDE, Decor

pytestmark = pytest.mark.django_db
UNE_MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def decor():
    f.commune()
    return Decor()


@pytest.fixture
def a():
    """Déplace l'horloge : ``with a(instant): …``."""
    return lambda instant: time_machine.travel(instant, tick=False)


def entrer(compte):
    client = Client()
    client.force_login(compte)
    return client


def page(decor, nom="ouverture"):
    return reverse(f"reservations:{nom}", args=[decor.ouverture.pk])


def lue(reponse):
    assert reponse.status_code == 200, reponse
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def valeurs(decor, foyer, jours=3):
    return [f"{enfant}-{seance}" for enfant, seance in sorted(decor.tout(foyer, jours))]


# --- Les vœux -----------------------------------------------------------------------------------------------------
def test_la_famille_garde_ses_voeux_et_les_retrouve_coches(decor, a):
    foyer, autre = decor.foyer("Hugo", "Lina"), decor.foyer("Ana")
    deposer_voeux(decor.ouverture, autre, decor.tout(autre, 1), PENDANT_LES_VOEUX)
    client = entrer(foyer.compte)
    with a(PENDANT_LES_VOEUX):
        texte = lue(client.post(page(decor), {"voeu": valeurs(decor, foyer, 1)}, follow=True))
        assert "2 vœux gardés. Rien n'est encore réservé." in texte
        assert texte.count(" checked>") == 2
        assert "3 vœux" in texte  # les deux siens et celui d'Ana, dont rien d'autre ne se lit
        assert "Ana" not in texte
        assert "Vous n'avez plus aucun vœu." in lue(client.post(page(decor), {}, follow=True))
    assert Reservation.objects.count() == 0


def test_a_l_heure_de_l_ouverture_la_page_mene_a_la_file_et_les_voeux_sont_clos(decor, a):
    foyer = decor.foyer()
    client = entrer(foyer.compte)
    with a(AVANT):
        assert client.get(page(decor)).status_code == 200
    with a(NEUF_HEURES):
        assert client.get(page(decor))["Location"] == page(decor, "file")
        texte = lue(client.post(page(decor), {"voeu": valeurs(decor, foyer, 1)}))
    assert "on réserve encore à tour de rôle" in texte
    assert "Rien n'est réservé" in texte
    assert texte.count(" checked>") == 1  # ce qu'elle avait coché l'est toujours
    assert Voeu.objects.count() == Reservation.objects.count() == 0


def test_une_page_abimee_se_dit(decor, a):
    foyer = decor.foyer()
    with a(PENDANT_LES_VOEUX):
        for voeu in ("n'importe quoi", "1", "1-2-3", "x-y", f"{10**20}-1"):
            assert "La page est arrivée abîmée" in lue(entrer(foyer.compte).post(page(decor), {"voeu": voeu}))


def test_une_autre_famille_ne_voit_ni_n_ecrit_rien(decor, a):
    """Sans enfant inscrit, l'ouverture n'existe pas ; inscrite, elle ne touche que les siens."""
    foyer, voisin, etranger = decor.foyer(), decor.foyer("Ana"), f.famille()
    deposer_voeux(decor.ouverture, foyer, decor.tout(foyer), PENDANT_LES_VOEUX)
    with a(PENDANT_LES_VOEUX):
        assert entrer(etranger.compte).get(page(decor)).status_code == 404
        assert entrer(etranger.compte).post(page(decor), {}).status_code == 404
        texte = lue(entrer(voisin.compte).post(page(decor), {"voeu": valeurs(decor, foyer)}))
        assert "Un de ces jours n'est pas, ou plus, proposé" in texte
        assert foyer.tickets.get().numero not in texte
    with a(AVANT):
        assert entrer(etranger.compte).get(page(decor, "file")).status_code == 404
    for nom in ("quitter", "revenir"):
        assert entrer(etranger.compte).post(page(decor, nom)).status_code == 404
    assert Voeu.objects.count() == 3


def test_la_liste_et_l_accueil_annoncent_l_ouverture_a_qui_elle_concerne(decor, a):
    foyer, etranger = decor.foyer(), f.famille()
    with a(PENDANT_LES_VOEUX):
        for adresse in ("/accueil/", reverse("reservations:ouvertures")):
            assert "Vacances de Noël" in lue(entrer(foyer.compte).get(adresse))
            assert "Vacances de Noël" not in lue(entrer(etranger.compte).get(adresse))
            assert "Préparez vos vœux : ouverture mardi 9 h." in lue(entrer(foyer.compte).get(adresse))


# --- La file, puis son tour ---------------------------------------------------------------------------------------
def test_de_la_salle_d_attente_a_la_reservation(decor, a, courriels):
    foyer, autre = decor.foyer("Hugo", "Lina"), decor.foyer()
    deposer_voeux(decor.ouverture, foyer, decor.tout(foyer), PENDANT_LES_VOEUX)
    f.reservation(autre.petits[0], decor.seances[0])
    client = entrer(foyer.compte)
    with a(AVANT - 10 * UNE_MINUTE):
        assert "La salle d'attente est ouverte" in lue(client.get(page(decor)))
        texte = lue(client.get(page(decor, "file")))
        assert "Vous êtes dans la salle d'attente" in texte
        assert "dans 10 minutes" in texte
        assert Ticket.objects.get(famille=foyer).numero in texte
    with a(NEUF_HEURES):
        assert client.get(page(decor, "file"))["Location"] == page(decor)
        texte = lue(client.get(page(decor)))
        assert "C'est à vous, jusqu'à" in texte
        assert texte.count(" checked>") == 6
        texte = lue(client.post(page(decor), {"voeu": valeurs(decor, foyer)}, follow=True))
    assert "5 réservations enregistrées." in texte
    assert "Une demande n'a pas pu l'être" in texte
    assert "Centre de loisirs du lundi 21 décembre : complet, il n'y a plus de place." in texte
    assert Reservation.objects.filter(famille=foyer, etat="reservee").count() == 5
    assert Voeu.objects.count() == 6
    with a(NEUF_HEURES + UNE_MINUTE):
        assert "Votre tour est terminé" in lue(client.post(page(decor, "quitter"), follow=True))
        client.post(page(decor, "revenir"))
        assert client.get(page(decor, "file")).status_code == 302  # plus personne n'attend : il rentre aussitôt


def test_la_page_de_la_file_dit_le_rang_qui_est_devant_et_quand_revenir(decor, a):
    Ouverture.objects.update(a_la_fois=1)
    foyers = [decor.foyer() for _ in range(3)]
    clients = [entrer(foyer.compte) for foyer in foyers]
    for n, client in enumerate(clients):
        with a(NEUF_HEURES + n * UNE_SECONDE):
            client.get(page(decor, "file"))
    with a(NEUF_HEURES + 5 * UNE_SECONDE):
        texte = lue(clients[2].get(page(decor, "file")))
    assert ">3e</p>" in texte
    assert "1 foyer devant vous" in texte
    assert "au plus 20 minutes" in texte
    assert 'data-delai="5"' in texte
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in texte
    assert "@" not in texte.split("<main")[1].split("</main>")[0]  # chaque nombre est écrit


def test_une_visite_de_la_file_coute_la_meme_chose_a_cinq_et_a_trois_cents(decor, a):
    Ouverture.objects.update(a_la_fois=1)
    foyers = [decor.foyer() for _ in range(5)]
    clients = [entrer(foyer.compte) for foyer in foyers]

    def visite():
        with a(NEUF_HEURES + 2 * UNE_SECONDE), CaptureQueriesContext(connection) as contexte:
            texte = lue(clients[4].get(page(decor, "file")))
        return len(contexte), texte

    for n, client in enumerate(clients):
        with a(NEUF_HEURES + n * UNE_SECONDE / 10):
            client.get(page(decor, "file"))
    visite()
    cinq, texte = visite()
    assert "3 foyers devant vous" in texte
    Ticket.objects.bulk_create(
        Ticket(ouverture=decor.ouverture, famille=f.famille(avec_compte=False), numero=f"T{n:05d}",
               arrive_le=AVANT, vu_le=AVANT, ordre=n)
        for n in range(300)
    )  # fmt: skip
    beaucoup, texte = visite()
    assert "303 foyers devant vous" in texte
    assert cinq == beaucoup == 3  # la session, le compte, le rang


def test_une_fois_la_file_levee_la_page_est_ouverte_a_tous(decor, a, courriels):
    foyer = decor.foyer()
    Ouverture.objects.update(finie_le=NEUF_HEURES + 40 * UNE_MINUTE)
    client = entrer(foyer.compte)
    with a(NEUF_HEURES + 50 * UNE_MINUTE):
        assert client.get(page(decor, "file"))["Location"] == page(decor)
        texte = lue(client.post(page(decor), {"voeu": valeurs(decor, foyer)}, follow=True))
    assert "3 réservations enregistrées" in texte


# --- Le tirage, et la page publique -------------------------------------------------------------------------------
@pytest.fixture
def tirage():
    f.commune()
    decor = Decor(mode="tirage")
    decor.foyers = [decor.foyer(f"Enfant{n}") for n in range(5)]
    for foyer in decor.foyers:
        deposer_voeux(decor.ouverture, foyer, decor.tout(foyer, 2), PENDANT_LES_VOEUX)
    return decor


def test_la_famille_lit_son_resultat(tirage, a):
    with a(NEUF_HEURES):
        assert "Les vœux sont clos" in lue(entrer(tirage.foyers[0].compte).get(page(tirage)))
        tirer_au_sort(tirage.ouverture, None, NEUF_HEURES)
        textes = [lue(entrer(foyer.compte).get(page(tirage))) for foyer in tirage.foyers]
    assert sum("<h3>Réservé</h3>" in texte for texte in textes) == 2
    assert sum("<h3>Pas de place</h3>" in texte for texte in textes) == 3


def test_la_graine_est_engagee_avant_secrete_pendant_publique_apres(tirage, a):
    visiteur = Client()
    with a(PENDANT_LES_VOEUX):
        avant = lue(visiteur.get(page(tirage, "verifier")))
    assert hashlib.sha256(tirage.ouverture.graine.encode()).hexdigest() in avant
    assert tirage.ouverture.graine not in avant + visiteur.get(page(tirage, "verifier_csv")).content.decode()
    with a(NEUF_HEURES):
        assert tirage.ouverture.graine not in lue(visiteur.get(page(tirage, "verifier")))  # close, pas encore tirée
        tirer_au_sort(tirage.ouverture, None, NEUF_HEURES)
        assert tirage.ouverture.graine in lue(visiteur.get(page(tirage, "verifier")))


def test_un_inconnu_refait_le_tirage_avec_le_csv_et_n_y_lit_aucun_nom(tirage, a):
    tirer_au_sort(tirage.ouverture, None, NEUF_HEURES)
    with a(NEUF_HEURES):
        texte = Client().get(page(tirage, "verifier_csv")).content.decode()
        pages = lue(Client().get(f"{page(tirage, 'verifier')}?seance={tirage.seances[0].pk}&numero=1"))
    (_, engagement, _, graine), entete, *lignes = csv.reader(io.StringIO(texte), delimiter=";")
    assert hashlib.sha256(graine.encode()).hexdigest() == engagement
    assert entete[3:6] == ["rang", "numéro", "groupe"]
    assert len(lignes) == 10
    for seance in tirage.seances[:2]:
        siennes = [ligne for ligne in lignes if ligne[0] == str(seance.pk)]
        refaites = sorted(
            siennes, key=lambda li: hashlib.sha256(f"{graine}:{li[4].split('-')[0]}".encode()).hexdigest()
        )
        assert siennes == refaites
        assert [li[7] for li in siennes] == ["une place"] * 2 + ["pas de place"] * 3
    for secret in ("Enfant", "LA STAR", "Celine"):
        assert secret not in texte + pages


def test_un_foyer_retrouve_son_numero(tirage, a):
    tirer_au_sort(tirage.ouverture, None, NEUF_HEURES)
    voeu = Voeu.objects.select_related("ticket").filter(etat="retenu").first()
    with a(NEUF_HEURES):
        texte = lue(Client().get(f"{page(tirage, 'verifier')}?numero={voeu.ticket.numero}"))
        assert f"n° {voeu.numero}, rang {voeu.rang}, <strong>une place</strong>" in texte
        assert "Aucun vœu tiré pour le numéro 999" in lue(Client().get(f"{page(tirage, 'verifier')}?numero=999"))


def test_les_rangs_de_la_file_se_verifient_aussi(decor, a):
    foyers = [decor.foyer() for _ in range(4)]
    for n, foyer in enumerate(foyers):
        with a(AVANT if n < 3 else NEUF_HEURES):
            entrer(foyer.compte).get(page(decor, "file"))
    with a(NEUF_HEURES):
        fichier = io.StringIO(Client().get(page(decor, "verifier_csv")).content.decode())
        assert "3 foyers dans la salle d'attente à l'ouverture, 1 arrivé ensuite." in lue(
            Client().get(page(decor, "verifier"))
        )
    lignes = list(csv.reader(fichier, delimiter=";"))
    graine = lignes[0][3]
    attendus = sorted(
        foyers[:3], key=lambda foyer: hashlib.sha256(f"{graine}:{foyer.tickets.get().numero}".encode()).hexdigest()
    )
    assert [li[1] for li in lignes[2:]] == [foyer.tickets.get().numero for foyer in [*attendus, foyers[3]]]


# --- La mairie ----------------------------------------------------------------------------------------------------
@pytest.fixture
def mairie():
    return entrer(f.agent("Direction"))


def formulaire(decor, **champs):
    return {
        "nom": "Été", "activites": [decor.centre.pk], "du": "2026-12-21", "au": "2026-12-25",
        "voeux_des_0": "23/11/2026", "voeux_des_1": "09:00", "ouvre_le_0": "01/12/2026", "ouvre_le_1": "09:00",
        "mode": "file", "a_la_fois": "30", "minutes": "10",
    } | champs  # fmt: skip


def test_la_mairie_prepare_une_ouverture_et_ses_seances_la_suivent(decor, mairie, a):
    Ouverture.objects.all().delete()
    with a(f.a_paris(2026, 11, 20)):
        ajout = reverse("admin:reservations_ouverture_add")
        refusee = mairie.post(ajout, formulaire(decor, ouvre_le_0="19/11/2026", voeux_des_0="18/11/2026"))
        assert "elle ne change plus une fois commencée" in lue(refusee)
        assert "Les vœux commencent avant l'ouverture." in lue(
            mairie.post(ajout, formulaire(decor, voeux_des_0="02/12/2026"))
        )
        assert Ouverture.objects.count() == 0
        assert mairie.post(ajout, formulaire(decor)).status_code == 302
    ouverture = Ouverture.objects.get()
    assert ouverture.ouvre_le == NEUF_HEURES
    assert ouverture.seances.count() == 3


def test_la_mairie_ne_change_plus_une_ouverture_commencee(decor, mairie, a):
    modifier = reverse("admin:reservations_ouverture_change", args=[decor.ouverture.pk])
    with a(NEUF_HEURES):
        assert mairie.post(modifier, formulaire(decor)).status_code == 403
        assert decor.ouverture.graine not in lue(mairie.get(modifier))


def test_la_mairie_suit_les_voeux_et_tire_au_sort_une_fois(tirage, mairie, a, courriels):
    suivi = reverse("admin:reservations_ouverture_suivi", args=[tirage.ouverture.pk])
    with a(PENDANT_LES_VOEUX):
        assert "Tirer au sort maintenant" not in lue(mairie.get(suivi))
        assert "Les vœux sont ouverts jusqu'à" in lue(mairie.post(suivi, follow=True))
    with a(NEUF_HEURES):
        texte = lue(mairie.get(suivi))
        assert "Tirer au sort maintenant" in texte
        assert "Enfant1" not in texte
        assert "10 vœux, 4 retenus." in lue(mairie.post(suivi, follow=True))
        assert "Le tirage est déjà fait" in lue(mairie.post(suivi, follow=True))
    assert len(courriels()) == 5


def test_la_regie_ne_tire_pas_au_sort(tirage, a):
    suivi = reverse("admin:reservations_ouverture_suivi", args=[tirage.ouverture.pk])
    with a(NEUF_HEURES):
        assert entrer(f.agent("Régie")).post(suivi).status_code == 403
        assert entrer(f.lecteur("familles.view_famille", "reservations.view_ouverture")).post(suivi).status_code == 403
    assert Ouverture.objects.get().tiree_le is None


def test_chaque_minute_l_heure_tire_et_leve_ce_qu_elle_doit(tirage, a):
    from reservations.taches import ouvertures

    autre = Decor()
    with a(AVANT):
        ouvertures(0)
    assert Ouverture.objects.filter(tiree_le=None, finie_le=None).count() == 2
    with a(NEUF_HEURES + 30 * UNE_MINUTE):
        ouvertures(0)
        ouvertures(0)
    tirage.ouverture.refresh_from_db()
    autre.ouverture.refresh_from_db()
    assert tirage.ouverture.tiree_le == autre.ouverture.finie_le == NEUF_HEURES + 30 * UNE_MINUTE
