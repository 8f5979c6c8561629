"""L'écran de l'agent, la fiche d'un enfant, l'ajout : de vraies réponses HTTP."""

import datetime as dt
import io
import re

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from familles.models import Autorisation, LectureFiche, PersonneAutorisee
from presences.models import Geste, Pointage, effectifs
from reservations.models import Reservation
from tests import fabriques as f
from tests.presences.outils import JOUR, MIDI, attendu, remplir, service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_midi():
    with time_machine.travel(MIDI, tick=False):
        yield


@pytest.fixture
def nadia(client):
    f.commune()
    nadia = f.agent("Agents", prenom="Nadia", nom="PETIT")
    client.force_login(nadia)
    return nadia


@pytest.fixture
def seance(nadia):
    return service()


def page(client, **choix):
    reponse = client.get(reverse("presences:jour"), choix)
    assert reponse.status_code == 200
    return reponse.content.decode()


def toucher(client, seance, petit, etat, vu="", **plus):
    adresse = reverse("presences:pointer", args=[seance.pk, petit.pk])
    return client.post(f"{adresse}?vu={vu}", {"etat": etat}, **plus)


def noms(html):
    return re.findall(r"<b>([^<]+)</b> (\S+)</span></a>", html)


# --- Choisir -------------------------------------------------------------------------------------------------------
def test_une_seule_ecole_un_seul_midi_la_liste_s_ouvre_toute_seule(client, seance):
    attendu(seance)
    html = page(client)
    assert "<h1>Restauration</h1>" in html
    assert "<b>Aujourd'hui</b>, lundi 23" in html
    assert noms(html) == [("LA STAR", "Hugo")]


def test_le_site_et_l_activite_choisis_se_retiennent_sur_l_appareil(client, seance):
    autre = service(site=f.ecole(nom="Limbre"), nom="Cantine de Limbre")
    soir = f.seance(f.activite(site=autre.activite.site, nom="Soir", genre="soir", heure_debut=dt.time(16),
                               heure_fin=dt.time(19)), JOUR)  # fmt: skip
    assert "Choisissez votre site" in page(client)
    page(client, site=autre.activite.site_id)
    assert "<h1>Cantine de Limbre</h1>" in page(client), "à midi, c'est l'heure de la cantine"
    page(client, site=autre.activite.site_id, activite=soir.activite_id)
    assert "<h1>Soir</h1>" in page(client)
    with time_machine.travel(f.a_paris(2026, 11, 23, 14, 5), tick=False):
        page(client, site=autre.activite.site_id, activite=autre.activite_id)
    with time_machine.travel(f.a_paris(2026, 11, 23, 16, 10), tick=False):
        assert "<h1>Soir</h1>" in page(client), "deux heures après, c'est de nouveau l'heure qui choisit"


def test_demain_se_prepare_sans_se_pointer(client, seance):
    demain = f.seance(seance.activite, dt.date(2026, 11, 24))
    attendu(demain, prenom="Lina")
    html = page(client, jour="2026-11-24")
    assert "On pointe le jour même" in html
    assert "Lina" in html
    assert "geste-present" not in html
    assert reverse("presences:ajouter", args=[demain.pk]) in html


@pytest.mark.parametrize("jour", ["2026-02-31", "hier", "", "9999-99-99"])
def test_un_jour_illisible_ouvre_aujourd_hui(client, seance, jour):
    assert "<b>Aujourd'hui</b>" in page(client, jour=jour)


def test_un_jour_sans_seance_et_une_seance_annulee_se_disent(client, seance):
    assert "Rien ce jour-là" in page(client, jour="2026-11-22")
    seance.ouverte, seance.motif = False, "Grève du service"
    seance.save()
    html = page(client)
    assert "La séance n'a pas lieu" in html
    assert "Grève du service" in html


