"""Un événement : un seul geste ferme, annule et prévient ; un seul autre rend tout comme avant."""

import uuid
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from commune.actions import envoyer_courriel
from familles.models import Adulte

from .. import regles
from ..models import Evenement, Mouvement, Reservation, Seance, restantes
from .enregistrement import ANNULEE, RESERVEE, Changement, ecrire

MAIRIE = Mouvement.Origine.MAIRIE
# Les tâches, par leur nom : celle qui écrit aux familles, et celle d'un étage plus haut, qui tient les avoirs.
ANNONCER, CREDITER = "reservations.annoncer", "facturation.crediter"

DIT, DEDIT = "reservations/courriels/evenement", "reservations/courriels/evenement_leve"


@transaction.atomic
def appliquer(evenement, compte, maintenant):
    """Ferme les séances (ou n'annule que les réservations des classes) et le dit ; rend combien en sont annulées.

    Ce qui était déjà facturé donne un avoir, par une tâche déposée ici. Lève ``ValidationError`` : ``deja`` (appliqué
    par un double clic ou une collègue).
    """
    evenement, _ = _verrouiller(evenement)
    if evenement.applique_le:
        raise ValidationError("Cet événement est déjà appliqué : personne n'est annulé deux fois.", code="deja")
    evenement.lot, evenement.annonce = uuid.uuid4(), evenement.phrase()
    evenement.cibles = evenement.calculer_les_cibles()
    evenement.applique_le, evenement.applique_par = maintenant, compte
    evenement.save()
    seances = list(Seance.objects.verrouillees(_cles(evenement.seances())).filter(ouverte=True))
    annulees = _frapper(evenement, seances, compte, maintenant)
    _faire_suivre(evenement)
    return len(annulees)


@transaction.atomic
def lever(evenement, compte, maintenant):
    """Rouvre les séances qu'il tient fermées et rend les réservations auxquelles personne n'a touché depuis.

    Rend ``(rendues, perdues)`` : des réservations ; sont perdues celles dont la place fut prise, ou la séance fermée
    par le calendrier. Un autre événement qui vaut encore ce jour-là les reprend aussitôt à son compte.
    Lève ``ValidationError`` : ``pas_applique`` ou ``deja`` (levé).
    """
    evenement, voisins = _verrouiller(evenement)
    if not evenement.applique_le:
        raise ValidationError("Cet événement n'est pas appliqué : il n'y a rien à lever.", code="pas_applique")
    if evenement.leve_le:
        raise ValidationError("Cet événement est déjà levé.", code="deja")
    fermees, tenues = Seance.objects.filter(evenement=evenement), evenement.tenues()
    seances = list(Seance.objects.verrouillees({*_cles(fermees), *tenues.values_list("seance", flat=True)}))
    siennes = [s for s in seances if s.evenement_id == evenement.pk]
    Seance.objects.filter(pk__in=_pks(siennes)).update(ouverte=True, motif="", evenement=None)
    for seance in siennes:
        seance.ouverte, seance.evenement = True, None
    evenement.lot_levee, evenement.leve_le, evenement.leve_par = uuid.uuid4(), maintenant, compte
    rendues, perdues = _rendre(evenement, seances, voisins, compte, maintenant)
    evenement.save()
    for voisin in voisins:
        couvertes = set(_cles(voisin.seances().filter(pk__in=_pks(seances))))
        ses_seances = [s for s in seances if s.pk in couvertes and (s.ouverte or s.evenement_id == voisin.pk)]
        reprises = _frapper(voisin, ses_seances, compte, maintenant)
        rendues = [c for c in rendues if (c.enfant.pk, c.seance.pk) not in reprises]
    _faire_suivre(evenement)
    return len(rendues), len(perdues)


def _verrouiller(evenement):
    """L'événement relu et verrouillé, et ses voisins actifs : ceux qui valent un même jour.

    Toujours dans l'ordre des numéros : deux levées en même temps passent l'une après l'autre.
    """
    concernes = Q(pk=evenement.pk) | Q(du__lte=evenement.au, au__gte=evenement.du)
    tous = {e.pk: e for e in Evenement.objects.select_for_update(no_key=True).filter(concernes).order_by("pk")}
    lui = tous.pop(evenement.pk)
    return lui, [voisin for voisin in tous.values() if voisin.est_actif]


def _frapper(evenement, seances, compte, maintenant):
    """Ce que l'événement fait de ces séances verrouillées ; rend les couples (enfant, séance) annulés."""
    if not evenement.classes:
        Seance.objects.filter(pk__in=_pks(seances)).update(
            ouverte=False, motif=evenement.libelle, evenement=evenement
        )
        for seance in seances:
            seance.ouverte, seance.evenement = False, evenement
    reservations = evenement.reservations(_pks(seances)).select_related("enfant", "famille").order_by("pk")
    par_pk = {seance.pk: seance for seance in seances}
    changements = [
        # « Hors délai » reste sur la ligne annulée : la levée la rend au même tarif.
        Changement(r.enfant, par_pk[r.seance_id], r.famille, r.etat, ANNULEE, r.hors_delai) for r in reservations
    ]
    ecrire(changements, compte, maintenant, MAIRIE, evenement.libelle, lot=evenement.lot)
    return {(c.enfant.pk, c.seance.pk) for c in changements}


