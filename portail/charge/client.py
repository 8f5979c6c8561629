"""Les navigateurs de la charge : un processus à part, la bibliothèque standard seule, une session par parent.

Lit sa tâche en JSON sur son entrée, rend ses relevés en JSON sur sa sortie. Ne parle qu'à 127.0.0.1.
"""

import asyncio
import json
import random
import re
import sys
import time
from urllib.parse import urlencode

HOTE = "127.0.0.1"
JETON = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
VOEU = re.compile(r'name="voeu" value="([^"]+)"( checked)?')
DELAI = re.compile(r'data-delai="(\d+)"')
RESERVEES = re.compile(r"(\d+) réservations? enregistrées?")


class Panne(Exception):
    """La réponse n'est pas celle qu'un parent attend."""


class Navigateur:
    """Un parent : ses témoins, une connexion gardée ouverte ou non, et le temps de chaque réponse."""

    def __init__(self, tache, session, releves, garder=True):
        self.port, self.releves, self.garder = tache["port"], releves, garder
        self.temoins = {"sessionid": session}
        self.flux = None

    async def demander(self, quoi, chemin, champs=None):
        """``(statut, entêtes, corps)`` ; la durée, connexion comprise, va au relevé ``quoi``."""
        corps = urlencode(champs, doseq=True).encode() if champs is not None else b""
        debut = time.perf_counter()
        reponse = await asyncio.wait_for(self._echanger(self._requete(chemin, corps, champs is not None)), 120)
        self.releves.setdefault(quoi, []).append((time.perf_counter() - debut) * 1000)
        if reponse[0] not in (200, 302):
            raise Panne(f"{quoi} : {chemin} répond {reponse[0]}")
        return reponse

    def _requete(self, chemin, corps, poster):
        temoins = "; ".join(f"{nom}={valeur}" for nom, valeur in self.temoins.items())
        entetes = [
            f"{'POST' if poster else 'GET'} {chemin} HTTP/1.1", f"Host: {HOTE}:{self.port}", f"Cookie: {temoins}",
            f"Connection: {'keep-alive' if self.garder else 'close'}", f"Referer: http://{HOTE}:{self.port}/",
        ]  # fmt: skip
        if poster:
            entetes += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(corps)}"]
        return "\r\n".join(entetes).encode() + b"\r\n\r\n" + corps

    async def _echanger(self, requete):
        deja = self.flux is not None
        if not deja:
            self.flux = await asyncio.open_connection(HOTE, self.port)
        lecture, ecriture = self.flux
        try:
            ecriture.write(requete)
            return await self._lire(lecture)
        except (asyncio.IncompleteReadError, ConnectionError):
            if not deja:
                raise
            self.fermer()  # une connexion gardée que le serveur avait close : un navigateur la rouvre
            return await self._echanger(requete)
        finally:
            if not self.garder:
                self.fermer()

    async def _lire(self, lecture):
        tete = (await lecture.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        entetes = {}
        for ligne in tete[1:]:
            nom, _, valeur = ligne.partition(":")
            nom, valeur = nom.lower(), valeur.strip()
            if nom == "set-cookie":
                temoin, _, contenu = valeur.split(";")[0].partition("=")
                self.temoins[temoin] = contenu
            entetes[nom] = valeur
        corps = await lecture.readexactly(int(entetes.get("content-length", 0)))
        return int(tete[0].split()[1]), entetes, corps.decode()

    def fermer(self):
        if self.flux:
            self.flux[1].close()
            self.flux = None


# --- Les scénarios ------------------------------------------------------------------------------------------------
async def ouvrir(nav, tache, releves):
    """Un parent le jour de l'ouverture : ses vœux, son rang, son tour, ses réservations. Rend ce qu'on lui confirme."""
    page = tache["ouverture"]
    await asyncio.sleep(random.random() * tache["etalement"])
    statut, _, corps = await nav.demander("vœux", page)
    if statut == 200:  # sinon, c'est déjà ouvert : une machine lente l'a fait arriver après l'heure
        voeux = {"csrfmiddlewaretoken": JETON.search(corps)[1], "voeu": [v for v, _ in VOEU.findall(corps)]}
        await nav.demander("vœux, les garder", page, voeux)
    await nav.demander("salle d'attente", f"{page}file/")
    await asyncio.sleep(max(0, tache["instant"] - time.time()))
    await attendre_son_tour(nav, tache, page)
    _, _, corps = await nav.demander("page de réservation", page)
    coches = [valeur for valeur, _ in VOEU.findall(corps)]  # tous ses vœux qui restent libres
    jeton = JETON.search(corps)[1]
    if not coches:  # tout est pris, et la page le dit
        await nav.demander("j'ai fini", f"{page}quitter/", {"csrfmiddlewaretoken": jeton})
        return 0
    statut, _, corps = await nav.demander("réserver", page, {"csrfmiddlewaretoken": jeton, "voeu": coches})
    if statut == 302:
        _, _, corps = await nav.demander("page de réservation", page)
    elif "Rien n'est réservé" not in corps.replace("&#x27;", "'"):
        raise Panne("un refus sans sa raison")
    confirmees = RESERVEES.search(corps)
    await nav.demander("j'ai fini", f"{page}quitter/", {"csrfmiddlewaretoken": JETON.search(corps)[1]})
    return int(confirmees[1]) if confirmees else 0


async def attendre_son_tour(nav, tache, page):
    """Revient à l'heure que dit le serveur ; un parent impatient (``ruee``), lui, revient tout de suite."""
    while time.time() < tache["fin"]:
        statut, _, corps = await nav.demander("file", f"{page}file/")
        if statut == 302:
            return
        await asyncio.sleep(1 if tache["ruee"] else int(DELAI.search(corps)[1]))
    raise Panne("son tour n'est pas venu à temps")


async def patienter(nav, tache, releves):
    """Un parent qui prend son rang et attend, sans jamais quitter l'écran."""
    await asyncio.sleep(random.random() * tache["etalement"])
    quoi = "arriver"
    while True:
        statut, _, corps = await nav.demander(quoi, f"{tache['ouverture']}file/")
        quoi = "file"
        if statut == 302:
            return 1
        if time.time() >= tache["fin"]:
            return 0
        await asyncio.sleep(min(int(DELAI.search(corps)[1]), max(0, tache["fin"] - time.time())))


async def charger(nav, tache, releves):
    """La même page, sans relâche, ``secondes`` durant. Rend le nombre de pages reçues."""
    recues, fin = 0, time.monotonic() + tache["secondes"]
    while time.monotonic() < fin:
        await nav.demander(tache["nom"], tache["adresse"])
        recues += 1
    return recues


SCENARIOS = {"ouvrir": ouvrir, "patienter": patienter, "charger": charger}


async def jouer(tache):
    releves, erreurs, rendus = {}, [], []

    async def un(session):
        nav = Navigateur(tache, session, releves, garder=tache["scenario"] != "patienter")
        try:
            rendus.append(await SCENARIOS[tache["scenario"]](nav, tache, releves))
        except (Panne, OSError, asyncio.IncompleteReadError, TimeoutError, TypeError) as erreur:
            erreurs.append(f"{type(erreur).__name__} {erreur}"[:200])
        finally:
            nav.fermer()

    await asyncio.gather(*(un(session) for session in tache["sessions"]))
    return {"releves": releves, "erreurs": erreurs, "rendus": rendus}


if __name__ == "__main__":
    json.dump(asyncio.run(jouer(json.load(sys.stdin))), sys.stdout)
