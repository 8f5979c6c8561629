"""Ce que les essais des comptes partagent."""

import re

from django.test import Client

INFOS = {
    "civilite": "mme", "nom": "la star", "prenom": "celine", "email": "Celine@Exemple.fr ",
    "confirmation": "celine@exemple.fr",
}  # fmt: skip
COORDONNEES = {
    "adresse": "1 rue des Écoles", "complement": "", "code_postal": "86440", "ville": "Migné-Auxances",
    "telephone": "0612345678", "telephone_travail": "",
}  # fmt: skip
MOT_DE_PASSE = "quatre mots sans rapport"


def texte(courriel):
    return courriel.get_body(("plain",)).get_content()


def lien(courriel):
    """Le chemin du lien d'un courriel, sans le nom de la machine."""
    return re.search(r"http://[^/\s]+(/\S+)", texte(courriel))[1]


def demander(client=None, **champs):
    """Les trois étapes de la création de compte, jusqu'à la dernière réponse."""
    client = client or Client()
    client.post("/compte/creer/", INFOS | champs)
    client.post("/compte/creer/coordonnees/", COORDONNEES)
    return client.post("/compte/creer/recapitulatif/", {"robot": "on"})


def choisir(client, chemin, mot_de_passe=MOT_DE_PASSE):
    return client.post(chemin, {"new_password1": mot_de_passe, "new_password2": mot_de_passe})
