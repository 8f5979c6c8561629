"""Deux foyers pour Lina : sa mère, Celine, et son père, Alex, qui a son compte, son adresse et ses factures.

Une semaine sur deux à partir de ce lundi, la moitié des vacances ; un échange accepté, et un qui attend Celine.
"""

import datetime as dt
import random

from django.contrib.auth.hashers import make_password

from commune.regles import lundi
from familles.actions import regler_garde
from familles.models import Echange, Enfant, PersonneAutorisee, Quotient, Rattachement, garde_des
from familles.regles.garde import IMPAIRES, PAIRES, PREMIERE_PAIRES, Partage
from inscriptions.models import Inscription
from portail.models import Compte
from reservations.actions import suivre_la_garde

from .commun import MOT_DE_PASSE
from .familles import Tirage

DEUX_SEMAINES = dt.timedelta(days=14)


def installer(annee, jour, maintenant):
    """Alex a les semaines de la parité de la semaine prochaine : Celine garde celle-ci."""
    lina = Enfant.objects.get(nom="LA STAR", prenom="Lina")
    celine = lina.familles.get()
    alex = foyer_d_alex(lina, celine, jour, maintenant)
    for inscription in Inscription.objects.filter(enfant=lina, famille=celine, etat="validee"):
        inscription.pk, inscription.famille = None, alex
        inscription.save()
    semaines = PAIRES if lundi(jour).isocalendar().week % 2 == 0 else IMPAIRES
    partage = Partage(celine.pk, alex.pk, semaines, 0, PREMIERE_PAIRES)
    acte = "jugement du tribunal judiciaire de Poitiers (fictif)"
    equipe = Compte.objects.get(email="periscolaire@demo.fr")
    regler_garde(lina, partage, lundi(jour), acte, equipe, maintenant)
    suivre_la_garde(lina, equipe, maintenant)
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
