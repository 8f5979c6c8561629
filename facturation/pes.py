"""Le PES Recette ORMC (Hélios, expérimental), vérifié par le schéma que la commune fournit. Ni base, ni horloge.

Le schéma n'est pas livré avec le portail : il change d'une version de PES à l'autre, et c'est le comptable public qui
dit lequel vaut. Les mêmes données font le même fichier, octet pour octet.
"""

import io
import posixpath
import unicodedata
import zipfile
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

ESPACE = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"
RACINE = "PES_Aller"
XSD = "{http://www.w3.org/2001/XMLSchema}"
TAILLE_MAX = 30 * 1024 * 1024  # octets, schémas décompressés
_LETTRES = str.maketrans({"œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "–": "-", "—": "-", "…": "...", "€": "EUR",
                          "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i"})  # fmt: skip


class Invalide(Exception):
    """Le fichier ne suit pas le schéma, ou le schéma n'en est pas un : une phrase qui dit où."""


class Entete(NamedTuple):
    """Ce que la commune règle et que le comptable public lui donne, et le bordereau de cet export."""

    nom: str
    siret: str
    jour: object
    exercice: int
    bordereau: int
    codes: dict  # les réglages « pes_… », sans leur préfixe


class Piece(NamedTuple):
    """Une facture : ``lignes`` est ``[(objet, code produit, nature, euros)…]``."""

    numero: int
    objet: str
    emise_le: object
    famille: int
    destinataire: str
    adresse: tuple  # voie, complément, code postal, ville
    lignes: list


def ecrire(entete, pieces):
    """Le fichier (octets ISO-8859-1) de ces pièces, en un bordereau. Ne le vérifie pas : voir ``verifier``."""
    codes = entete.codes
    racine = etree.Element(f"{{{ESPACE}}}{RACINE}", nsmap={"n": ESPACE})
    enveloppe = etree.SubElement(racine, "Enveloppe")
    _valeurs(etree.SubElement(enveloppe, "Parametres"), Version="1", TypFic=codes["fichier"], NomFic=entete.nom)
    _valeurs(
        etree.SubElement(racine, "EnTetePES"), DteStr=entete.jour.isoformat(), IdPost=codes["poste"],
        IdColl=entete.siret, CodCol=codes["collectivite"], CodBud=codes["budget"],
    )  # fmt: skip
    recette = etree.SubElement(racine, "PES_RecetteAller")
    _valeurs(etree.SubElement(recette, "EnTeteRecette"), IdVer="2", InfoDematerialisee="0")
    bordereau = etree.SubElement(recette, "Bordereau")
    total = sum((euros for piece in pieces for *_, euros in piece.lignes), Decimal(0))
    _valeurs(
        etree.SubElement(bordereau, "BlocBordereau"), Exer=str(entete.exercice), IdBord=str(entete.bordereau),
        DteBordEm=entete.jour.isoformat(), TypBord=codes["bordereau"], NbrPce=str(len(pieces)), MtBordHt=f"{total:.2f}",
    )  # fmt: skip
    for piece in pieces:
        _piece(bordereau, codes, piece)
    return etree.tostring(racine, xml_declaration=True, encoding="ISO-8859-1", pretty_print=True)


def _piece(bordereau, codes, piece):
    noeud = etree.SubElement(bordereau, "Piece")
    _valeurs(
        etree.SubElement(noeud, "BlocPiece"), IdPce=str(piece.numero), TypPce=codes["piece"],
        NatPce=codes["nature_piece"], DteAsp=piece.emise_le.isoformat(), ObjPce=en_latin(piece.objet, 160),
    )  # fmt: skip
    for rang, (objet, produit, nature, euros) in enumerate(piece.lignes, 1):
        ligne = etree.SubElement(noeud, "LigneDePiece")
        bloc = etree.SubElement(ligne, "BlocLignePiece")
        _valeurs(
            etree.SubElement(bloc, "InfoLignePiece"), IdLigne=str(rang), ObjLignePce=en_latin(objet, 160),
            CodProdLoc=produit, Nature=nature, Majo="0", TvaIntraCom="0", MtHT=f"{euros:.2f}",
        )  # fmt: skip
        tiers = etree.SubElement(ligne, "Tiers")
        _valeurs(
            etree.SubElement(tiers, "InfoTiers"), RefTiers=str(piece.famille), CatTiers=codes["categorie"],
            NatJur=codes["juridique"], TypTiers=codes["type_tiers"], Nom=en_latin(piece.destinataire, 38),
        )  # fmt: skip
        voie, complement, code_postal, ville = piece.adresse
        _valeurs(
            etree.SubElement(tiers, "Adresse"), TypAdr=codes["adresse"], Adr2=en_latin(voie, 38),
            Adr3=en_latin(complement, 38), CP=code_postal, Ville=en_latin(ville, 38), CodRes=codes["residence"],
        )  # fmt: skip


