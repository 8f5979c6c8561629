"""Les familles dans l'administration : on trouve, on lit ce à quoi l'on a droit, et la lecture d'une fiche se sait."""

import datetime as dt
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from tablib import Dataset

from familles import actions
from familles.models import Enfant, FicheSanitaire, LectureFiche
from tests import fabriques
from tests.beaucoup import enfants, foyers, memes_requetes, ouvrir

pytestmark = pytest.mark.django_db
MAINTENANT = fabriques.a_paris(2026, 11, 12)
MODELES = ["famille", "enfant", "adulte", "quotient", "fichesanitaire", "lecturefiche"]


@pytest.fixture
def foyer():
    fabriques.commune()
    return fabriques.famille()


@pytest.fixture
def hugo(foyer):
    petit = fabriques.enfant(foyer)
    actions.enregistrer_fiche(petit, allergies="Arachide", medecin="Dr Auger")
    actions.designer({(petit, foyer.adultes.get()): {"recupere"}}, None, MAINTENANT)
    actions.repondre(petit, {"photo": True}, foyer.compte, fabriques.a_paris(2026, 11, 12))
    return petit


@pytest.fixture
def mairie(client):
    client.force_login(fabriques.agent("Direction"))
    return client


def liste(modele):
    return reverse(f"admin:familles_{modele}_changelist")


def page(objet):
    return reverse(f"admin:familles_{objet._meta.model_name}_change", args=[objet.pk])


@pytest.mark.parametrize("modele", MODELES)
def test_chaque_liste_s_ouvre(mairie, hugo, modele):
    assert mairie.get(liste(modele)).status_code == 200


def test_chaque_page_s_ouvre(mairie, foyer, hugo):
    quotient = foyer.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    for objet in (foyer, hugo, foyer.adultes.get(), quotient, hugo.fiche):
        assert mairie.get(page(objet)).status_code == 200
        assert (
            mairie.get(reverse(f"admin:familles_{objet._meta.model_name}_history", args=[objet.pk])).status_code == 200
        )


@pytest.mark.parametrize("modele", ["famille", "enfant", "adulte", "quotient", "fichesanitaire"])
def test_chaque_page_d_ajout_s_ouvre(mairie, modele):
    assert mairie.get(reverse(f"admin:familles_{modele}_add")).status_code == 200


@pytest.mark.parametrize("terme", ["lâ stâr", "celine", "HUGO", "hugo star", "parent@exemple.fr"])
def test_une_famille_se_cherche_sans_accents_par_un_parent_un_enfant_ou_un_courriel(mairie, foyer, hugo, terme):
    type(foyer.compte).objects.filter(pk=foyer.compte.pk).update(email="parent@exemple.fr")
    autre = fabriques.famille(nom="MARTIN", avec_compte=False)
    autre.adultes.update(prenom="Paul")
    fabriques.enfant(autre, prenom="Zoé")
    reponse = mairie.get(liste("famille"), {"q": terme})
    assert [f.nom for f in reponse.context["cl"].queryset] == ["LA STAR"]


def test_la_page_de_la_famille_mene_a_ses_pieces_inscriptions_et_factures(client, foyer, hugo):
    client.force_login(fabriques.agent("Direction"))
    contenu = client.get(page(foyer)).content.decode()
    for nom in ["documents_piece", "inscriptions_inscription", "facturation_facture"]:
        assert f"{reverse(f'admin:{nom}_changelist')}?famille__id__exact={foyer.pk}" in contenu
    assert reverse("admin:messagerie_fil", args=[foyer.pk]) in contenu
    assert "Celine LA STAR" in contenu


def test_le_statut_du_dossier_ne_se_change_pas_d_ici(mairie, foyer, hugo):
    formulaire = mairie.get(page(foyer)).context["adminform"].form
    assert "statut" not in formulaire.fields


def test_terminer_un_rattachement_depuis_l_administration_dit_qui(mairie, foyer, hugo):
    lien = hugo.rattachements.get()
    contexte = mairie.get(page(hugo)).context
    donnees = valeurs(contexte) | {"rattachements-0-fin": "2026-11-12"}
    reponse = mairie.post(page(hugo), donnees)
    assert reponse.status_code == 302, reponse.context["errors"]
    lien.refresh_from_db()
    assert lien.fin == dt.date(2026, 11, 12)
    assert lien.fin_par.is_staff


def valeurs(contexte):
    """Ce que le navigateur renverrait si l'agent ne changeait rien."""
    formulaires = [contexte["adminform"].form]
    for formset in contexte["inline_admin_formsets"]:
        formulaires += [formset.formset.management_form, *formset.formset.forms]
    return {
        champ.html_name: "" if champ.value() is None else str(champ.value())
        for formulaire in formulaires
        for champ in formulaire
    }


