"""La session et le compte que lit chaque page, sans que Django recompose leurs requêtes : un dixième de la page nue."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from commune.requetes import poser
from portail.models import Compte


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        session = next(iter(poser(_sessions, self.session_key, timezone.now())), None)
        if session is None:
            self._session_key = None
        return session


class Comptes(ModelBackend):
    def get_user(self, user_id):
        compte = next(iter(poser(_comptes, user_id)), None)
        return compte if self.user_can_authenticate(compte) else None


def _sessions(cle, maintenant):
    return Session.objects.filter(session_key=cle, expire_date__gt=maintenant)


def _comptes(compte):
    return Compte.objects.filter(pk=compte)
