"""Un tableau exporté reste un tableau : un texte n'y devient jamais une formule."""

import datetime as dt
from decimal import Decimal

import pytest

from commune.tableurs import servir_csv


@pytest.mark.parametrize(
    ("valeur", "cellule"),
    [
        ("LA STAR", "LA STAR"), ("=1+1", "'=1+1"), ("+33612345678", "'+33612345678"), ("-2", "'-2"), ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"), ("", ""), (12, "12"), ("a=1", "a=1"), (None, ""), (Decimal("-2.50"), "-2,50"),
        (dt.date(2026, 10, 5), "05/10/2026"),
    ],
)  # fmt: skip
def test_un_tableur_n_y_lit_jamais_une_formule(valeur, cellule):
    reponse = servir_csv("essai.csv", ["Un", "Deux"], [(valeur, "x")])
    assert reponse.content.decode() == f"\ufeffUn;Deux\r\n{cellule};x\r\n"
    assert reponse["Content-Disposition"] == 'attachment; filename="essai.csv"'
    assert reponse["Cache-Control"] == "no-store"
