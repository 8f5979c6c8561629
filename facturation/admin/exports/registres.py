"""Les colonnes des registres de la régie, quand on exporte leur liste : tarifs, mandats, suites, dépôts, caisse,
échéanciers."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, nombre

from ...models import (
    Echeance,
    Tranche,
)  # fmt: skip


class TarifResource(ModelResource):
    """Les tarifs choisis, une ligne par tranche ; un taux d'effort, qui n'en a pas, en fait une."""

    nom = Field("tarif__nom", "Tarif")
    genre = Field("tarif__get_genre_display", "Genre d'activité")
    activite = Field("tarif__activite__nom", "Activité précise")
    debut = date("tarif__debut", "Valable du")
    fin = date("tarif__fin", "Au")
    projet = Field(column_name="Projet")
    mode = Field("tarif__get_mode_display", "Le prix se calcule")
    unite = Field("tarif__get_unite_display", "Pour")
    jusqu_a = nombre("jusqu_a", "Quotient jusqu'à")
    prix = nombre("prix", "Prix")
    combine = nombre("combine", "Prix matin et soir")
    taux = nombre("tarif__taux", "Taux (€ par point)")
    plancher = nombre("tarif__plancher", "Quotient plancher")
    plafond = nombre("tarif__plafond", "Quotient plafond")
    part_fixe = nombre("tarif__part_fixe", "Part fixe")
    ajustements = Field(column_name="Ajustements")

    class Meta:
        name = "Tarifs"

    def export(self, queryset=None, **kwargs):
        tarifs = queryset.select_related("activite").avec_grilles()
        lignes = [
            tranche for tarif in tarifs for tranche in list(tarif.tranches.all()) or [Tranche(tarif=tarif, prix=None)]
        ]
        return super().export(queryset=lignes, **kwargs)

    def dehydrate_projet(self, tranche):
        return "oui" if tranche.tarif.projet else "non"

    def dehydrate_ajustements(self, tranche):
        return " ; ".join(str(ajustement) for ajustement in tranche.tarif.ajustements.all())


class MandatResource(ModelResource):
    """Sans IBAN entier : une liste circule."""

    rum = Field("rum", "Mandat (RUM)")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    titulaire = Field("titulaire", "Titulaire")
    compte = Field("iban_masque", "Compte (masqué)")
    signe_le = date("signe_le", "Signé le")
    revoque_le = date("revoque_le", "Révoqué le")
    suspendu_le = date("suspendu_le", "Suspendu le")

    class Meta:
        name = "Mandats"


class PaiementResource(ModelResource):
    cree_le = date("cree_le", "Ouvert le")
    refdet = Field("refdet", "Référence")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    facture = Field("facture__reference", "Facture")
    montant = nombre("montant", "Montant")
    etat = Field("get_etat_display", "État")
    phrase = Field("phrase", "Ce qu'on en sait")
    conclu_le = date("conclu_le", "Conclu le")
    autorisation = Field("autorisation", "Autorisation")
    motif = Field("motif", "Ce que la régie a vérifié")

    class Meta:
        name = "Paiements en ligne"


class ContestationResource(ModelResource):
    envoyee_le = date("envoyee_le", "Envoyée le")
    famille = Field("ligne__facture__famille__nom", "Famille")
    numero_famille = nombre("ligne__facture__famille_id", "Numéro de famille")
    facture = Field("ligne__facture__reference", "Facture")
    enfant = Field("ligne__prenom", "Enfant")
    jour = date("ligne__jour", "Jour")
    prestation = Field("ligne__texte", "Prestation")
    montant = nombre("ligne__montant", "Montant de la ligne")
    motif = Field("motif", "Raison")
    repondre_avant = date("repondre_avant", "Répondre avant le")
    etat = Field("get_etat_display", "État")
    reponse = Field("reponse", "Réponse")
    decidee_le = date("decidee_le", "Décidée le")
    suite = Field("get_suite_display", "Ce qui est rendu sera")
    avoir = Field("avoir__reference", "Avoir")
    rendu = nombre("avoir__montant", "Montant rendu")

    class Meta:
        name = "Contestations"


class RelanceResource(ModelResource):
    jour = date("jour", "Faite le")
    famille = Field("facture__famille__nom", "Famille")
    numero_famille = nombre("facture__famille_id", "Numéro de famille")
    facture = Field("facture__reference", "Facture")
    rang = nombre("rang", "Niveau")
    nom = Field("nom", "Relance")
    du = nombre("du", "Reste réclamé")
    moyen = Field("get_moyen_display", "Moyen")

    class Meta:
        name = "Factures relancées"


class BordereauResource(ModelResource):
    reference = Field("reference", "Bordereau")
    depose_le = date("depose_le", "Déposé le")
    moyen = Field("get_moyen_display", "Ce qui est déposé")
    combien = nombre("combien", "Règlements")
    total = nombre("total", "Total")
    fait_par = Field(column_name="Fait par")

    class Meta:
        name = "Bordereaux de dépôt"

    def dehydrate_fait_par(self, bordereau):
        return str(bordereau.fait_par or "")


class JourneeResource(ModelResource):
    jour = date("jour", "Jour")
    attendu = nombre("attendu", "Espèces attendues")
    compte = nombre("compte", "Espèces comptées")
    ecart = nombre("ecart", "Écart")
    raison = Field("raison", "Raison de l'écart")
    close_par = Field(column_name="Close par")

    class Meta:
        name = "Journées de caisse"

    def dehydrate_close_par(self, journee):
        return str(journee.close_par or "")


class EcheancierResource(ModelResource):
    """Les échéanciers choisis, une ligne par échéance."""

    reference = Field("echeancier__reference", "Échéancier")
    famille = Field("echeancier__famille__nom", "Famille")
    numero_famille = nombre("echeancier__famille_id", "Numéro de famille")
    rang = nombre("rang", "Échéance")
    jour = date("jour", "À payer avant le")
    montant = nombre("montant", "Montant")
    accorde_le = date("echeancier__accorde_le", "Accordé le")
    revoque_le = date("echeancier__revoque_le", "Révoqué le")

    class Meta:
        name = "Échéanciers"

    def export(self, queryset=None, **kwargs):
        echeances = Echeance.objects.filter(echeancier__in=queryset).select_related("echeancier__famille")
        return super().export(queryset=echeances.order_by("echeancier", "rang"), **kwargs)
