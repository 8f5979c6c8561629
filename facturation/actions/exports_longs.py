"""Un export trop long pour une requête : demandé, fait par l'ouvrier, gardé une semaine.

Son arrêté est l'instant de la demande : attendre, ou recommencer après un arrêt, n'y change pas un octet.
"""

import datetime as dt
from contextlib import nullcontext

from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from procrastinate.contrib.django import app

from commune.fichiers import effacer
from commune.fichiers.rangement import DISQUE_PLEIN
from facturation.models import DemandeExport, volume
from facturation.regles.exports import PES

from . import exports

TACHE_EXPORT = "facturation.exporter"  # dans facturation.taches
TOUT_DE_SUITE = 50_000  # lignes : écrites en cinq secondes environ ; au-delà, la page n'attend pas
GARDE = dt.timedelta(days=7)


def export_long(export):
    """Vrai si une requête n'y suffit pas. Au plus six comptages, arrêtés au seuil."""
    return volume(export, TOUT_DE_SUITE) > TOUT_DE_SUITE


@transaction.atomic
def demander_export(genre, format, debut, fin, compte, maintenant, budget=None):
    """Fait l'``Export`` s'il est court, et le rend ; sinon le confie à une tâche, et rend la ``DemandeExport``.

    La même, qui n'a pas fini, est reprise. Lève ``ValidationError`` comme ``exporter`` ; d'un export long, ce qui ne se
    voit qu'en le faisant (un code qui manque, une feuille pleine) se lit ensuite sur la page de la demande.
    """
    export = exports.commencer(genre, format, debut, fin, compte, maintenant)
    if not export_long(export):
        return exports.inscrire(export, budget)
    voulu = {"genre": genre, "format": format, "debut": debut, "fin": fin, "budget": budget if genre == PES else None}
    demande = DemandeExport.objects.filter(export=None, **voulu).first()
    if demande is None:
        demande = DemandeExport.objects.create(demandee_le=maintenant, demandee_par=compte, **voulu)
    return reprendre_export(demande)


@transaction.atomic
def redemander_export(export, compte, maintenant):
    """Confie à une tâche le fichier d'un ``Export`` déjà au journal, et rend la ``DemandeExport``."""
    voulu = {"genre": export.genre, "format": export.format, "debut": export.debut, "fin": export.fin}
    demande, _ = DemandeExport.objects.get_or_create(
        export=export, defaults={"demandee_le": maintenant, "demandee_par": compte, **voulu}
    )
    return reprendre_export(demande)


@transaction.atomic
def reprendre_export(demande):
    """Remet dans la file une demande arrêtée ou perdue ; sans effet si elle est finie. La rend."""
    if DemandeExport.objects.filter(pk=demande.pk, terminee_le=None).update(incident=""):
        app.configure_task(TACHE_EXPORT).defer(demande=demande.pk)
    return demande


def faire_export(cle, maintenant):
    """Fait le fichier de cette ``DemandeExport`` (sa clé), le garde et l'inscrit au journal ; un refus s'y écrit.

    Sans effet si elle est finie, ou effacée. Tuée, elle recommence au début : un seul fichier, une seule inscription.
    """
    demande = _nommer(cle)
    if demande is None:
        return
    # Un essai venu après celui-ci a changé le nom : celui-ci n'inscrit alors plus rien.
    siennes = DemandeExport.objects.filter(pk=cle, terminee_le=None, fichier=demande.fichier.name)
    garde = False
    try:
        export = demande.export or exports.commencer(
            demande.genre, demande.format, demande.debut, demande.fin, demande.demandee_par, demande.demandee_le
        )
        siennes.update(a_faire=volume(export))
        # Un bordereau prend son numéro dans la transaction qui l'inscrit. Un tableau s'écrit hors de toute transaction,
        # pour que son avancement se voie, et que la base n'en garde pas une ouverte des minutes durant.
        with transaction.atomic() if demande.genre == PES else nullcontext():
            _faire(demande, export, siennes, maintenant)
        garde = True
    except ValidationError as refus:
        siennes.update(incident=" ".join(refus.messages)[:500])
    except OSError as erreur:
        siennes.update(incident=_dire(erreur))
    finally:
        if not garde:
            effacer(demande.fichier.storage, demande.fichier.name)


@transaction.atomic
def _nommer(cle):
    """La demande, son fichier nommé à neuf ; ce qu'un essai mort avait écrit s'efface. ``None`` si elle est finie."""
    demande = DemandeExport.objects.select_for_update().filter(pk=cle, terminee_le=None).first()
    if demande is None:
        return None
    if demande.fichier:
        effacer(demande.fichier.storage, demande.fichier.name)
    demande.fichier = demande.fichier.field.generate_filename(demande, f"export.{demande.format}")
    demande.faites, demande.incident = 0, ""
    demande.save(update_fields=["fichier", "faites", "incident"])
    return demande


def _faire(demande, export, siennes, maintenant):
    neuf = demande.export is None
    if neuf:
        exports.completer(export, demande.budget)
    produire = exports.sceller if neuf else exports.refaire
    with produire(export, lambda faites: siennes.update(faites=faites)) as fichier:
        demande.fichier.storage.save(demande.fichier.name, File(fichier))
    with transaction.atomic():
        if not siennes.select_for_update().exists():
            raise ValidationError("Un autre essai de cet export a pris la suite.", code="repris")
        if neuf:
            export.save(force_insert=True)
            if demande.demandee_par_id:
                LogEntry.objects.log_actions(
                    demande.demandee_par_id, [export], ADDITION, export.phrase, single_object=True
                )
        siennes.update(export=export, terminee_le=maintenant, faites=export.lignes, incident="")


def _dire(erreur):
    if erreur.errno in DISQUE_PLEIN:
        return "Le disque du serveur est plein : rien n'est gardé de cet export. Faites de la place, puis réessayez."
    return f"Le fichier n'a pas pu être écrit ({erreur.strerror or erreur}), et rien n'en est gardé."[:500]


def purger_exports(maintenant):
    """Chaque nuit : les fichiers demandés depuis plus de sept jours, faits ou non. Rend leur nombre."""
    anciennes = list(DemandeExport.objects.filter(demandee_le__lt=maintenant - GARDE))
    for demande in anciennes:
        with transaction.atomic():
            if demande.fichier:
                effacer(demande.fichier.storage, demande.fichier.name, apres_transaction=True)
            demande.delete()
    return len(anciennes)
