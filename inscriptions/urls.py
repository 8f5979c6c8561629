from django.urls import path

from . import views

app_name = "inscriptions"
urlpatterns = [
    path("", views.liste, name="liste"),
    path("enfants/<int:pk>/", views.enfant, name="enfant"),
    path("<int:pk>/", views.recu, name="recu"),
]
