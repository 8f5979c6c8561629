"""Le PES Recette ORMC (expérimental) : vérifié par le schéma de la commune, refusé avec la ligne et l'élément.

Les schémas de ``schemas_pes/`` sont écrits pour ces essais d'après la structure documentée (éléments, ordre, attribut
« V ») ; ceux de la DGFiP, que la commune dépose, sont plus stricts.
"""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from lxml import etree

from commune.models import Commune
from facturation import actions, pes
from facturation.models import Budget, Comptabilite, Compteur, Export, Facturation, Facture
from facturation.regles.exports import PES
from familles.models import Famille
from tests import fabriques as f

from .exports import APRES, DEBUT, FIN, coder, faire, fichier, un_mois

SCHEMAS = Path(__file__).parent / "schemas_pes"
SIRET = "21860150800003"
CHAMPS = {"poste": "086001", "collectivite": "158", "budget": "00", "categorie": "01", "juridique": "01",
          "type_tiers": "01", "adresse": "1", "residence": "0"}  # fmt: skip


def archive(**remplacements):
    """Le jeu de schémas des essais, en zip ; chaque mot remplacé le rend plus strict."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as zip_:
        for chemin in sorted(SCHEMAS.rglob("*.xsd")):
            texte = chemin.read_text()
            for mot, autre in remplacements.items():
                texte = texte.replace(f'name="{mot}"', f'name="{autre}"')
            zip_.writestr(f"PES_V2/{chemin.relative_to(SCHEMAS)}", texte)
    return octets.getvalue()


@pytest.fixture
def commune(db, settings, tmp_path):
    codes = coder()
    for champ, valeur in CHAMPS.items():
        setattr(codes, f"pes_{champ}", valeur)
    codes.pes_schema.save("schema.zip", ContentFile(archive()), save=False)
    codes.save()
    un_mois(4)
    Commune.objects.update(siret=SIRET)
    caches["local"].delete("commune")
    return codes


def valeur(noeud, chemin):
    return noeud.find(chemin).get("V")


def test_trop_de_pieces_pour_la_memoire_se_refuse(commune, monkeypatch):
    monkeypatch.setattr("facturation.actions.ormc.PLAFOND", 3)
    with pytest.raises(ValidationError, match="tient au plus 3 pièces ; cette période en a 4"):
        faire(PES, "xml")
    assert not Compteur.objects.filter(serie="P").exists()


def test_fait_par_l_ouvrier_il_prend_le_numero_suivant_et_un_refus_n_en_prend_pas(commune, monkeypatch):
    monkeypatch.setattr("facturation.actions.exports_longs.TOUT_DE_SUITE", 0)
    premier = faire(PES, "xml")
    demandee = actions.demander_export(PES, "xml", DEBUT, FIN, f.agent("Régie"), APRES)
    commune.pes_schema.save("strict.zip", ContentFile(archive(NbrPce="Autre")))
    actions.faire_export(demandee.pk, APRES)
    demandee.refresh_from_db()
    assert "Le schéma fourni refuse ce fichier" in demandee.incident
    assert not default_storage.exists(demandee.fichier.name)
    assert Compteur.objects.get(serie="P").dernier == premier.reglages["bordereau"]
    commune.pes_schema.save("schema.zip", ContentFile(archive()))
    actions.faire_export(demandee.pk, APRES)
    demandee.refresh_from_db()
    export = demandee.export
    assert export.reglages["bordereau"] == premier.reglages["bordereau"] + 1
    with demandee.fichier.open() as garde:
        assert garde.read() == fichier(export)


def test_une_piece_par_facture_et_des_sommes_egales_au_centime(commune):
    export = faire(PES, "xml")
    contenu = fichier(export)
    assert contenu.startswith(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    racine = etree.fromstring(contenu)
    assert racine.tag == f"{{{pes.ESPACE}}}PES_Aller"
    total = Facture.objects.aggregate(s=Sum("total"))["s"]
    assert D(valeur(racine, ".//MtBordHt")) == total == sum(D(m.get("V")) for m in racine.iter("MtHT"))
    assert int(valeur(racine, ".//NbrPce")) == Facture.objects.count() == export.lignes
    pieces = {int(valeur(p, "BlocPiece/IdPce")): p for p in racine.iter("Piece")}
    for facture in Facture.objects.all():
        piece = pieces[facture.numero]
        assert sum(D(m.get("V")) for m in piece.iter("MtHT")) == facture.total
        assert valeur(piece, ".//Nom") == facture.destinataire[:38]
        assert valeur(piece, ".//Ville") == "Migné-Auxances"
    assert valeur(racine, "EnTetePES/IdColl") == SIRET
    assert {m.get("V") for m in racine.iter("CodProdLoc")} == {"CA01"}


def test_un_budget_a_son_code_a_son_fichier_et_ses_factures_ne_sont_pas_dans_l_autre(db, settings, tmp_path):
    codes = coder()
    for champ, valeur_ in CHAMPS.items():
        setattr(codes, f"pes_{champ}", valeur_)
    codes.pes_schema.save("schema.zip", ContentFile(archive()), save=False)
    codes.save()
    loisirs = Budget.objects.create(nom="Loisirs", pes_budget="02")
    loisirs.activites.create(genre="soir")
    un_mois(4)
    Commune.objects.update(siret=SIRET)
    caches["local"].delete("commune")
    for budget, code in [(None, "00"), (loisirs, "02")]:
        export = actions.exporter(PES, "xml", DEBUT, FIN, None, APRES, budget)
        racine = etree.fromstring(fichier(export))
        assert valeur(racine, "EnTetePES/CodBud") == code
        siennes = Facture.objects.filter(budget=budget)
        assert {int(valeur(p, "BlocPiece/IdPce")) for p in racine.iter("Piece")} == {f.numero for f in siennes}
        assert D(valeur(racine, ".//MtBordHt")) == siennes.aggregate(s=Sum("total"))["s"]


def test_le_nom_du_fichier_et_le_bordereau_se_suivent_et_le_fichier_se_refait(commune):
    un, deux = faire(PES, "xml"), faire(PES, "xml")
    assert [e.nom_du_fichier for e in (un, deux)] == [
        f"PESALR2_{SIRET}_261120_001.xml", f"PESALR2_{SIRET}_261120_002.xml"
    ]
    assert [e.reglages["bordereau"] for e in (un, deux)] == [1, 2]
    avant = fichier(un)
    Famille.objects.update(nom="AUTRE", adresse="ailleurs")
    Comptabilite.objects.update(pes_poste="999999", pes_schema="")
    assert fichier(Export.objects.get(pk=un.pk)) == avant


def test_un_fichier_que_le_schema_refuse_n_existe_pas_et_la_faute_est_dite(commune):
    Comptabilite.objects.get().imputations.update(produit_local="")
    with pytest.raises(ValidationError) as refus:
        faire(PES, "xml")
    assert refus.value.code == "schema"
    trouve = re.search(r"Ligne (\d+), élément « (\w+) » : (.+)", refus.value.message)
    assert trouve, refus.value.message
    assert int(trouve[1]) > 20
    assert "CodProdLoc" in trouve[3]
    assert not Export.objects.exists()


def test_un_code_de_budget_trop_long_pour_le_schema_se_refuse_a_sa_ligne(commune):
    """Le portail en accepte dix caractères, le schéma public deux : c'est celui de la commune qui tranche."""
    Comptabilite.objects.update(pes_budget="ABC")
    with pytest.raises(ValidationError, match=r"Ligne \d+, élément « CodBud » : .*ABC") as refus:
        faire(PES, "xml")
    assert refus.value.code == "schema"
    assert not Export.objects.exists()
    Comptabilite.objects.update(pes_budget="AB")
    assert valeur(etree.fromstring(fichier(faire(PES, "xml"))), "EnTetePES/CodBud") == "AB"