def _rendre(evenement, seances, voisins, compte, maintenant):
    """Rend ce que l'événement tenait annulé, dans l'ordre où ce fut pris et tant qu'il y a la place ; le reste est
    perdu.
    """
    par_pk, libres = {s.pk: s for s in seances}, restantes(seances)
    autres = {voisin.pk for voisin in voisins}
    avant = dict(
        Mouvement.objects.filter(lot=evenement.lot, apres=ANNULEE).order_by("pk").values_list("reservation", "avant")
    )
    changements, perdues = [], []
    for r in evenement.tenues().select_related("enfant", "famille").order_by("pk"):
        seance, etat = par_pk[r.seance_id], regles.revient_a(avant[r.pk])
        place = etat != RESERVEE or libres.get(seance.pk, 1) > 0
        if not place or not (seance.ouverte or seance.evenement_id in autres):
            perdues.append(r)
            continue
        if etat == RESERVEE and seance.pk in libres:
            libres[seance.pk] -= 1
        changements.append(Changement(r.enfant, seance, r.famille, ANNULEE, etat, r.hors_delai))
    motif = f"N'a plus cours : {evenement.libelle}"
    ecrire(changements, compte, maintenant, MAIRIE, motif, lot=evenement.lot_levee)
    return changements, perdues


def _cles(lignes):
    return list(lignes.order_by().values_list("pk", flat=True))


def _pks(objets):
    return [objet.pk for objet in objets]


def _faire_suivre(evenement):
    """Les courriels et les avoirs se font en tâche de fond, déposée dans la transaction même qui les décide."""
    for tache in (ANNONCER, CREDITER):
        app.configure_task(tache).defer(evenement=evenement.pk)


# --- Le dire aux familles -------------------------------------------------------------------------------------------
@transaction.atomic
def annoncer(evenement, maintenant):
    """Écrit aux familles ce qu'elles n'ont pas encore appris de l'événement (sa clé) : un courriel par foyer.

    Relancée, elle n'écrit rien deux fois : les courriels et la date qui le dit sont dans la même transaction.
    """
    evenement = Evenement.objects.select_for_update(no_key=True).get(pk=evenement)
    if evenement.applique_le and not evenement.prevenus_le:
        evenement.prevenus_le = maintenant
        _ecrire_aux_familles(evenement, DIT, annulees=_par_famille(_mouvements(evenement.lot, ANNULEE)))
    if evenement.leve_le and not evenement.detrompes_le:
        evenement.detrompes_le = maintenant
        rendues = Mouvement.objects.filter(lot=evenement.lot_levee).exclude(apres=ANNULEE)
        rendues = rendues.filter(reservation__etat__in=[RESERVEE, Reservation.Etat.ATTENTE])
        _ecrire_aux_familles(
            evenement, DEDIT, rendues=_par_famille(_lignes_de(rendues, "reservation__")),
            perdues=_par_famille(_lignes_de(evenement.tenues(), "")),
        )  # fmt: skip
    evenement.save(update_fields=["prevenus_le", "detrompes_le"])


def _mouvements(lot, apres):
    return _lignes_de(Mouvement.objects.filter(lot=lot, apres=apres), "reservation__")


def _lignes_de(lignes, chemin):
    """``(foyer, Ligne)`` de chaque réservation, une seule fois."""
    colonnes = [f"{chemin}{c}" for c in ("famille", "enfant__prenom", "seance__activite__nom", "seance__jour")]
    return [
        (famille, regles.Ligne(prenom, activite, jour, ""))
        for famille, prenom, activite, jour in lignes.order_by().values_list(*colonnes).distinct()
    ]


def _par_famille(lignes):
    resultat = defaultdict(list)
    for famille, ligne in lignes:
        resultat[famille].append(ligne)
    return resultat


def _ecrire_aux_familles(evenement, gabarit, **par_famille):
    familles = set().union(*par_famille.values())
    adresses = defaultdict(list)
    joints = Adulte.objects.actuels().filter(famille__in=familles, compte__is_active=True).order_by("pk")
    for famille, adresse in joints.values_list("famille", "compte__email"):
        adresses[famille].append(adresse)
    commun = {"evenement": evenement, "jours": regles.jours_dits(evenement.du, evenement.au)}
    for famille, a in sorted(adresses.items()):
        siennes = {nom: regles.regrouper(lignes[famille]) for nom, lignes in par_famille.items()}
        envoyer_courriel(gabarit, a, commun | siennes)
