"""La mairie : ce qui l'attend, les nombres du jour et de la semaine, et tout un foyer sur une page."""

import datetime as dt

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.regles import jour_de_paris, lundi
from documents.models import Piece, attendues
from facturation.models import (
    Contestation,
    DemandeEcheancier,
    Facture,
    Mandat,
    Paiement,
    Prelevement,
    Reglement,
    solde_de,
)
from familles.models import Adulte, Enfant, Famille, PersonneAutorisee, Quotient, Rattachement
from inscriptions.models import Inscription
from messagerie.models import Message
from portail import actions
from reservations.models import Excuse, Mouvement, Reservation, Seance

# Dans l'ordre de la journée, et non de la liste.
GENRES = ["matin", "midi", "soir", "mercredi", "vacances"]
EN_DOUTE, REJETES = "Paiements en doute", "Prélèvements rejetés"
A_REMBOURSER, A_DEPOSER, EN_PLUSIEURS_FOIS = "À rembourser", "Règlements à déposer", "Échéanciers demandés"
RARES = {EN_DOUTE, REJETES, A_REMBOURSER, A_DEPOSER, EN_PLUSIEURS_FOIS}  # ces piles ne se montrent que si elles en ont
NOMS = {"matin": "Matin", "midi": "Midi", "soir": "Soir", "mercredi": "Mercredi", "vacances": "Vacances"}


def tableau_de_bord(request, context):
    """Ajoute à la première page de l'administration ce qui attend, et les nombres du jour (dates de Paris)."""
    jour = jour_de_paris(timezone.now())
    context |= {"jour": jour, "piles": piles(request.user, jour)}
    if request.user.has_perm("reservations.view_reservation"):
        context |= {"journee": journee(jour), "semaine": semaine(jour)}
    return context


def piles(compte, jour):
    """Ce qui attend ce compte : chaque pile a son nombre, et un lien vers la liste de ces lignes-là exactement."""
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
         Contestation.objects.a_decider(), "admin:facturation_contestation_changelist", "?etat__exact=envoyee"),
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
        {"titre": titre, "icone": icone, "nombre": lignes.count(), "url": reverse(page) + filtre}
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
        "barres": barres(lignes),
    }


HAUTEUR, LARGEUR, PAS = 160, 52, 100  # en unités du dessin ; cinq jours y font 500 de large


