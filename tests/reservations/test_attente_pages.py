"""Les pages de la liste d'attente : la case, la liste, l'offre, le lien d'un courriel, l'accueil et la mairie."""

import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from reservations.actions import annuler, quitter_attente, repondre, tenir_les_listes
from reservations.models import Mouvement, Reservation, jeton_de
from reservations.taches import tenir_les_listes as tache
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir
from tests.conftest import travailler
from tests.reservations.attente import JEUDI, LUNDI, Decor, texte

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jeudi(time_machine):
    time_machine.move_to(JEUDI, tick=False)
    return time_machine


@pytest.fixture
def decor(db):
    """Un accueil complet ; Hugo et sa mère Celine, puis deux autres enfants."""
    f.commune()
    decor = Decor()
    decor.occupants = decor.remplir()
    decor.hugo, decor.deux, decor.trois = decor.enfants(3)
    decor.hugo.prenom = "Hugo"
    decor.hugo.save()
    return decor


@pytest.fixture
def celine(client, decor):
    client.force_login(decor.compte(decor.hugo))
    return client


def page_de(decor, petit=None):
    return reverse("reservations:attente", args=[(petit or decor.hugo).pk, decor.seance.pk])


def lire(reponse):
    assert reponse.status_code in (200, 410)
    page = reponse.content.decode()
    _, _, contenu = page.partition('id="contenu" tabindex="-1">' if "<main" in page else 'id="content-main">')
    texte = re.sub(r"<[^>]+>", " ", contenu.split("</main>")[0])
    return " ".join(texte.replace("&#x27;", "'").replace("\u00a0", " ").split())


def semaine(client, decor):
    return client.get(reverse("reservations:planning_enfant", args=[decor.hugo.pk]) + f"?jour={LUNDI}").content.decode()


def offrir(decor):
    """Hugo est le premier de la liste, et un occupant annule."""
    decor.attendre(decor.hugo, 0)
    decor.attendre(decor.deux, 1)
    annuler(decor.reservation(decor.occupants[0]), None, "Parti", JEUDI)
    return jeton_de(Mouvement.objects.get(apres="proposee").pk)


# --- La case et sa page ---------------------------------------------------------------------------------------------
def test_une_case_complete_mene_a_la_liste_puis_dit_le_rang(celine, decor):
    def lien(texte):
        return re.compile(rf'<a class="case-lien" href="{page_de(decor)}"[^>]*>{texte}</a>').search

    assert lien("Me mettre sur la liste")(semaine(celine, decor))
    decor.attendre(decor.deux, 0)
    decor.attendre(decor.hugo, 1)
    page = semaine(celine, decor)
    assert lien("Voir la liste")(page)
    assert "2e sur la liste" in page
    mois = celine.get(reverse("reservations:planning_mois", args=[decor.hugo.pk]) + f"?jour={LUNDI}").content.decode()
    assert "Accueil du soir 2e" in mois
    assert "En attente, 2e sur la liste" in mois


def test_sans_liste_d_attente_la_case_complete_ne_mene_nulle_part(celine, decor):
    decor.soir.place_liberee = "aucune"
    decor.soir.save()
    page = semaine(celine, decor)
    assert "Complet" in page
    assert "case-lien" not in page
    assert "complet, il n'y a plus de place" in lire(celine.get(page_de(decor)))


def test_se_mettre_sur_la_liste_y_lire_son_rang_et_la_quitter(celine, decor):
    decor.attendre(decor.deux)
    vue = lire(celine.get(page_de(decor)))
    assert "Complet 1 enfant attend déjà" in vue
    assert "il a 24 heures pour la confirmer" in vue
    vue = lire(celine.post(page_de(decor), {"faire": "attendre"}, follow=True))
    assert "Hugo est 2e sur la liste d'attente." in vue
    assert "2e sur la liste, 2 enfants attendent" in vue
    vue = lire(celine.post(page_de(decor), {"faire": "quitter"}, follow=True))
    assert "Hugo n'est plus sur la liste d'attente." in vue
    assert decor.file() == [decor.deux]


