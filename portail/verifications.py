"""Ce que ``manage.py check`` regarde en plus."""

from django.conf import settings
from django.core.checks import Error, Warning, register


@register(deploy=True)
def production_complete(app_configs, **kwargs):
    """Ce qu'une machine d'essai invente toute seule, et qu'une production doit recevoir."""
    fautes = []
    if settings.LOCAL:
        fautes.append(
            Error(
                "Ces réglages sont d'une machine d'essai : secrets tirés au sort, tous les noms acceptés.",
                hint="Donnez DATABASE_URL, SECRET_KEY, CLES_FICHES et ALLOWED_HOSTS ; retirez DEMO et DEBUG.",
                id="portail.E001",
            )
        )
    if not settings.ADRESSE:
        fautes.append(
            Warning(
                "ADRESSE manque : les liens des courriels écrits par les tâches de fond n'ont pas de début.",
                hint="ADRESSE=https://famille.ville.fr",
                id="portail.W002",
            )
        )
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        fautes.append(
            Warning(
                "DEFAULT_FROM_EMAIL manque : les courriels de portail@localhost seraient refusés.",
                hint='DEFAULT_FROM_EMAIL="Mairie <periscolaire@ville.fr>"',
                id="portail.W003",
            )
        )
    if not all(adresse.startswith("https://") for adresse in (settings.PAYFIP_URL, settings.PAYFIP_PAGE) if adresse):
        fautes.append(
            Error(
                "PAYFIP_URL et PAYFIP_PAGE ne sont pas en https : ce serait le guichet d'essai, qui paie sans argent.",
                hint="Retirez-les : à défaut, ce sont ceux de la DGFiP.",
                id="portail.E003",
            )
        )
    if not settings.API_PARTICULIER_URL.startswith("https://"):
        fautes.append(
            Error(
                "API_PARTICULIER_URL n'est pas en https : le jeton et l'identité des familles y passeraient en clair.",
                hint="Retirez-la : à défaut, c'est celle de la DINUM.",
                id="portail.E004",
            )
        )
    return fautes


@register(deploy=True)
def cles_valables(app_configs, **kwargs):
    from cryptography.fernet import Fernet

    try:
        [Fernet(cle) for cle in settings.CLES_FICHES]
    except ValueError as erreur:
        return [Error(f"CLES_FICHES n'est pas une clé Fernet ({erreur}).", id="portail.E002")]
    return []
