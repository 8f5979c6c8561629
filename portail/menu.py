"""Le menu de l'administration : les rubriques dans l'ordre du travail, chacune à qui peut l'ouvrir."""

from django.urls import reverse_lazy


def _table(titre, icone, table):
    """Une entrée vers la liste de ``app.modele``, montrée à qui a le droit de la voir."""
    app, modele = table.split(".")
    return {
        "title": titre,
        "icon": icone,
        "link": reverse_lazy(f"admin:{app}_{modele}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{modele}"),
    }


RUBRIQUES = [
    {"items": [{"title": "Ce qui attend", "icon": "inbox", "link": reverse_lazy("admin:index")}]},
    {"title": "Familles", "separator": True, "items": [
        _table("Familles", "family_restroom", "familles.famille"),
        _table("Enfants", "child_care", "familles.enfant"),
        _table("Adultes", "group", "familles.adulte"),
        _table("Messages", "forum", "messagerie.message"),
        _table("Pièces envoyées", "description", "documents.piece"),
    ]},
    {"title": "Activités", "separator": True, "items": [
        _table("Inscriptions", "how_to_reg", "inscriptions.inscription"),
        _table("Séances", "event", "reservations.seance"),
        _table("Réservations", "event_available", "reservations.reservation"),
        _table("Excuses", "healing", "reservations.excuse"),
        _table("Pointages", "checklist", "presences.pointage"),
        {"title": "Liste du jour", "icon": "today", "link": reverse_lazy("presences:jour"),
         "permission": lambda request: request.user.has_perm("presences.view_pointage")},
    ]},
    {"title": "Finances", "separator": True, "items": [
        _table("Facturation du mois", "calendar_month", "facturation.facturation"),
        _table("Factures", "receipt_long", "facturation.facture"),
        _table("Règlements", "payments", "facturation.reglement"),
        _table("Avoirs", "undo", "facturation.avoir"),
        _table("Mandats", "account_balance", "facturation.mandat"),
        _table("Tarifs", "sell", "facturation.tarif"),
        _table("Quotients", "percent", "familles.quotient"),
    ]},
    {"title": "La commune", "separator": True, "collapsible": True, "items": [
        _table("Identité", "location_city", "commune.commune"),
        _table("Écoles", "school", "commune.ecole"),
        _table("Années scolaires", "date_range", "commune.anneescolaire"),
        _table("Jours fermés", "event_busy", "commune.jourferme"),
        _table("Activités proposées", "sports_soccer", "inscriptions.activite"),
        _table("Pièces attendues", "checklist_rtl", "documents.typepiece"),
        _table("Informations", "campaign", "documents.information"),
        _table("Texte du consentement", "policy", "portail.texteconsentement"),
        _table("Comptes", "manage_accounts", "portail.compte"),
    ]},
]
