"""De vrais fichiers, composés pour les tests : photos, PDF sains et PDF piégés."""

import io

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw


def envoi(octets, nom):
    return SimpleUploadedFile(nom, octets)


def image(format="JPEG", taille=(1200, 900), couleur="#c96f4a", **options):
    """Les octets d'une image où l'on reconnaît le haut (une bande sombre)."""
    vue = Image.new("RGB", taille, couleur)
    ImageDraw.Draw(vue).rectangle((0, 0, taille[0], taille[1] // 10), fill="#222222")
    tampon = io.BytesIO()
    vue.save(tampon, format, **options)
    return tampon.getvalue()


def photo(nom="justificatif.jpg", format="JPEG", **options):
    return envoi(image(format, **options), nom)


def document(pages=1, preparer=None, **options):
    """Les octets d'un PDF de ``pages`` pages ; ``preparer(pdf)`` y met ce que l'on veut éprouver."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    if preparer:
        preparer(pdf)
    tampon = io.BytesIO()
    pdf.save(tampon, **options)
    return tampon.getvalue()


def pdf(nom="attestation.pdf", **options):
    return envoi(document(**options), nom)


def javascript_a_l_ouverture(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('bonjour')"))


def javascript_dans_une_annotation(pdf):
    pdf.pages[0].Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9],
                    A=Dictionary(S=Name.URI, URI=String("https://exemple.fr"),
                                 Next=Dictionary(S=Name.JavaScript, JS=String("1"))))]
    )  # fmt: skip


def javascript_dans_les_noms(pdf):
    action = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("1")))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))


def fichier_joint(pdf):
    pdf.attachments["cache.exe"] = b"MZ" + b"\0" * 100


def lancement(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("calc.exe"))


def formulaire_rempli(pdf):
    """Un champ de texte rempli, comme dans un formulaire officiel téléchargé."""
    champ = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("nom"), V=String("LA STAR"),
                   Rect=[100, 700, 300, 720], F=4, DA=String("/Helv 12 Tf 0 g"))
    )  # fmt: skip
    police = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    pdf.pages[0].Annots = Array([champ])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([champ]), DA=String("/Helv 12 Tf 0 g"), DR=Dictionary(Font=Dictionary(Helv=police))
    )
