"""La garde partagée vue d'un parent : son calendrier, et les jours qu'il échange avec l'autre foyer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.models import JourFerme
from commune.regles import jour_de_paris
from familles.models import Echange, Famille, Garde, garde_des
from familles.regles import garde as regles_de_garde

from .. import actions, regles
from ..forms import EchangeForm
from ..models import foyers_du_compte
from .foyer import foyer_de

MOIS = 2
MONTRES = 60  # les derniers ; au-delà, un parent demande à la mairie
PASTILLES = {"propose": "envoye", "accepte": "valide", "refuse": "refuse", "retire": "annule"}
GESTES = {
    "accepter": (actions.accepter_echange, "L'échange est accepté. L'autre foyer en est prévenu par courriel."),
    "refuser": (actions.refuser_echange, "L'échange est refusé. L'autre foyer en est prévenu par courriel."),
    "retirer": (actions.retirer_echange, "L'échange est retiré. L'autre foyer en est prévenu par courriel."),
}


@require_safe
def echanges(request):
    """Pour chaque enfant partagé : ce que dit sa garde, deux mois de calendrier, et ses échanges."""
    jour = jour_de_paris(timezone.now())
    rattachements = list(foyers_du_compte(request.user))
    gardes = _gardes(rattachements, jour)
    partages = [r for r in rattachements if r.enfant_id in gardes]
    siens = Echange.objects.du_compte(request.user).select_related("enfant")[:MONTRES] if partages else ()
    lignes = [_ligne(e, partages[0].famille_id, jour) for e in siens]
    contexte = {
        "enfants": _cartes(partages, gardes, jour) if partages else [],
        "a_repondre": [ligne for ligne in lignes if ligne["attend"] and ligne["a_nous"]],
        "proposes": [ligne for ligne in lignes if ligne["attend"] and not ligne["a_nous"]],
        "anciens": [ligne for ligne in lignes if not ligne["attend"]],
    }
    return render(request, "reservations/echanges.html", contexte)


def _cartes(partages, gardes, jour):
    """Une carte par enfant partagé : les phrases de sa garde, où il est aujourd'hui, et ses deux mois."""
    debut, fin = regles_de_garde.bornes(jour, MOIS)
    fermetures = list(JourFerme.objects.filter(motif=JourFerme.Motif.VACANCES).entre(debut, fin))
    chez = garde_des([r.enfant for r in partages], debut, fin, fermetures)
    return [
        {
            "enfant": r.enfant,
            "phrases": _phrases(gardes[r.enfant_id], r.famille_id),
            "aujourdhui": chez.foyer(r.enfant_id, jour) == r.famille_id,
            "mois": _mois(r, jour, chez, fermetures),
            "jour": jour,
        }
        for r in partages
    ]


def proposer(request, pk):
    """Proposer à l'autre foyer de prendre ou de donner des jours de cet enfant."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    garde = _gardes([foyer], jour_de_paris(maintenant)).get(foyer.enfant.pk)
    if not garde:
        raise Http404
    form = EchangeForm(request.POST or None, enfant=foyer.enfant, famille=foyer.famille, compte=request.user,
                       initial={"sens": "prendre"})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            form.save(maintenant)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre proposition est partie. L'autre foyer y répond ; vous aurez un courriel.")
            return redirect("reservations:echanges")
    contexte = {"enfant": foyer.enfant, "form": form, "phrases": _phrases(garde, foyer.famille.pk)}
    return render(request, "reservations/echange_proposer.html", contexte)


def echange(request, pk):
    """Un échange, ce qui s'ensuit, et la réponse ou le retrait."""
    maintenant = timezone.now()
    propose = get_object_or_404(Echange.objects.du_compte(request.user).select_related("enfant"), pk=pk)
    famille = Famille.objects.du_compte(request.user).get()
    geste = next((geste for geste in GESTES if geste in request.POST), None)
    if geste:
        action, fait = GESTES[geste]
        try:
            action(propose, famille, request.user, maintenant)
        except ValidationError as refus:
            messages.error(request, refus.message)
        else:
            messages.success(request, fait)
            return redirect("reservations:echanges")
        return redirect("reservations:echange", pk)
    ligne = _ligne(propose, famille.pk, jour_de_paris(maintenant))
    suite = _suite(propose, famille, maintenant) if ligne["attend"] and ligne["a_nous"] else None
    return render(request, "reservations/echange.html", {"echange": ligne, "enfant": propose.enfant, "suite": suite})


def _gardes(rattachements, jour):
    """La garde d'aujourd'hui de chaque enfant partagé, s'il est encore de ses deux foyers : ``{enfant: Garde}``."""
    enfants = [r.enfant.pk for r in rattachements]
    vivantes = garde_des(enfants, jour, jour)
    siennes = Garde.objects.au(jour).filter(enfant__in=enfants).prefetch_related("periodes") if vivantes else ()
    return {g.enfant_id: g for g in siennes if vivantes.foyer(g.enfant_id, jour)}


def _phrases(garde, nous):
    autre = garde.autre_id if garde.foyer_id == nous else garde.foyer_id
    return regles_de_garde.phrases(garde.partage, {nous: "chez vous", autre: "chez son autre foyer"})


def _mois(rattachement, jour, chez, fermetures):
    siennes = [f for f in fermetures if f.ecole_id in (None, rattachement.enfant.ecole_id)]
    nous = rattachement.famille_id
    mois = regles_de_garde.calendrier(jour, MOIS, lambda date: chez.foyer(rattachement.enfant_id, date), siennes)
    return [(m.premier, [(n, [(j, j.foyer == nous) for j in semaine]) for n, semaine in m.semaines]) for m in mois]


def _ligne(echange, nous, jour):
    """Un échange en mots, vus de ce foyer : jamais le nom de l'autre."""
    attend = echange.attend(jour)
    expire = echange.etat == Echange.Etat.PROPOSE and not attend
    return {
        "pk": echange.pk,
        "enfant": echange.enfant,
        "attend": attend,
        "a_nous": echange.repondant == nous,
        "etat": "expiré" if expire else echange.get_etat_display(),
        "pastille": "expire" if expire else PASTILLES[echange.etat],
        "propose_le": echange.propose_le,
        "repondu_le": echange.repondu_le,
        "sens": [(regles_de_garde.jours_dits(du, au), vers == nous) for du, au, _, vers in echange.sens],
    }


def _suite(echange, famille, maintenant):
    """Les réservations qui nous reviendront, celles que nous céderons, et celles qui ne bougeront pas."""
    suite = actions.suite_de_l_echange(echange, maintenant)
    return {
        "recues": regles.regrouper(_lignes(echange, [r for r, vers in suite.suivent if vers == famille.pk])),
        "cedees": regles.regrouper(_lignes(echange, [r for r, vers in suite.suivent if vers != famille.pk])),
        "a_nous": regles.regrouper(_lignes(echange, [r for r in suite.restent if r.famille_id == famille.pk])),
        "a_l_autre": regles.regrouper(_lignes(echange, [r for r in suite.restent if r.famille_id != famille.pk])),
    }  # fmt: skip


def _lignes(echange, reservations):
    prenom = echange.enfant.prenom
    return [regles.Ligne(prenom, r.seance.activite.nom, r.seance.jour, "réservation") for r in reservations]
