"""Ce qui sort en CSV ou en ODS. Aucun champ de santé : une fiche se lit, elle ne se télécharge pas par centaines."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import compter, date, instant, nombre, oui_non

from ..models import Autorisation, PersonneAutorisee


class FamilleResource(ModelResource):
    numero = nombre("pk", "Numéro de famille")
    nom = Field("nom", "Famille")
    adresse = Field("adresse", "Adresse")
    complement = Field("complement", "Complément")
    code_postal = Field("code_postal", "Code postal")
    ville = Field("ville", "Ville")
    hors_commune = oui_non("hors_commune", "Hors commune")
    enfants = nombre("enfants_actuels", "Enfants")
    statut = Field("get_statut_display", "Dossier")
    envoyee_le = instant("envoyee_le", "Envoyé le")
    validee_le = instant("validee_le", "Validé le")

    class Meta:
        name = "Familles"


class AdulteResource(ModelResource):
    numero_famille = nombre("famille_id", "Numéro de famille")
    famille = Field("famille__nom", "Famille")
    civilite = Field("get_civilite_display", "Civilité")
    nom = Field("nom", "Nom")
    prenom = Field("prenom", "Prénom")
    lien = Field("get_lien_display", "Lien")
    telephone = Field("telephone", "Téléphone")
    telephone_travail = Field("telephone_travail", "Téléphone au travail")
    courriel = Field("compte__email", "Courriel")
    responsable_legal = oui_non("responsable_legal", "Responsable légal")
    fin = date("fin", "Parti le")

    class Meta:
        name = "Adultes"


class EnfantResource(ModelResource):
    numero = nombre("pk", "Numéro d'enfant")
    nom = Field("nom", "Nom")
    prenom = Field("prenom", "Prénom")
    sexe = Field("get_sexe_display", "Sexe")
    date_naissance = date("date_naissance", "Date de naissance")
    ecole = Field("ecole__nom", "École")
    classe = Field("classe_dite", "Classe")
    familles = Field(column_name="Numéros de famille")

    class Meta:
        name = "Enfants"

    def dehydrate_familles(self, enfant):
        return ", ".join(str(lien.famille_id) for lien in enfant.rattachements.all() if not lien.fin)


class EntourageResource(ModelResource):
    """Qui peut quoi pour chacun des enfants choisis, aujourd'hui."""

    numero = nombre("enfant_id", "Numéro d'enfant")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    adulte = Field("adulte", "Adulte")
    lien = Field("adulte__get_lien_display", "Lien")
    telephone = Field("adulte__telephone", "Téléphone")
    recupere = oui_non("recupere", "Vient le chercher")
    urgence = oui_non("urgence", "À prévenir en cas d'urgence")
    interdit = oui_non("interdit", "Ne doit pas l'approcher")
    debut = date("debut", "Depuis")

    class Meta:
        name = "Entourage"

    def export(self, queryset=None, **kwargs):
        personnes = PersonneAutorisee.objects.filter(enfant__in=queryset.order_by().values("pk")).actuelles()
        compter(personnes)
        ordre = ["enfant__nom", "enfant__prenom", "enfant", "adulte__nom", "pk"]
        return super().export(queryset=personnes.select_related("enfant", "adulte").order_by(*ordre), **kwargs)


class AutorisationResource(ModelResource):
    """La dernière réponse de la famille à chaque question, pour chacun des enfants choisis."""

    numero = nombre("enfant_id", "Numéro d'enfant")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    genre = Field("get_genre_display", "Autorisation")
    accordee = oui_non("accordee", "Accordée")
    donnee_le = instant("donnee_le", "Réponse du")

    class Meta:
        name = "Autorisations"

    def export(self, queryset=None, **kwargs):
        reponses = Autorisation.objects.filter(enfant__in=queryset.order_by().values("pk")).en_vigueur()
        compter(reponses)
        return super().export(queryset=reponses.select_related("enfant"), **kwargs)


class GardeResource(ModelResource):
    numero = nombre("enfant_id", "Numéro d'enfant")
    enfant = Field("enfant", "Enfant")
    foyer = Field("foyer__nom", "Foyer")
    numero_foyer = nombre("foyer_id", "Numéro du foyer")
    semaines = Field("get_semaines_display", "Semaines")
    bascule = Field("get_bascule_display", "On change le")
    vacances = Field("get_vacances_display", "Vacances")
    autre = Field("autre__nom", "Autre foyer")
    numero_autre = nombre("autre_id", "Numéro de l'autre foyer")
    debut = date("debut", "À partir du")
    fin = date("fin", "Jusqu'au")
    acte = Field("acte", "Acte")

    class Meta:
        name = "Gardes partagées"


class EchangeResource(ModelResource):
    numero = nombre("enfant_id", "Numéro d'enfant")
    enfant = Field("enfant", "Enfant")
    de = Field("de__nom", "Du foyer")
    numero_de = nombre("de_id", "Son numéro")
    vers = Field("vers__nom", "Au foyer")
    numero_vers = nombre("vers_id", "Le numéro de celui-ci")
    du = date("du", "Du")
    au = date("au", "Au")
    retour_du = date("retour_du", "En retour, du")
    retour_au = date("retour_au", "En retour, au")
    etat = Field("get_etat_display", "État")
    propose_le = instant("propose_le", "Proposé le")
    repondu_le = instant("repondu_le", "Répondu le")

    class Meta:
        name = "Échanges de jours"


class LectureResource(ModelResource):
    """Qui a lu quelle fiche sanitaire ; rien de ce qu'elle dit."""

    lue_le = instant("lue_le", "Lue le")
    numero = nombre("enfant_id", "Numéro d'enfant")
    enfant = Field("enfant", "Enfant")
    compte = Field("compte", "Lue par")
    courriel = Field("compte__email", "Son courriel")
    page = Field("page", "Page")

    class Meta:
        name = "Lectures de fiches"


class QuotientResource(ModelResource):
    """L'historique : chaque quotient, sa preuve et ses jours."""

    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    valeur = nombre("valeur", "Quotient familial")
    debut = date("debut", "Valable du")
    fin = date("fin", "Jusqu'au")
    preuve = Field("preuve", "Preuve")

    class Meta:
        name = "Quotients"
