"""Ranger un fichier : un disque plein ne laisse rien, un antivirus muet ferme la porte."""

import errno
import io
import os
import socket
import struct
import subprocess
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.http import Http404

from commune.fichiers import chemin_prive, effacer, garder, nettoyer, servir
from commune.fichiers.examen import Propre
from commune.models import Commune
from tests import fabriques as f

from . import fichiers


def fiche(stockage):
    """Une commune dont le logo se range dans ``stockage``."""
    instance = Commune(nom="Mairie")
    instance.logo.storage = stockage
    return instance


def test_deux_fichiers_du_meme_nom_ont_des_chemins_au_hasard():
    chemins = {chemin_prive(Commune(), "RIB de Celine.PDF") for _ in range(50)}
    assert len(chemins) == 50
    for chemin in chemins:
        dossier, debut, nom = chemin.split("/")
        assert (dossier, debut, len(nom)) == ("commune", nom[:2], 36)
        assert nom.endswith(".pdf")


@pytest.fixture
def disque_plein(tmp_path):
    """Un vrai disque d'un mégaoctet, à moitié rempli."""
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "essai", tmp_path]).returncode:
        pytest.skip("monter un disque demande root")
    (tmp_path / "autre").write_bytes(b"x" * 600_000)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_un_disque_plein_se_dit_et_ne_laisse_rien_a_moitie(disque_plein):
    instance = fiche(FileSystemStorage(location=disque_plein))
    with pytest.raises(ValidationError) as refus:
        garder(instance, "logo", Propre(ContentFile(b"y" * 900_000), "a.jpg", 1, "image/jpeg"))
    assert refus.value.code == "disque_plein"
    assert "disque de la mairie est plein" in refus.value.message
    assert [p for p in disque_plein.rglob("*") if p.is_file()] == [disque_plein / "autre"]
    assert not instance.logo


class Muet(FileSystemStorage):
    """Un stockage qui écrit la moitié du fichier, puis tombe : ce que fait un disque plein, sans être root."""

    def __init__(self, location, erreur):
        super().__init__(location=location)
        self.erreur = erreur

    def _save(self, name, content):
        chemin = super()._save(name, ContentFile(content.read()[:100]))
        raise OSError(self.erreur, os.strerror(self.erreur), chemin)


@pytest.mark.parametrize(
    ("erreur", "code"), [(errno.ENOSPC, "disque_plein"), (errno.EDQUOT, "disque_plein"), (errno.EIO, "disque")]
)
def test_une_ecriture_interrompue_efface_son_debut(tmp_path, erreur, code):
    instance = fiche(Muet(tmp_path, erreur))
    with pytest.raises(ValidationError) as refus:
        garder(instance, "logo", Propre(ContentFile(b"y" * 1000), "a.jpg", 1, "image/jpeg"))
    assert refus.value.code == code
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_effacer_ce_qui_n_est_plus_la_ne_se_plaint_pas(tmp_path):
    effacer(FileSystemStorage(location=tmp_path), "rien.pdf")


# --- Servir -------------------------------------------------------------------------------------------------------
@pytest.fixture
def document():
    instance = Commune(nom="Mairie")
    garder(instance, "logo", nettoyer(fichiers.pdf()))
    return instance.logo


