"""Remettre au Trésor public ce que les relances n'ont pas fait payer, sous un état numéroté ; retirer une erreur."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import (
    Avoir,
    EtatDesRestes,
    Facture,
    Regie,
    Reglement,
    Transmission,
    candidats_au_tresor,
    niveaux,
)
from familles.actions import ecrire_aux_foyers

from . import numeros


def prevoir_transmission(maintenant):
    """Les ``Candidat`` : ce qui peut se transmettre aujourd'hui, et ce qui attend. N'écrit rien."""
    return candidats_au_tresor(jour_de_paris(maintenant), niveaux(), Regie.courante())


@transaction.atomic
def transmettre(factures, compte, maintenant):
    """Met ces factures (leurs clés) sur un état neuf et le rend ; toutes, ou aucune. Les familles l'apprennent.

    Lève ``ValidationError`` : ``vide``, ``pas_prete`` (payée, contestée, pas assez relancée, déjà transmise…),
    ``seuil`` (ce qui est coché d'un foyer ne l'atteint pas).
    """
    cles = set(factures)
    if not cles:
        raise ValidationError("Cochez les dettes à transmettre.", code="vide")
    # Verrouillées contre tout, dans l'ordre : un règlement en cours est attendu, puis compté.
    list(Facture.objects.select_for_update().filter(pk__in=cles).order_by("pk").values_list("pk", flat=True))
    regie = Regie.courante()
    candidats = candidats_au_tresor(jour_de_paris(maintenant), niveaux(), regie, cles)
    pretes = {lue.facture.pk: lue.facture for candidat in candidats for lue in candidat.pretes}
    if set(pretes) != cles:
        raise ValidationError(
            "Une de ces dettes ne se transmet plus : payée, contestée ou déjà transmise. Relisez la liste.",
            code="pas_prete",
        )
    if petit := next((candidat for candidat in candidats if not candidat.assez), None):
        raise ValidationError(
            f"{petit.famille} : {regles.euros(petit.total)}, moins que le seuil de {regles.euros(regie.tresor_seuil)}.",
            code="seuil",
        )
    exercice = regles.exercice(maintenant)
    etat = EtatDesRestes.objects.create(
        exercice=exercice, numero=numeros.prendre(numeros.ETATS, exercice), fait_le=maintenant, fait_par=compte
    )
    Transmission.objects.bulk_create(
        Transmission(etat=etat, facture=facture, montant=facture.reste) for _, facture in sorted(pretes.items())
    )
    ecrire_aux_foyers("facturation/courriels/dette_transmise", contextes_de_l_etat(etat))
    return etat


def contextes_de_l_etat(etat):
    """``{foyer: contexte}`` de ce que chacun doit savoir de ses dettes transmises, courriel ou lettre."""
    contextes, ou = {}, Regie.courante().tresor_ou
    for dette in etat.transmissions.valables().select_related("facture").order_by("facture"):
        contexte = contextes.setdefault(dette.facture.famille_id, {"ou": ou, "factures": []})
        contexte["factures"].append(dette.facture)
        contexte["references"] = ", ".join(facture.reference for facture in contexte["factures"])
    return contextes


@transaction.atomic
def retirer_du_tresor(transmission, motif, compte, maintenant):
    """Retire une dette d'un état : elle se paie de nouveau à la régie. L'état garde sa ligne, barrée.

    Lève ``ValidationError`` : ``motif``, ``deja``, ``suite`` (un règlement ou un avoir est venu depuis).
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi cette dette est retirée de l'état.", code="motif")
    Facture.objects.select_for_update().get(pk=transmission.facture_id)
    transmission = Transmission.objects.select_for_update(of=("self",)).select_related("etat", "facture").get(
        pk=transmission.pk
    )
    if transmission.annulee_le:
        raise ValidationError("Cette dette est déjà retirée.", code="deja")
    facture, depuis = transmission.facture, transmission.etat.fait_le
    recus = Reglement.objects.valables().filter(famille=facture.famille_id, saisi_le__gt=depuis)
    if recus.exists() or Avoir.objects.filter(facture=facture, emis_le__gt=depuis).exists():
        raise ValidationError(
            "Un règlement ou un avoir est venu depuis : voyez avec le Trésor, la dette ne se retire plus d'ici.",
            code="suite",
        )
    transmission.annulee_le, transmission.annulee_par = maintenant, compte
    transmission.motif_annulation = motif.strip()[:300]
    transmission.save(update_fields=["annulee_le", "annulee_par", "motif_annulation"])
    return transmission