# --- La liste ------------------------------------------------------------------------------------------------------
def test_les_classes_dans_l_ordre_et_l_alphabet_sans_accents(client, seance):
    attendu(seance, "Zoé", "ELOI", classe="cp")
    attendu(seance, "Ana", "ÉLODIE", classe="cp")
    attendu(seance, "Max", "AUGER", classe="ps")
    attendu(seance, "Sans", "CLASSE", classe="")
    html = page(client)
    assert noms(html) == [("AUGER", "Max"), ("ÉLODIE", "Ana"), ("ELOI", "Zoé"), ("CLASSE", "Sans")]
    assert re.findall(r'<h2 id="c-\S+" tabindex="-1">(\S+(?: classe)?) <small>(\d+)', html) == [
        ("PS", "1"), ("CP", "2"), ("Sans classe", "1"),
    ]  # fmt: skip


def test_deux_classes_d_un_niveau_s_appellent_l_une_apres_l_autre(client, seance):
    for prenom, groupe in [("Ana", "B"), ("Tom", "Mme Petit"), ("Zia", "A"), ("Max", "b"), ("Lou", "")]:
        attendu(seance, prenom, classe="cm1", division=groupe)
    attendu(seance, "Léo", classe="cm2", division="A")
    html = page(client)
    titres = re.findall(r'<h2 id="c-(\S+)" tabindex="-1">([^<]+) <small>(\d+)', html)
    assert [(titre, n) for _, titre, n in titres] == [
        ("CM1", "1"), ("CM1 A", "1"), ("CM1 B", "2"), ("CM1, Mme Petit", "1"), ("CM2 A", "1"),
    ]  # fmt: skip
    assert len({ancre for ancre, *_ in titres}) == 5
    assert [nom for _, nom in noms(html)] == ["Lou", "Zia", "Ana", "Max", "Tom", "Léo"]


def test_de_deux_ecoles_chaque_classe_dit_la_sienne(client, seance):
    attendu(seance, "Ana", classe="cm1", division="B")
    f.reservation(f.enfant(prenom="Tom", classe="cm1", division="B", ecole=f.ecole(nom="Zola")), seance)
    titres = re.findall(r'<h2 id="c-\S+" tabindex="-1">([^<]+) <small>', page(client))
    assert titres == [f"CM1 B – {seance.activite.site}", "CM1 B – Zola"]


def test_ni_annulees_ni_liste_d_attente(client, seance):
    attendu(seance, "Hugo")
    for etat in ("annulee", "attente"):
        f.reservation(f.enfant(prenom="Absente", ecole=seance.activite.site), seance, etat=etat)
    assert "Absente" not in page(client)


def test_la_sante_se_signale_par_un_mot_et_le_detail_n_est_pas_dans_la_page(client, seance):
    attendu(
        seance, sante={"allergies": "Arachide, stylo d'adrénaline", "pai": "Protocole asthme", "regime": "sans_porc"}
    )
    html = page(client)
    for mot in ("PAI", "Allergie", "Sans porc"):
        assert f"</svg>{mot}</span>" in html, "une icône, et toujours le mot"
    assert "Arachide" not in html
    assert "asthme" not in html
    assert not LectureFiche.objects.exists(), "un signe n'est pas une lecture"


def test_les_repas_par_regime_prevus_et_presents(client, seance):
    hugo = attendu(seance, "Hugo", sante={"regime": "sans_porc"})
    attendu(seance, "Lina", sante={"regime": "sans_viande"})
    attendu(seance, "Zoé")
    attendu(seance, "Max", sante={"panier_repas": True, "pai": "x"})
    toucher(client, seance, hugo, "present")
    html = re.sub(r"\s+", " ", page(client))
    trouves = re.findall(r'<dt>(?:<span class="sr">Repas </span>)?([^<]+)</dt><dd>(\d+)(?:<small>/(\d+))?', html)
    assert trouves == [
        ("ordinaire", "1", ""), ("sans porc", "1", "1"), ("sans viande", "1", ""), ("panier apporté", "1", ""),
        ("PAI", "1", ""),
    ]  # fmt: skip
    assert "<b>1</b> présent <span>sur 4</span>" in html


def test_la_personne_interdite_est_nommee_dans_la_ligne(client, seance):
    hugo = attendu(seance)
    oncle = hugo.familles.get().adultes.create(civilite="m", nom="DUPONT", prenom="Paul")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=oncle, interdit=True)
    assert "Interdit : Paul DUPONT" in page(client)


