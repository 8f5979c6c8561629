"""Étape 6 : ce que la famille doit, ce qu'elle a payé, et pourquoi."""

import datetime as dt

from django.core.paginator import Paginator
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from commune.fichiers import servir
from commune.regles import jour_de_paris, lundi
from commune.requetes import poser, poser_ou_404
from familles.models import Famille
from reservations.actions import prevoir
from reservations.forms import SemaineForm
from reservations.models import foyers_du_compte
from reservations.regles import date_dite
from reservations.views.foyer import jour_demande

from .. import actions, models, pdf, regles
from ..forms import PrestationsForm
from ..models import (
    Echeancier,
    Facture,
    Ligne,
    Mois,
    Paiement,
    Regie,
    Report,
    actes_de,
    avec_reports,
    avec_suites,
    estimer,
    mois_d_avant,
    releve,
    reports_de,
    suites_de,
)

PAR_PAGE = 24


@require_safe
def situation(request):
    """Ma situation financière : le solde et ses mouvements."""
    famille, aujourdhui = poser_ou_404(foyer_et_reports, request.user.pk), jour_de_paris(timezone.now())
    mouvements, impayees = releve(famille), poser(dues, famille.pk, aujourdhui)
    solde = mouvements[-1].solde if mouvements else regles.ZERO
    plans = {facture.plan for facture in impayees} - {None}
    return render(
        request,
        "facturation/situation.html",
        {
            "solde": solde,
            "hors_facture": regles.hors_facture(solde, [due.reste for due in impayees]),
            "page": Paginator(mouvements[::-1], PAR_PAGE).get_page(request.GET.get("page")),
            "impayees": impayees,
            "reports": reports_de(famille),
            "plans": Echeancier.objects.filter(pk__in=plans).situes(aujourdhui) if plans else [],
            "a_demander": any(facture.plan is None and not facture.transmise_le for facture in impayees),
            "a_payer": next((facture for facture in impayees if a_payer_soi_meme(facture)), None),
            "aujourdhui": aujourdhui,
        },
    )


def a_payer_soi_meme(facture):
    """Ni au Trésor public, ni dans un échéancier, ni par un prélèvement annoncé."""
    return not (facture.transmise_le or facture.plan or facture.sera_prelevee)


def foyer_et_reports(compte):
    return avec_reports(Famille.objects.du_compte(compte))


def dues(famille, jour):
    """Ses factures à payer à cette date de Paris, la plus pressée d'abord."""
    siennes = avec_suites(Facture.objects.filter(famille=famille)).impayees()
    return models.avec_prelevement(siennes, jour).order_by("echeance")


@require_safe
def factures(request):
    """Mes factures, la plus récente d'abord."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    siennes = avec_suites(Facture.objects.filter(famille=famille)).avec_reste().order_by("-mois", "-numero")
    page = Paginator(siennes, PAR_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "facturation/factures.html", {"page": page, "aujourdhui": jour_de_paris(timezone.now())}
    )


@require_safe
def facture(request, pk):
    """Une facture : où elle en est, puis ce qu'elle compte, par enfant et par activité, jusqu'au jour."""
    demandee = poser_ou_404(lue, request.user.pk, pk)
    actes, avant = actes_de(demandee.pk), mois_d_avant(demandee)
    avoirs, reglements = suites_de(demandee.pk)
    aujourdhui = jour_de_paris(timezone.now())
    sera_prelevee = models.sera_prelevee(demandee, aujourdhui)
    a_payer = regles.se_paie_ici(demandee.reste, sera_prelevee, demandee.transmise_le)
    plan = next(iter(Echeancier.objects.filter(pk=demandee.plan).situes(aujourdhui)), None) if demandee.plan else None
    return render(
        request,
        "facturation/facture.html",
        {
            "titre": demandee.titre if a_payer else None,
            "facture": demandee,
            "aujourdhui": aujourdhui,
            "sera_prelevee": sera_prelevee,
            "plan": plan,
            "part": regles.part_due(plan.a_payer, demandee.reste) if plan and a_payer else regles.ZERO,
            "rejete": demandee.rum and demandee.prelevements.filter(etat="rejete").first(),
            "avoirs": avoirs,
            "reglements": reglements,
            "deduit": regles.deduit(demandee.total, demandee.reste, [suite.montant for suite in avoirs + reglements]),
            "parts": regles.detailler(demandee.mois, actes),
            "avant": avant,
            "comparaison": regles.comparer(regles.bilan(demandee.mois, actes), avant[0]) if avant else "",
            "jusqu_au": regles.contestable_jusqu_au(demandee.emise_le, demandee.delai),
            "contestable": regles.se_conteste(demandee.emise_le, demandee.delai, aujourdhui),
            "contestees": [acte for acte in actes if acte.contestation],
            "en_ligne": a_payer and not actions.refus_de_payer(demandee, request.user, aujourdhui),
            "en_suspens": next(iter(poser(en_suspens, demandee.pk)), None),
        },
    )


def lue(compte, pk):
    """Cette facture avec ce que sa page en dit : son reste, ses suites, le délai pour la contester, où payer."""
    delai = Coalesce(Subquery(Regie.objects.values("delai_contestation")[:1]), regles.CONTESTER)
    ou = Subquery(Regie.objects.values("tresor_ou")[:1])
    siennes = avec_suites(Facture.objects.du_compte(compte)).avec_reste().annotate(delai=delai, ou=ou)
    return siennes.select_related("facturation").filter(pk=pk)


def en_suspens(facture):
    """Le paiement en ligne dont elle attend encore le résultat, s'il y en a un."""
    return Paiement.objects.en_suspens().filter(facture=facture).order_by("-cree_le")[:1]


