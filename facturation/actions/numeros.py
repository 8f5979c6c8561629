"""Les numéros des pièces : une série sans trou par exercice."""

from facturation.models import Compteur

FACTURES, AVOIRS, BORDEREAUX = "F", "A", "B"
ETATS = "T"  # des restes à recouvrer


def prendre(serie, exercice, combien=1):
    """Réserve ``combien`` numéros de suite et rend le premier. À appeler dans la transaction qui émet.

    La ligne du compteur reste verrouillée jusqu'à la fin de la transaction : abandonnée, elle rend ses numéros, et
    deux émissions en même temps se suivent. Une séquence PostgreSQL, elle, laisserait des trous.
    """
    Compteur.objects.bulk_create([Compteur(serie=serie, exercice=exercice)], ignore_conflicts=True)
    compteur = Compteur.objects.select_for_update().get(serie=serie, exercice=exercice)
    premier = compteur.dernier + 1
    compteur.dernier += combien
    compteur.save(update_fields=["dernier"])
    return premier
