"""Une ligne, puis trois cents : ce que pose une page ne dépend pas de ce qu'elle montre."""

from contextlib import contextmanager

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import fabriques as f

BEAUCOUP = 300


def requetes(geste):
    """Le nombre de requêtes de ce geste."""
    with CaptureQueriesContext(connection) as lues:
        geste()
    return len(lues)


@contextmanager
def memes_requetes(geste, au_plus=None):
    """Ce geste pose autant de requêtes après qu'avant ce que l'on écrit entre les deux ; rend leur nombre.

    ``with memes_requetes(page, au_plus=9): copies(piece)``
    """
    geste()  # ce qui se garde une minute en mémoire est chaud
    avant = requetes(geste)
    assert au_plus is None or avant <= au_plus
    yield avant
    assert requetes(geste) == avant


def ouvrir(client, adresse, donnees=None):
    """Le geste d'ouvrir cette page, à donner à ``memes_requetes`` ; elle répond toujours 200."""

    def geste():
        reponse = client.get(adresse, donnees)
        assert reponse.status_code == 200, adresse

    return geste


def copies(objet, nombre=BEAUCOUP - 1, **champs):
    """``nombre`` lignes pareilles à celle-ci, écrites d'un trait ; rend les objets.

    Un champ se donne tel quel, en liste (chaque copie prend le sien) ou en fonction du rang :
    ``copies(foyer, nom=lambda n: f"FOYER {n}")``, puis ``copies(adulte, famille=foyers)``.
    """
    modele = type(objet)
    garde = [c.attname for c in modele._meta.concrete_fields if not (c.primary_key or c.generated)]
    pareil = {nom: getattr(objet, nom) for nom in garde}

    def copie(rang):
        autre = modele(**pareil)
        for nom, valeur in champs.items():
            valeur = valeur[rang] if isinstance(valeur, list) else valeur(rang) if callable(valeur) else valeur
            setattr(autre, nom, valeur)
        return autre

    return modele._default_manager.bulk_create(map(copie, range(nombre)))


def foyers(nombre=BEAUCOUP - 1):
    """Autant de foyers validés, chacun avec un parent sans compte."""
    premier = f.famille(avec_compte=False)
    autres = copies(premier, nombre - 1, nom=lambda n: f"FOYER {n}")
    copies(premier.adultes.get(), nombre - 1, famille=autres)
    return [premier, *autres]


def enfants(familles, **champs):
    """Un enfant par foyer, dans le même ordre, tous de la même école."""
    premier = f.enfant(familles[0], **champs)
    autres = copies(premier, len(familles) - 1, prenom=lambda n: f"Enfant {n}")
    copies(premier.rattachements.get(), len(autres), enfant=autres, famille=familles[1:])
    return [premier, *autres]


def factures(familles, **champs):
    """Une facture par foyer, dans le même ordre, d'une ligne pour un même enfant (``f.facture`` dit les champs)."""
    premiere = f.facture(familles[0], **champs)
    with transaction.atomic():  # la base juge les lignes d'une facture à la fin de la transaction
        autres = copies(premiere, len(familles) - 1, famille=familles[1:], numero=lambda _: next(f.numeros))
        copies(premiere.lignes.get(), len(autres), facture=autres)
    return [premiere, *autres]
