"""Les rappels de la démonstration : ce que Celine a reçu dimanche dernier."""

import datetime as dt

from commune.regles import instant_de_paris, lundi
from portail.models import Compte
from reservations import actions


def installer(jour):
    """Celine veut le résumé du dimanche et a un agenda ; la semaine de ``jour``, elle a oublié Lina (voir ``vie``).
    Faux si rien ne s'est rappelé : des vacances, ou une rentrée sans habitudes.
    """
    celine = Compte.objects.get(email="celine@demo.fr")
    actions.regler(celine, resume_dimanche=True)
    actions.ouvrir_agenda(celine)
    dimanche = instant_de_paris(lundi(jour) - dt.timedelta(days=1), dt.time(18))
    rappeles, resumes = actions.rappeler(dimanche)[0], actions.resumer_la_semaine(dimanche)[0]
    return bool(rappeles and resumes)
