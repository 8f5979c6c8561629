"""La semaine de toute la famille, par le client : une page, un envoi, et rien ne s'y perd."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reservations import regles
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
PAGE = reverse("reservations:planning") + f"?jour={LUNDI}"


@pytest.fixture(autouse=True)
def jeudi(db):
    """Il est 18 h à Paris, le jeudi 3 septembre 2026."""
    with time_machine.travel(f.a_paris(2026, 9, 3, 18), tick=False):
        yield


class Decor:
    """Hugo en élémentaire, Lina en maternelle : chacun sa cantine, et Hugo l'accueil du soir."""

    def __init__(self):
        f.commune()
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        self.lina = f.enfant(self.foyer, prenom="Lina", date_naissance=dt.date(2021, 5, 1))
        self.cantines, self.midis = {}, {}
        for petit in (self.hugo, self.lina):
            self.cantines[petit] = f.activite(site=petit.ecole, nom="Restauration")
            f.inscription(petit, self.cantines[petit])
            self.midis[petit] = self.semaine(self.cantines[petit], LUNDI)
        self.soir = f.activite(site=self.hugo.ecole, nom="Soir", genre="soir", heure_debut=dt.time(16),
                               heure_fin=dt.time(19))  # fmt: skip
        f.inscription(self.hugo, self.soir)
        self.soirs = self.semaine(self.soir, LUNDI)

    def semaine(self, activite, lundi):
        return [f.seance(activite, lundi + dt.timedelta(days=n)) for n in (0, 1, 3, 4)]


@pytest.fixture
def decor(client):
    decor = Decor()
    client.force_login(decor.foyer.compte)
    return decor


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def cle(enfant, seance):
    return f"{enfant.pk}-{seance.pk}"


def reservees():
    return sorted(
        Reservation.objects.reservees().values_list("enfant__prenom", "seance__activite__nom", "seance__jour__day")
    )


def envoyer(client, decor, coches, **autres):
    """Envoie la page telle que le serveur la montre, avec ces cases cochées."""
    vu = client.get(PAGE).context["semaine"].vu
    return client.post(PAGE, {"vu": vu, "case": [cle(*c) for c in coches], **autres}, follow=True)


# --- Une page pour tous ---------------------------------------------------------------------------------------------
def test_tous_les_enfants_et_toutes_leurs_activites_sont_sur_une_page(client, decor):
    page = texte(client.get(PAGE))
    assert "<h1>Planning de la famille</h1>" in page
    assert page.count('type="checkbox"') == 12
    assert 'id="e0">Hugo</a>' in page
    assert 'id="e1">Lina</a>' in page
    assert 'aria-labelledby="e1 a1-0 j1"' in page.split(f'value="{cle(decor.lina, decor.midis[decor.lina][0])}"')[1]
    assert page.count("modifiable jusqu'à dimanche 23 h 59") == 1  # chaque limite est dite une fois


def test_un_seul_envoi_enregistre_pour_tous_les_enfants(client, decor, courriels):
    coches = [(decor.hugo, decor.midis[decor.hugo][0]), (decor.lina, decor.midis[decor.lina][1])]
    page = texte(envoyer(client, decor, coches))
    assert "2 réservations enregistrées" in page
    assert reservees() == [("Hugo", "Restauration", 7), ("Lina", "Restauration", 8)]
    assert Mouvement.objects.values("lot").distinct().count() == 1
    assert len(courriels()) == 1


def test_un_refus_pour_un_enfant_n_enregistre_pour_aucun_et_garde_toutes_les_coches(client, decor):
    complet = decor.midis[decor.lina][0]
    vu = client.get(PAGE).context["semaine"].vu
    complet.capacite = 0
    complet.save()
    libre = cle(decor.hugo, decor.midis[decor.hugo][0])
    page = texte(client.post(PAGE, {"vu": vu, "case": [libre, cle(decor.lina, complet)]}))
    assert "1 case refusée : rien n'est encore enregistré" in page
    assert f'<a href="#c{cle(decor.lina, complet)}">Restauration du lundi 7 septembre : complet' in page
    assert page.split(f'value="{libre}"')[1].split(">")[0].endswith("checked")
    assert reservees() == []


