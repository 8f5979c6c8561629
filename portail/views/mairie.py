"""La mairie : ce qui l'attend, les nombres du jour et de la semaine, et tout un foyer sur une page."""

import datetime as dt

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import F, Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.regles import jour_de_paris, lire_numero
from documents.models import attendues
from facturation.models import Facture, Mandat, Reglement, solde_de
from familles.models import Adulte, Enfant, Famille, PersonneAutorisee, Quotient, Rattachement
from inscriptions.models import Inscription
from portail import actions, models
from reservations.models import Excuse, Mouvement, Reservation


def tableau_de_bord(request, context):
    """Ajoute à la première page de l'administration ce qui attend, et les nombres du jour (dates de Paris)."""
    jour = jour_de_paris(timezone.now())
    piles = [pile | {"url": reverse(pile["page"]) + pile["filtre"]} for pile in models.piles(request.user, jour)]
    context |= {"jour": jour, "piles": piles}
    if request.user.has_perm("reservations.view_reservation"):
        context |= {"journee": models.journee(jour), "semaine": models.semaine(jour)}
    return context


@permission_required("familles.view_famille", raise_exception=True)
@require_safe
def famille(request, pk):
    """Tout d'un foyer sur une page, pour ce que ce compte a le droit de lire. La santé s'ouvre à part, et se sait."""
    foyer = get_object_or_404(Famille, pk=pk)
    jour = jour_de_paris(timezone.now())
    contexte = {**admin.site.each_context(request), "title": str(foyer), "famille": foyer}
    for droit, bloc in BLOCS:
        if request.user.has_perm(droit):
            contexte |= bloc(foyer, jour)
    return render(request, "portail/mairie/famille.html", contexte)


def _personnes(foyer, jour):
    """Les enfants avec leurs deux foyers et leurs deux entourages : qui vient chercher ne dépend pas de la semaine."""
    enfants = Enfant.objects.de_la_famille(foyer).select_related("ecole").order_by("date_naissance", "pk")
    entourage = PersonneAutorisee.objects.actuelles().select_related("adulte__famille")
    foyers = Rattachement.objects.actuels().select_related("famille")
    return {
        "adultes": Adulte.objects.filter(famille=foyer).select_related("compte").order_by(
            F("fin").asc(nulls_first=True), "-responsable_legal", "nom", "prenom"
        ),
        "enfants": enfants.prefetch_related(Prefetch("personnes", entourage), Prefetch("rattachements", foyers)),
    }  # fmt: skip


def _documents(foyer, jour):
    return {"pieces": attendues(foyer, jour)}


def _inscriptions(foyer, jour):
    ordre = ["enfant__date_naissance", "enfant_id", "-annee__debut", "activite__ordre", "-pk"]
    siennes = Inscription.objects.filter(famille=foyer).select_related("enfant", "activite", "annee")
    return {"inscriptions": siennes.order_by(*ordre)}


def _reservations(foyer, jour):
    a_venir = Reservation.objects.reservees().filter(famille=foyer, seance__jour__gte=jour)
    prochaines = a_venir.filter(seance__jour__lt=jour + dt.timedelta(days=7)).order_by(
        "seance__jour", "enfant__date_naissance", "enfant_id", "seance__activite__heure_debut"
    )
    jours = {}
    for quand, prenom, activite in prochaines.values_list("seance__jour", "enfant__prenom", "seance__activite__nom"):
        jours.setdefault(quand, {}).setdefault(prenom, []).append(activite)
    return {
        "a_venir": a_venir.count(),
        "jours": jours,
        "excuses": Excuse.objects.a_decider().filter(reservation__famille=foyer)
        .select_related("reservation__enfant", "reservation__seance__activite"),
        "mouvements": Mouvement.objects.filter(famille=foyer).complets()[:12],
    }  # fmt: skip


def _finances(foyer, jour):
    factures = list(Facture.objects.filter(famille=foyer).avec_reste()[:12])
    for facture in factures:
        facture.etat_du_jour = facture.etat(jour)
    solde = solde_de(foyer)
    return {
        "finances": True,
        "solde": solde,
        "avance": -solde,
        "factures": factures,
        "reglements": Reglement.objects.valables().filter(famille=foyer)[:6],
        "mandats": Mandat.objects.actifs().filter(famille=foyer),
    }


BLOCS = [
    ("familles.view_enfant", _personnes),
    ("familles.view_quotient", lambda foyer, jour: {"quotients": Quotient.objects.filter(famille=foyer)}),
    ("documents.view_piece", _documents),
    ("inscriptions.view_inscription", _inscriptions),
    ("reservations.view_reservation", _reservations),
    ("facturation.view_facture", _finances),
    ("messagerie.view_message", lambda foyer, jour: {"conversation": foyer.messages.order_by("-envoye_le", "-pk")[:3]}),
]


@permission_required("familles.change_enfant", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def reunir(request, pk):
    """Les fiches qui pourraient être le même enfant, ce que chacune a de vivant, et de quoi n'en garder qu'une."""
    enfant, maintenant = get_object_or_404(Enfant, pk=pk), timezone.now()
    foyers = Prefetch("rattachements", Rattachement.objects.actuels().select_related("famille"))
    homonymes = Enfant.objects.homonymes(enfant).prefetch_related(foyers)
    if request.method == "POST":
        doublon = get_object_or_404(homonymes, pk=lire_numero(request.POST.get("doublon")))
        try:
            actions.reunir(doublon, enfant, request.user, maintenant)
        except ValidationError as refus:
            messages.error(request, refus.message)
        else:
            LogEntry.objects.log_actions(request.user.pk, [enfant], CHANGE, f"Réunie avec la fiche n° {doublon.pk}.")
            messages.success(request, f"{enfant} a maintenant deux foyers, et une seule fiche.")
            return redirect("admin:familles_enfant_change", pk)
    jour = jour_de_paris(maintenant)
    return render(request, "portail/mairie/reunir.html", {
        **admin.site.each_context(request), "title": f"Doublons possibles – {enfant}", "enfant": enfant,
        "fiches": [(autre, actions.ce_qui_suit(autre, jour)) for autre in homonymes],
    })  # fmt: skip
