from django.urls import path

from . import views

app_name = "inscriptions"
urlpatterns = [
    path("", views.liste, name="liste"),
    path("enfants/<int:pk>/", views.enfant, name="enfant"),
    path("<int:pk>/", views.recu, name="recu"),
    path("reglement/", views.reglement, name="reglement"),
    path("reglement/<int:numero>/", views.reglement_version, name="reglement_version"),
]