def test_le_soir_la_ligne_dit_qui_vient_et_qui_rentre_seul(client, nadia):
    soir = service(genre="soir", nom="Soir", avec_repas=False, heure_debut=dt.time(11), heure_fin=dt.time(19))
    hugo = attendu(soir)
    grand_mere = hugo.familles.get().adultes.create(civilite="mme", nom="AUGER", prenom="Odile")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=grand_mere, recupere=True)
    Autorisation.objects.create(enfant=hugo, genre="sortie", accordee=False, donnee_le=f.a_paris(2026, 9, 1))
    Autorisation.objects.create(enfant=hugo, genre="sortie", accordee=True, donnee_le=f.a_paris(2026, 10, 1))
    html = page(client)
    assert "Odile AUGER" in html
    assert "Rentre seul" in html


def test_chercher_et_ne_voir_que_ceux_qui_restent(client, seance):
    hugo, lina = attendu(seance, "Hugo", "GÉRARD"), attendu(seance, "Lina")
    toucher(client, seance, hugo, "present")
    assert noms(page(client, q="gerard")) == [("GÉRARD", "Hugo")]
    assert noms(page(client, reste="")) == [("LA STAR", "Lina")]
    toucher(client, seance, lina, "absent")
    assert "Tout le monde est pointé." in page(client, reste="")


# --- Les gestes ----------------------------------------------------------------------------------------------------
def test_un_toucher_sans_script_revient_a_l_enfant(client, seance):
    hugo = attendu(seance)
    reponse = toucher(client, seance, hugo, "present")
    assert reponse.status_code == 302
    assert reponse["Location"].endswith(f"#e-{hugo.pk}")
    html = page(client)
    assert f'value="present" class="geste geste-present" aria-pressed="true" id="g-{hugo.pk}-present"' in html
    assert f'action="{reverse("presences:pointer", args=[seance.pk, hugo.pk])}?vu=present"' in html


def test_avec_htmx_seule_la_ligne_et_le_compte_reviennent(client, seance):
    hugo = attendu(seance)
    reponse = toucher(client, seance, hugo, "absent", headers={"HX-Request": "true"})
    html = reponse.content.decode()
    assert html.lstrip().startswith('<li class="eleve eleve-absent"')
    assert 'id="compte" class="compte-jour" hx-swap-oob="true"' in html
    assert "<html" not in html


def test_l_autre_tablette_avait_dit_autre_chose_et_cela_se_lit(client, seance):
    hugo = attendu(seance)
    toucher(client, seance, hugo, "present")
    client.force_login(f.agent("Agents", prenom="Sami", nom="ROY"))
    html = toucher(client, seance, hugo, "absent", vu="", headers={"HX-Request": "true"}).content.decode()
    assert "Nadia PETIT avait pointé « présent » à 12:04." in html
    html = toucher(client, seance, hugo, "excuse", vu="absent", headers={"HX-Request": "true"}).content.decode()
    assert "avait pointé" not in html, "il l'avait sous les yeux"


def test_un_refus_se_lit_dans_la_ligne(client, seance):
    hugo = attendu(seance)
    Reservation.objects.update(etat="annulee")
    reponse = toucher(client, seance, hugo, "present", headers={"HX-Request": "true"})
    assert reponse.status_code == 422
    assert "sa réservation est annulée" in reponse.content.decode()
    assert (
        "sa réservation est annulée"
        in client.get(toucher(client, seance, hugo, "present")["Location"]).content.decode()
    )


def test_effacer(client, seance):
    hugo = attendu(seance)
    toucher(client, seance, hugo, "present")
    toucher(client, seance, hugo, "effacer", vu="present")
    assert not Pointage.objects.exists()


@pytest.mark.parametrize("etat", ["", "inventé", "PRESENT"])
def test_un_geste_inconnu_ne_pointe_rien(client, seance, etat):
    hugo = attendu(seance)
    assert toucher(client, seance, hugo, etat, headers={"HX-Request": "true"}).status_code == 422
    assert not Pointage.objects.exists()