def test_un_onglet_ancien_refuse_ne_defait_pas_ce_qu_un_autre_a_change(client, decor):
    ailleurs, complet = decor.midis[decor.hugo][0], decor.midis[decor.lina][0]
    vu = client.get(PAGE).context["semaine"].vu
    f.reservation(decor.hugo, ailleurs)  # depuis un autre écran
    complet.capacite = 0
    complet.save()
    reponse = client.post(PAGE, {"vu": vu, "case": [cle(decor.lina, complet)]})
    assert "un autre écran avait changé : Hugo, Restauration du lundi 7 septembre (réservé)" in texte(reponse)
    # La case changée ailleurs se montre comme elle est, et non comme une annulation à enregistrer.
    assert texte(reponse).split(f'value="{cle(decor.hugo, ailleurs)}"')[1].split(">")[0].endswith("checked")


def test_le_petit_frere_d_une_autre_famille_ne_se_coche_pas(client, decor):
    etranger = f.enfant(f.famille(), ecole=decor.hugo.ecole)
    page = texte(envoyer(client, decor, [(etranger, decor.midis[decor.hugo][0])]))
    assert "Une des cases n'existe pas" in page
    assert reservees() == []


# --- Recopier -------------------------------------------------------------------------------------------------------
def test_recopier_un_enfant_coche_chez_les_autres_la_meme_activite_sans_enregistrer(client, decor):
    lundi, mardi, *_ = decor.midis[decor.lina]
    mardi.capacite = 0
    mardi.save()
    coches = [(decor.hugo, s) for s in (*decor.midis[decor.hugo][:2], decor.soirs[0])]
    page = texte(envoyer(client, decor, coches, copier=str(decor.hugo.pk)))
    assert "1 jour coché" in page
    assert "Restauration du mardi 8 septembre : complet" in page
    assert page.split(f'value="{cle(decor.lina, lundi)}"')[1].split(">")[0].endswith("checked")
    assert page.split(f'value="{cle(decor.hugo, decor.soirs[0])}"')[1].split(">")[0].endswith("checked")
    assert reservees() == []


def test_recopier_la_semaine_d_avant_saute_les_vacances_et_n_annule_rien(client, decor):
    """La dernière semaine réservée est il y a trois semaines ; ce qui est déjà réservé le reste."""
    avant = [f.seance(decor.cantines[decor.hugo], LUNDI - dt.timedelta(days=n)) for n in (21, 20)]
    for seance in avant:
        f.reservation(decor.hugo, seance)
    f.reservation(decor.lina, decor.midis[decor.lina][3])
    reponse = envoyer(client, decor, [(decor.lina, decor.midis[decor.lina][3])], copier="semaine")
    cochees = {c.cle for jour in reponse.context["semaine"].jours for c in jour.cases if c.cochee}
    assert cochees == {
        cle(decor.hugo, decor.midis[decor.hugo][0]), cle(decor.hugo, decor.midis[decor.hugo][1]),
        cle(decor.lina, decor.midis[decor.lina][3]),
    }  # fmt: skip


def test_chaque_enfant_reprend_sa_derniere_semaine_et_la_page_la_nomme(client, decor):
    """Lina n'est pas venue la semaine passée : sa dernière semaine à elle se recopie aussi."""
    for petit, jours in ((decor.hugo, (7, 14)), (decor.lina, (13,))):
        for n in jours:
            f.reservation(petit, f.seance(decor.cantines[petit], LUNDI - dt.timedelta(days=n)))
    reponse = envoyer(client, decor, [], copier="semaine")
    cochees = {c.cle for jour in reponse.context["semaine"].jours for c in jour.cases if c.cochee}
    assert cochees == {
        cle(decor.hugo, decor.midis[decor.hugo][0]), cle(decor.lina, decor.midis[decor.lina][1]),
    }  # fmt: skip
    page = texte(reponse)
    assert "Hugo : comme la semaine du 31 août – 6 septembre 2026 ;" in page
    assert "Lina : comme la semaine du 24 – 30 août 2026." in page


