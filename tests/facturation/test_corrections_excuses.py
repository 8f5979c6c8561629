"""Une excuse, ou son certificat, arrive après la facture : l'avoir proposé, une seule fois, ou pourquoi aucun."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.fichiers import Propre
from facturation import actions
from facturation.models import (
    Avoir,
    Facture,
    Ligne,
    LigneRendue,
    Tarif,
    controler,
    factures_a_corriger,
    factures_a_revoir,
    reviser_factures,
    solde_de,
)
from presences.models import Pointage
from reservations.actions import decider_excuse, joindre_certificat
from reservations.models import Excuse
from tests import fabriques as f
from tests.reservations.test_enregistrement import ensemble

from .test_corrections import texte
from .ville import SEPTEMBRE

JEUDI, VENDREDI, LUNDI = dt.date(2026, 9, 24), dt.date(2026, 9, 25), dt.date(2026, 9, 28)
EMISE, APRES, TARD = f.a_paris(2026, 10, 1), f.a_paris(2026, 10, 2), f.a_paris(2026, 10, 20)
DIX_JOURS = 240  # heures que le tarif laisse au certificat : du 24 septembre à 12 h au 4 octobre


class Cantine:
    """Hugo est absent jeudi, excusé sur parole : un jour de carence ; il vient lundi. Octobre commence, on facture."""

    def __init__(self, carence=1, certificat=DIX_JOURS, excuse="acceptee", jours=(JEUDI,)):
        f.commune()
        f.tarif([(None, "3.60")], carence=carence, certificat=certificat)
        self.foyer = f.famille()
        self.hugo, self.midi = f.enfant(self.foyer), f.activite()
        f.reservation(self.hugo, f.seance(self.midi, LUNDI))
        self.excuses = [self.absence(jour, excuse) for jour in jours]

    def absence(self, jour, etat):
        reservation = f.reservation(self.hugo, f.seance(self.midi, jour))
        Pointage.objects.create(enfant=self.hugo, seance=reservation.seance, etat="absent", recu_le=EMISE)
        decidee = {"decidee_le": f.a_paris(2026, 9, 29)} if etat == "acceptee" else {}
        return f.excuse(reservation, etat=etat, envoyee_le=f.a_paris(2026, 9, 24, 8), **decidee)

    def facturer(self):
        actions.facturer(SEPTEMBRE, None, EMISE)
        return Facture.objects.get(famille=self.foyer)

    def joindre(self, quand, rang=0):
        mot = Propre(ContentFile(b"%PDF-1.7"), "mot.pdf", 1, "application/pdf")
        return joindre_certificat(self.excuses[rang], mot, quand)


def revision(facture):
    ((_, revue),) = reviser_factures([facture])
    return revue


@pytest.mark.django_db
def test_le_certificat_joint_apres_la_facture_rend_le_jour_de_carence_et_la_famille_l_apprend(courriels):
    cantine = Cantine()
    facture = cantine.facturer()
    assert facture.total == D("7.20")
    assert "jour de carence" in Ligne.objects.get(jour=JEUDI).regle
    assert factures_a_revoir(SEPTEMBRE) == []
    cantine.joindre(APRES)
    ((trouvee, revue),) = factures_a_corriger(SEPTEMBRE)
    assert (trouvee, revue.rendre, revue.a_la_main) == (facture, D("3.60"), [])
    assert revue.excusees[0].pourquoi == "absence excusée, certificat reçu le 02/10/2026 à 12:00"
    courriels()  # celui de la facture
    avoir = actions.corriger(facture, D("3.60"), None, APRES)
    assert (avoir.montant, avoir.motif) == (D("3.60"), "Absence excusée après la facture : 1 prestation rendue")
    assert LigneRendue.objects.get().ligne.jour == JEUDI
    assert (Facture.objects.get().total, solde_de(cantine.foyer)) == (D("7.20"), D("3.60"))
    assert factures_a_revoir(SEPTEMBRE) == []
    with pytest.raises(ValidationError, match="plus rien à rendre"):
        actions.corriger(facture, D("3.60"), None, APRES)
    [recu] = courriels()
    assert (recu["To"], recu["Subject"]) == (cantine.foyer.compte.email, "Votre facture est corrigée")
    assert facture.reference in recu.get_body(("plain",)).get_content()


@pytest.mark.django_db
def test_l_excuse_acceptee_apres_la_facture_rend_la_ligne_sans_certificat_si_le_tarif_n_a_pas_de_carence():
    cantine = Cantine(carence=0, excuse="envoyee")
    facture = cantine.facturer()
    assert facture.total == D("7.20")
    decider_excuse(cantine.excuses[0], True, "Bon rétablissement.", None, TARD)
    (excusee,) = revision(facture).excusees
    assert (excusee.rendre, excusee.pourquoi) == (D("3.60"), "absence excusée, acceptée le 20/10/2026 à 12:00")


def trop_tard(cantine):
    cantine.joindre(f.a_paris(2026, 10, 4, 13))


def refusee_ensuite(cantine):
    cantine.joindre(APRES)
    decider_excuse(cantine.excuses[0], False, "Le certificat est d'un autre jour.", None, TARD)


def venu(cantine):
    cantine.joindre(APRES)
    Pointage.objects.update(etat="present")


def pas_encore_decidee(cantine):
    Excuse.objects.update(etat="envoyee", decidee_le=None)
    cantine.joindre(APRES)


def deja_rendue(cantine):
    cantine.joindre(APRES)
    ligne = Ligne.objects.get(jour=JEUDI)
    actions.emettre_avoir(ligne.facture, ligne.montant, "Repas froid", None, APRES, lignes=[ligne])


def tarif_change(cantine):
    Tarif.objects.update(carence=0)


@pytest.mark.django_db
@pytest.mark.parametrize("cas", [trop_tard, refusee_ensuite, venu, pas_encore_decidee, deja_rendue, tarif_change])
def test_ce_qui_ne_rend_rien(cas):
    cantine = Cantine()
    facture = cantine.facturer()
    cas(cantine)
    assert (factures_a_corriger(SEPTEMBRE), revision(facture).rendre) == ([], 0)


@pytest.mark.django_db
def test_un_certificat_trop_tard_le_dit_et_ne_rend_rien():
    cantine = Cantine()
    facture = cantine.facturer()
    trop_tard(cantine)
    ((trouvee, revue),) = factures_a_revoir(SEPTEMBRE)
    assert (trouvee, revue.rendre) == (facture, 0)
    ((ligne, pourquoi),) = revue.tardives
    assert ligne.jour == JEUDI
    assert pourquoi == (
        "certificat reçu le 04/10/2026 à 13:00, après les 240 heures que laisse le tarif : le jour de carence reste dû"
    )


@pytest.mark.django_db
def test_un_certificat_qui_ne_fait_que_deplacer_la_carence_se_regarde_a_la_main():
    """Deux jours d'absence, un de carence : certifié, le premier ne se facture plus, et le second se facturerait."""
    cantine = Cantine(jours=(JEUDI, VENDREDI))
    facture = cantine.facturer()
    assert facture.total == D("7.20")
    cantine.joindre(APRES)
    revue = revision(facture)
    assert (revue.rendre, [ligne.jour for ligne in revue.a_la_main]) == (0, [JEUDI])
    cantine.joindre(APRES, rang=1)
    assert revision(facture).rendre == D("3.60")


