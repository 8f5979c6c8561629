"""Enregistrer un planning, sur un vrai PostgreSQL : tout ou rien, une seule fois, et jamais une place de trop."""

import datetime as dt
import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from inscriptions.models import Inscription
from reservations.actions import enregistrer, prevoir
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

PARENT = Mouvement.Origine.PARENT
LUNDI = dt.date(2026, 9, 7)
AVANT = f.a_paris(2026, 9, 6, 23, 59, 59)  # la dernière seconde pour le lundi 7
APRES = f.a_paris(2026, 9, 7, 0, 0, 0)


class Decor:
    """Un foyer, Hugo inscrit à la cantine, et ses séances de la semaine."""

    def __init__(self, apres_limite="refuse", **activite):
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration", **activite)
        f.inscription(self.hugo, self.cantine)
        jours = [LUNDI + dt.timedelta(days=n) for n in (0, 1, 3, 4)]
        self.seances = [f.seance(self.cantine, jour, apres_limite=apres_limite) for jour in jours]

    def enregistrer(self, souhaits, maintenant=AVANT, foyer=None):
        foyer = foyer or self.foyer
        return enregistrer(foyer, foyer.compte, souhaits, maintenant, PARENT)

    def hugo_veut(self, *seances):
        return {(self.hugo.pk, s.pk): True for s in seances}


@pytest.fixture
def decor(db):
    return Decor()


def etats(enfant):
    return dict(Reservation.objects.filter(enfant=enfant).values_list("seance__jour", "etat"))


def codes(resultat):
    return [refus.code for refus in resultat.refus]


def test_enregistrer_reserve_annule_et_tient_le_journal(decor, courriels):
    lundi, mardi, *_ = decor.seances
    premier = decor.enregistrer(decor.hugo_veut(lundi, mardi))
    second = decor.enregistrer({(decor.hugo.pk, lundi.pk): False})

    assert etats(decor.hugo) == {LUNDI: "annulee", LUNDI + dt.timedelta(days=1): "reservee"}
    journal = Mouvement.objects.order_by("pk").values_list("lot", "avant", "apres", "origine", "compte", "instant")
    compte = decor.foyer.compte.pk
    assert list(journal) == [
        (premier.lot, "", "reservee", "parent", compte, AVANT),
        (premier.lot, "", "reservee", "parent", compte, AVANT),
        (second.lot, "reservee", "annulee", "parent", compte, AVANT),
    ]


def test_un_seul_courriel_recapitule_un_enregistrement(decor, courriels):
    resultat = decor.enregistrer(decor.hugo_veut(*decor.seances))
    [courriel] = courriels()
    assert courriel["To"] == decor.foyer.compte.email
    assert courriel["Subject"] == "Planning de Hugo : 4 réservations"
    texte = courriel.get_body(("plain",)).get_content()
    assert "Hugo, Restauration : 4 réservés\n  septembre 2026 : lun. 7, mar. 8, jeu. 10, ven. 11\n" in texte
    assert f"/reservations/recus/{resultat.lot}/" in texte
    assert "&#x27;" not in texte


def test_le_meme_enregistrement_deux_fois_n_ecrit_qu_une_fois(decor, courriels):
    decor.enregistrer(decor.hugo_veut(*decor.seances))
    second = decor.enregistrer(decor.hugo_veut(*decor.seances))
    assert (second.lot, second.faits, second.refus) == (None, [], [])
    assert Mouvement.objects.count() == 4
    assert len(courriels()) == 1


def test_annuler_ce_qui_n_est_pas_reserve_n_est_pas_un_changement(decor):
    assert decor.enregistrer({(decor.hugo.pk, decor.seances[0].pk): False}, APRES).refus == []
    assert Mouvement.objects.count() == 0


def test_un_refus_et_rien_n_est_ecrit(decor, courriels):
    lundi, mardi, *_ = decor.seances
    resultat = decor.enregistrer(decor.hugo_veut(lundi, mardi), APRES)
    assert codes(resultat) == ["trop_tard"]
    assert resultat.refus[0].phrase.replace("\u00a0", " ") == (
        "Restauration du lundi 7 septembre : trop tard, on pouvait réserver jusqu'à hier 23 h 59."
    )
    assert (resultat.lot, resultat.faits) == (None, [])
    assert Reservation.objects.count() == Mouvement.objects.count() == 0
    assert courriels() == []


def test_a_23_h_59_59_on_reserve_et_a_minuit_on_ne_reserve_plus(decor):
    lundi = decor.hugo_veut(decor.seances[0])
    assert codes(decor.enregistrer(lundi, APRES)) == ["trop_tard"]
    assert codes(decor.enregistrer(lundi, AVANT)) == []


def test_l_annulation_a_sa_propre_limite(decor):
    lundi = decor.seances[0]
    decor.enregistrer(decor.hugo_veut(lundi))
    lundi.limite_annulation = f.a_paris(2026, 9, 4, 12)
    lundi.save()
    refuse = decor.enregistrer({(decor.hugo.pk, lundi.pk): False})
    assert codes(refuse) == ["trop_tard_annuler"]
    assert etats(decor.hugo) == {LUNDI: "reservee"}


