"""Le consentement, et « Mes données » : les voir, les emporter, les faire rectifier, retirer son accord."""

import datetime as dt
import tempfile

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from commune.regles import jour_de_paris
from documents.models import TypePiece
from familles.models import Enfant, Famille, FicheSanitaire
from familles.views import brouillons
from portail import actions, regles
from portail.forms import ConsentementForm, DemandeForm, RetraitForm
from portail.models import Consentement, TexteConsentement

from .requete import adresse_ip, passe, refus, suite

EXPORTS_PAR_HEURE = 6
TROP = "Vous avez déjà téléchargé vos données plusieurs fois. Réessayez après %(heure)s."


def consentement(request):
    """La page que tout compte de parent rencontre d'abord : voir ``portail.middleware``."""
    compte = request.user
    texte = actions.texte_en_vigueur(timezone.now())
    if texte is None or compte.is_staff or compte.texte_accepte_id == texte.pk:
        return redirect(suite(request))
    publies = TexteConsentement.objects.filter(publie_le__lte=timezone.now())
    form = ConsentementForm(compte, publies, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and passe(form, form.save, adresse_ip(request)):
        messages.success(request, "Merci. Votre réponse est enregistrée ; « Mes données » permet d'en changer.")
        return redirect(suite(request))
    return render(request, "portail/consentement.html", {
        "form": form,
        "texte": texte,
        "paragraphes": regles.paragraphes(actions.texte_rempli(texte)),
        "precedente": compte.consentements.select_related("texte").first(),
        "next": suite(request),
    })  # fmt: skip


def mes_donnees(request):
    compte = request.user
    famille = (
        Famille.objects.du_compte(compte)
        .annotate(nb_pieces=Count("pieces", distinct=True), nb_messages=Count("messages", distinct=True))
        .annotate(nb_inscriptions=Count("inscriptions", distinct=True))
        .first()
    )
    enfants = list(Enfant.objects.de_la_famille(famille)) if famille else []
    reponses = list(Consentement.objects.filter(compte=compte).select_related("texte"))
    return render(request, "portail/mes_donnees.html", {
        "famille": famille,
        "adultes": famille.adultes.actuels() if famille else [],
        "enfants": enfants,
        "nb_fiches": FicheSanitaire.objects.filter(enfant__in=enfants).count(),
        "reponses": reponses,
        "relire": regles.paragraphes(reponses[0].texte_lu) if reponses else [],
        "accord": compte.texte_accepte_id is not None,
    })  # fmt: skip


@require_POST
def telecharger(request):
    """Le zip est composé dans un fichier temporaire, que le système efface dès qu'il est envoyé."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    maintenant = timezone.now()
    essai = ("export", request.user.pk, EXPORTS_PAR_HEURE, dt.timedelta(hours=1), maintenant, TROP)
    if phrase := refus(actions.compter, *essai):
        messages.error(request, phrase)
        return redirect("mes_donnees")
    fichier = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse le ferme
    actions.exporter(famille, request.user, fichier, maintenant)
    fichier.seek(0)
    nom = f"donnees-{slugify(famille.nom)}-{jour_de_paris(maintenant)}.zip"
    return FileResponse(fichier, as_attachment=True, filename=nom, content_type="application/zip")


def demander(request):
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    form = DemandeForm(famille, request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and passe(form, form.save):
        messages.success(request, "Votre demande est envoyée à la mairie, qui a un mois pour y répondre.")
        return redirect("mes_donnees")
    return render(request, "portail/donnees_demander.html", {"form": form})


def retirer(request):
    """Ce qui va suivre est dit avant ; rien n'est effacé avant la case cochée."""
    if request.user.texte_accepte_id is None:
        return redirect("mes_donnees")
    form = RetraitForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and passe(form, form.save, adresse_ip(request)):
        request.session.pop(brouillons.CLE, None)  # un ajout commencé porte lui aussi de la santé
        messages.success(request, "Votre consentement est retiré et les données de santé sont effacées.")
        return redirect("mes_donnees")
    famille = Famille.objects.du_compte(request.user).first()
    enfants = Enfant.objects.de_la_famille(famille) if famille else []
    pieces = TypePiece.objects.filter(sante=True, pieces__famille=famille).distinct() if famille else []
    return render(request, "portail/donnees_retirer.html", {"form": form, "enfants": enfants, "pieces": pieces})
