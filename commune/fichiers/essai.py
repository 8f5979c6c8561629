"""Ouvrir un PDF inconnu là où il ne peut rien casser : un processus à part, à la mémoire et au temps comptés.

Un PDF d'un mégaoctet peut en remplir mille une fois décompressé, et cela se voit trop tard pour qui l'a ouvert.
``commune.fichiers.pdf`` lance ce fichier et lui donne le PDF sur l'entrée standard ; le processus finit mal, d'une
façon ou d'une autre, si le document est une bombe. Il n'importe rien de la maison, pour démarrer vite.
"""

import contextlib
import io
import resource
import sys

MEMOIRE = 1024 * 1024 * 1024  # octets d'adresses : au-delà, l'ouverture échoue
REMPLIE = 300 * 1024 * 1024  # octets vraiment pris ; un PDF honnête de 50 Mo en prend moins de 200
CALCUL = 10  # secondes


def borner(quoi, combien):
    with contextlib.suppress(ValueError, OSError):  # macOS ne sait pas borner la mémoire
        resource.setrlimit(quoi, (combien, combien))


def memoire_prise():
    """Le plus haut qu'elle soit montée, en octets. ``getrusage`` compterait celle du processus qui nous lance."""
    with contextlib.suppress(OSError), open("/proc/self/status") as etat:
        return next(int(ligne.split()[1]) * 1024 for ligne in etat if ligne.startswith("VmHWM"))
    return 0


if __name__ == "__main__":
    borner(resource.RLIMIT_AS, MEMOIRE)
    borner(resource.RLIMIT_CPU, CALCUL)
    borner(resource.RLIMIT_CORE, 0)
    import pikepdf

    # Abîmé ou protégé n'est pas une bombe : qui l'ouvrira saura dire pourquoi. Mais qpdf prend un manque de mémoire
    # pour un fichier abîmé et n'en dit rien : c'est la mémoire prise qui tranche.
    with contextlib.suppress(pikepdf.PdfError, pikepdf.PasswordError):
        document = pikepdf.open(io.BytesIO(sys.stdin.buffer.read()))
        for _ in document.objects:
            pass
        len(document.pages)
    sys.exit(memoire_prise() > REMPLIE)
