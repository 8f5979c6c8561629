"""Les colonnes des listes des réservations, quand on les exporte."""

from django.db.models import Count
from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, heure, instant, nombre, oui_non

from ..models import Mouvement, Reservation


class ReservationResource(ModelResource):
    jour = date("seance__jour", "Jour")
    activite = Field("seance__activite__nom", "Activité")
    site = Field("seance__activite__site__nom", "Site")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    etat = Field("get_etat_display", "État")
    hors_delai = oui_non("hors_delai", "Hors délai")
    modifiee_le = instant("modifiee_le", "Modifiée le")

    class Meta:
        name = "Réservations"


class SeanceResource(ModelResource):
    """Les présents s'y ajoutent à l'étage qui les compte : ``presences.admin``."""

    jour = date("jour", "Jour")
    activite = Field("activite__nom", "Activité")
    site = Field("activite__site__nom", "Site")
    debut = heure("activite__heure_debut", "De")
    fin = heure("activite__heure_fin", "À")
    ouverte = oui_non("ouverte", "A lieu")
    motif = Field("motif", "Pourquoi non")
    capacite = nombre("capacite", "Places")
    reservees = nombre("reservees", "Réservés")
    proposees = nombre("proposees", "Places proposées")
    en_attente = nombre("en_attente", "En attente")
    limite_reservation = instant("limite_reservation", "Réserver avant")
    limite_annulation = instant("limite_annulation", "Annuler avant")
    apres_limite = Field("get_apres_limite_display", "Après la limite")

    class Meta:
        name = "Séances"


class ExcuseResource(ModelResource):
    """Ni la raison écrite, ni le justificatif : ils disent souvent une maladie, et se lisent un par un."""

    envoyee_le = instant("envoyee_le", "Envoyée le")
    jour = date("reservation__seance__jour", "Jour")
    activite = Field("reservation__seance__activite__nom", "Activité")
    site = Field("reservation__seance__activite__site__nom", "Site")
    nom = Field("reservation__enfant__nom", "Nom")
    prenom = Field("reservation__enfant__prenom", "Prénom")
    classe = Field("reservation__enfant__classe_dite", "Classe")
    famille = Field("reservation__famille__nom", "Famille")
    numero_famille = nombre("reservation__famille_id", "Numéro de famille")
    certifie_le = instant("certifie_le", "Justificatif reçu le")
    etat = Field("get_etat_display", "État")
    reponse = Field("reponse", "Réponse de la mairie")
    decidee_le = instant("decidee_le", "Décidée le")
    decidee_par = Field("decidee_par", "Décidée par")

    class Meta:
        name = "Excuses"


class EvenementResource(ModelResource):
    libelle = Field("libelle", "Événement")
    nature = Field("get_nature_display", "Nature")
    du = date("du", "Du")
    au = date("au", "Au")
    sites = Field(column_name="Écoles et sites")
    activites = Field(column_name="Activités")
    classes = Field(column_name="Classes")
    message = Field("message", "Message aux familles")
    etat = Field("etat", "État")
    annulees = Field(column_name="Réservations annulées")
    applique_le = instant("applique_le", "Appliqué le")
    applique_par = Field("applique_par", "Appliqué par")
    prevenus_le = instant("prevenus_le", "Familles prévenues le")
    leve_le = instant("leve_le", "Levé le")
    leve_par = Field("leve_par", "Levé par")

    class Meta:
        name = "Événements"

    def before_export(self, queryset, **kwargs):
        siens = Mouvement.objects.filter(lot__in=queryset.order_by().values("lot"), apres=Reservation.Etat.ANNULEE)
        self.nombres = dict(siens.order_by().values_list("lot").annotate(Count("reservation", distinct=True)))

    def dehydrate_sites(self, evenement):
        return ", ".join(site.nom for site in evenement.sites.all()) or "toute la commune"

    def dehydrate_activites(self, evenement):
        return ", ".join(str(activite) for activite in evenement.activites.all()) or "toutes"

    def dehydrate_classes(self, evenement):
        return ", ".join(evenement.classes_dites) or "toutes"

    def dehydrate_annulees(self, evenement):
        return self.nombres.get(evenement.lot, 0)


class MouvementResource(ModelResource):
    quand = instant("instant", "Le")
    nom = Field("reservation__enfant__nom", "Nom")
    prenom = Field("reservation__enfant__prenom", "Prénom")
    jour = date("reservation__seance__jour", "Jour")
    activite = Field("reservation__seance__activite__nom", "Activité")
    site = Field("reservation__seance__activite__site__nom", "Site")
    numero_famille = nombre("famille_id", "Numéro de famille")
    verbe = Field("verbe", "Quoi")
    origine = Field("get_origine_display", "Par")
    compte = Field("compte", "Compte")
    motif = Field("motif", "Motif")
    numero = Field("numero", "Reçu")

    class Meta:
        name = "Journal"


class OuvertureResource(ModelResource):
    """Des nombres de foyers, jamais des noms."""

    nom = Field("nom", "Ouverture")
    mode = Field("get_mode_display", "Comment")
    du = date("du", "Séances du")
    au = date("au", "Au")
    activites = Field(column_name="Activités")
    voeux_des = instant("voeux_des", "Vœux dès le")
    ouvre_le = instant("ouvre_le", "Ouvre le")
    foyers = nombre("foyers_n", "Foyers")
    voeux = nombre("voeux_n", "Vœux")
    tiree_le = instant("tiree_le", "Tirée le")

    class Meta:
        name = "Jours d'ouverture"

    def dehydrate_activites(self, ouverture):
        return ", ".join(str(activite) for activite in ouverture.activites.all())
