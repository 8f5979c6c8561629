"""La messagerie vue de la mairie : une ligne par conversation, les non lues d'abord, et la réponse sous le fil."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import chercher
from commune.exports import ListeExportee, instant, nombre
from familles.models import Famille

from . import actions
from .forms import MessageForm
from .models import Message
from .views import lire


class EtatFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request, model_admin):
        return [("a_lire", "à lire"), ("sans_reponse", "sans réponse"), ("repondues", "répondues")]

    def queryset(self, request, queryset):
        if self.value() == "a_lire":
            return queryset.filter(non_lus__gt=0)
        if self.value() in ("sans_reponse", "repondues"):
            return queryset.filter(de_la_mairie=self.value() == "repondues")
        return queryset


class ConversationResource(ModelResource):
    """Où en est chaque conversation ; ce qui s'y dit se lit, et n'en sort pas."""

    numero = nombre("famille_id", "Numéro de famille")
    famille = Field("famille__nom", "Famille")
    envoye_le = instant("envoye_le", "Dernier message le")
    de = Field(column_name="De")
    non_lus = nombre("non_lus", "À lire")

    class Meta:
        name = "Conversations"

    def dehydrate_de(self, message):
        return "la mairie" if message.de_la_mairie else "la famille"


@admin.register(Message)
class ConversationAdmin(ListeExportee, ModelAdmin):
    """Chaque ligne est le dernier message d'une famille ; elle s'ouvre sur la conversation entière."""

    list_display = ["conversation", "extrait", "dernier", "etat"]
    list_display_links = None
    list_filter = [EtatFilter]
    search_fields = ["famille__cle"]
    search_help_text = "Nom de la famille ou d'un adulte"
    list_per_page = 50
    actions = None
    resource_classes = [ConversationResource]

    def get_queryset(self, request):
        derniers = Message.objects.order_by("famille_id", "-envoye_le", "-pk").distinct("famille_id").values("pk")
        non_lus = (
            Message.objects.non_lus_par_la_mairie()
            .filter(famille=OuterRef("famille"))
            .order_by()
            .values("famille")
            .annotate(nombre=Count("pk"))
            .values("nombre")
        )
        return (
            Message.objects.filter(pk__in=derniers)
            .select_related("famille")
            .annotate(non_lus=Coalesce(Subquery(non_lus), 0))
            .annotate(a_lire=ExpressionWrapper(Q(non_lus__gt=0), output_field=BooleanField()))
            .order_by("-a_lire", "-envoye_le", "-pk")
        )

    def get_ordering(self, request):
        return ["-a_lire", "-envoye_le", "-pk"]

    def get_search_results(self, request, queryset, search_term):
        # Les adultes se cherchent à part : les joindre ici multiplierait les lignes.
        familles = chercher(Famille.objects.all(), search_term, "cle", "adultes__cle").values("pk")
        return queryset.filter(famille__in=familles), False

    @admin.display(description="famille", ordering="famille__cle")
    def conversation(self, message):
        return format_html(
            '<a class="font-semibold" href="{}">{}</a>',
            reverse("admin:messagerie_fil", args=[message.famille_id]),
            message.famille,
        )

    @admin.display(description="dernier message")
    def extrait(self, message):
        return Truncator(message.texte).words(14)

    @admin.display(description="le", ordering="envoye_le")
    def dernier(self, message):
        return message.envoye_le

    @display(description="état", label={"à lire": "warning", "sans réponse": "info", "répondue": "success"})
    def etat(self, message):
        if message.non_lus:
            return "à lire", f"{message.non_lus} à lire"
        return ("répondue", "répondue") if message.de_la_mairie else ("sans réponse", "sans réponse")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        return [
            path("famille/<int:pk>/", self.admin_site.admin_view(self.fil), name="messagerie_fil"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        message = get_object_or_404(Message, pk=object_id)
        return self.fil(request, message.famille_id)

    def fil(self, request, pk):
        """Le fil d'une famille et la réponse, sur une page. L'ouvrir marque comme lu ce que la famille a écrit."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        peut_repondre = request.user.has_perm("messagerie.add_message")
        if request.method == "POST" and not peut_repondre:
            raise PermissionDenied
        famille = get_object_or_404(Famille, pk=pk)
        recu = (request.POST, request.FILES) if request.method == "POST" else ()
        form = MessageForm(*recu, famille=famille, auteur=request.user, de_la_mairie=True)
        if request.method == "POST" and form.is_valid():
            try:
                form.save()
            except ValidationError as refus:
                form.add_error(None, refus)
            else:
                messages.success(request, f"Votre réponse est partie. {famille} est prévenue par courriel.")
                return redirect("admin:messagerie_fil", pk)
        page = lire(famille, request.GET.get("page"))
        if request.method == "GET":
            actions.marquer_lus(page, timezone.now(), par_la_mairie=True)
        contexte = {
            **self.admin_site.each_context(request),
            "title": f"Conversation – {famille}",
            "opts": self.opts,
            "famille": famille,
            "page": page,
            "form": form,
            "peut_repondre": peut_repondre,
        }
        return TemplateResponse(request, "admin/messagerie/fil.html", contexte)
