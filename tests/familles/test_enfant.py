"""La page d'un enfant, ses blocs, sa photo, son départ."""

import datetime as dt

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from commune.regles import jour_de_paris
from familles import actions
from familles.models import Enfant, FicheSanitaire, PersonneAutorisee
from tests import fabriques

from .outils import identite, photo, sante

pytestmark = pytest.mark.django_db
MAINTENANT = fabriques.a_paris(2026, 11, 12)


@pytest.fixture
def foyer():
    fabriques.commune()
    return fabriques.famille()


@pytest.fixture
def hugo(foyer):
    return fabriques.enfant(foyer, classe="ce2")


@pytest.fixture
def parent(client, foyer):
    client.force_login(foyer.compte)
    return client


def bloc(enfant, nom):
    return reverse("familles:enfant_bloc", args=[enfant.pk, nom])


def test_la_page_dit_tout_de_l_enfant_et_mene_a_la_suite(parent, foyer, hugo):
    actions.enregistrer_fiche(hugo, allergies="Arachide", regime="sans_viande", medecin="Dr Auger")
    actions.repondre(hugo, {"photo": True, "sortie": False}, foyer.compte, fabriques.a_paris(2026, 11, 12))
    actions.designer({(hugo, foyer.adultes.get()): {"recupere", "urgence"}}, None, MAINTENANT)
    page = parent.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()
    for mot in [
        "Hugo LA STAR",
        "07/02/2018",
        "CE2",
        "Arachide",
        "Sans viande",
        "Dr Auger",
        "le 12/11/2026, par Celine",
        "Vient chercher",
        "À prévenir en urgence",
        "Pas de réponse",
    ]:
        assert mot in page
    for adresse in [
        reverse("reservations:planning_enfant", args=[hugo.pk]),
        reverse("inscriptions:enfant", args=[hugo.pk]),
        reverse("documents:liste"),
    ]:
        assert f'href="{adresse}"' in page


def test_la_page_d_un_enfant_sans_rien_s_ouvre(parent, hugo):
    page = parent.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()
    assert "La fiche sanitaire est vide." in page
    assert "Personne n'est encore désigné." in page


@pytest.mark.parametrize("nom", ["identite", "ecole", "sante", "autorisations", "entourage"])
def test_chaque_bloc_s_ouvre(parent, hugo, nom):
    assert parent.get(bloc(hugo, nom)).status_code == 200


def test_modifier_l_identite(parent, hugo):
    reponse = parent.post(bloc(hugo, "identite"), identite(prenom="ugo"))
    assert reponse.url == reverse("familles:enfant", args=[hugo.pk])
    hugo.refresh_from_db()
    assert str(hugo) == "Ugo LA STAR"


def test_deux_freres_ne_deviennent_pas_le_meme_enfant(parent, foyer, hugo):
    fabriques.enfant(foyer, prenom="Lina")
    page = parent.post(bloc(hugo, "identite"), identite(prenom="Lina"))
    assert "fait déjà partie" in page.context["form"].errors["__all__"][0]


def test_changer_d_ecole(parent, hugo):
    autre = fabriques.ecole(niveau="elementaire")
    parent.post(bloc(hugo, "ecole"), {"ecole": autre.pk, "classe": "cm1"})
    hugo.refresh_from_db()
    assert (hugo.ecole, hugo.classe) == (autre, "cm1")


def ecole_et_classe(hugo, **champs):
    return {"ecole": hugo.ecole_id, "classe": "ce2", "division": ""} | champs


@pytest.mark.parametrize(("tape", "garde", "dite"), [
    ("b", "B", "CE2 B"), ("  Mme  Petit", "Mme Petit", "CE2, Mme Petit"), ("ce2 a", "A", "CE2 A"), ("-", "", "CE2"),
])  # fmt: skip
def test_un_parent_dit_le_groupe_et_le_relit(parent, hugo, tape, garde, dite):
    parent.post(bloc(hugo, "ecole"), ecole_et_classe(hugo, division=tape))
    hugo.refresh_from_db()
    assert (hugo.division, hugo.classe_dite) == (garde, dite)
    assert f"{hugo.ecole}, {dite}" in parent.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()


