"""« Et si ? » : la simulation dit au centime ce qu'émettrait le même tarif, et n'écrit rien."""

import datetime as dt
import io
import zipfile
from decimal import Decimal as D

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation import actions, regles
from facturation.models import Ajustement, Facture, Tarif, Tranche, simuler
from familles.models import Quotient
from presences.models import Pointage
from reservations.models import Excuse, Reservation
from tests import fabriques

from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db
FIN = dt.date(2026, 9, 30)
JEUDI, VENDREDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4)


@pytest.fixture
def ici():
    """Vingt-quatre foyers, le matin, à midi et le soir : des heures, des retards, des excuses, un quotient tardif, des
    enfants venus sans réservation, dont un au second foyer d'un enfant."""
    familles = ville(24, par_jour=3)
    fabriques.annee()
    soir = Pointage.objects.filter(seance__activite__genre="soir", etat="present")
    for reste, heure in ((0, dt.time(13, 10)), (1, dt.time(12, 31)), (2, dt.time(13, 45))):
        soir.filter(enfant_id__in=[p for p in soir.values_list("enfant", flat=True) if p % 3 == reste]).update(
            depart=heure
        )
    absents = Pointage.objects.filter(etat="absent").order_by("pk")[:60]
    for n, absent in enumerate(absents):
        reservation = Reservation.objects.get(enfant=absent.enfant_id, seance=absent.seance_id)
        Excuse.objects.create(
            reservation=reservation, texte="Malade", envoyee_le=MAINTENANT, etat="acceptee" if n % 2 else "envoyee",
            fichier="mot.pdf" if n % 4 == 1 else "", certifie_le=MAINTENANT if n % 4 == 1 else None,
        )  # fmt: skip
    venu = familles[3].enfants.first()
    fabriques.rattacher(venu, familles[4])
    quelques_jours = Reservation.objects.filter(enfant__familles__in=familles[3:5], seance__jour__lte=VENDREDI)
    quelques_jours.filter(excuse=None).delete()
    fabriques.inscription(venu, Pointage.objects.filter(enfant=venu).first().seance.activite, famille=familles[4])
    Quotient.objects.create(famille=familles[2], valeur=500, debut=dt.date(2026, 9, 14), preuve="attestation")
    return familles


def par_foyer():
    return actions.apercu(SEPTEMBRE).totaux


PAR_TRANCHES = {"tranches": [(500, "1"), (None, "5")]}
EFFORT = {"mode": "effort", "taux": "0.004", "plafond": 1500, "tranches": []}
# Chaque façon de dire un prix : le nom, les champs du tarif, ses ajustements.
PROJETS = {
    "d'autres tranches": (PAR_TRANCHES, [("hors_commune", "fixe", "7"), ("fratrie", "pourcentage", "-50", 2)]),
    "un taux d'effort": (EFFORT, [("fratrie", "montant", "-1", 2)]),
    "des quarts d'heure": (EFFORT | {"unite": "duree", "minutes": 15, "part_fixe": "0.50"}, []),
    "un forfait du mois": ({"tranches": [(None, "30")], "unite": "mois"}, [("fratrie", "pourcentage", "-10", 2)]),
    "un forfait de l'année": ({"tranches": [(500, "30"), (None, "90")], "unite": "annee"}, []),
    "des retards": (PAR_TRANCHES, [("retard", "montant", "5"), ("retard", "montant", "9", 3)]),
    "une carence": (PAR_TRANCHES | {"carence": 1}, [("absence", "montant", "1")]),
    "le soir combiné au matin": (PAR_TRANCHES, [("combine", "pourcentage", "-30")]),
    "le soir combiné au matin, par tranche": (
        {"tranches": [(500, "1", "1.70"), (None, "5", "6.30")]}, [("fratrie", "pourcentage", "-10", 2)],
    ),
    "un minimum et un maximum": (EFFORT, [("minimum", "fixe", "2"), ("maximum", "fixe", "4")]),
}


@pytest.mark.parametrize("nom", PROJETS)
def test_la_simulation_dit_ce_que_le_tarif_emettrait(ici, nom):
    champs, ajustements = PROJETS[nom]
    projet = fabriques.tarif(genre="soir", nom=nom, projet=True, ajustements=ajustements, **champs)
    bilan = simuler([Tarif.objects.avec_grilles().get(pk=projet.pk)], None, SEPTEMBRE, FIN)
    ailleurs = Tarif.objects.exclude(genre="soir")
    avant = sum(par_foyer().values())
    Tarif.objects.filter(genre="soir", projet=False).delete()
    Tarif.objects.filter(pk=projet.pk).update(projet=False)
    apres = sum(par_foyer().values())
    Tranche.objects.filter(tarif__in=ailleurs).update(prix=0)
    Ajustement.objects.filter(tarif__in=ailleurs).delete()
    assert bilan.ensemble.apres == sum(par_foyer().values())  # le reste gratuit : il n'y a plus que le soir
    assert bilan.ensemble.ecart == apres - avant
    assert sum(bande.ecart for bande in bilan.bandes) == bilan.ensemble.ecart
    assert sum(bande.foyers for bande in bilan.bandes) == bilan.ensemble.foyers


