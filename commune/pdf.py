"""Les PDF de la maison : une page HTML et sa feuille de style deviennent un PDF.

WeasyPrint ne se charge qu'à la première demande : sans Pango, tout le reste du portail marche. Mesuré sur une liste de
424 enfants : une feuille et des polices lues une fois par processus, et le ramasse-miettes arrêté pendant le rendu puis
passé après, font gagner un tiers du temps et gardent la mémoire plate.
"""

import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import Lock, Thread

import pikepdf
from django.contrib.staticfiles import finders

from commune.memoire import ramassage_suspendu

INSTALLER = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian), brew install pango (macOS)"
_un_a_la_fois = Lock()  # Pango et le ramasse-miettes sont au processus entier


class PdfIndisponible(Exception):
    """Pango manque sur cette machine : la page doit le dire, et proposer d'imprimer autrement."""


@lru_cache(maxsize=1)
def _atelier():
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
    except OSError as erreur:  # la bibliothèque C introuvable
        raise PdfIndisponible(f"Pango manque à cette machine. Pour l'installer : {INSTALLER}.") from erreur
    # Un PDF ne lit que ce qu'on lui donne : jamais une adresse ni un fichier glissés dans un nom.
    return weasyprint, FontConfiguration(), weasyprint.urls.URLFetcher(allowed_protocols=["data"])


def chemin(nom):
    """Où cette feuille de style se trouve sur le disque."""
    return nom if os.path.isabs(nom) else finders.find(nom)


@lru_cache(maxsize=8)
def _feuille(ou):
    weasyprint, polices, _ = _atelier()
    return weasyprint.CSS(filename=ou, font_config=polices)


def rendre(html, *feuilles, **options):
    """Les octets du PDF de ``html``, mis en page par ces ``feuilles`` (noms de fichiers statiques, ou leur ``chemin``).

    ``options`` va à WeasyPrint (``pdf_variant="pdf/ua-1"``…). Lève :class:`PdfIndisponible` quand Pango manque.
    """
    weasyprint, polices, lecteur = _atelier()
    styles = [_feuille(chemin(nom)) for nom in feuilles]
    with _un_a_la_fois, ramassage_suspendu():
        try:
            document = weasyprint.HTML(string=html, url_fetcher=lecteur)
            return document.write_pdf(stylesheets=styles, font_config=polices, **options)
        finally:
            gc.collect(0)  # tout ce que le rendu a laissé est jeune : inutile de relire le reste du processus


# --- Beaucoup à la fois -------------------------------------------------------------------------------------------
@contextmanager
def sur_tous_les_coeurs(processus=None):
    """Des processus, un par cœur, pour rendre beaucoup de PDF : ``equipe.map(rendre, pages, chemins des feuilles)``.

    Des processus et non des fils : Pango n'en admet qu'un à la fois. Ils ne chargent pas Django (une seconde chacun) :
    ils reçoivent du HTML et rendent des octets, sans base ni disque, et morts n'importe quand ne laissent rien. Nés à
    mesure qu'il faut, ils s'arrêtent à la fin du bloc, ou avec nous si l'on nous tue.
    """
    # Neufs plutôt que dédoublés : un ouvrier a ses fils et ses connexions, que fork copierait de travers.
    neufs = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processus or os.cpu_count() or 1, mp_context=neufs, initializer=_naitre) as equipe:
        yield equipe


def _naitre():
    Thread(target=_partir_avec_le_parent, daemon=True).start()
    os.nice(5)  # les pages du portail passent avant


def _partir_avec_le_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def joindre(fichiers, sortie, recto_verso=False):
    """Écrit dans ``sortie`` les pages de ces PDF (ouverts, en octets), dans l'ordre, et rend leur nombre.

    ``recto_verso`` : chacun commence sur une feuille neuve, une page blanche de plus s'il le faut. Lève ``OSError``.
    """
    with ExitStack() as ouverts:
        tout = ouverts.enter_context(pikepdf.new())
        for fichier in fichiers:
            # Ouvert jusqu'au bout : le contenu de ses pages ne se lit qu'à l'écriture.
            sien = ouverts.enter_context(pikepdf.open(fichier))
            tout.pages.extend(sien.pages)
            if recto_verso and len(tout.pages) % 2:
                tout.add_blank_page(page_size=tout.pages[-1].mediabox[2:])
        tout.save(sortie)
        return len(tout.pages)