def test_le_formulaire_demande_le_groupe_avec_les_mots_de_sa_classe(parent, hugo):
    page = parent.get(bloc(hugo, "ecole")).content.decode()
    assert "plusieurs CE2 dans l'école" in page.replace("&#x27;", "'")
    assert "Il s'efface" not in page.replace("&#x27;", "'")


@pytest.mark.parametrize(("champs", "garde"), [
    ({"division": "Mme Petit"}, "Mme Petit"),
    ({"classe": "cm1", "division": "Mme Petit"}, ""),
    ({"ecole": "autre", "division": "Mme Petit"}, ""),
    ({"classe": "cm1", "division": "B"}, "B"),
    ({"ecole": "", "classe": "", "division": "Mme Petit"}, ""),
])  # fmt: skip
def test_le_groupe_d_avant_s_efface_avec_la_classe_d_avant(parent, hugo, champs, garde):
    Enfant.objects.update(division="Mme Petit")
    if champs.get("ecole") == "autre":
        champs = champs | {"ecole": fabriques.ecole(niveau="elementaire").pk}
    reponse = parent.post(bloc(hugo, "ecole"), ecole_et_classe(hugo, **champs))
    assert reponse.status_code == 302
    hugo.refresh_from_db()
    assert hugo.division == garde


@pytest.mark.parametrize("champs", [{"classe": ""}, {"ecole": "", "classe": ""}])
def test_un_groupe_sans_classe_se_refuse_et_reste_tape(parent, hugo, champs):
    page = parent.post(bloc(hugo, "ecole"), ecole_et_classe(hugo, division="mme petit") | champs)
    form = page.context["form"]
    assert list(form.errors) == ["classe"]
    assert form["division"].value() == "mme petit"
    hugo.refresh_from_db()
    assert (hugo.classe, hugo.division) == ("ce2", "")


def test_modifier_la_sante_puis_la_vider(parent, hugo):
    parent.post(bloc(hugo, "sante"), sante())
    assert FicheSanitaire.objects.get().allergies == "Arachide : adrénaline dans le sac."
    vue = parent.get(bloc(hugo, "sante")).context["form"]["vue"].value()
    parent.post(bloc(hugo, "sante"), {"vue": vue})
    assert FicheSanitaire.objects.get().allergies == ""


def test_une_fiche_changee_entre_temps_ne_s_ecrase_pas(parent, hugo):
    actions.enregistrer_fiche(hugo, medecin="Dr Auger")
    vue = parent.get(bloc(hugo, "sante")).context["form"]["vue"].value()
    actions.enregistrer_fiche(hugo, allergies="Œuf")  # l'autre parent, pendant ce temps
    page = parent.post(bloc(hugo, "sante"), sante(vue=vue))
    assert "a été modifiée à" in page.context["form"].errors["__all__"][0]
    assert page.context["form"]["allergies"].value() == "Arachide : adrénaline dans le sac."
    assert FicheSanitaire.objects.get().allergies == "Œuf"


def test_une_fiche_nee_entre_temps_ne_s_ecrase_pas(parent, hugo):
    vue = parent.get(bloc(hugo, "sante")).context["form"]["vue"].value()
    actions.enregistrer_fiche(hugo, allergies="Œuf")
    page = parent.post(bloc(hugo, "sante"), sante(vue=vue or ""))
    assert "a été modifiée à" in page.context["form"].errors["__all__"][0]


def test_apres_avoir_ete_prevenu_on_peut_enregistrer(parent, hugo):
    actions.enregistrer_fiche(hugo, medecin="Dr Auger")
    vue = parent.get(bloc(hugo, "sante")).context["form"]["vue"].value()
    actions.enregistrer_fiche(hugo, allergies="Œuf")
    page = parent.post(bloc(hugo, "sante"), sante(vue=vue))
    neuve = page.context["form"]["vue"].value()
    assert parent.post(bloc(hugo, "sante"), sante(vue=neuve)).status_code == 302
    assert FicheSanitaire.objects.get().allergies == "Arachide : adrénaline dans le sac."


