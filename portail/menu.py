"""Le menu de l'administration : les rubriques dans l'ordre du travail, chacune à qui peut l'ouvrir."""

from functools import cache

from django.urls import reverse_lazy


def rubriques(request):
    """Celles que ce compte peut ouvrir ; l'entrée de cette page est celle de la plus longue adresse qui la contient.

    Unfold laissé à lui-même croirait « /admin/presences/pointage/ » sur la page « /presences/ », et chercherait à
    chaque page le droit et l'adresse de chaque entrée.
    """
    autour = [e["link"] for r in _menu() for e in r["items"] if "droit" in e and request.path.startswith(e["link"])]
    ici = max(autour, key=len, default=request.path)
    permises = [
        rubrique | {"items": [
            entree | {"active": entree["link"] == ici} for entree in rubrique["items"]
            if "droit" not in entree or request.user.has_perm(entree["droit"])
        ]} for rubrique in _menu()
    ]  # fmt: skip
    return [rubrique for rubrique in permises if rubrique["items"]]


@cache
def _menu():
    """Les rubriques et leurs adresses, cherchées une fois par processus."""
    return [r | {"items": [e | {"link": str(e["link"])} for e in r["items"]]} for r in RUBRIQUES]


def _page(titre, icone, adresse, droit):
    """Une entrée vers la page de ce nom, montrée à qui a le droit qu'elle demande."""
    return {"title": titre, "icon": icone, "link": reverse_lazy(adresse), "droit": droit}


def _table(titre, icone, table):
    """Une entrée vers la liste de ``app.modele``."""
    app, modele = table.split(".")
    return _page(titre, icone, f"admin:{app}_{modele}_changelist", f"{app}.view_{modele}")


RUBRIQUES = [
    {"items": [{"title": "Ce qui attend", "icon": "inbox", "link": reverse_lazy("admin:index")}]},
    {"title": "Chaque jour", "separator": True, "items": [
        _page("Dossiers", "folder_open", "admin:documents_dossiers", "documents.view_piece"),
        _table("Pièces envoyées", "description", "documents.piece"),
        _table("Inscriptions", "how_to_reg", "inscriptions.inscription"),
        _table("Messages", "forum", "messagerie.message"),
        _table("Excuses", "healing", "reservations.excuse"),
        _page("Liste du jour", "today", "presences:jour", "presences.add_pointage"),
        _page("Effectifs", "groups", "presences:effectifs", "presences.view_pointage"),
    ]},
    {"title": "Familles", "separator": True, "items": [
        _table("Familles", "family_restroom", "familles.famille"),
        _table("Enfants", "child_care", "familles.enfant"),
        _table("Adultes", "group", "familles.adulte"),
        _table("Gardes partagées", "calendar_month", "familles.garde"),
        _table("Échanges de jours", "swap_horiz", "familles.echange"),
        _table("Fiches sanitaires", "medical_information", "familles.fichesanitaire"),
        _table("Quotients", "percent", "familles.quotient"),
    ]},
    {"title": "Réservations", "separator": True, "items": [
        _page("Planning", "grid_on", "admin:reservations_planning", "reservations.view_reservation"),
        _table("Réservations", "event_available", "reservations.reservation"),
        _table("Séances", "event", "reservations.seance"),
        _table("Événements", "event_busy", "reservations.evenement"),
        _table("Jours d'ouverture", "how_to_vote", "reservations.ouverture"),
        _table("Pointages", "checklist", "presences.pointage"),
        _table("Journal", "history", "reservations.mouvement"),
    ]},
    {"title": "Finances", "separator": True, "items": [
        _table("Facturation du mois", "calendar_month", "facturation.facturation"),
        _table("Factures", "receipt_long", "facturation.facture"),
        _table("Règlements", "payments", "facturation.reglement"),
        _table("Bordereaux de dépôt", "savings", "facturation.bordereau"),
        _table("Journées de caisse", "point_of_sale", "facturation.journee"),
        _table("Paiements en ligne", "credit_card", "facturation.paiement"),
        _table("Avoirs", "undo", "facturation.avoir"),
        _table("Remboursements", "keyboard_return", "facturation.remboursement"),
        _table("Contestations", "rate_review", "facturation.contestation"),
        _table("Relances", "notifications", "facturation.envoiderelances"),
        _table("Niveaux de relance", "edit_notifications", "facturation.niveaurelance"),
        _table("Factures relancées", "mark_email_read", "facturation.relance"),
        _table("Demandes d'échéancier", "rate_review", "facturation.demandeecheancier"),
        _table("Échéanciers", "calendar_view_month", "facturation.echeancier"),
        _table("Transmises au Trésor", "account_balance_wallet", "facturation.etatdesrestes"),
        _table("Lots de prélèvements", "event_repeat", "facturation.lotdeprelevements"),
        _table("Prélèvements", "move_down", "facturation.prelevement"),
        _table("Mandats", "account_balance", "facturation.mandat"),
        _table("Tarifs", "sell", "facturation.tarif"),
        _page("À facturer encore", "playlist_add", "admin:facturation_a_refacturer", "facturation.add_facturation"),
        _page("Factures à corriger", "history_edu", "admin:facturation_corrections", "facturation.add_avoir"),
        _page("Recettes", "bar_chart", "admin:facturation_recettes", "facturation.view_export"),
        _page("Heures CAF", "timelapse", "admin:facturation_heures", "facturation.view_export"),
        _page("Exports", "ios_share", "admin:facturation_export_add", "facturation.add_export"),
        _table("Codes comptables", "pin", "facturation.comptabilite"),
        _table("Régie", "storefront", "facturation.regie"),
        _table("Budgets", "account_tree", "facturation.budget"),
    ]},
    {"title": "Réglages", "separator": True, "collapsible": True, "items": [
        _table("La commune", "location_city", "commune.commune"),
        _table("Écoles", "school", "commune.ecole"),
        _table("Années scolaires", "date_range", "commune.anneescolaire"),
        _table("Jours fermés", "event_busy", "commune.jourferme"),
        _table("Activités proposées", "sports_soccer", "inscriptions.activite"),
        _table("Délais et règlement", "gavel", "inscriptions.regledelai"),
        _table("Pièces attendues", "checklist_rtl", "documents.typepiece"),
        _table("Informations", "campaign", "documents.information"),
    ]},
    {"title": "Comptes", "separator": True, "collapsible": True, "items": [
        _table("Comptes", "manage_accounts", "portail.compte"),
        _table("Comptes demandés", "person_add", "portail.demandecompte"),
        _table("Texte du consentement", "policy", "portail.texteconsentement"),
        _table("Consentements", "fact_check", "portail.consentement"),
        _table("Lectures de fiches", "visibility", "familles.lecturefiche"),
        _table("Fins de conservation", "auto_delete", "portail.effacement"),
    ]},
]  # fmt: skip