@pytest.mark.django_db
def test_un_quotient_et_une_excuse_se_rendent_par_un_seul_avoir():
    cantine = Cantine()
    Tarif.objects.get().tranches.create(jusqu_a=900, prix=D("2.85"))
    facture = cantine.facturer()
    cantine.joindre(APRES)
    cantine.foyer.quotients.create(valeur=742, debut=SEPTEMBRE, preuve="attestation CAF")
    revue = revision(facture)
    assert (revue.du_quotient, revue.rendre) == (D("0.75"), D("4.35"))  # lundi à 2,85 ; jeudi, rien
    avoir = actions.corriger(facture, D("4.35"), None, APRES)
    assert avoir.motif == (
        "Quotient familial reçu après coup (QF 742) : 1 prestation revue ; "
        "Absence excusée après la facture : 1 prestation rendue"
    )
    assert revision(facture).rendre == 0
    assert solde_de(cantine.foyer) == D("2.85")


@pytest.mark.django_db
def test_une_hausse_de_quotient_ne_retient_rien_d_une_absence_excusee():
    cantine = Cantine()
    Tarif.objects.get().tranches.create(jusqu_a=900, prix=D("2.85"))
    cantine.foyer.quotients.create(valeur=742, debut=SEPTEMBRE, preuve="attestation CAF")
    facture = cantine.facturer()
    cantine.joindre(APRES)
    cantine.foyer.quotients.create(valeur=2000, debut=LUNDI, preuve="attestation CAF")
    assert actions.corriger(facture, D("2.85"), None, APRES).montant == D("2.85")
    assert not avoir_corrige()
    assert revision(facture).rendre == 0


