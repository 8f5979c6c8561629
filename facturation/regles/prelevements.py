"""Le prélèvement SEPA : quand un mandat est caduc, qui l'on prélève, et les mots d'un rejet."""

import datetime as dt
import re
import unicodedata

from commune.regles import decaler

CADUQUE = 36  # mois sans prélèvement, au bout desquels un mandat ne vaut plus
VERSIONS = [("02", "pain.008.001.02"), ("08", "pain.008.001.08")]  # celle que demande le Trésor ou la banque
PREMIER, RECURRENT = "FRST", "RCUR"  # la séquence, telle que la dit le fichier

# Code ISO 20022 → (ce que la régie et la famille lisent, vrai si le mandat ne peut plus servir).
REJETS = {
    "AC01": ("le numéro de compte (IBAN) n'est pas le bon", True),
    "AC04": ("le compte est fermé", True),
    "AC06": ("le compte est bloqué", False),
    "AG01": ("ce compte n'admet pas les prélèvements", True),
    "AG02": ("la banque refuse le code de l'opération", False),
    "AM04": ("la provision du compte était insuffisante", False),
    "AM05": ("la banque y voit un prélèvement en double", False),
    "BE05": ("la banque ne reconnaît pas l'identifiant de la commune (ICS)", False),
    "CNOR": ("la banque de la commune n'est pas joignable", False),
    "DNOR": ("la banque de ce compte n'admet pas les prélèvements", True),
    "DT01": ("la banque refuse la date du prélèvement", False),
    "ED05": ("le règlement entre les banques a échoué", False),
    "FF01": ("la banque refuse le format du fichier", False),
    "FOCR": ("le prélèvement a été retiré avant son paiement", False),
    "MD01": ("la banque ne connaît pas ce mandat", True),
    "MD02": ("il manquait des données du mandat", False),
    "MD06": ("le titulaire du compte a demandé le remboursement", False),
    "MD07": ("le titulaire du compte est décédé", True),
    "MS02": ("le titulaire du compte a refusé ce prélèvement", False),
    "MS03": ("la banque ne dit pas pourquoi", False),
    "RC01": ("l'identifiant de la banque (BIC) n'est pas le bon", False),
    "RR01": ("la loi demande le compte de qui paie, et il manquait", False),
    "RR02": ("la loi demande le nom ou l'adresse de qui paie, et ils manquaient", False),
    "RR03": ("la loi demande le nom ou l'adresse de la commune, et ils manquaient", False),
    "RR04": ("une raison légale, que la banque ne détaille pas", False),
    "SL01": ("le titulaire a limité les prélèvements sur son compte", False),
    "TM01": ("le fichier est arrivé trop tard à la banque", False),
}
SANS_MOTIF = "MS03"
REFERENCE = re.compile(r"(\d{4})-(\d{6,9})-L(\d{1,9})")


def definitif(code):
    """Vrai si, après ce rejet, le mandat ne peut plus servir."""
    return REJETS[code][1]


def motif_connu(code):
    """Ce code s'il est de ceux que l'on sait dire, sinon « la banque ne dit pas pourquoi ».

    >>> motif_connu("AM04"), motif_connu("X999")
    ('AM04', 'MS03')
    """
    return code if code in REJETS else SANS_MOTIF


def lire_reference(reference):
    """``(exercice, numéro de facture, lot)`` d'une référence de débit (« 2026-000042-L3 »), ou ``None``.

    >>> lire_reference("2026-000042-L3"), lire_reference("NOTPROVIDED")
    ((2026, 42, 3), None)
    """
    trouve = REFERENCE.fullmatch(reference)
    return tuple(int(nombre) for nombre in trouve.groups()) if trouve else None


def dire_le_rejet(code):
    """Le motif d'un rejet, en français."""
    return REJETS[code][0]


def caduc_le(servi_le):
    """La date où un mandat servi (à défaut signé) ce jour-là n'est plus bon : trente-six mois après."""
    return decaler(servi_le, CADUQUE)


def a_debiter(reste, annonce):
    """Ce qu'on débite d'une facture dont il reste ``reste`` (euros) : jamais plus que ce qu'elle a ``annonce``.

    Le compte en payait une part à son émission, et le chèque qui la faisait est revenu : cette part se paie autrement.

    >>> a_debiter(40, annonce=47), a_debiter(50, annonce=47)
    (40, 47)
    """
    return min(reste, annonce)


def empechement(mandat, reste, jour, en_ligne=False):
    """Pourquoi une facture annoncée n'est pas prélevée ce jour-là, ou ``""``.

    ``mandat`` a ``signe_le``, ``revoque_le``, ``suspendu_le`` et ``servi_le`` (dates de Paris), ou vaut ``None`` ;
    ``reste`` en euros ; ``en_ligne`` : un paiement en ligne attend encore son résultat.
    """
    if mandat is None:
        return "le mandat annoncé n'existe plus"
    if mandat.revoque_le:
        return "le mandat est révoqué"
    if mandat.suspendu_le:
        return "le mandat est suspendu depuis un rejet"
    if jour >= caduc_le(mandat.servi_le or mandat.signe_le):
        return f"le mandat est caduc : {CADUQUE} mois sans prélèvement"
    if reste <= 0:
        return "il ne reste rien à payer"
    if en_ligne:
        return "un paiement en ligne attend son résultat"
    return ""


def en_sepa(texte, longueur):
    """Le texte dans le jeu de caractères SEPA, sans accents, coupé à ``longueur``."""
    sans = unicodedata.normalize("NFKD", texte.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    plats = "".join(c for c in sans.replace("’", "'") if not unicodedata.combining(c))
    permis = [c if c.isascii() and (c.isalnum() or c in " /-?:().,'+") else " " for c in plats]
    return " ".join("".join(permis).split())[:longueur].strip()


# --- Le mandat signé sur le portail -------------------------------------------------------------------------------
VERSION_DU_TEXTE = 1  # à augmenter dès qu'un mot du texte change : la preuve dit ce qui fut lu
TEXTE = (
    "En signant ce mandat, vous autorisez {creancier} à envoyer des instructions à votre banque pour débiter votre "
    "compte, et votre banque à débiter votre compte selon ces instructions.\n"
    "Vous bénéficiez du droit d'être remboursé par votre banque suivant les conditions décrites dans la convention "
    "que vous avez passée avec elle. Une demande de remboursement doit être présentée dans les huit semaines qui "
    "suivent la date de débit de votre compte pour un prélèvement autorisé."
)
VALIDITE = dt.timedelta(minutes=15)  # un code
UN_JOUR = dt.timedelta(days=1)
RESERVIR = dt.timedelta(minutes=1)  # un double clic n'envoie qu'un code
ESSAIS = 5  # par code
CODES = 5  # par foyer et par jour


def texte_du_mandat(creancier):
    """Le texte que la famille signe, pour ce créancier."""
    return TEXTE.format(creancier=creancier)
