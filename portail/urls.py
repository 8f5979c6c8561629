"""Les adresses du portail : le compte et le consentement ici, puis un préfixe par étage."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django_altcha import AltchaChallengeView

from portail import dessin
from portail.views import (
    accueil,
    connexion,
    courriels,
    creation,
    donnees,
    email,
    invitations,
    mairie,
    mot_de_passe,
    pages,
    panne,
)

# Cent mille empreintes en moyenne : moins d'une seconde pour un téléphone, des heures pour cent mille essais.
defi = login_not_required(AltchaChallengeView.as_view(max_number=200_000))

handler500 = panne.erreur

urlpatterns = [
    path("", login_not_required(RedirectView.as_view(pattern_name="accueil"))),
    path("accueil/", accueil.accueil, name="accueil"),
    path("connexion/", connexion.connexion, name="connexion"),
    path("connexion/defi/", defi, name="defi"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("compte/creer/", creation.infos, name="compte_creer"),
    path("compte/creer/coordonnees/", creation.coordonnees, name="compte_creer_coordonnees"),
    path("compte/creer/recapitulatif/", creation.recapitulatif, name="compte_creer_recapitulatif"),
    path("compte/creer/boite-aux-lettres/", creation.boite, name="compte_boite"),
    path("compte/ouvrir/<str:jeton>/", creation.ouvrir, name="compte_ouvrir"),
    path("mot-de-passe/oublie/", mot_de_passe.oublie, name="mot_de_passe_oublie"),
    path("mot-de-passe/envoye/", mot_de_passe.envoye, name="mot_de_passe_envoye"),
    path("mot-de-passe/nouveau/<str:numero>/<str:jeton>/", mot_de_passe.nouveau, name="mot_de_passe_nouveau"),
    path("mot-de-passe/changer/", mot_de_passe.changer, name="mot_de_passe_changer"),
    path("email/changer/", email.changer, name="email_changer"),
    path("email/confirmer/<str:jeton>/", email.confirmer, name="email_confirmer"),
    path("email/annuler/<str:jeton>/", email.annuler, name="email_annuler"),
    path("invitation/adultes/<int:pk>/", invitations.inviter, name="inviter"),
    path("invitation/<str:jeton>/", invitations.invitation, name="invitation"),
    path("consentement/", donnees.consentement, name="consentement"),
    path("mes-donnees/", donnees.mes_donnees, name="mes_donnees"),
    path("mes-donnees/telecharger/", donnees.telecharger, name="mes_donnees_telecharger"),
    path("mes-donnees/demander/", donnees.demander, name="mes_donnees_demander"),
    path("mes-donnees/retirer/", donnees.retirer, name="mes_donnees_retirer"),
    path("mentions-legales/", pages.mentions, name="mentions"),
    path("accessibilite/", pages.accessibilite, name="accessibilite"),
    path("accent.css", dessin.accent, name="accent"),
    path("demonstration/courriels/", courriels.courriels, name="demo_courriels"),
    path("dessin/", dessin.dessin, name="dessin"),
    path("commune/", include("commune.urls")),
    path("familles/", include("familles.urls")),
    path("documents/", include("documents.urls")),
    path("messagerie/", include("messagerie.urls")),
    path("inscriptions/", include("inscriptions.urls")),
    path("reservations/", include("reservations.urls")),
    path("presences/", include("presences.urls")),
    path("facturation/", include("facturation.urls")),
    path("admin/login/", connexion.connexion_admin),
    path("admin/password_change/", RedirectView.as_view(pattern_name="mot_de_passe_changer")),
    path("admin/famille/<int:pk>/", admin.site.admin_view(mairie.famille), name="mairie_famille"),
    path("admin/enfant/<int:pk>/inviter/", admin.site.admin_view(invitations.mairie_inviter), name="mairie_inviter"),
    path("admin/enfant/<int:pk>/reunir/", admin.site.admin_view(mairie.reunir), name="mairie_reunir"),
    path("admin/", admin.site.urls),
]