def test_avant_est_le_total_des_factures_et_rien_n_est_ecrit(ici):
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    with CaptureQueriesContext(connection) as requetes:
        bilans = [simuler([tarif], None, SEPTEMBRE, FIN) for tarif in Tarif.objects.avec_grilles()]
    assert sum(b.ensemble.avant for b in bilans) == Facture.objects.aggregate(s=Sum("total"))["s"]
    assert all(b.ensemble.ecart == 0 and not b.hausses for b in bilans)
    assert not [r["sql"] for r in requetes if r["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]


def test_un_pourcentage_change_tous_les_prix_en_euros():
    grille = regles.Grille(
        "x", (regles.Palier(400, D("1.10"), D("2.30")), regles.Palier(None, D("3.60"))),
        (regles.Effet("hors_commune", "fixe", D("5")), regles.Effet("fratrie", "pourcentage", D(-10), 2)),
    )  # fmt: skip
    plus = regles.majorer(grille, D("2.5"))
    # 1,10 × 1,025 = 1,1275 → 1,13 ; 3,60 × 1,025 = 3,69 ; 5 × 1,025 = 5,125 → 5,13 ; une remise en % ne bouge pas.
    # 2,30 × 1,025 = 2,3575 → 2,36.
    assert [(p.prix, p.combine) for p in plus.paliers] == [(D("1.13"), D("2.36")), (D("3.69"), None)]
    assert [e.valeur for e in plus.effets] == [D("5.13"), D(-10)]


def test_qui_paie_plus_qui_paie_moins_par_tranche_a_la_main():
    fabriques.commune()
    # Avant : 2,10 jusqu'à 600, 2,85 jusqu'à 900, 3,60 au-delà. Après : 1,00 jusqu'à 600, 2,85, 5,00.
    fabriques.tarif()
    projet = fabriques.tarif(nom="Projet", projet=True, tranches=[(600, "1"), (900, "2.85"), (None, "5")])
    midi = fabriques.activite()
    foyers = [fabriques.famille(nom=nom) for nom in ("BAS", "MILIEU", "HAUT", "INCONNU")]
    for foyer, valeur in zip(foyers, (300, 742, 1500, None), strict=True):
        if valeur:
            foyer.quotients.create(valeur=valeur, debut=SEPTEMBRE, preuve="attestation")
        petit = fabriques.enfant(foyer)
        for jour in (JEUDI, VENDREDI):
            fabriques.reservation(petit, midi.seances.filter(jour=jour).first() or fabriques.seance(midi, jour))
    bilan = simuler([Tarif.objects.avec_grilles().get(pk=projet.pk)], None, SEPTEMBRE, FIN)
    assert [(b.nom, b.foyers, b.avant, b.apres, b.plus, b.moins) for b in bilan.bandes] == [
        ("jusqu'à 600", 1, D("4.20"), D("2.00"), 0, 1), ("de 601 à 900", 1, D("5.70"), D("5.70"), 0, 0),
        ("901 et plus", 1, D("7.20"), D("10.00"), 1, 0), ("sans quotient connu", 1, D("7.20"), D("10.00"), 1, 0),
    ]
    assert (bilan.ensemble.avant, bilan.ensemble.apres, bilan.ensemble.pareils) == (D("24.30"), D("27.70"), 1)
    assert [(h.cle, h.ecart) for h in bilan.hausses] == [(foyers[2].pk, D("2.80")), (foyers[3].pk, D("2.80"))]


def test_des_projets_votes_ensemble_s_additionnent_foyer_par_foyer(ici):
    """Le midi monte, le soir baisse : ensemble, chaque foyer a la somme de ses deux écarts."""
    projets = [
        fabriques.tarif(genre=genre, nom=genre, projet=True, tranches=tranches)
        for genre, tranches in (("midi", [(600, "3"), (None, "6")]), ("soir", [(None, "0.50")]))
    ]
    midi, soir = [Tarif.objects.avec_grilles().get(pk=projet.pk) for projet in projets]
    seuls = [simuler([tarif], None, SEPTEMBRE, FIN) for tarif in (midi, soir)]
    ensemble = simuler([midi, soir], None, SEPTEMBRE, FIN)
    assert ensemble.ensemble.ecart == sum(bilan.ensemble.ecart for bilan in seuls)
    assert ensemble.ensemble.avant == sum(bilan.ensemble.avant for bilan in seuls)
    ecarts = [{foyer.cle: foyer.ecart for foyer in bilan.foyers} for bilan in seuls]
    for foyer in ensemble.foyers:
        assert foyer.ecart == sum(lus.get(foyer.cle, 0) for lus in ecarts)


def test_les_deux_bouts_se_nomment():
    foyers = [regles.simulation.Foyer(n, None, D(10), D(10 + n)) for n in range(-14, 15)]
    bilan = regles.dresser(foyers, (400,))
    assert [foyer.cle for foyer in bilan.hausses] == list(range(14, 4, -1))
    assert [foyer.cle for foyer in bilan.baisses] == list(range(-14, -4))
    peu = regles.dresser(foyers[13:16], (400,))  # −1, 0, +1
    assert ([f.cle for f in peu.hausses], [f.cle for f in peu.baisses]) == ([1], [-1])


def test_autant_de_requetes_pour_quatre_foyers_que_pour_quarante():
    ville(4)
    midi = Tarif.objects.avec_grilles().get(genre="midi")

    def requetes():
        with CaptureQueriesContext(connection) as contexte:
            simuler([midi], D(2), SEPTEMBRE, FIN)
        return len(contexte)

    avant = requetes()
    Tarif.objects.exclude(pk=midi.pk).delete()
    seance = fabriques.seance(fabriques.activite(), JEUDI)
    for _ in range(36):
        fabriques.reservation(fabriques.enfant(fabriques.famille()), seance)
    assert requetes() == avant <= 14


# --- La page --------------------------------------------------------------------------------------------------------
def texte(reponse):
    return " ".join(reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'").split())


def test_la_page_compare_et_n_ecrit_rien(client, ici):
    client.force_login(fabriques.agent("Régie"))
    annee, tarif = fabriques.annee(), Tarif.objects.get(genre="midi")
    adresse = reverse("admin:facturation_tarif_et_si", args=[tarif.pk])
    with time_machine.travel(MAINTENANT, tick=False):
        assert "Comparer" in texte(client.get(adresse))
        vue = client.get(adresse, {"annee": annee.pk, "pourcentage": "10"})
    bilan = vue.context["bilan"]
    assert bilan.ensemble.apres > bilan.ensemble.avant
    for phrase in ["Les plus fortes hausses", "24 foyers", "sans quotient connu", "FOYER"]:
        assert phrase in texte(vue), phrase


def test_sans_tarif_d_alors_la_page_le_dit(client):
    fabriques.commune()
    client.force_login(fabriques.agent("Régie"))
    projet, midi = fabriques.tarif(projet=True), fabriques.activite()
    fabriques.reservation(fabriques.enfant(), fabriques.seance(midi, JEUDI))
    with time_machine.travel(MAINTENANT, tick=False):
        vue = client.get(
            reverse("admin:facturation_tarif_et_si", args=[projet.pk]), {"annee": fabriques.annee().pk}
        )
    assert "Aucun tarif ne valait le 3 septembre 2026" in texte(vue)


def test_un_agent_ne_simule_rien(client):
    tarif = fabriques.tarif()
    client.force_login(fabriques.agent("Périscolaire"))
    assert client.get(reverse("admin:facturation_tarif_et_si", args=[tarif.pk])).status_code == 403


def test_plusieurs_projets_se_cochent_et_le_tout_s_emporte_en_ods(client, ici):
    client.force_login(fabriques.agent("Régie"))
    annee = fabriques.annee()
    midi, soir, autre = [
        fabriques.tarif(genre=genre, nom=nom, projet=True, tranches=[(None, prix)])
        for genre, nom, prix in (("midi", "Midi 2027", "0.10"), ("soir", "Soir 2027", "9"), ("midi", "Midi bis", "1"))
    ]
    adresse = reverse("admin:facturation_tarif_et_si", args=[midi.pk])
    with time_machine.travel(MAINTENANT, tick=False):
        vue = client.get(adresse, {"annee": annee.pk, "avec": [soir.pk]})
        double = client.get(adresse, {"annee": annee.pk, "avec": [autre.pk]})
        fichier = client.get(adresse, {"annee": annee.pk, "avec": [soir.pk], "ods": "1"})
    dit = texte(vue)
    for phrase in ("« Midi 2027 »", "« Soir 2027 »", "ces tarifs", "Emporter tous les foyers"):
        assert phrase in dit.replace("&nbsp;", " "), phrase
    assert "remplace la même chose qu'un autre" in texte(double)
    assert "bilan" not in double.context
    contenu = zipfile.ZipFile(io.BytesIO(fichier.content)).read("content.xml").decode()
    assert contenu.count("<table:table-row>") == 1 + len(vue.context["bilan"].foyers)
    assert "FOYER 3" in contenu
    assert LogEntry.objects.filter(object_id=str(midi.pk), change_message__contains="24 foyers").exists()
