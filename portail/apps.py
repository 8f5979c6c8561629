from django.apps import AppConfig


class PortailConfig(AppConfig):
    name = "portail"
    verbose_name = "Comptes et consentements"

    def ready(self):
        from . import verifications  # noqa: F401 - s'inscrit auprès de « manage.py check »
