"""Les réglages du serveur chargé : ceux du portail, une base à part, et une page nue à qui le comparer."""

import os

from portail.settings import *  # noqa: F403
from portail.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["CHARGE_BASE"]
ROOT_URLCONF = "portail.charge.adresses"
EMAIL_BACKEND = "portail.courriel.FileDAttente"  # les courriels se déposent comme en vrai ; personne ne les envoie
