"""L'événement vu de la mairie : préparer, relire, appliquer, lever, chacun selon ses droits."""

import datetime as dt

import pytest
from django.urls import reverse

from reservations.actions import appliquer, lever
from reservations.models import Evenement, Mouvement, Reservation, Seance
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir, requetes

JEUDI = dt.date(2026, 11, 12)
LUNDI_AVANT = f.a_paris(2026, 11, 9, 10)


@pytest.fixture(autouse=True)
def lundi(db, time_machine):
    time_machine.move_to(LUNDI_AVANT, tick=False)


@pytest.fixture
def midi():
    f.commune()
    return f.seance(f.activite(site=f.ecole(nom="Desnos"), nom="Restauration", avec_repas=True), JEUDI)


@pytest.fixture
def hugo(midi):
    petit = f.enfant(f.famille(nom="LA STAR"), classe="cm1", ecole=midi.activite.site)
    f.reservation(petit, midi)
    return petit


@pytest.fixture
def mairie(client, midi):
    client.compte = f.agent("Périscolaire")
    client.force_login(client.compte)
    return client


def page(nom, *args):
    return reverse(f"admin:reservations_evenement_{nom}", args=args)


def texte(reponse):
    return reponse.content.decode().replace("&#x27;", "'")


def brouillon(midi, **champs):
    defauts = {"nature": "greve", "libelle": "Grève", "du": JEUDI, "au": JEUDI, "cree_le": LUNDI_AVANT}
    fait = Evenement.objects.create(**defauts | champs)
    fait.sites.add(midi.activite.site)
    return fait


def saisie(midi, **champs):
    return {
        "nature": "greve", "libelle": "Grève du personnel", "du": "2026-11-12", "au": "2026-11-12",
        "sites": [midi.activite.site_id], "message": "",
    } | champs  # fmt: skip


def erreurs(reponse):
    return [phrase for phrases in reponse.context["adminform"].form.errors.values() for phrase in phrases]


def test_preparer_relire_appliquer_puis_lever(mairie, midi, hugo, courriels):
    relire = mairie.post(page("add"), saisie(midi), follow=True)
    greve = Evenement.objects.get()
    assert (greve.cree_par, greve.etat) == (mairie.compte, "à appliquer")
    assert relire.request["PATH_INFO"] == page("change", greve.pk)
    assert "Jeudi 12 novembre : grève du personnel, pas d'accueil (Desnos)" in texte(relire)
    assert "<dt>Séances fermées</dt><dd>1</dd>" in texte(relire)
    assert "<dt>Réservations annulées, non facturées</dt><dd><b>1</b></dd>" in texte(relire)
    assert Seance.objects.get().ouverte
    assert courriels() == []

    fait = texte(mairie.post(page("appliquer", greve.pk), follow=True))
    assert "1 réservation annulée, les familles sont prévenues." in fait
    assert (Seance.objects.get().ouverte, Reservation.objects.get().etat) == (False, "annulee")
    assert len(courriels()) == 1

    apercu = texte(mairie.get(page("lever", greve.pk)))
    assert "Ce qui sera rendu" in apercu
    assert Reservation.objects.get().etat == "annulee"
    leve = texte(mairie.post(page("lever", greve.pk), follow=True))
    assert "L'événement est levé : 1 réservation rendue." in leve
    assert (Seance.objects.get().ouverte, Reservation.objects.get().etat) == (True, "reservee")
    assert len(courriels()) == 1


def test_un_double_clic_n_applique_et_ne_leve_qu_une_fois(mairie, midi, hugo):
    greve = brouillon(midi)
    for adresse, phrase in [("appliquer", "déjà appliqué"), ("lever", "déjà levé")]:
        mairie.post(page(adresse, greve.pk))
        assert phrase in texte(mairie.post(page(adresse, greve.pk), follow=True))
    assert Mouvement.objects.count() == 2


def test_lever_un_brouillon_le_dit(mairie, midi):
    assert "rien à lever" in texte(mairie.get(page("lever", brouillon(midi).pk), follow=True))


