"""La semaine : toute la famille, ou un enfant. Une seule page, un seul formulaire, une seule grille."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from commune.regles import jour_de_paris, lundi

from .. import regles
from ..forms import SemaineForm
from ..models import inscriptions_de, lire, reservees_entre
from .foyer import foyer_de, foyer_du_compte, jour_demande

SANS_ENREGISTRER = {"copier", "revenir"}  # la page revient avec ses coches
SEPT = dt.timedelta(days=7)
EN_ARRIERE = dt.timedelta(days=120)  # la semaine précédente, par-dessus des vacances et jusque par-dessus l'été


def planning(request):
    """La semaine de toute la famille ; un seul enfant a déjà la sienne."""
    foyer = foyer_du_compte(request, jour_de_paris(timezone.now()))
    if not foyer:
        return render(request, "reservations/planning.html")
    if len(foyer.fratrie) == 1:
        return redirect("reservations:planning_enfant", foyer.fratrie[0].pk)
    return _semaine(request, foyer, foyer.fratrie)


def planning_enfant(request, pk):
    """La semaine d'un enfant."""
    foyer = foyer_de(request, pk, jour_de_paris(timezone.now()))
    return _semaine(request, foyer, [foyer.enfant])


def _semaine(request, foyer, enfants):
    """La semaine de ces enfants ; un POST enregistre ce qui y est coché, ou coche ce que l'on recopie."""
    maintenant = timezone.now()
    jour = jour_demande(request, None)
    debut = lundi(jour or regles.premier_jour_utile(jour_de_paris(maintenant)))
    form, voulu, refus, copie = None, {}, {}, None
    if request.method == "POST":
        form = SemaineForm(request.POST, enfants=enfants, famille=foyer.famille, compte=request.user)
        if form.is_valid() and not SANS_ENREGISTRER & request.POST.keys():
            resultat = form.save(maintenant)
            if not resultat.refus:
                _annoncer(request, resultat, form.changes_ailleurs())
                return redirect(f"{request.path}?jour={debut}")
            refus = {(r.enfant_id, r.seance_id): r.phrase for r in resultat.refus}
    lectures = lire(enfants, foyer.famille, debut, debut + SEPT - regles.UN_JOUR)
    if not jour and request.method == "GET" and not any(lecture.cases for lecture in lectures):
        debut, lectures = _premiere_semaine(foyer, enfants, debut, lectures)
    if form and form.is_valid():
        copie = _copier(request.POST.get("copier"), form, lectures, debut, maintenant)
        voulu = form.souhaits
    semaine = regles.semaine(lectures, debut, maintenant, voulu, refus)
    contexte = {
        "foyer": foyer, "enfants": enfants, "enfant": foyer.enfant, "semaine": semaine, "form": form,
        "refus": list(dict.fromkeys(refus.values())), "copie": copie, "vue": "semaine",
        "ailleurs": voulu and dire_ailleurs(form.changes_ailleurs()),
    }  # fmt: skip
    return render(request, "reservations/semaine.html", contexte)


def _copier(quoi, form, lectures, debut, maintenant):
    """Coche ce que l'on recopie (``semaine``, ou la clé d'un enfant) ; rend la ``Copie``, ou rien."""
    if not quoi:
        return None
    if quoi == "semaine":
        avant = reservees_entre(form.enfants, form.famille, debut - EN_ARRIERE, debut - regles.UN_JOUR)
        copie = regles.copier_semaine(lectures, avant, maintenant)
    elif quoi in [str(lecture.enfant.pk) for lecture in lectures]:
        copie = regles.copier_enfant(lectures, int(quoi), form.souhaits, maintenant)
    else:
        return None
    form.cocher(copie.coches)
    return copie


def _premiere_semaine(foyer, enfants, debut, lectures):
    """Sans activité cette semaine : celle où la prochaine inscription commence, si elle est encore à venir."""
    a_venir = [i.debut for i in inscriptions_de(enfants, foyer.famille, debut, debut + dt.timedelta(days=365))]
    premier = min((jour for jour in a_venir if jour > debut), default=None)
    if not premier:
        return debut, lectures
    debut = lundi(premier)
    return debut, lire(enfants, foyer.famille, debut, debut + SEPT - regles.UN_JOUR)


def _annoncer(request, resultat, ailleurs):
    """Dit ce qui est fait, avec son reçu ; et ce qu'un autre écran avait changé entre-temps."""
    if resultat.lot:
        messages.success(request, annonce(resultat))
    else:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
    if ailleurs:
        messages.info(request, dire_ailleurs(ailleurs))


def dire_ailleurs(lignes):
    """« Entre-temps, un autre écran avait changé : … » ; vide s'il n'y a rien à dire."""
    if not lignes:
        return ""
    dites = ", ".join(f"{li.enfant}, {li.activite} du {regles.date_dite(li.jour)} ({li.verbe})" for li in lignes)
    return f"Entre-temps, un autre écran avait changé : {dites}. La page le montre maintenant."


def annonce(resultat):
    """« 3 réservations et 1 annulation enregistrées. Voir le reçu »."""
    accord = "s" if len(resultat.faits) > 1 else ""
    return format_html(
        '{} enregistrée{}. <a href="{}">Voir le reçu</a> · <a href="{}">Annuler cet enregistrement</a>',
        resultat.nombres, accord, reverse("reservations:recu", args=[resultat.lot]),
        reverse("reservations:defaire", args=[resultat.lot]),
    )  # fmt: skip
