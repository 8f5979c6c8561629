"""L'accueil d'une famille : ce qu'il y a à faire maintenant, puis tout le reste."""

import datetime as dt
from collections import Counter

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Subquery, When
from django.db.models.functions import JSONObject
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commune.regles import jour_de_paris
from commune.requetes import poser
from documents.models import Information, attendues, enfants_de
from facturation.models import Echeancier, Facture, avec_prelevement, avec_solde, avec_suites
from familles.models import Adulte, Echange, Famille
from inscriptions.models import Inscription
from messagerie.models import Message
from portail.regles import ETATS, PLUS_TARD, Situation, fil
from portail.templatetags.dessin import adresse
from reservations.models import Evenement, Ouverture, Reservation
from reservations.regles import date_dite, phrase_limite, phrase_ouverture


def accueil(request):
    if request.user.is_staff:
        return redirect("admin:index" if request.user.has_perm("familles.view_famille") else "presences:jour")
    maintenant = timezone.now()
    jour = jour_de_paris(maintenant)
    famille = next(iter(poser(familles, request.user.pk, jour)), None)
    if famille is None:
        return render(request, "portail/sans_famille.html")
    petits = enfants_de(famille)
    pieces = attendues(famille, jour, petits)
    manquantes = [piece for piece in pieces if piece.manque]
    situation = ou_en_est(famille, petits, manquantes, jour)
    etapes = [montrer(etape) for etape in fil(situation)]
    return render(request, "portail/accueil.html", {
        "famille": famille,
        "enfants": petits,
        "adultes": poser(adultes, request.user.pk),
        "du": famille.solde if famille.solde > 0 else "",
        "places": [dite for place in famille.places_proposees if (dite := dire_la_place(place, maintenant))],
        "manquantes": manquantes,
        "a_envoyer": sum(piece.manque or piece.etat in ("refusee", "expiree") for piece in pieces),
        "installee": situation.installee,
        "etapes": etapes,
        "rappel": [etape | {"principale": False} for etape in etapes],
        "ouvertures": ouvertures_annoncees(famille, maintenant),
        "suivante": next(etape for etape in etapes if etape["principale"]),
    })  # fmt: skip


def montrer(etape):
    """L'étape avec l'adresse de sa page, vide tant qu'on n'y peut rien faire."""
    ouverte = etape.lien and etape.etat != PLUS_TARD
    return vars(etape) | {"url": adresse(etape.lien) if ouverte else "", "mot": ETATS[etape.etat]}


def familles(compte, jour):
    return avec_compteurs(Famille.objects.du_compte(compte), compte, jour)


def adultes(compte):
    return Adulte.objects.du_compte(compte).actuels()


def avec_compteurs(familles, compte, jour):
    """Chaque foyer avec ses nombres du jour (date de Paris), son solde en euros et sa facture la plus pressée."""
    inscriptions = Inscription.objects.en_cours(jour)
    # Un prélèvement annoncé n'attend rien du parent : une facture à payer lui-même passe devant.
    libres = avec_suites(_siennes(Facture.objects.impayees())).filter(plan=None, transmise_le=None)
    pressee = avec_prelevement(libres, jour).annotate(
        tenu=Case(When(sera_prelevee=True, then="preleve_le"))
    ).order_by(F("tenu").asc(nulls_first=True), "echeance")
    return avec_solde(familles).annotate(
        pressee=Subquery(pressee.values(dite=JSONObject(echeance="echeance", preleve_le="tenu"))[:1]),
        plans=ArraySubquery(_siennes(Echeancier.objects.ouverts()).order_by("pk").values("pk")),
        messages_non_lus=_nombre(_siennes(Message.objects.non_lus_par_la_famille())),
        informations_non_lues=_nombre(Information.objects.non_lues(compte, jour)),
        echanges_a_repondre=_nombre(Echange.objects.a_repondre(OuterRef("pk"), jour)),
        inscriptions_en_cours=ArraySubquery(
            _siennes(inscriptions).order_by().values(dite=JSONObject(enfant="enfant", etat="etat"))
        ),
        places_proposees=ArraySubquery(_siennes(places_proposees(jour))),
        annonces=ArraySubquery(Evenement.objects.a_dire(jour).de_la_famille(OuterRef(OuterRef("pk"))).values("annonce")),
        ouvertures=ArraySubquery(
            Ouverture.objects.de_la_famille(OuterRef(OuterRef("pk"))).filter(au__gte=jour, voeux_des__date__lte=jour)
            .order_by().values("pk")
        ),
        # S'il y en a, et non combien : les compter relit toute l'année d'une fratrie à chaque visite.
        a_reserve=Exists(_siennes(Reservation.objects.reservees().filter(seance__jour__gte=jour))),
    )


