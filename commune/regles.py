"""Règles de la commune : le calendrier, les heures de Paris, la recherche sans accents. Fonctions pures."""

import calendar
import colorsys
import datetime as dt
import re
import unicodedata
from collections import namedtuple
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date

PARIS = ZoneInfo("Europe/Paris")
UN_JOUR = dt.timedelta(days=1)


def lire_jour(texte):
    """La date écrite « 2026-09-01 », ou ``None`` ; les bords du calendrier n'ont ni veille ni lendemain."""
    try:
        jour = parse_date(texte or "")
    except ValueError:
        return None
    return jour if jour and 2000 < jour.year < 2200 else None


def lire_numero(texte):
    """Le nombre que disent ces chiffres, ``None`` si ce n'en est pas un ou s'il dépasse toute clé (dix-huit chiffres).

    Clés et numéros commencent à 1 : zéro n'en est pas un non plus pour ``if numero := lire_numero(…)``.

    >>> lire_numero("0042"), lire_numero("²"), lire_numero("-1"), lire_numero(None), lire_numero("9" * 5000)
    (42, None, None, None, None)
    """
    return int(texte) if texte and len(texte) <= 18 and texte.isdecimal() else None


def jour_de_paris(instant):
    """La date qu'il est à Paris à cet ``instant`` (datetime avec fuseau), quelle que soit l'heure du serveur."""
    return instant.astimezone(PARIS).date()


def instant_de_paris(jour, heure):
    """L'instant UTC où il est ``heure`` à Paris le ``jour``.

    La nuit où l'heure recule, une heure ambiguë vaut la première des deux (``fold=0``) ;
    la nuit où elle avance, une heure qui n'existe pas est celle d'une heure plus tard.
    """
    return dt.datetime.combine(jour, heure, tzinfo=PARIS).astimezone(dt.UTC)


def jours(debut, fin):
    """Chaque date de ``debut`` à ``fin`` comprise, dans l'ordre."""
    return [debut + dt.timedelta(days=n) for n in range((fin - debut).days + 1)]


def lundi(jour):
    """Le lundi de la semaine de ``jour``."""
    return jour - dt.timedelta(days=jour.weekday())


def decaler(jour, mois):
    """Le même jour ``mois`` mois plus tard (avant, s'ils sont négatifs) ; à défaut, le dernier jour de ce mois-là.

    >>> decaler(dt.date(2027, 1, 31), 1), decaler(dt.date(2028, 2, 29), -60)
    (datetime.date(2027, 2, 28), datetime.date(2023, 2, 28))
    """
    rang = jour.year * 12 + jour.month - 1 + mois
    an, mois = rang // 12, rang % 12 + 1
    return dt.date(an, mois, min(jour.day, calendar.monthrange(an, mois)[1]))


JOURS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
MOIS = [
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip


def de_la_ville(ville):
    """« de » et le nom d'une ville, comme on le dit. Un H s'aspire ou non sans qu'on le devine : il garde « de ».

    >>> de_la_ville("Migné-Auxances"), de_la_ville("Évreux"), de_la_ville("Le Mans"), de_la_ville("La Rochelle")
    ('de Migné-Auxances', "d'Évreux", 'du Mans', 'de La Rochelle')
    """
    for article, contracte in (("Le ", "du "), ("Les ", "des ")):
        if ville.startswith(article):
            return contracte + ville.removeprefix(article)
    return f"d'{ville}" if replier(ville)[:1] in set("aeiouy") else f"de {ville}"


def dire_le_jour(date, semaine=False, an=True):
    """La date comme on la dit : le premier du mois est « 1er », les autres des nombres.

    >>> dire_le_jour(dt.date(2026, 11, 1), semaine=True)
    'dimanche 1er novembre 2026'
    """
    mots = [JOURS[date.weekday()]] if semaine else []
    mots += ["1er" if date.day == 1 else str(date.day), MOIS[date.month - 1]]
    return " ".join(mots + ([str(date.year)] if an else []))


_SANS_ACCENT = re.compile(r"[\u0300-\u036f]")
# Les lettres barrées, liées ou sans point que la décomposition d'Unicode laisse entières.
_LETTRES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss"}
    | dict(zip("øØłŁđĐðÐıħĦ", "oollddddihh", strict=True))
)


