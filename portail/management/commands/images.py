"""``manage.py images`` : refait les images des guides sur la démonstration en marche."""

import os
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management.base import BaseCommand

from facturation.models import Facture
from familles.models import Enfant
from inscriptions.models import Activite
from portail.models import Compte
from portail.systeme import chromium

TELEPHONE, BUREAU = (390, 780), (1280, 860)
# Nom de l'image, compte (vide : un visiteur), adresse, taille. {hugo}, {site}, {midi} : son numéro, son école, sa
# cantine ; {facture} : la dernière de sa famille, qui a une ligne contestée.
IMAGES = [
    ("connexion", "", "/connexion/", TELEPHONE),
    ("creation", "", "/compte/creer/", TELEPHONE),
    ("consentement", "nouveau@demo.fr", "/consentement/", TELEPHONE),
    ("accueil", "celine@demo.fr", "/accueil/", BUREAU),
    ("accueil-telephone", "celine@demo.fr", "/accueil/", TELEPHONE),
    ("ajouter", "celine@demo.fr", "/familles/ajouter/", TELEPHONE),
    ("documents", "celine@demo.fr", "/documents/", BUREAU),
    ("inscriptions", "celine@demo.fr", "/inscriptions/", BUREAU),
    ("planning", "celine@demo.fr", "/reservations/enfants/{hugo}/", BUREAU),
    ("planning-telephone", "celine@demo.fr", "/reservations/enfants/{hugo}/", TELEPHONE),
    ("situation", "celine@demo.fr", "/facturation/", BUREAU),
    ("prestations", "celine@demo.fr", "/facturation/prestations/", BUREAU),
    ("facture", "celine@demo.fr", "/facturation/factures/{facture}/", BUREAU),
    ("presences", "agent@demo.fr", "/presences/?site={site}&activite={midi}", BUREAU),
    ("presences-telephone", "agent@demo.fr", "/presences/?site={site}&activite={midi}", TELEPHONE),
    ("mairie", "mairie@demo.fr", "/admin/", BUREAU),
    ("mairie-pieces", "mairie@demo.fr", "/admin/documents/piece/suite/", BUREAU),
    ("mairie-facturation", "regie@demo.fr", "/admin/facturation/facturation/", BUREAU),
]


class Command(BaseCommand):
    help = "Refait docs/images sur la démonstration en marche (ADRESSE, à défaut http://localhost:8000)."

    def add_arguments(self, parser):
        parser.add_argument("noms", nargs="*", help="celles à refaire ; à défaut, toutes")

    def handle(self, noms, **options):
        from playwright.sync_api import sync_playwright

        adresse = os.environ.get("ADRESSE", "http://localhost:8000")
        dossier = Path(settings.BASE_DIR) / "docs" / "images"
        dossier.mkdir(exist_ok=True)
        hugo = Enfant.objects.get(nom="LA STAR", prenom="Hugo")
        midi = Activite.objects.get(site=hugo.ecole, genre=Activite.Genre.MIDI)
        facture = Facture.objects.filter(famille__in=hugo.familles.all()).latest("mois")
        numeros = {"hugo": hugo.pk, "site": hugo.ecole_id, "midi": midi.pk, "facture": facture.pk}
        images = [image for image in IMAGES if not noms or image[0] in noms]
        # Une boucle d'évènements tourne dans Playwright : les sessions se préparent avant.
        sessions = {email: session(email) for email in {image[1] for image in images} if email}
        with sync_playwright() as outils:
            navigateur = outils.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            for nom, email, chemin, (largeur, hauteur) in images:
                contexte = navigateur.new_context(
                    viewport={"width": largeur, "height": hauteur}, locale="fr-FR", timezone_id="Europe/Paris"
                )
                if email:
                    contexte.add_cookies([{"name": "sessionid", "value": sessions[email], "url": adresse}])
                page = contexte.new_page()
                page.goto(adresse + chemin.format(**numeros))
                page.wait_for_load_state("networkidle")
                page.screenshot(path=dossier / f"{nom}.png")
                contexte.close()
                self.stdout.write(f"{nom}.png")
            navigateur.close()


def session(email):
    """Une session ouverte à ce compte, sans passer par la page de connexion."""
    compte = Compte.objects.get(email=email)
    ouverte = import_module(settings.SESSION_ENGINE).SessionStore()
    ouverte[SESSION_KEY] = str(compte.pk)
    ouverte[BACKEND_SESSION_KEY] = "portail.session.Comptes"
    ouverte[HASH_SESSION_KEY] = compte.get_session_auth_hash()
    ouverte.create()
    return ouverte.session_key
