"""La garde d'un enfant de deux foyers : saisie du jugement, relue en toutes lettres et en calendrier, puis écrite."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from commune.admin import chercher
from commune.exports import ListeExportee
from commune.models import JourFerme
from commune.regles import jour_de_paris

from .. import actions
from ..forms.garde import GardeForm
from ..models import Echange, Enfant, Garde, garde_des
from ..regles import garde as regles
from .exports import EchangeResource, GardeResource

MOIS = 2  # montrés avant d'enregistrer


def page_de_garde(site, request, enfant_pk):
    """Le formulaire ; « voir » le relit sans rien écrire ; « enregistrer » écrit ; « terminer » l'arrête."""
    enfant = get_object_or_404(Enfant.objects.select_related("ecole"), pk=enfant_pk)
    if not request.user.has_perm("familles.change_garde"):
        raise PermissionDenied
    liens = list(enfant.rattachements.actuels().select_related("famille").order_by("foyer"))
    jour = jour_de_paris(timezone.now())
    gardes = list(enfant.gardes.a_venir(jour).prefetch_related("periodes"))
    form = apercu = None
    if len(liens) == 2:
        form = GardeForm(request.POST if "foyer" in request.POST else None, enfant=enfant, liens=liens,
                         garde=gardes[0] if gardes else None)  # fmt: skip
        if "terminer" in request.POST:
            return _terminer(request, enfant, jour)
        if request.method == "POST" and form.is_valid():
            if "enregistrer" in request.POST and _enregistrer(request, form):
                return redirect("admin:reservations_garde", enfant.pk)  # ce qui est déjà réservé
            apercu = _apercu(enfant, form, liens)
    chez = _chez(liens)
    contexte = {
        **site.each_context(request), "title": f"Garde – {enfant}", "opts": Enfant._meta, "enfant": enfant,
        "liens": liens, "form": form, "apercu": apercu, "jour": jour,
        "gardes": [(g, regles.phrases(g.partage, chez)) for g in gardes if {g.foyer_id, g.autre_id} == set(chez)],
        "mois": [] if apercu or not gardes else _dessin(enfant, liens, jour),
    }  # fmt: skip
    return TemplateResponse(request, "admin/familles/garde.html", contexte)


def _enregistrer(request, form):
    try:
        form.save(request.user, timezone.now())
    except ValidationError as refus:
        form.add_error(None, refus)
        return False
    messages.success(request, "La garde est enregistrée. Les deux foyers en sont prévenus par courriel.")
    return True


def _terminer(request, enfant, jour):
    try:
        actions.terminer_garde(enfant, jour)
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, "Plus aucune garde n'est dite : les deux foyers réservent comme ils veulent.")
    return redirect("admin:familles_enfant_garde", enfant.pk)


def _apercu(enfant, form, liens):
    """Ce qui serait écrit : en phrases, et sur deux mois à partir du premier jour, échanges acceptés compris."""
    partage, debut = form.partage, form.cleaned_data["debut"]
    bornes = regles.bornes(debut, MOIS)
    vacances = _vacances(enfant, *bornes)
    deplacements = [
        regles.Deplacement(du, au, vers)
        for echange in enfant.echanges.filter(etat=Echange.Etat.ACCEPTE).order_by("repondu_le", "pk")
        for du, au, _, vers in echange.sens
    ]

    def foyer_du(jour):
        return regles.foyer_du_jour(jour, partage, vacances, deplacements) if jour >= debut else None

    return {
        "phrases": regles.phrases(partage, _chez(liens)),
        "debut": debut,
        "mois": _marquer(regles.calendrier(debut, MOIS, foyer_du, vacances), liens),
        "remplacees": enfant.gardes.filter(debut__gte=debut).count(),
    }


def _chez(liens):
    return {lien.famille_id: f"chez la famille {lien.famille.nom}" for lien in liens}


def _dessin(enfant, liens, jour):
    """Ce qui vaut aujourd'hui, sur les mêmes deux mois."""
    bornes = regles.bornes(jour, MOIS)
    garde, vacances = garde_des([enfant], *bornes), _vacances(enfant, *bornes)
    mois = regles.calendrier(jour, MOIS, lambda date: garde.foyer(enfant.pk, date), vacances)
    return _marquer(mois, liens)


def _vacances(enfant, debut, fin):
    fermetures = JourFerme.objects.filter(motif=JourFerme.Motif.VACANCES).de(enfant.ecole).entre(debut, fin)
    return list(fermetures.order_by("debut", "pk"))


def _marquer(mois, liens):
    """Chaque mois avec, pour chaque case, le rang du foyer (1 ou 2) : la page le dit par un chiffre et une couleur."""
    rangs = {lien.famille_id: rang for rang, lien in enumerate(liens, 1)}
    return [
        (m.premier, [(numero, [(j, rangs.get(j.foyer)) for j in semaine]) for numero, semaine in m.semaines])
        for m in mois
    ]


class LectureAdmin(ListeExportee, ModelAdmin):
    """À lire : une garde s'écrit depuis la fiche de l'enfant, un échange entre les parents."""

    list_per_page = 50
    search_fields = ["enfant__cle"]
    search_help_text = "Nom ou prénom de l'enfant"
    actions = None

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle"), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Garde)
class GardeAdmin(LectureAdmin):
    resource_classes = [GardeResource]
    list_display = ["enfant", "foyer", "semaines", "vacances", "autre", "debut", "fin", "acte"]
    list_filter = ["semaines", "vacances"]
    list_select_related = ["enfant", "foyer", "autre"]


@admin.register(Echange)
class EchangeAdmin(LectureAdmin):
    resource_classes = [EchangeResource]
    list_display = ["enfant", "du", "au", "de", "vers", "retour_du", "retour_au", "etat", "propose_le", "repondu_le"]
    list_filter = ["etat"]
    list_select_related = ["enfant", "de", "vers"]
    date_hierarchy = "du"
