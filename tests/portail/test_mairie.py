"""La première page de la mairie, son menu, ses groupes, et tout un foyer sur une page."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from facturation.actions import contester
from facturation.models import Mandat
from familles.models import FicheSanitaire, PersonneAutorisee
from messagerie.models import Message
from portail.groupes import DROITS, droits, installer_groupes
from portail.menu import RUBRIQUES, rubriques
from portail.models import journee, semaine
from portail.regles import HAUTEUR, barres
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir

pytestmark = pytest.mark.django_db
AUJOURD_HUI = f.a_paris(2026, 11, 23)  # un lundi
LUNDI = dt.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def novembre(time_machine):
    f.commune()
    time_machine.move_to(AUJOURD_HUI, tick=False)


def entrer(client, groupe="Direction"):
    client.force_login(f.agent(groupe))
    return client


@pytest.fixture
def ville():
    """Une ligne dans chaque pile, et autour d'elle des lignes qui n'y sont pas."""
    foyer = f.famille(nom="AUBRY")
    en_attente = f.famille(nom="BERNARD", statut="a_valider", envoyee_le=AUJOURD_HUI)
    hugo = f.enfant(foyer, nom="AUBRY")
    midi = f.activite(site=hugo.ecole, nom="Restauration")
    f.inscription(hugo, midi)
    f.inscription(hugo, f.activite(site=hugo.ecole, nom="Mercredi", genre="mercredi"), etat="demandee")
    domicile = f.type_piece(nom="Justificatif de domicile")
    f.piece(domicile, en_attente)
    f.piece(domicile, foyer, etat="validee", decidee_le=AUJOURD_HUI)
    for texte in ("Une question", "Une autre"):
        Message.objects.create(famille=foyer, texte=texte, envoye_le=AUJOURD_HUI)
    Message.objects.create(famille=en_attente, texte="Lu", envoye_le=AUJOURD_HUI, lu_le=AUJOURD_HUI)
    f.excuse(f.reservation(hugo, f.seance(midi, dt.date(2026, 11, 20))))
    f.reservation(hugo, f.seance(midi, LUNDI))
    en_retard = f.facture(foyer, petit=hugo, echeance=dt.date(2026, 11, 15))
    contester(en_retard.lignes.get(), "Hugo était malade.", None, foyer.compte, AUJOURD_HUI)
    f.facture(en_attente, petit=f.enfant(en_attente), echeance=dt.date(2026, 12, 15))
    return foyer


def piles(page):
    """Les piles affichées : ``{titre: (nombre, adresse)}``."""
    trouvees = re.findall(r'<li class="pile[^"]*"><a href="([^"]+)">.*?<b>(\d+)</b> <span>([^<]+)</span>', page, re.S)
    return {titre.replace("&#x27;", "'"): (int(n), adresse.replace("&amp;", "&")) for adresse, n, titre in trouvees}


def lignes(reponse):
    """Le nombre de lignes de la liste où mène une pile."""
    if "cl" in reponse.context:
        return reponse.context["cl"].result_count
    return reponse.context["page"].paginator.count


def test_chaque_pile_a_son_nombre_et_mene_a_ces_lignes_la(client, ville):
    trouvees = piles(entrer(client).get("/admin/").content.decode())
    assert {titre: n for titre, (n, _) in trouvees.items()} == {
        "Dossiers à valider": 1, "Pièces à vérifier": 1, "Demandes d'inscription": 1, "Conversations à lire": 1,
        "Excuses à décider": 1, "Lignes contestées": 1, "Factures en retard": 1,
    }  # fmt: skip
    for titre, (n, adresse) in trouvees.items():
        reponse = client.get(adresse)
        assert reponse.status_code == 200, titre
        assert lignes(reponse) == n, titre


PILES = {
    "Direction": {"Dossiers à valider", "Pièces à vérifier", "Demandes d'inscription", "Conversations à lire",
                  "Excuses à décider", "Lignes contestées", "Factures en retard"},
    "Régie": {"Conversations à lire", "Lignes contestées", "Factures en retard"},
    "Périscolaire": {"Dossiers à valider", "Pièces à vérifier", "Demandes d'inscription", "Conversations à lire",
                     "Excuses à décider"},
}  # fmt: skip


@pytest.mark.parametrize("groupe", PILES)
def test_chacun_ne_voit_que_les_piles_qu_il_peut_vider(client, ville, groupe):
    trouvees = piles(entrer(client, groupe).get("/admin/").content.decode())
    assert set(trouvees) == PILES[groupe]
    for titre, (n, adresse) in trouvees.items():
        assert lignes(client.get(adresse)) == n, titre


def test_les_nombres_du_jour_se_lisent_site_par_site(client):
    nord, sud = f.ecole(nom="École Nord", ordre=1), f.ecole(nom="École Sud", ordre=2)
    midi, soir = f.activite(site=nord), f.activite(site=nord, genre="soir")
    service_2 = f.activite(site=nord)
    seances = [f.seance(a, LUNDI) for a in (midi, soir, service_2, f.activite(site=sud, genre="soir"))]
    annulee = f.seance(f.activite(site=sud), LUNDI, ouverte=False, motif="Grève")
    for petit in [f.enfant(prenom=f"Enfant{n}") for n in range(3)]:
        for seance in (seances[0], seances[1], annulee):
            f.reservation(petit, seance)
    f.reservation(f.enfant(), seances[2])
    assert journee(LUNDI) == {
        "jour": LUNDI, "genres": ["Midi", "Soir"], "totaux": [4, 3],
        "sites": [(nord.pk, "École Nord", [4, 3]), (sud.pk, "École Sud", [None, 0])],
    }  # fmt: skip
    page = entrer(client).get("/admin/").content.decode()
    assert "Attendus aujourd&#x27;hui" in page or "Attendus aujourd'hui" in page
    assert f'href="/presences/?site={nord.pk}&amp;jour=2026-11-23"' in page
    assert client.get(f"/presences/?site={nord.pk}&jour=2026-11-23").status_code == 200


def test_un_jour_sans_ecole_montre_le_prochain(client):
    f.seance(f.activite(), dt.date(2026, 11, 24))
    assert journee(LUNDI)["jour"] == dt.date(2026, 11, 24)
    assert "Attendus mardi 24 novembre" in entrer(client).get("/admin/").content.decode()


def test_avant_les_premieres_seances_la_page_s_ouvre(client):
    page = entrer(client).get("/admin/").content.decode()
    assert "les séances se créent d'après le calendrier" in page
    assert "Aucune réservation cette semaine." in page


def test_la_semaine_compte_les_reservations_par_jour():
    midi, mercredi = f.activite(), f.activite(genre="mercredi", jours=[2])
    hugo = f.enfant()
    f.reservation(hugo, f.seance(midi, LUNDI))
    f.reservation(hugo, f.seance(midi, dt.date(2026, 11, 24)), etat="annulee")
    f.reservation(hugo, f.seance(mercredi, dt.date(2026, 11, 25)))
    f.reservation(hugo, f.seance(midi, dt.date(2026, 11, 30)))  # la semaine suivante
    lue = semaine(dt.date(2026, 11, 26))
    assert lue["jours"] == [dt.date(2026, 11, jour) for jour in range(23, 28)]
    assert lue["lignes"] == [("midi", "Midi", [1, 0, 0, 0, 0]), ("mercredi", "Mercredi", [0, 0, 1, 0, 0])]
    assert lue["totaux"] == [1, 0, 1, 0, 0]


def test_les_barres_s_empilent_sans_se_chevaucher_et_tiennent_dans_le_dessin():
    piles = barres({"matin": [10, 0, 3, 7, 1], "midi": [90, 0, 45, 60, 2]})
    assert [total for _, _, total, _ in piles] == [100, 0, 48, 67, 3]
    for _, morceaux, _, y in piles:
        bas = HAUTEUR
        for _, haut, hauteur in morceaux:
            assert haut + hauteur == bas
            bas = haut
        assert y >= 14  # le nombre, au-dessus de la barre, n'est pas coupé


def test_le_graphique_a_son_tableau(client, ville):
    page = entrer(client).get("/admin/").content.decode()
    assert '<svg class="barres"' in page
    assert 'aria-hidden="true"' in re.search(r'<svg class="barres"[^>]*>', page)[0]
    assert "Réservations de la semaine par jour" in page


def test_la_premiere_page_ne_coute_pas_plus_avec_plus_de_sites(client):
    """Treize sites, ceux d'une grande commune ; et trois cents réservations dans le premier."""
    reservation = f.reservation(f.enfant(), f.seance(f.activite(), LUNDI))
    with memes_requetes(ouvrir(entrer(client), "/admin/"), au_plus=25):
        for _ in range(12):
            f.reservation(f.enfant(), f.seance(f.activite(), LUNDI))
        familles = foyers()
        copies(reservation, enfant=enfants(familles), famille=familles)