def test_applique_il_ne_se_modifie_ni_ne_s_efface(mairie, midi, hugo):
    greve = brouillon(midi)
    appliquer(greve, mairie.compte, LUNDI_AVANT)
    reponse = mairie.post(f"{page('change', greve.pk)}?modifier=1", saisie(midi, libelle="Autre"))
    assert reponse.status_code == 403
    assert mairie.post(page("delete", greve.pk), {"post": "yes"}).status_code == 403
    assert Evenement.objects.get().libelle == "Grève"


def test_un_brouillon_se_modifie_et_s_efface(mairie, midi):
    fait = brouillon(midi)
    adresse = f"{page('change', fait.pk)}?modifier=1"
    assert mairie.get(adresse).context["adminform"].form.initial["libelle"] == "Grève"
    mairie.post(adresse, saisie(midi, sites=[], partout="on"))
    fait.refresh_from_db()
    assert (fait.libelle, fait.sites.count()) == ("Grève du personnel", 0)
    assert mairie.get(adresse).context["adminform"].form["partout"].value()
    mairie.post(page("delete", fait.pk), {"post": "yes"})
    assert not Evenement.objects.exists()


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"sites": []}, "Choisissez au moins un site, ou toute la commune."),
        ({"nature": "sortie"}, "Dites quelle classe sort."),
        ({"nature": "absence"}, "Dites quelle classe n'a pas son enseignant."),
        ({"au": "2026-11-11"}, "Le dernier jour ne peut pas précéder le premier."),
        ({"au": "2027-02-01"}, "Un événement dure 31 jours au plus : voyez les jours fermés."),
        ({"libelle": ""}, "Ce champ est obligatoire."),
    ],
)
def test_une_saisie_refusee_dit_pourquoi(mairie, midi, champs, phrase):
    assert erreurs(mairie.post(page("add"), saisie(midi, **champs))) == [phrase]
    assert not Evenement.objects.exists()


def test_une_activite_d_un_autre_site_se_refuse(mairie, midi):
    ailleurs = f.activite(site=f.ecole(nom="Limbre"), nom="Soir")
    reponse = mairie.post(page("add"), saisie(midi, activites=[ailleurs.pk]))
    assert erreurs(reponse) == ["Soir – Limbre n'est pas sur un des sites choisis."]


def test_un_jour_passe_previent_que_la_regie_lira_les_avoirs(mairie, midi):
    f.seance(midi.activite, dt.date(2026, 11, 6))
    passe = brouillon(midi, du=dt.date(2026, 11, 6))
    page_lue = texte(mairie.get(page("change", passe.pk)))
    assert '<span class="alerte">Déjà passé</span> 1 séance.' in page_lue


def test_une_famille_sans_compte_est_a_appeler(mairie, midi, hugo):
    hugo.familles.get().adultes.update(compte=None)
    lu = texte(mairie.get(page("change", brouillon(midi).pk)))
    assert "À appeler" in lu
    assert "Famille LA STAR" in lu
    assert "06 12 34 56 78" in lu


@pytest.mark.parametrize(("groupe", "lit", "change"), [
    ("Direction", 200, 302), ("Périscolaire", 200, 302), ("Régie", 200, 403), ("Agents", 403, 403),
])  # fmt: skip
def test_chaque_groupe_lit_ou_applique(client, midi, hugo, groupe, lit, change):
    client.force_login(f.agent(groupe))
    fait = brouillon(midi)
    vue = client.get(page("change", fait.pk), follow=True)
    assert vue.status_code == lit
    assert ("Appliquer et prévenir" in texte(vue)) == (change == 302)
    for adresse in ("appliquer", "lever"):
        reponse = client.post(page(adresse, fait.pk), follow=True)
        assert reponse.status_code == (200 if change == 302 else 403)
    fait.refresh_from_db()
    assert fait.etat == ("levé" if change == 302 else "à appliquer")


def test_lire_un_evenement_coute_autant_pour_un_enfant_que_pour_trois_cents(mairie, midi, hugo):
    fait = brouillon(midi)
    lire = ouvrir(mairie, page("change", fait.pk))
    reservation = Reservation.objects.filter(seance=midi).first() or f.reservation(hugo, midi)
    with memes_requetes(lire) as un:
        familles = foyers()
        copies(reservation, famille=familles, enfant=enfants(familles, ecole=midi.activite.site))
    appliquer(fait, mairie.compte, LUNDI_AVANT)
    applique = requetes(lire)
    lever(fait, mairie.compte, LUNDI_AVANT)
    assert applique <= un
