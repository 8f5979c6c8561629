"""L'échange de jours entre deux foyers : ce qu'on peut proposer, et ce qui change de mains quand il est accepté."""

from commune.regles import dire_le_jour, jours

JOURS_MAX = 31  # par sens : au-delà, c'est la garde qui change, et la mairie qui l'écrit


def refus_de_dates(sens, aujourdhui):
    """Le ``(code, phrase)`` qui refuse ces ``[(du, au), …]``, ou ``None``.

    Les dates seules : une fin avant un début, un jour déjà venu, une période trop longue.
    """
    for du, au in sens:
        if au < du:
            return "a_l_envers", "La fin vient avant le début."
        if du <= aujourdhui:
            return "passe", "Un échange se propose au plus tard la veille de son premier jour."
        if (au - du).days >= JOURS_MAX:
            return "trop_long", f"Un échange compte {JOURS_MAX} jours au plus : au-delà, écrivez à la mairie."
    return None


def jour_mal_place(du, au, foyer, foyer_du):
    """Le premier jour de ``du`` à ``au`` où l'enfant n'est pas chez ``foyer`` ; ``foyer_du(jour)`` rend une clé."""
    return next((jour for jour in jours(du, au) if foyer_du(jour) != foyer), None)


def phrase_mal_placee(jour, foyer, nous, chez):
    """Pourquoi ce jour ne peut pas quitter ``foyer`` ; ``nous`` est le foyer qui lit, ``chez`` celui qui l'a."""
    dit = dire_le_jour(jour, semaine=True)
    if chez is None:
        return f"Le {dit}, aucune garde partagée n'est enregistrée : chacun réserve déjà ce jour."
    return f"Le {dit}, l'enfant est déjà chez {'vous' if foyer != nous else 'son autre foyer'}."


def change_de_mains(etat, ouverte, limite_annulation, inscrit, maintenant):
    """Une réservation suit l'enfant si elle peut encore s'annuler et si le foyer qui arrive l'a inscrit ce jour-là."""
    return etat == "reservee" and ouverte and maintenant < limite_annulation and inscrit
