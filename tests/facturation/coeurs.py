"""Ce qu'un essai fait faire à un processus neuf, qui ne charge pas Django."""

import os
import time


def attendre_et_dire_qui(secondes):
    """Le numéro du processus, après une attente où un second doit prendre la suite."""
    time.sleep(secondes)
    return os.getpid()
