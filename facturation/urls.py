from django.urls import path

from . import views

app_name = "facturation"
urlpatterns = [
    path("", views.situation, name="situation"),
    path("factures/", views.factures, name="factures"),
    path("factures/<int:pk>/", views.facture, name="facture"),
    path("factures/<int:pk>/pdf/", views.facture_pdf, name="facture_pdf"),
    path("estimation/", views.estimation, name="estimation"),
    path("factures/<int:pk>/payer/", views.payer, name="payer"),
    path("paiements/<slug:refdet>/", views.paiement, name="paiement"),
    path("paiements/<slug:refdet>/retour/", views.retour, name="retour"),
    path("payfip/", views.notification, name="payfip"),
    path("prestations/", views.prestations, name="prestations"),
]
