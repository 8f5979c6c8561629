"""Les titres : CESU préfinancés et chèques-vacances, si la régie les accepte."""

from django.core.exceptions import ValidationError
from django.db.models import Sum

from facturation import regles
from facturation.models import Facture, Regie, Reglement, lignes_nettes


def verifier_titres(moyen, titres, montant, reference, facture):
    """Lève ``ValidationError`` si ces titres ne s'encaissent pas.

    Codes ``titres`` (il en manque un fait, ou ce n'en sont pas), ``refuses`` (la régie ne les accepte pas),
    ``valeur`` (nombre × valeur faciale ne fait pas le montant), ``repas`` (un CESU ne paie pas les repas).
    """
    if moyen not in Reglement.TITRES:
        if titres:
            raise ValidationError("Seuls des CESU ou des chèques-vacances sont des titres.", code="titres")
        return
    regie = Regie.courante()
    if not (regie.titres_cesu if moyen == Reglement.Moyen.CESU else regie.titres_ancv):
        raise ValidationError("La régie n'accepte pas ces titres.", code="refuses")
    emetteur, nombre, valeur = titres or ("", None, None)
    if not (emetteur and nombre and valeur and reference.strip()):
        raise ValidationError("Dites l'émetteur, les numéros, le nombre et la valeur des titres.", code="titres")
    if regles.montant_des_titres(nombre, valeur) != montant:
        fait = regles.euros(regles.montant_des_titres(nombre, valeur))
        raise ValidationError(f"{nombre} × {regles.euros(valeur)} font {fait}.", code="valeur")
    if moyen == Reglement.Moyen.CESU and not regie.titres_cesu_repas:
        _verifier_la_garde(facture, montant)


def _verifier_la_garde(facture, montant):
    """Un CESU ne paie, de sa facture, que ce qui n'est pas un repas."""
    if facture is None:
        raise ValidationError("Dites quelle facture ce CESU paie : il n'en paie pas les repas.", code="repas")
    # Verrouillée, puis comptée : deux saisies à la fois ne paient pas deux fois la même garde.
    Facture.objects.select_for_update(no_key=True).get(pk=facture.pk)
    lignes = lignes_nettes([facture.pk])
    garde = regles.arrondir(sum((regles.part_de_garde(*ligne) for _, _, *ligne in lignes), regles.ZERO))
    deja = facture.reglements.valables().filter(moyen=Reglement.Moyen.CESU).aggregate(s=Sum("montant"))["s"]
    libre = max(garde - (deja or regles.ZERO), regles.ZERO)
    if montant > libre:
        raise ValidationError(
            f"Hors repas, les CESU peuvent payer {regles.euros(libre)} de cette facture, pas davantage.", code="repas"
        )
