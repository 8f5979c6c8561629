"""Les façons de dire un prix, jusqu'à la facture : la ligne copiée, l'estimation, un forfait, une grève."""

import datetime as dt
from decimal import Decimal as D

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from commune.fichiers import Propre
from facturation import actions, regles
from facturation.models import Facture, Ligne, Tarif, estimer
from presences.models import Pointage
from reservations.actions import appliquer, joindre_certificat
from reservations.models import Evenement, Excuse
from tests import fabriques

from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI, LUNDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4), dt.date(2026, 9, 7)
HEURES = {"heure_debut": dt.time(16), "heure_fin": dt.time(19)}


@pytest.fixture
def hugo():
    fabriques.commune()
    return fabriques.enfant(fabriques.famille())


@pytest.fixture
def soir():
    return fabriques.activite(nom="Accueil du soir", genre="soir", **HEURES)


def tarif(*ajustements, tranches=((None, "2.00"),), **champs):
    return fabriques.tarif(genre="soir", nom="Soir", tranches=tranches, ajustements=ajustements, **champs)


def reserver(petit, activite, *jours):
    return [fabriques.reservation(petit, fabriques.seance(activite, jour)) for jour in jours]


def pointer(reservation, depart=None, etat="present"):
    Pointage.objects.create(
        enfant=reservation.enfant, seance=reservation.seance, etat=etat, depart=depart, recu_le=MAINTENANT
    )


def facturer():
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    lignes = Ligne.objects.order_by("pk")
    return [(x.jour.day, x.texte, x.quantite, x.prix_unitaire, x.montant, x.unite) for x in lignes]


def test_la_ligne_copie_sa_quantite_son_prix_et_sa_part_de_garde(hugo, soir):
    tarif(unite="duree", part_garde=80)
    for reservation, depart in zip(reserver(hugo, soir, JEUDI, VENDREDI), (dt.time(17, 42), None), strict=True):
        pointer(reservation, depart)
    assert facturer() == [
        (3, "Accueil du soir, demi-heure", 4, D("2.00"), D("8.00"), "duree"),
        (4, "Accueil du soir, demi-heure", 6, D("2.00"), D("12.00"), "duree"),
    ]
    assert [ligne.garde for ligne in Ligne.objects.order_by("pk")] == [D("6.40"), D("9.60")]  # 80 %
    assert Facture.objects.get().total == D("20.00")


def test_un_repas_n_est_pas_de_la_garde_sauf_si_le_tarif_le_dit(hugo, soir):
    fabriques.tarif(tranches=[(None, "3.60")])
    tarif()
    reserver(hugo, fabriques.activite(), JEUDI)
    reserver(hugo, soir, JEUDI)
    facturer()
    assert sorted(Ligne.objects.values_list("texte", "garde")) == [("Accueil du soir", D("2.00")), ("Repas", D("0.00"))]


def test_un_forfait_se_facture_se_lit_et_ne_se_rend_pas_pour_un_jour_de_greve(hugo, soir):
    tarif(tranches=[(None, "32.00")], unite="mois")
    reserver(hugo, soir, JEUDI, VENDREDI, LUNDI)
    assert facturer() == [(3, "Accueil du soir, forfait du mois", 1, D("32.00"), D("32.00"), "mois")]
    ((_, (rangee,), _),) = Facture.objects.get().enfants()
    assert rangee.jours_en_mots == "le mois entier"
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=JEUDI, au=JEUDI, cree_le=MAINTENANT)
    greve.activites.add(soir)
    appliquer(greve, None, MAINTENANT)
    assert actions.crediter(greve.pk, MAINTENANT) == []


def test_l_estimation_d_un_jour_deja_compris_dans_le_forfait_est_nulle(hugo, soir):
    tarif(tranches=[(None, "32.00")], unite="mois")
    reserver(hugo, soir, JEUDI)
    foyer, lundi = hugo.familles.get(), fabriques.seance(soir, LUNDI)
    suppose = regles.Fait(foyer.pk, hugo.pk, lundi.pk, LUNDI, soir.pk, True, True)
    with time_machine.travel(fabriques.a_paris(2026, 9, 2), tick=False):
        estimee = estimer(foyer, {hugo.pk}, JEUDI, LUNDI, [], [suppose])
        premiere = estimer(foyer, {hugo.pk}, JEUDI, LUNDI, [suppose._replace(hors_delai=False)])
    assert estimee.possibles == {(hugo.pk, lundi.pk): 0}
    assert (estimee.total, premiere.ecart) == (D("32.00"), D("0.00"))


def test_la_carence_lit_le_certificat_et_le_mois_d_avant(hugo, soir):
    tarif(carence=1, certificat=72)
    premiere, seconde, certifiee = reserver(hugo, soir, dt.date(2026, 8, 31), dt.date(2026, 9, 1), JEUDI)
    Tarif.objects.update(debut=dt.date(2026, 8, 1))
    for reservation, fichier in ((premiere, ""), (seconde, ""), (certifiee, "mot.pdf")):
        pointer(reservation, etat="absent")
        Excuse.objects.create(
            reservation=reservation, texte="Malade", etat="acceptee", fichier=fichier,
            envoyee_le=fabriques.a_paris(2026, 9, 4),
            certifie_le=fabriques.a_paris(2026, 9, 4) if fichier else None,
        )  # fmt: skip
    (revenu,) = reserver(hugo, soir, VENDREDI)
    pointer(revenu)
    (encore,) = reserver(hugo, soir, LUNDI)
    pointer(encore, etat="excuse")
    # Août a usé le jour de carence de la première absence ; le certificat lève le 3 ; revenu le 4, il repart le 7.
    assert [(jour, montant) for jour, *_, montant, _ in facturer()] == [(4, D("2.00")), (7, D("2.00"))]
    assert "jour de carence" in Ligne.objects.get(jour=LUNDI).regle
    assert actions.apercu(dt.date(2026, 8, 1)).total == D("2.00")


