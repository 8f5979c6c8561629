"""Un événement et sa levée : séances, réservations, courriels, journal, tout comme il faut, et tout comme avant."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presences.models import effectifs, lire_liste
from reservations.actions import (
    ajouter_sur_place,
    annoncer,
    appliquer,
    enregistrer,
    lever,
    rouvrir,
    terminer_inscription,
)
from reservations.models import Evenement, Mouvement, Reservation, Seance, portee
from reservations.regles import annonce
from tests import fabriques as f
from tests.beaucoup import BEAUCOUP, copies, enfants, foyers, requetes
from tests.reservations.test_enregistrement import ensemble

JEUDI, VENDREDI = dt.date(2026, 11, 12), dt.date(2026, 11, 13)
LUNDI_AVANT = f.a_paris(2026, 11, 9, 10)
PLUS_TARD = f.a_paris(2026, 11, 10, 10)


class Ville:
    """Deux écoles, chacune sa cantine et son soir, jeudi et vendredi ; deux CM1 et un CP à Desnos, un CM1 à Limbre."""

    def __init__(self, **cantine):
        f.commune()
        self.desnos, self.limbre = f.ecole(nom="Desnos"), f.ecole(nom="Limbre")
        self.mairie = f.agent("Périscolaire")
        self.seances, self.enfants, self.activites = {}, {}, {}
        for site in (self.desnos, self.limbre):
            for nom, genre, champs in [("Restauration", "midi", {"avec_repas": True} | cantine), ("Soir", "soir", {})]:
                activite = f.activite(site=site, nom=nom, genre=genre, **champs)
                self.activites[site.nom, nom] = activite
                for jour in (JEUDI, VENDREDI):
                    self.seances[site.nom, nom, jour] = f.seance(activite, jour)
        for prenom, site, classe in [("Hugo", self.desnos, "cm1"), ("Lina", self.desnos, "cp"),
                                     ("Ana", self.desnos, "cm1"), ("Zoé", self.limbre, "cm1")]:  # fmt: skip
            petit = f.enfant(f.famille(nom=prenom.upper()), prenom=prenom, ecole=site, classe=classe)
            self.enfants[prenom] = petit
            for nom in ("Restauration", "Soir"):
                f.inscription(petit, self.activites[site.nom, nom])

    def reserver(self, *prenoms, nom="Restauration", jours=(JEUDI,), **champs):
        for prenom in prenoms:
            petit = self.enfants[prenom]
            for jour in jours:
                f.reservation(petit, self.seances[petit.ecole.nom, nom, jour], **champs)

    def evenement(self, sites=("desnos",), activites=(), **champs):
        defauts = {"nature": "greve", "libelle": "Grève du personnel", "du": JEUDI, "au": JEUDI,
                   "cree_le": LUNDI_AVANT, "cree_par": self.mairie}  # fmt: skip
        fait = Evenement.objects.create(**defauts | champs)
        fait.sites.set([getattr(self, site) for site in sites])
        fait.activites.set(activites)
        return fait

    def appliquer(self, *args, **champs):
        fait = self.evenement(*args, **champs)
        appliquer(fait, self.mairie, LUNDI_AVANT)
        fait.refresh_from_db()
        return fait


@pytest.fixture
def ville(db):
    return Ville()


def etats():
    """Ce qui est réservé, dit en clair : ``{("Hugo", "Restauration", jour): "reservee"}``."""
    colonnes = ["enfant__prenom", "seance__activite__nom", "seance__jour", "etat"]
    return {(p, a, j): etat for p, a, j, etat in Reservation.objects.values_list(*colonnes)}


def photo():
    """Tout ce que la levée doit rendre, à l'octet : séances et réservations, sans leur date de modification."""
    seances = Seance.objects.order_by("pk").values_list("pk", "ouverte", "motif", "evenement", "capacite")
    reservations = Reservation.objects.order_by("pk").values_list("pk", "enfant", "famille", "etat", "hors_delai")
    return list(seances), list(reservations)


