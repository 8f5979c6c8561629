"""Les listes de l'administration en tableur : ce qui sort, et sa documentation."""

from pathlib import Path

import pytest
from django.contrib import admin

from commune.exports import ListeExportee

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text()
LISTES = sorted(
    {
        (modele._meta.app_label, ressource._meta.model._meta.verbose_name_plural, ressource)
        for modele, gestion in admin.site._registry.items() if isinstance(gestion, ListeExportee)
        for ressource in gestion.resource_classes
    },
    key=lambda liste: liste[:2],
)  # fmt: skip


def colonnes(ressource):
    """Les titres des colonnes, dans l'ordre du fichier."""
    return [ressource.fields[nom].column_name for nom in ressource().get_export_order()]


def test_chaque_liste_est_documentee_avec_toutes_ses_colonnes():
    section = PAGE.partition("\n## Les listes de l'administration\n")[2].partition("\n## ")[0]
    dites = [rangee for rangee in section.splitlines() if rangee.startswith("| ")][1:]
    assert dites == [f"| {liste.capitalize()} | {', '.join(colonnes(ressource))} |" for _, liste, ressource in LISTES]


@pytest.mark.parametrize("ressource", [ressource for *_, ressource in LISTES], ids=lambda r: r.__name__)
def test_une_colonne_a_un_titre_en_francais_et_aucune_ne_dit_la_sante(ressource):
    titres = colonnes(ressource)
    assert all(titre[:1].isupper() and "_" not in titre for titre in titres), titres
    assert len(set(titres)) == len(titres)
    assert not any("fiche" in (champ.attribute or "") for champ in ressource.fields.values())
