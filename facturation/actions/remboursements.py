"""Rendre à une famille l'avance qu'elle a : jamais davantage, et une seule fois pour une contestation."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import Contestation, Remboursement, solde_de
from familles.models import Famille

from .journees import refuser_jour_clos


@transaction.atomic
def rembourser(
    famille, montant, moyen, reference, motif, compte, maintenant, *, fait_le=None, contestation=None, jeton=None
):
    """Enregistre un remboursement (euros) et le rend ; au plus l'avance du foyer.

    ``fait_le`` (date de Paris, aujourd'hui par défaut) ; ``contestation`` : celle qui fut acceptée « à rembourser » ;
    ``jeton`` : l'UUID du formulaire. Lève ``ValidationError`` (codes ``montant``, ``moyen``, ``reference``, ``futur``,
    ``jour_clos``, ``contestation``, ``trop``).
    """
    fait_le = fait_le or jour_de_paris(maintenant)
    if montant <= 0 or montant != regles.arrondir(montant):
        raise ValidationError("Un remboursement est un montant positif, au centime.", code="montant")
    if moyen not in Remboursement.Moyen.values:
        raise ValidationError("On ne rembourse pas par ce moyen.", code="moyen")
    if not reference.strip() or not motif.strip():
        raise ValidationError("Un remboursement a sa référence et son motif.", code="reference")
    if fait_le > jour_de_paris(maintenant):
        raise ValidationError("Un remboursement ne peut pas être fait dans le futur.", code="futur")
    if moyen != Remboursement.Moyen.VIREMENT:
        refuser_jour_clos(fait_le)
    # Le foyer est verrouillé, puis compté : deux remboursements à la fois ne rendent pas deux fois son avance.
    famille = Famille.objects.select_for_update(no_key=True).get(pk=famille.pk)
    if jeton and (deja := Remboursement.objects.filter(jeton=jeton).first()):
        return deja
    verifier_contestation_a_rembourser(contestation, famille)
    avance = -solde_de(famille)
    if montant > avance:
        dite = regles.euros(avance) if avance > 0 else "nulle"
        raise ValidationError(f"L'avance de cette famille est {dite} : on ne rend pas davantage.", code="trop")
    return Remboursement.objects.create(
        famille=famille, montant=montant, moyen=moyen, reference=reference.strip(), motif=motif.strip(),
        fait_le=fait_le, contestation=contestation, saisi_le=maintenant, saisi_par=compte, jeton=jeton,
    )  # fmt: skip


def verifier_contestation_a_rembourser(contestation, famille):
    if contestation is None:
        return
    if contestation.suite != Contestation.Suite.REMBOURSER or contestation.ligne.facture.famille_id != famille.pk:
        raise ValidationError("Cette contestation n'est pas à rembourser à cette famille.", code="contestation")
    if Remboursement.objects.valables().filter(contestation=contestation).exists():
        raise ValidationError("Cette contestation est déjà remboursée.", code="contestation")


@transaction.atomic
def annuler_remboursement(remboursement, motif, compte, maintenant):
    """Annule un remboursement (virement rejeté, erreur de saisie) : l'avance revient.

    Lève ``ValidationError`` (codes ``motif``, ``deja_annule``, ``jour_clos``).
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi ce remboursement est annulé.", code="motif")
    rendu = Remboursement.objects.select_for_update().get(pk=remboursement.pk)
    if rendu.annule_le:
        raise ValidationError("Ce remboursement est déjà annulé.", code="deja_annule")
    if rendu.moyen != Remboursement.Moyen.VIREMENT:
        refuser_jour_clos(jour_de_paris(maintenant))
    rendu.annule_le, rendu.annule_par, rendu.motif_annulation = maintenant, compte, motif.strip()
    rendu.save(update_fields=["annule_le", "annule_par", "motif_annulation"])
    return rendu
