"""Les réglages des essais : ceux du portail, moins ce qui ne ferait que ralentir."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
# Un serveur PostgreSQL et un dossier à part : les essais ne touchent jamais une démonstration en marche.
os.environ.setdefault("VAR", str(RACINE / "var" / "essais"))
os.environ["DEMO"] = os.environ["DEBUG"] = ""
os.environ["HTTPS"] = ""
os.environ.setdefault("SECRET_KEY", "celle des essais, qui ne garde rien")  # DATABASE_URL donnée, elle serait exigée
os.environ.setdefault("CLES_FICHES", "RXNzYWlzLWRlLWZpY2hlcy1zYW5pdGFpcmVzLS0tLS0=")

from portail.settings import *  # noqa: E402, F403
from portail.settings import DATABASES, STORAGES, VAR  # noqa: E402

# Un nom par processus : deux sessions d'essais côte à côte ne se voient pas.
DATABASES["default"]["TEST"] = {"NAME": f"essais_{os.getpid()}"}

DOSSIER = Path(tempfile.mkdtemp(prefix="essais-", dir=VAR))  # fichiers et courriels, effacés à la fin
atexit.register(shutil.rmtree, DOSSIER, ignore_errors=True)
STORAGES["default"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": DOSSIER / "fichiers"},
}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True  # rien n'est collecté : chaque fichier est cherché à la demande
WHITENOISE_USE_FINDERS = True

COURRIEL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DOSSIER / "courriels"
DEFAULT_FROM_EMAIL = "portail@migne-auxances.test"
ALTCHA_VERIFICATION_ENABLED = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 prend 50 ms par compte, exprès
API_PARTICULIER_URL, API_PARTICULIER_JETON = "http://127.0.0.1:9", "essai"  # ni celle de la DINUM
PAYFIP_URL = "http://127.0.0.1:9/"  # aucun essai n'appelle la DGFiP ; ceux du paiement lancent leur simulateur