# --- Le menu ------------------------------------------------------------------------------------------------------
def entrees():
    return [entree for rubrique in RUBRIQUES for entree in rubrique["items"]]


@pytest.mark.parametrize("groupe", ["Direction", "Régie", "Périscolaire"])
def test_chaque_lien_du_menu_s_ouvre_pour_qui_le_voit(client, rf, ville, groupe):
    requete = rf.get("/admin/")
    requete.user = f.agent(groupe)
    client.force_login(requete.user)
    vus = [entree for rubrique in rubriques(requete) for entree in rubrique["items"]]
    assert len(vus) > 8
    for entree in vus:
        assert client.get(entree["link"], follow=True).status_code == 200, entree["title"]


def test_le_menu_ne_dit_pas_deux_fois_la_meme_chose():
    liens = [str(entree["link"]) for entree in entrees()]
    assert len(liens) == len(set(liens))


# --- Les groupes ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("groupe", "motif"), [(groupe, motif) for groupe in DROITS for motif in DROITS[groupe]])
def test_chaque_ligne_de_la_table_designe_des_droits(groupe, motif):
    assert droits(motif).exists()


def test_les_groupes_s_installent_deux_fois_et_retirent_ce_qui_n_est_plus_dans_la_table():
    Group.objects.all().delete()
    installer_groupes()
    agents = Group.objects.get(name="Agents")
    agents.permissions.add(*droits("facturation.*"))
    installer_groupes()
    assert sorted(agents.permissions.values_list("codename", flat=True)) == [
        "add_pointage", "change_pointage", "view_pointage",
    ]  # fmt: skip
    assert Group.objects.count() == len(DROITS)


