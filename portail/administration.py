"""Le site d'administration de la mairie : celui d'unfold, moins ceux qui n'ont rien à y faire."""

from unfold.sites import UnfoldAdminSite


class Mairie(UnfoldAdminSite):
    index_title = "Ce qui attend la mairie"

    def has_permission(self, request):
        """On n'y entre que pour lire des familles : un agent des accueils, sans ce droit, a ``/presences/``."""
        return super().has_permission(request) and request.user.has_perm("familles.view_famille")
