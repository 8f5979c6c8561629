"""Réunir les factures d'un mois en un fichier à imprimer : rendues sur tous les cœurs, jointes par tranches."""

import datetime as dt
import logging
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from procrastinate.contrib.django import app
from typst import TypstError

from commune.fichiers import Propre, effacer, garder
from commune.pdf import joindre
from facturation.models import Facturation, Impression
from facturation.pdf import obtenir_tous

from .annonces import sans_courriel

journal = logging.getLogger(__name__)
TACHE_IMPRESSION = "facturation.imprimer"  # dans facturation.taches
TRANCHE = 50  # factures ouvertes à la fois
PLAFOND = 5000  # factures : à la fin, chacune prend 150 Kio de mémoire
GARDE = dt.timedelta(days=7)


@transaction.atomic
def demander_impression(facturation, toutes, recto_verso, maintenant):
    """Confie à une tâche de fond un fichier des factures à poster de ce mois, ou de ``toutes`` ; rend l'``Impression``.

    Celle qui n'a pas fini est reprise, et rendue telle quelle ; une autre remplace la précédente et son fichier.
    Lève ``ValidationError`` (codes ``emission`` : le mois s'émet encore, ``rien`` : aucune facture, ``trop``).
    """
    facturation = Facturation.objects.select_for_update().get(pk=facturation.pk)
    if facturation.terminee_le is None:
        raise ValidationError("Ce mois est en train d'être émis : imprimez-le ensuite.", code="emission")
    impression = Impression.objects.filter(facturation=facturation).first()
    if impression is None or not impression.court:
        if not (combien := a_imprimer(facturation, toutes).count()):
            raise ValidationError("Il n'y a aucune facture à imprimer.", code="rien")
        if combien > PLAFOND:
            raise ValidationError(f"Un fichier tient au plus {PLAFOND} factures ; il y en a {combien}.", code="trop")
        if impression:
            _jeter(impression)
        impression = Impression.objects.create(
            facturation=facturation, toutes=toutes, recto_verso=recto_verso, demandee_le=maintenant, a_faire=combien
        )
    app.configure_task(TACHE_IMPRESSION).defer(impression=impression.pk)
    return impression


def a_imprimer(facturation, toutes):
    """Les factures de ce mois dans l'ordre de leur numéro : ``toutes``, ou celles des foyers sans compte."""
    factures = facturation.factures.all() if toutes else sans_courriel().filter(facturation=facturation)
    return factures.order_by("exercice", "numero")


def imprimer(cle, maintenant, tranche=TRANCHE):
    """Fait le fichier de cette ``Impression`` (sa clé). Sans effet si elle est finie, ou remplacée.

    Les PDF déjà gardés ne sont pas refaits : tuée, elle reprend où elle en était. Lève ``ValidationError`` (codes
    ``manque`` : un PDF gardé a disparu, ``rendu``, ``disque``, ``disque_plein``) : rien n'est offert.
    """
    impression = Impression.objects.filter(pk=cle, terminee_le=None).select_related("facturation").first()
    if impression is None:
        return
    try:
        with tempfile.TemporaryFile() as fichier:  # sans nom : tué, le processus n'en laisse rien
            impression.pages = _reunir(impression, fichier, tranche)
            garder(impression, "fichier", Propre(File(fichier), "factures.pdf", impression.pages, "application/pdf"))
    except TypstError as erreur:
        journal.exception("une facture ne se met pas en page")
        raise ValidationError(
            "Une facture n'a pas pu être mise en page : le journal du serveur dit laquelle et pourquoi.", code="rendu"
        ) from erreur
    except OSError as erreur:
        raise ValidationError(
            f"Le fichier n'a pas pu être écrit ({erreur.strerror}) : vérifiez la place qui reste sur le disque.",
            code="disque",
        ) from erreur
    valeurs = {"pages": impression.pages, "fichier": impression.fichier.name, "terminee_le": maintenant, "incident": ""}
    if not Impression.objects.filter(pk=cle, terminee_le=None).update(**valeurs):
        effacer(impression.fichier.storage, impression.fichier.name)  # faite par une autre, ou remplacée


def _reunir(impression, sortie, tranche):
    """Rend ce qui manque et joint le tout : une tranche ouverte à la fois, puis les tranches."""
    cles = list(a_imprimer(impression.facturation, impression.toutes).values_list("pk", flat=True))
    siennes = Impression.objects.filter(pk=impression.pk)
    siennes.update(a_faire=len(cles), faites=0, incident="")
    with ExitStack() as morceaux:
        faits = []
        # Moins pressés que les pages du portail.
        with ThreadPoolExecutor(os.cpu_count(), initializer=os.nice, initargs=(5,)) as equipe:
            for debut in range(0, len(cles), tranche):
                factures = impression.facturation.factures.filter(pk__in=cles[debut : debut + tranche])
                factures = list(factures.select_related("famille", "facturation").order_by("exercice", "numero"))
                obtenir_tous(factures, equipe)
                faits.append(morceaux.enter_context(tempfile.TemporaryFile()))
                _joindre_les_factures(factures, faits[-1], impression.recto_verso)
                siennes.update(faites=debut + len(factures))
        return joindre(faits, sortie)


def _joindre_les_factures(factures, sortie, recto_verso):
    with ExitStack() as ouverts:
        fichiers = []
        for facture in factures:
            try:
                fichiers.append(ouverts.enter_context(closing(facture.pdf.storage.open(facture.pdf.name))))
            except FileNotFoundError as perdu:
                raise ValidationError(
                    f"Le PDF de la facture {facture.reference} a disparu du disque : retrouvez-le dans la sauvegarde.",
                    code="manque",
                ) from perdu
        joindre(fichiers, sortie, recto_verso)


def purger_impressions(maintenant):
    """Chaque nuit : les fichiers demandés depuis plus de sept jours, terminés ou non. Rend leur nombre."""
    anciennes = list(Impression.objects.filter(demandee_le__lt=maintenant - GARDE))
    for impression in anciennes:
        with transaction.atomic():
            _jeter(impression)
    return len(anciennes)


def _jeter(impression):
    if impression.fichier:
        effacer(impression.fichier.storage, impression.fichier.name, apres_transaction=True)
    impression.delete()