def test_les_types_que_le_schema_public_nomme_pour_un_ormc_se_reglent(commune):
    Comptabilite.objects.update(pes_bordereau="06", pes_piece="15")
    racine = etree.fromstring(fichier(faire(PES, "xml")))
    assert {valeur(racine, ".//TypBord"), *(p.get("V") for p in racine.iter("TypPce"))} == {"06", "15"}


def test_un_schema_plus_strict_refuse_et_rien_n_est_numerote(commune):
    commune.pes_schema.save("strict.zip", ContentFile(archive(TypBord="TypBordORMC")))
    with pytest.raises(ValidationError, match="TypBord"), transaction.atomic():
        faire(PES, "xml")
    assert not Compteur.objects.filter(serie="P").exists(), "un refus ne laisse pas de trou dans les bordereaux"


@pytest.mark.parametrize(
    ("champ", "code", "phrase"),
    [
        ("pes_schema", "schema", "Sans le schéma XSD"), ("pes_poste", "reglages", "poste comptable"),
        ("pes_residence", "reglages", "résidence"),
    ],
)  # fmt: skip
def test_sans_schema_ou_sans_reglage_le_pes_est_refuse(commune, champ, code, phrase):
    Comptabilite.objects.update(**{champ: ""})
    with pytest.raises(ValidationError, match=phrase) as refus:
        faire(PES, "xml")
    assert refus.value.code == code


