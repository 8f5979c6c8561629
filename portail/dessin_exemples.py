"""De quoi remplir la page /dessin/ : un formulaire refusé, un fil, des factures, une semaine."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.utils.datastructures import MultiValueDict

from commune.regles import instant_de_paris
from reservations import regles
from reservations.models import CaseLue, Lecture

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
LUNDI = dt.date(2026, 8, 31)
MAINTENANT = instant_de_paris(LUNDI, dt.time(8))
DEMAIN, PASSEE = MAINTENANT + dt.timedelta(days=1), MAINTENANT - dt.timedelta(hours=8)
# activité, heures, puis les faits de chaque jour ouvert de la semaine d'exemple ; None : elle n'a pas lieu.
SEMAINE = [
    ("Accueil du matin", "7 h 30 – 8 h 35", [
        {"passee": True}, {"passee": True, "etat": "reservee"}, {}, {"etat": "reservee"},
        {"ouverte": False, "motif": "Grève"},
    ]),
    ("Restauration", "12 h – 12 h 45", [
        {"passee": True, "etat": "reservee", "excuse": "acceptee"}, {"etat": "reservee"}, None, {"restantes": 0},
        {"etat": "reservee"},
    ]),
    ("Accueil du soir", "15 h 45 – 19 h", [
        {"passee": True, "accepte_hors_delai": True}, {"etat": "attente", "rang": 2}, None,
        {"etat": "proposee", "offre_jusqu_a": DEMAIN}, {"ouvre_le": DEMAIN},
    ]),
    ("Club du mercredi", "17 h – 18 h", [
        {"passee": True, "etat": "reservee", "excuse": "envoyee"}, {"suspendue": "écrivez à la mairie"},
        {"etat": "reservee", "chez_nous": False}, {"a_nous": False},
        {"passee": True, "etat": "reservee", "excuse": "refusee"},
    ]),
]  # fmt: skip


def semaine():
    """Une semaine où chaque état d'une case se montre, bâtie par la vraie grille ; vendredi midi y est refusé."""
    hugo = SimpleNamespace(pk=1, prenom="Hugo")
    activites, cases = [], []
    for rang, (nom, horaires, jours) in enumerate(SEMAINE):
        activites.append(SimpleNamespace(pk=rang, nom=nom, horaires=horaires, delais=""))
        for n, faits in enumerate(jours):
            if faits is not None:
                faits, jour = dict(faits), LUNDI + dt.timedelta(days=n)
                limite = PASSEE if faits.pop("passee", False) else DEMAIN + dt.timedelta(days=n)
                lus = regles.Faits(
                    jour=jour, activite=nom, enfant="Hugo", limite_reservation=limite, limite_annulation=limite,
                    debut=DEMAIN + dt.timedelta(days=n), **faits,
                )  # fmt: skip
                cases.append(CaseLue(10 * rang + n, activites[-1], lus))
    refusee = {(1, 14): "Restauration du vendredi 4 septembre : la dernière place vient d'être prise."}
    return regles.semaine([Lecture(hugo, activites, cases, [])], LUNDI, MAINTENANT, refus=refusee)


def exemples():
    """Le contexte de la page /dessin/."""
    return {
        "form": ExempleForm(MultiValueDict({"civilite": ["MME"], "nom": ["LA STAR"], "email": ["celine"]})),
        "fil": [etape | {"mot": ETATS[etape["etat"]]} for etape in FIL],
        "pastilles": PASTILLES,
        "factures": FACTURES,
        "bulles": MESSAGES,
        "semaine": semaine(),
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
