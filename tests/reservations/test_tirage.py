"""Le tirage : une règle que chacun refait, et une écriture qui la suit."""

import datetime as dt
import hashlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from familles.models import Famille
from inscriptions.models import Activite, Inscription
from reservations.actions import deposer_voeux, tirer_au_sort
from reservations.models import Mouvement, Reservation, Voeu
from reservations.regles import VoeuTire, empreinte, engagement, tirer
from tests import fabriques as f

from .ouverture import AVANT, NEUF_HEURES, PENDANT_LES_VOEUX, Decor
from .test_enregistrement import ensemble

# --- La règle -----------------------------------------------------------------------------------------------------
numeros = st.integers(100_000, 100_040).map(str)
voeux = st.lists(
    st.builds(VoeuTire, numeros, st.integers(1, 3), st.integers(1, 4), st.integers(0, 2)),
    max_size=60, unique_by=lambda v: (v.foyer, v.enfant, v.seance),
)  # fmt: skip
places = st.dictionaries(st.integers(1, 4), st.none() | st.integers(-2, 12))
graines = st.text("0123456789abcdef", min_size=1, max_size=32)


@given(voeux, places, graines, st.randoms())
def test_l_ordre_ou_l_on_donne_les_voeux_ne_change_rien(voeux, places, graine, hasard):
    melanges = list(voeux)
    hasard.shuffle(melanges)
    assert tirer(melanges, places, graine) == tirer(voeux, places, graine)


@given(voeux, places, graines)
def test_chaque_voeu_a_un_sort_et_un_seul(voeux, places, graine):
    assert sorted(map(repr, (t.voeu for t in tirer(voeux, places, graine)))) == sorted(map(repr, voeux))


@given(voeux, places, graines)
def test_jamais_plus_de_retenus_que_de_places_et_aucune_place_perdue(voeux, places, graine):
    tires = tirer(voeux, places, graine)
    for seance in {v.seance for v in voeux}:
        siens = [t for t in tires if t.voeu.seance == seance]
        limite = places.get(seance)
        retenus = sum(t.retenu for t in siens)
        assert retenus == (len(siens) if limite is None else min(len(siens), max(0, limite)))
        assert [t.rang for t in siens] == list(range(1, len(siens) + 1))
        assert [t.retenu for t in siens] == sorted((t.retenu for t in siens), reverse=True)


@given(voeux, places, graines)
def test_un_groupe_prioritaire_passe_avant_les_suivants(voeux, places, graine):
    tires = tirer(voeux, places, graine)
    for seance in {v.seance for v in voeux}:
        groupes = [t.voeu.priorite for t in tires if t.voeu.seance == seance]
        assert groupes == sorted(groupes)


@given(voeux, graines)
def test_a_priorite_egale_deux_foyers_sont_dans_le_meme_ordre_a_toutes_les_seances(voeux, graine):
    tires = tirer([VoeuTire(v.foyer, v.enfant, v.seance) for v in voeux], {}, graine)
    ordres = {}
    for seance in {v.seance for v in voeux}:
        foyers = [t.voeu.foyer for t in tires if t.voeu.seance == seance]
        assert foyers == sorted(foyers, key=lambda n: (empreinte(graine, n), n)), "une fratrie se suit"
        ordres[seance] = foyers
    assert len(ordres) == len({v.seance for v in voeux})


@given(voeux, places, graines)
def test_demander_un_jour_de_plus_ne_change_pas_son_rang_aux_autres(voeux, places, graine):
    moins = [v for v in voeux if v.seance != 1]
    assert [t for t in tirer(voeux, places, graine) if t.voeu.seance != 1] == tirer(moins, places, graine)


def test_l_empreinte_se_refait_avec_n_importe_quel_outil():
    assert empreinte("ab12", "482913") == hashlib.sha256(b"ab12:482913").hexdigest()
    assert engagement("ab12") == hashlib.sha256(b"ab12").hexdigest()
    # Calculées à la main : printf 'ab12:100001' | sha256sum, etc. L'ordre ne dépend que d'elles.
    ordre = sorted(["100001", "100002", "100003"], key=lambda n: hashlib.sha256(f"ab12:{n}".encode()).hexdigest())
    tires = tirer([VoeuTire(n, 1, 7) for n in ("100003", "100001", "100002")], {7: 1}, "ab12")
    assert [(t.voeu.foyer, t.retenu) for t in tires] == [(ordre[0], True), (ordre[1], False), (ordre[2], False)]


def test_sur_mille_graines_chaque_foyer_a_sa_chance():
    demandes = [VoeuTire(str(100_000 + n), 1, 1) for n in range(10)]
    gagnes = dict.fromkeys((v.foyer for v in demandes), 0)
    for n in range(1000):
        for tire in tirer(demandes, {1: 3}, f"graine {n}"):
            gagnes[tire.voeu.foyer] += tire.retenu
    assert sum(gagnes.values()) == 3000
    assert all(240 < n < 360 for n in gagnes.values()), gagnes  # 300 attendus, écart-type 14,5


# --- L'écriture ---------------------------------------------------------------------------------------------------
@pytest.fixture
def decor(db):
    return Decor(mode="tirage")


def peupler(decor, combien=6):
    """``combien`` foyers qui veulent les deux premiers jours ; le deuxième a trois enfants."""
    foyers = [decor.foyer(*["Hugo", "Lina", "Tom"][: 3 if n == 1 else 1]) for n in range(combien)]
    for foyer in foyers:
        deposer_voeux(decor.ouverture, foyer, decor.tout(foyer, jours=2), PENDANT_LES_VOEUX)
    return foyers


def code(action, *args):
    with pytest.raises(ValidationError) as refus:
        action(*args)
    return refus.value.code


