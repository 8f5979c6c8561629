"""Le tirage au sort d'une ouverture : une transaction, un résultat que chacun peut refaire, un courriel par foyer."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from commune.actions import envoyer_courriel
from inscriptions.models import rangs_de_priorite

from .. import regles
from ..models import Mouvement, Ouverture, Reservation, Seance, Ticket, Voeu, comptes_des_places
from .enregistrement import ATTENTE, RESERVEE, Changement, adresses, ecrire, prevoir

# La liste d'attente se lit dans l'ordre d'arrivée : ceux du tirage y arrivent un à un, à une microseconde d'écart.
DANS_L_ORDRE = """
UPDATE reservations_reservation r SET modifiee_le = %s + v.rang * interval '1 microsecond'
  FROM reservations_voeu v
 WHERE v.ticket_id IN (SELECT id FROM reservations_ticket WHERE ouverture_id = %s) AND v.etat = 'attente'
   AND r.enfant_id = v.enfant_id AND r.seance_id = v.seance_id AND r.etat = 'attente'
"""


@transaction.atomic
def tirer_au_sort(ouverture, compte, maintenant):
    """Tire, réserve pour les retenus, met les autres en liste d'attente où il y en a une ; rend les ``Voeu`` décidés.

    Les groupes de priorité de chaque activité passent dans leur ordre ; sans groupe, tous sont à égalité. Un vœu que
    les règles refusent ce jour-là (enfant plus inscrit, séance annulée…) est écarté avant de tirer, avec sa raison.
    Lève ``ValidationError`` : ``pas_un_tirage``, ``trop_tot`` (les vœux sont encore ouverts) ou ``deja``.
    """
    ouverture = Ouverture.objects.select_for_update().get(pk=ouverture.pk)
    _verifier(ouverture, maintenant)
    list(Ticket.objects.select_for_update().filter(ouverture=ouverture).order_by("pk"))  # plus un vœu ne bouge
    seances = {
        s.pk: s for s in Seance.objects.verrouillees(ouverture.seances.values("pk")).select_related("activite")
    }  # fmt: skip
    ouverture.tiree_le = maintenant
    ouverture.save(update_fields=["tiree_le"])
    voeux = list(Voeu.objects.filter(ticket__ouverture=ouverture).complets().select_related("ticket__famille"))
    activites = {voeu.seance.activite for voeu in voeux if voeu.seance.activite.priorites}
    priorites = rangs_de_priorite({voeu.enfant for voeu in voeux}, activites) if activites else {}
    for voeu in voeux:
        voeu.priorite = priorites.get((voeu.enfant_id, voeu.seance.activite_id), 0)
    _ecarter(voeux, maintenant)
    _decider([v for v in voeux if v.etat == Voeu.Etat.DEPOSE], seances, ouverture.graine)
    Voeu.objects.bulk_update(voeux, ["etat", "rang", "raison", "priorite"], batch_size=1000)
    _reserver(ouverture, [v for v in voeux if v.etat in ("retenu", "attente")], compte, maintenant)
    _ecrire_aux_familles(ouverture, voeux)
    return voeux


def _verifier(ouverture, maintenant):
    if ouverture.mode != Ouverture.Mode.TIRAGE:
        raise ValidationError("Cette ouverture se fait à tour de rôle : il n'y a rien à tirer.", code="pas_un_tirage")
    if ouverture.tiree_le:
        raise ValidationError("Le tirage est déjà fait : il ne se refait pas.", code="deja")
    if maintenant < ouverture.ouvre_le:
        clos = regles.instant_dit(ouverture.ouvre_le, maintenant)
        raise ValidationError(f"Les vœux sont ouverts jusqu'à {clos} : on tire ensuite.", code="trop_tot")


def _ecarter(voeux, maintenant):
    """Écarte les vœux que les règles refusent, avec leur raison.

    Un foyer à la fois, par la même fonction que l'enregistrement du planning. « Complet » n'en est pas une raison :
    c'est au tirage de le dire.
    """
    par_foyer = defaultdict(dict)
    for voeu in voeux:
        par_foyer[voeu.ticket.famille][voeu.enfant_id, voeu.seance_id] = voeu
    for famille, siens in par_foyer.items():
        resultat = prevoir(famille, dict.fromkeys(siens, True), maintenant)
        possibles = {(c.enfant.pk, c.seance.pk) for c in resultat.faits}
        refus = {(r.enfant_id, r.seance_id): r for r in resultat.refus}
        for cle, voeu in siens.items():
            if cle in refus and refus[cle].code != "complet":
                voeu.etat, voeu.raison = Voeu.Etat.ECARTE, refus[cle].phrase
            elif cle not in refus and cle not in possibles:
                voeu.etat, voeu.raison = Voeu.Etat.ECARTE, "Cette séance lui est déjà réservée."


def _decider(voeux, seances, graine):
    """Donne à chacun son sort, par la fonction publique ``regles.tirer``."""
    par_cle = {regles.VoeuTire(v.ticket.numero, v.rang_enfant, v.seance_id, v.priorite): v for v in voeux}
    prises = comptes_des_places(seances)
    places = {pk: None if s.capacite is None else s.capacite - prises.get(pk, 0) for pk, s in seances.items()}
    for tire in regles.tirer(par_cle, places, graine):
        voeu = par_cle[tire.voeu]
        attend = Voeu.Etat.ATTENTE if seances[voeu.seance_id].activite.liste_attente else Voeu.Etat.PERDU
        voeu.rang, voeu.etat = tire.rang, Voeu.Etat.RETENU if tire.retenu else attend


def _reserver(ouverture, voeux, compte, maintenant):
    """Les réservations et leur journal, d'un bloc ; la liste d'attente dans l'ordre tiré."""
    deja = Reservation.objects.filter(enfant__in={v.enfant_id for v in voeux}, seance__in={v.seance_id for v in voeux})
    avant = {(enfant, seance): etat for enfant, seance, etat in deja.values_list("enfant", "seance", "etat")}
    changements = []
    for v in voeux:
        apres = RESERVEE if v.etat == Voeu.Etat.RETENU else ATTENTE
        etat, hors_delai = avant.get((v.enfant_id, v.seance_id), ""), maintenant >= v.seance.limite_reservation
        if etat != apres:
            changements.append(Changement(v.enfant, v.seance, v.ticket.famille, etat, apres, hors_delai))
    if changements:
        ecrire(changements, compte, maintenant, Mouvement.Origine.REGLE, f"Tirage au sort, {ouverture.nom}"[:300])
    with connection.cursor() as curseur:
        curseur.execute(DANS_L_ORDRE, [maintenant, ouverture.pk])