@pytest.mark.parametrize("appareil", ["2026-11-23T11:03:59.123Z", "n'importe quoi", ""])
def test_l_heure_de_l_appareil_se_garde_si_elle_se_lit(client, seance, appareil):
    hugo = attendu(seance)
    adresse = reverse("presences:pointer", args=[seance.pk, hugo.pk])
    client.post(adresse, {"etat": "present", "instant_appareil": appareil})
    attendue = dt.datetime(2026, 11, 23, 11, 3, 59, 123000, tzinfo=dt.UTC) if "T" in appareil else None
    assert Geste.objects.get().instant_appareil == attendue


def test_un_geste_est_un_post(client, seance):
    hugo = attendu(seance)
    assert client.get(reverse("presences:pointer", args=[seance.pk, hugo.pk])).status_code == 405


def test_les_autres_sont_tous_la(client, seance):
    hugo, lina, zoe = (attendu(seance, p) for p in ("Hugo", "Lina", "Zoé"))
    toucher(client, seance, hugo, "absent")
    reponse = client.post(reverse("presences:reste", args=[seance.pk]), {"enfants": [lina.pk, zoe.pk]}, follow=True)
    assert "2 enfants pointés présents." in reponse.content.decode()
    assert Pointage.objects.presents().count() == 2


@pytest.mark.parametrize("jour", ["0001-01-01", "9999-12-31", "2026-02-31", "hier"])
def test_un_jour_impossible_est_aujourd_hui(client, seance, jour):
    client.force_login(f.agent("Direction"))
    for page in ("jour", "effectifs", "ecarts"):
        reponse = client.get(reverse(f"presences:{page}"), {"jour": jour})
        assert reponse.context["date" if page == "jour" else "jour"] == JOUR


@pytest.mark.parametrize("depuis", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-09-07T11:00:00", "hier"])
def test_un_instant_impossible_ne_casse_pas_les_nouvelles(client, seance, depuis):
    reponse = client.get(reverse("presences:nouvelles", args=[seance.pk]), {"depuis": depuis, "nombre": 0})
    assert reponse.status_code == 200


def test_les_nouvelles_des_autres_tablettes(client, seance):
    hugo = attendu(seance)
    attendu(seance, "Lina")
    toucher(client, seance, hugo, "present")
    adresse = reverse("presences:nouvelles", args=[seance.pk])
    html = client.get(adresse, {"depuis": MIDI.isoformat(), "nombre": 2}).content.decode()
    assert html.count('class="eleve ') == 1
    assert "La liste a changé" not in html
    plus_tard = (MIDI + dt.timedelta(seconds=30)).isoformat()
    html = client.get(adresse, {"depuis": plus_tard, "nombre": 1}).content.decode()
    assert html.count('class="eleve ') == 0
    assert "La liste a changé" in html
    assert client.get(adresse, {"depuis": "jamais", "nombre": "x"}).status_code == 200


# --- La fiche ------------------------------------------------------------------------------------------------------
def test_la_fiche_dit_qui_vient_avec_son_telephone_et_qui_ne_doit_pas(client, seance):
    hugo = attendu(seance)
    foyer = hugo.familles.get()
    oncle = foyer.adultes.create(civilite="m", nom="DUPONT", prenom="Paul", lien="oncle_tante")
    odile = foyer.adultes.create(civilite="mme", nom="AUGER", prenom="Odile", telephone="05 49 00 00 00")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=oncle, interdit=True)
    PersonneAutorisee.objects.create(enfant=hugo, adulte=odile, recupere=True)
    html = client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()
    assert "Ne doit pas approcher Hugo" in html
    assert "M. Paul DUPONT" in html
    assert 'href="tel:0549000000"' in html
    assert 'href="tel:0612345678"' in html, "sa mère, responsable légale"


