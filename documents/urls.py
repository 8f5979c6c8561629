from django.urls import path

from . import views

app_name = "documents"
urlpatterns = [
    path("", views.liste, name="liste"),
    path("dossier/", views.dossier, name="dossier"),
    path("envoyer/<int:type_pk>-<int:enfant_pk>/", views.envoyer, name="envoyer"),
    path("pieces/<int:pk>/", views.piece, name="piece"),
    path("modeles/<int:pk>/", views.modele, name="modele"),
    path("informations/", views.informations, name="informations"),
    path("informations/<int:pk>/", views.information, name="information"),
    path("informations/<int:pk>/fichier/", views.information_fichier, name="information_fichier"),
]
