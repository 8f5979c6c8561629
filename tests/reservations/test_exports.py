"""Les séances, les excuses et les événements s'emportent : ce qu'on y lit, ce qui n'y sort pas, à quel prix."""

import csv
import datetime as dt
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reservations.models import Evenement, Excuse, Reservation, Seance
from tests import fabriques as f

pytestmark = pytest.mark.django_db
LUNDI = dt.date(2026, 11, 9)
MAINTENANT = f.a_paris(2026, 11, 9, 8)


@pytest.fixture
def mairie(client):
    f.commune()
    client.force_login(f.agent("Périscolaire"))
    return client


def emporter(client, table, format="0", filtre=""):
    return client.post(reverse(f"admin:reservations_{table}_export") + filtre, {"format": format, "resource": ""})


def lire(reponse):
    return list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))


def test_une_seance_dit_ses_places_et_si_elle_a_lieu(mairie):
    midi = f.activite(nom="Restauration", site=f.ecole(nom="École Jules Ferry"), capacite=2)
    tenue = f.seance(midi, LUNDI)
    f.seance(midi, LUNDI + dt.timedelta(days=1), ouverte=False, motif="Grève", capacite=None)
    for etat in ("reservee", "reservee", "attente"):
        f.reservation(f.enfant(), tenue, etat=etat)
    ouverte, fermee = lire(emporter(mairie, "seance", filtre="?quand=toutes"))
    assert ouverte == {
        "Jour": "09/11/2026", "Activité": "Restauration", "Horaires": midi.horaires, "Site": "École Jules Ferry",
        "Places": "2", "Réservées": "2", "Places proposées": "0", "En attente": "1", "A lieu": "oui",
        "Raison si non": "",
    }  # fmt: skip
    assert (fermee["Places"], fermee["A lieu"], fermee["Raison si non"]) == ("", "non", "Grève")


def test_une_excuse_sort_sans_sa_raison_et_aucun_nom_n_y_est_une_formule(mairie):
    hugo = f.enfant(f.famille(nom="=1+1"), prenom='=HYPERLINK("http://x")')
    faite = f.reservation(hugo, f.seance(f.activite(), LUNDI))
    Excuse.objects.create(
        reservation=faite, texte="Crise d'asthme", envoyee_le=MAINTENANT, etat="refusee", reponse="Trop tard",
        decidee_le=MAINTENANT,
    )
    reponse = emporter(mairie, "excuse")
    [excuse] = lire(reponse)
    assert (excuse["Jour"], excuse["État"], excuse["Réponse"]) == ("09/11/2026", "refusée", "Trop tard")
    assert (excuse["Justificatif reçu le"], excuse["Décidée le"]) == ("", "09/11/2026")
    assert (excuse["Famille"], excuse["Prénom"]) == ("'=1+1", "'=HYPERLINK(\"http://x\")")
    assert "asthme" not in reponse.content.decode()
    assert LogEntry.objects.get().object_repr == "Liste exportée : excuses"


def test_un_evenement_dit_qui_il_touche(mairie):
    site = f.ecole(nom="École Jules Ferry")
    sortie = Evenement.objects.create(
        nature="sortie", libelle="Musée", du=LUNDI, au=LUNDI, classes=["cm1", "cm2"], cree_le=MAINTENANT
    )
    sortie.sites.add(site)
    sortie.activites.add(f.activite(nom="Restauration", site=site))
    Evenement.objects.create(nature="greve", libelle="Grève", du=LUNDI, au=LUNDI, cree_le=MAINTENANT)
    dits = {evenement["Libellé"]: evenement for evenement in lire(emporter(mairie, "evenement"))}
    assert dits["Musée"]["Activités"] == "Restauration (École Jules Ferry)"
    assert dits["Musée"]["Classes"] == ", ".join(sortie.classes_dites)
    assert (dits["Musée"]["Nature"], dits["Musée"]["Du"]) == ("sortie d'une classe", "09/11/2026")
    greve = dits["Grève"]
    assert [greve[quoi] for quoi in ("Écoles et sites", "Activités", "Classes")] == [
        "toute la commune", "toutes", "toutes"
    ]  # fmt: skip


def remplir(midi, combien):
    """Autant de séances, d'excuses et d'événements, chacun d'un autre jour, d'une même classe."""
    petit = f.enfant(ecole=midi.site)
    jours = [LUNDI + dt.timedelta(days=n) for n in range(combien)]
    limite = f.a_paris(2026, 11, 1)
    seances = Seance.objects.bulk_create(
        Seance(activite=midi, jour=jour, limite_reservation=limite, limite_annulation=limite) for jour in jours
    )
    faites = Reservation.objects.bulk_create(
        Reservation(enfant=petit, seance=seance, famille=petit.familles.first(), modifiee_le=limite)
        for seance in seances
    )
    Excuse.objects.bulk_create(Excuse(reservation=faite, texte="Absent", envoyee_le=limite) for faite in faites)
    nes = Evenement.objects.bulk_create(
        Evenement(nature="greve", libelle=f"Grève {jour}", du=jour, au=jour, cree_le=limite) for jour in jours
    )
    Evenement.sites.through.objects.bulk_create(
        Evenement.sites.through(evenement=ne, ecole=midi.site) for ne in nes
    )


@pytest.mark.parametrize("format", ["0", "1"])
@pytest.mark.parametrize("table", ["seance", "excuse", "evenement", "reservation"])
def test_trois_cents_lignes_ne_demandent_pas_plus_qu_une(mairie, table, format):
    remplir(f.activite(), 1)
    emporter(mairie, table, format, "?quand=toutes" if table == "seance" else "")
    with CaptureQueriesContext(connection) as une:
        emporter(mairie, table, format, "?quand=toutes" if table == "seance" else "")
    remplir(f.activite(), 300)
    with CaptureQueriesContext(connection) as beaucoup:
        reponse = emporter(mairie, table, format, "?quand=toutes" if table == "seance" else "")
    assert len(beaucoup) == len(une)
    if format == "0":
        assert len(lire(reponse)) == 301
