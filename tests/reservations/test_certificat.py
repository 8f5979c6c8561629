"""Le certificat qui arrive après l'excuse : la famille le joint, ou la mairie à qui elle l'a remis."""

import datetime as dt
import re
from io import BytesIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from PIL import Image

from commune.fichiers import Propre
from reservations.actions import decider_excuse, excuser, joindre_certificat
from reservations.models import Excuse
from tests import fabriques as f
from tests.navigateur import ouvrir, sans_faute
from tests.reservations.test_enregistrement import ensemble
from tests.reservations.test_mairie import code

LUNDI = dt.date(2026, 9, 7)
MATIN, MIDI, SOIR = (f.a_paris(2026, 9, 7, heure) for heure in (8, 12, 18))


@pytest.fixture(autouse=True)
def lundi_midi():
    with time_machine.travel(MIDI, tick=False):
        yield


@pytest.fixture
def reservation(db):
    f.commune()
    hugo = f.enfant()
    return f.reservation(hugo, f.seance(f.activite(site=hugo.ecole, nom="Restauration"), LUNDI))


@pytest.fixture
def excuse(reservation):
    return f.excuse(reservation, envoyee_le=MATIN)


def mot(nom="certificat.pdf"):
    return Propre(ContentFile(b"%PDF-1.7"), nom, 1, "application/pdf")


def photo(octets=None):
    if octets is None:
        tampon = BytesIO()
        Image.new("RGB", (40, 30), "white").save(tampon, "JPEG")
        octets = tampon.getvalue()
    return SimpleUploadedFile("certificat.jpg", octets, "image/jpeg")


def parent(excuse):
    return excuse.reservation.famille.adultes.get().compte


def page(excuse):
    return reverse("reservations:excuser", args=[excuse.reservation_id])


def page_de_la_mairie(excuse):
    return reverse("admin:reservations_excuse_change", args=[excuse.pk])


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


# --- L'action -------------------------------------------------------------------------------------------------------
def test_le_justificatif_de_la_premiere_excuse_arrive_avec_elle(reservation):
    assert excuser(reservation, "Malade", mot(), None, MIDI).certifie_le == MIDI
    sans = f.reservation(f.enfant(), reservation.seance)
    assert excuser(sans, "Malade", None, None, MIDI).certifie_le is None


@pytest.mark.parametrize("etat", ["envoyee", "acceptee"])
def test_un_certificat_se_joint_apres_l_excuse_une_seule_fois(excuse, etat):
    Excuse.objects.update(etat=etat)
    joindre_certificat(excuse, mot(), SOIR)
    lue = Excuse.objects.get()
    assert (lue.envoyee_le, lue.certifie_le, lue.etat) == (MATIN, SOIR, etat)
    assert lue.fichier.read() == b"%PDF-1.7"
    assert code(lambda: joindre_certificat(excuse, mot(), SOIR + dt.timedelta(minutes=1))) == "deja"
    assert (Excuse.objects.get().fichier.name, Excuse.objects.get().certifie_le) == (lue.fichier.name, SOIR)


def test_un_certificat_ne_se_joint_pas_a_une_excuse_refusee_sauf_si_la_mairie_revient_sur_son_refus(excuse, courriels):
    mairie = f.agent()
    decider_excuse(excuse, False, "Sans certificat.", mairie, MIDI)
    assert code(lambda: joindre_certificat(excuse, mot(), SOIR)) == "refusee"
    decider_excuse(excuse, True, "", mairie, SOIR)
    assert joindre_certificat(excuse, mot(), SOIR).certifie_le == SOIR


# Jours pour excuser, de l'activité → le premier instant où le certificat ne se joint plus : jamais moins de 31 jours.
TROP_TARD = {2: f.a_paris(2026, 10, 8, 12), 31: f.a_paris(2026, 10, 8, 12), 40: f.a_paris(2026, 10, 17, 12)}


