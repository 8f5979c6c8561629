"""La santé est illisible en base, et une clé fausse ne passe pas inaperçue."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from django.db import connection

from familles import actions
from familles.models import FicheSanitaire
from tests import fabriques

pytestmark = pytest.mark.django_db
SANTE = {
    "allergies": "Arachide", "pai": "Adrénaline", "regime": "sans_porc", "medecin": "Dr Auger",
    "medecin_telephone": "05 49 00 00 00", "observations": "Lunettes",
}  # fmt: skip


def en_base():
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT allergies, pai, regime, medecin, medecin_telephone, observations FROM familles_fichesanitaire"
        )
        return curseur.fetchone()


@pytest.fixture
def fiche():
    return actions.enregistrer_fiche(fabriques.enfant(), **SANTE)


def test_la_base_ne_contient_que_du_chiffre(fiche):
    brut = en_base()
    assert all(valeur.startswith("gAAAA") for valeur in brut)
    for mot in SANTE.values():
        assert not any(mot in valeur for valeur in brut)


def test_ce_qui_est_relu_est_ce_qui_a_ete_ecrit(fiche):
    relue = FicheSanitaire.objects.get()
    assert {champ: getattr(relue, champ) for champ in SANTE} == SANTE


def test_deux_fiches_pareilles_ne_se_ressemblent_pas_en_base(fiche):
    avant = en_base()
    actions.enregistrer_fiche(fiche.enfant, **SANTE)
    assert all(un != autre for un, autre in zip(avant, en_base(), strict=True))


def test_une_cle_fausse_leve_une_erreur(fiche, settings):
    settings.CLES_FICHES = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        FicheSanitaire.objects.get()


def test_un_texte_chiffre_abime_leve_une_erreur(fiche):
    with connection.cursor() as curseur:
        curseur.execute("UPDATE familles_fichesanitaire SET allergies = overlay(allergies placing 'X' from 40)")
    with pytest.raises(InvalidToken):
        FicheSanitaire.objects.get()


def test_on_ne_cherche_pas_dans_un_champ_chiffre(fiche):
    with pytest.raises(TypeError):
        FicheSanitaire.objects.filter(allergies="Arachide").exists()


def test_bulk_update_chiffre_aussi(fiche):
    fiche.allergies = "Œuf"
    FicheSanitaire.objects.bulk_update([fiche], ["allergies"])
    assert en_base()[0].startswith("gAAAA")
    assert FicheSanitaire.objects.get().allergies == "Œuf"


def rechiffrer(**options):
    sortie = StringIO()
    call_command("rechiffrer", stdout=sortie, **options)
    return sortie.getvalue()


def test_la_rotation_lit_l_ancienne_cle_puis_s_en_passe(fiche, settings):
    ancienne, nouvelle = settings.CLES_FICHES[0], Fernet.generate_key().decode()
    modifiee_le = fiche.modifiee_le
    settings.CLES_FICHES = [nouvelle, ancienne]
    assert "1 lignes dépendent d'une ancienne clé" in rechiffrer(verifier=True)
    assert "1 lignes rechiffrées" in rechiffrer()
    assert "les autres peuvent être retirées" in rechiffrer(verifier=True)
    settings.CLES_FICHES = [nouvelle]
    relue = FicheSanitaire.objects.get()
    assert (relue.allergies, relue.modifiee_le) == ("Arachide", modifiee_le)


def test_la_rotation_s_arrete_devant_une_cle_inconnue(fiche, settings):
    settings.CLES_FICHES = [Fernet.generate_key().decode()]
    avant = en_base()
    with pytest.raises(InvalidToken):
        rechiffrer()
    assert en_base() == avant