def test_une_periode_vide_ou_de_deux_exercices_est_refusee(commune):
    with pytest.raises(ValidationError, match="Aucune facture"):
        faire(PES, "xml", debut=dt.date(2026, 1, 1), fin=dt.date(2026, 1, 31))
    foyer = f.famille()
    f.facture(foyer, exercice=2027, mois=dt.date(2026, 10, 1), emise_le=f.a_paris(2026, 11, 2))
    Facturation.objects.update(terminee_le=f.a_paris(2026, 11, 3))
    Comptabilite.objects.get().imputations.update(compte="7067")
    with pytest.raises(ValidationError, match="un seul exercice"):
        faire(PES, "xml")


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("Mme Œuvrard", "Mme OEuvrard"), ("Zoë  D’Été", "Zoë D'Été"), ("Ayşe Şahin", "Ayse Sahin"),
        ("Łukasz", "Lukasz"), ("A" * 50, "A" * 38),
    ],
)
def test_un_nom_s_ecrit_en_iso_8859_1_sans_perdre_ses_accents(texte, attendu):
    assert pes.en_latin(texte, 38) == attendu


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "pas un schéma"), (b"<a/>", "Aucun de ces schémas"),
        ((SCHEMAS / "PES_Aller.xsd").read_bytes(), "ne se lit pas"),  # seul, il cite un fichier absent
    ],
)  # fmt: skip
def test_un_schema_incomplet_est_refuse(octets, phrase):
    with pytest.raises(pes.Invalide, match=phrase):
        pes.lire_schema(octets)


def test_un_schema_ne_lit_ni_le_disque_ni_le_reseau(tmp_path):
    secret = tmp_path / "types.xsd"
    secret.write_text((SCHEMAS / "types.xsd").read_text())
    seul = (SCHEMAS / "PES_Aller.xsd").read_text().replace("recette/Recette.xsd", secret.as_uri())
    with pytest.raises(pes.Invalide):
        pes.lire_schema(seul.encode())
    entite = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'
    with pytest.raises(pes.Invalide):
        pes.lire_schema(entite.encode())


def test_la_page_dit_la_ligne_en_faute_et_mene_aux_codes(client, commune, time_machine):
    time_machine.move_to(f.a_paris(2026, 11, 20), tick=False)
    Comptabilite.objects.get().imputations.update(produit_local="")
    client.force_login(f.agent("Régie"))
    page = client.post(
        reverse("admin:facturation_export_add"), {"debut": "2026-09-01", "fin": "2026-11-20", "quoi": "pes.xml"}
    ).content.decode()
    assert "Le schéma fourni refuse ce fichier. Ligne" in page
    assert reverse("admin:facturation_comptabilite_changelist") in page
