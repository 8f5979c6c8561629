"""La documentation des exports dit les mêmes contenus et les mêmes colonnes que les fichiers."""

from pathlib import Path

import pytest

from facturation.regles.exports import CONTENUS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text()


@pytest.mark.parametrize("contenu", CONTENUS.values(), ids=lambda contenu: contenu.cle)
def test_chaque_export_est_documente_avec_toutes_ses_colonnes(contenu):
    section = PAGE.partition(f"\n## {contenu.titre}\n")[2].partition("\n## ")[0]
    assert contenu.contenu in section
    dites = [rangee for rangee in section.splitlines() if rangee.startswith("| ")][1:]
    assert dites == [f"| {c.titre} | {c.dit or '–'} |" for c in contenu.colonnes]