def test_un_adulte_d_une_autre_famille_ne_se_designe_pas(mairie, hugo):
    etranger = fabriques.famille(nom="DURAND").adultes.get()
    reponse = mairie.post(page(hugo), valeurs(mairie.get(page(hugo)).context) | de_plus(etranger))
    assert "n&#x27;est d&#x27;aucun foyer" in reponse.content.decode()
    assert hugo.personnes.get().adulte != etranger


def de_plus(adulte, **roles):
    """Une ligne de plus dans l'entourage."""
    cases = {f"personnes-1-{role}": "on" for role in roles or {"recupere": True}}
    return {"personnes-TOTAL_FORMS": 2, "personnes-1-id": "", "personnes-1-adulte": adulte.pk} | cases


def test_la_mairie_retire_en_decochant_et_l_entourage_d_avant_se_lit(mairie, foyer, hugo, courriels):
    celine = foyer.adultes.get()
    voisin = foyer.adultes.create(civilite="m", nom="DUPONT", prenom="Paul")
    donnees = valeurs(mairie.get(page(hugo)).context)
    mairie.post(page(hugo), donnees | {"personnes-0-recupere": ""} | de_plus(voisin, interdit=True))
    assert hugo.personnes.actuelles().get().adulte == voisin
    finie = hugo.personnes.get(adulte=celine)
    assert finie.recupere
    assert finie.fin is not None
    assert finie.fin_par.is_staff
    [courriel] = courriels()
    assert "Quelqu'un ne doit plus approcher un enfant." in courriel.get_body(("plain",)).get_content()
    assert "entourage d&#x27;avant" in mairie.get(page(hugo)).content.decode().lower()


def test_la_mairie_seule_interdit_qui_a_un_compte_sans_effacer_ce_qu_il_pouvait(mairie, foyer, hugo):
    donnees = valeurs(mairie.get(page(hugo)).context) | {"personnes-0-recupere": "", "personnes-0-interdit": "on"}
    reponse = mairie.post(page(hugo), donnees)
    assert reponse.status_code == 302
    assert [(p.roles, p.fin is None) for p in hugo.personnes.order_by("pk")] == [
        ({"recupere"}, False), ({"interdit"}, True),
    ]  # fmt: skip


def test_la_mairie_ne_designe_pas_deux_fois_la_meme_personne(mairie, foyer, hugo):
    donnees = valeurs(mairie.get(page(hugo)).context) | de_plus(foyer.adultes.get())
    assert "figure déjà dans l&#x27;entourage" in mairie.post(page(hugo), donnees).content.decode()


def test_le_nom_s_ecrit_en_capitales_ici_aussi(mairie, hugo):
    donnees = valeurs(mairie.get(page(hugo)).context) | {"nom": "la star", "prenom": "Ugo"}
    mairie.post(page(hugo), donnees)
    assert str(Enfant.objects.get()) == "Ugo LA STAR"


def test_rien_ne_s_efface_d_ici(mairie, foyer, hugo):
    for objet in (foyer, hugo, foyer.adultes.get(), hugo.fiche):
        adresse = reverse(f"admin:familles_{objet._meta.model_name}_delete", args=[objet.pk])
        assert mairie.post(adresse, {"post": "yes"}).status_code == 403


# --- Les fiches sanitaires ----------------------------------------------------------------------------------------
def test_ouvrir_une_fiche_est_consigne(mairie, hugo):
    contenu = mairie.get(page(hugo.fiche)).content.decode()
    assert "Arachide" in contenu
    lecture = LectureFiche.objects.get()
    assert lecture.enfant == hugo
    assert lecture.compte.is_staff
    assert lecture.page == page(hugo.fiche)


def test_la_liste_des_fiches_ne_dechiffre_rien_et_n_est_pas_une_lecture(mairie, hugo):
    contenu = mairie.get(liste("fichesanitaire")).content.decode()
    assert "Arachide" not in contenu
    assert not LectureFiche.objects.exists()


def test_aucune_autre_page_ne_dit_la_sante(mairie, foyer, hugo):
    for adresse in [page(foyer), page(hugo), page(foyer.adultes.get()), *map(liste, MODELES)]:
        contenu = mairie.get(adresse).content.decode()
        assert "Arachide" not in contenu
        assert "Auger" not in contenu
    assert not LectureFiche.objects.exists()