def places_proposees(jour):
    """Les places qui attendent une réponse, la plus pressée d'abord, chacune en un objet JSON."""
    offres = Reservation.objects.proposees().filter(seance__jour__gte=jour).order_by("offre_jusqu_a", "pk")
    return offres.values(place=JSONObject(
        prenom="enfant__prenom", activite="seance__activite__nom", jour="seance__jour", jusqu_a="offre_jusqu_a",
        enfant="enfant", seance="seance",
    ))  # fmt: skip


def dire_la_place(place, maintenant):
    """Une place proposée, pour la page, de ce que rend la requête ; ``None`` s'il est trop tard pour répondre."""
    jusqu_a = dt.datetime.fromisoformat(place["jusqu_a"])
    if maintenant >= jusqu_a:
        return None
    return {
        "prenom": place["prenom"],
        "activite": place["activite"],
        "jour": date_dite(dt.date.fromisoformat(place["jour"])),
        "limite": phrase_limite(jusqu_a, maintenant),
        "url": reverse("reservations:attente", args=[place["enfant"], place["seance"]]),
    }


def ouvertures_annoncees(famille, maintenant):
    """Les jours d'ouverture à préparer ou à suivre ; une requête de plus, quand il y en a un."""
    if not famille.ouvertures:
        return []
    return [
        {"ouverture": o, "phrase": phrase_ouverture(o, maintenant)}
        for o in Ouverture.objects.filter(pk__in=famille.ouvertures).order_by("ouvre_le")
        if o.etape(maintenant) not in ("libre", "annoncee")
    ]


def _siennes(lignes):
    return lignes.filter(famille=OuterRef("pk"))


def _nombre(lignes):
    """Combien de lignes, en sous-requête : tous les compteurs de la page tiennent en une question à la base."""
    return Subquery(lignes.order_by().annotate(n=Func("pk", function="COUNT", output_field=IntegerField())).values("n"))


def _date(ecrite):
    """La date d'un objet JSON de la base, ou rien."""
    return ecrite and dt.date.fromisoformat(ecrite)


def prochaine_echeance(famille, jour):
    """``(euros, date)`` du plus pressé de ses échéanciers qui n'est pas fini ; des requêtes de plus s'il en a."""
    plans = Echeancier.objects.filter(pk__in=famille.plans).situes(jour) if famille.plans else []
    return min(((plan.a_payer, plan.prochaine.jour) for plan in plans if plan.prochaine), key=lambda p: p[1],
               default=None)  # fmt: skip


def ou_en_est(famille, petits, manquantes, jour):
    etats = Counter(inscription["etat"] for inscription in famille.inscriptions_en_cours)
    actifs = {inscription["enfant"] for inscription in famille.inscriptions_en_cours}
    echeance, preleve_le = (_date(famille.pressee and famille.pressee[nom]) for nom in ("echeance", "preleve_le"))
    return Situation(
        jour=jour, enfants=len(petits), manquantes=len(manquantes), statut=famille.statut,
        demandees=etats[Inscription.Etat.DEMANDEE], en_attente=etats[Inscription.Etat.ATTENTE],
        inscrites=etats[Inscription.Etat.VALIDEE],
        sans_activite=tuple(enfant.prenom for enfant in petits if enfant.pk not in actifs),
        a_reserve=famille.a_reserve,
        solde=famille.solde, echeance=echeance, preleve_le=preleve_le,
        plan=prochaine_echeance(famille, jour),
    )  # fmt: skip
