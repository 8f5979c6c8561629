"""Faire un export, l'inscrire au journal, et le refaire identique."""

import datetime as dt
import hashlib
import tempfile

from django.core.exceptions import ValidationError
from django.db import transaction

from commune import tableurs
from commune.regles import instant_de_paris, jour_de_paris
from facturation.models import (
    LECTURES,
    Budget,
    Comptabilite,
    Export,
    Facturation,
    Reglement,
    codes_de,
    seuils_en_vigueur,
    utilises,
)
from facturation.regles.exports import CONTENUS, ECRITURES, FORMATS, ODS, PES, RECETTES
from inscriptions.models import Activite

from . import ormc

ANS = 366  # jours : la plus longue période
PAS = 5000  # lignes : au bout d'autant, on dit où en est l'écriture


@transaction.atomic
def exporter(genre, format, debut, fin, compte, maintenant, budget=None):
    """Fait le fichier du ``debut`` au ``fin`` (dates de Paris, comprises), l'inscrit et rend l'``Export``.

    ``budget`` : pour un PES, le ``Budget`` dont il porte les factures ; ``None``, la régie principale.
    Lève ``ValidationError`` : ``genre``, ``format``, ``periode``, ``emission`` (un mois est en train d'être émis),
    ``sans_code`` (la comptabilité), ``trop`` (une feuille ODS est pleine), et pour le PES celles de ``ormc``.
    """
    return inscrire(commencer(genre, format, debut, fin, compte, maintenant), budget)


def inscrire(export, budget):
    """Fait le fichier de cet ``Export`` commencé, et l'inscrit au journal. À appeler dans une transaction."""
    completer(export, budget)
    sceller(export).close()
    export.save(force_insert=True)
    return export


def commencer(genre, format, debut, fin, compte, maintenant):
    """L'``Export`` demandé, arrêté à ``maintenant``, s'il peut l'être ; rien n'est fait ni inscrit."""
    if genre not in CONTENUS:
        raise ValidationError("Cet export n'existe pas.", code="genre")
    if format not in CONTENUS[genre].formats:
        raise ValidationError(f"Cet export ne se fait pas en {FORMATS.get(format, format)}.", code="format")
    if fin < debut or (fin - debut).days > ANS:
        raise ValidationError("La période va d'un jour à un an, dans l'ordre.", code="periode")
    if debut > jour_de_paris(maintenant):
        raise ValidationError("Cette période n'a pas commencé.", code="periode")
    # Les factures d'une émission portent l'instant où elle fut lancée : exportées au milieu, il en manquerait.
    apres = instant_de_paris(fin + dt.timedelta(days=1), dt.time())
    if Facturation.objects.filter(terminee_le=None, lancee_le__lt=apres, lancee_le__lte=maintenant).exists():
        raise ValidationError(
            "Un mois est en train d'être émis : faites l'export quand il sera terminé.", code="emission"
        )
    return regarder(genre, debut, fin, maintenant, format=format, fait_par=compte)


def completer(export, budget):
    """Copie dans l'export les codes d'aujourd'hui, et prend son numéro de bordereau à un PES."""
    if export.genre in (ECRITURES, PES):
        _copier_les_codes(export)
    if export.genre == PES:
        ormc.preparer(export, budget)


def sceller(export, suivre=None):
    """Le fichier de cet export (ouvert, à fermer) ; l'export en reçoit les lignes et l'empreinte.

    ``suivre(lignes)`` est appelé de temps en temps, avec combien sont écrites.
    """
    fichier = _produire(export, suivre=suivre)
    export.empreinte = hashlib.file_digest(fichier, "sha256").hexdigest()
    fichier.seek(0)
    return fichier


def refaire(export, suivre=None):
    """Le fichier de cet export (ouvert, à fermer), tel qu'il fut fait ; ``suivre`` : comme ``sceller``.

    Lève ``ValidationError`` (code ``change``) si ce qu'il montre a été corrigé ou effacé depuis.
    """
    fichier = _produire(export, verifier=False, suivre=suivre)
    if hashlib.file_digest(fichier, "sha256").hexdigest() != export.empreinte:
        fichier.close()
        raise ValidationError(
            "Ce que montre cet export a été corrigé ou effacé depuis : le fichier ne serait plus le même. Faites-en un "
            "nouveau sur la même période.", code="change",
        )  # fmt: skip
    fichier.seek(0)
    return fichier


def regarder(genre, debut, fin, maintenant, **champs):
    """Un ``Export`` de cette période, que l'on peut lire ; rien n'est fait ni inscrit."""
    lues = Activite.objects.order_by("pk").values_list("pk", "nom", "site__nom", "genre")
    reglages = {"activites": {str(pk): noms for pk, *noms in lues}}
    if genre == RECETTES:
        reglages["seuils"] = list(seuils_en_vigueur(fin))
    return Export(genre=genre, debut=debut, fin=fin, arrete_le=maintenant, reglages=reglages, **champs)


def _copier_les_codes(export):
    """Copie les codes ; lève ``ValidationError`` (``sans_code``), qui nomme l'activité ou le moyen sans compte."""
    genres = {int(pk): noms[2] for pk, noms in export.reglages["activites"].items()}
    budgets = dict(Budget.objects.values_list("pk", "code_comptable"))
    codes = codes_de(Comptabilite.objects.first() or Comptabilite(), genres, budgets)
    export.reglages["codes"] = codes
    activites, moyens = utilises(export)
    sans = sorted(export.activite(pk) for pk in activites if str(pk) not in codes["produits"])
    muets = [] if export.genre == PES else [Reglement.Moyen(m).label for m in moyens if m not in codes["tresorerie"]]
    phrases = []
    if not codes["tiers"] and export.genre != PES:
        phrases.append("le compte de tiers")
    phrases += [f"le compte de produit de « {nom} » ({site})" for nom, site in sans[:5]]
    if len(sans) > 5:
        phrases.append(f"et celui de {len(sans) - 5} autres activités")
    phrases += [f"le compte de trésorerie du moyen « {moyen} »" for moyen in sorted(muets)]
    if phrases:
        raise ValidationError(f"Il manque dans les codes comptables : {', '.join(phrases)}.", code="sans_code")


def _produire(export, verifier=True, suivre=None):
    """Le fichier de l'export, relu depuis le début ; compte ses lignes. Lève ``ValidationError`` (``trop``)."""
    fichier = tempfile.TemporaryFile()  # noqa: SIM115 (rendu ouvert)
    try:
        if export.genre == PES:
            contenu, export.lignes = ormc.ecrire(export, verifier=verifier)
            fichier.write(contenu)
        else:
            ecrire = tableurs.ecrire_ods if export.format == ODS else tableurs.ecrire_csv
            colonnes = [colonne.titre for colonne in export.contenu.colonnes]
            rangees = _suivies(LECTURES[export.genre](export), suivre or (lambda lignes: None))
            export.lignes = ecrire(export.contenu.titre, colonnes, rangees, fichier)
    except tableurs.TropDeRangees as refus:
        fichier.close()
        raise ValidationError("Une feuille ODS ne tient pas tant de lignes : prenez le CSV.", code="trop") from refus
    except BaseException:
        fichier.close()
        raise
    fichier.seek(0)
    return fichier


def _suivies(rangees, suivre):
    for combien, rangee in enumerate(rangees, 1):
        yield rangee
        if combien % PAS == 0:
            suivre(combien)
