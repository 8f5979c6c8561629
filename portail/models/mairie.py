"""Ce que la mairie lit en arrivant : ce qui l'attend, les nombres du jour et de la semaine."""

import datetime as dt

from django.db.models import Count

from commune.regles import lundi
from documents.models import Piece
from facturation.models import Contestation, DemandeEcheancier, Facture, Paiement, Prelevement, Reglement
from familles.models import Famille
from inscriptions.models import Inscription
from messagerie.models import Message
from reservations.models import Excuse, Reservation, Seance

from .. import regles

# Dans l'ordre de la journée, et non de la liste.
GENRES = ["matin", "midi", "soir", "mercredi", "vacances"]
EN_DOUTE, REJETES = "Paiements en doute", "Prélèvements rejetés"
A_REMBOURSER, A_DEPOSER, EN_PLUSIEURS_FOIS = "À rembourser", "Règlements à déposer", "Échéanciers demandés"
RARES = {EN_DOUTE, REJETES, A_REMBOURSER, A_DEPOSER, EN_PLUSIEURS_FOIS}  # ces piles ne se montrent que si elles en ont
NOMS = {"matin": "Matin", "midi": "Midi", "soir": "Soir", "mercredi": "Mercredi", "vacances": "Vacances"}


def piles(compte, jour):
    """Ce qui attend ce compte ce ``jour`` (date de Paris), pile par pile, selon ses droits.

    Chacune a son titre, son icône, son nombre, et la page et le filtre qui listent exactement ces lignes-là.
    """
    toutes = [
        ("Dossiers à valider", "folder_open", ["familles.change_famille", "documents.change_piece"],
         Famille.objects.a_valider(), "admin:documents_dossiers", ""),
        ("Pièces à vérifier", "description", ["documents.change_piece"],
         Piece.objects.a_verifier().lisibles_par(compte), "admin:documents_piece_changelist", "?etat__exact=envoyee"),
        ("Demandes d'inscription", "how_to_reg", ["inscriptions.change_inscription"],
         Inscription.objects.a_decider(), "admin:inscriptions_inscription_changelist", "?etat__exact=demandee"),
        ("Conversations à lire", "forum", ["messagerie.add_message"],
         Message.objects.non_lus_par_la_mairie().order_by().values("famille").distinct(),
         "admin:messagerie_message_changelist", "?etat=a_lire"),
        ("Excuses à décider", "healing", ["reservations.change_excuse"],
         Excuse.objects.a_decider(), "admin:reservations_excuse_changelist", "?etat__exact=envoyee"),
        ("Lignes contestées", "rate_review", ["facturation.change_contestation"],
         Contestation.objects.a_traiter(jour), "admin:facturation_contestation_changelist", "?attend=mairie"),
        ("Factures en retard", "payments", ["facturation.view_facture"],
         Facture.objects.impayees().filter(echeance__lt=jour), "admin:facturation_facture_changelist",
         "?paiement=en_retard"),
        (EN_PLUSIEURS_FOIS, "calendar_view_month", ["facturation.change_demandeecheancier"],
         DemandeEcheancier.objects.a_decider(), "admin:facturation_demandeecheancier_changelist",
         "?etat__exact=envoyee"),
        (EN_DOUTE, "credit_card_off", ["facturation.change_paiement"],
         Paiement.objects.en_doute(), "admin:facturation_paiement_changelist", "?a_regarder=doute"),
        (A_REMBOURSER, "keyboard_return", ["facturation.add_remboursement"],
         Contestation.objects.a_rembourser(), "admin:facturation_contestation_changelist", "?suite=rembourser"),
        (A_DEPOSER, "savings", ["facturation.add_bordereau"],
         Reglement.objects.a_deposer(), "admin:facturation_reglement_changelist", "?depot=non"),
        (REJETES, "money_off", ["facturation.change_prelevement"],
         Prelevement.objects.a_suivre(), "admin:facturation_prelevement_changelist", "?a_regarder=rejetes"),
    ]  # fmt: skip
    siennes = [
        {"titre": titre, "icone": icone, "nombre": lignes.count(), "page": page, "filtre": filtre}
        for titre, icone, droits, lignes, page, filtre in toutes if compte.has_perms(droits)
    ]  # fmt: skip
    return [pile for pile in siennes if pile["nombre"] or pile["titre"] not in RARES]


def journee(aujourd_hui):
    """Les enfants attendus par site et par moment, aujourd'hui ou le prochain jour où quelque chose a lieu."""
    seances = Seance.objects.filter(ouverte=True)
    jour = seances.filter(jour__gte=aujourd_hui).order_by("jour").values_list("jour", flat=True).first()
    if jour is None:
        return None
    sites, vus = {}, set()
    ordre = ["activite__site__ordre", "activite__site__nom"]
    colonnes = ["activite__site", "activite__site__nom", "activite__genre", "reservees"]
    for pk, site, genre, n in seances.filter(jour=jour).avec_effectifs().order_by(*ordre).values_list(*colonnes):
        nombres = sites.setdefault((pk, site), dict.fromkeys(GENRES))
        nombres[genre] = (nombres[genre] or 0) + n
        vus.add(genre)
    genres = [genre for genre in GENRES if genre in vus]
    return {
        "jour": jour,
        "genres": [NOMS[genre] for genre in genres],
        "sites": [(pk, nom, [nombres[genre] for genre in genres]) for (pk, nom), nombres in sites.items()],
        "totaux": [sum(nombres[genre] or 0 for nombres in sites.values()) for genre in genres],
    }


def semaine(aujourd_hui):
    """Les réservations de la semaine, du lundi au vendredi, par moment : le tableau, et les barres qui le dessinent."""
    debut = lundi(aujourd_hui)
    jours = [debut + dt.timedelta(days=n) for n in range(5)]
    lignes = dict.fromkeys(GENRES)
    comptes = (
        Reservation.objects.reservees().filter(seance__jour__range=(jours[0], jours[-1]), seance__ouverte=True)
        .order_by().values_list("seance__activite__genre", "seance__jour").annotate(n=Count("pk"))
    )  # fmt: skip
    for genre, jour, n in comptes:
        lignes[genre] = lignes[genre] or [0] * 5
        lignes[genre][jour.weekday()] = n
    lignes = {genre: nombres for genre, nombres in lignes.items() if nombres}
    if not lignes:
        return None
    return {
        "jours": jours,
        "lignes": [(genre, NOMS[genre], nombres) for genre, nombres in lignes.items()],
        "totaux": [sum(nombres[n] for nombres in lignes.values()) for n in range(5)],
        "barres": regles.barres(lignes),
    }
