from django.urls import path

from . import views

app_name = "messagerie"
urlpatterns = [
    path("", views.fil, name="fil"),
    path("pieces/<int:pk>/", views.piece, name="piece"),
]
