"""Venu et pointé après la facture : la régie l'apprend, le met sur la suivante, une seule fois."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from facturation import actions
from facturation.models import Facture, Ligne, Regie, Report, controler, jours_oublies
from presences.models import Pointage
from reservations.models import Seance
from tests import fabriques as f
from tests.reservations.test_enregistrement import ensemble

from .test_evenements import EN_NOVEMBRE, EN_OCTOBRE, JEUDI, OCTOBRE, VENDREDI, Cantine
from .ville import SEPTEMBRE

NOVEMBRE = dt.date(2026, 11, 1)


def preparer(seuil=0):
    """La cantine, et Tom, inscrit, qui n'a rien réservé ; septembre est facturé le 2 octobre."""
    Regie.objects.create(seuil=seuil)
    cantine = Cantine()
    tom = cantine.enfants["Tom"] = f.enfant(f.famille(nom="TOM"), prenom="Tom", classe="cp", ecole=cantine.site)
    f.inscription(tom, cantine.seances[JEUDI].activite)
    return cantine


@pytest.fixture
def cantine(db):
    return preparer()


def pointer(cantine, prenom="Tom", jour=JEUDI, etat="present", le=EN_OCTOBRE):
    petit, seance = cantine.enfants[prenom], cantine.seances[jour]
    return Pointage.objects.create(enfant=petit, seance=seance, etat=etat, recu_le=le)


def trouves():
    return [(o.prestation.prenom, o.prestation.fait.jour, o.prestation.prix.montant)
            for o in jours_oublies(SEPTEMBRE, OCTOBRE)]  # fmt: skip


def test_venu_et_pointe_apres_la_facture_il_va_sur_la_suivante_une_seule_fois(cantine):
    cantine.facturer()
    pointer(cantine)
    assert trouves() == [("Tom", JEUDI, D("5.60"))]  # 3,60 € et 2,00 € sans réservation
    controle = next(c for c in controler(OCTOBRE, NOVEMBRE) if c.cle == "oublis")
    assert (controle.nombre, controle.bloquant) == (1, False)
    assert "Tom, Repas du 03/09" in controle.cas[0].texte
    [report] = actions.refacturer({o.cle for o in jours_oublies(SEPTEMBRE, OCTOBRE)}, SEPTEMBRE, OCTOBRE)
    assert (report.montant, report.mois, report.repris_par) == (D("5.60"), SEPTEMBRE, None)
    assert trouves() == []
    assert actions.apercu(OCTOBRE).total == D("5.60")
    actions.facturer(OCTOBRE, None, EN_NOVEMBRE)
    ligne = Ligne.objects.get(prenom="Tom")
    assert (ligne.texte, ligne.montant, ligne.facture.mois) == ("Repas, septembre", D("5.60"), OCTOBRE)
    assert trouves() == []
    actions.facturer(NOVEMBRE, None, f.a_paris(2026, 12, 2))
    assert Ligne.objects.filter(prenom="Tom").count() == 1


def dans_les_temps(cantine):
    pointer(cantine, le=f.a_paris(2026, 9, 3))
    cantine.facturer()


def absent(cantine):
    cantine.facturer()
    pointer(cantine, etat="absent")


def reserve_et_facture(cantine):
    cantine.facturer()
    pointer(cantine, "Hugo")


def seance_annulee(cantine):
    cantine.facturer()
    pointer(cantine)
    Seance.objects.filter(pk=cantine.seances[JEUDI].pk).update(ouverte=False, motif="Grève")


def rendu_a_la_famille(cantine):
    cantine.facturer()
    ligne = Ligne.objects.get(prenom="Hugo", jour=JEUDI)
    actions.emettre_avoir(ligne.facture, ligne.montant, "Repas froid", None, EN_OCTOBRE, lignes=[ligne])
    pointer(cantine, "Hugo")


def mois_pas_emis(cantine):
    pointer(cantine)


@pytest.mark.parametrize("cas", [
    dans_les_temps, absent, reserve_et_facture, seance_annulee, rendu_a_la_famille, mois_pas_emis
])  # fmt: skip
def test_ce_qui_n_est_pas_un_oubli(cantine, cas):
    cas(cantine)
    assert trouves() == []


@pytest.mark.django_db
def test_le_mois_entier_reporte_reprend_lui_meme_le_jour_pointe_trop_tard():
    cantine = preparer(seuil=15)
    pointer(cantine, jour=VENDREDI, le=f.a_paris(2026, 9, 4))
    cantine.facturer()
    assert Report.objects.get(famille__nom="TOM").montant == D("5.60")
    pointer(cantine)
    assert trouves() == []


def test_la_regie_coche_les_jours_et_les_met_sur_la_prochaine_facture(cantine, client, time_machine):
    time_machine.move_to(EN_OCTOBRE, tick=False)
    cantine.facturer()
    pointer(cantine)
    pointer(cantine, jour=VENDREDI)
    client.force_login(cantine.regie)
    adresse = reverse("admin:facturation_a_refacturer")
    page = client.get(adresse).content.decode()
    assert page.count('name="jours"') == 2
    assert "11,20" in page
    assert "Cochez au moins un jour" in client.post(adresse).content.decode()
    jeudi, _ = jours_oublies(SEPTEMBRE, OCTOBRE)
    assert client.post(adresse, {"jours": [jeudi.cle]}).status_code == 302
    assert trouves() == [("Tom", VENDREDI, D("5.60"))]
    assert Facture.objects.count() == 2  # aucune facture n'a changé
    client.force_login(cantine.mairie)
    assert client.get(adresse).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_deux_regisseurs_a_la_fois_ne_le_facturent_qu_une_fois():
    cantine = preparer()
    cantine.facturer()
    pointer(cantine)
    cles = {oubli.cle for oubli in jours_oublies(SEPTEMBRE, OCTOBRE)}

    def cocher():
        try:
            actions.refacturer(cles, SEPTEMBRE, OCTOBRE)
        except ValidationError as refus:
            return refus.code
        return "fait"

    assert sorted(ensemble([cocher, cocher])) == ["fait", "rien"]
    assert Report.objects.count() == 1