def avoir_corrige():
    return Avoir.objects.filter(corrections__isnull=False).exists()


@pytest.mark.django_db
def test_une_part_deja_rendue_par_un_quotient_ne_se_rend_pas_deux_fois():
    cantine = Cantine()
    Tarif.objects.get().tranches.create(jusqu_a=900, prix=D("2.85"))
    facture = cantine.facturer()
    cantine.foyer.quotients.create(valeur=742, debut=SEPTEMBRE, preuve="attestation CAF")
    actions.corriger(facture, D("1.50"), None, APRES)
    cantine.joindre(APRES)
    assert actions.corriger(facture, D("2.85"), None, APRES).montant == D("2.85")  # 3,60 − 0,75
    assert solde_de(cantine.foyer) == D("2.85")


@pytest.mark.django_db(transaction=True)
def test_deux_clics_a_la_fois_ne_font_qu_un_avoir():
    cantine = Cantine()
    facture = cantine.facturer()
    cantine.joindre(APRES)

    def cliquer():
        try:
            actions.corriger(facture, D("3.60"), None, APRES)
        except ValidationError as refus:
            return refus.code
        return "fait"

    assert sorted(ensemble([cliquer, cliquer])) == ["fait", "rien"]
    assert Avoir.objects.get().montant == D("3.60")


@pytest.mark.django_db
def test_autant_de_requetes_pour_une_excuse_que_pour_dix():
    cantine = Cantine()
    familles = [f.famille(nom=f"FOYER {n}") for n in range(9)]
    for foyer in familles:
        seance, petit = cantine.midi.seances.get(jour=JEUDI), f.enfant(foyer, ecole=cantine.hugo.ecole)
        absence = f.reservation(petit, seance)
        cantine.excuses.append(f.excuse(absence, etat="acceptee", envoyee_le=EMISE, decidee_le=EMISE))
    actions.facturer(SEPTEMBRE, None, EMISE)
    combien = []
    for du, au in ((0, 1), (1, 10)):
        for rang in range(du, au):
            cantine.joindre(APRES, rang)
        with CaptureQueriesContext(connection) as requetes:
            assert len(factures_a_corriger(SEPTEMBRE)) == au
        combien.append(len(requetes))
    assert combien[0] == combien[1] <= 14


# --- Les pages ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_la_regie_le_voit_dans_ce_qui_attend_relit_et_emet(client):
    cantine = Cantine()
    facture = cantine.facturer()
    cantine.joindre(APRES)
    controle = next(c for c in controler(dt.date(2026, 10, 1), dt.date(2026, 11, 3)) if c.cle == "corrections")
    assert (controle.nombre, "3,60 € à rendre" in controle.cas[0].texte.replace("\u00a0", " ")) == (1, True)
    client.force_login(f.agent("Régie"))
    vue = texte(client.get(reverse("admin:facturation_corrections")))
    assert "Hugo, Repas du 24/09 : absence excusée, certificat reçu le 02/10/2026 à 12:00" in vue
    adresse = reverse("admin:facturation_correction", args=[facture.pk])
    assert "Émettre l'avoir de 3,60 €" in texte(client.get(adresse))
    assert client.post(adresse, {"vu": "3.60"}).status_code == 302
    assert "plus rien à rendre" in texte(client.post(adresse, {"vu": "3.60"}))
    assert Avoir.objects.get().montant == D("3.60")
    client.force_login(cantine.foyer.compte)
    famille = texte(client.get(reverse("facturation:facture", args=[facture.pk])))
    assert "Absence excusée après la facture : 1 prestation rendue" in famille


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("groupe", "dit"), [("Direction", "Factures à corriger</a>"), ("Périscolaire", "la régie propose")]
)  # fmt: skip
def test_qui_decide_l_excuse_lit_ou_va_ce_qui_est_deja_facture(client, groupe, dit):
    cantine = Cantine(excuse="envoyee")
    cantine.facturer()
    client.force_login(f.agent(groupe))
    assert dit in texte(client.get(reverse("admin:reservations_excuse_change", args=[cantine.excuses[0].pk])))


@pytest.mark.django_db
def test_la_regie_lit_pourquoi_un_certificat_tardif_ne_rend_rien(client):
    cantine = Cantine()
    facture = cantine.facturer()
    trop_tard(cantine)
    client.force_login(f.agent("Régie"))
    une = reverse("admin:facturation_correction", args=[facture.pk])
    for adresse in (reverse("admin:facturation_corrections"), une):
        assert "certificat reçu le 04/10/2026 à 13:00, après les 240 heures" in texte(client.get(adresse))
