"""Une liste de l'administration en CSV ou en ODS : des nombres qui restent des nombres, aucun nom qui soit formule."""

import datetime as dt
import io
from decimal import Decimal

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.shortcuts import redirect
from django.urls import reverse
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, ODS
from import_export.widgets import DateWidget, NumberWidget, Widget
from unfold.contrib.import_export.forms import ExportForm

from .regles import PARIS, desamorcer, jour_de_paris
from .tableurs import ecrire_csv, ecrire_ods


class CSVFrancais(CSV):
    """Point-virgule et virgule décimale, avec la marque UTF-8 sans laquelle Excel lit « Ã© »."""

    def export_data(self, dataset, **kwargs):
        sortie = io.BytesIO()
        ecrire_csv("", dataset.headers, dataset, sortie)
        return sortie.getvalue().decode()

    def get_title(self):
        return "csv"


class ODSTypee(ODS):
    """Chaque cellule y porte son type : un montant reste un nombre, un texte n'y est jamais une formule."""

    def export_data(self, dataset, **kwargs):
        """Par le nôtre : celui d'import-export prend vingt kibioctets et une milliseconde par ligne."""
        sortie = io.BytesIO()
        ecrire_ods("Liste", dataset.headers, ([_simple(case) for case in rangee] for rangee in dataset), sortie)
        return sortie.getvalue()

    def get_title(self):
        return "ods"


def _simple(case):
    """Ce que le classeur sait écrire : un nombre, une date, ou un texte dont aucun tableur ne fera une formule."""
    if case is None or (isinstance(case, (int, Decimal, dt.date)) and not isinstance(case, bool)):
        return case
    return desamorcer(str(case))


class JourDeParis(DateWidget):
    """Un jour, ou celui d'un instant à l'heure de Paris."""

    def render(self, value, obj=None, **kwargs):
        return jour_de_paris(value) if isinstance(value, dt.datetime) else value


class InstantDeParis(Widget):
    """Un instant à l'heure de Paris, sans son fuseau : une cellule n'en porte pas."""

    def render(self, value, obj=None, **kwargs):
        return value and value.astimezone(PARIS).replace(tzinfo=None, microsecond=0)


class Heure(Widget):
    def render(self, value, obj=None, **kwargs):
        return f"{value:%H:%M}" if value else ""


class OuiNon(Widget):
    def render(self, value, obj=None, **kwargs):
        return "oui" if value else "non"


def nombre(attribut, titre):
    """La colonne d'un nombre, qui en reste un."""
    return Field(attribut, titre, widget=NumberWidget(coerce_to_string=False))


def date(attribut, titre):
    """La colonne d'une date, qui en reste une ; d'un instant, le jour à Paris."""
    return Field(attribut, titre, widget=JourDeParis())


def instant(attribut, titre):
    """La colonne d'un instant : le jour et l'heure à Paris."""
    return Field(attribut, titre, widget=InstantDeParis())


def heure(attribut, titre):
    """La colonne d'une heure, écrite 16:30."""
    return Field(attribut, titre, widget=Heure())


def oui_non(attribut, titre):
    return Field(attribut, titre, widget=OuiNon())


FORMATS = [CSVFrancais, ODSTypee]
PLAFOND = 100_000  # lignes : la liste se compose en mémoire, et la requête attend


def compter(lignes):
    """Le nombre de lignes de ce ``QuerySet``. Au-delà de ``PLAFOND``, lève ``ValueError``, que la page d'export dit."""
    combien = lignes.count()
    if combien > PLAFOND:
        raise ValueError(
            f"{combien} lignes : c'est trop pour un fichier, qui en tient {PLAFOND}. Revenez à la liste, filtrez-la "
            "(une période, une activité), et exportez-la en plusieurs fois."
        )
    return combien


class ListeExportee(ExportMixin):
    """La liste telle qu'on l'a filtrée, à emporter, si elle tient ; chaque fois est au journal de l'administration."""

    export_form_class = ExportForm
    formats = FORMATS

    def export_action(self, request):
        """Un filtre que la liste ne connaît pas renvoie à elle, qui le dit, au lieu d'une erreur."""
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            return redirect(f"{reverse(f'admin:{self.opts.app_label}_{self.opts.model_name}_changelist')}?e=1")

    def get_export_data(self, file_format, request, queryset, **options):
        combien = compter(queryset)
        contenu = super().get_export_data(file_format, request, queryset, **options)
        filtre = f"filtre « {request.GET.urlencode()} »" if request.GET else "sans filtre"
        feuille = self.choose_export_resource_class(options.get("export_form"), request)
        dite = "" if feuille is self.resource_classes[0] else f" Feuille « {feuille.get_display_name()} »."
        noter_l_export(
            request, self.model, f"Liste exportée : {self.model._meta.verbose_name_plural}",
            f"{combien} en {file_format.get_title()}, {filtre}.{dite}",
        )  # fmt: skip
        return contenu


def noter_l_export(request, modele, quoi, combien):
    """Le journal de l'administration garde qui a emporté quoi, et combien de lignes."""
    LogEntry.objects.create(
        user=request.user, content_type=ContentType.objects.get_for_model(modele), action_flag=CHANGE,
        object_repr=quoi[:200], change_message=combien,
    )  # fmt: skip
