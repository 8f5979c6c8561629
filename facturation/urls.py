from django.urls import path

from . import views

app_name = "facturation"
urlpatterns = [
    path("", views.situation, name="situation"),
    path("factures/", views.factures, name="factures"),
    path("factures/<int:pk>/", views.facture, name="facture"),
    path("factures/<int:pk>/pdf/", views.facture_pdf, name="facture_pdf"),
    path("lignes/<int:pk>/contester/", views.contester, name="contester"),
    path("contestations/<int:pk>/piece/", views.contestation_piece, name="contestation_piece"),
    path("estimation/", views.estimation, name="estimation"),
    path("prestations/", views.prestations, name="prestations"),
]
