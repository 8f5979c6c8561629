"""Une table en dictionnaires, ses colonnes dites en français."""


def lignes(table, *champs, **renommes):
    """Les lignes d'une table en dictionnaires ; ``enfant="enfant__prenom"`` renomme une colonne."""
    noms, chemins = [*champs, *renommes], [*champs, *renommes.values()]
    return [dict(zip(noms, valeurs, strict=True)) for valeurs in table.values_list(*chemins)]