def test_hors_delai_si_l_activite_l_accepte_et_avant_qu_elle_ne_commence(db):
    decor = Decor(apres_limite="supplement")
    lundi = decor.hugo_veut(decor.seances[0])
    assert codes(decor.enregistrer(lundi, f.a_paris(2026, 9, 7, 12))) == ["trop_tard"]  # le repas commence
    assert codes(decor.enregistrer(lundi, f.a_paris(2026, 9, 7, 11, 59))) == []
    assert Reservation.objects.get().hors_delai
    assert codes(decor.enregistrer(dict.fromkeys(lundi, False), f.a_paris(2026, 9, 7, 11, 59))) == ["trop_tard_annuler"]


def test_reserver_avant_la_limite_n_est_pas_hors_delai(db):
    decor = Decor(apres_limite="supplement")
    decor.enregistrer(decor.hugo_veut(decor.seances[0]))
    assert not Reservation.objects.get().hors_delai


def test_complet_est_refuse_et_une_annulation_rend_la_place(db):
    decor = Decor(capacite=1)
    autre = f.enfant(f.famille(), ecole=decor.hugo.ecole, prenom="Ana")
    f.inscription(autre, decor.cantine)
    lundi = decor.seances[0]
    f.reservation(autre, lundi)
    assert codes(decor.enregistrer(decor.hugo_veut(lundi))) == ["complet"]
    Reservation.objects.filter(enfant=autre).update(etat="annulee")
    assert codes(decor.enregistrer(decor.hugo_veut(lundi))) == []


def test_dans_un_meme_enregistrement_la_soeur_prend_la_place_que_le_frere_rend(db):
    decor = Decor(capacite=1)
    lina = f.enfant(decor.foyer, prenom="Lina", ecole=decor.hugo.ecole)
    f.inscription(lina, decor.cantine)
    lundi = decor.seances[0]
    decor.enregistrer(decor.hugo_veut(lundi))
    resultat = decor.enregistrer({(lina.pk, lundi.pk): True, (decor.hugo.pk, lundi.pk): False})
    assert codes(resultat) == []
    assert (etats(lina), etats(decor.hugo)) == ({LUNDI: "reservee"}, {LUNDI: "annulee"})


def test_deux_freres_ne_prennent_pas_a_eux_deux_la_derniere_place(db):
    decor = Decor(capacite=1)
    lina = f.enfant(decor.foyer, prenom="Lina", ecole=decor.hugo.ecole)
    f.inscription(lina, decor.cantine)
    lundi = decor.seances[0]
    assert codes(decor.enregistrer({(lina.pk, lundi.pk): True, (decor.hugo.pk, lundi.pk): True})) == ["complet"]
    assert Reservation.objects.count() == 0


def test_l_enfant_d_un_autre_foyer_n_existe_pas(decor):
    autre = f.famille()
    assert codes(decor.enregistrer(decor.hugo_veut(decor.seances[0]), foyer=autre)) == ["inconnue"]
    assert Reservation.objects.count() == 0


def test_une_seance_inventee_n_existe_pas(decor):
    assert codes(decor.enregistrer({(decor.hugo.pk, 987654321): True})) == ["inconnue"]


@pytest.mark.parametrize(
    "inscription",
    [
        {"etat": Inscription.Etat.DEMANDEE},
        {"etat": Inscription.Etat.ATTENTE},
        {"etat": Inscription.Etat.REFUSEE, "motif": "Hors secteur"},
        {"fin": LUNDI - dt.timedelta(days=1)},
        {"debut": LUNDI + dt.timedelta(days=1)},
    ],
    ids=["demandée", "en attente", "refusée", "terminée la veille", "commence le lendemain"],
)
def test_sans_inscription_validee_ce_jour_la_on_ne_reserve_pas(decor, inscription):
    Inscription.objects.update(**inscription)
    assert codes(decor.enregistrer(decor.hugo_veut(decor.seances[0]))) == ["non_inscrit"]


def test_l_inscription_d_un_autre_foyer_ne_permet_rien(decor):
    autre = f.famille()
    Inscription.objects.update(famille=autre)
    assert codes(decor.enregistrer(decor.hugo_veut(decor.seances[0]))) == ["non_inscrit"]


def test_une_inscription_terminee_laisse_annuler_ce_qui_reste_reserve(decor):
    lundi = decor.seances[0]
    decor.enregistrer(decor.hugo_veut(lundi))
    Inscription.objects.update(fin=LUNDI - dt.timedelta(days=1))
    assert codes(decor.enregistrer({(decor.hugo.pk, lundi.pk): False})) == []


def test_une_seance_annulee_et_un_jour_ferme_se_refusent(decor):
    lundi, mardi, *_ = decor.seances
    lundi.ouverte, lundi.motif = False, "Grève"
    lundi.save()
    f.jour_ferme(LUNDI + dt.timedelta(days=1), libelle="Journée pédagogique")
    resultat = decor.enregistrer(decor.hugo_veut(lundi, mardi))
    assert [r.phrase for r in resultat.refus] == [
        "Restauration du lundi 7 septembre : pas d'accueil ce jour-là (Grève).",
        "Restauration du mardi 8 septembre : pas d'accueil ce jour-là (Journée pédagogique).",
    ]


