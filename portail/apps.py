from django.apps import AppConfig
from django.contrib.admin import apps as administration


class PortailConfig(AppConfig):
    default = True
    name = "portail"
    verbose_name = "Comptes et consentements"

    def ready(self):
        from . import verifications  # noqa: F401 - s'inscrit auprès de « manage.py check »


class AdministrationConfig(administration.AdminConfig):
    """L'administration de Django, ouverte par notre site au lieu du sien."""

    default = False
    default_site = "portail.administration.Mairie"
