"""Le consentement : rien ne s'ouvre avant, tout est daté, rien ne se récrit."""

import datetime as dt

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from portail import actions, regles
from portail.models import Compte, Consentement, TexteConsentement
from tests import fabriques

pytestmark = pytest.mark.django_db
HIER = timezone.now() - dt.timedelta(days=1)


@pytest.fixture
def texte():
    fabriques.commune(conservation=5, courriel_donnees="donnees@migne-auxances.fr")
    return publier("2026-1", "Recueillies par {commune} pendant {annees} années.\n\nÉcrivez à {courriel}. {autre}")


def publier(version, contenu="Texte", quand=HIER):
    texte = TexteConsentement(version=version, texte=contenu, publie_le=quand)
    actions.publier(texte)
    return texte


@pytest.fixture
def celine(client, texte):
    compte = fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte
    client.force_login(compte)
    return compte


def accepter(client, texte, **champs):
    return client.post("/consentement/", {"texte": texte.pk} | champs)


# --- La page ------------------------------------------------------------------------------------------------------
def test_la_page_dit_les_mots_du_tutoriel_et_remplit_le_texte(client, celine):
    page = client.get("/consentement/").content.decode()
    for mot in [
        "Loi RGPD - Consentement de saisie des informations",
        "Se déconnecter",
        "J'accepte",
        "Recueillies par Mairie de Migné-Auxances pendant 5 années.",
        "donnees@migne-auxances.fr",
        "{autre}",
        "Version 2026-1",
    ]:
        assert mot in page
    assert 'aria-label="Menu principal"' not in page


def test_accepter_ouvre_la_page_que_l_on_voulait_et_garde_date_version_adresse(client, celine, texte):
    reponse = client.get("/mes-donnees/")
    assert reponse.url == "/consentement/?next=/mes-donnees/"
    assert 'name="next" value="/mes-donnees/"' in client.get(reponse.url).content.decode()
    avant = timezone.now()
    assert accepter(client, texte, next="/mes-donnees/").url == "/mes-donnees/"
    reponse = Consentement.objects.get()
    assert (reponse.compte, reponse.texte, reponse.reponse, reponse.adresse_ip) == (
        celine,
        texte,
        "accepte",
        "127.0.0.1",
    )
    assert avant <= reponse.instant <= timezone.now()
    assert "pendant 5 années" in reponse.texte_lu
    assert client.get("/mes-donnees/").status_code == 200


def test_accepter_deux_fois_ne_laisse_qu_une_reponse(client, celine, texte):
    for _ in range(2):
        accepter(client, texte)
    assert Consentement.objects.count() == 1
    assert client.get("/consentement/").url == "/accueil/"


def test_une_nouvelle_version_redemande(client, celine, texte):
    accepter(client, texte)
    nouveau = publier("2026-2")
    assert client.get("/mes-donnees/").status_code == 200  # ses droits restent ouverts
    assert client.get("/email/changer/").url == "/consentement/?next=/email/changer/"
    assert "Ce texte a changé depuis votre réponse du" in client.get("/consentement/").content.decode()
    accepter(client, nouveau)
    assert client.get("/email/changer/").status_code == 200
    assert list(Consentement.objects.values_list("texte__version", flat=True)) == ["2026-2", "2026-1"]


def test_une_version_a_venir_attend_son_heure(client, celine, texte):
    accepter(client, texte)
    publier("2027-1", quand=timezone.now() + dt.timedelta(days=30))
    assert client.get("/email/changer/").status_code == 200


def test_on_n_accepte_pas_une_version_que_l_on_n_a_pas_lue(client, celine, texte):
    nouveau = publier("2026-2")
    reponse = accepter(client, texte)
    assert "Ce texte vient de changer : relisez-le avant de répondre." in reponse.content.decode()
    assert f'name="texte" value="{nouveau.pk}"' in reponse.content.decode()
    assert not Consentement.objects.exists()


