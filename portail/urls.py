"""Les adresses du portail : un préfixe par étage."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("familles/", include("familles.urls")),
    path("documents/", include("documents.urls")),
    path("messagerie/", include("messagerie.urls")),
    path("inscriptions/", include("inscriptions.urls")),
    path("reservations/", include("reservations.urls")),
    path("presences/", include("presences.urls")),
    path("facturation/", include("facturation.urls")),
    path("admin/", admin.site.urls),
]