def test_la_reservation_de_l_autre_foyer_ne_se_prend_ni_ne_s_annule(decor):
    pere = f.famille()
    f.rattacher(decor.hugo, pere)
    f.inscription(decor.hugo, decor.cantine, famille=pere)
    lundi = decor.seances[0]
    decor.enregistrer(decor.hugo_veut(lundi))
    assert codes(decor.enregistrer(decor.hugo_veut(lundi), foyer=pere)) == ["autre_foyer"]
    assert codes(decor.enregistrer({(decor.hugo.pk, lundi.pk): False}, foyer=pere)) == ["autre_foyer"]
    assert Reservation.objects.get().famille == decor.foyer


def test_un_apercu_n_ecrit_rien(decor):
    resultat = prevoir(decor.foyer, decor.hugo_veut(*decor.seances), APRES)
    assert ([c.seance for c in resultat.faits], codes(resultat)) == (decor.seances[1:], ["trop_tard"])
    assert Reservation.objects.count() == 0


def requetes(action):
    with CaptureQueriesContext(connection) as contexte:
        assert action().faits
    return len(contexte)


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_cases(db):
    decor = Decor(capacite=100)
    suite = [f.seance(decor.cantine, LUNDI + dt.timedelta(days=20 + n)) for n in range(150)]
    decor.enregistrer(decor.hugo_veut(decor.seances[1]))  # la fiche de la commune est lue une fois par minute
    une = requetes(lambda: decor.enregistrer(decor.hugo_veut(decor.seances[0])))
    cent_cinquante = requetes(lambda: decor.enregistrer(decor.hugo_veut(*suite)))
    assert une == cent_cinquante
    assert une <= 12


def test_le_journal_ne_se_recrit_pas(decor):
    decor.enregistrer(decor.hugo_veut(decor.seances[0]))
    with pytest.raises(DatabaseError, match="Le journal des réservations ne se récrit pas"), transaction.atomic():
        Mouvement.objects.update(motif="Autre chose")
    with pytest.raises(DatabaseError, match="Le journal des réservations ne se récrit pas"), transaction.atomic():
        Mouvement.objects.all().delete()
    assert Mouvement.objects.get().motif == ""


# --- De vraies transactions, en même temps ------------------------------------------------------------------------
def ensemble(actions):
    """Lance toutes les actions au même instant, chacune sur sa connexion ; rend leurs résultats."""
    depart, rendus = threading.Barrier(len(actions)), [None] * len(actions)

    def courir(rang, action):
        try:
            connection.ensure_connection()
            depart.wait(timeout=30)
            rendus[rang] = action()
        finally:
            connection.close()

    fils = [threading.Thread(target=courir, args=couple) for couple in enumerate(actions)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(timeout=60)
    return rendus


@pytest.mark.django_db(transaction=True)
def test_la_derniere_place_n_est_vendue_qu_une_fois_a_vingt_familles():
    decor = Decor(capacite=1)
    lundi = decor.seances[0]
    enfants = [decor.hugo, *(f.enfant(f.famille(), ecole=decor.hugo.ecole) for _ in range(19))]
    for petit in enfants[1:]:
        f.inscription(petit, decor.cantine)

    def demande(petit):
        foyer = petit.familles.get()
        compte = foyer.adultes.get().compte
        return lambda: enregistrer(foyer, compte, {(petit.pk, lundi.pk): True}, AVANT, PARENT)

    rendus = ensemble([demande(petit) for petit in enfants])
    assert sorted(codes(r) for r in rendus) == [[]] + [["complet"]] * 19
    assert Reservation.objects.filter(seance=lundi, etat="reservee").count() == 1


@pytest.mark.django_db(transaction=True)
def test_un_double_clic_simultane_n_ecrit_qu_une_fois(courriels):
    decor = Decor()
    rendus = ensemble([lambda: decor.enregistrer(decor.hugo_veut(*decor.seances))] * 4)
    assert sorted(len(r.faits) for r in rendus) == [0, 0, 0, 4]
    assert Mouvement.objects.count() == Reservation.objects.count() == 4
    assert len(courriels()) == 1


@pytest.mark.django_db(transaction=True)
def test_deux_familles_qui_veulent_les_memes_jours_a_l_envers_ne_se_bloquent_pas():
    decor = Decor(capacite=2)
    lina = f.enfant(f.famille(), prenom="Lina", ecole=decor.hugo.ecole)
    f.inscription(lina, decor.cantine)
    foyer = lina.familles.get()
    foyer.compte = foyer.adultes.get().compte
    a_l_envers = {(lina.pk, s.pk): True for s in reversed(decor.seances)}
    rendus = ensemble(
        [lambda: decor.enregistrer(decor.hugo_veut(*decor.seances)), lambda: decor.enregistrer(a_l_envers, foyer=foyer)]
    )
    assert [len(r.faits) for r in rendus] == [4, 4]
