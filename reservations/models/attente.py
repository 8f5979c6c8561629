"""La liste d'attente des séances, et l'offre d'une place : la ligne du journal qui la fait, et celle qui y répond."""

from collections import defaultdict
from dataclasses import replace

from django.core.signing import BadSignature, Signer

from .. import regles
from .tables import Mouvement, Reservation

# Un lien sert à répondre à une offre et à rien d'autre : le sel le sépare de toute autre signature.
SIGNATAIRE = Signer(salt="reservations.offre", sep=".")


def files_d_attente(seances):
    """``{séance: [réservations en attente, la prochaine d'abord]}`` pour ces clés de séances, en une requête."""
    files = defaultdict(list)
    lignes = Reservation.objects.en_attente().filter(seance__in=seances)
    for ligne in lignes.select_related("enfant", "famille", "seance__activite").order_by("pk"):
        files[ligne.seance_id].append(ligne)
    for seance, lignes in files.items():
        par_pk = {ligne.pk: ligne for ligne in lignes}
        files[seance] = [par_pk[pk] for pk in _ordre((ligne.pk, ligne.modifiee_le) for ligne in lignes)]
    return dict(files)


def rangs(seances):
    """``{réservation: rang}`` de tous ceux qui attendent à ces séances, 1 pour le prochain ; en une requête."""
    files = defaultdict(list)
    lignes = Reservation.objects.en_attente().filter(seance__in=seances).order_by("pk")
    for seance, pk, depuis in lignes.values_list("seance", "pk", "modifiee_le"):
        files[seance].append((pk, depuis))
    return {pk: rang for file in files.values() for rang, pk in enumerate(_ordre(file), 1)}


def _ordre(lignes):
    """Les clés des réservations ``(clé, depuis)`` dans l'ordre de la liste. Une priorité s'ajouterait ici."""
    return [c.numero for c in regles.ordre_d_attente(regles.Candidat(pk, depuis) for pk, depuis in lignes)]


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