def compte_de(foyer):
    return foyer.adultes.get().compte


def code(appel):
    with pytest.raises(ValidationError) as refus:
        appel()
    return refus.value.code


# --- Ce qu'il touche --------------------------------------------------------------------------------------------------
R, S = "Restauration", "Soir"
PORTEES = [
    ("une école", {}, {("Hugo", R), ("Hugo", S), ("Lina", R), ("Ana", R)}),
    ("une école, une activité", {"activites": [("Desnos", R)]}, {("Hugo", R), ("Lina", R), ("Ana", R)}),
    ("toute la commune", {"sites": ()}, {("Hugo", R), ("Hugo", S), ("Lina", R), ("Ana", R), ("Zoé", R)}),
    ("une activité, où qu'elle soit", {"sites": (), "activites": [("Limbre", R)]}, {("Zoé", R)}),
    ("les CM1 d'une école", {"classes": ["cm1"]}, {("Hugo", R), ("Hugo", S), ("Ana", R)}),
    ("les CM1 de la commune", {"sites": (), "classes": ["cm1"]}, {("Hugo", R), ("Hugo", S), ("Ana", R), ("Zoé", R)}),
    ("les CM1 d'une école, le midi", {"classes": ["cm1"], "activites": [("Desnos", R)]}, {("Hugo", R), ("Ana", R)}),
    ("deux classes", {"classes": ["cm1", "cp"]}, {("Hugo", R), ("Hugo", S), ("Lina", R), ("Ana", R)}),
    ("une classe sans personne", {"classes": ["cm2"]}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("champs", "attendu"), [cas[1:] for cas in PORTEES], ids=[cas[0] for cas in PORTEES])
def test_la_portee_d_un_evenement(ville, champs, attendu):
    ville.reserver("Hugo", "Lina", "Ana", "Zoé", jours=(JEUDI, VENDREDI))
    ville.reserver("Hugo", nom="Soir")
    champs = champs | {"activites": [ville.activites[cle] for cle in champs.get("activites", ())]}
    brouillon = ville.evenement(**champs)
    prevu = portee(brouillon, JEUDI)
    avant = photo()
    assert appliquer(brouillon, ville.mairie, LUNDI_AVANT) == len(attendu) == prevu.reservations
    assert {(p, a) for (p, a, jour), etat in etats().items() if etat == "annulee"} == attendu
    assert {jour for (_, _, jour), etat in etats().items() if etat == "annulee"} <= {JEUDI}
    ouvertes = Seance.objects.filter(jour=JEUDI, ouverte=True).count()
    assert ouvertes == (4 if champs.get("classes") else 4 - prevu.seances)
    brouillon.refresh_from_db()
    apres = portee(brouillon, JEUDI)
    assert (apres.reservations, apres.enfants, apres.familles) == (prevu.reservations, prevu.enfants, prevu.familles)
    assert lever(brouillon, ville.mairie, PLUS_TARD) == (len(attendu), 0)
    assert photo() == avant


def test_l_apercu_compte_tout_et_n_ecrit_rien(ville):
    ville.reserver("Hugo", "Lina", "Ana")
    ville.reserver("Hugo", nom="Soir")
    ville.enfants["Ana"].familles.get().adultes.update(compte=None)
    avant = photo()
    prevu = portee(ville.evenement(), JEUDI)
    assert (prevu.seances, prevu.deja_fermees, prevu.passees) == (2, 0, 0)
    assert (prevu.reservations, prevu.repas, prevu.enfants, prevu.familles) == (4, 3, 3, 3)
    assert [(a.nom, n) for a, n in prevu.par_activite] == [("Restauration", 3), ("Soir", 1)]
    assert prevu.par_classe == [("CP", 1), ("CM1", 2)]
    assert [(str(foyer), telephones) for foyer, telephones in prevu.a_appeler] == [("Famille ANA", ["06 12 34 56 78"])]
    assert photo() == avant


def test_un_enfant_reserve_ailleurs_que_dans_son_ecole_part_avec_sa_classe(ville):
    f.reservation(ville.enfants["Hugo"], ville.seances["Limbre", R, JEUDI])
    ville.reserver("Zoé")
    ville.appliquer(nature="sortie", libelle="Sortie", classes=["cm1"])
    assert etats() == {("Hugo", R, JEUDI): "annulee", ("Zoé", R, JEUDI): "reservee"}


# --- Ce qu'il écrit ---------------------------------------------------------------------------------------------------
def test_appliquer_ferme_annule_et_tient_le_journal(ville):
    ville.reserver("Hugo", "Lina")
    f.reservation(ville.enfants["Ana"], ville.seances["Desnos", R, JEUDI], etat="annulee")
    fait = ville.appliquer(message="Apportez un pique-nique.")
    fermees = Seance.objects.filter(ouverte=False)
    assert set(fermees.values_list("jour", "motif", "evenement")) == {(JEUDI, "Grève du personnel", fait.pk)}
    assert fermees.count() == 2
    journal = Mouvement.objects.values_list("lot", "avant", "apres", "origine", "compte", "motif", "instant")
    assert list(journal) == [
        (fait.lot, "reservee", "annulee", "mairie", ville.mairie.pk, "Grève du personnel", LUNDI_AVANT)
    ] * 2
    assert (fait.etat, fait.applique_par) == ("appliqué", ville.mairie)
    assert fait.annonce == "Jeudi 12 novembre : grève du personnel, pas d'accueil (Desnos)"


def test_la_liste_du_jour_et_la_cuisine_suivent_une_sortie_et_sa_levee(ville):
    ville.reserver("Hugo", "Lina", "Ana")
    midi = ville.seances["Desnos", R, JEUDI]

    def cuisine():
        return next((e.reservees, sum(e.repas.values())) for e in effectifs(JEUDI, JEUDI) if e.seance == midi)

    assert cuisine() == (3, 3)
    fait = ville.appliquer(nature="sortie", libelle="Sortie au musée", classes=["cm1"])
    assert [ligne.enfant.prenom for ligne in lire_liste(midi)] == ["Lina"]
    assert cuisine() == (1, 1)
    lever(fait, ville.mairie, PLUS_TARD)
    assert sorted(ligne.enfant.prenom for ligne in lire_liste(midi)) == ["Ana", "Hugo", "Lina"]
    assert cuisine() == (3, 3)


def test_la_levee_ne_rend_rien_a_qui_n_y_est_plus(ville):
    """Lina n'est plus inscrite, Hugo est passé à son autre foyer ; Ana, ajoutée sur place, ne l'a jamais été."""
    ville.reserver("Hugo", "Lina", "Ana")
    hugo, lina, ana = (ville.enfants[nom] for nom in ("Hugo", "Lina", "Ana"))
    ana.inscriptions.all().delete()
    fait = ville.appliquer()
    mardi = JEUDI - dt.timedelta(days=2)
    terminer_inscription(lina.inscriptions.get(activite__nom=R), mardi, None, PLUS_TARD, "mairie")
    pere = f.famille(nom="PAPA")
    f.rattacher(hugo, pere)
    f.garde(hugo, pere, hugo.familles.exclude(pk=pere.pk).get())  # la semaine 46 est paire : chez son père
    assert lever(fait, ville.mairie, PLUS_TARD) == (1, 2)
    assert etats() == {("Ana", R, JEUDI): "reservee", ("Hugo", R, JEUDI): "annulee", ("Lina", R, JEUDI): "annulee"}


def test_pendant_la_greve_personne_ne_reserve_ni_n_ajoute(ville):
    hugo, midi = ville.enfants["Hugo"], ville.seances["Desnos", R, JEUDI]
    ville.appliquer()
    foyer = hugo.familles.get()
    resultat = enregistrer(foyer, compte_de(foyer), {(hugo.pk, midi.pk): True}, PLUS_TARD, "parent")
    assert [(r.code, r.phrase) for r in resultat.refus] == [
        ("ferme", "Restauration du jeudi 12 novembre : pas d'accueil ce jour-là (Grève du personnel).")
    ]
    assert code(lambda: ajouter_sur_place(hugo, midi, ville.mairie, "Là", PLUS_TARD)) == "ferme"
    assert code(lambda: rouvrir(midi)) == "evenement"


def test_une_seance_ouverte_ne_garde_pas_son_evenement(ville):
    ville.appliquer()
    with pytest.raises(IntegrityError), transaction.atomic():
        Seance.objects.filter(jour=JEUDI).update(ouverte=True)


# --- La levée ---------------------------------------------------------------------------------------------------------
def test_lever_rend_tout_comme_avant(ville):
    ville.reserver("Hugo", "Lina", hors_delai=True)
    ville.reserver("Ana", etat="attente")
    f.reservation(ville.enfants["Zoé"], ville.seances["Desnos", R, JEUDI], etat="annulee")
    avant = photo()
    fait = ville.appliquer()
    assert lever(fait, ville.mairie, PLUS_TARD) == (3, 0)
    fait.refresh_from_db()
    assert photo() == avant
    assert (fait.etat, fait.leve_par) == ("levé", ville.mairie)
    rendus = Mouvement.objects.filter(lot=fait.lot_levee).order_by("pk").values_list("avant", "apres", "motif")
    motif = "N'a plus cours : Grève du personnel"
    assert list(rendus) == [("annulee", "reservee", motif)] * 2 + [("annulee", "attente", motif)]


def test_une_place_proposee_revient_en_liste_d_attente(ville):
    ville.reserver("Hugo", etat="proposee", offre_jusqu_a=PLUS_TARD)
    lever(ville.appliquer(), ville.mairie, PLUS_TARD)
    assert etats() == {("Hugo", R, JEUDI): "attente"}


def test_ce_que_la_famille_a_repris_elle_meme_n_est_pas_touche(ville):
    """Hugo ne va pas au musée : sa mère le réserve à nouveau, puis se ravise. La levée ne lui rend rien."""
    ville.reserver("Hugo", "Ana")
    hugo, midi = ville.enfants["Hugo"], ville.seances["Desnos", R, JEUDI]
    foyer = hugo.familles.get()
    fait = ville.appliquer(nature="sortie", libelle="Sortie", classes=["cm1"])
    for reserver in (True, False):
        assert enregistrer(foyer, compte_de(foyer), {(hugo.pk, midi.pk): reserver}, PLUS_TARD, "parent").lot
    assert lever(fait, ville.mairie, PLUS_TARD) == (1, 0)
    assert etats() == {("Hugo", R, JEUDI): "annulee", ("Ana", R, JEUDI): "reservee"}


def test_une_place_prise_entre_temps_n_est_pas_rendue_et_se_dit(db, courriels):
    ville = Ville(capacite=2)
    ville.reserver("Hugo", "Ana")
    lina, midi = ville.enfants["Lina"], ville.seances["Desnos", R, JEUDI]
    fait = ville.appliquer(nature="sortie", libelle="Sortie au musée", classes=["cm1"])
    annoncer(fait.pk, PLUS_TARD)
    foyer = lina.familles.get()
    assert enregistrer(foyer, compte_de(foyer), {(lina.pk, midi.pk): True}, PLUS_TARD, "parent").lot
    courriels()
    assert lever(fait, ville.mairie, PLUS_TARD) == (1, 1)
    fait.refresh_from_db()
    assert etats() == {("Hugo", R, JEUDI): "reservee", ("Ana", R, JEUDI): "annulee", ("Lina", R, JEUDI): "reservee"}
    assert portee(fait, JEUDI).reservations == 1
    sujets = {c["To"]: c["Subject"].strip() for c in courriels()}
    assert sujets == {
        adresse(ville, "Hugo"): "Finalement, ces jours ont lieu : Sortie au musée",
        adresse(ville, "Ana"): "Des jours annulés n'ont pas pu vous être rendus : Sortie au musée",
    }


def test_un_jour_ferme_par_le_calendrier_depuis_ne_rouvre_pas(ville):
    """Une sortie levée après que sa séance fut fermée autrement : rien n'y est rendu."""
    ville.reserver("Hugo")
    fait = ville.appliquer(nature="sortie", libelle="Sortie", classes=["cm1"])
    Seance.objects.filter(jour=JEUDI).update(ouverte=False, motif="Pont")
    assert lever(fait, ville.mairie, PLUS_TARD) == (0, 1)
    assert set(Seance.objects.filter(jour=JEUDI).values_list("ouverte", "motif")) == {(False, "Pont")}


def test_appliquer_ou_lever_deux_fois_ne_fait_rien_de_plus(ville):
    ville.reserver("Hugo")
    brouillon = ville.evenement()
    assert code(lambda: lever(brouillon, ville.mairie, LUNDI_AVANT)) == "pas_applique"
    appliquer(brouillon, ville.mairie, LUNDI_AVANT)
    assert code(lambda: appliquer(brouillon, ville.mairie, LUNDI_AVANT)) == "deja"
    lever(brouillon, ville.mairie, PLUS_TARD)
    assert code(lambda: lever(brouillon, ville.mairie, PLUS_TARD)) == "deja"
    assert Mouvement.objects.count() == 2


# --- Plusieurs événements le même jour --------------------------------------------------------------------------------
@pytest.mark.parametrize("premier", ["greve", "sortie"])
@pytest.mark.parametrize("leve_d_abord", ["greve", "sortie"])
def test_deux_evenements_le_meme_jour_se_levent_dans_tous_les_ordres(ville, premier, leve_d_abord):
    ville.reserver("Hugo", "Lina", "Ana", "Zoé")
    avant = photo()
    champs = {"greve": {}, "sortie": {"nature": "sortie", "libelle": "Sortie", "classes": ["cm1"]}}
    second = {"greve": "sortie", "sortie": "greve"}
    faits = {nom: ville.appliquer(**champs[nom]) for nom in (premier, second[premier])}
    lever(faits[leve_d_abord], ville.mairie, PLUS_TARD)
    reste = second[leve_d_abord]
    annules = {p for (p, *_), etat in etats().items() if etat == "annulee"}
    assert annules == ({"Hugo", "Ana"} if reste == "sortie" else {"Hugo", "Lina", "Ana"})
    fermees = Seance.objects.filter(ouverte=False)
    assert set(fermees.values_list("evenement", flat=True)) == ({faits[reste].pk} if reste == "greve" else set())
    lever(faits[reste], ville.mairie, PLUS_TARD)
    assert photo() == avant


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(donnees=st.data())
def test_quels_que_soient_les_evenements_tout_lever_rend_tout(db, donnees):
    with transaction.atomic():
        ville = Ville()
        for prenom in ville.enfants:
            for nom in donnees.draw(st.sets(st.sampled_from([R, S]))):
                etat = donnees.draw(st.sampled_from(["reservee", "reservee", "attente", "annulee"]))
                ville.reserver(prenom, nom=nom, jours=(JEUDI, VENDREDI), etat=etat)
        avant, actifs = photo(), []
        for _ in range(donnees.draw(st.integers(1, 4))):
            du, au = sorted(donnees.draw(st.tuples(*[st.sampled_from([JEUDI, VENDREDI])] * 2)))
            sites = donnees.draw(st.sets(st.sampled_from(["desnos", "limbre"])))
            classes = sorted(donnees.draw(st.sets(st.sampled_from(["cm1", "cp"]))))
            activites = donnees.draw(st.sets(st.sampled_from(sorted(ville.activites)), max_size=2))
            fait = ville.appliquer(
                sites, [ville.activites[cle] for cle in activites], du=du, au=au, classes=classes
            )
            assert not fait.reservations(fait.seances().filter(ouverte=True)).exists()
            actifs.append(fait)
            if donnees.draw(st.booleans()):
                lever(actifs.pop(donnees.draw(st.integers(0, len(actifs) - 1))), ville.mairie, PLUS_TARD)
        for fait in donnees.draw(st.permutations(actifs)):
            assert lever(fait, ville.mairie, PLUS_TARD)[1] == 0
        assert photo() == avant
        transaction.set_rollback(True)


# --- Les familles -----------------------------------------------------------------------------------------------------
def adresse(ville, prenom):
    return ville.enfants[prenom].familles.get().adultes.get().compte.email


def test_un_courriel_par_famille_a_l_aller_et_au_retour(ville, courriels):
    foyer = ville.enfants["Hugo"].familles.get()
    f.rattacher(ville.enfants["Lina"], foyer)
    ville.reserver("Hugo", jours=(JEUDI, VENDREDI))
    ville.reserver("Hugo", nom="Soir")
    ville.reserver("Lina", famille=foyer)
    ville.reserver("Zoé")
    fait = ville.appliquer(au=VENDREDI, message="Apportez un pique-nique.")
    [recu] = courriels()
    assert recu["To"] == adresse(ville, "Hugo")
    assert recu["Subject"].strip() == "Du jeudi 12 au vendredi 13 novembre : Grève du personnel"
    texte = recu.get_body(("plain",)).get_content()
    assert "Du jeudi 12 au vendredi 13 novembre : grève du personnel, pas d'accueil (Desnos)." in texte
    assert "Apportez un pique-nique." in texte
    assert "Hugo, Restauration\n  novembre 2026 : jeu. 12, ven. 13\n" in texte
    assert "Hugo, Soir\n  novembre 2026 : jeu. 12\n" in texte
    assert "Lina, Restauration\n  novembre 2026 : jeu. 12\n" in texte
    assert f"/reservations/recus/{fait.lot}/" in texte
    lever(fait, ville.mairie, PLUS_TARD)
    [retour] = courriels()
    assert retour["Subject"].strip() == "Finalement, ces jours ont lieu : Grève du personnel"
    assert "Lina, Restauration\n  novembre 2026 : jeu. 12\n" in retour.get_body(("plain",)).get_content()


def test_une_tache_reprise_n_ecrit_rien_deux_fois(ville, courriels):
    ville.reserver("Hugo")
    fait = ville.appliquer()
    annoncer(fait.pk, PLUS_TARD)
    annoncer(fait.pk, PLUS_TARD)
    assert len(courriels()) == 1
    lever(fait, ville.mairie, PLUS_TARD)
    annoncer(fait.pk, PLUS_TARD)
    assert len(courriels()) == 1


def test_un_evenement_abandonne_en_chemin_n_a_rien_fait_ni_ecrit(ville, courriels):
    """La machine s'arrête au milieu : ni séance fermée, ni réservation annulée, ni courriel."""
    ville.reserver("Hugo")
    avant = photo()
    with transaction.atomic():
        appliquer(ville.evenement(), ville.mairie, LUNDI_AVANT)
        transaction.set_rollback(True)
    assert photo() == avant
    assert Mouvement.objects.count() == 0
    assert courriels() == []


@pytest.mark.parametrize(
    ("champs", "concernes"),
    [
        ({}, {"Hugo", "Lina", "Ana"}),
        ({"sites": ()}, {"Hugo", "Lina", "Ana", "Zoé"}),
        ({"classes": ["cm1"]}, {"Hugo", "Ana"}),
        ({"sites": (), "classes": ["cm1"]}, {"Hugo", "Ana", "Zoé"}),
        ({"sites": (), "activites": [("Limbre", "Soir")]}, {"Zoé"}),
    ],
)
def test_le_bandeau_est_pour_les_familles_concernees_meme_sans_reservation(ville, champs, concernes):
    champs = champs | {"activites": [ville.activites[cle] for cle in champs.get("activites", ())]}
    fait = ville.appliquer(**champs)

    def vu(jour):
        dits = Evenement.objects.a_dire(jour)
        return {p for p, e in ville.enfants.items() if dits.de_la_famille(e.familles.get().pk).exists()}

    assert vu(JEUDI) == concernes
    assert vu(VENDREDI) == set()
    lever(fait, ville.mairie, PLUS_TARD)
    assert vu(JEUDI) == set()


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"activites": ["Restauration", "Restauration"]}, "pas de restauration (Desnos et Limbre)"),
        ({"activites": ["Étude", "Restauration"]}, "pas d'étude ni de restauration (Desnos et Limbre)"),
        ({"activites": list("ABCD")}, "4 activités n'ont pas lieu (Desnos et Limbre)"),
        ({"sites": []}, "pas d'accueil dans toute la commune"),
    ],
)
def test_l_annonce_se_dit_en_francais(champs, phrase):
    assert annonce("Grève", JEUDI, JEUDI, **{"sites": ["Desnos", "Limbre"]} | champs) == (
        f"Jeudi 12 novembre : grève, {phrase}"
    )