@pytest.mark.parametrize("jours", TROP_TARD)
def test_un_certificat_se_joint_un_mois_meme_si_l_absence_s_excuse_deux_jours(excuse, jours):
    activite = excuse.reservation.seance.activite
    activite.excuse_jours = jours
    activite.save()
    assert code(lambda: joindre_certificat(excuse, mot(), TROP_TARD[jours])) == "trop_tard"
    juste = TROP_TARD[jours] - dt.timedelta(seconds=1)
    assert joindre_certificat(excuse, mot(), juste).certifie_le == juste


@pytest.mark.parametrize("champs", [{"fichier": "mot.pdf"}, {"certifie_le": MIDI}])
def test_la_base_refuse_un_justificatif_sans_instant_et_un_instant_sans_justificatif(reservation, champs):
    with pytest.raises(IntegrityError, match="excuse_certifiee"), transaction.atomic():
        f.excuse(reservation, **champs)


def test_un_disque_en_panne_ne_laisse_ni_fichier_ni_instant(excuse, monkeypatch):
    def panne(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "_save", panne)
    assert code(lambda: joindre_certificat(excuse, mot(), SOIR)) == "disque_plein"
    assert Excuse.objects.values_list("fichier", "certifie_le").get() == ("", None)


@pytest.mark.django_db(transaction=True)
def test_six_envois_au_meme_instant_ne_gardent_qu_un_certificat(excuse):
    def joindre():
        try:
            return joindre_certificat(excuse, mot(), SOIR).fichier.name
        except ValidationError as refus:
            return refus.code

    rendus = ensemble([joindre] * 6)
    assert rendus.count("deja") == 5
    assert Excuse.objects.get().fichier.name in rendus


@pytest.mark.django_db(transaction=True)
def test_la_migration_date_les_justificatifs_deja_recus_du_jour_de_leur_excuse(reservation):
    avant, apres = [("reservations", "0002_seance_du_jour")], [("reservations", "0003_certificat_joint_apres")]
    autre = f.reservation(f.enfant(), reservation.seance)
    anciennes = MigrationExecutor(connection).migrate(avant).apps.get_model("reservations", "Excuse").objects
    try:
        for cle, fichier in ((reservation.pk, "mot.pdf"), (autre.pk, "")):
            anciennes.create(reservation_id=cle, texte="Malade", fichier=fichier, envoyee_le=MATIN)
    finally:
        MigrationExecutor(connection).migrate(apres)
    assert list(Excuse.objects.order_by("pk").values_list("fichier", "certifie_le")) == [("mot.pdf", MATIN), ("", None)]


# --- La page de la famille ------------------------------------------------------------------------------------------
def test_la_case_mene_a_l_excuse_qui_offre_de_joindre_le_certificat(client, excuse):
    client.force_login(parent(excuse))
    planning = reverse("reservations:planning_enfant", args=[excuse.reservation.enfant_id])
    semaine = texte(client.get(planning, {"jour": LUNDI}))
    assert f'href="{page(excuse)}"' in semaine
    assert ">Voir</a>" in semaine
    lue = texte(client.get(page(excuse)))
    assert "Pour la facture, un certificat joint plus tard compte à l'heure où vous l'envoyez." in lue
    assert "Il se joint jusqu'au jeudi 8 octobre 11 h 59." in lue
    suite = client.post(page(excuse), {"joindre": "1", "fichier": photo()}, follow=True)
    assert suite.redirect_chain == [(page(excuse), 302)]
    assert "Votre certificat est joint" in texte(suite)
    assert "reçu le 7 septembre 2026 à 12 h 00" in texte(suite)
    assert "Joindre le certificat" not in texte(suite).split("<main")[1]
    assert Excuse.objects.get().certifie_le == MIDI


def test_le_second_clic_d_une_excuse_envoyee_sans_justificatif_ne_reproche_rien(client, excuse):
    client.force_login(parent(excuse))
    lue = texte(client.post(page(excuse), {"texte": "Malade"}))
    assert "Choisissez la photo" not in lue
    assert "Joindre le certificat" in lue


@pytest.mark.parametrize(
    ("envoi", "dit"),
    [
        ({}, "Choisissez la photo ou le PDF du certificat."),
        ({"fichier": b"MZ ceci est un programme"}, "certificat.jpg"),
    ],
)
def test_un_envoi_sans_certificat_ou_faux_le_dit(client, excuse, envoi, dit):
    client.force_login(parent(excuse))
    fichiers = {nom: photo(octets) for nom, octets in envoi.items()}
    assert dit in texte(client.post(page(excuse), {"joindre": "1", **fichiers}))
    assert not Excuse.objects.get().fichier


