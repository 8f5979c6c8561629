"""La mairie vérifie les pièces, valide les dossiers, dépose au guichet."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.urls import reverse

from documents.models import Information, Piece, TypePiece
from familles.models import Famille, FicheSanitaire, LectureFiche
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir
from tests.commune import fichiers

pytestmark = pytest.mark.django_db
SUITE = reverse("admin:documents_piece_verifier_suite")
DOSSIERS = reverse("admin:documents_dossiers")


@pytest.fixture
def agent(client):
    cache.clear()
    agent = f.agent("Périscolaire")
    client.force_login(agent)
    return agent


def page(piece):
    return reverse("admin:documents_piece_verifier", args=[piece.pk])


def texte(reponse):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reponse.content.decode())).replace("&#x27;", "'")


def trois():
    """Trois pièces à vérifier, de la plus ancienne à la plus récente."""
    foyer = f.famille()
    return [f.piece(f.type_piece(), foyer, envoyee_le=f.a_paris(2026, 11, jour)) for jour in (3, 4, 5)]


def test_les_pieces_viennent_l_une_apres_l_autre_la_plus_ancienne_d_abord(client, agent):
    un, deux, trois_ = trois()
    assert client.get(SUITE).url == page(un)
    assert "3 pièces à vérifier" in texte(client.get(page(un)))
    reponse = client.post(page(un), {"decision": "validee"})
    assert reponse.url == page(deux)
    un.refresh_from_db()
    assert (un.etat, un.decidee_par) == ("validee", agent)
    reponse = client.post(page(deux), {"decision": "refusee", "phrase": "Il manque une page.", "precision": "La 2."})
    assert reponse.url == page(trois_)
    deux.refresh_from_db()
    assert (deux.etat, deux.motif) == ("refusee", "Il manque une page. La 2.")
    assert client.get(page(trois_) + "?passer").url == reverse("admin:documents_piece_changelist")
    assert [str(e.get_change_message()) for e in LogEntry.objects.order_by("pk")] == [
        "Validée.",
        "Refusée. Il manque une page. La 2.",
    ]


def test_passer_fait_le_tour(client, agent):
    un, deux, trois_ = trois()
    assert client.get(page(un) + "?passer").url == page(deux)
    assert client.get(page(deux) + "?passer").url == page(trois_)
    assert client.get(page(trois_) + "?passer").url == page(un)


def test_la_selection_par_famille_se_garde_d_une_piece_a_l_autre(client, agent):
    un, deux, _ = trois()
    f.piece(f.type_piece(), f.famille(), envoyee_le=f.a_paris(2026, 11, 3))
    filtre = f"?famille={un.famille_id}"
    assert client.get(SUITE + filtre).url == page(un) + filtre
    ecran = client.get(page(un) + filtre)
    assert "3 pièces à vérifier dans cette sélection" in texte(ecran)
    assert f'action="{page(un)}{filtre}"' in ecran.content.decode()
    assert client.post(page(un) + filtre, {"decision": "validee"}).url == page(deux) + filtre


def test_un_collegue_ne_se_voit_pas_proposer_la_piece_que_l_on_regarde(client, agent):
    un, deux, _ = trois()
    client.get(page(un))
    client.force_login(f.agent("Périscolaire"))
    assert client.get(SUITE).url == page(deux)


def test_la_regie_qui_lit_une_piece_ne_la_retient_pas(client, agent):
    un, _, _ = trois()
    client.force_login(f.agent("Régie"))
    assert client.get(page(un)).status_code == 200
    client.force_login(agent)
    assert client.get(SUITE).url == page(un)


def test_decider_apres_un_collegue_le_dit_et_passe_a_la_suivante(client, agent):
    un, deux, _ = trois()
    Piece.objects.filter(pk=un.pk).update(etat="validee", decidee_par=f.agent(prenom="Nadège", nom="BOISSEAU"))
    reponse = client.post(page(un), {"decision": "refusee", "phrase": "Il manque une page."})
    assert reponse.url == page(deux)
    assert "déjà validée par Nadège BOISSEAU. Voici la suivante." in texte(client.get(reponse.url))
    un.refresh_from_db()
    assert (un.etat, un.motif) == ("validee", "")


def test_un_refus_sans_motif_revient_avec_ce_qui_etait_saisi(client, agent):
    un, *_ = trois()
    reponse = client.post(page(un), {"decision": "refusee", "expire_le": "2027-01-01"})
    assert reponse.status_code == 200
    assert "Dites à la famille pourquoi" in texte(reponse)
    assert 'value="2027-01-01"' in reponse.content.decode()


def test_une_decision_s_annule(client, agent):
    un, *_ = trois()
    client.post(page(un), {"decision": "validee"})
    assert "Annuler cette décision" in texte(client.get(page(un)))
    client.post(reverse("admin:documents_piece_remettre", args=[un.pk]))
    un.refresh_from_db()
    assert un.etat == "envoyee"


def test_le_dernier_document_d_un_dossier_mene_a_le_valider(client, agent):
    foyer = f.famille(statut=Famille.Statut.A_VALIDER)
    piece = f.piece(f.type_piece(), foyer)
    reponse = client.post(page(piece), {"decision": "validee"}, follow=True)
    assert "Le dossier de la Famille LA STAR est complet. Le valider" in texte(reponse)


def test_l_image_s_affiche_dans_la_page_et_nulle_part_ailleurs(client, agent):
    un, *_ = trois()
    ecran = client.get(page(un))
    assert "<iframe" in ecran.content.decode()
    assert "frame-src 'self'" in ecran["Content-Security-Policy"]
    fichier = client.get(reverse("admin:documents_piece_fichier", args=[un.pk]) + "?voir")
    assert fichier["Content-Disposition"].startswith("inline")
    assert fichier["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in fichier["Content-Security-Policy"]
    assert client.get(reverse("admin:documents_piece_fichier", args=[un.pk]))["Content-Disposition"].startswith(
        "attach"
    )


def test_une_piece_de_sante_ne_s_ouvre_qu_a_qui_lit_les_fiches_et_chaque_ouverture_est_consignee(client, agent):
    foyer = f.famille()
    hugo = f.enfant(foyer)
    pai = f.piece(f.type_piece(nom="PAI", portee="enfant", sante=True), foyer, hugo)
    fichier = reverse("admin:documents_piece_fichier", args=[pai.pk])
    assert client.get(fichier).status_code == 200
    lecture = LectureFiche.objects.get()
    assert (lecture.enfant, lecture.compte, lecture.page) == (hugo, agent, fichier)
    client.force_login(f.agent("Régie"))
    assert client.get(fichier).status_code == 404
    assert client.get(page(pai)).status_code == 404
    assert "PAI" not in texte(client.get(reverse("admin:documents_piece_changelist")))
    assert LectureFiche.objects.count() == 1


@pytest.mark.parametrize("nom", ["documents_piece_verifier", "documents_piece_fichier"])
def test_une_famille_et_un_agent_de_terrain_n_entrent_pas(client, nom):
    un, *_ = trois()
    adresse = reverse(f"admin:{nom}", args=[un.pk])
    for compte in [un.famille.compte, f.famille().compte, f.agent("Agents")]:
        client.force_login(compte)
        assert client.get(adresse).status_code in (302, 403)


# --- Les dossiers -------------------------------------------------------------------------------------------------
def dossier(**champs):
    return f.famille(**{"statut": Famille.Statut.A_VALIDER, "envoyee_le": f.a_paris(2026, 11, 2)} | champs)


def test_les_dossiers_disent_ce_qui_est_complet_et_ce_qui_manque(client, agent):
    livret = f.type_piece(nom="Livret de famille")
    complet, manque, attend = dossier(nom="COMPLET"), dossier(nom="MANQUE"), dossier(nom="ATTEND")
    f.famille(nom="VALIDE")
    f.piece(livret, complet, etat="validee")
    f.piece(livret, attend)
    reponse = client.get(DOSSIERS)
    vus = {
        d["famille"]: (d["complet"], len(d["manquantes"]), len(d["a_verifier"])) for d in reponse.context["dossiers"]
    }
    assert vus == {complet: (True, 0, 0), manque: (False, 1, 0), attend: (False, 0, 1)}
    page = texte(reponse)
    assert "Manque : Livret de famille, à envoyer" in page
    assert page.count("Valider le dossier de la") == 1


def test_chercher_un_dossier_sans_accents(client, agent):
    voulu = dossier(nom="ÉTOILE", statut=Famille.Statut.EN_CREATION)
    dossier(nom="DURAND")
    reponse = client.get(DOSSIERS, {"q": "etoile celine", "statut": ""})
    assert [d["famille"] for d in reponse.context["dossiers"]] == [voulu]


def test_valider_un_dossier_ecrit_a_la_famille(client, agent, courriels):
    f.commune()
    foyer = dossier()
    adresse = reverse("admin:documents_dossier_valider", args=[foyer.pk])
    assert client.get(adresse).status_code == 405
    assert client.post(adresse).url == DOSSIERS
    foyer.refresh_from_db()
    assert foyer.est_validee
    assert [m["Subject"] for m in courriels()] == ["Votre dossier est validé"]
    assert "déjà validé" in texte(client.post(adresse, follow=True))


def test_rendre_un_dossier_veut_un_motif(client, agent, courriels):
    f.commune()
    foyer = dossier()
    adresse = reverse("admin:documents_dossier_rendre", args=[foyer.pk])
    assert "Dites à la famille ce qui manque" in texte(client.post(adresse, {"motif": " "}, follow=True))
    client.post(adresse, {"motif": "Le nom de l'école."})
    foyer.refresh_from_db()
    assert (foyer.statut, foyer.motif_retour) == ("en_creation", "Le nom de l'école.")
    assert len(courriels()) == 1


def test_la_regie_voit_les_dossiers_sans_les_decider(client):
    foyer = dossier()
    client.force_login(f.agent("Régie"))
    assert client.get(DOSSIERS).status_code == 200
    Famille.objects.filter(pk=foyer.pk).update(statut="a_valider")
    client.force_login(f.agent("Agents"))
    assert client.post(reverse("admin:documents_dossier_valider", args=[foyer.pk])).status_code in (302, 403)
    foyer.refresh_from_db()
    assert foyer.statut == "a_valider"


def test_les_dossiers_se_listent_en_un_nombre_fixe_de_requetes(client, agent):
    foyer = dossier()
    piece = f.piece(f.type_piece(portee="enfant"), foyer, f.enfant(foyer, ecole=None))
    with memes_requetes(ouvrir(client, DOSSIERS), au_plus=10):
        familles = copies(foyer, nom=lambda n: f"FOYER {n}")
        copies(piece, famille=familles, enfant=enfants(familles, ecole=None))


def test_les_pieces_se_listent_en_un_nombre_fixe_de_requetes(client, agent):
    foyer, sorte = f.famille(), f.type_piece(portee="enfant")
    piece = f.piece(sorte, foyer, f.enfant(foyer, ecole=None))
    f.type_piece()  # dès deux sortes, un filtre de plus
    with memes_requetes(ouvrir(client, reverse("admin:documents_piece_changelist")), au_plus=12):
        familles = foyers()
        copies(piece, famille=familles, enfant=enfants(familles, ecole=None))


def test_au_guichet_l_agent_depose_pour_la_famille(client, agent):
    foyer, livret = f.famille(), f.type_piece(nom="Livret")
    adresse = reverse("admin:documents_deposer", args=[foyer.pk])
    assert "Livret (à envoyer)" in texte(client.get(adresse))
    client.post(adresse, {"cle": f"{livret.pk}-0", "fichiers": [fichiers.photo(), fichiers.pdf()], "validee": "on"})
    piece = Piece.objects.get()
    assert (piece.etat, piece.pages, piece.envoyee_par) == ("validee", 2, agent)
    reponse = client.post(adresse, {"cle": f"{livret.pk}-0", "fichiers": fichiers.photo()})
    assert reponse.status_code == 200
    assert Piece.objects.count() == 1


# --- Les tables ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["typepiece", "information", "piece"])
def test_chaque_liste_s_ouvre(client, agent, table):
    f.piece(f.type_piece(), f.famille())
    Information.objects.create(titre="Menus", publiee_le=f.RENTREE)
    assert client.get(reverse(f"admin:documents_{table}_changelist"), {"q": "STAR"}).status_code == 200


def test_une_commune_qui_s_installe_part_des_pieces_habituelles(client, agent):
    adresse = reverse("admin:documents_typepiece_habituelles")
    assert "livret de famille" in texte(client.get(adresse))
    assert not TypePiece.objects.exists()
    client.post(adresse)
    assert TypePiece.objects.count() == 9


def test_la_fiche_d_une_piece_mene_a_sa_verification(client, agent):
    piece = f.piece(f.type_piece(), f.famille())
    assert client.get(reverse("admin:documents_piece_change", args=[piece.pk])).url == page(piece)


@pytest.mark.parametrize(("format", "debut"), [("0", "\ufeff".encode()), ("1", b"PK")])
def test_les_pieces_s_exportent_en_csv_et_en_ods(client, agent, format, debut):
    f.piece(f.type_piece(nom="Livret été"), f.famille())
    reponse = client.post(reverse("admin:documents_piece_export"), {"format": format, "resource": ""})
    assert reponse.status_code == 200, reponse.content[:500]
    assert reponse.content.startswith(debut)
    if format == "0":
        assert "Livret été" in reponse.content.decode("utf-8-sig")


def test_le_modele_d_un_document_est_examine_comme_les_autres(client, agent):
    type = f.type_piece(nom="Mandat")
    adresse = reverse("admin:documents_typepiece_change", args=[type.pk])
    saisie = {"nom": "Mandat", "portee": "famille", "condition": "toujours", "ordre": "0", "actif": "on"}
    reponse = client.post(adresse, saisie | {"modele": fichiers.pdf(preparer=fichiers.lancement)})
    assert "lance un autre programme" in texte(reponse)
    client.post(adresse, saisie | {"modele": fichiers.pdf()})
    type.refresh_from_db()
    assert type.modele.name.startswith("documents/")
    assert reverse("documents:modele", args=[type.pk]) in client.get(adresse).content.decode()
    client.post(adresse, saisie | {"modele-clear": "on"})
    assert TypePiece.objects.get().modele.name == ""


def test_une_information_se_publie_avec_son_fichier(client, agent):
    saisie = {"titre": "Règlement", "publiee_le": "01/09/2026", "publique": "on", "fichier": fichiers.pdf()}
    reponse = client.post(reverse("admin:documents_information_add"), saisie)
    assert reponse.status_code == 302, texte(reponse)
    information = Information.objects.get()
    assert information.fichier.name.startswith("documents/")
    client.logout()
    assert client.get(reverse("documents:information_fichier", args=[information.pk])).status_code == 200


def test_la_fiche_sanitaire_vide_ne_demande_rien(client, agent):
    """Une fiche sans PAI, ou pas de fiche du tout : aucune pièce de santé n'est exigée."""
    f.type_piece(nom="PAI", portee="enfant", condition="pai", sante=True)
    foyer = dossier()
    FicheSanitaire.objects.create(enfant=f.enfant(foyer), pai="")
    f.enfant(foyer)
    (vu,) = client.get(DOSSIERS).context["dossiers"]
    assert (vu["exigees"], vu["complet"]) == (0, True)
