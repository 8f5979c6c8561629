"""Clore une journée de caisse : compter, comparer, expliquer ; ensuite la caisse ne s'écrit plus à cette date."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import Journee, especes_attendues

VERROU = (80, 1)  # celui des déclencheurs de ``0001_gardes.sql``


def refuser_jour_clos(jour):
    """Lève ``ValidationError`` (code ``jour_clos``) si la caisse de ce jour est close ; à appeler avant d'y écrire.

    Le verrou, partagé entre ceux qui écrivent, tient jusqu'à la fin de la transaction : la clôture les attend.
    """
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)", VERROU)
    close = Journee.objects.filter(jour__gte=jour).order_by("jour").first()
    if close:
        raise ValidationError(
            f"La caisse est close jusqu'au {dire_le_jour(close.jour)} : datez l'écriture d'un jour encore ouvert.",
            code="jour_clos",
        )


@transaction.atomic
def clore(jour, compte_en_euros, raison, compte, maintenant):
    """Clôt la caisse de ce jour (date de Paris) sur les espèces comptées (euros) et rend la ``Journee``.

    Lève ``ValidationError`` (codes ``futur``, ``montant``, ``deja_close``, ``ecart`` : un écart s'explique).
    """
    if jour > jour_de_paris(maintenant):
        raise ValidationError("On ne clôt pas une journée à venir.", code="futur")
    if compte_en_euros < 0 or compte_en_euros != regles.arrondir(compte_en_euros):
        raise ValidationError("Comptez les espèces au centime.", code="montant")
    # Seul, puis compté : une écriture en cours est finie, la suivante trouvera le jour clos.
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", VERROU)
    derniere = Journee.objects.first()
    if derniere and derniere.jour >= jour:
        raise ValidationError(f"La caisse est déjà close jusqu'au {dire_le_jour(derniere.jour)}.", code="deja_close")
    attendu = especes_attendues(jour)
    ecart = compte_en_euros - attendu
    if ecart and not raison.strip():
        raise ValidationError(
            f"{regles.euros(attendu)} attendus : {regles.dire_l_ecart(ecart)}. Dites pourquoi.", code="ecart"
        )
    return Journee.objects.create(
        jour=jour, attendu=attendu, compte=compte_en_euros, raison=raison.strip() if ecart else "",
        close_le=maintenant, close_par=compte,
    )  # fmt: skip