@pytest.mark.parametrize(("venu", "attendu"), [(False, []), (True, [(1, D("2.00"))])])
def test_venir_sans_reservation_a_la_fin_du_mois_d_avant_termine_l_absence(hugo, soir, venu, attendu):
    tarif(carence=1, debut=dt.date(2026, 8, 1))
    for reservation in reserver(hugo, soir, dt.date(2026, 8, 28), dt.date(2026, 9, 1)):
        pointer(reservation, etat="excuse")
    if venu:
        present = fabriques.seance(soir, dt.date(2026, 8, 31))
        Pointage.objects.create(enfant=hugo, seance=present, etat="present", recu_le=MAINTENANT)
    assert [(jour, montant) for jour, *_, montant, _ in facturer()] == attendu


def test_un_tarif_dont_l_activite_est_illisible_se_verifie_pour_le_reste():
    fabriques.tarif()
    refuse = Tarif(nom="Mêmes dates", genre="midi", debut=SEPTEMBRE, carence=40)
    with pytest.raises(ValidationError, match="va de 0 à 100 %"):
        refuse.validate_constraints(exclude={"activite"})


# Le certificat se joint tant d'heures après le début de la séance (16 h), sous un tarif de 72 heures.
@pytest.mark.parametrize(("heures", "attendu"), [(24, []), (72, []), (73, [(3, D("2.00"))])])
def test_un_certificat_joint_apres_l_excuse_compte_a_l_heure_ou_il_arrive(hugo, soir, heures, attendu):
    tarif(carence=1, certificat=72)
    (absence,) = reserver(hugo, soir, JEUDI)
    pointer(absence, etat="absent")
    excuse = fabriques.excuse(absence, etat="acceptee", envoyee_le=fabriques.a_paris(2026, 9, 3, 8))
    assert actions.apercu(SEPTEMBRE).total == D("2.00")  # sans certificat, un jour de carence
    debut = fabriques.a_paris(2026, 9, 3, 16)
    joindre_certificat(
        excuse, Propre(ContentFile(b"%PDF-1.7"), "mot.pdf", 1, "application/pdf"), debut + dt.timedelta(hours=heures)
    )
    assert [(jour, montant) for jour, *_, montant, _ in facturer()] == attendu


def test_le_retard_et_l_apercu_disent_pareil(hugo, soir):
    tarif(("retard", "montant", "5"), ("retard", "montant", "10", 2), tolerance=10)
    for reservation, depart in zip(
        reserver(hugo, soir, JEUDI, VENDREDI, LUNDI), (dt.time(19, 11), dt.time(19, 10), dt.time(19, 30)), strict=True
    ):
        pointer(reservation, depart)
    annonce = actions.apercu(SEPTEMBRE).total
    assert [montant for *_, montant, _ in facturer()] == [D("7.00"), D("2.00"), D("12.00")]
    assert annonce == Facture.objects.get().total


def test_le_matin_et_soir_par_tranche_se_prevoit_et_se_facture_pareil(hugo, soir):
    # En troisième tranche (sans quotient) : matin 1,50, soir 2,20, les deux 3,10.
    fabriques.tarif(genre="matin", nom="Matin", tranches=[(600, "1.10", "0"), (900, "1.30", "0"), (None, "1.50", "0")])
    tarif(tranches=[(600, "1.60", "2.30"), (900, "1.90", "2.70"), (None, "2.20", "3.10")])
    matin = fabriques.activite(nom="Accueil du matin", genre="matin")
    reserver(hugo, soir, JEUDI, VENDREDI)
    reserver(hugo, matin, JEUDI, LUNDI)
    annonce = actions.apercu(SEPTEMBRE).total
    assert sorted((jour, texte, montant) for jour, texte, *_, montant, _ in facturer()) == [
        (3, "Accueil du matin", D("0.00")), (3, "Accueil du soir", D("3.10")), (4, "Accueil du soir", D("2.20")),
        (7, "Accueil du matin", D("1.50")),
    ]
    assert annonce == Facture.objects.get().total == D("6.80")
    assert "matin et soir le même jour" in Ligne.objects.get(jour=JEUDI, activite=soir).regle


def test_la_base_refuse_un_matin_et_soir_negatif():
    with pytest.raises(IntegrityError), transaction.atomic():
        tarif(tranches=[(None, "2", "-0.01")])


@pytest.mark.parametrize(
    "champs",
    [{"mode": "effort"}, {"mode": "effort", "taux": "0.002", "plancher": 500, "plafond": 400}, {"part_garde": 101},
     {"minutes": 0}, {"carence": 32}],
)  # fmt: skip
def test_la_base_refuse_un_tarif_impossible(champs):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tarif.objects.create(**{"nom": "x", "genre": "soir", "debut": SEPTEMBRE} | champs)


@pytest.mark.parametrize("borne", [("minimum", "montant", "2"), ("maximum", "fixe", "-1"), ("absence", "fixe", "1", 2)])
def test_la_base_refuse_un_ajustement_impossible(borne):
    with pytest.raises(IntegrityError), transaction.atomic():
        tarif(borne)


def test_un_projet_ne_se_facture_pas(hugo, soir):
    tarif(projet=True)
    reserver(hugo, soir, JEUDI)
    with pytest.raises(ValidationError, match="Sans tarif"):
        facturer()
