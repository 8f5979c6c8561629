"""De quoi relire un export comme un tableur le lirait, et une petite année de facturation à exporter."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

from lxml import etree

from facturation import actions
from facturation.models import Comptabilite
from inscriptions.models import Activite
from tests import fabriques as f

from .ville import MAINTENANT, ville

T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
O = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"  # noqa: E741
DEBUT, FIN = dt.date(2026, 9, 1), dt.date(2026, 12, 31)
APRES = f.a_paris(2026, 11, 20)
PIEGE = '=cmd|"/C calc"!A0'


def lire_csv(contenu):
    """Les rangées d'un CSV, titres compris, comme un tableur français les découpe."""
    assert contenu.startswith(b"\xef\xbb\xbf"), "la marque UTF-8"
    return list(csv.reader(io.StringIO(contenu.decode("utf-8-sig")), delimiter=";"))


def lire_ods(contenu):
    """Les rangées d'un ODS, titres compris : ``[[(type, valeur)…]…]`` ; aucune cellule n'a de formule."""
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.testzip() is None
        feuille = etree.fromstring(archive.read("content.xml"))
    cases = list(feuille.iter(f"{T}table-cell"))
    assert not [case for case in cases if case.get(f"{T}formula")]
    return [
        [
            (case.get(f"{O}value-type"),
             case.get(f"{O}value") or case.get(f"{O}date-value") or "".join(case.itertext()))
            for case in rangee
        ]
        for rangee in feuille.iter(f"{T}table-row")
    ]  # fmt: skip


def fichier(export):
    with actions.refaire(export) as ouvert:
        return ouvert.read()


def faire(genre, format="csv", debut=DEBUT, fin=FIN, maintenant=APRES, compte=None):
    return actions.exporter(genre, format, debut, fin, compte, maintenant)


def rangees(genre, **options):
    return lire_csv(fichier(faire(genre, **options)))[1:]


def euros(texte):
    return Decimal(texte.replace(",", ".")) if texte else Decimal(0)


def coder(sauf=()):
    """Tous les codes comptables, sauf ces genres d'activité."""
    codes = Comptabilite.objects.create(tiers="411100", budget="CANT")
    for n, genre in enumerate(Activite.Genre.values):
        if genre not in sauf:
            codes.imputations.create(genre=genre, compte=f"7067{n}", analytique=genre.upper()[:3], produit_local="CA01")
    for n, moyen in enumerate(["cheque", "especes", "virement", "prelevement", "payfip", "cesu", "ancv"]):
        codes.tresoreries.create(moyen=moyen, compte=f"51{n}")
    return codes


def un_mois(foyers=6):
    """Septembre facturé à ``foyers`` familles, payé, en partie rendu, en partie annulé."""
    familles = ville(foyers)
    factures = list(actions.facturer(DEBUT, None, MAINTENANT).factures.order_by("pk"))
    agent = f.agent("Régie")
    recus = [
        actions.encaisser(facture.famille, facture.total, moyen, agent, f.a_paris(2026, 10, 10), facture=facture,
                          reference=f"n° {n}")
        for n, (facture, moyen) in enumerate(zip(factures, ["cheque", "virement", "especes", "cheque"], strict=False))
    ]  # fmt: skip
    actions.annuler_reglement(recus[0], "chèque rejeté", agent, f.a_paris(2026, 10, 20))
    ligne = factures[1].lignes.order_by("pk").first()
    actions.emettre_avoir(factures[1], ligne.montant, "absence", agent, f.a_paris(2026, 10, 21), lignes=[ligne])
    actions.emettre_avoir(factures[2], Decimal("3.33"), "geste", agent, f.a_paris(2026, 10, 22))
    actions.rembourser(
        factures[2].famille, Decimal("3.33"), "virement", "VIR 1", "avance", agent, f.a_paris(2026, 10, 23)
    )
    return familles, factures
