"""``manage.py charge`` : le jour de l'ouverture en vrai, et le planning sous charge ; écrit ``var/charge.json``.

Tout est à part et s'arrête tout seul : une base créée pour l'occasion, un serveur sur 127.0.0.1 et un port libre, des
navigateurs dans leurs propres processus, en nombre et en temps bornés.
"""

import json
import os
import re
import socket
import time
import urllib.request

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Count
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import reverse
from django.utils import timezone

from portail import surveillance
from portail.charge import mesures
from portail.management.commands.demo import statiques_reunis

BASE = "charge"
PLAFOND = {"parents": 1000, "file": 5000, "secondes": 60}  # la charge est pour cette machine, et pour peu de temps
NAVIGATEURS = 32
PART = 0.60  # du débit de la page nue


class Command(BaseCommand):
    help = "Rejoue l'ouverture : des parents à la même seconde, une longue file, le planning sous charge."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--parents", type=int, default=500, help="parents à la seconde de l'ouverture")
        parser.add_argument("--places", type=int, default=100, help="places de chacune des cinq activités")
        parser.add_argument("--file", type=int, default=2500, help="foyers dans la file")
        parser.add_argument("--secondes", type=int, default=10, help="durée de chaque mesure de débit")

    def handle(self, **options):
        self.options = {nom: min(options[nom], PLAFOND.get(nom, options[nom])) for nom in (
            "parents", "places", "file", "secondes",
        )}  # fmt: skip
        self.fichier = settings.VAR / "charge.json"
        connection.settings_dict["TEST"]["NAME"] = BASE
        environ = dict(os.environ)
        setup_test_environment(debug=False)
        with statiques_reunis():
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                self.lignes, self.json = [], {"options": self.options}
                self.mesurer()
            except surveillance.Refus as refus:
                raise CommandError(str(refus)) from refus
            finally:
                connection.close()
                connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
                teardown_test_environment()
                os.environ.clear()
                os.environ.update(environ)
        self.stdout.write(f"\nÉcrit dans {self.fichier}.")
        manquees = [texte for texte, _, _, tenue in self.lignes if not tenue]
        if any("débit" not in texte for texte in manquees):  # le bruit ralentit ; il ne vend pas deux fois
            raise CommandError(f"Ce qui doit toujours tenir ne tient pas : {', '.join(manquees)}.")

    def mesurer(self):
        from portail.charge.donnees import Ville

        self.dire(f"Les foyers : {self.options['parents']} parents, {self.options['file']} dans la file…")
        self.ville = Ville(timezone.now())
        tous = max(self.options["parents"], self.options["file"])
        self.parents = self.ville.parents(tous, 1, "p")
        self.ordinaires = self.ville.parents(24, 3, "o")
        self.ville.semaines(self.ordinaires)
        with connection.cursor() as curseur:
            curseur.execute("ANALYZE")
        hote, self.port = "127.0.0.1", port_libre()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portail.charge.reglages", "CHARGE_BASE": BASE, "HTTPS": "", "PROXYS": "",
            "ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "CRITICAL", "SECRET_KEY": settings.SECRET_KEY,
            "CLES_FICHES": ",".join(settings.CLES_FICHES),
        }  # fmt: skip
        self.json["port"] = self.port
        with surveillance.Gardien(hote, self.port, mesures.coeurs()) as gardien:
            gardien.attendre_reponse(f"http://{hote}:{self.port}/connexion/", secondes=60)
            for phase in (self.ruee, self.a_tour_de_role, self.longue_file, self.debits):
                phase()
                self.garder()

    def ruee(self):
        self.ouverture("la ruée", a_la_fois=5000)

    def a_tour_de_role(self):
        self.ouverture("à tour de rôle", a_la_fois=30)

    # --- L'ouverture -------------------------------------------------------------------------------------------------
    def ouverture(self, nom, a_la_fois):
        """Cinq cents parents pour cinq fois cent places : rien de trop, rien de perdu, aucune page en erreur.

        « La ruée » laisse tout le monde entrer à la même seconde ; « à tour de rôle » est la file ordinaire.
        """
        parents, places = self.parents[: self.options["parents"]], self.options["places"]
        dans = 5 + len(parents) // 6  # le temps de déposer les vœux, puis d'entrer dans la salle d'attente
        self.ville.maintenant = timezone.now()
        ouverture = self.ville.ouverture(nom, parents, places, dans, a_la_fois=a_la_fois)
        self.dire(f"L'ouverture, {nom} : {len(parents)} parents, 5 × {places} places…")
        instant = ouverture.ouvre_le.timestamp()
        charge = mesures.mener(
            "ouvrir", [p.session for p in parents], mesures.coeurs(), port=self.port, instant=instant,
            ouverture=reverse("reservations:ouverture", args=[ouverture.pk]), etalement=dans * 0.5,
            fin=instant + 120 + len(parents) // 2, ruee=a_la_fois >= len(parents),
        )  # fmt: skip
        self.verifier_ouverture(nom, ouverture, charge, places, len(parents))

    def verifier_ouverture(self, nom, ouverture, charge, places, parents):
        from reservations.models import Mouvement, Reservation

        vendues = dict(
            Reservation.objects.reservees().filter(seance__ouverture=ouverture)
            .order_by().values_list("seance").annotate(n=Count("pk"))
        )  # fmt: skip
        de_trop = sum(max(0, n - places) for n in vendues.values())
        confirmees, en_base = sum(charge.rendus), sum(vendues.values())
        journal = Mouvement.objects.filter(reservation__seance__ouverture=ouverture, apres="reservee").count()
        perdues = abs(confirmees - en_base) + abs(journal - en_base) + (parents - len(charge.rendus))
        attendues = 5 * min(places, parents)
        self.ligne(f"{nom} : places vendues", en_base, attendues, en_base == attendues)
        self.ligne(f"{nom} : vendues en trop", de_trop, 0, de_trop == 0)
        self.ligne(f"{nom} : réservations perdues ou parents sans réponse", perdues, 0, perdues == 0)
        self.ligne(f"{nom} : pages en erreur", len(charge.erreurs), 0, not charge.erreurs)
        for quoi in ("file", "page de réservation", "réserver"):
            self.ligne(f"{nom} : {quoi}, p50 / p95", charge.temps(quoi), "")
        self.json[nom] = {
            "vendues": en_base, "en_trop": de_trop, "perdues": perdues, "erreurs": charge.erreurs[:20],
            "secondes": round(charge.secondes, 1), "demandes": charge.resume(),
        }  # fmt: skip

    # --- La file -----------------------------------------------------------------------------------------------------
    def longue_file(self):
        """Deux mille cinq cents foyers devant leur écran, la salle pleine : un rang chacun, jamais le même."""
        from reservations.models import Ticket

        foyers = self.parents[: self.options["file"]]
        arrivee = 5 + len(foyers) // 40
        self.ville.maintenant = timezone.now()
        ouverture = self.ville.ouverture("la file", foyers, 100, arrivee, a_la_fois=30)
        self.dire(f"La file : {len(foyers)} foyers…")
        instant = ouverture.ouvre_le.timestamp()
        charge = mesures.mener(
            "patienter", [p.session for p in foyers], mesures.coeurs(), port=self.port, etalement=arrivee,
            ouverture=reverse("reservations:ouverture", args=[ouverture.pk]),
            fin=instant + max(15, 4 * self.options["secondes"]), ruee=False,
        )  # fmt: skip
        tickets = Ticket.objects.filter(ouverture=ouverture)
        rangs = tickets.filter(ordre__isnull=False).values("ordre", "pk").distinct().count()
        admis = tickets.filter(admis_le__isnull=False).count()
        demandes = sum(map(len, charge.releves.values()))
        self.ligne("la file : foyers, chacun son rang", rangs, len(foyers), rangs == tickets.count() == len(foyers))
        self.ligne("la file : admis", admis, min(30, len(foyers)), admis == min(30, len(foyers)))
        self.ligne("la file : pages en erreur", len(charge.erreurs), 0, not charge.erreurs)
        self.ligne("la file : visites par seconde", f"{demandes / charge.secondes:.0f}", "")
        self.ligne("la file : arriver, p50 / p95", charge.temps("arriver"), "")
        self.ligne("la file : voir son rang, p50 / p95", charge.temps("file"), "")
        self.json["la file"] = {
            "foyers": len(foyers), "admis": admis, "erreurs": charge.erreurs[:20],
            "visites_par_seconde": round(demandes / charge.secondes, 1), "demandes": charge.resume(),
        }  # fmt: skip

    # --- Le planning sous charge -------------------------------------------------------------------------------------
    def debits(self):
        """Le planning, et la page nue de même poids, en alternance : une machine bruyante l'est pour les deux."""
        adresse, corps = self.planning()
        cases, octets = len(re.findall(r'class="case[ "]', corps)), len(corps.encode())
        self.dire(f"Le planning, {octets / 1024:.0f} Kio et {cases} cases, contre les pages nues…")
        pages = {
            "planning": adresse,
            "page nue, autant de cases": f"/charge/nue/{cases}/{octets}/",
            "page nue, autant d'octets": f"/charge/nue/{self.cases_pour(octets)}/{octets}/",
        }
        debits, charges = {nom: [] for nom in pages}, {}
        for _ in range(3):
            for nom, chemin in pages.items():
                charge = self.debit(nom, chemin)
                debits[nom].append(sum(charge.rendus) / self.options["secondes"])
                ensemble = charges.setdefault(nom, mesures.Charge())
                ensemble.releves.setdefault(nom, []).extend(charge.releves.get(nom, []))
                ensemble.erreurs += charge.erreurs
        medians = {nom: sorted(valeurs)[1] for nom, valeurs in debits.items()}
        for nom in pages:
            self.ligne(f"{nom} : débit, pages par seconde", f"{medians[nom]:.0f}", "")
            self.ligne(f"{nom} : p50 / p95", charges[nom].temps(nom), "")
        _, *nues = pages
        parts = {nom: medians["planning"] / medians[nom] for nom in nues}
        for nom, part in parts.items():
            self.ligne(f"planning : part du débit de la {nom}", f"{part:.0%}", f"≥ {PART:.0%}", part >= PART)
        erreurs = [erreur for charge in charges.values() for erreur in charge.erreurs]
        self.ligne("planning : pages en erreur", len(erreurs), 0, not erreurs)
        self.json["planning"] = {
            "octets": octets, "cases": cases, "parts": {nom: round(part, 3) for nom, part in parts.items()},
            "debits": debits, "erreurs": erreurs[:20],
            "demandes": {nom: c.resume().get(nom) for nom, c in charges.items()},
        }  # fmt: skip

    def debit(self, nom, chemin):
        # Le planning d'un enfant est à son foyer : trente-deux navigateurs du même, pour les deux pages.
        sessions = [self.ordinaires[0].session] * NAVIGATEURS
        return mesures.mener(
            "charger", sessions, mesures.coeurs(), port=self.port, nom=nom, adresse=chemin,
            fin=time.time() + self.options["secondes"], secondes=self.options["secondes"],
        )  # fmt: skip

    def planning(self):
        """L'adresse du planning où l'on coche, et sa page : l'entrée, ou ce à quoi elle mène."""
        adresse = reverse("reservations:planning")
        for _ in range(2):
            corps, adresse = self.lire(adresse)
            if 'class="case' in corps:
                return adresse, corps
            adresse = re.search(r'href="(/reservations/enfants/\d+/)"', corps)[1]
        raise surveillance.Refus("Le planning de la charge n'a aucune case.")

    def cases_pour(self, octets):
        """Combien de cases une page nue écrit pour peser ``octets``, sans rien d'autre que son cadre."""
        vide, pleine = (len(self.lire(f"/charge/nue/{n}/0/")[0].encode()) for n in (0, 100))
        return 100 * (octets - vide) // (pleine - vide)

    def lire(self, adresse):
        """La page d'un parent ordinaire, et l'adresse où elle a mené."""
        demande = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{adresse}", headers={"Cookie": f"sessionid={self.ordinaires[0].session}"}
        )
        with urllib.request.urlopen(demande, timeout=60) as reponse:
            return reponse.read().decode(), reponse.url.split(str(self.port), 1)[1]

    # --- Dire --------------------------------------------------------------------------------------------------------
    def ligne(self, texte, valeur, cible, tenue=True):
        """Dite aussitôt : une charge interrompue garde ce qu'elle a déjà mesuré."""
        self.lignes.append((texte, str(valeur), str(cible), tenue))
        self.dire(mesures.tableau(self.lignes[-1:]))

    def garder(self):
        self.fichier.write_text(json.dumps(self.json, indent=2, ensure_ascii=False) + "\n")

    def dire(self, message):
        self.stdout.write(message)
        self.stdout.flush()


def port_libre():
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return prise.getsockname()[1]