@pytest.mark.parametrize("groupe", ["Régie", "Agents"])
def test_sans_le_droit_une_fiche_ne_s_ouvre_pas(client, hugo, groupe):
    client.force_login(fabriques.agent(groupe))
    for adresse in [page(hugo.fiche), liste("fichesanitaire"), liste("lecturefiche")]:
        assert client.get(adresse).status_code in (302, 403)
    assert not LectureFiche.objects.exists()


def test_modifier_une_fiche_n_ecrit_rien_de_la_sante_dans_le_journal(mairie, hugo):
    donnees = valeurs(mairie.get(page(hugo.fiche)).context) | {"allergies": "Lait de vache"}
    assert mairie.post(page(hugo.fiche), donnees).status_code == 302
    assert FicheSanitaire.objects.get().allergies == "Lait de vache"
    (entree,) = LogEntry.objects.all()
    ecrit = f"{entree.object_repr} {entree.change_message} {entree.get_change_message()}".lower()
    assert "lait" not in ecrit
    assert "allergie" not in ecrit


def test_les_lectures_ne_se_recrivent_pas(mairie, hugo):
    mairie.get(page(hugo.fiche))
    lecture = LectureFiche.objects.get()
    assert mairie.post(page(lecture), {"page": "ailleurs"}).status_code == 403
    assert mairie.get(reverse("admin:familles_lecturefiche_add")).status_code == 403


# --- Les exports --------------------------------------------------------------------------------------------------
def exporter(client, modele, format):
    adresse = reverse(f"admin:familles_{modele}_export")
    return client.post(adresse, {"format": format, "resource": ""})


@pytest.mark.parametrize(("modele", "attendu"), [("famille", "LA STAR"), ("adulte", "Celine"), ("enfant", "Hugo")])
def test_un_export_csv_ne_contient_aucune_sante(mairie, hugo, modele, attendu):
    reponse = exporter(mairie, modele, 0)
    texte = reponse.content.decode("utf-8-sig")
    assert reponse["Content-Type"] == "text/csv"
    assert attendu in texte
    assert "Arachide" not in texte
    assert "allergies" not in texte
    assert "gAAAA" not in texte


def test_un_export_ods_se_relit(mairie, hugo):
    donnees = Dataset().load(io.BytesIO(exporter(mairie, "enfant", 1).content), format="ods")
    assert "Hugo" in donnees["Prénom"]


def test_un_nom_qui_commence_par_egal_n_est_pas_une_formule(mairie, foyer):
    type(foyer).objects.update(nom="=HYPERLINK(1)")
    contenu = exporter(mairie, "famille", 0).content.decode("utf-8-sig")
    assert ";'=HYPERLINK(1);" in contenu
    assert ";=HYPERLINK" not in contenu


def test_un_export_reste_au_journal(mairie, hugo):
    exporter(mairie, "enfant", 0)
    trace = LogEntry.objects.get()
    assert (trace.object_repr, trace.change_message) == ("Liste exportée : enfants", "1 en csv, sans filtre.")


def test_sans_droit_de_lire_on_n_exporte_pas(client, hugo):
    # Il entre dans l'administration, mais ne lit pas les enfants.
    client.force_login(fabriques.lecteur("familles.view_famille"))
    assert exporter(client, "famille", 0).status_code == 200
    assert exporter(client, "enfant", 0).status_code == 403


# --- Les doublons -------------------------------------------------------------------------------------------------
def test_deux_fiches_du_meme_enfant_se_trouvent(mairie, hugo):
    doublon = fabriques.enfant(fabriques.famille(nom="DURAND"), nom="LA STAR")
    trouves = mairie.get(liste("enfant"), {"doublons": "possibles"}).context["cl"].queryset
    assert set(trouves) == {hugo, doublon}
    adresse = reverse("admin:familles_enfant_reunir", args=[hugo.pk])
    assert mairie.get(adresse).url == reverse("mairie_reunir", args=[hugo.pk])


def test_la_regie_ne_reunit_pas_les_fiches(client, hugo):
    client.force_login(fabriques.agent("Régie"))
    assert client.get(reverse("admin:familles_enfant_reunir", args=[hugo.pk])).status_code == 403
    assert client.get(reverse("mairie_reunir", args=[hugo.pk])).status_code == 403
    assert client.post(reverse("mairie_reunir", args=[hugo.pk]), {"doublon": 1}).status_code == 403


@pytest.mark.parametrize("modele", ["famille", "enfant", "adulte"])
def test_une_liste_fait_le_meme_nombre_de_requetes(mairie, foyer, hugo, modele):
    with memes_requetes(ouvrir(mairie, liste(modele)), au_plus=14):
        enfants(foyers(), ecole=hugo.ecole)
