"""Le règlement dit chaque règle posée, et ce qui vaut partout ; une version garde les deux."""

import pytest
from django.urls import reverse

from inscriptions.actions import publier_reglement
from inscriptions.models import VersionReglement, reglement
from tests import fabriques as f

REGLES = {
    "la liste d'attente proposée": (
        {"place_liberee": "proposer", "delai_offre": 6},
        "une place qui se libère est proposée au premier de la liste, qui a 6 heures pour répondre",
    ),
    "la liste d'attente donnée": ({"place_liberee": "donner"}, "est donnée au premier de la liste, sans confirmation."),
    "l'excuse": ({"excuse_jours": 10}, "s'excuse par écrit, jusqu'à 10 jours après."),
    "l'excuse, un seul jour": ({"excuse_jours": 1}, "s'excuse par écrit, jusqu'à 1 jour après."),
    "le maximum": ({"semaine_max": 3}, "Une semaine compte au plus 3 jours réservés."),
}


@pytest.mark.parametrize("nom", REGLES)
def test_le_reglement_dit_chaque_regle_de_l_activite(db, nom):
    champs, phrase = REGLES[nom]
    f.activite(**champs)
    [article] = reglement()[0]["activites"]
    textes = " ".join(r["texte"] for r in article["regles"]).replace("\u00a0", " ")
    assert phrase in textes
    assert ("liste d'attente" in textes) is ("place_liberee" in champs)


def test_ce_qui_vaut_partout_suit_la_commune_et_se_garde_dans_chaque_version(client, db, courriels):
    commune, agent = f.commune(), f.agent("Direction")
    f.activite()
    premiere = publier_reglement(agent, f.a_paris(2026, 9, 1))
    client.force_login(agent)
    adresse = reverse("admin:commune_commune_change", args=[1])
    form = client.get(adresse).context["adminform"].form
    donnees = {nom: form[nom].value() for nom in form.fields if form[nom].value() not in (None, False)}
    donnees.pop("logo", None)
    page = client.post(adresse, donnees | {"bloquer_impayes": "on", "impayes_jours": 45}, follow=True)
    assert "Le règlement des réservations le dira" in page.content.decode()
    courriels()  # la file passe
    seconde = VersionReglement.objects.first()
    assert (seconde.numero, seconde.publiee_par) == (premiere.numero + 1, agent)
    dite = "Un foyer dont une facture reste due 45 jours après son échéance ne réserve plus"
    lue = client.get(reverse("inscriptions:reglement")).content.decode().replace("\u00a0", " ")
    assert dite in lue
    assert "sauf les premiers jours d&#x27;une absence sans certificat" in lue
    assert f"Version {seconde.numero}, publiée" in lue
    ancienne = client.get(reverse("inscriptions:reglement_version", args=[premiere.numero])).content.decode()
    assert "ne réserve plus" not in ancienne
    assert publier_reglement(agent, f.a_paris(2026, 9, 2)) is None, "rien n'a changé depuis"
    assert commune.pk == 1