# --- En même temps ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_une_famille_qui_reserve_au_meme_instant_est_annulee_ou_refusee():
    ville = Ville()
    hugo, midi = ville.enfants["Hugo"], ville.seances["Desnos", R, JEUDI]
    ville.reserver("Lina", "Ana")
    foyer, brouillon = hugo.familles.get(), ville.evenement()
    rendus = ensemble([
        lambda: appliquer(brouillon, ville.mairie, LUNDI_AVANT),
        lambda: enregistrer(foyer, compte_de(foyer), {(hugo.pk, midi.pk): True}, LUNDI_AVANT, "parent"),
    ])
    annulees, resultat = rendus
    assert annulees == (3 if resultat.lot else 2)
    assert resultat.lot or [r.code for r in resultat.refus] == ["ferme"]
    assert not Reservation.objects.exclude(etat="annulee").exists()


@pytest.mark.django_db(transaction=True)
def test_deux_secretaires_appliquent_et_levent_ensemble_une_seule_fois(courriels):
    ville = Ville()
    ville.reserver("Hugo", "Lina")
    brouillon = ville.evenement()

    def essayer(action, maintenant):
        def faire():
            try:
                return action(brouillon, ville.mairie, maintenant)
            except ValidationError as refus:
                return refus.code

        return faire

    avant = photo()
    assert sorted(map(str, ensemble([essayer(appliquer, LUNDI_AVANT)] * 4))) == ["2", "deja", "deja", "deja"]
    assert len(courriels()) == 2
    assert sorted(map(str, ensemble([essayer(lever, PLUS_TARD)] * 4))) == ["(2, 0)", "deja", "deja", "deja"]
    assert photo() == avant
    assert len(courriels()) == 2


