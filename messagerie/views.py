"""Le fil d'une famille avec la mairie."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from commune.fichiers import servir
from familles.models import Famille

from . import actions
from .forms import MessageForm
from .models import PieceJointe

PAR_PAGE = 20


def fil(request):
    """Le fil, du plus ancien au plus récent, et de quoi écrire. L'ouvrir marque comme lu ce que la mairie a écrit."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    recu = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MessageForm(*recu, famille=famille, auteur=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre message est parti. La mairie vous répondra ici.")
            return redirect("messagerie:fil")
    page = lire(famille, request.GET.get("page"))
    if request.method == "GET":
        actions.marquer_lus(page, timezone.now())
    return render(request, "messagerie/fil.html", {"form": form, "page": page, "famille": famille})


def lire(famille, numero):
    """Une page du fil : la première porte les messages les plus récents, chacune se lit de haut en bas."""
    fil = famille.messages.order_by("-envoye_le", "-pk").select_related("auteur").prefetch_related("pieces")
    page = Paginator(fil, PAR_PAGE).get_page(numero)
    page.object_list = list(page.object_list)[::-1]
    return page


def piece(request, pk):
    """Une pièce jointe, pour la famille du fil et pour ceux de la mairie qui lisent la messagerie."""
    pieces = PieceJointe.objects.du_compte(request.user)
    if request.user.has_perm("messagerie.view_message"):
        pieces = PieceJointe.objects.all()
    jointe = get_object_or_404(pieces, pk=pk)
    return servir(jointe.fichier, jointe.nom)