def test_le_grand_parent_a_prevenir_en_cas_d_urgence_est_sur_la_fiche(client, seance):
    hugo = attendu(seance)
    papi = hugo.familles.get().adultes.create(
        civilite="m", nom="AUGER", prenom="Jean", lien="grand_parent", telephone="06.11.22.33.44",
        telephone_travail="05 49 00 00 00",
    )  # fmt: skip
    PersonneAutorisee.objects.create(enfant=hugo, adulte=papi, urgence=True)
    html = client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()
    chercher, urgence = html.split("À prévenir en cas d'urgence")
    assert "Jean AUGER" not in chercher, "il ne vient pas le chercher"
    assert "Jean AUGER" in urgence
    assert 'href="tel:0611223344"' in urgence
    assert 'href="tel:0549000000"' in urgence
    assert "Celine LA STAR" in urgence.split("Autres responsables")[1]


def test_un_parent_a_prevenir_n_est_pas_nomme_deux_fois(client, seance):
    hugo = attendu(seance)
    PersonneAutorisee.objects.create(enfant=hugo, adulte=hugo.familles.get().adultes.get(), urgence=True)
    html = client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()
    assert html.count("Celine LA STAR") == 1
    assert "Autres responsables" not in html


# --- Les autorisations ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("genre", "signe", "question"),
    [
        ("photo", "Pas de photo", "Être photographié ou filmé pendant les activités"),
        ("soins", "Soins refusés", "Recevoir les soins d'urgence"),
        ("sortie", None, "Rentrer seul"),
    ],
)
def test_un_non_de_la_famille_se_voit_sur_la_liste_et_sur_la_fiche(client, seance, genre, signe, question):
    hugo = attendu(seance)
    Autorisation.objects.create(enfant=hugo, genre=genre, accordee=True, donnee_le=f.a_paris(2026, 9, 1))
    Autorisation.objects.create(enfant=hugo, genre=genre, accordee=False, donnee_le=f.a_paris(2026, 10, 1))
    liste = page(client)
    for mot in ("Pas de photo", "Soins refusés"):
        assert (f"</svg>{mot}</span>" in liste) == (mot == signe), mot
    html = client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()
    faits = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", html.split("Autorisations de la famille")[1], re.S))
    faits = {mot.replace("&#x27;", "'"): re.sub(r"<[^>]+>", "", dit).strip() for mot, dit in faits.items()}
    assert len(faits) == 3
    assert faits.pop(question) == "Non"
    assert set(faits.values()) == {"Sans réponse"}


# --- Les excuses ---------------------------------------------------------------------------------------------------
EXCUSES = [
    ("envoyee", "", "Excuse écrite, à décider", 2),
    ("acceptee", "", "Excuse écrite, acceptée", 1),
    ("refusee", "Trop tard.", "Excuse écrite, refusée", 2),
]


@pytest.mark.parametrize(("etat", "reponse", "mot", "repas"), EXCUSES)
def test_une_excuse_se_dit_avec_sa_decision_et_acceptee_elle_quitte_la_cuisine(
    client, seance, etat, reponse, mot, repas
):
    hugo = attendu(seance, "Hugo")
    attendu(seance, "Lina")
    f.excuse(hugo.reservations.get(), etat=etat, reponse=reponse)
    html = page(client)
    assert re.findall(r"Excuse écrite, (?:à décider|acceptée|refusée)", html) == [mot]
    assert f"<summary>{repas} repas" in html
    [effectif] = effectifs(JOUR, JOUR)
    assert (effectif.reservees, effectif.repas["ordinaire"]) == (2, repas)
    assert mot in client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()


def test_un_enfant_excuse_qui_vient_quand_meme_mange(client, seance):
    hugo = attendu(seance, "Hugo", sante={"regime": "sans_porc"})
    f.excuse(hugo.reservations.get(), etat="acceptee")
    assert effectifs(JOUR, JOUR)[0].repas["sans_porc"] == 0
    toucher(client, seance, hugo, "present")
    assert "<summary>1 repas" in page(client)
    assert effectifs(JOUR, JOUR)[0].repas["sans_porc"] == 1