def test_une_activite_qui_donne_ses_places_le_dit_avant(celine, decor):
    decor.soir.place_liberee = "donner"
    decor.soir.save()
    assert "elle est réservée sans autre question , facturée" in lire(celine.get(page_de(decor)))


def test_la_page_propose_de_prendre_ou_de_laisser(celine, decor):
    offrir(decor)
    assert "À vous jusqu'à demain 18 h" in lire(celine.get(page_de(decor)))
    page = semaine(celine, decor)
    assert '<label class="case case-propose"' in page  # cocher, c'est la prendre
    assert "à vous jusqu&#x27;à demain 18\u00a0h" in page
    vue = lire(celine.post(page_de(decor), {"faire": "accepter"}, follow=True))
    assert "La place est à Hugo : c'est réservé." in vue
    assert "Hugo a sa place ce jour-là." in vue
    assert Mouvement.objects.get(avant="proposee").compte == decor.compte(decor.hugo)


def test_un_geste_qui_ne_se_peut_plus_se_dit_sur_la_page_devenue_vraie(celine, decor):
    decor.attendre(decor.hugo)
    quitter_attente(decor.reservation(decor.hugo), None, JEUDI)  # depuis un autre onglet
    reponse = celine.post(page_de(decor), {"faire": "quitter"})
    assert "Hugo n'est plus sur la liste" in lire(reponse)
    assert "<title>Erreur : " in reponse.content.decode()
    assert "Cette place n'attend plus de réponse" in lire(celine.post(page_de(decor), {"faire": "accepter"}))


def test_un_bouton_inconnu_ne_fait_rien(celine, decor):
    celine.post(page_de(decor), {"faire": "tout"})
    assert not Reservation.objects.filter(enfant=decor.hugo).exists()


def test_la_liste_d_un_autre_enfant_ou_d_une_autre_seance_n_existe_pas(celine, decor):
    ailleurs = f.seance(f.activite(capacite=0, place_liberee="proposer"), LUNDI)
    for adresse in (page_de(decor, decor.deux), reverse("reservations:attente", args=[decor.hugo.pk, ailleurs.pk]),
                    reverse("reservations:attente", args=[decor.hugo.pk, 999_999])):  # fmt: skip
        assert celine.get(adresse).status_code == 404
        assert celine.post(adresse, {"faire": "attendre"}).status_code == 404
    assert not Reservation.objects.en_attente().exists()


def test_la_liste_ne_nomme_personne(celine, decor):
    for rang, petit in enumerate((decor.deux, decor.hugo, decor.trois)):
        decor.attendre(petit, rang)
    page = celine.get(page_de(decor)).content.decode()
    for secret in (decor.deux.prenom, decor.trois.prenom, decor.compte(decor.deux).email):
        assert secret not in page


def test_l_autre_foyer_ne_lit_ni_le_rang_ni_l_offre(celine, decor):
    pere = f.famille(nom="XERXES")
    f.rattacher(decor.hugo, pere)
    f.inscription(decor.hugo, decor.soir, famille=pere)
    offrir(decor)
    autre = Client()
    autre.force_login(pere.compte)
    vue = lire(autre.get(page_de(decor)))
    assert "l'autre foyer de Hugo a réservé ce jour" in vue
    assert "À vous" not in vue
    assert "Une place vous attend" not in lire(autre.get("/accueil/"))
    autre.post(page_de(decor), {"faire": "accepter"})
    assert decor.etat(decor.hugo) == "proposee"


def test_la_page_et_la_semaine_ne_coutent_pas_plus_avec_une_longue_liste(celine, decor):
    decor.attendre(decor.hugo)
    page, jours = ouvrir(celine, page_de(decor)), lambda: semaine(celine, decor)
    with memes_requetes(page) as de_la_page, memes_requetes(jours) as de_la_semaine:
        assert (de_la_page, de_la_semaine) == (12, 9)
        familles = foyers()
        petits = enfants(familles, ecole=decor.site)
        attend = f.reservation(petits[0], decor.seance, etat="attente", modifiee_le=JEUDI)
        copies(attend, len(petits) - 1, famille=familles[1:], enfant=petits[1:])


# --- Le lien d'un courriel ------------------------------------------------------------------------------------------
def lien(jeton):
    return reverse("reservations:place", args=[jeton])