INTERDITS = {
    "Régie": ["familles.view_fichesanitaire", "familles.change_famille", "documents.change_piece",
              "inscriptions.change_inscription", "reservations.change_reservation", "presences.add_pointage",
              "portail.view_compte"],
    "Périscolaire": ["facturation.view_facture", "facturation.view_tarif", "familles.view_quotient",
                     "familles.view_lecturefiche", "portail.view_compte", "commune.change_commune"],
    "Agents": ["familles.view_famille", "familles.view_fichesanitaire", "presences.pointer_sans_limite"],
}  # fmt: skip


@pytest.mark.parametrize("groupe", INTERDITS)
def test_un_groupe_n_a_pas_ce_qui_n_est_pas_son_travail(groupe):
    agent = f.agent(groupe)
    assert [droit for droit in INTERDITS[groupe] if agent.has_perm(droit)] == []


def test_un_agent_des_accueils_n_entre_pas_dans_l_administration(client):
    entrer(client, "Agents")
    assert client.get("/admin/", follow=True).status_code == 403
    page = client.get("/presences/").content.decode()
    assert 'href="/admin/"' not in page


# --- Tout un foyer sur une page ------------------------------------------------------------------------------------
@pytest.fixture
def foyer(ville):
    hugo = ville.enfants.get()
    adulte = ville.adultes.get()
    PersonneAutorisee.objects.create(enfant=hugo, adulte=adulte, recupere=True, urgence=True)
    ville.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    Mandat.objects.create(
        famille=ville, rum="RUM-42", titulaire="Celine AUBRY", iban="FR7630006000011234567890189",
        signe_le=dt.date(2026, 9, 1),
    )  # fmt: skip
    FicheSanitaire.objects.create(enfant=hugo, allergies="Arachide")
    return ville


def lire(client, foyer, groupe="Direction"):
    reponse = entrer(client, groupe).get(reverse("mairie_famille", args=[foyer.pk]))
    assert reponse.status_code == 200
    return reponse.content.decode()


