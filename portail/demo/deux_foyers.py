"""Deux foyers pour Lina : sa mère, Celine, et son père, Alex, qui a son compte, son adresse et ses factures.

Une semaine sur deux à partir de ce lundi, la moitié des vacances ; un échange accepté, et un qui attend Celine.
"""

import datetime as dt
import random
import uuid

from django.contrib.auth.hashers import make_password

from commune.regles import lundi
from familles.models import Echange, Enfant, Garde, PersonneAutorisee, Quotient, Rattachement, garde_des
from familles.regles.garde import PREMIERE_PAIRES
from inscriptions.models import Inscription
from reservations.models import Mouvement, Reservation

from .commun import MOT_DE_PASSE
from .familles import Tirage

DEUX_SEMAINES = dt.timedelta(days=14)


def installer(annee, jour, maintenant):
    """Alex a les semaines de la parité de la semaine prochaine : Celine garde celle-ci."""
    lina = Enfant.objects.get(nom="LA STAR", prenom="Lina")
    celine = lina.familles.get()
    alex = foyer_d_alex(lina, celine, jour, maintenant)
    paire = lundi(jour).isocalendar().week % 2 == 0
    Garde.objects.create(
        enfant=lina, foyer=celine, autre=alex, semaines="paires" if paire else "impaires", vacances=PREMIERE_PAIRES,
        debut=lundi(jour), acte="jugement du tribunal judiciaire de Poitiers (fictif)", dite_le=maintenant,
    )  # fmt: skip
    for inscription in Inscription.objects.filter(enfant=lina, famille=celine, etat="validee"):
        inscription.pk, inscription.famille = None, alex
        inscription.save()
    partager_les_reservations(lina, celine, alex, jour, annee.fin, maintenant)
    echanger(lina, celine, alex, jour, maintenant)


def foyer_d_alex(lina, celine, jour, maintenant):
    tirage = Tirage(random.Random(2), jour, maintenant, make_password(MOT_DE_PASSE))
    foyer = tirage.creer_foyer("MOREL", "validee", adresse="5 impasse du Moulin")
    pere = tirage.creer_adulte(foyer, "m", "Alex", "pere", "alex@demo.fr")
    tirage.rattachements.append(Rattachement(enfant=lina, famille=foyer, foyer=2))
    tirage.personnes.append(PersonneAutorisee(enfant=lina, adulte=pere, recupere=True, urgence=True))
    tirage.quotients.append(Quotient(famille=foyer, valeur=1180, debut=dt.date(tirage.rentree, 9, 1),
                                     preuve=f"attestation CAF du 04/09/{tirage.rentree}"))  # fmt: skip
    tirage.dossier(foyer, [lina], pere.compte, "validee")
    mere = celine.adultes.get(compte__isnull=False).compte
    for type in tirage.types:
        if type.condition == "garde":
            for qui, compte in ((foyer, pere.compte), (celine, mere)):
                tirage.creer_piece(qui, None, type, "validee", compte)
    tirage.enregistrer()
    return foyer


def partager_les_reservations(lina, celine, alex, jour, fin, maintenant):
    """Ce que Celine avait réservé les jours d'Alex passe à lui, comme la mairie l'aurait fait avec eux."""
    garde = garde_des([lina], jour, fin)
    siennes = [
        reservation
        for reservation in Reservation.objects.filter(enfant=lina, seance__jour__gt=jour).select_related("seance")
        if garde.foyer(lina.pk, reservation.seance.jour) == alex.pk
    ]
    lot, lignes = uuid.uuid4(), []
    for reservation in siennes:
        commun = {"lot": lot, "reservation": reservation, "origine": "mairie", "instant": maintenant,
                  "motif": "Garde partagée, d'après le jugement."}  # fmt: skip
        lignes.append(Mouvement(**commun, famille=celine, avant=reservation.etat, apres="foyer"))
        lignes.append(Mouvement(**commun, famille=alex, avant="foyer", apres=reservation.etat))
        reservation.famille = alex
    Reservation.objects.bulk_update(siennes, ["famille"])
    Mouvement.objects.bulk_create(lignes)


def echanger(lina, celine, alex, jour, maintenant):
    """Celine a cédé un jour, c'est accepté ; Alex lui en demande un autre, et lui en rend un."""
    depuis = jour + DEUX_SEMAINES
    garde = garde_des([lina], depuis, depuis + 4 * DEUX_SEMAINES)
    suivants = [depuis + dt.timedelta(days=n) for n in range(8 * 7) if (depuis + dt.timedelta(days=n)).weekday() < 5]
    a_celine = [d for d in suivants if garde.foyer(lina.pk, d) == celine.pk]
    rendu = next(d for d in suivants if garde.foyer(lina.pk, d) == alex.pk)
    compte = alex.adultes.get().compte
    commun = {"enfant": lina, "de": celine, "vers": alex, "demandeur": alex, "propose_par": compte}
    Echange.objects.create(
        **commun, du=a_celine[0], au=a_celine[0], etat="accepte", propose_le=maintenant - dt.timedelta(days=6),
        repondu_le=maintenant - dt.timedelta(days=5), repondu_par=celine.adultes.get(compte__isnull=False).compte,
    )  # fmt: skip
    Echange.objects.create(
        **commun, du=a_celine[2], au=a_celine[2], retour_du=rendu, retour_au=rendu,
        propose_le=maintenant - dt.timedelta(days=1),
    )  # fmt: skip
