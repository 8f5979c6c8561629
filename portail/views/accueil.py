"""L'accueil d'une famille : ce qu'il y a à faire maintenant, puis tout le reste."""

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commune.regles import jour_de_paris
from documents.models import Information, attendues
from facturation.models import avec_solde
from familles.models import Adulte, Enfant, Famille
from inscriptions.models import Inscription
from messagerie.models import Message
from portail.regles import Situation, fil
from reservations.models import Reservation


def nombre(lignes):
    """Un compte par foyer, en sous-requête : la page d'accueil ne fait qu'une requête pour tous ses compteurs."""
    par_foyer = lignes.order_by().filter(famille=OuterRef("pk")).values("famille").annotate(n=Count("pk"))
    return Coalesce(Subquery(par_foyer.values("n"), output_field=IntegerField()), 0)


def avec_compteurs(familles, compte, jour):
    """Chaque foyer avec ses nombres du jour (date de Paris) et son solde en euros, dû s'il est positif."""
    inscriptions = Inscription.objects.en_cours(jour)
    non_lues = Information.objects.publiees(jour).exclude(lectures__compte=compte)
    return avec_solde(familles).annotate(
        messages_non_lus=nombre(Message.objects.non_lus_par_la_famille()),
        informations_non_lues=Subquery(
            non_lues.order_by().values(un=F("pk") * 0).annotate(n=Count("pk")).values("n"), output_field=IntegerField()
        ),
        demandees=nombre(inscriptions.exclude(etat=Inscription.Etat.VALIDEE)),
        inscrites=nombre(inscriptions.filter(etat=Inscription.Etat.VALIDEE)),
        reservations_a_venir=nombre(Reservation.objects.reservees().filter(seance__jour__gte=jour)),
    )


def accueil(request):
    if request.user.is_staff:
        return redirect("presences:jour" if not request.user.has_module_perms("familles") else "admin:index")
    jour = jour_de_paris(timezone.now())
    famille = get_object_or_404(avec_compteurs(Famille.objects.du_compte(request.user), request.user, jour))
    pieces = attendues(famille, jour)
    manquantes = [piece for piece in pieces if piece.manque]
    enfants = list(Enfant.objects.de_la_famille(famille).select_related("ecole"))
    etapes = fil(Situation(
        enfants=len(enfants), manquantes=len(manquantes), statut=famille.statut, demandees=famille.demandees,
        inscrites=famille.inscrites, reservations=famille.reservations_a_venir, solde=famille.solde,
    ))
    return render(request, "portail/accueil.html", {
        "famille": famille,
        "enfants": enfants,
        "adultes": Adulte.objects.filter(famille=famille).actuels(),
        "manquantes": manquantes,
        "a_envoyer": sum(piece.etat in ("a_envoyer", "refusee", "expiree") for piece in pieces),
        "etapes": [{**vars(etape), "url": reverse(etape.lien) if etape.lien else ""} for etape in etapes],
        "suivante": next((etape for etape in etapes if etape.principale), None),
    })
