"""Le groupe des enfants d'un même niveau, donné à toute une classe d'un geste."""

from django.shortcuts import render

from commune.admin import enregistrer
from commune.regles import replier

from ..forms import GroupeForm, nettoyer_le_groupe
from ..models import Enfant, ranger_par_classe
from .famille import NomForm


class EnfantForm(NomForm):
    def clean(self):
        super().clean()
        nettoyer_le_groupe(self)
        return self.cleaned_data


def page_du_groupe(site, request, choisis):
    """La page qui demande le groupe des enfants ``choisis`` ; ``None`` quand il est donné, noté sur chaque fiche."""
    enfants = sorted(choisis.select_related("ecole"), key=lambda e: (*e.ordre_de_classe, replier(e.nom), e.cle, e.pk))
    form = GroupeForm(request.POST if "division" in request.POST else None, enfants=enfants)
    if enregistrer(request, form, lambda changes: _dire(form, changes)) is not None:
        return None
    return render(request, "admin/familles/groupe.html", {
        **site.each_context(request), "title": "Donner un groupe", "opts": Enfant._meta, "form": form,
        "nombre": len(enfants), "classes": ranger_par_classe(enfants, enfant_de=lambda enfant: enfant),
        "choix": request.POST.getlist("_selected_action"), "tous": request.POST.get("select_across") == "1",
    })  # fmt: skip


def _dire(form, changes):
    """« Groupe « B » donné à 24 enfants. Sans classe, 2 n'en ont pas. »"""
    groupe, sans_classe = form.cleaned_data["division"], sum(not enfant.classe for enfant in form.enfants)
    nombre = f"{len(changes)} enfant{'s' if len(changes) > 1 else ''}"
    phrase = f"Groupe « {groupe} » donné à {nombre}." if groupe else f"Groupe retiré à {nombre}."
    suite = f" Sans classe, {sans_classe} n'en {'ont' if sans_classe > 1 else 'a'} pas." if sans_classe else ""
    return (phrase if changes else "Rien n'a changé : c'était déjà ainsi.") + suite
