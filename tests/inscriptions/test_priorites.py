"""Les groupes prioritaires, leur ordre, et le rang de chaque enfant."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from inscriptions import regles
from inscriptions.actions import copier_activite
from inscriptions.models import Condition, RegleDelai, VersionReglement, rangs_de_priorite, reglement
from tests import fabriques as f
from tests.beaucoup import BEAUCOUP, enfants, foyers, requetes

ORDRE = ["fratrie", "travail", "ecole"]


@pytest.mark.parametrize(
    ("groupes", "profil", "rang"),
    [
        pytest.param(ORDRE, {"fratrie", "ecole"}, 0, id="le premier de ses groupes compte"),
        pytest.param(ORDRE, {"ecole", "travail"}, 1, id="l'ordre est celui de l'activité"),
        pytest.param(["ecole", "travail"], {"ecole", "travail"}, 0, id="un autre ordre"),
        pytest.param(ORDRE, {"commune"}, 3, id="un groupe qui ne compte pas ici"),
        pytest.param(ORDRE, set(), 3, id="d'aucun groupe, le dernier rang"),
        pytest.param([], {"fratrie"}, 0, id="sans priorité, tous au même rang"),
    ],
)
def test_le_rang(groupes, profil, rang):
    assert regles.rang_de_priorite(groupes, profil) == rang


def test_le_rang_de_chaque_enfant_a_chaque_activite(db):
    activite = f.activite(priorites=[*ORDRE, "commune"])
    ici = activite.site
    grande = f.enfant(f.famille(hors_commune=True), ecole=ici)
    petit = f.enfant(grande.familles.get(), ecole=f.ecole())
    au_travail = f.enfant(f.famille(hors_commune=True, parents_travaillent=True), ecole=f.ecole())
    de_la_ville = f.enfant(f.famille(), ecole=f.ecole())
    ailleurs = f.enfant(f.famille(hors_commune=True), ecole=f.ecole())
    f.inscription(grande, activite)
    enfants = [grande, petit, au_travail, de_la_ville, ailleurs]
    rangs = rangs_de_priorite(enfants, [activite])
    # La grande n'est pas sa propre sœur : elle passe parce qu'elle est de l'école.
    assert [rangs[e.pk, activite.pk] for e in enfants] == [2, 0, 1, 3, 4]


def test_une_fratrie_qui_n_est_que_demandee_ne_compte_pas(db):
    activite = f.activite(priorites=["fratrie"])
    grande = f.enfant()
    petit = f.enfant(grande.familles.get())
    f.inscription(grande, activite, etat="attente")
    assert rangs_de_priorite([petit], [activite]) == {(petit.pk, activite.pk): 1}


def test_les_rangs_de_trois_cents_enfants_en_autant_de_requetes_que_d_un(db):
    activites = [f.activite(priorites=ORDRE) for _ in range(3)]
    petits = enfants(foyers(BEAUCOUP))
    assert requetes(lambda: rangs_de_priorite(petits[:1], activites)) == 2
    assert requetes(lambda: rangs_de_priorite(petits, activites)) == 2


# --- Dans l'administration ------------------------------------------------------------------------------------------
def fiche(activite, **champs):
    return {
        "nom": activite.nom, "genre": activite.genre, "site": activite.site_id, "jours": ["0"], "heure_debut": "12:00",
        "heure_fin": "13:30", "ordre": 0, "active": "on", "place_liberee": "aucune", "delai_offre": 24,
        "excuse_jours": 31, "conditions-TOTAL_FORMS": 0, "conditions-INITIAL_FORMS": 0,
    } | champs  # fmt: skip


@pytest.mark.parametrize(("genre", "averti"), [("midi", True), ("soir", False)])
def test_une_priorite_a_la_cantine_rappelle_le_droit_de_tous(client, db, genre, averti):
    f.commune()
    client.force_login(f.agent("Périscolaire"))
    activite = f.activite(genre=genre)
    adresse = reverse("admin:inscriptions_activite_change", args=[activite.pk])
    choix = {"priorites_en premier": "travail", "priorites_ensuite": "", "priorites_puis": "fratrie"}
    reponse = client.post(adresse, fiche(activite, **choix))
    activite.refresh_from_db()
    assert activite.priorites == ["travail", "fratrie"]
    dits = [str(m) for m in get_messages(reponse.wsgi_request)]
    assert (regles.DROIT_A_LA_CANTINE in dits) is averti
    [article] = reglement()[0]["activites"]
    textes = [r["texte"] for r in article["regles"]]
    assert "passent d'abord : 1. les parents travaillent ; 2. un frère ou une sœur y est déjà" in " ".join(textes)
    assert (regles.DROIT_A_LA_CANTINE in textes) is averti
    assert VersionReglement.objects.get().texte == reglement()


def test_une_activite_se_lie_a_une_autre_de_son_site_seulement(client, db):
    f.commune()
    client.force_login(f.agent("Périscolaire"))
    soir = f.activite(genre="soir", nom="Soir")
    cantine, ailleurs = f.activite(site=soir.site, nom="Cantine"), f.activite()
    adresse = reverse("admin:inscriptions_activite_change", args=[soir.pk])
    lien = {"conditions-TOTAL_FORMS": 1, "conditions-0-activite": soir.pk, "conditions-0-sens": "exige"}
    client.post(adresse, fiche(soir, **lien, **{"conditions-0-autre": ailleurs.pk}))
    assert not Condition.objects.exists()
    client.post(adresse, fiche(soir, **lien, **{"conditions-0-autre": cantine.pk}))
    assert Condition.objects.get().autre == cantine
    textes = [r["texte"] for a in reglement()[0]["activites"] if a["nom"] == "Soir" for r in a["regles"]]
    assert "Ne se réserve qu'avec « Cantine » le même jour." in textes


def test_une_copie_emporte_ses_regles_et_retrouve_la_voisine_par_son_nom(db):
    soir = f.activite(nom="Soir", semaine_min=2)
    f.delai(soir, nombre=3)
    Condition.objects.create(activite=soir, autre=f.activite(site=soir.site, nom="Cantine"))
    la_bas, nulle_part = f.ecole(), f.ecole()
    voisine = f.activite(site=la_bas, nom="Cantine")
    avec, sans = copier_activite(soir, [la_bas, nulle_part], None, f.a_paris(2026, 9, 1))
    assert RegleDelai.objects.filter(activite__in=[avec, sans], nombre=3).count() == 2
    assert (avec.semaine_min, avec.conditions.get().autre, sans.conditions.count()) == (2, voisine, 0)
    assert VersionReglement.objects.get().texte == reglement()
