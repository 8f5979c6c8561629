"""La santé : l'écrire, l'effacer quand le consentement est retiré, et consigner qui l'a lue."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import PARIS

from ..models import Enfant, FicheSanitaire, LectureFiche, Rattachement
from ..regles import telephone_lisible


@transaction.atomic
def enregistrer_fiche(enfant, **champs):
    """Écrit la fiche sanitaire d'un enfant, chiffrée. Rend la ``FicheSanitaire``.

    ``vue``, s'il est donné, est le ``modifiee_le`` de la fiche que l'auteur a lue (rien : il n'y en avait pas). Si
    elle a changé depuis, lève ``changee_entre_temps`` : une allergie ne s'écrase pas sans avoir été lue.
    """
    Enfant.objects.select_for_update().get(pk=enfant.pk)
    fiche = FicheSanitaire.objects.filter(enfant=enfant).first() or FicheSanitaire(enfant=enfant)
    if "vue" in champs and champs.pop("vue") != fiche.modifiee_le:
        raise ValidationError(
            f"Cette fiche a été modifiée à {fiche.modifiee_le.astimezone(PARIS):%H:%M}, pendant que vous la "
            "remplissiez. Ouvrez-la dans un autre onglet pour comparer, puis enregistrez à nouveau la vôtre.",
            code="changee_entre_temps",
        )
    for nom, valeur in champs.items():
        setattr(fiche, nom, valeur)
    fiche.medecin_telephone = telephone_lisible(fiche.medecin_telephone)
    fiche.save()
    return fiche


@transaction.atomic
def effacer_sante(famille, consentantes=()):
    """Efface les fiches sanitaires des enfants d'un foyer qui retire son consentement. Rend leur nombre.

    ``consentantes`` sont les foyers dont le consentement court toujours : la fiche d'un enfant qui a aussi
    l'un d'eux reste, car elle est autant la leur. Les lectures consignées restent : elles ne disent rien.
    """
    fiches = FicheSanitaire.objects.filter(enfant__in=Enfant.objects.de_la_famille(famille).values("pk"))
    partagees = Rattachement.objects.actuels().filter(famille__in=consentantes).exclude(famille=famille)
    nombre, _ = fiches.exclude(enfant__in=partagees.values("enfant")).delete()
    return nombre


def consigner_lectures(enfants, compte, page, maintenant):
    """Consigne qu'un agent a lu la fiche de ces enfants (RGPD, art. 32). ``page`` dit où, jamais quoi."""
    LectureFiche.objects.bulk_create(
        LectureFiche(enfant=enfant, compte=compte, page=page[:200], lue_le=maintenant) for enfant in enfants
    )
