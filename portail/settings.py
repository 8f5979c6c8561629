"""Tous les réglages, lus dans l'environnement. docs/reglages.md les explique un à un.

Sans rien régler, on obtient une machine d'essai : PostgreSQL embarqué, clés tirées au sort et gardées dans
var/, courriels écrits dans des fichiers. Dès que DATABASE_URL est donnée, on est en production : ce qui est
secret doit venir de l'environnement, et son absence arrête tout.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from . import menu, postgres

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Où l'on est -----------------------------------------------------------------------------------
VAR = Path(env("VAR", default=BASE_DIR / "var")).resolve()  # tout ce que cette machine garde
DEMO = env.bool("DEMO", default=False)  # la démonstration : bandeau, comptes d'essai, courriels lisibles
DEBUG = env.bool("DEBUG", default=False)  # pages d'erreur détaillées, pour développer
LOCAL = DEMO or DEBUG or "DATABASE_URL" not in os.environ  # une machine d'essai, non la production
VAR.mkdir(mode=0o700, parents=True, exist_ok=True)


def secret(nom, fabrique):
    """Un secret de l'environnement ; à défaut, sur une machine d'essai, tiré une fois et gardé dans var/."""
    if nom in os.environ:
        return os.environ[nom]
    if not LOCAL:
        raise ImproperlyConfigured(f"{nom} manque : en production, elle se donne dans l'environnement.")
    fichier = VAR / nom.lower()
    if not fichier.exists():
        brouillon = VAR / f".{nom.lower()}-{os.getpid()}"
        brouillon.write_text(fabrique())
        brouillon.chmod(0o600)
        try:
            os.link(brouillon, fichier)  # de plusieurs processus, le premier gagne et tous lisent le sien
        except FileExistsError:
            pass
        finally:
            brouillon.unlink()
    return fichier.read_text()


# Signe les sessions et les liens des courriels.
SECRET_KEY = secret("SECRET_KEY", lambda: secrets.token_urlsafe(50))
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # les anciennes, le temps d'une rotation
# Chiffre les fiches sanitaires : la première chiffre, toutes déchiffrent. Perdue, les fiches le sont aussi.
CLES_FICHES = secret("CLES_FICHES", lambda: Fernet.generate_key().decode()).split(",")

# --- Adresses --------------------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if LOCAL else [])  # les noms du portail
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])  # si le nom vu du navigateur est un autre
ADRESSE = env("ADRESSE", default="").rstrip("/")  # https://famille.ville.fr : les liens des courriels
PROXYS = env.list("PROXYS", default=[])  # ceux dont on croit X-Forwarded-For et X-Forwarded-Proto
ROOT_URLCONF = "portail.urls"
WSGI_APPLICATION = "portail.wsgi.application"

# --- Applications : l'étage le plus haut d'abord, pour que nos gabarits passent avant ceux des autres ---
INSTALLED_APPS = [
    "portail",
    "facturation",
    "presences",
    "reservations",
    "inscriptions",
    "documents",
    "messagerie",
    "familles",
    "commune",
    "unfold.apps.BasicAppConfig",  # avant l'administration de Django, qu'elle habille
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "portail.apps.AdministrationConfig",  # django.contrib.admin, avec notre site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "django_altcha",
    "django_recaptcha",
    "django_htmx",
    "heroicons",
    "import_export",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portail.entetes.EnTetes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # fermé ; une page publique le dit elle-même
    "portail.middleware.Consentement",  # puis rien ne s'ouvre avant la réponse au consentement
    "portail.middleware.AdresseLisible",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",  # en dernier : elle remplace la réponse d'une connexion bloquée
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "commune.contexte.commune",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # nos gabarits django/forms/ d'abord

# --- Base de données : PostgreSQL, celui de DATABASE_URL ou l'embarqué de var/postgres -------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=postgres.adresse(VAR / "postgres"))}
DATABASES["default"]["ENGINE"] = "commune.postgresql"  # celui de Django, qui échange plus vite
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)  # une connexion par page coûterait la moitié du débit
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # une connexion coupée ne fait pas une page en erreur
# PostgreSQL retient le plan des requêtes qui reviennent : l'accueil l'attend 2,6 ms au lieu de 6,9.
if env.bool("REQUETES_PREPAREES", default=True):
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Partagé par tous les processus : défis de captcha déjà joués, limites de débit.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Propre à chaque processus : ce qui se relit sans dommage.
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- Comptes et sessions ---------------------------------------------------------------------------
AUTH_USER_MODEL = "portail.Compte"
LOGIN_URL = "connexion"
LOGIN_REDIRECT_URL = "accueil"
LOGOUT_REDIRECT_URL = "connexion"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # les liens des courriels valent trois jours
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # en premier : il refuse après trop d'essais
    "portail.session.Comptes",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "nom", "prenom"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},  # CNIL, recommandation sur les mots de passe, 2022
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "portail.session"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # « Rester connecté » ; sinon la session finit avec le navigateur

AXES_FAILURE_LIMIT = env.int("AXES_FAILURE_LIMIT", default=8)  # essais manqués avant le blocage
AXES_COOLOFF_TIME = 0.25  # heures : un quart d'heure
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # bloquer l'adresse seule bloquerait une école entière
AXES_CLIENT_IP_CALLABLE = "portail.views.requete.reseau"  # en IPv6, le réseau d'un abonné et non une adresse
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "portail.views.connexion.bloquee"  # dit jusqu'à quelle heure
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # cette heure ne recule pas si l'on insiste
AXES_PASSWORD_FORM_FIELD = "mot_de_passe"  # le champ qu'axes ne recopie pas dans son journal
AXES_VERBOSE = False

# --- « Je ne suis pas un robot » -------------------------------------------------------------------
ALTCHA_VERIFICATION_ENABLED = env.bool("ALTCHA_VERIFICATION_ENABLED", default=True)
ALTCHA_HMAC_KEY = env("ALTCHA_HMAC_KEY", default=SECRET_KEY)  # signe les défis
RECAPTCHA_PUBLIC_KEY = env("RECAPTCHA_PUBLIC_KEY", default="")  # les deux données, reCAPTCHA remplace altcha
RECAPTCHA_PRIVATE_KEY = env("RECAPTCHA_PRIVATE_KEY", default="")
RECAPTCHA = bool(RECAPTCHA_PUBLIC_KEY and RECAPTCHA_PRIVATE_KEY)

# --- Langue et heure -------------------------------------------------------------------------------
LANGUAGE_CODE = "fr-fr"
LANGUAGES = [("fr", "français")]
# Les filtres de dates de l'administration ne lisent que ceux-là, et ignorent sans le dire une date qu'ils ne lisent
# pas ; les formulaires, eux, suivent le français.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
TIME_ZONE = "Europe/Paris"  # les instants sont gardés en UTC et décidés à l'heure de Paris
USE_TZ = True

# --- Fichiers --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_MAX_AGE = 3600
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # compresser aussi les originaux, que rien ne demande, triple l'attente
STORAGES = {
    # Les pièces des familles : jamais servies par une adresse, toujours par une vue qui vérifie la famille.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR / "fichiers",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # Le style et les scripts, compressés, sous un nom qui change avec leur contenu.
    "staticfiles": {"BACKEND": "portail.statiques.Statiques"},
}
if env("S3_BUCKET", default=""):  # demande requirements-s3.txt
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env("S3_BUCKET"),
            "endpoint_url": env("S3_ENDPOINT", default=None),
            "region_name": env("S3_REGION", default=None),
            "access_key": env("S3_ACCESS_KEY", default=None),
            "secret_key": env("S3_SECRET_KEY", default=None),
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
X_ACCEL = env("X_ACCEL", default="")  # l'emplacement interne d'où nginx envoie lui-même les fichiers
CLAMAV = env("CLAMAV", default="")  # machine:port d'un clamd ; donné et muet, l'envoi est refusé
# Le planning d'une année envoie une case par jour et par activité.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Paiement en ligne -----------------------------------------------------------------------------
# Le service « régie » de PayFiP (DGFiP) et sa page ; la démonstration y met son simulateur.
PAYFIP_URL = env("PAYFIP_URL", default="https://www.payfip.gouv.fr/tpa/services/securite")
PAYFIP_PAGE = env("PAYFIP_PAGE", default="https://www.payfip.gouv.fr/tpa/paiementws.web")

# --- Quotient familial -----------------------------------------------------------------------------
# API Particulier v3 (DINUM), si la commune l'ouvre dans « Régie » ; la démonstration y met son simulateur.
API_PARTICULIER_URL = env("API_PARTICULIER_URL", default="https://particulier.api.gouv.fr").rstrip("/")
API_PARTICULIER_JETON = env("API_PARTICULIER_JETON", default="")

# --- Présences ----------------------------------------------------------------------------------------------------
POINTAGE_JOURS = env.int("POINTAGE_JOURS", default=31)  # un agent ne pointe plus au-delà ; la mairie, sans limite

# --- Courriels et tâches de fond -------------------------------------------------------------------
EMAIL_BACKEND = "portail.courriel.FileDAttente"  # dépose une tâche, dans la transaction en cours
if LOCAL and "EMAIL_URL" not in os.environ:
    COURRIEL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # par qui la tâche envoie vraiment
    EMAIL_FILE_PATH = VAR / "courriels"
else:
    # smtp+tls://compte:passe@machine:587
    _courriel = env.email_url("EMAIL_URL", default="smtp://localhost:25")
    COURRIEL_BACKEND = _courriel.pop("EMAIL_BACKEND")
    globals().update(_courriel)
EMAIL_TIMEOUT = 20  # secondes : un serveur muet ne bloque pas la file
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="portail@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "taches"
PROCRASTINATE_IMPORT_PATHS = ["portail.courriel"]

# --- Sécurité de la page et du transport -----------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not LOCAL)  # le navigateur arrive en https
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Sous-domaines et préchargement engagent tout le domaine de la commune, pas seulement son portail.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

_google = ["https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"] if RECAPTCHA else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, *_google],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *_google],
        "worker-src": [SELF, "blob:"],  # le calcul d'altcha
        "frame-src": _google or [NONE],
        "manifest-src": [SELF],
        "form-action": [SELF, "{0.scheme}://{0.netloc}".format(urlsplit(PAYFIP_PAGE))],  # « Payer » y mène
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# L'administration (unfold) anime ses pages avec Alpine : expressions évaluées, styles en ligne.
CSP_ADMINISTRATION = {"script-src": [UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [UNSAFE_INLINE]}
PERMISSIONS_POLICY = {  # rien de tout cela ne sert ici
    "camera": [],
    "microphone": [],
    "geolocation": [],
    "payment": [],
    "usb": [],
    "browsing-topics": [],
}

# --- Journaux : ce qui s'est passé, jamais qui ni quoi ---------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"discret": {"()": "portail.entetes.Discret"}},
    "formatters": {"ligne": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ligne", "filters": ["discret"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "procrastinate": {"level": "WARNING"},
        "axes": {"level": "ERROR"},  # ses avertissements nomment le compte ; l'administration les a déjà
    },
}

# --- Habillage de l'administration -----------------------------------------------------------------
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"  # sans quoi tout compte de la mairie exporterait toute table
IMPORT_EXPORT_CHUNK_SIZE = 2000  # lignes lues à la fois ; à cent, une liste entière en ferait mille lectures
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True  # un nom qui commence par « = » n'est pas une formule de tableur
UNFOLD = {
    "SITE_TITLE": "Portail Famille",
    "SITE_HEADER": "Portail Famille",
    "SITE_SUBHEADER": "La mairie",
    "SITE_SYMBOL": "escalator_warning",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portail/favicon.svg")}],
    "SITE_URL": "/admin/",
    "STYLES": [lambda request: static("portail/administration.css")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "portail.views.mairie.tableau_de_bord",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": menu.rubriques},
    "COLORS": {
        # La terre cuite du portail, en onze teintes, du plus clair au plus foncé.
        "primary": {
            "50": "#fbf3ef", "100": "#f6e2d9", "200": "#edc4b3", "300": "#e09f85", "400": "#cf7656",
            "500": "#bd5939", "600": "#a8452c", "700": "#8b3724", "800": "#722f21", "900": "#5f2a1f",
            "950": "#33130d",
        },
    },
}
