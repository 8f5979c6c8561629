"""Ce que coûterait un planning qui n'est pas encore enregistré : les faits de la base, et ceux que l'on suppose."""

from dataclasses import dataclass, field
from decimal import Decimal

from facturation import regles

from .forfaits import forfaits_du
from .prestations import Mois


@dataclass(slots=True)
class Estimation:
    """Les prix d'une période. ``ecart`` est ce que les changements ajoutent aux mois touchés, rang de fratrie compris ;
    ``possibles`` donne le prix de chaque case ``(enfant, seance)`` que l'on pourrait encore cocher hors délai.
    """

    lignes: list = field(default_factory=list)
    total: Decimal = regles.ZERO
    ecart: Decimal = regles.ZERO
    sans_quotient: bool = False
    possibles: dict = field(default_factory=dict)


def estimer(famille, enfants, debut, fin, changements, possibles=()):
    """L':class:`Estimation` de ``debut`` à ``fin`` compris pour ces enfants (leurs clés), une fois les ``changements``
    faits. ``changements`` et ``possibles`` sont des ``regles.Fait`` supposés. N'écrit rien.

    Lève ``regles.TarifManquant`` si une activité de ces mois n'a pas de tarif.
    """
    trouvee, lignes, annuels = Estimation(), [], set()
    mois = {regles.premier(jour) for jour in (debut, fin, *(fait.jour for fait in changements))}
    for premier in sorted(mois):
        calcul = Mois(premier)
        faits = calcul.faits([famille.pk])
        petits = calcul.petits({f.enfant for f in (*faits, *changements, *possibles)})
        quotients, forfaits = calcul.quotients([famille.pk])[famille.pk], forfaits_du(calcul, petits)

        def tarifer(suppose, deja=(), calcul=calcul, petits=petits, quotients=quotients, forfaits=forfaits):
            payes = forfaits.payes(famille.pk, suppose).union(deja)
            return calcul.tarifer(suppose, petits, famille.hors_commune, quotients, payes)

        du_mois = [fait for fait in changements if regles.premier(fait.jour) == premier]
        apres = regles.avec_changements(faits, du_mois)
        avant, ensuite = tarifer(faits), tarifer(apres, annuels)
        trouvee.ecart += regles.total(ensuite) - regles.total(avant)
        lignes += [li for li in ensuite if debut <= li.fait.jour <= fin and li.fait.enfant in enfants]
        for fait in possibles:
            if regles.premier(fait.jour) == premier:
                avec = tarifer(regles.avec_changements(apres, [fait]), annuels)
                # Pas de ligne à elle : le forfait du mois, déjà dû, la comprend.
                siennes = (li for li in avec if (li.fait.enfant, li.fait.seance) == (fait.enfant, fait.seance))
                trouvee.possibles[fait.enfant, fait.seance] = sum((li.prix.montant for li in siennes), regles.ZERO)
        # Un forfait de l'année que ces changements ouvrent ce mois-ci ne se redit pas au suivant.
        annuels |= {(li.fait.enfant, li.fait.activite) for li in ensuite if li.prix.unite == regles.ANNEE}
        trouvee.sans_quotient |= any(quotients.du(li.fait.jour) is None for li in lignes)
    trouvee.total = regles.total(lignes)
    trouvee.lignes = regles.rassembler(lignes)
    return trouvee
