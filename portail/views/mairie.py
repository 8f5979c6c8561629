"""La mairie : ce qui l'attend aujourd'hui, et tout un foyer sur une page."""

import datetime as dt
import json

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Prefetch
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commune.regles import jour_de_paris, lundi
from documents.models import Piece, attendues
from facturation.models import Facture, solde_de
from familles.models import Adulte, Enfant, Famille, PersonneAutorisee, Quotient, Rattachement
from inscriptions.models import Activite, Inscription
from messagerie.models import Message
from reservations.models import Excuse, Mouvement, Reservation

COULEURS = {"midi": "#a8452c", "matin": "#c99a3b", "soir": "#3f6f8c", "mercredi": "#5c7f4f", "vacances": "#7b6190"}


def tableau_de_bord(request, context):
    """Ajoute à la première page de l'administration ce qui attend, et les nombres du jour (date de Paris)."""
    jour = jour_de_paris(timezone.now())
    context["jour"] = jour
    context["attentes"] = ce_qui_attend(request.user)
    if request.user.has_perm("reservations.view_reservation"):
        context["sites"] = nombres_du_jour(jour)
        context["semaine"] = nombres_de_la_semaine(jour)
        context["courbe"] = courbe(context["semaine"])
    return context


def ce_qui_attend(compte):
    """Les piles de la mairie, chacune avec son nombre et son lien ; on ne montre que ce que le compte peut ouvrir."""
    piles = [
        ("familles.view_famille", "Dossiers à valider", "folder_open", Famille.objects.a_valider(),
         "admin:familles_famille_changelist", "?statut__exact=a_valider"),
        ("documents.view_piece", "Pièces à vérifier", "description", Piece.objects.a_verifier(),
         "admin:documents_piece_changelist", "?etat__exact=envoyee"),
        ("inscriptions.view_inscription", "Demandes d'inscription", "how_to_reg", Inscription.objects.a_decider(),
         "admin:inscriptions_inscription_changelist", "?etat__exact=demandee"),
        ("messagerie.view_message", "Messages non lus", "forum", Message.objects.non_lus_par_la_mairie(),
         "admin:messagerie_message_changelist", ""),
        ("reservations.view_excuse", "Excuses à décider", "healing", Excuse.objects.a_decider(),
         "admin:reservations_excuse_changelist", "?etat__exact=envoyee"),
        ("facturation.view_facture", "Factures échues impayées", "payments", impayees(),
         "admin:facturation_facture_changelist", "?paiement=en_retard"),
    ]
    return [
        {"titre": titre, "icone": icone, "nombre": lignes.count(), "url": reverse(page) + filtre}
        for droit, titre, icone, lignes, page, filtre in piles if compte.has_perm(droit)
    ]


def impayees():
    """Les factures dont l'échéance est passée et que ni règlements ni avoirs ne couvrent."""
    jour = jour_de_paris(timezone.now())
    return Facture.objects.impayees().filter(echeance__lt=jour)


def nombres_du_jour(jour):
    """Par site, les enfants attendus aujourd'hui à chaque activité."""
    lignes = (
        Reservation.objects.reservees().filter(seance__jour=jour, seance__ouverte=True)
        .values("seance__activite__site__nom", "seance__activite__nom").annotate(n=Count("pk"))
        .order_by("seance__activite__site__ordre", "seance__activite__ordre")
    )
    sites = {}
    for ligne in lignes:
        sites.setdefault(ligne["seance__activite__site__nom"], []).append((ligne["seance__activite__nom"], ligne["n"]))
    return sites


def nombres_de_la_semaine(jour):
    """Du lundi au vendredi de la semaine, les réservations par genre d'activité : ``{genre: [5 nombres]}``."""
    debut = lundi(jour)
    lignes = (
        Reservation.objects.reservees().filter(seance__jour__range=(debut, debut + dt.timedelta(days=4)))
        .values_list("seance__activite__genre", "seance__jour").annotate(n=Count("pk")).order_by()
    )
    genres = {}
    for genre, quand, n in lignes:
        genres.setdefault(genre, [0] * 5)[quand.weekday()] = n
    return {genre: genres[genre] for genre in Activite.Genre.values if genre in genres}


def courbe(semaine):
    """Les données du graphique ; le même tableau est donné en lettres dessous."""
    return json.dumps({
        "labels": ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi"],
        "datasets": [
            {"label": Activite.Genre(genre).label.capitalize(), "data": nombres, "backgroundColor": COULEURS[genre]}
            for genre, nombres in semaine.items()
        ],
    })


@permission_required("familles.view_famille", raise_exception=True)
def famille(request, pk):
    """Tout d'un foyer : personnes, pièces, inscriptions, réservations, messages, et l'argent pour qui y a droit."""
    jour = jour_de_paris(timezone.now())
    foyer = get_object_or_404(Famille, pk=pk)
    enfants = Enfant.objects.de_la_famille(foyer).select_related("ecole").prefetch_related(
        Prefetch("personnes", PersonneAutorisee.objects.filter(adulte__famille=foyer).select_related("adulte")),
        Prefetch("rattachements", Rattachement.objects.actuels()),
    )
    finances = request.user.has_perm("facturation.view_facture")
    return render(request, "portail/mairie/famille.html", {
        **admin.site.each_context(request),
        "title": str(foyer),
        "famille": foyer,
        "adultes": Adulte.objects.filter(famille=foyer).select_related("compte"),
        "enfants": enfants,
        "quotients": Quotient.objects.filter(famille=foyer),
        "pieces": attendues(foyer, jour),
        "inscriptions": Inscription.objects.filter(famille=foyer).select_related("enfant", "activite__site", "annee"),
        "a_venir": Reservation.objects.reservees().filter(famille=foyer, seance__jour__gte=jour).count(),
        "mouvements": Mouvement.objects.filter(reservation__famille=foyer)
        .select_related("reservation__enfant", "reservation__seance__activite", "compte")[:12],
        "conversation": Message.objects.filter(famille=foyer).order_by("-envoye_le")[:3],
        "finances": finances,
        "factures": Facture.objects.filter(famille=foyer)[:12] if finances else [],
        "solde": solde_de(foyer) if finances else None,
    })

