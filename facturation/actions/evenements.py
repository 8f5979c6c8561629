"""Ce qu'un événement annule après coup : les jours déjà facturés se rendent par un avoir, une fois."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from facturation import regles
from facturation.models import Avoir, Facture, Ligne, LigneRendue
from presences.models import Pointage
from reservations.models import Evenement

from .caisse import emettre_avoir, reste_a_rendre, reste_des_lignes
from .courriels import ecrire_a_la_regie


@transaction.atomic
def crediter(evenement, maintenant):
    """Rend par un avoir par facture les lignes que l'événement (sa clé) annule ; rend les ``Avoir`` émis.

    Relancée, elle ne rend aucune ligne deux fois. Un événement levé entre-temps ne rend plus rien ; si des avoirs sont
    déjà partis, elle l'écrit à la régie, qui décide : une pièce émise ne se reprend pas.
    """
    # Verrouillé : une levée qui arrive maintenant attend, et trouvera nos avoirs.
    evenement = Evenement.objects.select_for_update(no_key=True).get(pk=evenement)
    if not evenement.est_actif:
        _prevenir_la_regie(evenement)
        return []
    par_facture = defaultdict(list)
    for ligne in lignes_annulees(evenement).order_by("facture", "jour", "pk"):
        par_facture[ligne.facture_id].append(ligne)
    # Toutes verrouillées, dans l'ordre, avant le premier numéro d'avoir : qui en rend une à la main tient sa facture et
    # attend le compteur ; nous tiendrions le compteur et attendrions sa facture.
    verrouillees = Facture.objects.select_for_update().filter(pk__in=list(par_facture)).order_by("pk")
    factures = {facture.pk: facture for facture in verrouillees}
    avoirs = [_rendre(factures[pk], lignes, evenement, maintenant) for pk, lignes in par_facture.items()]
    return [avoir for avoir in avoirs if avoir]


def crediter_le_mois(mois, maintenant):
    """Les événements qui touchent ce mois (son premier jour), pour les lignes émises pendant qu'on les appliquait."""
    evenements = Evenement.objects.actifs().touchant(mois, regles.dernier(mois)).order_by("pk")
    for evenement in evenements.values_list("pk", flat=True):
        crediter(evenement, maintenant)


def lignes_annulees(evenement):
    """Les lignes de facture que l'événement annule, et qu'aucun avoir n'a rendues.

    Une séance fermée rend toutes les siennes ; une classe excusée, celles de ses enfants, sauf celui qui est venu.
    """
    # Un forfait ne se rend pas pour un jour : sa ligne ne désigne que le premier.
    lignes = Ligne.objects.filter(rendue=None, montant__gt=0).exclude(unite__in=regles.FORFAITS)
    if not evenement.classes:
        return lignes.filter(seance__in=list(evenement.seances_fermees.values_list("pk", flat=True)))
    couple = {"seance": OuterRef("seance"), "enfant": OuterRef("enfant")}
    tenues = dict.fromkeys(evenement.tenues().order_by().values_list("seance", "enfant"))
    venus = Pointage.objects.presents().filter(**couple)
    siennes = [
        ligne.pk for ligne in lignes.filter(~Q(Exists(venus)), seance__in={seance for seance, _ in tenues})
        if (ligne.seance_id, ligne.enfant_id) in tenues
    ]  # fmt: skip
    return lignes.filter(pk__in=siennes)


def _rendre(facture, lignes, evenement, maintenant):
    """L'avoir de ces lignes, ou ``None`` s'il ne reste rien à rendre : la régie l'a déjà fait, à la main."""
    # Relues sous le verrou : une contestation acceptée à l'instant a pu en rendre une.
    rendues = set(LigneRendue.objects.filter(ligne__in=lignes).values_list("ligne", flat=True))
    lignes = [ligne for ligne in lignes if ligne.pk not in rendues]
    montant = min(reste_des_lignes(lignes), reste_a_rendre(facture))
    if montant <= 0:
        return None
    n = len(lignes)
    motif = f"{evenement.annonce[:220]} : {n} prestation{'s' if n > 1 else ''} rendue{'s' if n > 1 else ''}"
    return emettre_avoir(
        facture, montant, motif, evenement.applique_par, maintenant, lignes=lignes, evenement=evenement
    )


def _prevenir_la_regie(evenement):
    nombre = Avoir.objects.filter(evenement=evenement).count()
    if nombre and evenement.leve_le:
        contexte = {"evenement": evenement, "nombre": nombre}
        ecrire_a_la_regie("add_avoir", "facturation/courriels/avoirs_a_revoir", contexte)
