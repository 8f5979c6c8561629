"""Chaque envoi a sa réponse : un fichier refait, ou une phrase qui dit quoi faire."""

import io
import struct
import subprocess
import sys
import zlib

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from commune.fichiers import FICHIERS_MAX, PAGES_MAX, TAILLE_MAX, nettoyer, nettoyer_logo

from . import fichiers as f


def refus(*envois, photo=False):
    with pytest.raises(ValidationError) as leve:
        nettoyer(list(envois), photo=photo)
    return leve.value.code, leve.value.message


def ouvrir(propre):
    return Image.open(propre.contenu)


@pytest.mark.parametrize(
    ("format", "nom"),
    [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("HEIF", "IMG_0412.HEIC"), ("AVIF", "a.avif")],
)
def test_chaque_sorte_de_photo_devient_un_jpeg(format, nom):
    propre = nettoyer(f.photo(nom, format))
    vue = ouvrir(propre)
    assert (vue.format, vue.size, propre.pages, propre.type_mime) == ("JPEG", (1200, 900), 1, "image/jpeg")
    assert propre.nom == f"{nom.rsplit('.', 1)[0]}.jpg"


def test_une_photo_heic_que_le_telephone_a_nommee_jpg_est_acceptee():
    assert ouvrir(nettoyer(f.photo("photo.jpg", "HEIF"))).format == "JPEG"


def test_un_nom_sans_extension_est_juge_sur_son_contenu():
    assert nettoyer(f.photo("image")).nom == "image.jpg"
    assert refus(f.envoi(b"bonjour", "note"))[0] == "genre_inconnu"


def test_une_photo_tournee_est_redressee_et_perd_son_lieu_de_prise_de_vue():
    exif = Image.Exif()
    exif[0x0112] = 6  # l'appareil était tenu debout
    exif[0x8825] = {1: "N", 2: (46.0, 37.0, 30.0)}  # et savait où il était
    octets = f.image(taille=(400, 300), exif=exif)
    assert b"Exif" in octets
    propre = nettoyer(f.envoi(octets, "a.jpg"))
    vue = ouvrir(propre)
    assert vue.size == (300, 400)
    assert dict(vue.getexif()) == {}
    assert b"Exif" not in propre.contenu.file.getvalue()


def test_un_fond_transparent_devient_du_papier_blanc():
    tampon = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tampon, "PNG")
    assert ouvrir(nettoyer(f.envoi(tampon.getvalue(), "signature.png"))).getpixel((25, 25)) == (255, 255, 255)


def test_une_photo_de_quarante_megaoctets_est_reduite_et_non_refusee():
    tampon = io.BytesIO()
    Image.effect_noise((9000, 7000), 90).convert("RGB").save(tampon, "JPEG", quality=85)
    octets = tampon.getvalue()
    assert 40 * 1024 * 1024 <= len(octets) <= TAILLE_MAX
    propre = nettoyer(f.envoi(octets, "photo.jpg"))
    assert max(ouvrir(propre).size) == 2200
    assert propre.contenu.size < 3 * 1024 * 1024


def test_un_fichier_plus_gros_que_la_limite_est_refuse_avec_la_limite():
    code, phrase = refus(f.envoi(b"\xff\xd8\xff\xe0" + b"\0" * TAILLE_MAX, "enorme.jpg"))
    assert code == "trop_gros"
    assert "50 Mo" in phrase


def test_un_fichier_vide_est_dit_vide():
    code, phrase = refus(f.envoi(b"", "rib.pdf"))
    assert code == "vide"
    assert phrase.startswith("« rib.pdf » est vide")


def test_rien_et_trop():
    assert refus()[0] == "manquant"
    assert refus(*[f.photo(taille=(9, 9))] * (FICHIERS_MAX + 1))[0] == "trop_nombreux"


@pytest.mark.parametrize("nom", ["lettre.docx", "film.mp4", "page.html", "photo.gif", "archive.zip", "x.svg"])
def test_une_extension_inconnue_dit_ce_qui_est_accepte(nom):
    code, phrase = refus(f.envoi(b"PK\x03\x04", nom))
    assert code == "genre_inconnu"
    assert "photo (JPEG, PNG, HEIC) ou un PDF" in phrase


@pytest.mark.parametrize(
    ("octets", "nom"),
    [
        (b"MZ\x90\x00" + b"\0" * 500, "photo.jpg"),
        (b"<html><script>alert(1)</script></html>", "photo.png"),
        (b"PK\x03\x04" + b"\0" * 500, "dossier.pdf"),
        (f.image(), "photo.pdf"),
        (f.document(), "document.jpg"),
    ],
)
def test_une_fausse_extension_est_nommee(octets, nom):
    code, phrase = refus(f.envoi(octets, nom))
    assert code == "fausse_extension"
    assert phrase.startswith(f"« {nom} » se dit un")


