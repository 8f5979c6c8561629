"""Un quotient entré après la facture : l'avoir proposé, au centime, une seule fois, et la facture intacte."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation import actions
from facturation.models import (
    Avoir,
    Facture,
    Ligne,
    LigneCorrigee,
    Regie,
    corrections_avant,
    factures_a_corriger,
    reviser_factures,
)
from facturation.models.prestations import Quotients
from facturation.regles import QF
from familles.models import Quotient
from presences.models import Pointage
from reservations.actions import appliquer
from reservations.models import Evenement
from tests import fabriques

from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI, LUNDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4), dt.date(2026, 9, 7)
OCTOBRE = fabriques.a_paris(2026, 10, 20)


@pytest.fixture
def midi():
    fabriques.commune()
    # Trois tranches : 2,10 jusqu'à 600, 2,85 jusqu'à 900, 3,60 au-delà ou sans quotient.
    fabriques.tarif()
    return fabriques.activite()


@pytest.fixture
def hugo():
    return fabriques.enfant(fabriques.famille())


def facturer(petit, midi, *jours):
    for jour in jours:
        fabriques.reservation(petit, midi.seances.filter(jour=jour).first() or fabriques.seance(midi, jour))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    return Facture.objects.get(famille=petit.familles.get())


def quotient(petit, valeur, debut=SEPTEMBRE, fin=None):
    return petit.familles.get().quotients.create(
        valeur=valeur, debut=debut, fin=fin, preuve="attestation CAF du 15/10/2026"
    )


def rendre(facture):
    ((_, revision),) = reviser_factures([facture])
    return revision.rendre


def test_un_quotient_tardif_rend_la_difference_et_laisse_la_facture(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI, LUNDI)
    avant = list(Facture.objects.values()), list(Ligne.objects.values())
    assert facture.total == D("10.80")  # trois repas à 3,60
    quotient(hugo, 742)
    ((trouvee, revision),) = factures_a_corriger(SEPTEMBRE)
    assert (trouvee, revision.rendre) == (facture, D("2.25"))  # 3 × (3,60 − 2,85)
    avoir = actions.corriger(facture, D("2.25"), None, OCTOBRE)
    assert (avoir.montant, avoir.motif) == (
        D("2.25"), "Quotient familial reçu après coup (QF 742) : 3 prestations revues"
    )
    assert (list(Facture.objects.values()), list(Ligne.objects.values())) == avant
    assert [(c.montant, c.quotient) for c in LigneCorrigee.objects.all()] == [(D("0.75"), 742)] * 3
    assert "tranche 2 (QF 742, attestation CAF du 15/10/2026)" in LigneCorrigee.objects.first().regle
    assert facture.total - avoir.montant == D("8.55")  # ce qu'aurait coûté le mois : 3 × 2,85


def test_un_second_clic_ne_rend_rien_et_un_second_quotient_rend_le_reste(midi, hugo):
    facture = facturer(hugo, midi, JEUDI)
    quotient(hugo, 742)
    actions.corriger(facture, D("0.75"), None, OCTOBRE)
    with pytest.raises(ValidationError, match="plus rien à rendre"):
        actions.corriger(facture, D("0.75"), None, OCTOBRE)
    assert factures_a_corriger(SEPTEMBRE) == []
    quotient(hugo, 500)  # corrigé encore : 2,10 au lieu de 2,85
    assert rendre(facture) == D("0.75")
    actions.corriger(facture, D("0.75"), None, OCTOBRE)
    assert sum(a.montant for a in Avoir.objects.all()) == D("1.50")  # 3,60 − 2,10


def test_le_quotient_ne_corrige_que_les_jours_ou_il_vaut(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI, LUNDI)
    quotient(hugo, 500, debut=VENDREDI, fin=VENDREDI)
    assert rendre(facture) == D("1.50")


def test_une_hausse_ne_se_reclame_pas_mais_se_compense(midi, hugo):
    quotient(hugo, 742)
    facture = facturer(hugo, midi, JEUDI, VENDREDI, LUNDI)
    quotient(hugo, 2000, debut=LUNDI)  # 3,60 au lieu de 2,85, un jour
    assert rendre(facture) == 0
    assert factures_a_corriger(SEPTEMBRE) == []
    quotient(hugo, 500, debut=VENDREDI, fin=VENDREDI)
    assert rendre(facture) == 0  # 0,75 de moins, 0,75 de plus
    quotient(hugo, 500, debut=JEUDI, fin=JEUDI)
    assert actions.corriger(facture, D("0.75"), None, OCTOBRE).montant == D("0.75")
    assert sorted(c.montant for c in LigneCorrigee.objects.all()) == [D("-0.75"), D("0.75"), D("0.75")]


def test_le_montant_relu_fait_foi(midi, hugo):
    facture = facturer(hugo, midi, JEUDI)
    quotient(hugo, 500)
    with pytest.raises(ValidationError, match="a changé depuis"):
        actions.corriger(facture, D("0.75"), None, OCTOBRE)
    assert Avoir.objects.count() == 0


def test_une_ligne_qui_a_change_pour_une_autre_raison_se_regarde_a_la_main(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI)
    quotient(hugo, 742)
    Pointage.objects.create(enfant=hugo, seance=midi.seances.get(jour=JEUDI), etat="excuse", recu_le=MAINTENANT)
    ((_, revision),) = reviser_factures([facture])
    assert revision.rendre == D("0.75")
    assert [ligne.jour for ligne in revision.a_la_main] == [JEUDI]


def test_une_ligne_deja_rendue_en_entier_ne_se_corrige_plus(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI)
    ligne = facture.lignes.get(jour=JEUDI)
    actions.emettre_avoir(facture, ligne.montant, "Sortie", None, OCTOBRE, lignes=[ligne])
    quotient(hugo, 742)
    assert rendre(facture) == D("0.75")


def test_une_greve_apres_la_correction_ne_rend_que_le_reste_de_la_ligne(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI)
    quotient(hugo, 742)
    actions.corriger(facture, D("1.50"), None, OCTOBRE)
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=JEUDI, au=JEUDI, cree_le=OCTOBRE)
    greve.activites.add(midi)
    appliquer(greve, None, OCTOBRE)
    (avoir,) = actions.crediter(greve.pk, OCTOBRE)
    assert avoir.montant == D("2.85")  # 3,60 − 0,75 déjà rendus


def test_une_ligne_corrigee_ne_se_rend_plus_entiere_a_la_main(midi, hugo):
    facture = facturer(hugo, midi, JEUDI, VENDREDI)
    quotient(hugo, 742)
    actions.corriger(facture, D("1.50"), None, OCTOBRE)
    ligne = facture.lignes.get(jour=JEUDI)
    with pytest.raises(ValidationError, match="Il ne reste que 2,85"):
        actions.emettre_avoir(facture, D("3.60"), "Sortie", None, OCTOBRE, lignes=[ligne])
    assert actions.emettre_avoir(facture, D("2.85"), "Sortie", None, OCTOBRE, lignes=[ligne]).montant == D("2.85")


def test_les_jours_d_un_mois_reporte_se_corrigent_aussi(midi, hugo):
    Regie.objects.create(seuil=15)
    fabriques.inscription(hugo, midi, fin=dt.date(2027, 7, 5))
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    for jour in (1, 2, 5, 6):
        fabriques.reservation(hugo, fabriques.seance(midi, dt.date(2026, 10, jour)))
    actions.facturer(dt.date(2026, 10, 1), None, fabriques.a_paris(2026, 11, 2))
    facture = Facture.objects.get()
    assert facture.total == D("18.00")  # un repas de septembre, reporté, et quatre d'octobre, à 3,60 €
    quotient(hugo, 742)
    ((_, revision),) = reviser_factures([facture])
    assert (revision.a_la_main, revision.rendre) == ([], D("3.75"))  # 5 × (3,60 − 2,85)
    assert len(revision.ecarts) == 5
    actions.corriger(facture, D("3.75"), None, fabriques.a_paris(2026, 11, 5))
    assert rendre(facture) == 0


def test_un_quotient_perime_le_dit_sur_la_ligne_et_celui_qui_le_remplace_la_corrige(midi, hugo):
    quotient(hugo, 742, debut=dt.date(2025, 9, 1), fin=dt.date(2026, 8, 31))
    facture = facturer(hugo, midi, JEUDI)
    ligne = facture.lignes.get()
    assert (ligne.montant, ligne.quotient) == (D("3.60"), None)
    assert "la plus haute, votre quotient 742 valait jusqu'au 31/08/2026" in ligne.regle
    quotient(hugo, 750)
    ((trouvee, revision),) = factures_a_corriger(SEPTEMBRE)
    assert (trouvee, revision.rendre) == (facture, D("0.75"))


CONNUS = Quotients([
    (dt.date(2026, 10, 1), dt.date(2026, 12, 31), QF(750)), (SEPTEMBRE, dt.date(2026, 9, 15), QF(742)),
])  # fmt: skip


@pytest.mark.parametrize(("jour", "attendu"), [
    (dt.date(2026, 8, 31), None),  # rien ne vaut encore
    (dt.date(2026, 9, 15), QF(742)),
    (dt.date(2026, 9, 16), QF(742, perime=dt.date(2026, 9, 15))),
    (dt.date(2026, 10, 1), QF(750)),
    (dt.date(2027, 1, 1), QF(750, perime=dt.date(2026, 12, 31))),  # le dernier des deux
])  # fmt: skip
def test_le_quotient_d_un_jour_ou_le_dernier_qui_a_valu(jour, attendu):
    assert CONNUS.du(jour) == attendu


def test_la_correction_est_scellee(midi, hugo):
    facture = facturer(hugo, midi, JEUDI)
    quotient(hugo, 742)
    actions.corriger(facture, D("0.75"), None, OCTOBRE)
    for geste in (lambda: LigneCorrigee.objects.update(montant=5), lambda: LigneCorrigee.objects.all().delete()):
        with pytest.raises(DatabaseError, match="ne se modifie pas"), transaction.atomic():
            geste()


def test_autant_de_requetes_pour_deux_factures_que_pour_dix():
    fabriques.commune()
    familles = ville(30, par_jour=1)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    def requetes(combien):
        Quotient.objects.bulk_create(
            Quotient(famille=f, valeur=100, debut=SEPTEMBRE, preuve="attestation")
            for f in familles[::3][:combien]  # celles qui n'en avaient pas
        )
        with CaptureQueriesContext(connection) as contexte:
            assert len(factures_a_corriger(SEPTEMBRE)) == combien
        return len(contexte)

    assert requetes(2) == requetes(10) <= 14


TARDIFS = {
    # nom : (quotient d'alors, quotient arrivé après, mois que l'on s'apprête à émettre, ce qu'il faudrait rendre)
    "rien n'est arrivé": (742, None, (2026, 10), None),
    "un quotient qui manquait": (None, 742, (2026, 10), "0.75"),
    "un quotient plus bas": (742, 500, (2026, 10), "0.75"),
    "la même tranche": (742, 800, (2026, 10), None),
    "une hausse": (742, 2000, (2026, 10), None),
    "vu d'un mois plus lointain": (None, 742, (2027, 8), "0.75"),
    "vu de plus d'un an": (None, 742, (2027, 11), None),
    "vu du mois lui-même": (None, 742, (2026, 9), None),
}


@pytest.mark.parametrize("nom", TARDIFS)
def test_avant_d_emettre_un_mois_on_sait_quels_quotients_sont_arrives_apres_les_precedents(midi, hugo, nom):
    alors, depuis, mois, attendu = TARDIFS[nom]
    if alors:
        quotient(hugo, alors)
    facture = facturer(hugo, midi, JEUDI)
    if depuis:
        quotient(hugo, depuis)
    tardifs = [(f, revision.rendre) for f, revision in corrections_avant(dt.date(*mois, 1))]
    assert tardifs == ([(facture, D(attendu))] if attendu else [])
    if attendu:
        actions.corriger(facture, D(attendu), None, OCTOBRE)
        assert corrections_avant(dt.date(*mois, 1)) == []


# --- Les pages ------------------------------------------------------------------------------------------------------
def texte(reponse):
    return " ".join(reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'").split())


def test_la_regie_relit_puis_emet(client, midi, hugo):
    client.force_login(fabriques.agent("Régie"))
    liste, une = "admin:facturation_corrections", "admin:facturation_correction"
    facture = facturer(hugo, midi, JEUDI, VENDREDI)
    assert "Aucune" in texte(client.get(reverse(liste)))
    quotient(hugo, 742)
    vue = texte(client.get(reverse(liste)))
    assert "LA STAR" in vue
    assert "1,50 €" in vue
    adresse = reverse(une, args=[facture.pk])
    detail = texte(client.get(adresse))
    assert "Émettre l'avoir de 1,50 €" in detail
    assert "tranche 2 (QF 742, attestation CAF du 15/10/2026)" in detail
    assert "a changé depuis" in texte(client.post(adresse, {"vu": "1.00"}))
    assert Avoir.objects.count() == 0
    assert client.post(adresse, {"vu": "1.50"}).status_code == 302
    assert Avoir.objects.get().montant == D("1.50")
    assert "Rien à rendre" in texte(client.get(adresse))


def test_qui_ne_rend_pas_d_argent_n_y_entre_pas(client, midi, hugo):
    facture = facturer(hugo, midi, JEUDI)
    client.force_login(fabriques.agent("Périscolaire"))
    assert client.get(reverse("admin:facturation_corrections")).status_code == 403
    assert client.post(reverse("admin:facturation_correction", args=[facture.pk])).status_code == 403