def test_le_lien_du_courriel_reserve_en_un_bouton_sans_connexion(client, decor, courriels):
    offrir(decor)
    ecrit = next(c for c in courriels() if "à confirmer" in c["Subject"])
    adresse = re.search(r"/reservations/place/\S+", texte(ecrit))[0]
    vue = lire(client.get(adresse))
    assert vue.startswith("Une place pour Hugo Accueil du soir, lundi 7 septembre, 16 h – 19 h À vous jusqu'à demain")
    vue = lire(client.post(adresse, {"faire": "accepter"}, follow=True))
    assert "La place est à Hugo" in vue
    assert decor.etat(decor.hugo) == "reservee"
    reponse = Mouvement.objects.get(avant="proposee")
    assert (reponse.origine, reponse.compte) == ("parent", None)


def test_ouvrir_le_lien_ne_repond_pas(client, decor):
    """Les logiciels de courrier ouvrent les liens avant la famille."""
    adresse = lien(offrir(decor))
    for _ in range(3):
        client.get(adresse)
        client.head(adresse)
    assert client.put(adresse).status_code == 405
    assert decor.etat(decor.hugo) == "proposee"


def test_non_merci_passe_la_place_sur_le_champ(client, decor):
    adresse = lien(offrir(decor))
    assert "Vous avez laissé cette place" in lire(client.post(adresse, {"faire": "laisser"}, follow=True))
    assert (decor.etat(decor.hugo), decor.etat(decor.deux)) == ("annulee", "proposee")


def test_un_lien_ne_sert_qu_une_fois_et_le_dit(client, decor):
    adresse = lien(offrir(decor))
    client.post(adresse, {"faire": "accepter"})
    vue = lire(client.post(adresse, {"faire": "laisser"}, follow=True))
    assert "La place est à Hugo" in vue
    assert decor.etat(decor.hugo) == "reservee"
    annuler(decor.reservation(decor.hugo), None, "Malade", JEUDI)
    assert "annulée depuis" in lire(client.get(adresse))


def test_un_vieux_lien_ne_repond_pas_a_l_offre_suivante(client, decor):
    """Hugo laisse la place, revient sur la liste, et on lui en propose une autre : le premier lien n'y peut rien."""
    vieux = lien(offrir(decor))
    client.post(vieux, {"faire": "laisser"})
    decor.attendre(decor.hugo, 5)
    repondre(decor.reservation(decor.deux), False, None, JEUDI)
    assert decor.etat(decor.hugo) == "proposee"
    reponse = client.post(vieux, {"faire": "accepter"})
    assert "Vous avez laissé cette place" in lire(reponse)
    assert decor.etat(decor.hugo) == "proposee"


def test_un_lien_meurt_avec_l_offre(client, decor, jeudi):
    adresse = lien(offrir(decor))
    fin = decor.reservation(decor.hugo).offre_jusqu_a
    jeudi.move_to(fin, tick=False)
    reponse = client.post(adresse, {"faire": "accepter"})
    assert reponse.status_code == 410
    assert "Le temps pour répondre est passé" in lire(reponse)
    tenir_les_listes(fin)
    assert "Le temps pour répondre est passé" in lire(client.get(adresse))
    assert (decor.etat(decor.hugo), decor.etat(decor.deux)) == ("annulee", "proposee")


def test_une_place_que_la_mairie_reprend_se_dit(client, decor):
    adresse = lien(offrir(decor))
    annuler(decor.reservation(decor.hugo), None, "Erreur", JEUDI)
    assert "La mairie a repris cette place" in lire(client.get(adresse))


def test_un_lien_forge_ou_coupe_n_ouvre_rien_et_ne_dit_rien(client, decor):
    jeton = offrir(decor)
    offre, signature = jeton.split(".")
    autre = Mouvement.objects.filter(apres="attente").first().pk
    for faux in (f"{int(offre) + 1}.{signature}", offre, f"{offre}.", jeton[:-1], f"{jeton}x", jeton_de("a"),
                 jeton_de(autre), jeton_de(999_999)):  # fmt: skip
        for reponse in (client.get(lien(faux)), client.post(lien(faux), {"faire": "accepter"})):
            assert reponse.status_code == 410, faux
            vue = reponse.content.decode()
            assert "Ce lien n'est pas entier" in vue
            assert "Hugo" not in vue
    assert decor.etat(decor.hugo) == "proposee"


