"""Les cases du planning de la mairie, écrites en une passe, et ce que la page renvoie de ce qu'elle montrait."""

from django.utils.html import escape
from django.utils.safestring import mark_safe

COCHES = ("reservee", "excusee")
MOTS = {"excusee": "excusé", "attente": "attente", "proposee": "proposé"}


def lire_couple(valeur):
    """« 12-40 » : un enfant et une séance."""
    enfant, seance = valeur.split("-")
    return int(enfant), int(seance)


def lire_vu(texte):
    """« 12:40,41;13:40 » : les séances où chaque enfant était réservé."""
    paires = (morceau.split(":") for morceau in texte.split(";") if morceau)
    return {(int(enfant), int(seance)) for enfant, seances in paires for seance in seances.split(",")}


def ecrire_vu(lu):
    """Ce que la page montre coché ; une séance fermée ne s'y coche pas, et l'absence de coche n'y annule rien."""
    ouvertes, morceaux = {c.seance.pk for c in lu.colonnes if c.seance.ouverte}, []
    for rangee in lu.rangees:
        seances = ",".join(str(pk) for pk, etat in rangee.etats.items() if etat in COCHES and pk in ouvertes)
        morceaux += [f"{rangee.enfant.pk}:{seances}"] if seances else []
    return ";".join(morceaux)


def grille(lu, peut, coches, refusees):
    """Le corps du tableau. Des nombres, et deux noms par enfant : le moteur de gabarits y mettrait dix fois le temps.

    ``coches`` : ce qui était coché à l'envoi, ou ``None`` pour ce que dit la base.
    """
    largeur, morceaux = len(lu.colonnes) + 1, []
    for classe, rangees in lu.classes:
        morceaux.append(
            f'<tbody><tr class="classe"><th colspan="{largeur}" scope="rowgroup">{escape(classe)} '
            f"<span>{len(rangees)}</span></th></tr>"
        )
        for rangee in rangees:
            enfant = rangee.enfant
            cases = "".join(_case(rangee, colonne, peut, coches, refusees) for colonne in lu.colonnes)
            nom = f"{escape(enfant.nom)} {escape(enfant.prenom)}"
            morceaux.append(f'<tr><th scope="row" id="e{enfant.pk}">{nom}</th>{cases}</tr>')
        morceaux.append("</tbody>")
    return mark_safe("".join(morceaux))


def _case(rangee, colonne, peut, coches, refusees):
    couple = enfant, seance = rangee.enfant.pk, colonne.seance.pk
    etat = rangee.etats.get(seance, "")
    mot = f"<small>{MOTS[etat]}</small>" if etat in MOTS else ""
    reservee = etat in COCHES
    if not peut or not colonne.seance.ouverte:
        ferme = "" if colonne.seance.ouverte else ' class="ferme"'
        return f"<td{ferme}>{'<b>●</b><i class=sr>réservé</i>' if reservee else ''}{mot}</td>"
    cochee = reservee if coches is None else couple in coches
    classes = [
        nom for nom, vrai in [
            ("ailleurs", seance not in rangee.inscrites), ("modif", cochee != reservee), ("refus", couple in refusees)
        ] if vrai
    ]  # fmt: skip
    classe = f' class="{" ".join(classes)}"' if classes else ""
    coche = " checked" if cochee else ""
    return (
        f'<td{classe}><input type="checkbox" name="c" value="{enfant}-{seance}" aria-labelledby="e{enfant} s{seance}"'
        f"{coche}>{mot}</td>"
    )