def test_un_texte_invente_n_est_pas_accepte(client, celine):
    for faux in ["", "x", "999999"]:
        assert client.post("/consentement/", {"texte": faux}).status_code == 200
    assert not Consentement.objects.exists()


def test_le_texte_saisi_ne_lit_pas_les_objets_et_ne_met_pas_de_balise(client, celine):
    publier("2026-3", "{commune.__class__} {0} <script>alert(1)</script>")
    page = client.get("/consentement/").content.decode()
    assert "{commune.__class__} {0} &lt;script&gt;" in page


# --- La porte -----------------------------------------------------------------------------------------------------
PUBLIQUES = {
    "connexion", "defi", "compte_creer", "compte_creer_coordonnees", "compte_creer_recapitulatif", "compte_boite",
    "compte_ouvrir", "mot_de_passe_oublie", "mot_de_passe_envoye", "mot_de_passe_nouveau", "email_confirmer",
    "email_annuler", "mentions", "accessibilite", "accent", "demo_courriels", "dessin", "invitation",
    "reservations:place", "reservations:desabonner", "reservations:agenda", "reservations:verifier",
    "reservations:verifier_csv", "inscriptions:reglement", "inscriptions:reglement_version", "facturation:payfip",
    "facturation:retour",
}  # fmt: skip
EXEMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "6f2f3a0e-0000-4000-8000-000000000000", "path": "x"}


def adresses(motifs=None, prefixe="", espace=""):
    """``(nom, adresse)`` de chaque page du projet, hors administration, paramètres remplacés par des exemples."""
    for motif in motifs or get_resolver().url_patterns:
        route = prefixe + str(motif.pattern)
        if isinstance(motif, URLResolver):
            if motif.namespace != "admin":
                yield from adresses(
                    motif.url_patterns, route, f"{espace}{motif.namespace}:" if motif.namespace else espace
                )
        elif isinstance(motif, URLPattern):
            chemin = "/" + route
            for nom, convertisseur in motif.pattern.converters.items():
                genre = type(convertisseur).__name__.removesuffix("Converter").lower().replace("string", "str")
                exemple = EXEMPLES.get(genre, "2026-09-01")
                chemin = chemin.replace(f"<{genre}:{nom}>", exemple).replace(f"<{nom}>", exemple)
            yield f"{espace}{motif.name}", chemin, motif.callback


def test_avant_la_reponse_aucune_page_ne_s_ouvre(client, celine):
    """D'après la liste des adresses elle-même : une page ajoutée demain est fermée sans que l'on y pense."""
    ouvertes, vues = set(), 0
    for nom, chemin, vue in adresses():
        if "<" in chemin or "(" in chemin or not getattr(vue, "login_required", True):
            continue
        vues += 1
        for reponse in [client.get(chemin), client.post(chemin)]:
            if reponse.status_code != 302 or not reponse.url.startswith("/consentement/"):
                ouvertes.add(nom)
        client.force_login(celine)  # la déconnexion est passée par là
    assert vues > 8
    assert ouvertes == {"deconnexion", "consentement"}


def test_seules_ces_pages_sont_publiques():
    publiques = {n for n, _, vue in adresses() if not getattr(vue, "login_required", True) and n != "None"}
    documents = {n for n in publiques if n.startswith(("documents:", "commune:"))}  # lisibles par tous, connecté ou non
    assert publiques - documents == PUBLIQUES


def test_les_pages_publiques_le_restent(client, celine):
    for chemin in ["/mentions-legales/", "/accessibilite/", "/accent.css"]:
        assert client.get(chemin).status_code == 200


def test_la_mairie_n_est_pas_concernee(texte):
    agent = Client()
    agent.force_login(fabriques.agent("Direction"))
    assert agent.get("/mes-donnees/").status_code == 200
    assert agent.get("/consentement/").url == "/accueil/"


def test_sans_texte_publie_il_n_y_a_rien_a_demander(client):
    compte = fabriques.famille().compte
    client.force_login(compte)
    assert client.get("/email/changer/").status_code == 200
    assert client.get("/consentement/").url == "/accueil/"