@pytest.mark.django_db(transaction=True)
def test_deux_evenements_voisins_leves_au_meme_instant_rendent_tout():
    ville = Ville()
    ville.reserver("Hugo", "Lina", "Ana")
    avant = photo()
    faits = [ville.appliquer(), ville.appliquer(classes=["cm1"]), ville.appliquer(sites=())]
    ensemble([lambda e=e: lever(e, ville.mairie, PLUS_TARD) for e in faits])
    assert photo() == avant


def test_autant_de_requetes_pour_un_enfant_que_pour_trois_cents(ville):
    def mesurer(jour):
        brouillon = ville.evenement(du=jour, au=jour)
        return [
            requetes(lambda: portee(brouillon, jour)),
            requetes(lambda: appliquer(brouillon, ville.mairie, LUNDI_AVANT)),
            requetes(lambda: lever(brouillon, ville.mairie, PLUS_TARD)),
        ]

    ville.reserver("Hugo")
    un = mesurer(JEUDI)
    familles = foyers(BEAUCOUP)
    petits = enfants(familles, ecole=ville.desnos)
    premiere = f.reservation(petits[0], ville.seances["Desnos", R, VENDREDI])
    copies(premiere, famille=familles[1:], enfant=petits[1:])
    assert mesurer(VENDREDI) == un


