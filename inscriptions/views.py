"""Les inscriptions vues par la famille. Chaque page commence par chercher dans son foyer : ailleurs, rien n'existe."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.models import AnneeScolaire
from commune.regles import jour_de_paris
from documents.models import attendues
from familles.models import Enfant, Famille, Rattachement

from . import regles
from .forms import DemandeForm
from .models import Inscription, VersionReglement, offres, partout, pieces_qui_manquent
from .models import reglement as reglement_du_jour
from .regles import enumerer


@require_http_methods(["GET", "HEAD", "POST"])
def liste(request):
    """Tous les enfants du foyer : on coche pour chacun, on envoie une fois."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    enfants = list(Enfant.objects.de_la_famille(famille).select_related("ecole").order_by("date_naissance", "pk"))
    return _inscriptions(request, famille, enfants, "inscriptions/liste.html")


@require_http_methods(["GET", "HEAD", "POST"])
def enfant(request, pk):
    """Un enfant : ses inscriptions, et les activités qui lui sont ouvertes."""
    petit = get_object_or_404(Enfant.objects.du_compte(request.user).select_related("ecole"), pk=pk)
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    return _inscriptions(request, famille, [petit], "inscriptions/enfant.html")


def _inscriptions(request, famille, enfants, gabarit):
    maintenant = timezone.now()
    jour = jour_de_paris(maintenant)
    annees = list(AnneeScolaire.objects.ouvertes().filter(fin__gte=jour).order_by("debut"))
    annee = next((a for a in annees if str(a.pk) == request.GET.get("annee")), annees[0] if annees else None)
    attentes = attendues(famille, jour)
    proposees = offres(enfants, famille, annee, jour, attentes) if annee else {}
    form = None
    if annee and famille.est_validee:
        form = DemandeForm(
            request.POST or None,
            famille=famille,
            annee=annee,
            enfants=enfants,
            compte=request.user,
            maintenant=maintenant,
        )
    if form and form.is_valid():
        try:
            return _enregistrees(request, form.save())
        except ValidationError as refus:
            if {erreur.code for erreur in refus.error_list} == {"deja"}:  # un double clic, un second onglet
                messages.info(request, "Cette demande est déjà enregistrée.")
                return redirect(request.get_full_path())
            form.add_error(None, refus)
    fiches = _fiches(famille, enfants, proposees, attentes, form, jour)
    return render(request, gabarit, {
        "famille": famille, "annee": annee, "annees": annees, "jour": jour, "form": form,
        "terminees": "terminees" in request.GET, "partages": _partages(enfants, famille),
        "fiches": fiches, "a_cocher": any(fiche["ouvertes"] for fiche in fiches),
    })  # fmt: skip


def _partages(enfants, famille):
    """Les prénoms de ceux qui ont un autre foyer, en une phrase : chacun des deux foyers les inscrit de son côté."""
    ailleurs = Rattachement.objects.actuels().filter(enfant__in=enfants).exclude(famille=famille)
    deux_foyers = set(ailleurs.values_list("enfant_id", flat=True))
    return enumerer([petit.prenom for petit in enfants if petit.pk in deux_foyers])


def _fiches(famille, enfants, proposees, attentes, form, jour):
    """Ce que la page montre de chaque enfant."""
    siennes = {}
    inscriptions = Inscription.objects.filter(famille=famille, enfant__in=enfants)
    for inscription in inscriptions.select_related("activite__site", "annee").order_by(
        "-debut", "activite__ordre", "-pk"
    ):
        siennes.setdefault(inscription.enfant_id, []).append(inscription)
    cochees = form.cochees() if form else set()
    fiches = []
    for rang, petit in enumerate(enfants):
        toutes = siennes.get(petit.pk, [])
        lignes, manquantes = proposees.get(petit, []), pieces_qui_manquent(petit, attentes)
        finies = [i for i in toutes if i.est_finie(jour) and not regles.refus_a_montrer(i, toutes, jour)]
        fiches.append({
            "enfant": petit, "rang": rang % 6,
            "en_cours": [i for i in toutes if i not in finies], "finies": finies,
            "validees": any(i.etat == Inscription.Etat.VALIDEE and i.fin >= jour for i in toutes),
            "manquantes": manquantes,
            "ouvertes": [
                (o, (petit.pk, str(o.activite.pk)) in cochees) for o in lignes if o.ouverte and form and not manquantes
            ],
            "fermees": [o for o in lignes if not o.ouverte],
        })  # fmt: skip
    return fiches


def _enregistrees(request, faites):
    """Dit ce qui vient de se passer ; tout accepté, mène droit au planning, sinon à l'enfant."""
    par_etat = {}
    for inscription in faites:
        nom = f"{inscription.activite.nom} pour {inscription.enfant.prenom}"
        par_etat.setdefault(inscription.etat, []).append(nom)
    phrases = {
        Inscription.Etat.VALIDEE: "Inscription acceptée : {}. Il reste à réserver les jours.",
        Inscription.Etat.DEMANDEE: "Demande envoyée à la mairie : {}. Sa réponse vous parviendra par courriel.",
        Inscription.Etat.ATTENTE: "Toutes les places sont prises ; votre demande est en liste d'attente : {}.",
    }
    for etat, noms in par_etat.items():
        niveau = messages.WARNING if etat == Inscription.Etat.ATTENTE else messages.SUCCESS
        messages.add_message(request, niveau, phrases[etat].format(enumerer(noms)))
    enfants = {inscription.enfant_id for inscription in faites}
    seul = enfants if len(enfants) == 1 else ()
    if par_etat.keys() == {Inscription.Etat.VALIDEE}:
        return redirect("reservations:planning_enfant" if seul else "reservations:planning", *seul)
    return redirect("inscriptions:enfant" if seul else "inscriptions:liste", *seul)


@require_safe
def recu(request, pk):
    """Le reçu daté d'une inscription, à imprimer."""
    inscription = get_object_or_404(
        Inscription.objects.du_compte(request.user)
        .select_related("enfant__ecole", "activite__site", "annee", "famille", "demandee_par"), pk=pk
    )  # fmt: skip
    return render(request, "inscriptions/recu.html", {"inscription": inscription, "maintenant": timezone.now()})


@login_not_required
@require_safe
def reglement(request):
    """Le règlement des réservations, écrit à l'instant d'après les règles que le portail applique."""
    jour, texte = jour_de_paris(timezone.now()), reglement_du_jour()
    versions = list(VersionReglement.objects.all())
    commun = partout()
    a_jour = bool(versions) and versions[0].dit(texte, commun, jour)
    return render(request, "inscriptions/reglement.html", {
        "articles": regles.par_activite(regles.en_vigueur(texte, jour)), "versions": versions,
        "version": versions[0] if a_jour else None, "partout": commun,
    })  # fmt: skip


@login_not_required
@require_safe
def reglement_version(request, numero):
    """Une version publiée, telle qu'elle fut publiée."""
    version = get_object_or_404(VersionReglement, numero=numero)
    return render(request, "inscriptions/reglement.html", {
        "articles": regles.par_activite(version.texte), "version": version, "ancienne": True,
        "partout": version.partout,
        "suivante": VersionReglement.objects.filter(numero__gt=numero).order_by("numero").first(),
    })  # fmt: skip
