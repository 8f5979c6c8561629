"""Le site d'administration de la mairie : celui d'unfold, moins ceux qui n'ont rien à y faire."""

from functools import partial, wraps

from django.http import Http404
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class Mairie(UnfoldAdminSite):
    index_title = "Ce qui attend la mairie"

    def has_permission(self, request):
        """On n'y entre que pour lire des familles : un agent des accueils, sans ce droit, a ``/presences/``."""
        return super().has_permission(request) and request.user.has_perm("familles.view_famille")

    def admin_view(self, view, cacheable=False):
        """Une fiche se désigne par un nombre : une adresse abîmée n'existe pas (404), au lieu de casser la requête."""

        @wraps(view)
        def fiche(request, *args, **kwargs):
            if not str(kwargs.get("object_id", 0)).isdecimal():
                raise Http404
            return view(request, *args, **kwargs)

        return super().admin_view(fiche, cacheable)

    def get_app_list(self, request, app_label=None):
        """Dressée si on la lit : le menu est le nôtre, et la dresser prend un dixième de chaque page."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))