@pytest.mark.parametrize(
    ("format", "nom"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("HEIF", "a.heic")]
)
def test_une_photo_tronquee_est_dite_incomplete(format, nom):
    bruit = Image.effect_noise((600, 600), 90).convert("RGB")
    tampon = io.BytesIO()
    bruit.save(tampon, format)
    octets = tampon.getvalue()
    assert refus(f.envoi(octets[: len(octets) // 2], nom))[0] == "tronque"


def png_demesure(largeur, hauteur):
    """Un PNG de quelques octets qui s'annonce immense."""

    def bloc(nom, corps):
        return struct.pack("!L", len(corps)) + nom + corps + struct.pack("!L", zlib.crc32(nom + corps))

    entete = struct.pack("!LLBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    corps = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + bloc(b"IHDR", entete) + bloc(b"IDAT", corps) + bloc(b"IEND", b"")


@pytest.mark.parametrize("taille", [(60_000, 60_000), (9_000, 9_000), (45_000, 10)])
def test_une_image_bombe_est_refusee_avant_d_etre_decodee(taille):
    code, phrase = refus(f.envoi(png_demesure(*taille), "bombe.png"))
    assert code == "bombe"
    assert "remplirait la mémoire" in phrase


@pytest.mark.parametrize(
    ("format", "taille", "vite"),
    [
        ("PNG", (8000, 6250), {"compress_level": 1}),
        ("WEBP", (5000, 5000), {"method": 0}),
        ("AVIF", (5000, 5000), {"speed": 10}),
    ],
)
def test_la_plus_grande_image_transparente_tient_en_un_demi_gigaoctet(format, taille, vite, tmp_path):
    fichier = tmp_path / f"a.{format.lower()}"
    Image.new("RGBA", taille, (200, 120, 80, 128)).save(fichier, format, **vite)
    ouvrir_a_part = """
import resource, sys
from django.core.files.base import File
from commune.fichiers.images import ouvrir_image
print(*ouvrir_image(File(open(sys.argv[1], "rb"))).size)
print(next(int(ligne.split()[1]) // 1024 for ligne in open("/proc/self/status") if ligne.startswith("VmHWM")))
"""
    lance = subprocess.run([sys.executable, "-c", ouvrir_a_part, fichier], capture_output=True, text=True, check=True)
    largeur, hauteur, memoire = map(int, lance.stdout.split())
    assert max(largeur, hauteur) == 2200
    assert memoire < 600  # Mo, Python et Django compris


@pytest.mark.parametrize(("format", "taille"), [("PNG", (8000, 6300)), ("WEBP", (5100, 5000))])
def test_une_image_un_peu_plus_grande_est_refusee_d_une_phrase(format, taille):
    code, phrase = refus(f.photo(f"scan.{format.lower()}", format, taille=taille))
    assert code == "bombe"
    assert "Prenez une nouvelle photo du document" in phrase


@pytest.mark.parametrize(("mode", "encre", "papier"), [("1", 0, 1), ("L", 0, 255), ("I;16", 0, 65_535), ("P", 0, 255)])
def test_une_page_numerisee_en_gris_ou_en_noir_reste_lisible(mode, encre, papier):
    page = Image.new(mode, (400, 300), papier)
    if mode == "P":
        page.putpalette([gris for gris in range(256) for _ in "rvb"])
    page.paste(encre, (0, 0, 400, 100))
    tampon = io.BytesIO()
    page.save(tampon, "PNG")
    for examiner in (nettoyer, nettoyer_logo):
        vue = ouvrir(examiner(f.envoi(tampon.getvalue(), "scan.png"))).convert("L")
        assert vue.getpixel((200, 20)) < 10
        assert vue.getpixel((200, 250)) > 245


def test_une_photo_de_cent_millions_de_pixels_passe():
    propre = nettoyer(f.photo(taille=(12_000, 9_000), quality=50))
    assert ouvrir(propre).size == (2200, 1650)


@pytest.mark.parametrize(
    ("preparer", "code", "mots"),
    [
        (f.javascript_a_l_ouverture, "javascript", "JavaScript"),
        (f.javascript_dans_une_annotation, "javascript", "JavaScript"),
        (f.javascript_dans_les_noms, "javascript", "JavaScript"),
        (f.fichier_joint, "fichier_joint", "autres fichiers cachés"),
        (f.lancement, "lancement", "lance un autre programme"),
    ],
)
def test_un_pdf_qui_agit_est_refuse_et_dit_pourquoi(preparer, code, mots):
    assert refus(f.pdf(preparer=preparer))[0] == code
    assert mots in refus(f.pdf(preparer=preparer))[1]


@pytest.mark.parametrize("cle", ["", "secret"])
def test_un_pdf_chiffre_est_refuse_meme_si_son_mot_de_passe_est_vide(cle):
    code, phrase = refus(f.pdf(encryption=pikepdf.Encryption(user=cle, owner="autre")))
    assert code == "chiffre"
    assert "protégé par un mot de passe" in phrase


def test_un_pdf_tronque_est_dit_incomplet():
    octets = f.document(pages=5)
    assert refus(f.envoi(octets[: len(octets) * 2 // 3], "a.pdf"))[0] == "tronque"


def test_un_pdf_abime_est_dit_abime():
    assert refus(f.envoi(b"%PDF-1.4\nrien\n%%EOF", "a.pdf"))[0] == "illisible"


def test_un_pdf_aux_pages_trop_nombreuses_est_refuse():
    assert refus(f.pdf(pages=PAGES_MAX + 1))[0] == "trop_de_pages"
    assert refus(f.pdf(pages=PAGES_MAX), f.photo())[0] == "trop_de_pages"


def test_un_pdf_sain_garde_ses_pages_et_perd_ses_metadonnees():
    def signer(pdf):
        pdf.docinfo["/Author"] = "Celine LA STAR"

    propre = nettoyer(f.pdf("Justificatif de domicile.pdf", pages=3, preparer=signer))
    lu = pikepdf.open(propre.contenu)
    assert (propre.nom, propre.pages, len(lu.pages)) == ("Justificatif de domicile.pdf", 3, 3)
    assert "/Author" not in lu.docinfo


def test_un_formulaire_rempli_garde_ses_reponses_sans_rester_un_formulaire():
    lu = pikepdf.open(nettoyer(f.pdf(preparer=f.formulaire_rempli)).contenu)
    assert "/AcroForm" not in lu.Root
    assert "/Annots" not in lu.pages[0].obj or len(lu.pages[0].Annots) == 0
    contenu = b"".join(o.read_bytes() for o in lu.objects if isinstance(o, pikepdf.Stream))
    assert b"LA STAR" in contenu


def test_plusieurs_photos_et_pdf_deviennent_les_pages_d_un_seul_pdf():
    propre = nettoyer([f.photo("recto.jpg"), f.pdf(pages=2), f.photo("verso.heic", "HEIF", taille=(900, 1200))])
    lu = pikepdf.open(propre.contenu)
    assert (propre.nom, propre.pages, propre.type_mime) == ("recto.pdf", 4, "application/pdf")
    largeurs = [round(float(page.mediabox[2])) for page in lu.pages]
    assert largeurs[0] > float(lu.pages[0].mediabox[3])  # la photo couchée reste couchée
    assert largeurs[1:3] == [595, 595]
    assert all(max(float(p.mediabox[2]), float(p.mediabox[3])) <= 843 for p in lu.pages)


def test_un_pdf_numerise_trop_finement_est_allege():
    tampon = io.BytesIO()
    Image.effect_noise((4000, 5600), 60).convert("RGB").save(tampon, "PDF", quality=95, resolution=480)
    assert tampon.tell() > 8 * 1024 * 1024
    propre = nettoyer(f.envoi(tampon.getvalue(), "scan.pdf"))
    assert propre.contenu.size < 3 * 1024 * 1024
    lu = pikepdf.open(propre.contenu)
    images = [o for o in lu.objects if isinstance(o, pikepdf.Stream) and "/Width" in o]
    assert [(int(i.Width), int(i.Height)) for i in images] == [(1571, 2200)]


def test_une_photo_d_enfant_devient_un_petit_carre():
    vue = ouvrir(nettoyer(f.photo(taille=(3000, 4000)), photo=True))
    assert (vue.format, vue.size) == ("JPEG", (800, 800))
    assert ouvrir(nettoyer(f.photo(taille=(300, 200)), photo=True)).size == (200, 200)


def test_un_pdf_n_est_pas_une_photo_d_enfant():
    assert refus(f.pdf(), photo=True)[0] == "pas_une_photo"


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        ("C:\\Users\\celine\\Livret été.PDF", "Livret été.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ('a"b<c>\x00.pdf', "abc.pdf"),
        ("...   .pdf", "document.pdf"),
    ],
)
def test_le_nom_montre_est_celui_de_la_famille_sans_ses_pieges(nom, attendu):
    fichier = f.pdf()
    fichier._name = nom
    assert nettoyer(fichier).nom == attendu