# Les espaces de tête s'ôtent à l'ouverture si on le demande ; un tableur d'Asie lit aussi les signes pleine largeur.
_AMORCE = re.compile(r"[\t\r\n]|[\s\ufeff]*[=+\-@＝＋－＠]")


def desamorcer(texte):
    """Un texte qu'aucun tableur ne prendra pour une formule (OWASP, « CSV injection »)."""
    return f"'{texte}" if _AMORCE.match(texte) else texte


def replier(texte):
    """Le texte en minuscules et sans accents, comme la colonne ``cle`` des tables que l'on cherche.

    Les mêmes opérations, dans le même ordre, que la fonction SQL ``fold`` de la première migration.

    >>> replier("Élodie LA STAR")
    'elodie la star'
    """
    return _SANS_ACCENT.sub("", unicodedata.normalize("NFD", texte)).translate(_LETTRES).lower()


# Le calendrier. Une fermeture est tout objet qui a debut, fin (dates de Paris, comprises) et ecole_id, qui vaut
# None quand toute la commune ferme.
LUNDI_VENDREDI = (0, 1, 2, 3, 4)
ECOLE = (0, 1, 3, 4)  # la semaine de quatre jours ; le mercredi est au périscolaire

Periode = namedtuple("Periode", "libelle motif debut fin")


def fermeture_du(jour, fermetures, ecole_id=None):
    """La première des fermetures qui ferme l'école ce ``jour``, ou ``None`` s'il y a école ou service."""
    return next((f for f in fermetures if f.debut <= jour <= f.fin and f.ecole_id in (None, ecole_id)), None)


def est_ferme(jour, fermetures, ecole_id=None):
    return fermeture_du(jour, fermetures, ecole_id) is not None


def jours_ouverts(debut, fin, fermetures, ecole_id=None, semaine=ECOLE):
    """Les dates de ``debut`` à ``fin`` comprise qui tombent un jour de la ``semaine`` (lundi = 0) non fermé."""
    return [j for j in jours(debut, fin) if j.weekday() in semaine and not est_ferme(j, fermetures, ecole_id)]


def semaines_scolaires(debut, fin, fermetures, ecole_id=None):
    """Les lundis des semaines où il y a école au moins un jour."""
    return sorted({lundi(j) for j in jours_ouverts(debut, fin, fermetures, ecole_id, LUNDI_VENDREDI)})


def calendrier_officiel(zone, code, debut, fin):
    """Les vacances, ponts et fériés qui touchent ``debut`` à ``fin`` : des ``Periode``, dans l'ordre.

    ``zone`` est A, B ou C ; ``code``, le code INSEE ou postal de la commune, ajoute les fériés d'Alsace-Moselle
    ou d'outre-mer. Ce sont des règles de calcul, qui répondent aussi pour les années que le ministère n'a pas
    encore publiées : la mairie relit et confirme (code de l'éducation, art. D521-1 ; code du travail, L3133-1).
    """
    import holidays  # 0,2 s, dont seule la préparation d'une année a besoin

    annees = range(debut.year, fin.year + 1)
    scolaires = holidays.France(subdiv=f"Zone {zone}", categories="school", years=annees, language="fr")
    feries = holidays.France(subdiv=_departement(code), years=annees, language="fr")
    periodes = [_pont_ou_vacances(*bloc) for bloc in _blocs(scolaires)]
    periodes += [Periode(nom, "ferie", jour, jour) for jour, nom in feries.items()]
    return sorted((p for p in periodes if p.debut <= fin and p.fin >= debut), key=lambda p: (p.debut, p.motif))


def annee_officielle(zone, rentree):
    """Le premier et le dernier jour de classe de l'année qui commence en septembre de l'an ``rentree``."""
    ete, suivant = (
        next(p for p in calendrier_officiel(zone, "", dt.date(an, 7, 15), dt.date(an, 7, 31)) if p.motif == "vacances")
        for an in (rentree, rentree + 1)
    )
    return ete.fin + UN_JOUR, suivant.debut - UN_JOUR


def _departement(code):
    """La subdivision de ``holidays`` dont les fériés diffèrent, ou ``None``."""
    departements = {"57": "57", "67": "6AE", "68": "6AE"} | {c: c for c in ("971", "972", "973", "974", "976")}
    return departements.get(code[:2]) or departements.get(code[:3])


