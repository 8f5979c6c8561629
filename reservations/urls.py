from django.urls import path

from . import views

app_name = "reservations"
urlpatterns = [
    path("", views.planning, name="planning"),
    path("enfants/<int:pk>/", views.planning_enfant, name="planning_enfant"),
    path("enfants/<int:pk>/mois/", views.planning_mois, name="planning_mois"),
    path("enfants/<int:pk>/annee/", views.planning_annee, name="planning_annee"),
    path("enfants/<int:pk>/periode/", views.periode, name="periode"),
    path("enfants/<int:pk>/journal/", views.journal, name="journal"),
    path("recus/<uuid:lot>/", views.recu, name="recu"),
    path("<int:pk>/excuse/", views.excuser, name="excuser"),
    path("<int:pk>/excuse/justificatif/", views.justificatif, name="justificatif"),
    path("ouvertures/", views.ouvertures, name="ouvertures"),
    path("ouvertures/<int:pk>/", views.ouverture, name="ouverture"),
    path("ouvertures/<int:pk>/file/", views.file_ouverture, name="file"),
    path("ouvertures/<int:pk>/quitter/", views.quitter_la_file, name="quitter"),
    path("ouvertures/<int:pk>/revenir/", views.revenir_dans_la_file, name="revenir"),
    path("ouvertures/<int:pk>/verifier/", views.verifier, name="verifier"),
    path("ouvertures/<int:pk>/verifier.csv", views.verifier_csv, name="verifier_csv"),
]
