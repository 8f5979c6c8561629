"""Deux CM1 dans une école : la mairie les distingue, un enfant ou toute une classe à la fois."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tablib import Dataset

from familles.actions import donner_un_groupe
from familles.models import Enfant
from tests import fabriques as f

pytestmark = pytest.mark.django_db
LISTE = "/admin/familles/enfant/"


@pytest.fixture
def ecole():
    f.commune()
    return f.ecole(nom="Desnos")


@pytest.fixture
def mairie(client):
    client.force_login(f.agent("Direction"))
    return client


def classe(ecole, nombre, **champs):
    foyer = f.famille()
    return [f.enfant(foyer, prenom=f"E{n}", ecole=ecole, **champs) for n in range(nombre)]


def envoyer(client, enfants, adresse=LISTE, **champs):
    choix = {"action": "donner_un_groupe", "_selected_action": [e.pk for e in enfants]}
    return client.post(adresse, choix | champs)


def groupes():
    return list(Enfant.objects.order_by("pk").values_list("division", flat=True))


def dits(reponse):
    return [str(message) for message in reponse.wsgi_request._messages]


# --- L'action ---------------------------------------------------------------------------------------------------------
def test_un_groupe_se_donne_a_ceux_qui_ont_une_classe_et_rend_ceux_qui_changent(ecole):
    deja, neuf = classe(ecole, 2)
    sans_classe = f.enfant(ecole=ecole, classe="")
    Enfant.objects.filter(pk=deja.pk).update(division="B")
    assert donner_un_groupe([deja, neuf, sans_classe], "B") == [neuf]
    assert groupes() == ["B", "B", ""]


def test_sans_aucune_classe_il_n_y_a_pas_de_groupe(ecole):
    with pytest.raises(ValidationError) as refus:
        donner_un_groupe([f.enfant(ecole=ecole, classe="")], "B")
    assert refus.value.code == "sans_classe"


def test_la_base_refuse_un_groupe_sans_classe(ecole):
    with pytest.raises(IntegrityError, match="division_d_une_classe"), transaction.atomic():
        f.enfant(ecole=ecole, classe="", division="B")


# --- La page ----------------------------------------------------------------------------------------------------------
def test_la_page_demande_le_groupe_et_nomme_les_enfants_classe_par_classe(mairie, ecole):
    enfants = [*classe(ecole, 2), f.enfant(ecole=ecole, classe="", prenom="Ana")]
    texte = envoyer(mairie, enfants).content.decode()
    for mot in ["de ces 3 enfants", "CM1", "LA STAR E0, LA STAR E1", "Sans classe", 'name="division"']:
        assert mot in texte
    assert groupes() == ["", "", ""]
    assert not LogEntry.objects.exists()


def test_le_groupe_donne_se_dit_et_reste_au_journal_de_chaque_enfant(mairie, ecole):
    enfants = classe(ecole, 2)
    ana = f.enfant(ecole=ecole, classe="", prenom="Ana")
    reponse = envoyer(mairie, [*enfants, ana], division="  mme  petit ")
    assert reponse.status_code == 302
    phrase = "Groupe « mme petit » donné à 2 enfants. Sans classe, 1 n'en a pas."
    assert dits(reponse) == [phrase]
    assert groupes() == ["mme petit", "mme petit", ""]
    traces = LogEntry.objects.order_by().values_list("object_id", "change_message")
    assert set(traces) == {(str(e.pk), phrase) for e in enfants}
    assert "CM1, mme petit" in mairie.get(LISTE).content.decode()


def test_un_groupe_s_enleve_et_le_redonner_ne_change_rien(mairie, ecole):
    enfants = classe(ecole, 2, division="B")
    assert dits(envoyer(mairie, enfants, division="b")) == ["Rien n'a changé : c'était déjà ainsi."]
    assert "Groupe retiré à 2 enfants." in dits(envoyer(mairie, enfants, division=""))
    assert groupes() == ["", ""]


def test_un_refus_garde_ce_qui_est_tape(mairie, ecole):
    trop = "la classe de Mme Petit et de M. Grand"
    texte = envoyer(mairie, classe(ecole, 1), division=trop).content.decode()
    assert f'value="{trop}"' in texte
    assert "Rien n'est enregistré" in texte
    sans_classe = [f.enfant(ecole=ecole, classe="")]
    assert "dites-la d&#x27;abord" in envoyer(mairie, sans_classe, division="B").content.decode()
    assert groupes() == ["", ""]


def test_toute_la_liste_filtree_et_pas_seulement_sa_page(mairie, ecole):
    classe(ecole, 60)
    ailleurs = f.enfant(classe="cp")
    adresse = f"{LISTE}?classe__exact=cm1"
    choix = Enfant.objects.filter(classe="cm1")[:1]
    page = envoyer(mairie, choix, adresse, select_across="1").content.decode()
    assert "de ces 60 enfants" in page
    assert 'name="select_across" value="1"' in page
    envoyer(mairie, choix, adresse, select_across="1", division="A")
    assert Enfant.objects.filter(division="A").count() == 60
    ailleurs.refresh_from_db()
    assert ailleurs.division == ""


@pytest.mark.parametrize(("groupe", "donne"), [
    ("Direction", "A"), ("Périscolaire", "A"), ("Régie", ""), ("Agents", ""),
])  # fmt: skip
def test_qui_peut_donner_un_groupe(client, ecole, groupe, donne):
    client.force_login(f.agent(groupe))
    envoyer(client, classe(ecole, 1), division="A")
    assert groupes() == [donne]


def test_un_enfant_ou_trois_cents_les_memes_requetes(mairie, ecole):
    def compter(enfants, **champs):
        with CaptureQueriesContext(connection) as lues:
            envoyer(mairie, enfants, **champs)
        return len(lues)

    enfants = classe(ecole, 301)
    compter(enfants[:1])
    assert compter(enfants[:1]) == compter(enfants)
    assert compter(enfants[:1], division="A") == compter(enfants, division="B")


# --- La fiche et la liste ---------------------------------------------------------------------------------------------
def fiche(mairie, enfant, **champs):
    adresse = reverse("admin:familles_enfant_change", args=[enfant.pk])
    contexte = mairie.get(adresse).context
    formulaires = [contexte["adminform"].form]
    for formset in contexte["inline_admin_formsets"]:
        formulaires += [formset.formset.management_form, *formset.formset.forms]
    valeurs = {
        champ.html_name: "" if champ.value() is None else str(champ.value())
        for formulaire in formulaires for champ in formulaire
    }  # fmt: skip
    return mairie.post(adresse, valeurs | champs)


@pytest.mark.parametrize(("champs", "dite"), [
    ({"division": "a"}, "CM1 A"), ({"classe": "cm2"}, "CM2"), ({"classe": "cm2", "division": "C"}, "CM2 C"),
    ({"prenom": "Ugo"}, "CM1 B"), ({"classe": ""}, ""),
])  # fmt: skip
def test_sur_sa_fiche_le_groupe_suit_les_memes_regles(mairie, ecole, champs, dite):
    hugo = f.enfant(ecole=ecole, division="B")
    assert fiche(mairie, hugo, **champs).status_code == 302
    hugo.refresh_from_db()
    assert hugo.classe_dite == dite


def test_la_fiche_refuse_un_groupe_sans_classe(mairie, ecole):
    hugo = f.enfant(ecole=ecole, classe="")
    formulaire = fiche(mairie, hugo, division="B").context["adminform"].form
    assert formulaire.errors == {"classe": ["Un groupe ne va pas sans la classe : dites-la."]}


def test_la_liste_filtre_par_classe_et_trouve_ceux_qui_n_ont_pas_de_groupe(mairie, ecole):
    a, sans = classe(ecole, 2)
    f.enfant(ecole=ecole, classe="cp")
    Enfant.objects.filter(pk=a.pk).update(division="A")
    filtre = {"classe__exact": "cm1", "division__isempty": "1"}
    assert list(mairie.get(LISTE, filtre).context["cl"].queryset) == [sans]


def test_le_tableur_des_enfants_dit_la_classe_entiere(mairie, ecole):
    classe(ecole, 1, division="B")
    reponse = mairie.post(reverse("admin:familles_enfant_export"), {"format": 1, "resource": ""})
    assert Dataset().load(io.BytesIO(reponse.content), format="ods")["Classe"] == ["CM1 B"]
