"""De quoi parcourir les étapes comme un parent, et photographier Hugo."""

import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

AUJOURDHUI = dt.date(2026, 11, 12)


def identite(**champs):
    return {"nom": "La Star", "prenom": "hugo", "sexe": "g", "date_naissance": "2018-02-07"} | champs


def sante(**champs):
    return {
        "allergies": "Arachide : adrénaline dans le sac.", "regime": "sans_porc", "pai": "",
        "medecin": "Dr Auger", "medecin_telephone": "0549000000", "observations": "",
    } | champs  # fmt: skip


def etapes_enfant(ecole, adulte):
    """Ce qu'un parent répond à chaque étape, dans l'ordre."""
    return {
        "identite": identite(),
        "ecole": {"ecole": ecole.pk, "classe": "ce2"},
        "sante": sante(),
        "autorisations": {"photo": "True", "sortie": "False", "soins": "True"},
        "entourage": {f"adulte_{adulte.pk}": ["recupere", "urgence"]},
    }


def etapes_adulte(*enfants):
    return {
        "identite": {"civilite": "m", "nom": "Dupont", "prenom": "georges", "lien": "grand_parent"},
        "telephones": {"telephone": "0612345678", "telephone_travail": ""},
        "enfants": {f"enfant_{e.pk}": ["recupere"] for e in enfants},
    }


def commencer(client, genre):
    """L'adresse de la première étape d'un nouvel ajout."""
    return client.get(reverse(f"familles:ajouter_{genre}")).url


def adresse(premiere, etape):
    """L'adresse d'une autre étape du même ajout."""
    return premiere.rsplit("/", 2)[0] + f"/{etape}/"


def parcourir(client, genre, etapes, premiere=None):
    """Envoie chaque étape ; rend la dernière réponse."""
    premiere = premiere or commencer(client, genre)
    for nom, donnees in etapes.items():
        reponse = client.post(adresse(premiere, nom), donnees)
    return reponse


def photo(nom="hugo.jpg", taille=(1200, 900), couleur="orange"):
    tampon = io.BytesIO()
    Image.new("RGB", taille, couleur).save(tampon, "JPEG")
    return SimpleUploadedFile(nom, tampon.getvalue(), "image/jpeg")
