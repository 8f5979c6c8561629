from django.urls import path, re_path

from .views import adultes, ajouter, enfants

app_name = "familles"
BLOCS_ENFANT = "|".join(enfants.BLOCS)
BLOCS_ADULTE = "|".join(adultes.BLOCS)

urlpatterns = [
    path("ajouter/", ajouter.ajouter, name="ajouter"),
    path("ajouter/enfant/", ajouter.commencer, {"genre": "enfant"}, name="ajouter_enfant"),
    path("ajouter/adulte/", ajouter.commencer, {"genre": "adulte"}, name="ajouter_adulte"),
    path("ajouter/<uuid:jeton>/abandonner/", ajouter.abandonner, name="ajouter_abandonner"),
    path("ajouter/<slug:genre>/<uuid:jeton>/<slug:nom>/", ajouter.etape, name="ajouter_etape"),
    path("entourage/", adultes.entourage, name="entourage"),
    path("foyer/", adultes.foyer, name="foyer"),
    path("enfants/<int:pk>/", enfants.enfant, name="enfant"),
    path("enfants/<int:pk>/photo/", enfants.photo, name="photo"),
    path("enfants/<int:pk>/photo/modifier/", enfants.photo_modifier, name="photo_modifier"),
    path("enfants/<int:pk>/photo/retirer/", enfants.photo_retirer, name="photo_retirer"),
    path("rattachements/<int:pk>/retablir/", enfants.retablir, name="enfant_retablir"),
    re_path(rf"^enfants/(?P<pk>[0-9]+)/(?P<bloc>{BLOCS_ENFANT})/$", enfants.bloc, name="enfant_bloc"),
    path("adultes/<int:pk>/", adultes.adulte, name="adulte"),
    path("adultes/<int:pk>/fin/", adultes.fin, name="adulte_fin"),
    path("adultes/<int:pk>/retablir/", adultes.retablir, name="adulte_retablir"),
    re_path(rf"^adultes/(?P<pk>[0-9]+)/(?P<bloc>{BLOCS_ADULTE})/$", adultes.bloc, name="adulte_bloc"),
]
