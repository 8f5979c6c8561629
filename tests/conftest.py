"""Ce que tous les essais partagent : PostgreSQL, les courriels, les navigateurs."""

import asyncio
import email
import email.policy
import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from commune.memoire import ramassage_espace
from portail import postgres, systeme
from portail.groupes import installer_groupes
from tests.modele import effacer_les_bases_des_morts, modele_de_base

# Une machine chargée n'est pas une propriété fausse : hypothesis ne juge que les réponses.
hypothesis.register_profile("essais", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("essais")
# Playwright garde une boucle asyncio ouverte dans le fil des essais ; l'ORM n'y est jamais concurrent.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# Une connexion par fil, boucle ouverte ou non : sans cela, le fil des essais en a deux dès que le navigateur démarre,
# et la transaction laissée par l'une bloque le TRUNCATE de l'autre.
connections._connections = threading.local()

DRAPEAUX = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_finish():
    """Quatre mille essais recueillis ne se reparcourent pas à chaque ramassage."""
    ramassage_espace()


# --- La base ---------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """PostgreSQL embarqué, sans attendre le disque : une base d'essai ne craint pas la panne de courant."""
    if "DATABASE_URL" not in os.environ:
        sans_attendre = dict.fromkeys(["fsync", "full_page_writes", "synchronous_commit"], "off")
        postgres.attacher(settings.VAR / "postgres", shared_buffers="128MB", **sans_attendre)
        effacer_les_bases_des_morts()
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = modele_de_base()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Les types de contenu se lisent d'avance : un essai qui compte ses requêtes ne dépend pas de son rang.

    Les groupes de la mairie aussi, comme après ``manage.py installer`` : chaque agent y perdait un tiers de seconde.
    """
    with django_db_blocker.unblock():
        ContentType.objects.get_for_models(*apps.get_models())
        installer_groupes()


@pytest.fixture(autouse=True)
def _sans_memoire():
    """Le cache du processus n'est dans aucune transaction : il ne passe pas d'un essai au suivant."""
    caches["local"].clear()


A_GARDER = {
    "django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions",
}  # fmt: skip


def _vider(essai):
    """Ce que l'essai a écrit s'efface là où il a écrit, la file et les caches compris.

    Django viderait les cent cinquante tables, puis remettrait types et droits dans deux d'entre elles : une seconde
    par essai. Le rôle « replica » fait taire les déclencheurs, dont ceux qui interdisent d'effacer un journal.
    """
    with connection.cursor() as curseur:
        tables = [nom for nom in connection.introspection.table_names(curseur) if nom not in A_GARDER]
        curseur.execute(" UNION ALL ".join(f"SELECT '{nom}' WHERE EXISTS (SELECT FROM {nom})" for nom in tables))
        ecrites = [nom for (nom,) in curseur.fetchall()]
        efface = "".join(f"DELETE FROM {nom};" for nom in ecrites)
        curseur.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {efface} COMMIT")


TransactionTestCase._fixture_teardown = _vider


# --- Les courriels ---------------------------------------------------------------------------------
@pytest.fixture(scope="session", autouse=True)
def _vraie_file_de_courriels(django_test_environment):
    """Le cadre d'essai de Django garde les courriels en mémoire ; les nôtres passent par la file, comme en vrai."""
    settings.EMAIL_BACKEND = "portail.courriel.FileDAttente"


@pytest.fixture
def courriels(db):
    """Fait tourner la file jusqu'au bout et rend les courriels partis, du plus ancien au plus récent.

    ``courriels()`` rend ceux partis depuis l'appel précédent ; chacun est un ``email.message.EmailMessage``
    (``message["To"]``, ``message.get_body(("plain",)).get_content()``).
    """
    dossier = settings.EMAIL_FILE_PATH
    shutil.rmtree(dossier, ignore_errors=True)

    def relever():
        travailler()
        recus = []
        for fichier in sorted(dossier.glob("*"), key=lambda f: f.stat().st_mtime_ns):
            recus += _messages(fichier.read_bytes())
            fichier.unlink()
        return recus

    return relever


def _messages(octets):
    """Le moteur de fichiers sépare ses messages par une ligne de 79 tirets."""
    morceaux = octets.split(b"-" * 79 + b"\n")
    return [email.message_from_bytes(m.strip(), policy=email.policy.default) for m in morceaux if m.strip()]


def travailler():
    """Fait les tâches en attente, une fois, par le vrai ouvrier de procrastinate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.periodic_registry, "periodic_tasks", {})  # ce que l'horloge dépose n'est pas de l'essai
        if connection.in_atomic_block:
            _travailler_ici()
        else:
            _travailler_a_cote()


REGLAGES_OUVRIER = {"wait": False, "install_signal_handlers": False, "listen_notify": False}


class DansLaTransaction(DjangoConnector):
    """La connexion de Django, qui rend le JSON en texte là où l'ouvrier l'attend décodé."""

    def _dictfetch(self, cursor):
        for ligne in super()._dictfetch(cursor):
            yield ligne | ({"args": json.loads(ligne["args"])} if isinstance(ligne.get("args"), str) else {})


def _travailler_ici():
    """Dans la transaction de l'essai, que nul autre fil ne verrait : l'ouvrier emprunte sa connexion et son fil."""

    async def sur_place(func, *args, **kwargs):
        # La boucle a son fil ; la tâche, comme les requêtes de l'ouvrier, revient dans celui de l'essai.
        return await sync_to_async(func, thread_sensitive=True)(*args, **kwargs)

    boucle = asyncio._get_running_loop()
    asyncio._set_running_loop(None)  # celle que Playwright garde ouverte : la nôtre tourne pendant qu'elle attend
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("procrastinate.utils.sync_to_async", sur_place)
            with app.replace_connector(DansLaTransaction()):
                # Sans les intergiciels de procrastinate : ils ferment les connexions, et la nôtre est celle de l'essai.
                async_to_sync(app.run_worker_async)(**REGLAGES_OUVRIER, task_middleware=[])
    finally:
        asyncio._set_running_loop(boucle)


def _travailler_a_cote():
    """Avec sa propre connexion, comme en production ; dans un fil, car celui de Playwright a déjà sa boucle."""

    def ouvrier():
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(**REGLAGES_OUVRIER)

    with ThreadPoolExecutor(1) as fil:
        fil.submit(ouvrier).result(timeout=60)


# --- Les navigateurs -------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = systeme.chromium()
    if not chromium:
        pytest.fail(f"Chromium manque : {systeme.commande(['Chromium'])}", pytrace=False)
    return browser_type_launch_args | {"executable_path": chromium, "args": DRAPEAUX}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {"locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture
def telephone(new_context):
    """Une page de téléphone, large de 360 px."""
    return new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def sans_js(new_context):
    """Une page dont le navigateur n'exécute aucun script."""
    return new_context(java_script_enabled=False).new_page()
