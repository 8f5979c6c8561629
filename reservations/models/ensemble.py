"""Lire ce qu'il faut pour juger l'ensemble d'un enregistrement : six requêtes au plus, une si aucune règle ne joue.

Un minimum par semaine en lit cinq de plus : il ne compte que les jours que ce foyer peut vraiment réserver.
"""

import datetime as dt
from collections import Counter, defaultdict

from django.db.models import Count, Q

from commune.models import JourFerme
from commune.regles import lundi
from familles.models import Enfant, garde_des
from familles.regles import cle_de_division
from inscriptions.models import Activite, Condition, Inscription
from inscriptions.regles import SUPPLEMENT

from .. import regles
from ..regles.ensemble import Deja, Pas, Reglages
from .places import restantes
from .tables import Reservation, Seance

SEPT = dt.timedelta(days=7)


def manques(changements, maintenant, verrouiller=False):
    """Les changements (objets à ``enfant``, ``seance``, ``avant`` et ``apres``) qui ne conviennent pas à l'ensemble.

    Rend des couples ``(changement, regles.Manque)``. ``verrouiller`` fait attendre un autre enregistrement du même
    enfant : deux onglets ne dépassent pas ensemble le maximum d'une semaine. Les séances
    viennent avec leur activité, déjà verrouillées quand on va écrire : personne n'y prend de place entre-temps.
    """
    if not changements:
        return []
    activites = {c.seance.activite_id: c.seance.activite for c in changements}
    conditions = list(Condition.objects.filter(Q(activite__in=activites) | Q(autre__in=activites)))
    if not conditions and not any(a.semaine_min or a.semaine_max or a.par_classe for a in activites.values()):
        return []
    if verrouiller:
        enfants = Enfant.objects.filter(pk__in={c.enfant.pk for c in changements}).order_by("pk")
        list(enfants.select_for_update(no_key=True))
    par_pas = {_pas(c): c for c in changements}
    reglages = _reglages(activites, conditions, changements)
    foyers = {c.enfant.pk: c.famille.pk for c in changements}
    deja = _deja(list(par_pas), reglages, foyers, maintenant)
    return [(par_pas[manque.pas], manque) for manque in regles.examiner(par_pas, deja, reglages)]


def _pas(c):
    # Une place proposée est déjà comptée : l'accepter n'en prend pas une de plus.
    compte = c.enfant.classe and c.avant != Reservation.Etat.PROPOSEE
    classe = c.enfant.cle_de_classe if compte else None
    return Pas(
        c.enfant.pk, c.seance.pk, c.seance.activite_id, c.seance.jour, c.apres == Reservation.Etat.RESERVEE, classe
    )


def _reglages(activites, conditions, changements):
    exige, exclut = defaultdict(set), defaultdict(set)
    for c in conditions:
        (exige if c.sens == Condition.Sens.EXIGE else exclut)[c.activite_id].add(c.autre_id)
    autres = {pk for c in conditions for pk in (c.activite_id, c.autre_id)} - activites.keys()
    noms = dict(Activite.objects.filter(pk__in=autres).values_list("pk", "nom")) if autres else {}
    return Reglages(
        noms=noms | {pk: a.nom for pk, a in activites.items()},
        prenoms={c.enfant.pk: c.enfant.prenom for c in changements},
        minimum={pk: a.semaine_min for pk, a in activites.items() if a.semaine_min},
        maximum={pk: a.semaine_max for pk, a in activites.items() if a.semaine_max},
        exige=dict(exige), exclut=dict(exclut),
        par_classe={pk: a.par_classe for pk, a in activites.items() if a.par_classe},
    )  # fmt: skip


def _deja(pas, reglages, foyers, maintenant):
    """Les réservations des enfants et les séances des activités liées, pour les semaines entières que l'on touche."""
    debut, fin = lundi(min(p.jour for p in pas)), lundi(max(p.jour for p in pas)) + SEPT
    prises = Reservation.objects.reservees().filter(
        enfant__in={p.enfant for p in pas}, seance__activite__in=reglages.noms, seance__ouverte=True,
        seance__jour__gte=debut, seance__jour__lt=fin,
    )  # fmt: skip
    seances = list(Seance.objects.filter(activite__in=reglages.noms, jour__gte=debut, jour__lt=fin, ouverte=True))
    return Deja(
        frozenset(prises.order_by().values_list("enfant", "seance__activite", "seance__jour")),
        _possibles(seances, reglages, foyers, maintenant), frozenset((s.activite_id, s.jour) for s in seances),
        _classes(pas, reglages),
    )  # fmt: skip


def _possibles(seances, reglages, foyers, maintenant):
    """``{(enfant, activité, lundi): jours}`` où son foyer peut encore réserver ; rien à lire sans minimum.

    Un jour complet, d'une autre inscription ou de l'autre foyer n'est pas un jour que la famille refuse de prendre.
    """
    seances = [s for s in seances if s.activite_id in reglages.minimum]
    if not seances:
        return {}
    debut, fin = min(s.jour for s in seances), max(s.jour for s in seances)
    activites = Activite.objects.select_related("site").in_bulk({s.activite_id for s in seances})
    fermetures = list(JourFerme.objects.entre(debut, fin))
    garde = garde_des(foyers, debut, fin, fermetures)
    inscriptions = list(
        Inscription.objects.valables(debut, fin).filter(enfant__in=foyers, activite__in=activites)
        .values_list("enfant", "famille", "activite", "debut", "fin")
    )  # fmt: skip
    places, possibles = restantes(seances), defaultdict(list)
    for s in seances:
        a_temps = maintenant < s.limite_reservation or s.apres_limite == SUPPLEMENT
        if not a_temps or places.get(s.pk, 1) <= 0 or regles.fermeture(s.jour, activites[s.activite_id], fermetures):
            continue
        for enfant, famille, activite, du, au in inscriptions:
            siens = famille == foyers[enfant] and activite == s.activite_id and du <= s.jour <= au
            if siens and garde.a_nous(enfant, famille, s.jour):
                possibles[enfant, activite, lundi(s.jour)].append(s.jour)
    return dict(possibles)


def _classes(pas, reglages):
    """Les enfants de chaque classe qui ont une place à ces séances ; sans limite par classe, rien à compter.

    Deux CM1 d'une école sont deux classes ; un même groupe tapé de deux façons n'en fait qu'une.
    """
    comptees = {p.seance for p in pas if p.activite in reglages.par_classe}
    if not comptees:
        return {}
    lues = (
        Reservation.objects.qui_prennent_une_place().filter(seance__in=comptees).exclude(enfant__classe="").order_by()
        .values_list("seance", "enfant__ecole", "enfant__classe", "enfant__division").annotate(n=Count("pk"))
    )  # fmt: skip
    nombres = Counter()
    for seance, ecole, classe, division, n in lues:
        nombres[seance, (ecole, classe, cle_de_division(division))] += n
    return nombres
