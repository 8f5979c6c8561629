from django.urls import path

from .views import bilans, enfants, famille, feuilles, jour, pointage

app_name = "presences"
urlpatterns = [
    path("", jour.jour, name="jour"),
    path("seances/<int:seance>/nouvelles/", jour.nouvelles, name="nouvelles"),
    path("seances/<int:seance>/reste/", pointage.reste, name="reste"),
    path("seances/<int:seance>/ajouter/", pointage.ajouter, name="ajouter"),
    path("seances/<int:seance>/enfants/<int:pk>/", enfants.enfant, name="enfant"),
    path("seances/<int:seance>/enfants/<int:pk>/pointer/", pointage.pointer, name="pointer"),
    path("seances/<int:seance>/enfants/<int:pk>/heures/", enfants.heures, name="heures"),
    path("seances/<int:seance>/enfants/<int:pk>/sante/", enfants.sante, name="sante"),
    path("seances/<int:seance>/enfants/<int:pk>/photo/", enfants.photo, name="photo"),
    path("seances/<int:seance>/feuille.pdf", feuilles.feuille, name="feuille"),
    path("seances/<int:seance>/liste.csv", feuilles.liste_csv, name="liste_csv"),
    path("famille/", famille.famille, name="famille"),
    path("effectifs/", bilans.effectifs, name="effectifs"),
    path("effectifs.csv", bilans.effectifs_csv, name="effectifs_csv"),
    path("ecarts/", bilans.ecarts, name="ecarts"),
    path("ecarts.csv", bilans.ecarts_csv, name="ecarts_csv"),
]
