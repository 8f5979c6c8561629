"""Le fichier des rejets rapproché de nos débits, relu, puis écrit en une fois par la même action qu'à la main."""

from dataclasses import dataclass, field

from django.db import transaction

from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import Prelevement
from facturation.regles import prelevements as sepa

from .prelevements import rejeter

Etat = Prelevement.Etat


@dataclass
class Rapprochement:
    """Ce que dit le fichier, débit par débit : ``(Rejet, Prelevement)``, et pourquoi les autres ne s'écrivent pas.

    ``inconnus`` : des ``Rejet`` d'un débit qui n'est pas à nous. ``a_la_main`` : ``(Rejet, Prelevement, pourquoi)``.
    """

    a_ecrire: list = field(default_factory=list)
    connus: list = field(default_factory=list)
    inconnus: list = field(default_factory=list)
    a_la_main: list = field(default_factory=list)

    @property
    def total(self):
        return sum((debit.montant for _, debit in self.a_ecrire), regles.ZERO)


def rapprocher(rejets, maintenant):
    """Le ``Rapprochement`` de ces ``Rejet``. N'écrit rien ; une requête, quel que soit leur nombre."""
    debits, resultat, vus = _nos_debits(rejets), Rapprochement(), set()
    for rejet in rejets:
        debit = debits.get(sepa.lire_reference(rejet.reference))
        if debit is None:
            resultat.inconnus.append(rejet)
        elif debit.etat == Etat.REJETE or debit.pk in vus:
            resultat.connus.append((rejet, debit))
        elif pourquoi := _empechement(rejet, debit, jour_de_paris(maintenant)):
            resultat.a_la_main.append((rejet, debit, pourquoi))
        else:
            vus.add(debit.pk)
            resultat.a_ecrire.append((rejet, debit))
    return resultat


def _nos_debits(rejets):
    """``{(exercice, numéro, lot): Prelevement}`` pour les références de ces rejets."""
    dites = {lue for rejet in rejets if (lue := sepa.lire_reference(rejet.reference))}
    siens = Prelevement.objects.filter(
        lot__in={lot for *_, lot in dites}, facture__numero__in={numero for _, numero, _ in dites}
    ).select_related("lot", "facture__famille")
    return {(d.facture.exercice, d.facture.numero, d.lot_id): d for d in siens}


def _empechement(rejet, debit, aujourdhui):
    if debit.etat != Etat.REMIS:
        return "ce débit n'est pas remis"
    if rejet.montant is not None and rejet.montant != debit.montant:
        return f"le fichier dit {regles.euros(rejet.montant)}, le débit est de {regles.euros(debit.montant)}"
    remis_le = jour_de_paris(debit.lot.remis_le)
    if not remis_le <= rejet.jour <= aujourdhui:
        return f"rejeté le {dire_le_jour(rejet.jour)}, hors de la remise ({dire_le_jour(remis_le)}) à aujourd'hui"
    return ""


@transaction.atomic
def enregistrer_rejets(rejets, compte, maintenant):
    """Écrit les rejets qui se rapprochent, chacun comme s'il était saisi, et rend le ``Rapprochement`` d'alors.

    Le même fichier envoyé deux fois n'écrit rien la seconde. Une faute n'en laisse aucun d'écrit.
    """
    cles = [debit.pk for debit in _nos_debits(rejets).values()]
    # Verrouillés dans l'ordre, puis relus : deux envois à la fois se suivent, et le second les trouve déjà rejetés.
    list(Prelevement.objects.select_for_update().filter(pk__in=cles).order_by("pk").values_list("pk", flat=True))
    fait = rapprocher(rejets, maintenant)
    for rejet, debit in sorted(fait.a_ecrire, key=lambda paire: paire[1].pk):
        rejeter(debit, sepa.motif_connu(rejet.code), rejet.jour, compte, maintenant)
    return fait
