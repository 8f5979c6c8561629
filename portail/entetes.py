"""Les en-têtes de chaque réponse, et des journaux qui ne nomment personne."""

import logging

from django.conf import settings


class EnTetes:
    """Une page de la famille ne reste ni dans un cache partagé ni dans l'historique d'un ordinateur prêté."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        if request.path_info.startswith("/admin/"):
            response._csp_update = settings.CSP_ADMINISTRATION
        return response


class Discret(logging.Filter):
    """Réduit une ligne de procrastinate au nom et au numéro de la tâche : ses arguments sont le courriel."""

    def filter(self, record):
        tache = getattr(record, "job", None)
        if record.name.startswith("procrastinate") and tache:
            record.msg, record.args = "%s : %s n° %s", (record.action, tache["task_name"], tache["id"])
            if record.exc_info and record.exc_info[0]:
                # Le message d'un serveur de courrier cite l'adresse refusée : le nom de l'erreur suffit.
                record.msg += f" ({record.exc_info[0].__name__})"
                record.exc_info = record.exc_text = None
        return True
