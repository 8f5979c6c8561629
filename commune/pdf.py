"""Les PDF de la maison : une page HTML et sa feuille de style deviennent un PDF.

WeasyPrint ne se charge qu'à la première demande : sans Pango, tout le reste du portail marche. Mesuré sur une liste de
424 enfants : une feuille et des polices lues une fois par processus, et le ramasse-miettes arrêté pendant le rendu puis
passé après, font gagner un tiers du temps et gardent la mémoire plate.
"""

import gc
from functools import lru_cache
from threading import Lock

from django.contrib.staticfiles import finders

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


@lru_cache(maxsize=8)
def _feuille(nom):
    weasyprint, polices, _ = _atelier()
    return weasyprint.CSS(filename=finders.find(nom), font_config=polices)


def rendre(html, *feuilles, **options):
    """Les octets du PDF de ``html``, mis en page par ces ``feuilles`` (noms de fichiers statiques).

    ``options`` va à WeasyPrint (``pdf_variant="pdf/ua-1"``…). Lève :class:`PdfIndisponible` quand Pango manque.
    """
    weasyprint, polices, lecteur = _atelier()
    styles = [_feuille(nom) for nom in feuilles]
    with _un_a_la_fois:
        gc.disable()
        try:
            document = weasyprint.HTML(string=html, url_fetcher=lecteur)
            return document.write_pdf(stylesheets=styles, font_config=polices, **options)
        finally:
            gc.enable()
            gc.collect(0)  # tout ce que le rendu a laissé est jeune : inutile de relire le reste du processus