# --- Ce qu'en voit la famille ---------------------------------------------------------------------------------------
def semaine_de(client, ville, prenom):
    petit = ville.enfants[prenom]
    client.force_login(compte_de(petit.familles.get()))
    page = client.get(reverse("reservations:planning_enfant", args=[petit.pk]), {"jour": str(JEUDI)})
    return page.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def test_apres_une_sortie_la_case_de_l_enfant_dit_excuse_et_laquelle(client, ville, time_machine):
    time_machine.move_to(f.a_paris(2026, 11, 12, 9), tick=False)
    ville.reserver("Hugo", "Lina")
    sortie = ville.appliquer(nature="sortie", libelle="Sortie au musée", classes=["cm1"])
    page = semaine_de(client, ville, "Hugo")
    assert page.count("Excusé</span>") == 1
    assert '<span class="case-limite">sortie au musée</span>' in page
    assert "Excusé</span>" not in semaine_de(client, ville, "Lina"), "Lina est au CP"
    assert "Excusé</span>" not in semaine_de(client, ville, "Ana"), "Ana n'avait rien réservé"
    lever(sortie, ville.mairie, LUNDI_AVANT)
    assert "Excusé</span>" not in semaine_de(client, ville, "Hugo")


def test_avant_la_limite_la_case_excusee_se_reserve_encore(client, ville, time_machine):
    time_machine.move_to(LUNDI_AVANT, tick=False)
    ville.reserver("Hugo")
    ville.appliquer(nature="sortie", libelle="Sortie au musée", classes=["cm1"])
    assert "excusé, sortie au musée ; à réserver s'il vient, jusqu'à" in semaine_de(client, ville, "Hugo")


