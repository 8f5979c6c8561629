"""Le règlement des réservations, écrit d'après les règles mêmes que le portail applique. Fonctions pures."""

from .delais import periodes
from .mots import ans, enumerer, heure_dite, heures, jours, jours_dits
from .priorites import DROIT_A_LA_CANTINE, phrase_priorites

ATTENTE = "Un jour complet prend une liste d'attente : une place qui se libère est "
LISTES = {  # selon ce que devient la place (``PlaceLiberee``)
    "aucune": "",
    "proposer": ATTENTE + "proposée au premier de la liste, qui a {} pour répondre, et jamais au-delà de la limite de"
    " réservation.",
    "donner": ATTENTE + "donnée au premier de la liste, sans confirmation.",
}  # fmt: skip


def partout(commune):
    """Ce qui vaut pour toutes les activités : des phrases, prêtes à garder. ``commune`` a les champs d'une
    ``Commune``.
    """
    phrases = [
        "L'inscription permet de réserver ; elle ne réserve aucun jour.",
        "Un jour réservé qui n'est ni annulé à temps ni excusé par écrit est facturé. La mairie accepte ou refuse"
        " l'excuse. Acceptée, l'absence n'est pas facturée, sauf les premiers jours d'une absence sans certificat quand"
        " le tarif le dit : « Mes prestations » donne, jour par jour, ce qui est facturé et pourquoi.",
        "Une période peut ouvrir aux réservations à un jour et une heure annoncés, à tour de rôle ou par un tirage au"
        " sort que chacun peut vérifier ; jusque-là, on prépare ses vœux.",
        commune.bloquer_impayes
        and f"Un foyer dont une facture reste due {jours(commune.impayes_jours)} après son échéance ne réserve plus :"
        " ses jours réservés restent, il peut toujours annuler, et un règlement rouvre aussitôt.",
    ]
    return [phrase for phrase in phrases if phrase]


def article(activite, reserver, annuler, exige=(), exclut=(), classes=()):
    """Ce que le règlement dit d'une activité : ``{"nom", "quand", "regles": [{"texte", "fin"}]}``, prêt à garder.

    ``activite`` est tout objet qui a les champs d'une ``Activite`` ; ``reserver`` et ``annuler``, ses ``Delai`` ;
    ``exige`` et ``exclut``, des noms d'activités ; ``classes``, les noms des classes accueillies. ``fin`` est le
    dernier jour (ISO) d'une règle qui finit.
    """
    lignes = [
        {"texte": p.phrase, "fin": p.fin.isoformat() if p.fin else None} for p in periodes(reserver, annuler)
    ]  # fmt: skip
    lignes += [{"texte": texte, "fin": None} for texte in _conditions(activite, exige, exclut, classes)]
    horaires = f"{heure_dite(activite.heure_debut)} – {heure_dite(activite.heure_fin)}"
    return {"nom": activite.nom, "quand": f"{jours_dits(activite.jours)}, {horaires}", "regles": lignes}


def _conditions(activite, exige, exclut, classes):
    """Une phrase par règle posée, aucune pour celles qui ne le sont pas."""
    phrases = [
        activite.semaine_min and f"Une semaine compte au moins {_jours(activite.semaine_min)}, ou aucun.",
        activite.semaine_max and f"Une semaine compte au plus {_jours(activite.semaine_max)}.",
        exige and f"Ne se réserve qu'avec {_noms(exige)} le même jour.",
        exclut and f"Ne se réserve pas avec {_noms(exclut, ' ni ')} le même jour.",
        activite.par_classe and f"Au plus {_enfants(activite.par_classe)} d'une même classe par jour.",
        activite.capacite is not None and f"{activite.capacite} places par jour.",
        activite.inscriptions_max and f"{activite.inscriptions_max} inscriptions au plus, puis une liste d'attente.",
        activite.age_min is not None and f"À partir {_age(activite)}.",
        activite.age_max is not None and f"Jusqu'à {ans(activite.age_max)}.",
        classes and f"Réservé aux classes de {enumerer(classes)}.",
        LISTES[activite.place_liberee].format(heures(activite.delai_offre)),
        phrase_priorites(activite.priorites),
        activite.genre == "midi" and activite.priorites and DROIT_A_LA_CANTINE,
        f"Une absence que l'on ne peut plus annuler s'excuse par écrit, jusqu'à {jours(activite.excuse_jours)} après.",
    ]
    return [phrase for phrase in phrases if phrase]


def _jours(nombre):
    return f"{nombre} jour{'s' if nombre > 1 else ''} réservé{'s' if nombre > 1 else ''}"


def _enfants(nombre):
    return f"{nombre} enfant{'s' if nombre > 1 else ''}"


def _noms(noms, et=" et "):
    return et.join(f"« {nom} »" for nom in noms)


def _age(activite):
    if activite.age_au_mois:
        return f"du mois des {ans(activite.age_min)}"
    return f"de {ans(activite.age_min)}"


def en_vigueur(texte, jour):
    """Un texte gardé, sans les règles finies avant ce ``jour`` (date de Paris)."""
    return [
        site | {"activites": [
            article | {"regles": [r for r in article["regles"] if r["fin"] is None or r["fin"] >= jour.isoformat()]}
            for article in site["activites"]
        ]}
        for site in texte
    ]  # fmt: skip


def par_activite(texte):
    """Le texte rangé pour être lu : une activité aux mêmes règles dans plusieurs écoles ne s'y dit qu'une fois."""
    articles = {}
    for site in texte:
        for article in site["activites"]:
            cle = (article["nom"], tuple(regle["texte"] for regle in article["regles"]))
            vu = articles.setdefault(cle, {"nom": article["nom"], "regles": list(cle[1]), "lieux": []})
            vu["lieux"].append({"site": site["site"], "quand": article["quand"]})
    return list(articles.values())
