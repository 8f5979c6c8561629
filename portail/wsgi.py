"""L'application, telle qu'un serveur WSGI la charge."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - les réglages ne se lisent qu'une fois Django prêt

from commune.memoire import ramassage_espace  # noqa: E402

if settings.PROXYS:
    # L'adresse du parent et le https, d'après nos seuls reverse-proxys.
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.PROXYS)

ramassage_espace()