def test_les_autres_sont_tous_la_sauf_ceux_qui_ont_ecrit_leur_absence(client, seance):
    hugo, lina, zoe = (attendu(seance, p) for p in ("Hugo", "Lina", "Zoé"))
    f.excuse(hugo.reservations.get())
    assert re.findall(r'name="enfants" value="(\d+)"', page(client)) == [str(lina.pk), str(zoe.pk)]


def test_lire_la_sante_est_un_geste_consigne(client, seance, nadia):
    hugo = attendu(
        seance, sante={"allergies": "Arachide", "medecin": "Dr Auger", "medecin_telephone": "05 49 11 11 11"}
    )
    fiche, sante = (reverse(f"presences:{nom}", args=[seance.pk, hugo.pk]) for nom in ("enfant", "sante"))
    assert "Arachide" not in client.get(fiche).content.decode()
    assert client.get(sante).status_code == 405
    assert not LectureFiche.objects.exists()
    reponse = client.post(sante)
    assert "Arachide" in reponse.content.decode()
    assert "no-store" in reponse["Cache-Control"]
    lecture = LectureFiche.objects.get()
    assert (lecture.enfant, lecture.compte, lecture.lue_le, lecture.page) == (hugo, nadia, MIDI, sante)


def test_la_photo_se_montre_sur_la_liste_et_sur_la_fiche(client, seance):
    hugo = attendu(seance)
    image = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(image, "JPEG")
    hugo.photo.save("hugo.jpg", ContentFile(image.getvalue()))
    adresse = reverse("presences:photo", args=[seance.pk, hugo.pk])
    assert adresse in page(client)
    assert 'alt="Photo de Hugo"' in client.get(reverse("presences:enfant", args=[seance.pk, hugo.pk])).content.decode()
    reponse = client.get(adresse)
    assert (reponse["Content-Type"], b"".join(reponse)) == ("image/jpeg", image.getvalue())


def test_un_enfant_hors_de_la_liste_n_existe_pas(client, seance):
    hugo = f.enfant(ecole=seance.activite.site)
    for nom in ("enfant", "photo"):
        assert client.get(reverse(f"presences:{nom}", args=[seance.pk, hugo.pk])).status_code == 404
    for nom in ("sante", "heures"):
        assert client.post(reverse(f"presences:{nom}", args=[seance.pk, hugo.pk])).status_code == 404
    assert not LectureFiche.objects.exists()


def test_les_heures_se_notent_sur_la_fiche(client, nadia):
    soir = service(genre="soir", nom="Soir", avec_repas=False)
    hugo = attendu(soir)
    toucher(client, soir, hugo, "present")
    adresse = reverse("presences:heures", args=[soir.pk, hugo.pk])
    assert "parti" not in page(client).split("Accueil")[0]
    html = client.post(adresse, {"arrivee": "17:00", "depart": "16:00"}).content.decode()
    assert "Un enfant ne part pas avant d&#x27;être arrivé." in html
    assert client.post(adresse, {"arrivee": "16:05", "depart": "17:30"}).status_code == 302
    assert "arrivé à 16:05, <b>parti à 17:30" in page(client)


# --- Ajouter -------------------------------------------------------------------------------------------------------
def test_ajouter_cherche_sans_accents_les_inscrits_d_abord(client, seance):
    inscrit = f.enfant(prenom="Zélie", nom="GÉRARD", ecole=seance.activite.site)
    f.inscription(inscrit, seance.activite)
    simple = f.enfant(prenom="Zélie", nom="AUGER", ecole=seance.activite.site)
    f.enfant(prenom="Zélie", nom="AILLEURS")
    attendu(seance, "Zélie", "DÉJÀ")
    adresse = reverse("presences:ajouter", args=[seance.pk])
    html = client.get(adresse, {"q": "zelie"}).content.decode()
    assert re.findall(r'name="enfant" value="(\d+)"', html) == [str(inscrit.pk), str(simple.pk)]
    html = client.post(f"{adresse}?q=zelie", {"enfant": inscrit.pk, "motif": ""}).content.decode()
    assert "Dites pourquoi" in html
    assert f'value="{inscrit.pk}" checked' in html
    reponse = client.post(f"{adresse}?q=zelie", {"enfant": inscrit.pk, "motif": "Appel de 8 h"}, follow=True)
    html = reponse.content.decode()
    assert "Zélie GÉRARD est sur la liste, présent." in html
    assert "Ajouté : Appel de 8 h" in html


