"""Trois lignes contestées : l'une attend la mairie, l'autre une précision de la famille, la dernière est rendue."""

import datetime as dt

from facturation.actions import accepter_contestation, contester, demander_precision
from facturation.models import Facture
from portail.models import Compte

ATTEND = "Hugo dit qu'il a mangé à la maison ce jour-là : pouvez-vous vérifier ?"
PRECISE = "Lina était malade toute la semaine, j'avais prévenu l'école par téléphone."
QUESTION = "L'école n'a rien noté : quel jour avez-vous appelé ? Un certificat, si vous en avez un, suffira."
ACCEPTEE = "Lina est rentrée à midi avec la maman d'une amie, la directrice le sait."
REPONSE = "C'est exact, l'animatrice le confirme. La ligne vous est rendue ; merci de nous l'avoir dit."


def installer(maintenant):
    """La dernière facture de Celine a une ligne qui attend, et une que la mairie questionne ; l'autre, une acceptée."""
    factures = list(Facture.objects.filter(famille__nom="LA STAR").order_by("-mois")[:2])
    if not factures:  # la rentrée : rien n'est encore facturé
        return
    celine, regie = Compte.objects.get(email="celine@demo.fr"), Compte.objects.get(email="regie@demo.fr")
    trois_jours = dt.timedelta(days=3)
    quand = max(factures[0].emise_le, maintenant - trois_jours)
    demander(factures[0], "Hugo", ATTEND, celine, quand)
    a_preciser = demander(factures[0], "Lina", PRECISE, celine, quand)
    demander_precision(a_preciser, QUESTION, regie, max(quand, maintenant - dt.timedelta(days=1)))
    if len(factures) == 2:
        faite = demander(factures[1], "Lina", ACCEPTEE, celine, min(factures[1].emise_le + trois_jours, maintenant))
        quand = min(faite.envoyee_le + dt.timedelta(days=4), maintenant)
        accepter_contestation(faite, "deduire", REPONSE, regie, quand)


def demander(facture, prenom, motif, compte, quand):
    """La contestation du deuxième repas facturé de cet enfant."""
    repas = facture.lignes.filter(prenom=prenom, texte="Repas", rendue=None).order_by("jour")
    return contester(repas[1:2].get(), motif, None, compte, quand)
