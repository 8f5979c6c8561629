"""De quoi remplir la page /dessin/ : un formulaire refusé, un fil, des factures, une semaine."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.utils.datastructures import MultiValueDict

from .regles import ETATS


class ExempleForm(forms.Form):
    civilite = forms.ChoiceField(
        label="Civilité", choices=[("M", "M."), ("MME", "Mme"), ("MLLE", "Mlle")], widget=forms.RadioSelect
    )
    nom = forms.CharField(label="Nom", help_text="En majuscules, comme sur le livret de famille.")
    email = forms.EmailField(
        label="Adresse e-mail",
        help_text="Cette adresse e-mail sera votre identifiant pour vous connecter à l'Espace Famille.",
    )
    mot_de_passe = forms.CharField(label="Votre mot de passe", widget=forms.PasswordInput)
    ecole = forms.ChoiceField(
        label="École", choices=[("", "Choisissez"), ("1", "Élémentaire Victor Schoelcher")], required=False
    )
    naissance = forms.DateField(
        label="Date de naissance", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    regime = forms.MultipleChoiceField(
        label="Régime",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("porc", "sans porc"), ("viande", "sans viande")],
    )
    remarque = forms.CharField(label="Remarque", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    piece = forms.FileField(
        label="Livret de famille", required=False, help_text="Photo ou PDF. Plusieurs pages possibles."
    )
    reglement = forms.BooleanField(label="J'ai lu le règlement intérieur et financier.")

    def clean(self):
        raise forms.ValidationError("Cochez la case du règlement pour continuer.", code="reglement")


FIL = [
    {"titre": "Créer votre compte", "etat": "fait"},
    {"titre": "Donner votre consentement", "etat": "fait"},
    {
        "titre": "Compléter votre Espace Famille",
        "etat": "a_faire",
        "principale": True,
        "url": "#fil",
        "texte": "Il manque 2 documents : le justificatif de domicile et l'assurance de Lina.",
        "bouton": "Envoyer mes documents",
    },
    {"titre": "Inscrire vos enfants", "etat": "attente", "texte": "La mairie relit la demande de Hugo."},
    {
        "titre": "Réserver les jours",
        "etat": "plus_tard",
        "texte": "S'ouvre après une inscription acceptée.",
    },
    {"titre": "Suivre vos factures", "etat": "plus_tard"},
]
PASTILLES = [
    (
        "Pièces",
        [
            ("a-envoyer", "À envoyer"),
            ("envoye", "Envoyé"),
            ("valide", "Validé"),
            ("refuse", "Refusé"),
            ("expire", "Expiré"),
            ("obligatoire", "Obligatoire"),
            ("facultatif", "Facultatif"),
        ],
    ),
    (
        "Inscriptions",
        [
            ("demandee", "Demandée"),
            ("valide", "Validée"),
            ("refuse", "Refusée"),
            ("en-attente", "Liste d'attente"),
            ("terminee", "Terminée"),
        ],
    ),
    (
        "Réservations",
        [
            ("reserve", "Réservé"),
            ("modifie", "Modifié"),
            ("annule", "Annulé"),
            ("complet", "Complet"),
            ("trop-tard", "Trop tard"),
            ("ferme", "Fermé"),
        ],
    ),
    (
        "Factures",
        [("a-payer", "À payer"), ("payee", "Payée"), ("en-retard", "En retard"), ("avoir", "Avoir")],
    ),
    ("Présences", [("present", "Présent"), ("absent", "Absent"), ("excuse", "Excusé")]),
    ("Dossier", [("en-creation", "En création"), ("a-valider", "À valider"), ("valide", "Validé")]),
]
FACTURES = [
    {
        "numero": "2026-000128",
        "mois": "Octobre 2026",
        "total": Decimal("1234.50"),
        "etat": "a-payer",
        "mot": "À payer",
    },
    {
        "numero": "2026-000071",
        "mois": "Septembre 2026",
        "total": Decimal("58.30"),
        "etat": "payee",
        "mot": "Payée",
    },
    {
        "numero": "2026-000070",
        "mois": "Septembre 2026",
        "total": Decimal("-7.20"),
        "etat": "avoir",
        "mot": "Avoir",
    },
]
MESSAGES = [
    {
        "auteur": "Service périscolaire",
        "moi": False,
        "quand": dt.datetime(2026, 9, 2, 9, 12),
        "texte": "Bonjour,\n\nL'assurance de Lina est illisible : pouvez-vous la reprendre en photo ?",
        "pieces": [],
    },
    {
        "auteur": "Celine LA STAR",
        "moi": True,
        "quand": dt.datetime(2026, 9, 2, 18, 40),
        "texte": "Bonsoir, la voici. Merci !",
        "pieces": [{"nom": "assurance.pdf", "url": "#fil", "taille": 412000}],
    },
]
# activité, heures, puis l'état de chaque jour ouvert de la semaine d'exemple
SEMAINE = [
    ("Accueil du matin", "7:30 – 8:35", ["trop-tard", "trop-tard reserve", "", "reserve", ""]),
    (
        "Restauration",
        "12:00 – 12:45",
        ["trop-tard reserve", "trop-tard reserve", "vide", "reserve", "refuse"],
    ),
    ("Mercredi midi R. Desnos", "12:00 – 14:00", ["vide", "vide", "attente", "vide", "vide"]),
    ("Accueil du soir", "15:45 – 19:00", ["trop-tard", "trop-tard", "vide", "complet", ""]),
]
JOURS = [
    ("lundi", "LUN."),
    ("mardi", "MAR."),
    ("mercredi", "MER."),
    ("jeudi", "JEU."),
    ("vendredi", "VEN."),
    ("samedi", "SAM."),
    ("dimanche", "DIM."),
]


def semaine():
    """Les sept jours du 31 août 2026 : cases des cinq premiers, week-end fermé."""
    for n, (nom, abrege) in enumerate(JOURS):
        jour = {
            "date": dt.date(2026, 8, 31) + dt.timedelta(days=n),
            "nom": nom,
            "abrege": abrege,
            "ferme": n > 4,
        }
        jour["cases"] = (
            [
                {"nom": activite, "heures": heures, "etats": etats[n].split()}
                for activite, heures, etats in SEMAINE
            ]
            if n < 5
            else []
        )
        yield jour


def exemples():
    """Le contexte de la page /dessin/."""
    return {
        "form": ExempleForm(MultiValueDict({"civilite": ["MME"], "nom": ["LA STAR"], "email": ["celine"]})),
        "fil": [etape | {"mot": ETATS[etape["etat"]]} for etape in FIL],
        "pastilles": PASTILLES,
        "factures": FACTURES,
        "bulles": MESSAGES,
        "activites": [(nom, heures) for nom, heures, _ in SEMAINE],
        "semaine": list(semaine()),
        "noms": ["Vous", "Coordonnées", "Vérification", "Mot de passe"],
        "page": Paginator(range(300), 20).page(3),
        "tons": [
            ("info", "Une information."),
            ("succes", "C'est fait."),
            ("attention", "Attention."),
            ("erreur", "C'est refusé."),
        ],
        "teintes": [
            "papier",
            "feuille",
            "creux",
            "encre",
            "doux",
            "accent-plein",
            "accent-encre",
            "accent-pale",
            "vert",
            "bleu",
            "ocre",
            "rouge",
            "prune",
            "lagon",
            "gris",
        ],
    }
