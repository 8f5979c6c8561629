"""La liste d'attente des séances, et l'offre d'une place : la ligne du journal qui la fait, et celle qui y répond."""

from collections import defaultdict
from dataclasses import replace

from django.core.signing import BadSignature, Signer

from inscriptions.models import rangs_de_priorite

from .. import regles
from .tables import Mouvement, Reservation

# Un lien sert à répondre à une offre et à rien d'autre : le sel le sépare de toute autre signature.
SIGNATAIRE = Signer(salt="reservations.offre", sep=".")


def files_d_attente(seances):
    """``{séance: [réservations en attente, la prochaine d'abord]}`` pour ces clés de séances.

    L'ordre est celui des groupes de priorité de l'activité, puis de l'arrivée : une requête, trois de plus s'il y a des
    groupes.
    """
    lignes = list(
        Reservation.objects.en_attente().filter(seance__in=seances)
        .select_related("enfant", "famille", "seance__activite").order_by("pk")
    )  # fmt: skip
    priorites, files = _priorites(lignes), defaultdict(list)
    par_pk = {ligne.pk: ligne for ligne in lignes}
    for candidat in regles.ordre_d_attente(
        regles.Candidat(pk, ligne.modifiee_le, priorites.get((ligne.enfant_id, ligne.seance.activite_id), 0))
        for pk, ligne in par_pk.items()
    ):
        ligne = par_pk[candidat.numero]
        files[ligne.seance_id].append(ligne)
    return dict(files)


def _priorites(lignes):
    """Le rang de priorité de ceux qui attendent, ``{(enfant, activité): rang}`` ; rien à lire sans groupe à suivre."""
    activites = {ligne.seance.activite for ligne in lignes if ligne.seance.activite.priorites}
    if not activites:
        return {}
    return rangs_de_priorite({ligne.enfant for ligne in lignes}, activites)


def rangs(seances):
    """``{réservation: rang}`` de tous ceux qui attendent à ces séances, 1 pour le prochain."""
    files = files_d_attente(seances).values()
    return {ligne.pk: rang for file in files for rang, ligne in enumerate(file, 1)}


def situer(cases):
    """Donne leur rang aux cases lues de ce foyer qui attendent : une requête, et aucune si rien n'attend."""
    attendent = [case for case in cases if case.faits.etat == Reservation.Etat.ATTENTE and case.faits.chez_nous]
    if not attendent:
        return
    connus = rangs({case.seance for case in attendent})
    for case in attendent:
        case.faits = replace(case.faits, rang=connus.get(case.reservation))


# --- L'offre d'une place ------------------------------------------------------------------------------------------
def jeton_de(offre):
    """Ce que porte le lien du courriel : la clé du mouvement qui fait l'offre, signée."""
    return SIGNATAIRE.sign(offre)


def offre_du_jeton(jeton):
    """Le mouvement que désigne ce lien, avec de quoi le dire ; ``None`` si le lien est faux ou recopié à moitié."""
    try:
        cle = int(SIGNATAIRE.unsign(jeton))
    except (BadSignature, ValueError):
        return None
    offres = Mouvement.objects.filter(apres=Reservation.Etat.PROPOSEE)
    return offres.select_related(
        "reservation__enfant", "reservation__famille", "reservation__seance__activite"
    ).filter(pk=cle).first()


def reponse_a(offre):
    """Le mouvement qui a mis fin à cette offre, ou ``None`` tant qu'elle attend.

    Un enfant revenu sur la liste peut recevoir une autre offre : la réponse est la première qui suit.
    """
    reponses = Mouvement.objects.filter(
        reservation=offre.reservation_id, avant=Reservation.Etat.PROPOSEE, pk__gt=offre.pk
    )
    return reponses.order_by("pk").first()