def test_l_autre_foyer_ne_lit_pas_ce_qui_fut_excuse_chez_le_premier(client, ville, time_machine):
    time_machine.move_to(f.a_paris(2026, 11, 12, 9), tick=False)
    ville.reserver("Hugo")
    marc = f.famille(nom="DURAND")
    f.rattacher(ville.enfants["Hugo"], marc)
    f.inscription(ville.enfants["Hugo"], ville.activites["Desnos", "Restauration"], famille=marc)
    ville.appliquer(nature="sortie", libelle="Sortie au musée", classes=["cm1"])
    client.force_login(marc.compte)
    page = client.get(reverse("reservations:planning_enfant", args=[ville.enfants["Hugo"].pk]), {"jour": str(JEUDI)})
    assert "Excusé</span>" not in page.content.decode()


def test_le_bandeau_est_en_haut_du_planning_sans_une_requete_de_plus(client, ville, time_machine):
    time_machine.move_to(LUNDI_AVANT, tick=False)
    ville.reserver("Hugo", "Zoé")
    semaine_de(client, ville, "Hugo")
    with CaptureQueriesContext(connection) as avant:
        semaine_de(client, ville, "Hugo")
    ville.appliquer()
    semaine_de(client, ville, "Hugo")
    with CaptureQueriesContext(connection) as apres:
        page = semaine_de(client, ville, "Hugo")
    assert "Jeudi 12 novembre : grève du personnel, pas d'accueil (Desnos)" in page
    assert "grève du personnel, pas" not in semaine_de(client, ville, "Zoé"), "Zoé est à Limbre"
    assert len(apres) == len(avant)
