"""Les places d'une séance."""

from django.db.models import Count

from .tables import Reservation


def restantes(seances):
    """Les places qui restent à ces séances, ``{seance_id: places}`` ; celles sans limite n'y sont pas.

    Négatives si la mairie en a donné au-delà. À lire sous le verrou des séances si l'on va en donner.
    """
    limitees = {s.pk: s.capacite for s in seances if s.capacite is not None}
    prises = dict(
        Reservation.objects.qui_prennent_une_place().filter(seance__in=limitees)
        .order_by().values_list("seance").annotate(n=Count("pk"))
    )  # fmt: skip
    return {pk: capacite - prises.get(pk, 0) for pk, capacite in limitees.items()}
