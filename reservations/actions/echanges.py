"""Les échanges de jours entre les deux foyers d'un enfant : proposés par l'un, acceptés par l'autre.

Un échange accepté déplace la garde ; ce qui était réservé ces jours-là et peut encore s'annuler suit l'enfant, si le
foyer qui arrive l'a inscrit à l'activité. Le reste demeure à qui l'a réservé.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris, jours
from familles.actions import ecrire_aux_foyers
from familles.models import Echange, Garde, garde_des
from familles.regles.garde import jours_dits
from inscriptions.models import Inscription

from .. import regles
from ..models import Mouvement, Reservation, Seance
from .ecriture import ecrire
from .jugement import Changement
from .mains import changer_de_foyer, reservations_de, trier

PARENT = Mouvement.Origine.PARENT
PROPOSITION, REPONSE = "reservations/courriels/echange_propose", "reservations/courriels/echange_repondu"


@transaction.atomic
def proposer_echange(enfant, famille, compte, sens, prendre, maintenant):
    """Propose à l'autre foyer de prendre (ou de donner) des jours. Rend l'``Echange``.

    ``sens`` est ``[(du, au)]``, ou ``[(du, au), (retour_du, retour_au)]``. L'autre foyer reçoit un courriel. Lève
    ``ValidationError`` : ``a_l_envers``, ``passe``, ``trop_long``, ``sans_garde`` ou ``mal_place`` (l'enfant n'est pas
    où l'échange le prend), ``deja`` (un autre échange attend pour un de ces jours).
    """
    _verrouiller(enfant)
    aujourdhui = jour_de_paris(maintenant)
    refus = regles.refus_de_dates(sens, aujourdhui)
    if refus:
        raise ValidationError(refus[1], code=refus[0])
    autre = enfant.rattachements.actuels().exclude(famille=famille).values_list("famille_id", flat=True).first()
    if autre is None:  # la garde d'un foyer qui s'en va vaut jusqu'au soir
        raise ValidationError(f"{enfant.prenom} n'a plus d'autre foyer.", code="sans_garde")
    de, vers = (autre, famille.pk) if prendre else (famille.pk, autre)
    retour = sens[1] if len(sens) > 1 else (None, None)
    echange = Echange(
        enfant=enfant, de_id=de, vers_id=vers, du=sens[0][0], au=sens[0][1], retour_du=retour[0], retour_au=retour[1],
        demandeur=famille, propose_par=compte, propose_le=maintenant,
    )  # fmt: skip
    _verifier_garde(echange, famille.pk)
    demandes = {jour for du, au, _, _ in echange.sens for jour in jours(du, au)}
    for attend in Echange.objects.qui_attendent(aujourdhui).filter(enfant=enfant):
        if any(jour in demandes for du, au, _, _ in attend.sens for jour in jours(du, au)):
            raise ValidationError("Un échange attend déjà une réponse pour un de ces jours.", code="deja")
    echange.save()
    _prevenir([autre], PROPOSITION, echange)
    return echange


@transaction.atomic
def accepter_echange(echange, famille, compte, maintenant):
    """Accepte l'échange : la garde change, et ce qui suit l'enfant change de foyer. Rend la ``Suite`` écrite.

    Lève ``ValidationError`` : ``fini`` (il n'attend plus), ``pas_a_vous`` (son auteur ne l'accepte pas lui-même) ou
    ``mal_place`` (la garde a changé depuis).
    """
    echange = _qui_attend(echange, maintenant)
    if echange.repondant != famille.pk:
        raise ValidationError("Cet échange attend la réponse de l'autre foyer.", code="pas_a_vous")
    _verifier_garde(echange, famille.pk)
    # Verrouillées avant d'écrire : qui réserve un de ces jours au même instant attend, et lit la garde nouvelle.
    list(Seance.objects.verrouillees(_seances(echange)))
    suite = suite_de_l_echange(echange, maintenant, verrou=True)
    _repondre(echange, Echange.Etat.ACCEPTE, compte, maintenant)
    changer_de_foyer(suite.suivent, PARENT, compte, maintenant)
    finis = [Changement(r.enfant, r.seance, r.famille, r.etat, Reservation.Etat.ANNULEE) for r in suite.finissent]
    if finis:
        ecrire(finis, None, maintenant, Mouvement.Origine.REGLE, regles.SORTIES["garde"])
    _prevenir([echange.de_id, echange.vers_id], REPONSE, echange, reponse="accepte")
    return suite


@transaction.atomic
def refuser_echange(echange, famille, compte, maintenant):
    """Refuse l'échange. Lève ``ValidationError`` : ``fini`` ou ``pas_a_vous``."""
    echange = _qui_attend(echange, maintenant)
    if echange.repondant != famille.pk:
        raise ValidationError("Cet échange attend la réponse de l'autre foyer.", code="pas_a_vous")
    _repondre(echange, Echange.Etat.REFUSE, compte, maintenant)
    _prevenir([echange.demandeur_id], REPONSE, echange, reponse="refuse")


@transaction.atomic
def retirer_echange(echange, famille, compte, maintenant):
    """Retire un échange que l'on a proposé. Lève ``ValidationError`` : ``fini`` ou ``pas_a_vous``."""
    echange = _qui_attend(echange, maintenant)
    if echange.demandeur_id != famille.pk:
        raise ValidationError("Cet échange est proposé par l'autre foyer : vous pouvez le refuser.", code="pas_a_vous")
    _repondre(echange, Echange.Etat.RETIRE, compte, maintenant)
    _prevenir([echange.repondant], REPONSE, echange, reponse="retire")


def suite_de_l_echange(echange, maintenant, verrou=False):
    """Ce qu'il adviendrait des réservations de ces jours, dites avant d'accepter et relues en acceptant."""
    couples = []
    for du, au, de, vers in echange.sens:
        couples += [(r, vers) for r in reservations_de(echange.enfant_id, du, au, verrou).filter(famille=de)]
    return trier(echange.enfant_id, couples, maintenant)


def _verrouiller(enfant):
    """Deux échanges du même enfant, ou un échange et la mairie qui change la garde, passent l'un après l'autre."""
    list(Garde.objects.select_for_update().filter(enfant=enfant).order_by("pk"))


def _qui_attend(echange, maintenant):
    _verrouiller(echange.enfant_id)
    echange = Echange.objects.select_for_update(of=("self",)).select_related("enfant").get(pk=echange.pk)
    if not echange.attend(jour_de_paris(maintenant)):
        raise ValidationError("Cet échange n'attend plus de réponse.", code="fini")
    return echange


def _verifier_garde(echange, nous):
    """Chaque jour est bien chez le foyer que l'enfant quitterait."""
    bornes = [jour for du, au, _, _ in echange.sens for jour in (du, au)]
    garde = garde_des([echange.enfant_id], min(bornes), max(bornes))
    for du, au, de, _ in echange.sens:
        jour = regles.jour_mal_place(du, au, de, lambda jour: garde.foyer(echange.enfant_id, jour))
        if jour:
            chez = garde.foyer(echange.enfant_id, jour)
            phrase = regles.phrase_mal_placee(jour, de, nous, chez)
            raise ValidationError(phrase, code="mal_place" if chez else "sans_garde")


def _seances(echange):
    """Celles que l'un des deux foyers peut réserver pour l'enfant ces jours-là, et celles qui le sont déjà."""
    activites = Inscription.objects.filter(enfant=echange.enfant_id).values("activite")
    pks = set()
    for du, au, _, _ in echange.sens:
        pks |= set(Seance.objects.du(du, au).filter(activite__in=activites).values_list("pk", flat=True))
        siennes = Reservation.objects.filter(enfant=echange.enfant_id, seance__jour__range=(du, au))
        pks |= set(siennes.values_list("seance", flat=True))
    return pks


def _repondre(echange, etat, compte, maintenant):
    echange.etat, echange.repondu_par, echange.repondu_le = etat, compte, maintenant
    echange.save(update_fields=["etat", "repondu_par", "repondu_le"])


def _prevenir(foyers, gabarit, echange, **suite):
    """Écrit aux parents de ces foyers : l'enfant et les jours, jamais l'autre parent."""
    contexte = {
        "prenom": echange.enfant.prenom, "numero": echange.pk,
        "jours": " et ".join(jours_dits(du, au) for du, au, _, _ in echange.sens), **suite,
    }  # fmt: skip
    ecrire_aux_foyers(gabarit, dict.fromkeys(foyers, contexte))
