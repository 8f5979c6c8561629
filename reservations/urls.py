from django.urls import path

from . import views

app_name = "reservations"
urlpatterns = [
    path("", views.planning, name="planning"),
    path("periode/", views.periode_famille, name="periode_famille"),
    path("enfants/<int:pk>/", views.planning_enfant, name="planning_enfant"),
    path("enfants/<int:pk>/mois/", views.planning_mois, name="planning_mois"),
    path("enfants/<int:pk>/annee/", views.planning_annee, name="planning_annee"),
    path("enfants/<int:pk>/periode/", views.periode, name="periode"),
    path("enfants/<int:pk>/journal/", views.journal, name="journal"),
    path("attente/<int:enfant>/<int:seance>/", views.attente, name="attente"),
    path("place/<str:jeton>/", views.place, name="place"),
    path("enfants/<int:pk>/depart/", views.depart, name="depart"),
    path("inscriptions/<int:pk>/fin/", views.fin_inscription, name="fin_inscription"),
    path("recus/<uuid:lot>/", views.recu, name="recu"),
    path("recus/<uuid:lot>/annuler/", views.defaire, name="defaire"),
    path("<int:pk>/excuse/", views.excuser, name="excuser"),
    path("<int:pk>/excuse/justificatif/", views.justificatif, name="justificatif"),
    path("rappels/", views.rappels, name="rappels"),
    path("rappels/agenda/ouvrir/", views.agenda_ouvrir, name="agenda_ouvrir"),
    path("rappels/agenda/fermer/", views.agenda_fermer, name="agenda_fermer"),
    path("rappels/non/<str:jeton>/", views.desabonner, name="desabonner"),
    path("agenda/<str:jeton>/periscolaire.ics", views.agenda, name="agenda"),
    path("echanges/", views.echanges, name="echanges"),
    path("echanges/<int:pk>/", views.echange, name="echange"),
    path("echanges/enfants/<int:pk>/proposer/", views.proposer, name="echange_proposer"),
    path("ouvertures/", views.ouvertures, name="ouvertures"),
    path("ouvertures/<int:pk>/", views.ouverture, name="ouverture"),
    path("ouvertures/<int:pk>/file/", views.file_ouverture, name="file"),
    path("ouvertures/<int:pk>/quitter/", views.quitter_la_file, name="quitter"),
    path("ouvertures/<int:pk>/revenir/", views.revenir_dans_la_file, name="revenir"),
    path("ouvertures/<int:pk>/verifier/", views.verifier, name="verifier"),
    path("ouvertures/<int:pk>/verifier.csv", views.verifier_csv, name="verifier_csv"),
]
