from django.urls import path

from . import views

app_name = "facturation"
urlpatterns = [
    path("", views.situation, name="situation"),
    path("factures/", views.factures, name="factures"),
    path("factures/<int:pk>/", views.facture, name="facture"),
    path("factures/<int:pk>/pdf/", views.facture_pdf, name="facture_pdf"),
    path("reglements/<int:pk>/recu/", views.recu, name="recu"),
    path("reglements/<int:pk>/recu/pdf/", views.recu_pdf, name="recu_pdf"),
    path("lignes/<int:pk>/contester/", views.contester, name="contester"),
    path("contestations/<int:pk>/piece/", views.contestation_piece, name="contestation_piece"),
    path("contestations/precisions/<int:pk>/piece/", views.precision_piece, name="precision_piece"),
    path("echeanciers/", views.echeanciers, name="echeanciers"),
    path("echeanciers/<int:pk>/", views.echeancier, name="echeancier"),
    path("echeanciers/<int:pk>/pdf/", views.echeancier_pdf, name="echeancier_pdf"),
    path("attestations/", views.attestations, name="attestations"),
    path("attestations/fiscale/", views.attestation_fiscale, name="attestation_fiscale"),
    path("attestations/presence/<int:pk>/", views.attestation_presence, name="attestation_presence"),
    path("factures/<int:pk>/attestation/", views.attestation_paiement, name="attestation_paiement"),
    path("estimation/", views.estimation, name="estimation"),
    path("factures/<int:pk>/payer/", views.payer, name="payer"),
    path("paiements/<slug:refdet>/", views.paiement, name="paiement"),
    path("paiements/<slug:refdet>/retour/", views.retour, name="retour"),
    path("prelevement/", views.mandat, name="mandat"),
    path("prelevement/<int:pk>/signer/", views.mandat_signer, name="mandat_signer"),
    path("prelevement/<int:pk>/revoquer/", views.mandat_revoquer, name="mandat_revoquer"),
    path("payfip/", views.notification, name="payfip"),
    path("quotient/", views.quotient, name="quotient"),
    path("quotient/demander/", views.quotient_demander, name="quotient_demander"),
    path("prestations/", views.prestations, name="prestations"),
]
