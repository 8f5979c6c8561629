"""Les jours et les heures, dits comme à la mairie."""

from commune.regles import PARIS, jour_de_paris
from inscriptions.regles import JOURS, MOIS, heure_dite

JOURS_COURTS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


def quantieme(jour):
    """« 1er », « 2 »… : seul le premier du mois est ordinal."""
    return "1er" if jour.day == 1 else str(jour.day)


def rang_dit(rang):
    """« 1er », « 2e », « 11e »."""
    return f"{rang}{'er' if rang == 1 else 'e'}"


def nom_du_mois(jour):
    """« septembre 2026 »."""
    return f"{MOIS[jour.month - 1]} {jour.year}"


def date_dite(jour, annee=False):
    """« jeudi 3 septembre », et son année si on la veut."""
    dite = f"{JOURS[jour.weekday()]} {quantieme(jour)} {MOIS[jour.month - 1]}"
    return f"{dite} {jour.year}" if annee else dite


def semaine_dite(lundi, dimanche):
    """« 31 août – 6 septembre 2026 », « 7 – 13 septembre 2026 », « 28 décembre 2026 – 3 janvier 2027 »."""
    fin = f"{quantieme(dimanche)} {nom_du_mois(dimanche)}"
    if lundi.year != dimanche.year:
        return f"{quantieme(lundi)} {nom_du_mois(lundi)} – {fin}"
    if lundi.month != dimanche.month:
        return f"{quantieme(lundi)} {MOIS[lundi.month - 1]} – {fin}"
    return f"{quantieme(lundi)} – {fin}"


def est_proche(jour, aujourdhui):
    """À moins d'une semaine, un jour se dit sans sa date : « jeudi », « demain »."""
    return abs((jour - aujourdhui).days) < 2 or 0 < (jour - aujourdhui).days < 7


def jour_dit(jour, aujourdhui):
    """Un jour vu d'aujourd'hui : « demain », « jeudi », ou au-delà de six jours « jeudi 3 septembre »."""
    ecart = (jour - aujourdhui).days
    if not est_proche(jour, aujourdhui):
        return date_dite(jour, annee=abs(ecart) > 200)
    return {-1: "hier", 0: "aujourd'hui", 1: "demain"}.get(ecart, JOURS[jour.weekday()])


def instant_dit(instant, maintenant):
    """Un instant, à l'heure de Paris, vu de ``maintenant`` : « ce soir 23 h 59 », « jeudi 12 h »."""
    local, aujourdhui = instant.astimezone(PARIS), jour_de_paris(maintenant)
    ce_soir = local.date() == aujourdhui and local.hour >= 18
    return f"{'ce soir' if ce_soir else jour_dit(local.date(), aujourdhui)} {heure_dite(local)}"