def test_qui_a_le_lien_n_apprend_que_le_prenom_l_activite_et_le_jour(client, decor):
    hugo = decor.hugo
    hugo.nom = "XERXES"
    hugo.save()
    adresse = lien(offrir(decor))
    celine = decor.compte(hugo)
    celine.prenom = "Xerxesine"
    celine.save()
    pages = [client.get(adresse), client.post(adresse, {"faire": "accepter"}, follow=True), client.get(adresse)]
    for page in pages:
        vue = page.content.decode()
        assert "Hugo" in vue
        for secret in ("XERXES", "Xerxesine", celine.email, "LA STAR", f"enfants/{hugo.pk}/", decor.deux.prenom):
            assert secret not in vue


def test_un_parent_connecte_signe_sa_reponse_et_un_voisin_non(decor):
    adresse = lien(offrir(decor))
    voisin = Client()
    voisin.force_login(f.famille().compte)
    voisin.post(adresse, {"faire": "laisser"})
    assert Mouvement.objects.get(avant="proposee").compte is None
    second = lien(jeton_de(Mouvement.objects.filter(apres="proposee").latest("pk").pk))
    parent = Client()
    parent.force_login(decor.compte(decor.deux))
    parent.post(second, {"faire": "accepter"})
    assert Mouvement.objects.filter(avant="proposee").latest("pk").compte == decor.compte(decor.deux)


def test_une_regle_qui_refuse_se_lit_sur_la_page_du_lien(client, decor):
    adresse = lien(offrir(decor))
    decor.hugo.inscriptions.update(etat="retiree")
    reponse = client.post(adresse, {"faire": "accepter"})
    assert "Hugo n'y est pas inscrit ce jour-là" in lire(reponse)
    assert decor.etat(decor.hugo) == "proposee"


# --- L'accueil, le journal, la tâche ----------------------------------------------------------------------------------
def test_l_accueil_dit_la_place_qui_attend_et_la_tait_ensuite(celine, decor, jeudi):
    assert "Une place vous attend" not in lire(celine.get("/accueil/"))
    offrir(decor)
    vue = lire(celine.get("/accueil/"))
    assert "Une place vous attend pour Hugo Accueil du soir, lundi 7 septembre : à vous jusqu'à demain 18 h." in vue
    jeudi.move_to(decor.reservation(decor.hugo).offre_jusqu_a, tick=False)
    assert "Une place vous attend" not in lire(celine.get("/accueil/"))


def test_l_accueil_reste_a_huit_requetes_quand_des_places_attendent(celine, decor, django_assert_max_num_queries):
    offrir(decor)
    celine.get("/accueil/")
    with django_assert_max_num_queries(8):
        assert "Une place vous attend" in lire(celine.get("/accueil/"))


def test_le_journal_de_la_famille_dit_chaque_pas(celine, decor):
    client = Client()
    client.post(lien(offrir(decor)), {"faire": "laisser"})
    vue = lire(celine.get(reverse("reservations:journal", args=[decor.hugo.pk])))
    for dit in ("Mis en liste d'attente", "Place proposée", "par une règle du portail", "Une place s'est libérée",
                "Place laissée", "par la famille"):  # fmt: skip
        assert dit in vue


@pytest.mark.django_db(transaction=True)
def test_la_tache_passe_les_offres_sans_reponse(decor, courriels, jeudi):
    offrir(decor)
    jeudi.move_to(decor.reservation(decor.hugo).offre_jusqu_a, tick=False)
    tache.defer(timestamp=0)
    travailler()
    assert (decor.etat(decor.hugo), decor.etat(decor.deux)) == ("annulee", "proposee")


# --- La mairie --------------------------------------------------------------------------------------------------------
@pytest.fixture
def mairie(client):
    client.force_login(f.agent("Direction"))
    return client


def page_de_la_mairie(decor):
    return reverse("admin:reservations_seance_attente", args=[decor.seance.pk])


