"""Envoyer, décider, confier son dossier : ce qui se garde, ce qui se refuse, ce qui s'écrit à la famille."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection

from commune.fichiers import nettoyer
from documents import actions
from documents.models import Piece, TypePiece
from familles.models import Famille
from tests import fabriques as f
from tests.commune import fichiers

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 11, 23, 9)


def propre(**options):
    return nettoyer(fichiers.photo("livret.jpg", **options))


def envoyer(type, foyer, enfant=None, **options):
    return actions.envoyer_piece(
        foyer, type, enfant, options.pop("propre", None) or propre(), foyer.compte, options.pop("quand", MAINTENANT)
    )


def code(refus):
    return refus.value.error_list[0].code


def test_une_piece_envoyee_se_garde_sous_un_nom_qui_ne_dit_rien():
    foyer, livret = f.famille(), f.type_piece(nom="Livret de famille")
    piece = envoyer(livret, foyer)
    assert (piece.etat, piece.nom, piece.pages, piece.envoyee_par) == ("envoyee", "livret.jpg", 1, foyer.compte)
    assert "livret" not in piece.fichier.name
    assert "STAR" not in piece.fichier.name
    assert default_storage.exists(piece.fichier.name)


def test_un_nouvel_envoi_remplace_celui_que_personne_n_a_verifie(django_capture_on_commit_callbacks):
    foyer, livret = f.famille(), f.type_piece()
    premiere = envoyer(livret, foyer)
    ancien = premiere.fichier.name
    with django_capture_on_commit_callbacks(execute=True):
        seconde = envoyer(livret, foyer)
    premiere.refresh_from_db()
    assert (premiere.etat, premiere.fichier.name) == ("remplacee", "")
    assert not default_storage.exists(ancien)
    assert list(Piece.objects.a_verifier()) == [seconde]


def test_ce_que_la_mairie_a_decide_reste_dans_l_historique():
    foyer, livret = f.famille(), f.type_piece()
    premiere = envoyer(livret, foyer)
    actions.decider_piece(premiere, "refusee", "Flou.", f.agent(), MAINTENANT)
    envoyer(livret, foyer)
    premiere.refresh_from_db()
    assert premiere.etat == "refusee"
    assert default_storage.exists(premiere.fichier.name)


def test_ce_qui_est_valide_ne_se_remplace_pas():
    foyer, livret = f.famille(), f.type_piece()
    actions.decider_piece(envoyer(livret, foyer), "validee", "", f.agent(), MAINTENANT)
    with pytest.raises(ValidationError) as refus:
        envoyer(livret, foyer)
    assert code(refus) == "deja_validee"
    assert Piece.objects.count() == 1


@pytest.mark.parametrize("cas", ["enfant_d_un_autre", "sans_enfant", "avec_enfant", "plus_demandee"])
def test_un_envoi_qui_ne_va_pas_ne_laisse_rien(cas):
    foyer, type = f.famille(), f.type_piece(portee="enfant", actif=cas != "plus_demandee")
    enfant = {"enfant_d_un_autre": f.enfant(), "sans_enfant": None}.get(cas) or f.enfant(foyer)
    if cas == "sans_enfant":
        enfant = None
    if cas == "avec_enfant":
        type = f.type_piece()
    with pytest.raises(ValidationError) as refus:
        envoyer(type, foyer, enfant)
    assert code(refus) == ("type" if cas == "plus_demandee" else "enfant")
    assert not Piece.objects.exists()


def test_valider_compte_la_validite_depuis_aujourd_hui_a_paris():
    foyer, domicile = f.famille(), f.type_piece(validite=12)
    minuit = f.a_paris(2026, 11, 24, 0, 30)  # encore la veille en UTC
    piece = actions.decider_piece(envoyer(domicile, foyer), "validee", "", f.agent(), minuit)
    assert (piece.etat, str(piece.expire_le), piece.decidee_le) == ("validee", "2027-11-24", minuit)


def test_un_refus_sans_motif_se_refuse():
    piece = envoyer(f.type_piece(), f.famille())
    with pytest.raises(ValidationError) as refus:
        actions.decider_piece(piece, "refusee", "   ", f.agent(), MAINTENANT)
    assert code(refus) == "sans_motif"
    piece.refresh_from_db()
    assert piece.etat == "envoyee"


def test_valider_un_document_deja_expire_se_refuse():
    piece = envoyer(f.type_piece(), f.famille())
    with pytest.raises(ValidationError) as refus:
        actions.decider_piece(piece, "validee", "", f.agent(), MAINTENANT, expire_le=f.a_paris(2026, 11, 22).date())
    assert code(refus) == "expiree"


def test_le_refus_ecrit_son_motif_a_la_famille_et_rien_de_personnel(courriels):
    f.commune()
    foyer = f.famille()
    hugo = f.enfant(foyer)
    piece = envoyer(f.type_piece(nom="Projet d'accueil individualisé", portee="enfant"), foyer, hugo)
    actions.decider_piece(piece, "refusee", "Il manque <une> page & la date.", f.agent(), MAINTENANT)
    (message,) = courriels()
    texte = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert (message["To"], message["Subject"]) == (foyer.compte.email, "Un document est à renvoyer")
    assert "Il manque <une> page & la date." in texte
    assert "Il manque &lt;une&gt; page &amp; la date." in html
    assert "/documents/" in texte
    for personnel in ["Hugo", "STAR", "Projet", "accueil", "livret"]:
        assert personnel not in texte + html


def test_valider_n_ecrit_rien(courriels):
    actions.decider_piece(envoyer(f.type_piece(), f.famille()), "validee", "", f.agent(), MAINTENANT)
    assert courriels() == []


def test_une_decision_prise_par_erreur_s_annule_tant_que_la_famille_n_a_pas_renvoye():
    foyer, livret, agent = f.famille(), f.type_piece(), f.agent()
    piece = actions.decider_piece(envoyer(livret, foyer), "refusee", "Flou.", agent, MAINTENANT)
    piece = actions.remettre_a_verifier(piece)
    assert (piece.etat, piece.motif, piece.decidee_par) == ("envoyee", "", None)
    actions.decider_piece(piece, "refusee", "Flou.", agent, MAINTENANT)
    envoyer(livret, foyer, quand=f.a_paris(2026, 11, 24))
    with pytest.raises(ValidationError) as refus:
        actions.remettre_a_verifier(piece)
    assert code(refus) == "trop_tard"


def test_au_guichet_un_document_se_depose_et_se_valide_d_un_coup():
    foyer, agent = f.famille(), f.agent()
    piece = actions.deposer_piece(foyer, f.type_piece(), None, propre(), agent, MAINTENANT, validee=True)
    assert (piece.etat, piece.envoyee_par, piece.decidee_par) == ("validee", agent, agent)


# --- Le dossier ---------------------------------------------------------------------------------------------------
@pytest.fixture
def dossier():
    foyer = f.famille(statut=Famille.Statut.EN_CREATION)
    foyer.hugo = f.enfant(foyer)
    foyer.livret, foyer.vaccins = f.type_piece(nom="Livret"), f.type_piece(nom="Vaccins", portee="enfant")
    return foyer


def test_un_dossier_incomplet_ne_part_pas_et_dit_chaque_document(dossier):
    with pytest.raises(ValidationError) as refus:
        actions.envoyer_dossier(dossier, dossier.compte, MAINTENANT)
    assert refus.value.messages == ["Il manque : Vaccins (Hugo).", "Il manque : Livret."]


def test_un_dossier_sans_enfant_ne_part_pas():
    foyer = f.famille(statut=Famille.Statut.EN_CREATION)
    with pytest.raises(ValidationError) as refus:
        actions.envoyer_dossier(foyer, foyer.compte, MAINTENANT)
    assert code(refus) == "sans_enfant"


def test_un_dossier_complet_part_se_verifie_et_se_valide(dossier, courriels):
    f.commune()
    pieces = [envoyer(dossier.livret, dossier), envoyer(dossier.vaccins, dossier, dossier.hugo)]
    envoye = actions.envoyer_dossier(dossier, dossier.compte, MAINTENANT)
    assert (envoye.statut, envoye.envoyee_le) == ("a_valider", MAINTENANT)
    assert [m["Subject"] for m in courriels()] == ["Votre dossier est arrivé à la mairie"]
    agent = f.agent()
    with pytest.raises(ValidationError) as refus:
        actions.valider_dossier(dossier, agent, MAINTENANT)
    assert (code(refus), "Livret" in refus.value.message) == ("a_verifier", True)
    for piece in pieces:
        actions.decider_piece(piece, "validee", "", agent, MAINTENANT)
    valide = actions.valider_dossier(dossier, agent, MAINTENANT)
    assert (valide.statut, valide.validee_le) == ("validee", MAINTENANT)
    (message,) = courriels()
    assert message["Subject"] == "Votre dossier est validé"
    assert "Vous pouvez maintenant inscrire vos enfants" in message.get_body(("plain",)).get_content()
    with pytest.raises(ValidationError) as refus:
        actions.valider_dossier(dossier, agent, MAINTENANT)
    assert code(refus) == "deja_valide"


def test_un_dossier_dont_une_piece_est_refusee_ne_se_valide_pas(dossier):
    envoyer(dossier.livret, dossier)
    vaccins = envoyer(dossier.vaccins, dossier, dossier.hugo)
    actions.envoyer_dossier(dossier, dossier.compte, MAINTENANT)
    actions.decider_piece(Piece.objects.get(type=dossier.livret), "validee", "", f.agent(), MAINTENANT)
    actions.decider_piece(vaccins, "refusee", "Flou.", f.agent(), MAINTENANT)
    with pytest.raises(ValidationError) as refus:
        actions.valider_dossier(dossier, f.agent(), MAINTENANT)
    assert (code(refus), refus.value.message) == ("incomplet", "Il manque à ce dossier : Vaccins.")


def test_un_dossier_rendu_revient_a_la_famille_avec_ce_qui_manque(dossier, courriels):
    f.commune()
    Famille.objects.filter(pk=dossier.pk).update(statut="a_valider")
    rendu = actions.rendre_dossier(dossier, " Précisez l'école de Hugo. ", f.agent(), MAINTENANT)
    assert (rendu.statut, rendu.motif_retour) == ("en_creation", "Précisez l'école de Hugo.")
    (message,) = courriels()
    assert message["Subject"] == "Votre dossier est à compléter"
    assert "Précisez l'école de Hugo." in message.get_body(("plain",)).get_content()
    with pytest.raises(ValidationError) as refus:
        actions.rendre_dossier(dossier, "Encore.", f.agent(), MAINTENANT)
    assert code(refus) == "pas_envoye"


def test_retirer_son_consentement_efface_les_pieces_de_sante(django_capture_on_commit_callbacks):
    foyer = f.famille()
    sante, livret = f.type_piece(sante=True), f.type_piece()
    vaccins, autre = envoyer(sante, foyer), envoyer(livret, foyer)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.effacer_pieces_sante(foyer) == 1
    assert list(Piece.objects.all()) == [autre]
    assert not default_storage.exists(vaccins.fichier.name)


def test_les_pieces_du_tutoriel_se_creent_une_seule_fois():
    assert len(actions.pieces_par_defaut()) == 9
    assert actions.pieces_par_defaut() == []
    obligatoires = TypePiece.objects.filter(obligatoire=True, condition="toujours", portee="famille")
    assert [t.nom for t in obligatoires] == ["Justificatif de domicile (moins de 3 mois)", "Livret de famille"]


# --- À plusieurs en même temps ------------------------------------------------------------------------------------
def ensemble(*gestes):
    """Lance les gestes au même instant, chacun dans sa connexion ; rend leurs résultats ou leurs refus."""
    depart, resultats = threading.Barrier(len(gestes)), [None] * len(gestes)

    def courir(rang, geste):
        try:
            depart.wait(10)
            resultats[rang] = geste()
        except ValidationError as refus:
            resultats[rang] = refus
        finally:
            connection.close()

    fils = [threading.Thread(target=courir, args=(n, g)) for n, g in enumerate(gestes)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(30)
    return resultats


@pytest.mark.django_db(transaction=True)
def test_deux_agents_ne_decident_pas_deux_fois_de_la_meme_piece(courriels):
    f.commune()
    foyer = f.famille()
    piece, un, deux = envoyer(f.type_piece(), foyer), f.agent(), f.agent()
    resultats = ensemble(
        lambda: actions.decider_piece(piece, "validee", "", un, MAINTENANT),
        lambda: actions.decider_piece(piece, "refusee", "Flou.", deux, MAINTENANT),
    )
    refuses = [r for r in resultats if isinstance(r, ValidationError)]
    assert [r.code for r in refuses] == ["deja_decidee"]
    (gagnant,) = [r for r in resultats if isinstance(r, Piece)]
    piece.refresh_from_db()
    assert (piece.etat, piece.decidee_par) == (gagnant.etat, gagnant.decidee_par)
    assert len(courriels()) == (piece.etat == "refusee")


@pytest.mark.django_db(transaction=True)
def test_deux_telephones_envoient_le_meme_document_un_seul_reste_a_verifier():
    foyer, livret = f.famille(), f.type_piece()
    fichiers_recus = [propre() for _ in range(4)]
    resultats = ensemble(*(lambda p=p: envoyer(livret, foyer, propre=p) for p in fichiers_recus))
    assert all(isinstance(r, Piece) for r in resultats)
    assert sorted(Piece.objects.values_list("etat", flat=True)) == ["envoyee"] + ["remplacee"] * 3
    gardes = [p.fichier.name for p in Piece.objects.exclude(fichier="")]
    assert [default_storage.exists(r.fichier.name) for r in resultats].count(True) == len(gardes) == 1


@pytest.mark.django_db(transaction=True)
def test_deux_agents_valident_un_dossier_la_famille_ne_recoit_qu_un_courriel(courriels):
    f.commune()
    foyer = f.famille(statut=Famille.Statut.A_VALIDER)
    un, deux = f.agent(), f.agent()
    ensemble(*(lambda a=a: actions.valider_dossier(foyer, a, MAINTENANT) for a in (un, deux)))
    assert len(courriels()) == 1