def test_on_n_ajoute_pas_un_enfant_d_ailleurs(client, seance):
    ailleurs = f.enfant(prenom="Zélie")
    adresse = reverse("presences:ajouter", args=[seance.pk])
    html = client.post(f"{adresse}?q=zelie", {"enfant": ailleurs.pk, "motif": "x"}).content.decode()
    assert not Reservation.objects.exists()
    assert "Aucun enfant de ce nom" in html


# --- Qui entre -----------------------------------------------------------------------------------------------------
def adresses(seance, petit):
    un, deux = [seance.pk], [seance.pk, petit.pk]
    lues = [("jour", []), ("nouvelles", un), ("ajouter", un), ("feuille", un), ("liste_csv", un), ("enfant", deux),
            ("photo", deux), ("effectifs", []), ("effectifs_csv", []), ("ecarts", []), ("ecarts_csv", [])]  # fmt: skip
    ecrites = [("reste", un), ("ajouter", un), ("feuille", un), ("pointer", deux), ("heures", deux), ("sante", deux)]
    return [("get", n, a) for n, a in lues] + [("post", n, a) for n, a in ecrites]


def test_un_parent_n_entre_nulle_part_un_inconnu_se_connecte(client, seance):
    hugo = attendu(seance)
    parent = f.famille().compte
    for verbe, nom, args in adresses(seance, hugo):
        adresse = reverse(f"presences:{nom}", args=args)
        client.force_login(parent)
        assert getattr(client, verbe)(adresse).status_code == 403, nom
        client.logout()
        assert getattr(client, verbe)(adresse)["Location"].startswith(reverse("connexion")), nom
    assert not Pointage.objects.exists()


def test_la_regie_lit_les_ecarts_mais_pas_les_enfants(client, seance):
    hugo = attendu(seance)
    client.force_login(f.agent("Régie"))
    for verbe, nom, args in adresses(seance, hugo):
        reponse = getattr(client, verbe)(reverse(f"presences:{nom}", args=args))
        assert reponse.status_code == (200 if nom.startswith(("effectifs", "ecarts")) else 403), nom


def test_l_agent_ne_lit_aucun_montant(client, seance):
    hugo = attendu(seance)
    f.tarif(nom="Restauration")
    f.facture(hugo.familles.get(), petit=hugo, total="28.50", mois=dt.date(2026, 10, 1))
    for verbe, nom, args in adresses(seance, hugo):
        if verbe == "get" and nom not in ("photo", "feuille"):
            html = client.get(reverse(f"presences:{nom}", args=args)).content.decode()
            assert "€" not in html, nom
            assert "28,50" not in html, nom


# --- Trois enfants ou trois cents ----------------------------------------------------------------------------------
@pytest.mark.parametrize("nom", ["jour", "nouvelles", "liste_csv", "feuille", "effectifs", "ecarts"])
def test_le_nombre_de_requetes_est_le_meme_pour_1_et_300_enfants(client, seance, nom, django_assert_max_num_queries):
    adresse = reverse(f"presences:{nom}", args=[seance.pk] if nom in ("nouvelles", "liste_csv", "feuille") else [])
    depuis = {"depuis": (MIDI - dt.timedelta(hours=1)).isoformat(), "nombre": 0} if nom == "nouvelles" else {}

    def requetes():
        with django_assert_max_num_queries(24) as lues:
            assert client.get(adresse, depuis).status_code == 200
        return len(lues)

    hugo = attendu(seance, sante={"regime": "sans_porc", "allergies": "x"})
    toucher(client, seance, hugo, "present")
    requetes()
    avant = requetes()
    enfants = remplir(seance, 300, groupes="AB")
    client.post(reverse("presences:reste", args=[seance.pk]), {"enfants": [e.pk for e in enfants]})
    assert requetes() == avant