def test_la_mairie_lit_la_liste_dans_l_ordre_et_les_offres(mairie, decor):
    offrir(decor)
    decor.attendre(decor.trois, 2)
    vue = lire(mairie.get(page_de_la_mairie(decor)))
    assert "1 réservée pour 2 places, 1 proposée" in vue
    assert re.search(rf"{decor.hugo} Famille LA STAR jusqu'à demain 18 h", vue)
    assert re.search(rf"1 {decor.deux} .* 2 {decor.trois}", vue)
    assert "3 septembre, 18:01:00" in vue
    assert "place proposée une règle du portail Une place s'est libérée" in vue


def test_la_mairie_donne_une_place_et_le_dit(mairie, decor, courriels):
    decor.attendre(decor.deux, 0)
    decor.attendre(decor.trois, 1)
    page, attente = page_de_la_mairie(decor), decor.reservation(decor.trois).pk
    assert "Dites pourquoi" in lire(mairie.post(page, {"reservation": attente}))
    assert "Choisissez un enfant de la liste" in lire(mairie.post(page, {"motif": "Urgence"}))
    ailleurs = f.reservation(decor.deux, f.seance(decor.soir, LUNDI.replace(day=8)), etat="attente")
    assert "Sélectionnez un choix valide" in lire(mairie.post(page, {"reservation": ailleurs.pk, "motif": "Urgence"}))
    reponse = mairie.post(page, {"reservation": attente, "motif": "Urgence"})
    assert [str(m) for m in get_messages(reponse.wsgi_request)][-1].startswith(f"{decor.trois} a sa place")
    assert (decor.etat(decor.trois), decor.etat(decor.deux)) == ("reservee", "attente")
    assert [c["To"] for c in courriels()] == [decor.compte(decor.trois).email]


def test_la_regie_lit_la_liste_et_ne_donne_rien(client, decor):
    client.force_login(f.agent("Régie"))
    decor.attendre(decor.deux)
    page = page_de_la_mairie(decor)
    vue = client.get(page).content.decode()
    assert str(decor.deux) in vue
    assert "Donner la place" not in vue
    reponse = client.post(page, {"reservation": decor.reservation(decor.deux).pk, "motif": "Urgence"})
    assert (reponse.status_code, decor.etat(decor.deux)) == (403, "attente")


def test_des_places_ajoutees_depuis_l_administration_passent_a_la_liste(mairie, decor):
    decor.attendre(decor.deux, 0)
    decor.attendre(decor.trois, 1)
    mairie.post(reverse("admin:reservations_seance_change", args=[decor.seance.pk]), {"capacite": 3})
    assert (decor.etat(decor.deux), decor.etat(decor.trois)) == ("proposee", "attente")
    choix = {"action": "changer_places", "_selected_action": [decor.seance.pk], "capacite": 4}
    mairie.post(reverse("admin:reservations_seance_changelist"), choix)
    assert decor.etat(decor.trois) == "proposee"
    vue = mairie.get(reverse("admin:reservations_seance_changelist") + "?quand=toutes").content.decode()
    assert "2 proposées" in vue
    assert "2 / 4" in vue
    assert "(2 d&#x27;habitude)" in vue


def test_changer_les_places_d_une_activite_dit_ou_changer_celles_des_seances(mairie, decor):
    page = reverse("admin:inscriptions_activite_change", args=[decor.soir.pk])
    champs = mairie.get(page).context["adminform"].form.initial
    donnees = {nom: valeur for nom, valeur in champs.items() if valeur is not None and valeur is not False}
    donnees |= {"conditions-TOTAL_FORMS": 0, "conditions-INITIAL_FORMS": 0}
    reponse = mairie.post(page, donnees | {"capacite": 30, "heure_debut": "16:00", "heure_fin": "19:00"}, follow=True)
    assert f"?activite__id__exact={decor.soir.pk}" in reponse.content.decode()
    decor.seance.refresh_from_db()
    assert decor.seance.capacite == 2
    liste = mairie.get(reverse("admin:reservations_seance_changelist") + f"?activite__id__exact={decor.soir.pk}")
    assert liste.context["cl"].result_count == 1
