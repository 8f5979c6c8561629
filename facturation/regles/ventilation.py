"""Partager une somme entre des lignes, au centime : ce qu'un avoir rend de chacune, et ce qu'elles demandent encore."""

from decimal import ROUND_DOWN

from .mots import CENTIME, ZERO


def ventiler(montant, parts):
    """Partage ``montant`` (euros, positif) selon ``[(clé, poids)…]`` et rend ``[(clé, euros)…]``, au centime.

    Des poids qui font déjà le montant sont gardés tels quels, négatifs compris (un quotient tardif renchérit parfois
    une ligne). Sinon, au prorata des poids positifs : les centimes qui restent vont aux plus grands restes.
    """
    if sum((poids for _, poids in parts), ZERO) == montant:
        return list(parts)
    positifs = [(cle, poids) for cle, poids in parts if poids > 0]
    total = sum((poids for _, poids in positifs), ZERO)
    justes = [montant * poids / total for _, poids in positifs]
    parts_entieres = [juste.quantize(CENTIME, ROUND_DOWN) for juste in justes]
    reste = int((montant - sum(parts_entieres, ZERO)) / CENTIME)
    ordre = sorted(range(len(justes)), key=lambda n: (parts_entieres[n] - justes[n], n))
    for n in ordre[:reste]:
        parts_entieres[n] += CENTIME
    return [(cle, part) for (cle, _), part in zip(positifs, parts_entieres, strict=True)]


def nets(lignes, du):
    """Ligne (sa clé) → ce qu'elle demande encore (euros).

    ``lignes`` : ``[(clé, euros)…]``, ce qu'en laissent les avoirs qui les désignent ; ``du`` : ce que la facture
    demande, tous avoirs déduits. La différence fut rendue sans dire quelles lignes : chacune en porte sa part.
    """
    libre = sum((euros for _, euros in lignes), ZERO) - du
    rendus = dict(ventiler(libre, lignes)) if libre > 0 else {}
    return {cle: euros - rendus.get(cle, ZERO) for cle, euros in lignes}
