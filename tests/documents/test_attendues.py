"""Les documents attendus d'un foyer."""

import datetime as dt

import pytest

from documents.models import Piece, TypePiece, attendues, attendues_par_famille
from familles.models import FicheSanitaire, Rattachement
from tests import fabriques as f
from tests.beaucoup import BEAUCOUP, copies, enfants, foyers, requetes

pytestmark = pytest.mark.django_db
JOUR = dt.date(2026, 11, 23)


def etats(famille):
    return {a.type.nom: (a.etat, a.exigee) for a in attendues(famille, JOUR)}


def test_chaque_enfant_a_ses_documents_et_le_foyer_les_siens():
    foyer = f.famille()
    hugo, lina = f.enfant(foyer), f.enfant(foyer, prenom="Lina")
    f.type_piece(nom="Livret")
    f.type_piece(nom="Assurance", portee="enfant")
    f.type_piece(nom="Ancien", actif=False)
    assert [(a.type.nom, a.enfant, a.cle) for a in attendues(foyer, JOUR)] == [
        ("Assurance", hugo, f"{TypePiece.objects.get(nom='Assurance').pk}-{hugo.pk}"),
        ("Assurance", lina, f"{TypePiece.objects.get(nom='Assurance').pk}-{lina.pk}"),
        ("Livret", None, f"{TypePiece.objects.get(nom='Livret').pk}-0"),
    ]


def test_le_jugement_n_est_exige_que_si_la_garde_est_partagee():
    f.type_piece(nom="Jugement", condition="garde")
    foyer, autre = f.famille(), f.famille()
    hugo = f.enfant(foyer)
    assert etats(foyer) == {"Jugement": ("a_envoyer", False)}
    Rattachement.objects.create(enfant=hugo, famille=autre, foyer=2)
    assert etats(foyer) == etats(autre) == {"Jugement": ("a_envoyer", True)}


def test_le_pai_se_demande_a_l_enfant_qui_en_a_un():
    f.type_piece(nom="PAI", portee="enfant", condition="pai")
    foyer = f.famille()
    hugo, lina = f.enfant(foyer), f.enfant(foyer, prenom="Lina")
    FicheSanitaire.objects.create(enfant=hugo, pai="")
    FicheSanitaire.objects.create(enfant=lina, pai="Asthme")
    assert [(a.enfant, a.exigee) for a in attendues(foyer, JOUR)] == [(lina, True)]


def test_qui_envoie_le_mandat_doit_aussi_le_rib():
    mandat, _rib = f.type_piece(nom="Mandat", condition="prelevement"), f.type_piece(nom="RIB", condition="prelevement")
    foyer = f.famille()
    assert etats(foyer) == {"Mandat": ("a_envoyer", False), "RIB": ("a_envoyer", False)}
    envoi = f.piece(mandat, foyer)
    assert etats(foyer) == {"Mandat": ("envoyee", True), "RIB": ("a_envoyer", True)}
    Piece.objects.filter(pk=envoi.pk).update(etat="remplacee")
    assert etats(foyer)["RIB"] == ("a_envoyer", False)


def test_ce_qu_un_foyer_a_fait_valider_vaut_pour_l_autre_sans_qu_il_le_lise():
    vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    foyer, autre = f.famille(), f.famille()
    hugo = f.enfant(foyer)
    Rattachement.objects.create(enfant=hugo, famille=autre, foyer=2)
    envoi = f.piece(vaccins, foyer, hugo)
    assert etats(autre) == {"Vaccins": ("a_envoyer", True)}
    Piece.objects.filter(pk=envoi.pk).update(etat="refusee", motif="Flou.")
    assert etats(autre) == {"Vaccins": ("a_envoyer", True)}
    Piece.objects.filter(pk=envoi.pk).update(etat="validee", motif="")
    (attente,) = attendues(autre, JOUR)
    assert (attente.etat, attente.d_ailleurs, attente.historique) == ("validee", True, [])
    (attente,) = attendues(foyer, JOUR)
    assert (attente.etat, attente.d_ailleurs) == ("validee", False)


def test_le_livret_d_un_foyer_ne_vaut_que_pour_lui():
    livret, foyer, voisin = f.type_piece(nom="Livret"), f.famille(), f.famille()
    f.piece(livret, foyer, etat="validee")
    tous = attendues_par_famille([foyer, voisin], JOUR)
    assert {pk: [a.etat for a in attentes] for pk, attentes in tous.items()} == {
        foyer.pk: ["validee"],
        voisin.pk: ["a_envoyer"],
    }


def test_un_foyer_seul_se_lit_comme_parmi_les_autres():
    """La requête d'un seul foyer est gardée d'une page à l'autre : elle répond pour celui qu'on lui donne."""
    mandat = f.type_piece(nom="Mandat", condition="prelevement")
    vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    f.type_piece(nom="Jugement", condition="garde")
    f.type_piece(nom="PAI", portee="enfant", condition="pai")
    foyer, autre, voisin = f.famille(), f.famille(), f.famille()
    hugo, lina = f.enfant(foyer), f.enfant(foyer, prenom="Lina")
    Rattachement.objects.create(enfant=hugo, famille=autre, foyer=2)
    Rattachement.objects.create(enfant=f.enfant(voisin), famille=autre, foyer=2, fin=dt.date(2026, 10, 1))
    FicheSanitaire.objects.create(enfant=lina, pai="Asthme")
    f.piece(vaccins, foyer, hugo, etat="validee")
    f.piece(mandat, voisin)
    tous = attendues_par_famille([foyer, autre, voisin], JOUR)
    for une in (foyer, autre, voisin):
        assert attendues(une, JOUR) == tous[une.pk]
    assert [(a.type.nom, a.enfant, a.exigee, a.etat, a.d_ailleurs) for a in tous[autre.pk]] == [
        ("Vaccins", hugo, True, "validee", True),
        ("Jugement", None, True, "a_envoyer", False),
        ("Mandat", None, False, "a_envoyer", False),
    ]


@pytest.mark.parametrize("nombre", [1, BEAUCOUP])
def test_trois_requetes_pour_un_foyer_comme_pour_trois_cents(nombre):
    du_foyer, de_l_enfant = f.type_piece(), f.type_piece(portee="enfant")
    f.type_piece(portee="enfant", condition="pai")
    familles = foyers(nombre)
    for petits in (enfants(familles, ecole=None), enfants(familles, ecole=None)):
        copies(FicheSanitaire.objects.create(enfant=petits[0], pai="Asthme"), nombre - 1, enfant=petits[1:])
        copies(f.piece(de_l_enfant, familles[0], petits[0]), nombre - 1, famille=familles[1:], enfant=petits[1:])
    copies(f.piece(du_foyer, familles[0]), nombre - 1, famille=familles[1:])
    assert requetes(lambda: attendues_par_famille(familles, JOUR)) == 3
    assert {len(attentes) for attentes in attendues_par_famille(familles, JOUR).values()} == {5}
