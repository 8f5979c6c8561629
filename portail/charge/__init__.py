"""La charge : le jour de l'ouverture, rejoué en vrai sur cette machine. Voir ``manage.py charge``."""
