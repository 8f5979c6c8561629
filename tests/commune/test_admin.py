"""La commune dans l'administration."""

import pytest
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.urls import reverse

from commune.contexte import courante
from commune.models import AnneeScolaire, Commune, JourFerme
from tests import fabriques as f

from . import fichiers

pytestmark = pytest.mark.django_db


@pytest.fixture
def direction(client):
    client.force_login(f.compte(is_staff=True, is_superuser=True))
    return client


def saisie(page):
    """Ce qu'enverrait le formulaire de la page, tel quel."""
    form = page.context["adminform"].form
    return {nom: form[nom].value() or "" for nom in form.fields if nom != "logo"}


def test_la_fiche_de_la_commune_s_ouvre_sans_liste_et_ne_s_efface_pas(direction):
    f.commune()
    reponse = direction.get(reverse("admin:commune_commune_changelist"))
    assert reponse.url == reverse("admin:commune_commune_change", args=[1])
    assert direction.get(reverse("admin:commune_commune_add")).status_code == 403
    assert direction.post(reverse("admin:commune_commune_delete", args=[1])).status_code == 403


def test_la_premiere_fois_la_fiche_est_a_remplir(direction):
    assert direction.get(reverse("admin:commune_commune_changelist")).url == reverse("admin:commune_commune_add")


def test_changer_le_nom_se_voit_tout_de_suite(direction, django_capture_on_commit_callbacks):
    f.commune()
    assert courante().nom == "Mairie de Migné-Auxances"
    page = direction.get(reverse("admin:commune_commune_change", args=[1]))
    with django_capture_on_commit_callbacks(execute=True):
        reponse = direction.post(page.request["PATH_INFO"], saisie(page) | {"nom": "Mairie d'Auxances"})
    assert reponse.status_code == 302
    assert courante().nom == "Mairie d'Auxances"


def test_le_logo_est_refait_et_se_voit_sans_se_connecter(direction, client):
    f.commune()
    assert client.get(reverse("commune:logo")).status_code == 404
    page = direction.get(reverse("admin:commune_commune_change", args=[1]))
    direction.post(
        page.request["PATH_INFO"], saisie(page) | {"logo": fichiers.photo("logo.png", "PNG", taille=(2000, 500))}
    )
    commune = Commune.objects.get()
    assert commune.logo.name.startswith("commune/")
    assert (commune.logo.width, commune.logo.height) == (400, 100)
    client.logout()
    caches["local"].clear()
    reponse = client.get(reverse("commune:logo"))
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "image/png")
    assert b"".join(reponse.streaming_content).startswith(b"\x89PNG")


def test_un_faux_logo_est_refuse_avec_sa_phrase(direction):
    f.commune()
    page = direction.get(reverse("admin:commune_commune_change", args=[1]))
    reponse = direction.post(
        page.request["PATH_INFO"], saisie(page) | {"logo": fichiers.envoi(b"MZ" + b"\0" * 99, "logo.png")}
    )
    assert "son contenu est autre chose" in reponse.content.decode()
    assert not Commune.objects.get().logo


def test_preparer_le_calendrier_montre_avant_d_ecrire(direction):
    f.commune()
    an = f.annee(calendrier_confirme=False)
    adresse = reverse("admin:commune_anneescolaire_preparer", args=[an.pk])
    assert "Vacances de la Toussaint" in direction.get(adresse).content.decode()
    assert not JourFerme.objects.exists()
    reponse = direction.post(adresse)
    assert reponse.url == reverse("admin:commune_anneescolaire_change", args=[an.pk])
    assert JourFerme.objects.count() == 17
    page = direction.get(reponse.url).content.decode()
    assert "<strong>139 jours d'école</strong>" in page.replace("&#x27;", "'")
    assert "Pont de l" in page


def test_un_calendrier_vide_ne_se_confirme_pas(direction):
    f.commune()
    an = f.annee(calendrier_confirme=False)
    fiche = reverse("admin:commune_anneescolaire_change", args=[an.pk])
    saisie_ = {"nom": an.nom, "debut": "01/09/2026", "fin": "03/07/2027", "calendrier_confirme": "on"}
    assert "n'a pas de vacances" in direction.post(fiche, saisie_).content.decode().replace("&#x27;", "'")
    direction.post(reverse("admin:commune_anneescolaire_preparer", args=[an.pk]))
    assert direction.post(fiche, saisie_).status_code == 302
    assert AnneeScolaire.objects.get().calendrier_confirme


def test_un_calendrier_confirme_le_dit(direction):
    an = f.annee()
    adresse = reverse("admin:commune_anneescolaire_preparer", args=[an.pk])
    assert "est confirmé" in direction.get(adresse).content.decode()
    reponse = direction.post(adresse)
    assert "est confirmé" in str(next(iter(get_messages(reponse.wsgi_request))))
    assert not JourFerme.objects.exists()


def test_preparer_l_annee_suivante(direction):
    f.commune()
    f.annee()
    adresse = reverse("admin:commune_anneescolaire_preparer_suivante")
    assert "2027-2028" in direction.get(adresse).content.decode()
    assert AnneeScolaire.objects.count() == 1
    direction.post(adresse)
    assert list(AnneeScolaire.objects.values_list("nom", flat=True)) == ["2027-2028", "2026-2027"]


@pytest.mark.parametrize("table", ["ecole", "anneescolaire", "jourferme"])
def test_chaque_page_s_ouvre(direction, table):
    f.ecole()
    an = f.annee()
    JourFerme.objects.create(libelle="Grève", motif="greve", debut=an.debut, fin=an.debut)
    assert direction.get(reverse(f"admin:commune_{table}_changelist")).status_code == 200
    assert direction.get(reverse(f"admin:commune_{table}_add")).status_code == 200


@pytest.mark.parametrize(("groupe", "code"), [("Périscolaire", 403), ("Agents", 302)])
def test_qui_ne_peut_pas_changer_l_annee_ne_prepare_rien(client, groupe, code):
    an = f.annee(calendrier_confirme=False)
    client.force_login(f.agent(groupe))
    reponse = client.post(reverse("admin:commune_anneescolaire_preparer", args=[an.pk]))
    assert reponse.status_code in (code, 403)
    assert not JourFerme.objects.exists()