def _blocs(feries):
    """Regroupe les jours qui se suivent sous un même nom : ``(nom, premier, dernier)``."""
    blocs = []
    for jour in sorted(feries):
        if blocs and blocs[-1][0] == feries[jour] and blocs[-1][2] == jour - UN_JOUR:
            blocs[-1][2] = jour
        else:
            blocs.append([feries[jour], jour, jour])
    return blocs


def _pont_ou_vacances(nom, debut, fin):
    if not nom.startswith("Pont"):
        return Periode(nom, "vacances", debut, fin)
    # holidays compte le samedi et le dimanche ; le ministère ne vaque que le jeudi et le vendredi.
    return Periode(nom, "pont", debut, min(fin, lundi(debut) + 4 * UN_JOUR))


# Les couleurs : la commune choisit un accent, et tout texte doit rester lisible (WCAG 2.2, 1.4.3).
PAPIER_CLAIR, PAPIER_SOMBRE = ("#faf5ea", "#fffdf8", "#f3ecde"), ("#1a171f", "#241f2b", "#2d2735")
# Une encre moins noire laisserait des accents moyens sans texte lisible dessus.
ENCRE_CLAIRE, ENCRE_SOMBRE = "#ffffff", "#050408"


def _canaux(couleur):
    return [int(couleur[n : n + 2], 16) for n in (1, 3, 5)]


def luminance(couleur):
    """La luminance relative de ``#rrggbb``, de 0 (noir) à 1 (blanc) ; définition des WCAG 2.2."""
    canaux = (n / 255 for n in _canaux(couleur))
    rouge, vert, bleu = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu


def contraste(une, autre):
    """Le rapport de contraste de deux couleurs ``#rrggbb``, de 1 (égales) à 21 (noir sur blanc)."""
    sombre, claire = sorted((luminance(une), luminance(autre)))
    return (claire + 0.05) / (sombre + 0.05)


def texte_sur(accent):
    """Du blanc ou de l'encre, celui qui se lit le mieux sur ``accent`` : toujours au moins 4,5 pour 1."""
    return max((ENCRE_CLAIRE, ENCRE_SOMBRE), key=lambda encre: contraste(encre, accent))


def lisible_sur(couleur, papiers, minimum=4.5):
    """``couleur``, foncée ou éclaircie par pas de 4 % jusqu'à ``minimum`` pour 1 sur tous les ``papiers``.

    Sa teinte et sa saturation restent : un rouge éclairci vers le blanc deviendrait un gris rosé.
    """
    teinte, clarte, saturation = colorsys.rgb_to_hls(*(n / 255 for n in _canaux(couleur)))
    but = 0 if luminance(papiers[0]) > 0.5 else 1
    for pas in range(26):
        canaux = colorsys.hls_to_rgb(teinte, clarte + (but - clarte) * pas / 25, saturation)
        essai = "#" + "".join(f"{round(c * 255):02x}" for c in canaux)
        if all(contraste(essai, papier) >= minimum for papier in papiers):
            break
    return essai


def nuances(accent):
    """L'accent de la commune, en clair puis en sombre : tel quel, en fond, le texte dessus, le texte sur papier.

    ``accent`` s'écrit ``#rrggbb``.
    """
    sombre = lisible_sur(accent, PAPIER_SOMBRE, minimum=3)
    return [
        {
            "accent": accent,
            "accent_plein": plein,
            "sur_accent": texte_sur(plein),
            # 5,5 et non 4,5 : l'accent s'écrit aussi sur sa propre teinte pâle (--accent-pale).
            "accent_encre": lisible_sur(accent, papiers, minimum=5.5),
        }
        for plein, papiers in ((accent, PAPIER_CLAIR), (sombre, PAPIER_SOMBRE))
    ]


def fin_de_periode(maintenant, duree):
    """La fin de la période de ``duree`` (timedelta) qui contient ``maintenant`` : les essais s'y comptent."""
    secondes = int(duree.total_seconds())
    debut = int(maintenant.timestamp()) // secondes * secondes
    return dt.datetime.fromtimestamp(debut + secondes, dt.UTC)
