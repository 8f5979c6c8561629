"""Un tableau exporté reste un tableau : un texte n'y devient jamais une formule."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
import tablib

from commune.tableurs import servir_csv, servir_ods


@pytest.mark.parametrize(
    ("valeur", "cellule"),
    [
        ("LA STAR", "LA STAR"), ("=1+1", "'=1+1"), ("+33612345678", "'+33612345678"), ("-2", "'-2"), ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"), (" =1", "' =1"), ("\xa0+1", "'\xa0+1"), ("＝1", "'＝1"),
        ("", ""), (12, "12"), ("a=1", "a=1"), (None, ""), (Decimal("-2.50"), "-2,50"),
        (dt.date(2026, 10, 5), "05/10/2026"), (dt.datetime(2026, 10, 5, 7, 30), "05/10/2026 07:30"),
    ],
)  # fmt: skip
def test_un_tableur_n_y_lit_jamais_une_formule(valeur, cellule):
    reponse = servir_csv("essai.csv", ["Un", "Deux"], [(valeur, "x")])
    assert reponse.content.decode() == f"\ufeffUn;Deux\r\n{cellule};x\r\n"
    assert reponse["Content-Disposition"] == 'attachment; filename="essai.csv"'
    assert reponse["Cache-Control"] == "no-store"


def test_un_titre_de_colonne_non_plus_n_est_pas_une_formule():
    """Celles du planning portent le nom d'une activité."""
    assert servir_csv("essai.csv", ["=1+1", "Deux"], []).content.decode() == "\ufeff'=1+1;Deux\r\n"


def test_un_instant_garde_son_heure_dans_un_classeur():
    relu = tablib.Dataset().load(servir_ods("essai.ods", ["Quand"], [[dt.datetime(2026, 10, 5, 7, 30)]]).content, "ods")
    assert relu["Quand"] == [dt.datetime(2026, 10, 5, 7, 30)]


def test_un_taux_garde_ses_decimales_et_un_montant_ses_centimes():
    classeur = servir_ods("essai.ods", ["Taux", "Prix"], [[Decimal("0.0035"), Decimal("2.50")]])
    contenu = zipfile.ZipFile(io.BytesIO(classeur.content)).read("content.xml").decode()
    assert '<table:table-cell office:value-type="float" office:value="0.0035">' in contenu
    assert '<table:table-cell table:style-name="euros" office:value-type="float" office:value="2.50">' in contenu