LUNDI_24, LUNDI_31 = dt.date(2026, 8, 24), dt.date(2026, 8, 31)
DERNIERES = [
    ("rien d'avant", [], {}, set()),
    ("une seule semaine", [(7, 3, LUNDI_31)], {7: LUNDI_31}, {(7, 3, 0)}),
    ("la dernière seulement, dans n'importe quel ordre", [(7, 3, LUNDI_31), (7, 3, LUNDI_24 + dt.timedelta(days=3))],
     {7: LUNDI_31}, {(7, 3, 0)}),
    ("toute cette semaine, dimanche compris", [(7, 3, LUNDI_24), (7, 4, LUNDI_24 + dt.timedelta(days=6))],
     {7: LUNDI_24}, {(7, 3, 0), (7, 4, 6)}),
    ("à chacun la sienne", [(7, 3, LUNDI_31), (8, 3, LUNDI_24)], {7: LUNDI_31, 8: LUNDI_24}, {(7, 3, 0), (8, 3, 0)}),
]  # fmt: skip


@pytest.mark.parametrize(("reservees", "lundis", "modele"), [c[1:] for c in DERNIERES], ids=[c[0] for c in DERNIERES])
def test_la_derniere_semaine_de_chaque_enfant(reservees, lundis, modele):
    assert regles.derniere_semaine(reservees) == (lundis, modele)


@pytest.mark.parametrize(("aujourdhui", "montre"), [
    (dt.date(2026, 9, 4), dt.date(2026, 9, 4)), (dt.date(2026, 9, 5), dt.date(2026, 9, 12)),
    (dt.date(2026, 9, 6), dt.date(2026, 9, 13)), (dt.date(2026, 9, 7), dt.date(2026, 9, 7)),
])  # fmt: skip
def test_en_fin_de_semaine_le_planning_montre_la_suivante(aujourdhui, montre):
    assert regles.premier_jour_utile(aujourdhui) == montre


@pytest.mark.parametrize("quoi", ["999999", "x", "-1"])
def test_recopier_n_importe_quoi_ne_fait_rien(client, decor, quoi):
    assert envoyer(client, decor, [(decor.hugo, decor.soirs[0])], copier=quoi).status_code == 200
    assert reservees() == []


def test_revenir_du_prix_garde_les_coches(client, decor):
    page = texte(envoyer(client, decor, [(decor.hugo, decor.soirs[0])], revenir="oui"))
    assert page.split(f'value="{cle(decor.hugo, decor.soirs[0])}"')[1].split(">")[0].endswith("checked")
    assert reservees() == []


# --- Annuler un enregistrement --------------------------------------------------------------------------------------
def annuler(client, lot):
    """Ouvre l'aperçu et confirme ce qu'il retient."""
    adresse = reverse("reservations:defaire", args=[lot])
    apercu = client.get(adresse).context["apercu"]
    return client.post(adresse, {"retenues": apercu["retenues"], "confirmer": "oui"}, follow=True)


def test_annuler_un_enregistrement_remet_tout_comme_avant_une_seule_fois(client, decor):
    f.reservation(decor.hugo, decor.soirs[0])
    page = texte(envoyer(client, decor, [(decor.lina, s) for s in decor.midis[decor.lina]]))
    assert "Annuler cet enregistrement" in page
    assert reservees() == [("Lina", "Restauration", j) for j in (7, 8, 10, 11)]
    lot = Mouvement.objects.latest("pk").lot
    assert "1 réservation et 4 annulations enregistrées" in texte(annuler(client, lot))
    assert reservees() == [("Hugo", "Soir", 7)]

    nombre = Mouvement.objects.count()
    encore = client.get(reverse("reservations:defaire", args=[lot]))
    assert encore.context["apercu"]["nombre"] == 0
    assert "a changé depuis cet enregistrement" in texte(encore)
    client.post(reverse("reservations:defaire", args=[lot]), {"retenues": cle(decor.hugo, decor.soirs[0])})
    assert Mouvement.objects.count() == nombre


def test_ce_qui_ne_s_annule_plus_est_dit_et_le_reste_s_annule(client, decor):
    envoyer(client, decor, [(decor.hugo, s) for s in decor.midis[decor.hugo]])
    lot = Mouvement.objects.latest("pk").lot
    with time_machine.travel(f.a_paris(2026, 9, 7, 8), tick=False):
        client.force_login(decor.foyer.compte)
        apercu = client.get(reverse("reservations:defaire", args=[lot]))
        assert "Restauration du lundi 7 septembre : trop tard pour annuler" in texte(apercu)
        annuler(client, lot)
    assert reservees() == [("Hugo", "Restauration", 7)]


