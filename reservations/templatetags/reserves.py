"""Ce que les pages d'en dessous montrent des réservations : un gabarit peut regarder plus haut, le code non."""

from django import template

from ..models import Reservation

register = template.Library()


@register.simple_tag
def ont_reserve(famille, jour):
    """Les numéros des enfants pour qui ce foyer a un jour réservé, ce ``jour`` (date de Paris) ou après."""
    a_venir = Reservation.objects.reservees().filter(famille=famille, seance__jour__gte=jour)
    return set(a_venir.order_by().values_list("enfant", flat=True))