def test_la_direction_lit_tout_le_foyer(client, foyer):
    page = lire(client, foyer)
    for mot in ["Famille AUBRY", "Dossier validé le 20/08/2026", "1 rue des Écoles", "742", "Celine AUBRY",
                "06 12 34 56 78", foyer.compte.email, "Hugo AUBRY", "(urgence)", "Justificatif de domicile",
                "Restauration", "Demandée", "28,50", "RUM-42", "Une question", "Excuse à décider",
                "Lundi 23"]:  # fmt: skip
        assert mot in page, mot


def test_la_sante_n_y_est_pas_et_l_iban_y_est_masque(client, foyer):
    page = lire(client, foyer)
    assert "Arachide" not in page
    assert "30006000011234567890189" not in page.replace(" ", "")


def test_le_periscolaire_n_y_voit_aucun_montant(client, foyer):
    # Ce que l'œil lit : un numéro de fiche, dans une adresse, n'est pas un quotient.
    lu = re.sub(r"<[^>]+>", " ", lire(client, foyer, "Périscolaire"))
    assert "Hugo AUBRY" in lu
    for montant in ["28,50", r"\b742\b", "€", "RUM-42"]:
        assert not re.search(montant, lu), montant


def test_la_regie_y_voit_l_argent_mais_ni_l_entourage_ni_la_sante(client, foyer):
    page = lire(client, foyer, "Régie")
    assert "28,50" in page
    for mot in ["Vient le chercher", "Fiche sanitaire", "Valider le dossier", "Déposer un document"]:
        assert mot not in page, mot


@pytest.mark.parametrize("groupe", ["Direction", "Régie", "Périscolaire"])
def test_chaque_lien_de_la_page_s_ouvre(client, foyer, groupe):
    page = lire(client, foyer, groupe)
    contenu = page[page.index('<div class="mairie">'):]
    liens = {lien.replace("&amp;", "&") for lien in re.findall(r'href="(/[^"#]+)"', contenu)}
    assert len(liens) > 5
    for lien in liens:
        assert client.get(lien, follow=True).status_code == 200, lien


def test_un_enfant_partage_mene_a_son_autre_foyer(client, foyer):
    autre = f.famille(nom="MARTIN")
    f.rattacher(foyer.enfants.get(), autre)
    page = lire(client, foyer)
    assert f'href="{reverse("mairie_famille", args=[autre.pk])}">Famille MARTIN</a>' in page
    assert reverse("admin:familles_enfant_garde", args=[foyer.enfants.get().pk]) in page


def test_la_page_d_un_foyer_inconnu_n_existe_pas(client):
    assert entrer(client).get(reverse("mairie_famille", args=[9999])).status_code == 404


def test_un_parent_n_ouvre_pas_sa_page_de_la_mairie(client, foyer):
    client.force_login(foyer.compte)
    assert client.get(reverse("mairie_famille", args=[foyer.pk]), follow=True).status_code == 403


def test_la_page_ne_coute_pas_plus_avec_dix_enfants(client, foyer):
    """Dix enfants, plus qu'aucun foyer ; mais trois cents messages, qui s'accumulent."""

    def grandir(n):
        petit = f.enfant(foyer, prenom=f"Enfant{n}", ecole=foyer.enfants.first().ecole)
        f.inscription(petit, f.activite(site=petit.ecole))
        PersonneAutorisee.objects.create(enfant=petit, adulte=foyer.adultes.get(), recupere=True)

    grandir(0)
    message = Message.objects.create(famille=foyer, texte="…", envoye_le=AUJOURD_HUI)
    with memes_requetes(ouvrir(entrer(client), reverse("mairie_famille", args=[foyer.pk])), au_plus=26):
        copies(message)
        for n in range(1, 9):
            grandir(n)


def test_la_liste_des_familles_mene_a_la_page(client, foyer):
    page = entrer(client).get(reverse("admin:familles_famille_change", args=[foyer.pk])).content.decode()
    assert reverse("mairie_famille", args=[foyer.pk]) in page
    assert reverse("mairie_famille", args=[foyer.pk]) in client.get(
        reverse("admin:familles_famille_changelist")
    ).content.decode()