def test_une_reponse_s_ajoute_et_les_precedentes_restent(parent, hugo):
    with time_machine.travel("2026-09-01T10:00Z"):
        parent.post(bloc(hugo, "autorisations"), {"photo": "True", "sortie": "False", "soins": "True"})
    with time_machine.travel("2026-11-12T10:00Z"):
        parent.post(bloc(hugo, "autorisations"), {"photo": "False", "sortie": "False", "soins": "True"})
    toutes = hugo.autorisations.filter(genre="photo").values_list("accordee", "donnee_le__date")
    assert list(toutes) == [(False, dt.date(2026, 11, 12)), (True, dt.date(2026, 9, 1))]
    assert hugo.autorisations.count() == 4  # ce qui n'a pas changé ne se répète pas
    assert {a.genre: a.accordee for a in hugo.autorisations.en_vigueur()} == {
        "photo": False, "sortie": False, "soins": True,
    }  # fmt: skip


def test_designer_puis_retirer_quelqu_un(parent, foyer, hugo):
    celine = foyer.adultes.get()
    mamie = fabriques_mamie(foyer)
    champs = {f"adulte_{celine.pk}": ["recupere"], f"adulte_{mamie.pk}": ["recupere", "urgence"]}
    parent.post(bloc(hugo, "entourage"), champs)
    assert PersonneAutorisee.objects.count() == 2
    parent.post(bloc(hugo, "entourage"), {f"adulte_{celine.pk}": ["recupere"], f"adulte_{mamie.pk}": []})
    assert hugo.personnes.actuelles().get().adulte == celine
    finie = hugo.personnes.get(adulte=mamie)
    assert finie.roles == {"recupere", "urgence"}
    assert (finie.fin, finie.fin_par) == (jour_de_paris(timezone.now()), foyer.compte)
    page = parent.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()
    assert "Odile" not in page


def fabriques_mamie(foyer, **champs):
    return foyer.adultes.create(
        **{"civilite": "mme", "nom": "DUPONT", "prenom": "Odile", "lien": "grand_parent", "telephone": "05 49 51 00 00"}
        | champs
    )


def test_prevenir_en_urgence_demande_un_numero(parent, foyer, hugo):
    mamie = fabriques_mamie(foyer, telephone="")
    page = parent.post(bloc(hugo, "entourage"), {f"adulte_{mamie.pk}": ["recupere", "urgence"]})
    assert "il faut un numéro de téléphone" in page.context["form"].errors[f"adulte_{mamie.pk}"][0]


def test_la_photo_est_refaite_servie_a_la_famille_et_remplacee(parent, hugo, django_capture_on_commit_callbacks):
    parent.post(reverse("familles:photo_modifier", args=[hugo.pk]), {"photo": photo()})
    hugo.refresh_from_db()
    ancienne = hugo.photo.name
    assert "hugo" not in ancienne
    reponse = parent.get(reverse("familles:photo", args=[hugo.pk]))
    assert reponse["Content-Type"] == "image/jpeg"
    assert reponse["Cache-Control"] == "private, no-store"
    with Image.open(default_storage.open(ancienne)) as image:
        assert image.size == (800, 800)
    with django_capture_on_commit_callbacks(execute=True):
        parent.post(reverse("familles:photo_modifier", args=[hugo.pk]), {"photo": photo(couleur="teal")})
    assert not default_storage.exists(ancienne)


def test_effacer_la_photo(parent, hugo, django_capture_on_commit_callbacks):
    parent.post(reverse("familles:photo_modifier", args=[hugo.pk]), {"photo": photo()})
    hugo.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        parent.post(reverse("familles:photo_retirer", args=[hugo.pk]))
    assert not default_storage.exists(hugo.photo.name)
    assert parent.get(reverse("familles:photo", args=[hugo.pk])).status_code == 404


