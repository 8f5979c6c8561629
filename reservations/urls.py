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
    path("enfants/<int:pk>/depart/", views.depart, name="depart"),
    path("inscriptions/<int:pk>/fin/", views.fin_inscription, name="fin_inscription"),
    path("recus/<uuid:lot>/", views.recu, name="recu"),
    path("<int:pk>/excuse/", views.excuser, name="excuser"),
    path("<int:pk>/excuse/justificatif/", views.justificatif, name="justificatif"),
]