def _ecrire_aux_familles(ouverture, voeux):
    """Un courriel par foyer : ce qu'il a, ce qu'il attend, ce qu'il n'a pas, et de quoi vérifier."""
    par_foyer = defaultdict(list)
    for voeu in sorted(voeux, key=lambda v: (v.seance.jour, v.rang_enfant)):
        par_foyer[voeu.ticket].append(voeu)
    for ticket, siens in par_foyer.items():
        a = adresses(ticket.famille)
        if a:
            envoyer_courriel("reservations/courriels/tirage", a, {
                "ouverture": ouverture, "ticket": ticket, "blocs": blocs(siens),
                "retenus": sum(v.etat == Voeu.Etat.RETENU for v in siens), "nombre": len(siens),
            })  # fmt: skip


TITRES = {
    Voeu.Etat.RETENU: ("Réservé", "réservé"),
    Voeu.Etat.ATTENTE: ("En liste d'attente", "en attente"),
    Voeu.Etat.PERDU: ("Pas de place", "sans place"),
    Voeu.Etat.ECARTE: ("Pas tiré", "écarté"),
}


def blocs(voeux):
    """Les vœux décidés d'un foyer, par sort, groupés pour être lus : ``[(titre, état, [Groupe])]``."""
    return [
        (titre, etat.value, regles.regrouper(
            regles.Ligne(v.enfant.prenom, v.seance.activite.nom, v.seance.jour, verbe) for v in voeux if v.etat == etat
        ))
        for etat, (titre, verbe) in TITRES.items() if any(v.etat == etat for v in voeux)
    ]  # fmt: skip
