"""La page d'une absence : l'excuser par écrit, lire la réponse, retrouver son justificatif."""

import datetime as dt
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from reservations.models import Excuse
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)


@pytest.fixture(autouse=True)
def lundi_midi(db):
    with time_machine.travel(f.a_paris(2026, 9, 7, 12), tick=False):
        yield


@pytest.fixture
def reservation(client):
    f.commune()
    foyer = f.famille()
    hugo = f.enfant(foyer)
    client.force_login(foyer.compte)
    return f.reservation(hugo, f.seance(f.activite(site=hugo.ecole, nom="Restauration"), LUNDI))


def photo():
    octets = BytesIO()
    Image.new("RGB", (40, 30), "white").save(octets, "JPEG")
    return SimpleUploadedFile("certificat.jpg", octets.getvalue(), "image/jpeg")


def page(reservation):
    return reverse("reservations:excuser", args=[reservation.pk])


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def test_une_absence_s_excuse_avec_une_photo_que_l_on_retrouve(client, reservation):
    fait = client.post(page(reservation), {"texte": "Hugo est malade", "fichier": photo()}, follow=True)
    assert "Votre excuse est envoyée à la mairie" in texte(fait)
    assert "Excuse envoyée" in texte(fait)  # la case du planning
    excuse = Excuse.objects.get()
    lue = texte(client.get(page(reservation)))
    assert "Hugo est malade" in lue
    assert "<form method" not in lue.split("<main")[1].split("</main")[0]
    justificatif = client.get(reverse("reservations:justificatif", args=[reservation.pk]))
    assert justificatif["Content-Type"] == "image/jpeg"
    assert excuse.envoyee_par == reservation.famille.adultes.get().compte
    client.force_login(f.famille().compte)
    assert client.get(reverse("reservations:justificatif", args=[reservation.pk])).status_code == 404


def test_sans_un_mot_ce_n_est_pas_une_excuse_ecrite(client, reservation):
    page_rendue = texte(client.post(page(reservation), {"texte": " "}))
    assert "c'est une excuse écrite" in page_rendue
    assert not Excuse.objects.exists()


def test_un_faux_justificatif_est_refuse_et_le_texte_gardé(client, reservation):
    faux = SimpleUploadedFile("certificat.pdf", b"MZ ceci est un programme", "application/pdf")
    page_rendue = texte(client.post(page(reservation), {"texte": "Hugo est malade", "fichier": faux}))
    assert "certificat.pdf" in page_rendue
    assert "Hugo est malade" in page_rendue
    assert not Excuse.objects.exists()


def test_avant_la_limite_la_page_renvoie_au_planning(client, reservation):
    with time_machine.travel(f.a_paris(2026, 9, 6, 12), tick=False):
        lue = texte(client.get(page(reservation)))
        client.post(page(reservation), {"texte": "Malade"})
    assert "Cette réservation s'annule encore sur le planning, jusqu'à ce soir 23 h 59." in lue
    assert not Excuse.objects.exists()


def test_la_reponse_de_la_mairie_se_lit(client, reservation):
    f.excuse(reservation, etat="refusee", reponse="Prévenu trop tard.")
    lue = texte(client.get(page(reservation)))
    assert "Refusée" in lue
    assert "Prévenu trop tard." in lue


def test_l_activite_dit_combien_de_jours_une_absence_s_excuse(client, reservation):
    """« Refusée après dix jours » : la page le dit avant, la case et l'action le refusent après."""
    reservation.seance.activite.excuse_jours = 10
    reservation.seance.activite.save()
    assert "Cette absence s'excuse jusqu'au jeudi 17 septembre 11 h 59." in texte(client.get(page(reservation)))
    with time_machine.travel(f.a_paris(2026, 9, 17, 12), tick=False):
        lue = texte(client.get(page(reservation)))
        client.post(page(reservation), {"texte": "Malade"})
        planning = reverse("reservations:planning_enfant", args=[reservation.enfant_id])
        semaine = texte(client.get(planning, {"jour": LUNDI}))
    assert "Une absence s'excuse pendant 10 jours ; écrivez à la mairie." in lue
    assert page(reservation) not in semaine
    assert not Excuse.objects.exists()
