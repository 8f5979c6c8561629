"""Deux parents séparés ont ajouté chacun le même enfant : une fiche reste, et tout ce qui vit l'y suit."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from documents.models import Piece
from familles.models import Rattachement
from inscriptions.models import Inscription
from portail.actions import reunir
from presences.models import Pointage
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

pytestmark = pytest.mark.django_db
JEUDI = f.a_paris(2026, 9, 10, 9)
HIER, DEMAIN, LUNDI = dt.date(2026, 9, 8), dt.date(2026, 9, 11), dt.date(2026, 9, 14)


@pytest.fixture(autouse=True)
def _jeudi(time_machine):
    time_machine.move_to(JEUDI, tick=False)


class Decor:
    """Hugo, chez Celine sous une fiche et chez Marc sous une autre, inscrit et réservé des deux côtés."""

    def __init__(self):
        f.commune()
        self.chez_celine, self.chez_marc = f.famille(), f.famille(nom="DURAND")
        self.hugo = f.enfant(self.chez_celine)
        self.doublon = f.enfant(self.chez_marc, nom="LA STAR", ecole=self.hugo.ecole)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration")
        self.hier, self.demain, self.lundi = (f.seance(self.cantine, jour) for jour in (HIER, DEMAIN, LUNDI))
        self.vaccins = f.type_piece(nom="Vaccins", portee="enfant")
        f.inscription(self.hugo, self.cantine)
        f.reservation(self.hugo, self.demain)

    def vie_du_doublon(self):
        self.inscription = f.inscription(self.doublon, self.cantine)
        self.passee = f.reservation(self.doublon, self.hier)
        self.prochaine = f.reservation(self.doublon, self.lundi)
        self.piece = f.piece(self.vaccins, self.chez_marc, self.doublon)
        return self

    def reunir(self):
        return reunir(self.doublon, self.hugo, f.agent("Périscolaire"), JEUDI)


@pytest.fixture
def decor():
    return Decor()


def test_ce_qui_vit_suit_ce_qui_est_passe_reste(decor):
    decor.vie_du_doublon()
    Mouvement.objects.create(
        reservation=decor.prochaine, apres="reservee", origine="parent", compte=decor.chez_marc.compte, instant=JEUDI
    )
    decor.reunir()
    assert set(Reservation.objects.values_list("enfant", "famille", "seance__jour")) == {
        (decor.hugo.pk, decor.chez_celine.pk, DEMAIN),
        (decor.hugo.pk, decor.chez_marc.pk, LUNDI),
        (decor.doublon.pk, decor.chez_marc.pk, HIER),
    }
    assert set(Inscription.objects.values_list("enfant", "famille")) == {
        (decor.hugo.pk, decor.chez_celine.pk), (decor.hugo.pk, decor.chez_marc.pk),
    }  # fmt: skip
    assert Piece.objects.get().enfant == decor.hugo
    assert Mouvement.objects.get().reservation.enfant == decor.hugo
    assert set(Rattachement.objects.actuels().values_list("enfant", "famille")) == {
        (decor.hugo.pk, decor.chez_celine.pk), (decor.hugo.pk, decor.chez_marc.pk),
    }  # fmt: skip


def test_le_foyer_du_doublon_retrouve_son_planning_et_son_document(client, decor):
    decor.vie_du_doublon().reunir()
    client.force_login(decor.chez_marc.compte)
    assert client.get(reverse("reservations:planning_enfant", args=[decor.hugo.pk])).status_code == 200
    assert client.get(reverse("reservations:planning_enfant", args=[decor.doublon.pk])).status_code == 404
    assert client.get(reverse("documents:piece", args=[decor.piece.pk])).status_code == 200
    client.force_login(decor.chez_celine.compte)
    assert client.get(reverse("documents:piece", args=[decor.piece.pk])).status_code == 404


def test_la_fiche_fermee_ne_passe_pas_pour_un_depart(client, decor):
    decor.reunir()
    client.force_login(decor.chez_marc.compte)
    assert client.get(reverse("familles:entourage")).context["partis"] == []


@pytest.mark.parametrize("etat", ["reservee", "annulee"])
def test_les_jours_que_les_deux_fiches_connaissent_sont_nommes_et_rien_ne_bouge(decor, etat):
    decor.vie_du_doublon()
    f.reservation(decor.hugo, decor.lundi, etat=etat)
    with pytest.raises(ValidationError) as refus:
        decor.reunir()
    assert refus.value.code == "memes_jours"
    assert "14 septembre 2026. Annulez d'abord celles de la fiche à fermer (Famille DURAND)" in refus.value.message
    assert Piece.objects.get().enfant == decor.doublon
    assert Rattachement.objects.actuels().filter(enfant=decor.doublon).exists()


def test_une_fois_annules_ils_n_empechent_plus(decor):
    decor.vie_du_doublon()
    f.reservation(decor.hugo, decor.lundi)
    Reservation.objects.filter(pk=decor.prochaine.pk).update(etat="annulee")
    decor.reunir()
    assert Reservation.objects.get(pk=decor.prochaine.pk).enfant == decor.doublon


def test_un_enfant_pointe_aujourd_hui_attend_demain(decor):
    ici = f.seance(decor.cantine, dt.date(2026, 9, 10))
    Pointage.objects.create(enfant=decor.doublon, seance=ici, etat="present", recu_le=JEUDI)
    with pytest.raises(ValidationError) as refus:
        decor.reunir()
    assert refus.value.code == "pointe"


def test_un_document_deja_la_se_dit_et_rien_ne_bouge(decor):
    decor.vie_du_doublon()
    f.piece(decor.vaccins, decor.chez_marc, decor.hugo)  # Marc l'avait eu autrefois sous l'autre fiche
    with pytest.raises(ValidationError) as refus:
        decor.reunir()
    assert refus.value.code == "deja_ici"
    assert decor.doublon.rattachements.actuels().exists()


# --- La page ------------------------------------------------------------------------------------------------------
def test_la_page_dit_ce_qui_suivra_puis_le_fait(client, decor):
    client.force_login(f.agent("Périscolaire"))
    decor.vie_du_doublon()
    adresse = reverse("mairie_reunir", args=[decor.hugo.pk])
    page = client.get(adresse).content.decode()
    assert "Famille DURAND" in page
    assert "1 inscription, 1 réservation à venir, 1 document<" in page
    assert client.post(adresse, {"doublon": decor.doublon.pk}).status_code == 302
    assert Rattachement.objects.actuels().filter(enfant=decor.hugo).count() == 2
    assert "Aucune autre fiche" in client.get(adresse).content.decode()


def test_un_refus_se_lit_sur_la_page(client, decor):
    client.force_login(f.agent("Périscolaire"))
    decor.vie_du_doublon()
    f.reservation(decor.hugo, decor.lundi)
    reponse = client.post(reverse("mairie_reunir", args=[decor.hugo.pk]), {"doublon": decor.doublon.pk})
    assert "Les deux fiches connaissent les mêmes séances" in reponse.content.decode()


@pytest.mark.parametrize("numero", ["", "abc", "0"])
def test_on_ne_reunit_pas_n_importe_qui(client, decor, numero):
    client.force_login(f.agent("Périscolaire"))
    lina = f.enfant(f.famille(), prenom="Lina")
    adresse = reverse("mairie_reunir", args=[decor.hugo.pk])
    assert client.post(adresse, {"doublon": numero or lina.pk}).status_code == 404
