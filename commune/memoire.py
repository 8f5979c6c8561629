"""Le ramasse-miettes de Python : mis de côté le temps d'un gros travail, espacé dans un serveur."""

import gc
from contextlib import contextmanager


@contextmanager
def ramassage_suspendu():
    """Un lot de factures crée trente mille petits objets sans aucun cycle : les reparcourir sans cesse prend un
    cinquième du temps. On ramasse après."""
    actif = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if actif:
            gc.enable()


def ramassage_espace():
    """Pour un processus qui servira longtemps, une fois tout chargé : ce qui l'est ne se reparcourt plus, et une page
    ne ramasse pas dix fois ce qu'elle vient de créer (un vingtième de son temps)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