def test_l_enregistrement_d_une_autre_famille_ou_de_la_mairie_ne_s_annule_pas(client, decor):
    envoyer(client, decor, [(decor.hugo, decor.soirs[0])])
    sien = Mouvement.objects.latest("pk")
    de_la_mairie = Mouvement.objects.create(
        reservation=sien.reservation, avant="annulee", apres="reservee", origine="mairie", instant=sien.instant
    )
    assert client.get(reverse("reservations:defaire", args=[de_la_mairie.lot])).status_code == 404
    client.force_login(f.famille().compte)
    assert client.get(reverse("reservations:defaire", args=[sien.lot])).status_code == 404
    assert client.post(reverse("reservations:defaire", args=[sien.lot]), {"retenues": "1-1"}).status_code == 404


# --- La semaine type ------------------------------------------------------------------------------------------------
def test_la_semaine_type_vaut_pour_plusieurs_enfants_et_dit_ses_refus_avant_d_ecrire(client, decor):
    for petit in (decor.hugo, decor.lina):
        decor.semaine(decor.cantines[petit], LUNDI + dt.timedelta(days=7))
    complet = decor.midis[decor.lina][0]
    complet.capacite = 0
    complet.save()
    f.jour_ferme(LUNDI + dt.timedelta(days=7), libelle="Pont")
    page = reverse("reservations:periode_famille")
    jours = [f"{petit.pk}-{decor.cantines[petit].pk}-{j}" for petit in (decor.hugo, decor.lina) for j in (0, 3)]
    envoi = {"faire": "reserver", "jours": jours, "du": "2026-09-07", "au": "2026-09-18"}
    apercu = client.post(page, envoi)
    dit = texte(apercu)
    assert "5 réservations" in dit
    assert "1 impossible" in dit
    assert "complet le lun. 7 septembre" in dit
    assert "1 jour fermé sauté" in dit
    assert reservees() == []
    client.post(page, envoi | {"retenues": apercu.context["apercu"]["retenues"], "confirmer": "oui"})
    assert reservees() == [
        ("Hugo", "Restauration", 7), ("Hugo", "Restauration", 10), ("Hugo", "Restauration", 17),
        ("Lina", "Restauration", 10), ("Lina", "Restauration", 17),
    ]  # fmt: skip


def test_une_semaine_reservee_se_repete(client, decor):
    f.reservation(decor.hugo, decor.soirs[0])
    page = texte(client.get(reverse("reservations:periode_famille"), {"semaine": str(LUNDI)}))
    coche = page.split(f'value="{decor.hugo.pk}-{decor.soir.pk}-0"')[1].split(">")[0]
    assert "checked" in coche
    assert page.count(" checked") == 2  # elle, et « Réserver »


def test_un_raccourci_garde_les_jours_coches(client, decor):
    nom = f"{decor.hugo.pk}-{decor.soir.pk}-0"
    envoi = {"faire": "annuler", "jours": [nom], "remplir": "2026-09-14 2026-09-20"}
    page = texte(client.post(reverse("reservations:periode_famille"), envoi))
    assert 'value="2026-09-20"' in page
    assert "checked" in page.split(f'value="{nom}"')[1].split(">")[0]


# --- Autant de requêtes pour un enfant que pour plusieurs -------------------------------------------------------------
@pytest.mark.parametrize(("nom", "plafond"), [("planning", 10), ("periode_famille", 10)])
def test_autant_de_requetes_pour_deux_enfants_que_pour_huit(client, decor, nom, plafond):
    """Huit et non trois cents : aucun foyer n'a tant d'enfants."""
    adresse = reverse(f"reservations:{nom}") + f"?jour={LUNDI}"

    def requetes():
        client.get(adresse)
        with CaptureQueriesContext(connection) as contexte:
            assert client.get(adresse).status_code == 200
        return len(contexte)

    peu = requetes()
    for n in range(6):
        petit = f.enfant(decor.foyer, prenom=f"Enfant{n}")
        for rang in range(5):
            autre = f.activite(site=petit.ecole, capacite=20, ordre=rang)
            f.inscription(petit, autre)
            for seance in decor.semaine(autre, LUNDI):
                f.reservation(petit, seance)
    assert (requetes(), peu <= plafond) == (peu, True)