def test_un_fichier_se_telecharge_sans_pouvoir_s_executer(document):
    reponse = servir(document, "Livret été.pdf")
    assert reponse["Content-Disposition"] == "attachment; filename*=utf-8''Livret%20%C3%A9t%C3%A9.pdf"
    assert (reponse["Content-Type"], reponse["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert "default-src 'none'" in reponse["Content-Security-Policy"]
    assert b"".join(reponse.streaming_content).startswith(b"%PDF")


def test_voir_affiche_ce_que_nous_avons_refait_et_rien_d_autre(document):
    assert servir(document, "a.pdf", voir=True)["Content-Disposition"].startswith("inline")
    document.name = document.storage.save("a.html", ContentFile(b"<script>"))
    reponse = servir(document, "a.html", voir=True)
    assert reponse["Content-Disposition"].startswith("attachment")
    assert reponse["Content-Type"] == "application/octet-stream"


def test_derriere_nginx_c_est_lui_qui_envoie_les_octets(document, settings):
    settings.X_ACCEL = "/prive/"
    reponse = servir(document, "a.pdf")
    assert (reponse["X-Accel-Redirect"], reponse.content) == (f"/prive/{document.name}", b"")
    assert reponse["Content-Type"] == "application/pdf"


def test_sur_s3_le_telechargement_part_vers_une_adresse_signee(document):
    class S3:
        bucket_name = "familles"

        def url(self, nom, parameters, expire):
            return f"https://s3.test/{nom}?{parameters['ResponseContentDisposition']}&{expire}"

    document.storage = S3()
    reponse = servir(document, "a.pdf")
    assert reponse.status_code == 302
    assert reponse.url.startswith(f"https://s3.test/{document.name}?attachment")
    assert reponse.url.endswith("&60")


def test_un_fichier_absent_est_introuvable(document):
    document.storage.delete(document.name)
    with pytest.raises(Http404):
        servir(document, "a.pdf")
    with pytest.raises(Http404):
        servir(Commune().logo, "a.pdf")


# --- L'antivirus : un clamd qui parle le vrai protocole -------------------------------------------------------------
@pytest.fixture
def clamd(settings):
    ecoute = socket.create_server(("127.0.0.1", 0))
    settings.CLAMAV = f"127.0.0.1:{ecoute.getsockname()[1]}"
    recus = []

    def lire(prise, taille):
        octets = b""
        while len(octets) < taille and (morceau := prise.recv(taille - len(octets))):
            octets += morceau
        return octets

    def servir_un():
        while True:
            try:
                prise, _ = ecoute.accept()
            except OSError:
                return
            with prise:
                assert lire(prise, 10) == b"zINSTREAM\0"
                contenu = io.BytesIO()
                while taille := struct.unpack("!L", lire(prise, 4))[0]:
                    contenu.write(lire(prise, taille))
                recus.append(contenu.getvalue())
                virus = b"VIRUS" in contenu.getvalue()
                prise.sendall(b"stream: Essai FOUND\0" if virus else b"stream: OK\0")

    fil = threading.Thread(target=servir_un, daemon=True)
    fil.start()
    yield recus
    ecoute.shutdown(socket.SHUT_RDWR)
    ecoute.close()


def test_un_fichier_sain_passe_par_l_antivirus_en_entier(clamd):
    photo = fichiers.photo()
    octets = photo.read()
    assert nettoyer(photo).type_mime == "image/jpeg"
    assert clamd == [octets]


def test_un_virus_est_refuse(clamd):
    with pytest.raises(ValidationError) as refus:
        nettoyer(fichiers.envoi(fichiers.document() + b"VIRUS", "a.pdf"))
    assert refus.value.code == "virus"


def test_un_antivirus_muet_ferme_la_porte(settings):
    settings.CLAMAV = "127.0.0.1:1"
    with pytest.raises(ValidationError) as refus:
        nettoyer(fichiers.photo())
    assert refus.value.code == "antivirus_muet"


# --- Les orphelins ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_les_fichiers_que_plus_rien_ne_nomme_se_comptent_puis_s_effacent(settings, capsys, tmp_path):
    stockage = Commune._meta.get_field("logo").storage
    commune = f.commune()
    garder(commune, "logo", nettoyer(fichiers.photo()))
    commune.save()
    orphelin = stockage.save("commune/ab/orphelin.pdf", ContentFile(b"x"))
    recent = stockage.save("commune/ab/recent.pdf", ContentFile(b"x"))
    os.utime(stockage.path(orphelin), (0, 0))
    os.utime(stockage.path(commune.logo.name), (0, 0))
    call_command("fichiers_orphelins")
    assert stockage.exists(orphelin)
    assert "1 fichier" in capsys.readouterr().out
    call_command("fichiers_orphelins", "--effacer")
    assert not stockage.exists(orphelin)
    assert stockage.exists(recent)
    assert stockage.exists(commune.logo.name)