@pytest.mark.parametrize(
    ("fichier", "phrase"),
    [
        (lambda: SimpleUploadedFile("hugo.jpg", b"%PDF-1.7 rien"), "son contenu est autre chose"),
        (lambda: SimpleUploadedFile("hugo.jpg", b""), "vide"),
        (lambda: None, "Choisissez une photo."),
    ],
)
def test_une_fausse_photo_est_refusee_par_une_phrase(parent, hugo, fichier, phrase):
    donnees = {"photo": fichier()} if fichier() else {}
    page = parent.post(reverse("familles:photo_modifier", args=[hugo.pk]), donnees)
    assert phrase in page.context["form"].errors["photo"][0]


def test_un_agent_qui_voit_les_enfants_voit_la_photo(client, hugo):
    hugo = actions.changer_photo(hugo, _propre())
    client.force_login(fabriques.agent("Périscolaire"))
    assert client.get(reverse("familles:photo", args=[hugo.pk])).status_code == 200


def _propre():
    from commune.fichiers import nettoyer

    return nettoyer([photo()], photo=True)


def test_le_depart_dit_d_abord_ce_qui_s_ensuit(parent, hugo):
    page = parent.get(reverse("reservations:depart", args=[hugo.pk])).content.decode()
    assert "Aucune réservation n'est à annuler." in page
    refus = parent.post(reverse("reservations:depart", args=[hugo.pk]))
    assert "Cochez cette case" in refus.content.decode()
    assert hugo.rattachements.actuels().exists()


def test_un_depart_termine_le_rattachement_et_previent_le_service_sans_rien_dire(parent, foyer, hugo, courriels):
    with time_machine.travel("2026-11-12T10:00Z"):
        parent.post(reverse("reservations:depart", args=[hugo.pk]), {"compris": "on"})
    lien = hugo.rattachements.get()
    assert (lien.fin, lien.fin_par) == (dt.date(2026, 11, 12), foyer.compte)
    assert Enfant.objects.filter(pk=hugo.pk).exists()
    assert parent.get(reverse("familles:enfant", args=[hugo.pk])).status_code == 404
    (avis,) = courriels()
    assert avis["To"] == "periscolaire@migne-auxances.fr"
    assert "LA STAR" not in str(avis)
    assert "Hugo" not in str(avis)


def test_ce_que_la_famille_a_defait_elle_le_refait(parent, foyer, hugo):
    parent.post(reverse("reservations:depart", args=[hugo.pk]), {"compris": "on"})
    lien = hugo.rattachements.get()
    page = parent.get(reverse("familles:entourage")).content.decode()
    assert reverse("familles:enfant_retablir", args=[lien.pk]) in page
    parent.post(reverse("familles:enfant_retablir", args=[lien.pk]))
    assert parent.get(reverse("familles:enfant", args=[hugo.pk])).status_code == 200
    parent.post(reverse("familles:enfant_retablir", args=[lien.pk]))  # deux clics
    assert hugo.rattachements.actuels().count() == 1


def test_ce_que_la_mairie_a_termine_la_famille_ne_le_refait_pas(parent, hugo):
    lien = hugo.rattachements.get()
    lien.fin, lien.fin_par = dt.date(2026, 10, 1), fabriques.agent("Périscolaire")
    lien.save()
    page = parent.get(reverse("familles:entourage")).content.decode()
    assert reverse("familles:enfant_retablir", args=[lien.pk]) not in page
    parent.post(reverse("familles:enfant_retablir", args=[lien.pk]))
    assert not hugo.rattachements.actuels().exists()


@pytest.mark.parametrize("nombre", [1, 30])
def test_la_page_fait_le_meme_nombre_de_requetes(parent, foyer, hugo, nombre, django_assert_num_queries):
    """Trente et non trois cents : douze enfants sont déjà plus que la vie."""
    for n in range(nombre - 1):
        fabriques.enfant(foyer, prenom=f"Frère {n}")
        actions.designer({(hugo, fabriques_mamie(foyer, prenom=f"Mamie {n}")): {"recupere"}}, None, MAINTENANT)
    actions.designer({(hugo, foyer.adultes.get(prenom="Celine")): {"recupere"}}, None, MAINTENANT)
    actions.repondre(hugo, {"photo": True}, foyer.compte, fabriques.a_paris(2026, 11, 12))
    with django_assert_num_queries(11):
        parent.get(reverse("familles:enfant", args=[hugo.pk]))
