"""Un gabarit et ce qu'il dit deviennent un PDF balisé ; rien de ce qu'il dit n'est du balisage."""

import io
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from commune import pdf
from tests.papier import textes

LETTRE = "facturation/papiers/courriers.typ"


def lettre(objet="Votre facture", corps="Bonjour.", nom="Mme Celine LA STAR", logo="", combien=1):
    """De quoi écrire une vraie lettre de la régie."""
    emetteur = {"commune": "Mairie", "regie": "Régie", "emise_par": "", "lignes": ["Service périscolaire"]}
    une = {
        "destinataire": {"nom": nom, "adresse": "1 rue des Écoles\n86440 Migné-Auxances"}, "objet": objet,
        "paragraphes": [corps], "a_qui": [],
    }  # fmt: skip
    return {
        "commune": "Mairie", "accent": "#b0472c", "logo": logo, "regie": "Régie", "emetteur": emetteur, "nom": objet,
        "le": "2 octobre 2026", "lettres": [une] * combien,
    }  # fmt: skip


def normes(octets):
    with pikepdf.open(io.BytesIO(octets)) as document, document.open_metadata() as meta:
        return document.Root.MarkInfo.Marked, str(document.Root.Lang), meta.get("pdfuaid:part")


def test_un_papier_est_balise_dans_sa_langue():
    octets = pdf.rendre(LETTRE, lettre())
    assert normes(octets) == (True, "fr", "1")
    [page] = textes(octets)
    assert "Mme Celine LA STAR 1 rue des Écoles 86440 Migné-Auxances" in page
    assert page.endswith("page 1")


def test_chaque_lettre_d_un_envoi_a_sa_premiere_page():
    assert [page.split()[-2:] for page in textes(pdf.rendre(LETTRE, lettre(combien=3)))] == [["page", "1"]] * 3


@pytest.mark.parametrize(
    "nom",
    ["#panic()", "#read(\"/pyproject.toml\")", "$x^2$ *gras* _penché_ `code`", "<b>Hugo</b> & \\ O'Brien", "= Titre",
     "@renvoi", "http://exemple.fr", "// rien", "\"]}", "Đặng Łukasz Őri", "Ольга", "12 h 30 −2,50 €"],
)  # fmt: skip
def test_un_nom_s_imprime_tel_qu_il_est(nom):
    octets = pdf.rendre(LETTRE, lettre(nom=nom))
    assert nom in textes(octets)[0]
    assert normes(octets)[2] == "1"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_quoi_qu_on_ait_tape_un_papier_sort(texte):
    assert pdf.rendre(LETTRE, lettre(corps=texte, nom=texte)).startswith(b"%PDF-")


def test_une_marque_invisible_d_un_texte_copie_ne_compte_pas():
    octets = pdf.rendre(LETTRE, lettre(corps="\ufeffBonjour à\ufeff tous", nom=r"C:\ufeff"))
    assert normes(octets)[2] == "1"
    [page] = textes(octets)
    assert "Bonjour à tous" in page
    assert r"C:\ufeff" in page, "six caractères bien visibles, eux, restent"


@pytest.mark.parametrize("nom", ["Zoé 😀", "王", "\x07"])
def test_ce_qu_aucune_police_n_ecrit_n_empeche_pas_le_papier(nom, monkeypatch):
    """Sur une machine sans autres polices que les nôtres."""
    import typst

    seules = typst.Fonts(include_system_fonts=False, font_paths=[pdf.RACINE / "commune" / "papiers" / "polices"])
    monkeypatch.setattr(pdf, "_polices", lambda: seules)
    monkeypatch.setattr(pdf, "_ici", threading.local())
    octets = pdf.rendre(LETTRE, lettre(nom=nom))
    assert normes(octets) == (True, "fr", None), "balisé, mais il ne se dit plus conforme"
    assert "Votre facture" in textes(octets)[0]


def test_un_gabarit_faux_dit_ou(monkeypatch):
    with pytest.raises(Exception, match="does not contain key") as refus:
        pdf.rendre(LETTRE, {})
    assert "maison.typ" in "".join(refus.value.__notes__) or "courriers.typ" in "".join(refus.value.__notes__)


def test_le_logo_s_imprime_sans_se_lire():
    octets = io.BytesIO()
    Image.new("RGBA", (400, 100), "red").save(octets, "PNG")
    avec = pdf.rendre(LETTRE, lettre(logo=pdf.dessin(octets.getvalue())))
    assert normes(avec)[2] == "1", "une image sans texte n'est pas un manque : elle est dite décorative"
    with pikepdf.open(io.BytesIO(avec)) as document:
        assert "/XObject" in document.pages[0].Resources
    for abimee in (b"rien d'une image", octets.getvalue()[:-80]):
        with pytest.raises(OSError):  # noqa: PT011 - Pillow et le disque ont chacun leurs mots
            pdf.dessin(abimee)


def test_une_longue_tete_repousse_le_titre():
    longue = lettre(nom="Mme Marie-Antoinette DE LA ROCHEFOUCAULD-MONTMORENCY et M. Jean-Christophe VANDENBROUCKE")
    longue["emetteur"]["lignes"] = [f"Une ligne de plus, la {n}e" for n in range(14)]
    lue = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf.rendre(LETTRE, longue), capture_output=True,
                         check=True).stdout.decode()  # fmt: skip
    bas = {mot: float(y) for y, mot in re.findall(r'yMax="([\d.]+)">([^<]+)<', lue)}
    haut = {mot: float(y) for y, mot in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)<', lue)}
    assert haut["Votre"] > bas["13e"]


# --- Plusieurs à la fois ------------------------------------------------------------------------------------------
def test_plusieurs_fils_rendent_les_memes_papiers_qu_un_seul():
    contenus = [lettre(objet=f"Lettre {n}") for n in range(12)]
    with ThreadPoolExecutor(3) as equipe:
        ensemble = list(equipe.map(pdf.rendre, [LETTRE] * 12, contenus))
    assert [textes(octets) for octets in ensemble] == [textes(pdf.rendre(LETTRE, c)) for c in contenus]


def test_un_long_papier_ne_retient_pas_les_autres_fils():
    fil = threading.Thread(target=pdf.rendre, args=(LETTRE, lettre(combien=400)))
    fil.start()
    tours = 0
    while fil.is_alive():
        time.sleep(0.001)
        tours += 1
    assert tours > 20
