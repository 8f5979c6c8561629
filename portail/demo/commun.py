"""Ce que toute la ville de démonstration partage : le mot de passe, la graine, l'année qu'elle montre."""

MOT_DE_PASSE = "portail-famille"
GRAINE = 86158  # le code INSEE de la commune


def annee_du(jour):
    """L'année (celle de septembre) de l'année scolaire à montrer ce jour-là : dès le 15 août, la prochaine."""
    return jour.year if (jour.month, jour.day) >= (8, 15) else jour.year - 1