def _valeurs(parent, **valeurs):
    """Chaque valeur est un élément ``<Nom V="…"/>``, dans l'ordre dit ; une valeur vide n'en fait pas."""
    for nom, valeur in valeurs.items():
        if valeur != "":
            etree.SubElement(parent, nom).set("V", valeur)


def en_latin(texte, longueur):
    """Le texte en lettres que l'ISO-8859-1 sait écrire, coupé à ``longueur`` caractères."""
    lisible = unicodedata.normalize("NFC", " ".join(texte.split())).translate(_LETTRES)
    try:
        lisible.encode("latin-1")
    except UnicodeEncodeError:
        lisible = "".join(
            lettre if ord(lettre) < 256 else "".join(d for d in unicodedata.normalize("NFKD", lettre) if ord(d) < 256)
            for lettre in lisible
        )
    return lisible[:longueur]


def verifier(schema, fichier):
    """Lève ``Invalide``, avec la ligne et l'élément en faute, si ce fichier ne suit pas ce schéma."""
    if not schema.validate(etree.fromstring(fichier)):
        faute = schema.error_log[0]
        element = (faute.path or "").rsplit("/", 1)[-1] or "?"
        raise Invalide(f"Ligne {faute.line}, élément « {element} » : {faute.message}")


def lire_schema(octets):
    """Le schéma d'un ``.xsd``, ou d'un ``.zip`` de schémas qui se citent. Lève ``Invalide``.

    Rien n'est lu hors de ce que la commune a fourni : ni le disque, ni le réseau.
    """
    fichiers = _fichiers(octets)
    analyseur = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    analyseur.resolvers.add(_DansLeFichier(fichiers))
    for nom in sorted(fichiers, key=lambda nom: (nom.count("/"), nom)):
        try:
            document = etree.fromstring(fichiers[nom], analyseur, base_url=f"pes:///{nom}")
        except etree.XMLSyntaxError as faute:
            raise Invalide(f"« {nom} » n'est pas un schéma XSD : {faute.msg}.") from faute
        if document.tag == f"{XSD}schema" and document.find(f"{XSD}element[@name='{RACINE}']") is not None:
            try:
                return etree.XMLSchema(document)
            except etree.XMLSchemaParseError as faute:
                raise Invalide(f"Le schéma « {nom} » ne se lit pas : {faute}") from faute
    raise Invalide(f"Aucun de ces schémas ne décrit l'élément « {RACINE} ».")


def _fichiers(octets):
    if not zipfile.is_zipfile(io.BytesIO(octets)):
        return {"schema.xsd": octets}
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        gardes = [entree for entree in archive.infolist() if entree.filename.lower().endswith(".xsd")]
        if sum(entree.file_size for entree in gardes) > TAILLE_MAX:
            raise Invalide("Cette archive est trop grosse pour être un jeu de schémas.")
        return {posixpath.normpath(entree.filename): archive.read(entree) for entree in gardes}


class _DansLeFichier(etree.Resolver):
    """Trouve dans l'archive le schéma qu'un autre cite ; ailleurs, il n'y a rien."""

    def __init__(self, fichiers):
        self.fichiers = fichiers

    def resolve(self, adresse, public, contexte):
        nom = posixpath.normpath((adresse or "").removeprefix("pes:///").lstrip("/"))
        contenu = self.fichiers.get(nom)
        if contenu is None:  # des archives refaites à plat : le nom seul suffit s'il n'y en a qu'un
            memes = [cle for cle in self.fichiers if posixpath.basename(cle) == posixpath.basename(nom)]
            contenu = self.fichiers[memes[0]] if len(memes) == 1 else b"<introuvable/>"
        return self.resolve_string(contenu, contexte, base_url=f"pes:///{nom}")
