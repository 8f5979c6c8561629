"""L'accueil d'une famille : ce qu'il y a à faire maintenant, puis tout le reste."""

import datetime as dt
from dataclasses import asdict
from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, IntegerField, OuterRef, Subquery
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commune.regles import jour_de_paris
from documents.models import Information, attendues
from facturation.models import Facture, avec_solde
from familles.models import Adulte, Echange, Enfant, Famille
from inscriptions.models import Inscription
from messagerie.models import Message
from portail.regles import PLUS_TARD, Situation, fil
from reservations.models import Reservation


def accueil(request):
    if request.user.is_staff:
        return redirect("admin:index" if request.user.has_perm("familles.view_famille") else "presences:jour")
    jour = jour_de_paris(timezone.now())
    famille = next(iter(poser(familles, request.user, jour)), None)
    if famille is None:
        return render(request, "portail/sans_famille.html")
    pieces = attendues(famille, jour)
    manquantes = [piece for piece in pieces if piece.manque]
    petits = poser(enfants, request.user, jour)
    situation = ou_en_est(famille, petits, manquantes, jour)
    etapes = [asdict(etape) | {"url": adresse(etape)} for etape in fil(situation)]
    return render(request, "portail/accueil.html", {
        "famille": famille,
        "enfants": petits,
        "adultes": poser(adultes, request.user, jour),
        "manquantes": manquantes,
        "a_envoyer": sum(piece.manque or piece.etat in ("refusee", "expiree") for piece in pieces),
        "installee": situation.installee,
        "etapes": etapes,
        "rappel": [etape | {"principale": False} for etape in etapes],
        "suivante": next(etape for etape in etapes if etape["principale"]),
    })  # fmt: skip


def adresse(etape):
    """La page de l'étape ; rien tant qu'on n'y peut rien faire."""
    return reverse(etape.lien) if etape.lien and etape.etat != PLUS_TARD else ""


# Des places à remplir dans une requête déjà écrite : ni numéro de compte, ni jour que l'on vivra.
COMPTE, JOUR = -1, dt.date.min


def poser(composer, compte, jour):
    """Les objets de la requête que ``composer(compte, jour)`` compose, en n'en composant le SQL qu'une fois.

    C'est la page que tout le monde ouvre, et composer ces requêtes prendrait à Django dix fois le temps d'y répondre.
    """
    modele, sql, parametres = _sql(composer)
    places = {COMPTE: compte.pk, JOUR: jour}
    return list(modele.objects.raw(sql, [places.get(parametre, parametre) for parametre in parametres]))


@cache
def _sql(composer):
    lignes = composer(COMPTE, JOUR)
    return lignes.model, *lignes.query.sql_with_params()


def familles(compte, jour):
    return avec_compteurs(Famille.objects.du_compte(compte), compte, jour)


def enfants(compte, jour):
    """L'aîné d'abord : son rang dit sa gommette, partout."""
    return Enfant.objects.du_compte(compte).order_by("date_naissance", "pk")


def adultes(compte, jour):
    return Adulte.objects.du_compte(compte).actuels()


def avec_compteurs(familles, compte, jour):
    """Chaque foyer avec ses nombres du jour (date de Paris), son solde en euros et sa facture la plus pressée."""
    inscriptions = Inscription.objects.en_cours(jour)
    # Un prélèvement annoncé n'attend rien du parent : une facture à payer lui-même passe devant.
    pressee = _siennes(Facture.objects.impayees()).order_by(F("preleve_le").asc(nulls_first=True), "echeance")
    return avec_solde(familles).annotate(
        echeance=Subquery(pressee.values("echeance")[:1]),
        preleve_le=Subquery(pressee.values("preleve_le")[:1]),
        messages_non_lus=_nombre(_siennes(Message.objects.non_lus_par_la_famille())),
        informations_non_lues=_nombre(Information.objects.non_lues(compte, jour)),
        echanges_a_repondre=_nombre(Echange.objects.a_repondre(OuterRef("pk"), jour)),
        demandees=_nombre(_siennes(inscriptions.exclude(etat=Inscription.Etat.VALIDEE))),
        inscrites=_nombre(_siennes(inscriptions.filter(etat=Inscription.Etat.VALIDEE))),
        actifs=ArraySubquery(_siennes(inscriptions).order_by().values("enfant")),
        reservations_a_venir=_nombre(_siennes(Reservation.objects.reservees().filter(seance__jour__gte=jour))),
    )


def _siennes(lignes):
    return lignes.filter(famille=OuterRef("pk"))


def _nombre(lignes):
    """Combien de lignes, en sous-requête : tous les compteurs de la page tiennent en une question à la base."""
    return Subquery(lignes.order_by().annotate(n=Func("pk", function="COUNT", output_field=IntegerField())).values("n"))


def ou_en_est(famille, petits, manquantes, jour):
    return Situation(
        jour=jour, enfants=len(petits), manquantes=len(manquantes), statut=famille.statut,
        demandees=famille.demandees, inscrites=famille.inscrites,
        sans_activite=tuple(enfant.prenom for enfant in petits if enfant.pk not in famille.actifs),
        reservations=famille.reservations_a_venir,
        solde=famille.solde, echeance=famille.echeance, preleve_le=famille.preleve_le,
    )  # fmt: skip