def test_refusee_entre_temps_l_envoi_le_dit_et_la_page_ne_l_offre_plus(client, excuse):
    client.force_login(parent(excuse))
    Excuse.objects.update(etat="refusee", reponse="Prévenu trop tard.")
    assert "aucun certificat ne s'y joint" in texte(client.post(page(excuse), {"joindre": "1", "fichier": photo()}))
    assert "Joindre le certificat" not in texte(client.get(page(excuse)))


def test_ni_un_inconnu_ni_l_autre_foyer_de_l_enfant_ne_joignent_rien(client, excuse):
    autre = f.famille()
    f.rattacher(excuse.reservation.enfant, autre)
    for foyer in (f.famille(), autre):
        client.force_login(foyer.compte)
        assert client.get(page(excuse)).status_code == 404
        assert client.post(page(excuse), {"joindre": "1", "fichier": photo()}).status_code == 404
    assert not Excuse.objects.get().fichier


# --- La page de la mairie -------------------------------------------------------------------------------------------
def test_la_mairie_joint_le_certificat_remis_au_guichet_et_le_journal_le_dit(client, excuse):
    agent = f.agent("Périscolaire")
    client.force_login(agent)
    assert "Choisissez la photo" in texte(client.post(page_de_la_mairie(excuse), {"joindre": "1"}))
    suite = client.post(page_de_la_mairie(excuse), {"joindre": "1", "fichier": photo()}, follow=True)
    assert "reçu le 07/09/2026 à 12:00" in texte(suite)
    assert 'name="joindre"' not in texte(suite)
    assert Excuse.objects.values_list("etat", "certifie_le").get() == ("envoyee", MIDI)
    trace = LogEntry.objects.get()
    assert (trace.user, trace.object_id, trace.change_message) == (
        agent, str(excuse.pk), "Certificat joint à l'excuse.",
    )  # fmt: skip
    encore = texte(client.post(page_de_la_mairie(excuse), {"joindre": "1", "fichier": photo()}))
    assert "Un justificatif est déjà joint à cette excuse." in encore
    assert LogEntry.objects.count() == 1


def test_qui_ne_decide_pas_les_excuses_n_y_joint_rien(client, excuse):
    client.force_login(f.agent("Régie"))
    assert client.post(page_de_la_mairie(excuse), {"joindre": "1", "fichier": photo()}).status_code == 403
    assert 'name="joindre"' not in texte(client.get(page_de_la_mairie(excuse)))
    assert not Excuse.objects.get().fichier


# --- Dans un vrai navigateur ----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_au_telephone_de_la_case_au_certificat_joint_sans_faute(live_server, new_context, excuse):
    au_telephone = new_context(viewport={"width": 360, "height": 740}).new_page()
    planning = reverse("reservations:planning_enfant", args=[excuse.reservation.enfant_id])
    ouvrir(au_telephone, live_server, parent(excuse), f"{planning}?jour={LUNDI}")
    au_telephone.get_by_role("link", name="Voir Excuse envoyée Hugo Restauration").click()
    au_telephone.get_by_role("heading", name="Joindre le certificat").wait_for()
    sans_faute(au_telephone)
    au_telephone.get_by_role("button", name="Joindre le certificat").click()
    au_telephone.get_by_text("Choisissez la photo ou le PDF du certificat.").first.wait_for()
    sans_faute(au_telephone)
    au_telephone.get_by_label(re.compile("^Certificat")).set_input_files(
        {"name": "certificat.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    )
    au_telephone.get_by_role("button", name="Joindre le certificat").click()
    au_telephone.get_by_text("Votre certificat est joint").wait_for()
    sans_faute(au_telephone)
    ouvrir(au_telephone, live_server, f.agent("Périscolaire"), page_de_la_mairie(excuse))
    sans_faute(au_telephone, {"include": [["#content-main"]]})
