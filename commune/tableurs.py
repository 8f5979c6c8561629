"""Écrire un tableau en CSV ou en ODS : des types qui restent des types, et aucun nom qui devienne une formule.

Rangée par rangée, sans jamais tenir le tableau en mémoire. Les mêmes rangées font le même fichier, octet pour octet :
rien n'y porte l'heure qu'il est.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpResponse

from .regles import desamorcer

ODS = "application/vnd.oasis.opendocument.spreadsheet"
RANGEES_ODS = 1_048_575  # ce qu'une feuille contient, le titre des colonnes ôté
ALORS = (1980, 1, 1, 0, 0, 0)  # la plus petite date d'un zip
_INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # que le XML ne sait pas porter


class TropDeRangees(Exception):
    """Une feuille ODS n'en tient pas tant."""


def cellule(valeur):
    """Une valeur comme un tableur français la lit : 12,50, 31/12/2026 et 31/12/2026 16:30, et jamais une formule."""
    if isinstance(valeur, Decimal):
        return f"{valeur}".replace(".", ",")
    if isinstance(valeur, dt.datetime):
        return f"{valeur:%d/%m/%Y %H:%M}"
    if isinstance(valeur, dt.date):
        return f"{valeur:%d/%m/%Y}"
    return desamorcer(valeur) if isinstance(valeur, str) else valeur


def ecrire_csv(titre, colonnes, rangees, sortie):
    """Écrit le CSV (UTF-8 avec sa marque, point-virgule) dans ``sortie`` (octets) ; rend le nombre de rangées."""
    texte = io.TextIOWrapper(sortie, encoding="utf-8-sig", newline="", write_through=True)
    tableur = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    tableur.writerow(map(cellule, colonnes))  # un titre porte parfois le nom d'une activité
    combien = 0
    for combien, rangee in enumerate(rangees, 1):  # noqa: B007
        tableur.writerow(map(cellule, rangee))
    texte.detach()
    return combien


def servir_csv(nom, colonnes, rangees):
    """La réponse qui fait télécharger ce tableau sous ce ``nom`` ; le navigateur n'en garde rien."""
    return _servir(ecrire_csv, "text/csv; charset=utf-8", nom, colonnes, rangees)


def servir_ods(nom, colonnes, rangees):
    """Comme :func:`servir_csv`, en classeur ODS. Lève ``TropDeRangees``."""
    return _servir(ecrire_ods, ODS, nom, colonnes, rangees)


def _servir(ecrire, nature, nom, colonnes, rangees):
    reponse = HttpResponse(content_type=nature, headers={
        "Content-Disposition": f'attachment; filename="{nom}"', "Cache-Control": "no-store",
    })  # fmt: skip
    ecrire(nom.rpartition(".")[0], colonnes, rangees, reponse)
    return reponse


def ecrire_ods(titre, colonnes, rangees, sortie):
    """Écrit le classeur ODS dans ``sortie`` (octets) ; rend le nombre de rangées. Lève ``TropDeRangees``."""
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        # Le type d'abord et sans compression : c'est à lui que l'on reconnaît le fichier (OpenDocument 1.3, partie 2).
        archive.writestr(_entree("mimetype", zipfile.ZIP_STORED), ODS)
        archive.writestr(_entree("META-INF/manifest.xml"), MANIFESTE)
        with archive.open(_entree("content.xml"), "w", force_zip64=True) as contenu:
            contenu.write(DEBUT.format(titre=quoteattr(_propre(titre))).encode())
            contenu.write(_rangee(colonnes, "entete").encode())
            combien = 0
            for combien, rangee in enumerate(rangees, 1):
                if combien > RANGEES_ODS:
                    raise TropDeRangees
                contenu.write(_rangee(rangee).encode())
            contenu.write(FIN.encode())
    return combien


def _entree(nom, compression=zipfile.ZIP_DEFLATED):
    entree = zipfile.ZipInfo(nom, ALORS)
    entree.compress_type, entree.external_attr = compression, 0o600 << 16
    return entree


def _rangee(valeurs, style=""):
    return f"<table:table-row>{''.join(_case(valeur, style) for valeur in valeurs)}</table:table-row>"


def _case(valeur, style):
    if valeur is None or valeur == "":
        return "<table:table-cell/>"
    if isinstance(valeur, Decimal):
        # Un taux (0,0035 € par point) s'écrit entier : au centime, on en lirait 0,00.
        nom = 'table:style-name="euros" ' if valeur == round(valeur, 2) else ""
        genre, texte = f'{nom}office:value-type="float" office:value="{valeur}"', f"{valeur}"
    elif isinstance(valeur, dt.date):
        nom = "instant" if isinstance(valeur, dt.datetime) else "jour"
        genre = f'table:style-name="{nom}" office:value-type="date" office:date-value="{valeur.isoformat()}"'
        texte = cellule(valeur)
    elif isinstance(valeur, int):
        genre, texte = f'office:value-type="float" office:value="{valeur}"', str(valeur)
    else:  # un texte y est un texte : aucun tableur ne le calcule
        genre, texte = 'office:value-type="string"', escape(_propre(valeur))
    nomme = f' table:style-name="{style}"' if style else ""
    return f"<table:table-cell{nomme} {genre}><text:p>{texte}</text:p></table:table-cell>"


def _propre(texte):
    return _INTERDITS.sub("", texte)


MANIFESTE = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
DEBUT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"\
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"\
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"\
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"\
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"\
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.2">
<office:automatic-styles>
<number:number-style style:name="n-euros"><number:number number:decimal-places="2" number:min-decimal-places="2"\
 number:min-integer-digits="1" number:grouping="true"/></number:number-style>
<number:date-style style:name="n-jour"><number:day number:style="long"/><number:text>/</number:text>\
<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<number:date-style style:name="n-instant"><number:day number:style="long"/><number:text>/</number:text>\
<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>\
<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>\
<number:minutes number:style="long"/></number:date-style>
<style:style style:name="euros" style:family="table-cell" style:data-style-name="n-euros"/>
<style:style style:name="jour" style:family="table-cell" style:data-style-name="n-jour"/>
<style:style style:name="instant" style:family="table-cell" style:data-style-name="n-instant"/>
<style:style style:name="entete" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name={titre}>
"""
FIN = """</table:table></office:spreadsheet></office:body></office:document-content>
"""