def barres(lignes):
    """Une pile par jour : ``[(x, [(genre, y, hauteur)…], total, y du total)…]``, en unités entières du dessin."""
    plus_haut = max(sum(nombres[n] for nombres in lignes.values()) for n in range(5)) or 1
    piles = []
    for n in range(5):
        bas, morceaux = HAUTEUR, []
        for genre, nombres in lignes.items():
            hauteur = round(nombres[n] * (HAUTEUR - 20) / plus_haut)
            bas -= hauteur
            if hauteur:
                morceaux.append((genre, bas, hauteur))
        piles.append((n * PAS + (PAS - LARGEUR) // 2, morceaux, sum(x[n] for x in lignes.values()), bas - 6))
    return piles


@permission_required("familles.view_famille", raise_exception=True)
@require_safe
def famille(request, pk):
    """Tout d'un foyer sur une page, pour ce que ce compte a le droit de lire. La santé s'ouvre à part, et se sait."""
    foyer = get_object_or_404(Famille, pk=pk)
    jour = jour_de_paris(timezone.now())
    contexte = {**admin.site.each_context(request), "title": str(foyer), "famille": foyer}
    for droit, bloc in BLOCS:
        if request.user.has_perm(droit):
            contexte |= bloc(foyer, jour)
    return render(request, "portail/mairie/famille.html", contexte)


def _personnes(foyer, jour):
    """Les enfants avec leurs deux foyers et leurs deux entourages : qui vient chercher ne dépend pas de la semaine."""
    enfants = Enfant.objects.de_la_famille(foyer).select_related("ecole").order_by("date_naissance", "pk")
    entourage = PersonneAutorisee.objects.actuelles().select_related("adulte__famille")
    foyers = Rattachement.objects.actuels().select_related("famille")
    return {
        "adultes": Adulte.objects.filter(famille=foyer).select_related("compte").order_by(
            F("fin").asc(nulls_first=True), "-responsable_legal", "nom", "prenom"
        ),
        "enfants": enfants.prefetch_related(Prefetch("personnes", entourage), Prefetch("rattachements", foyers)),
    }  # fmt: skip


def _documents(foyer, jour):
    return {"pieces": attendues(foyer, jour)}


def _inscriptions(foyer, jour):
    ordre = ["enfant__date_naissance", "enfant_id", "-annee__debut", "activite__ordre", "-pk"]
    siennes = Inscription.objects.filter(famille=foyer).select_related("enfant", "activite", "annee")
    return {"inscriptions": siennes.order_by(*ordre)}


def _reservations(foyer, jour):
    a_venir = Reservation.objects.reservees().filter(famille=foyer, seance__jour__gte=jour)
    prochaines = a_venir.filter(seance__jour__lt=jour + dt.timedelta(days=7)).order_by(
        "seance__jour", "enfant__date_naissance", "enfant_id", "seance__activite__heure_debut"
    )
    jours = {}
    for quand, prenom, activite in prochaines.values_list("seance__jour", "enfant__prenom", "seance__activite__nom"):
        jours.setdefault(quand, {}).setdefault(prenom, []).append(activite)
    return {
        "a_venir": a_venir.count(),
        "jours": jours,
        "excuses": Excuse.objects.a_decider().filter(reservation__famille=foyer)
        .select_related("reservation__enfant", "reservation__seance__activite"),
        "mouvements": Mouvement.objects.filter(famille=foyer).complets()[:12],
    }  # fmt: skip


def _finances(foyer, jour):
    factures = list(Facture.objects.filter(famille=foyer).avec_reste()[:12])
    for facture in factures:
        facture.etat_du_jour = facture.etat(jour)
    solde = solde_de(foyer)
    return {
        "finances": True,
        "solde": solde,
        "avance": -solde,
        "factures": factures,
        "reglements": Reglement.objects.valables().filter(famille=foyer)[:6],
        "mandats": Mandat.objects.actifs().filter(famille=foyer),
    }


BLOCS = [
    ("familles.view_enfant", _personnes),
    ("familles.view_quotient", lambda foyer, jour: {"quotients": Quotient.objects.filter(famille=foyer)}),
    ("documents.view_piece", _documents),
    ("inscriptions.view_inscription", _inscriptions),
    ("reservations.view_reservation", _reservations),
    ("facturation.view_facture", _finances),
    ("messagerie.view_message", lambda foyer, jour: {"conversation": foyer.messages.order_by("-envoye_le", "-pk")[:3]}),
]


@permission_required("familles.change_enfant", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def reunir(request, pk):
    """Les fiches qui pourraient être le même enfant, ce que chacune a de vivant, et de quoi n'en garder qu'une."""
    enfant, maintenant = get_object_or_404(Enfant, pk=pk), timezone.now()
    foyers = Prefetch("rattachements", Rattachement.objects.actuels().select_related("famille"))
    homonymes = Enfant.objects.homonymes(enfant).prefetch_related(foyers)
    if request.method == "POST":
        numero = request.POST.get("doublon", "")
        doublon = get_object_or_404(homonymes, pk=numero if numero.isdigit() else 0)
        try:
            actions.reunir(doublon, enfant, request.user, maintenant)
        except ValidationError as refus:
            messages.error(request, refus.message)
        else:
            LogEntry.objects.log_actions(request.user.pk, [enfant], CHANGE, f"Réunie avec la fiche n° {doublon.pk}.")
            messages.success(request, f"{enfant} a maintenant deux foyers, et une seule fiche.")
            return redirect("admin:familles_enfant_change", pk)
    jour = jour_de_paris(maintenant)
    return render(request, "portail/mairie/reunir.html", {
        **admin.site.each_context(request), "title": f"Doublons possibles – {enfant}", "enfant": enfant,
        "fiches": [(autre, actions.ce_qui_suit(autre, jour)) for autre in homonymes],
    })  # fmt: skip
