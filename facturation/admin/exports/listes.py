"""Les colonnes des listes de la régie, quand on les exporte."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import compter, date, nombre

from ...models import Ligne


class FactureResource(ModelResource):
    reference = Field("reference", "Facture")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    destinataire = Field("destinataire", "Destinataire")
    mois = date("mois", "Mois")
    emise_le = date("emise_le", "Émise le")
    echeance = date("echeance", "À payer avant le")
    rum = Field("rum", "Mandat prélevé")
    total = nombre("total", "Total")
    reste = nombre("reste", "Reste à payer")

    class Meta:
        name = "Factures"


class LigneResource(ModelResource):
    """Toutes les lignes des factures choisies : de quoi refaire chaque total."""

    facture = Field("facture__reference", "Facture")
    famille = Field("facture__famille__nom", "Famille")
    jour = date("jour", "Jour")
    enfant = Field("prenom", "Enfant")
    activite = Field("activite__nom", "Activité")
    site = Field("activite__site__nom", "Site")
    texte = Field("texte", "Prestation")
    quantite = nombre("quantite", "Quantité")
    prix_unitaire = nombre("prix_unitaire", "Prix unitaire")
    montant = nombre("montant", "Montant")
    quotient = nombre("quotient", "Quotient")
    regle = Field("regle", "Pourquoi ce prix")

    class Meta:
        name = "Lignes de facture"

    def export(self, queryset=None, **kwargs):
        """La liste filtrée est celle des factures ; on en sort les lignes."""
        lignes = Ligne.objects.filter(facture__in=queryset.order_by().values("pk"))
        compter(lignes)
        lignes = lignes.select_related("facture__famille", "activite__site").order_by("facture", "pk")
        return super().export(queryset=lignes, **kwargs)


class AvoirResource(ModelResource):
    reference = Field("reference", "Avoir")
    facture = Field("facture__reference", "Facture")
    famille = Field("facture__famille__nom", "Famille")
    montant = nombre("montant", "Montant rendu")
    motif = Field("motif", "Motif")
    emis_le = date("emis_le", "Émis le")

    class Meta:
        name = "Avoirs"


class ReglementResource(ModelResource):
    recu_le = date("recu_le", "Reçu le")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    moyen = Field("get_moyen_display", "Moyen")
    montant = nombre("montant", "Montant")
    reference = Field("reference", "Référence")
    emetteur = Field("emetteur", "Émetteur des titres")
    titres = nombre("nombre", "Nombre de titres")
    valeur = nombre("valeur", "Valeur faciale")
    facture = Field("facture__reference", "Facture")
    annulation = Field("motif_annulation", "Annulé")

    class Meta:
        name = "Règlements"


class RemboursementResource(ModelResource):
    fait_le = date("fait_le", "Rendu le")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    moyen = Field("get_moyen_display", "Moyen")
    montant = nombre("montant", "Montant rendu")
    reference = Field("reference", "Référence")
    motif = Field("motif", "Motif")
    annulation = Field("motif_annulation", "Annulé")

    class Meta:
        name = "Remboursements"