@require_safe
def facture_pdf(request, pk):
    """Le PDF d'une facture, fait à la première demande."""
    demandee = get_object_or_404(Facture.objects.du_compte(request.user).select_related("facturation"), pk=pk)
    return servir(pdf.obtenir(demandee), f"facture-{demandee.reference}.pdf", voir=True)


@require_safe
def prestations(request):
    """Le détail des prestations : chaque repas, chaque accueil, son prix et pourquoi."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    form = PrestationsForm(request.GET, famille=famille, maintenant=timezone.now())
    mois, enfant = form.choix()
    emises, lignes = facturees(famille, mois)
    lignes, sans_tarif = (lignes, False) if lignes else estimees(famille, mois)
    if enfant:
        lignes = [ligne for ligne in lignes if ligne.enfant_id == enfant]
    # Les mêmes raisons reviennent chaque jour : on les dit une fois, numérotées, et chaque prix renvoie à la sienne.
    raisons = list(dict.fromkeys(ligne.regle for ligne in lignes))
    rangs = {enfant: rang for rang, enfant in enumerate(dict.fromkeys(ligne.enfant_id for ligne in lignes))}
    for ligne in lignes:
        ligne.raison = raisons.index(ligne.regle) + 1
    lignes.sort(key=lambda ligne: (ligne.jour, rangs[ligne.enfant_id], ligne.activite.heure_debut))
    return render(
        request,
        "facturation/prestations.html",
        {
            "form": form,
            "mois": mois,
            "factures": emises,
            "report": Report.objects.en_attente().filter(famille=famille, mois=mois).select_related("budget").first(),
            "lignes": lignes,
            "raisons": raisons,
            "total": sum((ligne.montant for ligne in lignes), regles.ZERO),
            "sans_tarif": sans_tarif,
        },
    )


def facturees(famille, mois):
    """``(factures, lignes)`` : les prestations de ce mois telles qu'elles furent facturées, sur quelque facture que ce
    soit : celle du mois, une par budget, ou la suivante si le mois fut reporté."""
    siennes = Ligne.objects.filter(facture__famille=famille, jour__range=(mois, regles.dernier(mois)))
    lignes = list(siennes.select_related("activite", "facture").order_by("pk"))
    return list({ligne.facture_id: ligne.facture for ligne in lignes}.values()), lignes


def estimees(famille, mois):
    """Les lignes que donnerait le mois tel qu'il est réservé aujourd'hui, et si un tarif manque pour les dire."""
    calcul = Mois(mois)
    try:
        actes = calcul.prestations([famille.pk]).get(famille.pk, [])
    except regles.TarifManquant:
        return [], True
    return [
        Ligne(
            enfant_id=fait.enfant, activite=calcul.activites[fait.activite], jour=fait.jour, prenom=prenom, texte=texte,
            montant=prix.montant, regle=prix.pourquoi,
        )
        for fait, prenom, texte, prix in actes
    ], False  # fmt: skip


@require_POST
def estimation(request):
    """Le prix de la semaine affichée au planning et de ce qui y est coché, sans rien enregistrer.

    Avec htmx, un morceau de la page ; sans lui, une page entière qui garde les coches. Aucun prix ne vient du
    navigateur : les coches disent quelles cases, la base dit le reste.
    """
    maintenant, rattachements = timezone.now(), list(foyers_du_compte(request.user))
    enfants = [r.enfant for r in rattachements]
    if request.GET.get("enfant"):
        enfants = [enfant for enfant in enfants if str(enfant.pk) == request.GET["enfant"]]
    if not enfants:
        raise Http404
    famille, jour = rattachements[0].famille, jour_demande(request, jour_de_paris(maintenant))
    form = SemaineForm(request.POST, enfants=enfants, famille=famille, compte=request.user)
    contexte = {
        "form": form, "debut": lundi(jour), "enfant": enfants[0] if request.GET.get("enfant") else None,
        "champs": [(nom, valeur) for nom in ("vu", "case") for valeur in request.POST.getlist(nom)],
    }  # fmt: skip
    if form.is_valid():
        contexte |= _estimer(form, lundi(jour), maintenant)
    gabarit = "facturation/_estimation.html" if request.htmx else "facturation/estimation.html"
    return render(request, gabarit, contexte)


def _estimer(form, debut, maintenant):
    """L'estimation d'une semaine cochée ; les cases encore possibles hors délai s'estiment en plus."""
    famille, souhaits = form.famille, form.souhaits
    voulus = prevoir(famille, souhaits, maintenant)
    libres = {cle: True for cle, reservee in form.vu.items() if not reservee and cle not in souhaits}
    tardives = [c for c in prevoir(famille, libres, maintenant).faits if c.hors_delai]
    try:
        estimee = estimer(
            famille, {enfant.pk for enfant in form.enfants}, debut, debut + dt.timedelta(days=6),
            [_suppose(c) for c in voulus.faits], [_suppose(c) for c in tardives],
        )  # fmt: skip
    except regles.TarifManquant:
        return {"sans_tarif": True}
    return {
        "estimation": estimee, "changements": len(voulus.faits), "refus": [r.phrase for r in voulus.refus],
        "possibles": [
            (f"{c.enfant.pk}-{c.seance.pk}", estimee.possibles[c.enfant.pk, c.seance.pk],
             f"{c.enfant.prenom}, {c.seance.activite.nom} du {date_dite(c.seance.jour)}")
            for c in tardives if (c.enfant.pk, c.seance.pk) in estimee.possibles
        ],
    }  # fmt: skip


def _suppose(changement):
    """Le fait que deviendrait un changement enregistré."""
    seance = changement.seance
    return regles.Fait(
        changement.famille.pk, changement.enfant.pk, seance.pk, seance.jour, seance.activite_id,
        changement.apres == "reservee", changement.hors_delai,
    )  # fmt: skip
