"""Les colonnes de ce qui suit les factures, quand on les exporte : mois, prélèvements, relances, Trésor, réglages."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import compter, date, instant, nombre, oui_non

from ...models import Transmission


class FacturationResource(ModelResource):
    mois = date("mois", "Mois")
    echeance = date("echeance", "À payer avant le")
    faites = nombre("faites", "Factures émises")
    total = nombre("total", "Total")
    reportes = nombre("reportes", "Foyers reportés")
    lancee_le = instant("lancee_le", "Lancée le")
    lancee_par = Field("lancee_par", "Lancée par")
    terminee_le = instant("terminee_le", "Terminée le")

    class Meta:
        name = "Facturation du mois"


class LotResource(ModelResource):
    jour = date("jour", "Prélevé le")
    etat = Field("etat", "État")
    combien = nombre("combien", "Débits")
    total = nombre("total", "Total")
    fichier = Field("nom_du_fichier", "Fichier")
    prepare_le = instant("prepare_le", "Préparé le")
    prepare_par = Field("prepare_par", "Préparé par")
    remis_le = instant("remis_le", "Remis le")
    remis_par = Field("remis_par", "Remis par")
    defait_le = instant("defait_le", "Défait le")
    refuse_le = date("refuse_le", "Refusé le")

    class Meta:
        name = "Lots de prélèvements"


class PrelevementResource(ModelResource):
    reference = Field("reference", "Référence")
    preleve_le = date("lot__jour", "Prélevé le")
    famille = Field("facture__famille__nom", "Famille")
    numero_famille = nombre("facture__famille_id", "Numéro de famille")
    facture = Field("facture__reference", "Facture")
    montant = nombre("montant", "Montant")
    mandat = Field("mandat__rum", "Mandat (RUM)")
    sequence = Field("get_sequence_display", "Séquence")
    etat = Field("get_etat_display", "État")
    rejete_le = date("rejete_le", "Rejeté le")
    code = Field("code_rejet", "Code du rejet")
    rejet = Field("rejet_dit", "Motif du rejet")

    class Meta:
        name = "Prélèvements"


class DemandeEcheancierResource(ModelResource):
    envoyee_le = date("envoyee_le", "Envoyée le")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    mois = nombre("mois", "En combien de mois")
    phrase = Field("phrase", "Pourquoi")
    etat = Field("get_etat_display", "État")
    reponse = Field("reponse", "Réponse de la régie")
    decidee_le = date("decidee_le", "Décidée le")
    decidee_par = Field("decidee_par", "Décidée par")
    echeancier = Field("echeancier__reference", "Échéancier")

    class Meta:
        name = "Demandes d'échéancier"


class EnvoiResource(ModelResource):
    lance_le = instant("lance_le", "Lancé le")
    lance_par = Field("lance_par", "Lancé par")
    foyers = nombre("foyers", "Foyers relancés")
    factures = nombre("factures", "Factures relancées")
    lettres = nombre("lettres", "Lettres à imprimer")
    total = nombre("total", "Total réclamé")
    termine_le = instant("termine_le", "Terminé le")

    class Meta:
        name = "Relances"


class NiveauResource(ModelResource):
    rang = nombre("rang", "Niveau")
    nom = Field("nom", "Nom")
    jours = nombre("jours", "Jours après l'échéance")
    objet = Field("objet", "Objet du courriel")
    texte = Field("texte", "Texte")

    class Meta:
        name = "Niveaux de relance"


class TransmissionResource(ModelResource):
    """Les états choisis, une ligne par dette, retirées comprises."""

    etat = Field("etat__reference", "État")
    fait_le = date("etat__fait_le", "Fait le")
    facture = Field("facture__reference", "Facture")
    destinataire = Field("facture__destinataire", "Redevable")
    numero_famille = nombre("facture__famille_id", "Numéro de famille")
    montant = nombre("montant", "Reste transmis")
    annulee_le = date("annulee_le", "Retirée le")
    motif = Field("motif_annulation", "Pourquoi retirée")

    class Meta:
        name = "Transmises au Trésor"

    def export(self, queryset=None, **kwargs):
        dettes = Transmission.objects.filter(etat__in=queryset.order_by().values("pk"))
        compter(dettes)
        return super().export(queryset=dettes.select_related("etat", "facture").order_by("etat", "pk"), **kwargs)


class BudgetResource(ModelResource):
    """Sans IBAN entier, pas plus que les autres listes."""

    nom = Field("nom", "Budget")
    activites = Field(column_name="Activités")
    cheque_ordre = Field("cheque_ordre", "Ordre des chèques")
    a_part = oui_non("iban", "Compte à part")
    code = Field("code_comptable", "Code du budget")
    pes = Field("pes_budget", "Budget du PES")

    class Meta:
        name = "Budgets"

    def dehydrate_activites(self, budget):
        return ", ".join(str(ligne) for ligne in budget.activites.all())


class ExportResource(ModelResource):
    """Le journal : ce qui fut fait, par qui ; les fichiers se refont sur leur page."""

    contenu = Field("contenu__titre", "Contenu")
    debut = date("debut", "Du")
    fin = date("fin", "Au")
    format = Field("get_format_display", "Format")
    lignes = nombre("lignes", "Lignes")
    arrete_le = instant("arrete_le", "Arrêté le")
    fait_par = Field("fait_par", "Fait par")
    empreinte = Field("empreinte", "Empreinte SHA-256")

    class Meta:
        name = "Journal des exports"