def test_la_porte_ne_coute_aucune_requete(client, celine, texte, django_assert_num_queries):
    accepter(client, texte)
    client.get("/email/changer/")
    with django_assert_num_queries(2):  # la session, le compte
        client.get("/email/changer/")


def test_un_retrait_vaut_aussitot_sur_tous_les_appareils(client, celine, texte):
    accepter(client, texte)
    telephone = Client()
    telephone.force_login(celine)
    assert telephone.get("/email/changer/").status_code == 200
    actions.retirer(celine, timezone.now())
    assert telephone.get("/email/changer/").url == "/consentement/?next=/email/changer/"


# --- La preuve ----------------------------------------------------------------------------------------------------
def test_la_base_refuse_de_recrire_ou_d_effacer_une_reponse(celine, texte):
    actions.accepter(celine, texte, timezone.now(), "192.0.2.1")
    for geste in [lambda: Consentement.objects.update(reponse="retire"), lambda: Consentement.objects.all().delete()]:
        with (
            pytest.raises(IntegrityError, match="Une réponse au consentement ne se modifie ni ne s'efface"),
            transaction.atomic(),
        ):
            geste()


def test_la_base_refuse_de_recrire_un_texte_auquel_on_a_repondu(celine, texte):
    TexteConsentement.objects.update(texte="corrigé avant toute réponse")
    actions.accepter(celine, texte, timezone.now())
    with pytest.raises(IntegrityError, match="publiez une nouvelle version"), transaction.atomic():
        TexteConsentement.objects.update(texte="récrit après coup")


def test_la_purge_de_fin_de_conservation_se_declare(celine, texte):
    actions.accepter(celine, texte, timezone.now())
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL portail.purge = 'oui'")
    Consentement.objects.all().delete()
    assert not Consentement.objects.exists()


def test_retirer_sans_avoir_accepte_est_refuse(celine):
    with pytest.raises(ValidationError) as refus:
        actions.retirer(celine, timezone.now())
    assert refus.value.code == "absent"


def test_le_compte_porte_la_derniere_reponse(celine, texte):
    actions.accepter(celine, texte, timezone.now())
    assert Compte.objects.get(pk=celine.pk).texte_accepte == texte
    actions.retirer(celine, timezone.now())
    assert Compte.objects.get(pk=celine.pk).texte_accepte is None
    assert [c.reponse for c in Consentement.objects.all()] == ["retire", "accepte"]


# --- Le premier texte ---------------------------------------------------------------------------------------------
def test_l_installation_pose_un_texte_une_seule_fois():
    fabriques.commune(conservation=5, courriel_donnees="donnees@migne-auxances.fr")
    for _ in range(2):
        actions.installer_textes()
    texte = actions.texte_rempli(TexteConsentement.objects.get())
    for mot in [
        "Mairie de Migné-Auxances",
        "5 années",
        "donnees@migne-auxances.fr",
        "rectifier",
        "effacement",
        "CNIL",
        "retirer votre accord",
    ]:
        assert mot in texte
    assert "{" not in texte


def test_l_installation_respecte_le_texte_de_la_commune():
    publier("maison")
    actions.installer_textes()
    assert TexteConsentement.objects.count() == 1


@pytest.mark.parametrize(
    ("texte", "rempli"),
    [
        ("{a} et {b}", "un et 2"),
        ("{inconnu} {a.b} {} {{a}}", "{inconnu} {a.b} {} {un}"),
        ("rien", "rien"),
    ],
)
def test_remplir(texte, rempli):
    assert regles.remplir(texte, {"a": "un", "b": 2}) == rempli


def test_la_version_en_vigueur_est_retenue_une_minute(texte, django_assert_num_queries):
    actions.numero_en_vigueur(timezone.now())
    with django_assert_num_queries(0):
        assert actions.numero_en_vigueur(timezone.now()) == texte.pk
    caches["local"].clear()
    with django_assert_num_queries(1):
        assert actions.numero_en_vigueur(timezone.now()) == texte.pk
