"""Mener les navigateurs, compter, et le dire en un tableau."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

PATIENCE = 60  # secondes laissées aux clients au-delà de la fin prévue


@dataclass
class Charge:
    """Les relevés d'une phase : par nom de demande, les durées en millisecondes."""

    releves: dict = field(default_factory=dict)
    erreurs: list = field(default_factory=list)
    rendus: list = field(default_factory=list)
    secondes: float = 0

    def p(self, quoi, rang):
        """Le centile ``rang`` (50, 95) des durées de ces demandes, en millisecondes."""
        durees = sorted(self.releves.get(quoi, []))
        return durees[min(len(durees) - 1, len(durees) * rang // 100)] if durees else 0.0

    def temps(self, quoi):
        """« 12 / 40 ms » : la moitié des réponses, puis dix-neuf sur vingt."""
        return f"{self.p(quoi, 50):.0f} / {self.p(quoi, 95):.0f} ms"

    def resume(self):
        return {
            quoi: {
                "demandes": len(durees), "p50_ms": round(statistics.median(durees), 1),
                "p95_ms": round(self.p(quoi, 95), 1), "max_ms": round(max(durees), 1),
            }
            for quoi, durees in self.releves.items()
            if durees
        }  # fmt: skip


def mener(scenario, sessions, processus, **tache):
    """Joue ``scenario`` pour chaque session, réparties entre des processus à part ; rend la ``Charge``."""
    debut, charge, clients = time.monotonic(), Charge(), []
    limite = tache["fin"] - time.time() + PATIENCE
    try:
        for rang in range(processus):
            client = subprocess.Popen(
                [sys.executable, "-m", "portail.charge.client"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            clients.append(client)
            client.stdin.write(json.dumps(tache | {"scenario": scenario, "sessions": sessions[rang::processus]}))
            client.stdin.close()
        for client in clients:
            _reunir(charge, _sortie(client, max(1, debut + limite - time.monotonic())))
    finally:
        for client in clients:
            client.kill()
            client.wait()
            client.stdout.close()
    charge.secondes = time.monotonic() - debut
    return charge


def _sortie(client, secondes):
    """Ce que le client a dit ; un client muet est tué au bout de ``secondes``, et c'est une erreur."""
    lignes = []
    fil = threading.Thread(target=lambda: lignes.append(client.stdout.read()), daemon=True)
    fil.start()
    fil.join(secondes)
    if fil.is_alive():
        client.kill()
        fil.join()
        return {"releves": {}, "erreurs": ["un client n'a pas fini à temps"], "rendus": []}
    return json.loads(lignes[0]) if lignes[0] else {"releves": {}, "erreurs": ["un client est tombé"], "rendus": []}


def _reunir(charge, releve):
    for quoi, durees in releve["releves"].items():
        charge.releves.setdefault(quoi, []).extend(durees)
    charge.erreurs += releve["erreurs"]
    charge.rendus += releve["rendus"]


def coeurs():
    return os.cpu_count() or 1


def tableau(lignes):
    """``[(texte, valeur, cible, tenue)]`` en colonnes ; ``!`` devant ce qui manque sa cible."""
    return "\n".join(
        f"{' ' if tenue else '!'} {texte:54}{valeur:>14}{cible:>14}" for texte, valeur, cible, tenue in lignes
    )
