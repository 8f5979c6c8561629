"""``manage.py charge`` en petit : le vrai serveur, de vraies sessions, et ce qui doit toujours tenir."""

import json
import os
import socket
import subprocess
import sys

from django.conf import settings


def test_la_charge_en_petit_ne_vend_rien_deux_fois_ne_perd_rien_et_ne_laisse_rien_tourner():
    fin = subprocess.run(
        [sys.executable, "manage.py", "charge", "--parents=16", "--places=5", "--file=40", "--secondes=1"],
        cwd=settings.BASE_DIR, env={**os.environ, "DJANGO_SETTINGS_MODULE": "portail.settings", "LOG_LEVEL": "ERROR"},
        capture_output=True, text=True, timeout=420,
    )  # fmt: skip
    assert fin.returncode == 0, fin.stdout + fin.stderr
    releve = json.loads((settings.VAR / "charge.json").read_text())
    for ouverture in ("la ruée", "à tour de rôle"):
        assert releve[ouverture]["vendues"] == 25
        assert releve[ouverture]["en_trop"] == releve[ouverture]["perdues"] == 0
        assert releve[ouverture]["erreurs"] == []
        assert releve[ouverture]["demandes"]["réserver"]["p95_ms"] > 0
    assert (releve["la file"]["foyers"], releve["la file"]["admis"]) == (40, 30)
    assert all(part > 0 for part in releve["planning"]["parts"].values())
    with socket.socket() as prise:
        assert prise.connect_ex(("127.0.0.1", releve["port"])) != 0, "le serveur tourne encore"
