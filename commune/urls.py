from django.urls import path

from . import views

app_name = "commune"
urlpatterns = [
    path("logo/", views.logo, name="logo"),
]
