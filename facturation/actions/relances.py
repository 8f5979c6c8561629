"""Relancer : voir qui le serait, lancer l'envoi, et l'envoyer, repris là où il s'est arrêté."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from procrastinate.contrib.django import app

from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import EnvoiDeRelances, Facture, Regie, Relance, examiner, niveaux
from facturation.regles.relances import Niveau
from familles.actions import ecrire_aux_foyers

TACHE_RELANCES = "facturation.relancer"  # dans facturation.taches
FOYERS = 200  # par transaction : un arrêt en perd au plus autant
VERROU = (90, 1)


def prevoir_relances(maintenant):
    """Les ``Examen`` des foyers en retard : qui serait relancé aujourd'hui, qui non et pourquoi. N'écrit rien."""
    return examiner(jour_de_paris(maintenant), niveaux(), Regie.courante())


@transaction.atomic
def lancer_relances(compte, maintenant, ecartes=()):
    """Confie les relances du jour à une tâche de fond et rend l'``EnvoiDeRelances`` ; ``ecartes`` : des foyers (clés).

    Un envoi qui n'a pas fini est repris, et rendu : on n'en lance pas un second. Lève ``ValidationError`` (code
    ``niveaux`` : la commune n'en a aucun).
    """
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", VERROU)
    envoi = EnvoiDeRelances.objects.filter(termine_le=None).first()
    if envoi is None:
        if not (siens := niveaux()):
            raise ValidationError("Écrivez d'abord un niveau de relance.", code="niveaux")
        envoi = EnvoiDeRelances.objects.create(
            lance_le=maintenant, lance_par=compte, niveaux=[list(niveau) for niveau in siens],
            ecartes=sorted(set(ecartes)),
        )  # fmt: skip
    app.configure_task(TACHE_RELANCES).defer(envoi=envoi.pk)
    return envoi


def relancer_automatiquement(maintenant):
    """Chaque matin, si la régie l'a choisi : rend l'envoi lancé, ou rien s'il n'y a personne à relancer."""
    if Regie.courante().relance_auto and any(examen.relance for examen in prevoir_relances(maintenant)):
        return lancer_relances(None, maintenant)
    return None


def envoyer_relances(envoi, maintenant, lot=FOYERS):
    """Relance les foyers de cet envoi (sa clé), une transaction par ``lot``, et le rend.

    Interrompue, elle reprend après le dernier foyer examiné ; une seconde ne trouve plus rien à relancer.
    """
    while _envoyer_un_lot(envoi, maintenant, lot):
        pass
    return EnvoiDeRelances.objects.get(pk=envoi)


@transaction.atomic
def _envoyer_un_lot(envoi_pk, maintenant, lot):
    envoi, jour = EnvoiDeRelances.objects.select_for_update().get(pk=envoi_pk), jour_de_paris(maintenant)
    if envoi.termine_le:
        return False
    echues = Facture.objects.filter(echeance__lt=jour)
    suivants = echues.filter(famille__gt=envoi.curseur).order_by("famille").values_list("famille", flat=True)
    foyers = list(suivants.distinct()[:lot])
    # Verrouillées dans l'ordre, puis examinées : un autre envoi, un échéancier ou une transmission se suivent.
    list(echues.select_for_update(no_key=True).filter(famille__in=foyers).order_by("pk").values_list("pk", flat=True))
    regie, ecrits = Regie.courante(), [Niveau(*valeurs) for valeurs in envoi.niveaux]
    examens = [
        examen for examen in examiner(jour, ecrits, regie, foyers)
        if examen.relance and examen.famille.pk not in envoi.ecartes
    ]  # fmt: skip
    _relancer(envoi, examens, jour)
    envoi.curseur = foyers[-1] if foyers else envoi.curseur
    envoi.termine_le = None if len(foyers) == lot else maintenant
    envoi.save(update_fields=["curseur", "foyers", "factures", "lettres", "total", "termine_le"])
    return envoi.termine_le is None


def _relancer(envoi, examens, jour):
    """Écrit les relances de ces foyers, et leurs courriels, dans la même transaction."""
    moyens = {True: Relance.Moyen.COURRIEL, False: Relance.Moyen.LETTRE}
    Relance.objects.bulk_create(
        Relance(
            envoi=envoi, facture=facture, rang=niveau.rang, nom=niveau.nom, du=facture.reste, jour=jour,
            moyen=moyens[examen.courriel],
        )
        for examen in examens for facture, niveau in examen.retenues
    )  # fmt: skip
    # Sans montant : un courriel n'est pas secret.
    ecrire_aux_foyers("facturation/courriels/relance", {
        examen.famille.pk: {
            "niveau": examen.niveau, "factures": [facture for facture, _ in examen.retenues],
        }
        for examen in examens if examen.courriel
    })  # fmt: skip
    envoi.foyers += len(examens)
    envoi.factures += sum(len(examen.retenues) for examen in examens)
    envoi.lettres += sum(not examen.courriel for examen in examens)
    envoi.total += sum((examen.total for examen in examens), regles.ZERO)


def lettres_de(envoi):
    """``[(famille, niveau, [relances], total)…]`` : une lettre par foyer sans courriel, dans l'ordre des foyers."""
    siennes = envoi.relances.a_imprimer().select_related("facture__famille").order_by("facture__famille", "facture")
    foyers = {}
    for relance in siennes:
        foyers.setdefault(relance.facture.famille, []).append(relance)
    return [
        (famille, envoi.niveau(max(r.rang for r in relances)), relances, sum(r.du for r in relances))
        for famille, relances in foyers.items()
    ]