def test_le_tirage_reserve_exactement_les_places_et_suit_la_regle(decor, courriels):
    foyers = peupler(decor)
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    decor.ouverture.refresh_from_db()
    assert decor.ouverture.tiree_le == NEUF_HEURES
    demandes = [
        VoeuTire(v.ticket.numero, v.rang_enfant, v.seance_id) for v in Voeu.objects.select_related("ticket")
    ]
    refait = tirer(demandes, {s.pk: 2 for s in decor.seances}, decor.ouverture.graine)
    ecrit = {
        (v.ticket.numero, v.rang_enfant, v.seance_id): (v.rang, v.etat)
        for v in Voeu.objects.select_related("ticket")
    }
    assert ecrit == {
        (t.voeu.foyer, t.voeu.enfant, t.voeu.seance): (t.rang, "retenu" if t.retenu else "perdu") for t in refait
    }
    for seance in decor.seances[:2]:
        assert Reservation.objects.filter(seance=seance, etat="reservee").count() == 2
    retenus = set(Voeu.objects.filter(etat="retenu").values_list("enfant", "seance"))
    assert set(Reservation.objects.values_list("enfant", "seance")) == retenus
    assert set(Mouvement.objects.values_list("origine", "apres", "motif")) == {
        ("regle", "reservee", "Tirage au sort, Vacances de Noël")
    }
    assert sorted(c["To"] for c in courriels()) == sorted(foyer.compte.email for foyer in foyers)


def test_avec_une_liste_d_attente_les_perdants_y_sont_dans_l_ordre_tire(decor):
    Activite.objects.filter(pk=decor.centre.pk).update(place_liberee="proposer")
    peupler(decor)
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    seance = decor.seances[0]
    tires = Voeu.objects.filter(seance=seance, etat="attente").order_by("rang").values_list("enfant", flat=True)
    attendent = Reservation.objects.filter(seance=seance, etat="attente").order_by("modifiee_le")
    assert len(tires) == 6
    assert list(attendent.values_list("enfant", flat=True)) == list(tires)


def test_un_courriel_par_foyer_dit_tout_et_de_quoi_verifier(decor, courriels, settings):
    settings.ADRESSE = "https://famille.exemple.fr"
    foyer = decor.foyer("Hugo", "Lina", "Tom")
    deposer_voeux(decor.ouverture, foyer, decor.tout(foyer, jours=1), PENDANT_LES_VOEUX)
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    [courriel] = courriels()
    texte = courriel.get_body(("plain",)).get_content()
    assert courriel["Subject"] == "Vacances de Noël : 2 places sur 3 demandées"
    assert "RÉSERVÉ\n" in texte
    assert "PAS DE PLACE\n" in texte
    numero = foyer.tickets.get().numero
    assert f"/reservations/ouvertures/{decor.ouverture.pk}/verifier/?numero={numero}" in texte


def test_avant_l_heure_deux_fois_ou_dans_une_file_on_ne_tire_pas(decor):
    peupler(decor, 2)
    assert code(tirer_au_sort, decor.ouverture, None, AVANT) == "trop_tot"
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    assert code(tirer_au_sort, decor.ouverture, None, NEUF_HEURES) == "deja"
    autre = Decor()
    assert code(tirer_au_sort, autre.ouverture, None, NEUF_HEURES) == "pas_un_tirage"


def test_un_voeu_que_les_regles_refusent_est_ecarte_avec_sa_raison(decor):
    parti, reste = decor.foyer("Parti"), decor.foyer("Reste")
    for foyer in (parti, reste):
        deposer_voeux(decor.ouverture, foyer, decor.tout(foyer, jours=1), PENDANT_LES_VOEUX)
    Inscription.objects.filter(famille=parti).update(fin=dt.date(2026, 11, 30))
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    ecarte = Voeu.objects.get(ticket__famille=parti)
    assert (ecarte.etat, ecarte.rang) == ("ecarte", None)
    assert "Parti n'y est pas inscrit ce jour-là" in ecarte.raison
    assert Voeu.objects.get(ticket__famille=reste).rang == 1


def test_les_places_deja_prises_ne_se_tirent_pas(decor):
    occupe = decor.foyer()
    f.reservation(occupe.petits[0], decor.seances[0])
    peupler(decor, 3)
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    assert Reservation.objects.filter(seance=decor.seances[0], etat="reservee").count() == 2
    assert Voeu.objects.filter(seance=decor.seances[0], etat="retenu").count() == 1


def test_la_priorite_donnee_passe_avant_le_sort(decor):
    foyers = peupler(decor)
    dernier = foyers[-1].petits[0]
    Activite.objects.filter(pk=decor.centre.pk).update(priorites=["travail"])
    Famille.objects.filter(pk=foyers[-1].pk).update(parents_travaillent=True)
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    assert set(Voeu.objects.filter(enfant=dernier).values_list("rang", "etat")) == {(1, "retenu")}


@pytest.mark.django_db(transaction=True)
def test_deux_tirages_et_un_depot_au_meme_instant_n_en_font_qu_un():
    decor = Decor(mode="tirage")
    peupler(decor, 4)
    tardif = decor.foyer()

    def essayer(action, *args):
        def faire():
            try:
                return action(*args)
            except ValidationError as refus:
                return refus.code

        return faire

    deux = [essayer(tirer_au_sort, decor.ouverture, None, NEUF_HEURES)] * 2
    depot = essayer(deposer_voeux, decor.ouverture, tardif, decor.tout(tardif), NEUF_HEURES)
    rendus = ensemble([*deux, depot])
    assert sorted(r if isinstance(r, str) else "tiré" for r in rendus) == ["deja", "ferme", "tiré"]
    assert Reservation.objects.filter(seance=decor.seances[0], etat="reservee").count() == 2
