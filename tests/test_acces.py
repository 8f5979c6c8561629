"""Qui entre où, lu dans la liste même des adresses : ce qui n'est pas dit ici est fermé.

Une adresse nouvelle fait échouer ces essais tant qu'on n'a pas dit à qui elle est : ouverte à tous (``PUBLIQUES``),
commune à toutes les familles (``COMMUNES``), ou à un foyer, avec l'objet de ce foyer qu'elle montre (``objets``).
"""

import datetime as dt
import io
import json
import re
import uuid
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from reservations.actions import jeton_d_agenda, ouvrir_agenda
from reservations.models import Mouvement
from tests import fabriques as f
from tests.acces import ABIMEES, MAINTENANT, chemin, contenu, formulaires_abimes, portail, ville
from tests.acces import maison_partagee as maison
from tests.parcours.papiers import lire_pdf

pytestmark = pytest.mark.django_db

# Ouvertes à qui n'est pas connecté.
PUBLIQUES = {
    "", "connexion", "defi", "compte_creer", "compte_creer_coordonnees", "compte_creer_recapitulatif", "compte_boite",
    "compte_ouvrir", "mot_de_passe_oublie", "mot_de_passe_envoye", "mot_de_passe_nouveau", "email_confirmer",
    "email_annuler", "invitation", "mentions", "accessibilite", "accent", "demo_courriels", "dessin", "commune:logo",
    "documents:informations",
    "documents:information", "documents:information_fichier", "reservations:agenda", "reservations:desabonner",
    "reservations:place", "reservations:verifier", "reservations:verifier_csv", "inscriptions:reglement",
    "inscriptions:reglement_version",
    "facturation:payfip", "facturation:retour",  # de PayFiP, sans compte : elles ne disent rien, et ne croient rien
}  # fmt: skip
# À toutes les familles connectées : ce qu'elles montrent n'est à aucune.
# L'ouverture est à toutes les familles qui y ont un enfant inscrit ; ses propres essais disent qui n'y entre pas.
COMMUNES = {
    "documents:modele", "reservations:ouverture", "reservations:file", "reservations:quitter", "reservations:revenir",
}  # fmt: skip
# Leur paramètre est un brouillon de la session du parent : inconnu d'une autre session, il est vide.
BROUILLONS = {"familles:ajouter_abandonner", "familles:ajouter_etape"}


def objets(ici, la_ville):
    """Pour chaque adresse à paramètre du portail, un vrai objet de ce foyer."""
    seance, jeton = {"seance": la_ville.du_jour.pk}, uuid.uuid4()
    enfant, adulte = {"pk": ici.hugo.pk}, {"pk": ici.papi.pk}
    du_jour = seance | enfant
    return {
        "familles:ajouter_abandonner": {"jeton": jeton},
        "familles:ajouter_etape": {"genre": "enfant", "jeton": jeton, "nom": "identite"},
        "familles:enfant": enfant, "familles:photo": enfant, "familles:photo_modifier": enfant,
        "familles:photo_retirer": enfant, "reservations:depart": enfant,
        "familles:enfant_bloc": enfant | {"bloc": "sante"}, "familles:enfant_retablir": {"pk": ici.fini.pk},
        "familles:adulte": adulte, "familles:adulte_fin": adulte,
        "familles:adulte_bloc": adulte | {"bloc": "telephones"}, "familles:adulte_retablir": {"pk": ici.parti.pk},
        "documents:envoyer": {"type_pk": la_ville.vaccins.pk, "enfant_pk": ici.hugo.pk},
        "documents:piece": {"pk": ici.piece.pk}, "documents:modele": {"pk": la_ville.domicile.pk},
        "messagerie:piece": {"pk": ici.jointe.pk},
        "inscriptions:enfant": enfant, "inscriptions:recu": {"pk": ici.inscription.pk},
        "reservations:fin_inscription": {"pk": ici.inscription.pk},
        "reservations:planning_enfant": enfant, "reservations:planning_mois": enfant,
        "reservations:planning_annee": enfant, "reservations:periode": enfant, "reservations:journal": enfant,
        "reservations:attente": {"enfant": ici.hugo.pk, "seance": la_ville.a_venir.pk},
        "reservations:defaire": {"lot": ici.lot}, "reservations:recu": {"lot": ici.lot},
        "reservations:excuser": {"pk": ici.excuse.reservation_id},
        "reservations:justificatif": {"pk": ici.excuse.reservation_id},
        **{f"reservations:{nom}": {"pk": la_ville.ouverture.pk} for nom in (
            "ouverture", "file", "quitter", "revenir", "verifier", "verifier_csv",
        )},
        "presences:nouvelles": seance, "presences:reste": seance, "presences:ajouter": seance,
        "presences:feuille": seance, "presences:liste_csv": seance, "presences:enfant": du_jour,
        "presences:pointer": du_jour, "presences:heures": du_jour, "presences:sante": du_jour,
        "presences:photo": du_jour,
        "reservations:echange": {"pk": ici.echange.pk}, "reservations:echange_proposer": {"pk": ici.alterne.pk},
        "inviter": {"pk": ici.conjoint.pk},
        "facturation:facture": {"pk": ici.facture.pk}, "facturation:facture_pdf": {"pk": ici.facture.pk},
        "facturation:attestation_paiement": {"pk": ici.facture.pk}, "facturation:attestation_presence": enfant,
        "facturation:recu": {"pk": ici.reglement.pk}, "facturation:recu_pdf": {"pk": ici.reglement.pk},
        "facturation:contester": {"pk": ici.ligne.pk}, "facturation:contestation_piece": {"pk": ici.contestation.pk},
        "facturation:precision_piece": {"pk": ici.precision.pk},
        "facturation:echeancier": {"pk": ici.echeancier.pk}, "facturation:echeancier_pdf": {"pk": ici.echeancier.pk},
        "facturation:mandat_signer": {"pk": ici.signature.pk}, "facturation:mandat_revoquer": {"pk": ici.mandat.pk},
        "facturation:payer": {"pk": ici.facture.pk}, "facturation:paiement": {"refdet": ici.paiement.refdet},
    }  # fmt: skip


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def la_ville():
    ici = ville()
    ici.vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    return ici


@pytest.fixture
def chez_celine(la_ville):
    return maison(la_ville)


def est_des_agents(adresse):
    return adresse.nom.startswith("presences:") and adresse.nom != "presences:famille"  # celle-là est la sienne


def entrer(compte):
    client = Client()
    client.force_login(compte)
    return client


def test_chaque_adresse_a_parametre_a_son_objet(la_ville, chez_celine):
    connues = {*objets(chez_celine, la_ville), *PUBLIQUES}
    assert {a.nom for a in portail() if a.parametres} - connues == set()
    assert connues - {a.nom for a in portail()} == set(), "une adresse de la table n'existe plus"


def test_un_inconnu_est_conduit_a_la_connexion(la_ville, chez_celine):
    siens, fautes = objets(chez_celine, la_ville), []
    avant = contenu()
    for adresse in portail():
        if adresse.nom in PUBLIQUES:
            continue
        for methode in ("get", "post"):
            page = chemin(adresse, siens)
            reponse = getattr(Client(), methode)(page)
            if not (reponse.status_code == 302 and reponse["Location"].startswith("/connexion/")):
                fautes.append(f"{methode.upper()} {page} répond {reponse.status_code}")
    assert fautes == []
    assert contenu() == avant


def test_les_pages_publiques_s_ouvrent_a_tous(la_ville):
    la_ville.information.publique = True
    la_ville.information.save()
    jeton = {"jeton": "inconnu"}
    publics = {
        "compte_ouvrir": jeton, "reservations:place": jeton, "invitation": jeton, "email_confirmer": jeton,
        "email_annuler": jeton,
        "mot_de_passe_nouveau": jeton | {"numero": "MQ"},
        "reservations:agenda": jeton, "reservations:desabonner": jeton,
        "documents:information": {"pk": la_ville.information.pk},
        "documents:information_fichier": {"pk": la_ville.information.pk},
        "inscriptions:reglement_version": {"numero": la_ville.version.numero},
        "reservations:verifier": {"pk": la_ville.ouverture.pk},
        "reservations:verifier_csv": {"pk": la_ville.ouverture.pk}, "facturation:retour": {"refdet": "inconnu"},
    }  # fmt: skip
    reponses = {a.nom: Client().get(chemin(a, publics)) for a in portail() if a.nom in PUBLIQUES}
    for nom, reponse in reponses.items():
        assert reponse.status_code in (200, 302, 404, 410), nom
        assert "/connexion/?next=" not in reponse.get("Location", ""), nom
    assert {nom for nom, reponse in reponses.items() if reponse.status_code == 404} == {
        "commune:logo", "demo_courriels", "dessin", "reservations:agenda", "reservations:desabonner",
    }  # fmt: skip


def test_une_adresse_abimee_ne_casse_rien(la_ville, chez_celine):
    """Un numéro plus grand que toute clé, un caractère nul, n'importe quoi après « ? » : rien n'est une erreur."""
    siens, celine = objets(chez_celine, la_ville), entrer(chez_celine.compte)
    agent, fautes = entrer(f.agent("Direction")), []
    for adresse in portail():
        if adresse.nom in PUBLIQUES or (adresse.parametres and adresse.nom not in siens):
            continue
        page, client = chemin(adresse, siens), agent if est_des_agents(adresse) else celine
        for abimee in ABIMEES:
            if client.get(page + abimee).status_code >= 500:
                fautes.append(page + abimee[:20])
        if client.get(page + "?q=%00").status_code != 404:
            fautes.append(page + "?q=%00")
        cles = siens.get(adresse.nom, {})
        if numeros := {nom: 10**30 for nom, valeur in cles.items() if isinstance(valeur, int)}:
            page = reverse(adresse.nom, kwargs=cles | numeros)
            if {client.get(page).status_code, client.post(page).status_code} - {404, 405}:
                fautes.append(page)
    assert fautes == []


def test_un_formulaire_abime_ne_casse_rien(la_ville, chez_celine):
    siens, celine, agent = objets(chez_celine, la_ville), entrer(chez_celine.compte), entrer(f.agent("Direction"))
    fautes = []
    for adresse in portail():
        if adresse.parametres and adresse.nom not in siens:
            continue
        client = Client() if adresse.nom in PUBLIQUES else agent if est_des_agents(adresse) else celine
        fautes += formulaires_abimes(client, chemin(adresse, siens), "case", "vu", "precision", "doublon", "enfant")
    assert fautes == []


REFUS = {403, 404}


def test_rien_d_un_foyer_ne_s_ouvre_ni_ne_s_ecrit_pour_un_autre_parent(la_ville, chez_celine):
    siens = objets(chez_celine, la_ville)
    voisine = entrer(maison(la_ville, "VOISIN").compte)
    avant, fautes = contenu(), []
    for adresse in portail():
        if not adresse.parametres or adresse.nom in PUBLIQUES | COMMUNES | BROUILLONS:
            continue
        page = chemin(adresse, siens)
        codes = {methode: getattr(voisine, methode)(page).status_code for methode in ("get", "post")}
        # 405 : la page n'a pas cette méthode ; l'autre doit alors refuser.
        if not set(codes.values()) & REFUS or set(codes.values()) - REFUS - {405}:
            fautes.append(f"{page} répond {codes}")
    assert fautes == []
    assert contenu() == avant


def test_les_memes_adresses_s_ouvrent_pour_leur_famille(la_ville, chez_celine):
    """Sans quoi l'essai d'avant ne prouverait rien."""
    siens, celine = objets(chez_celine, la_ville), entrer(chez_celine.compte)
    ouvertes = {}
    for adresse in portail():
        if adresse.parametres and adresse.nom not in PUBLIQUES and not est_des_agents(adresse):
            ouvertes[adresse.nom] = celine.get(chemin(adresse, siens)).status_code
    seulement_post = {nom for nom, code in ouvertes.items() if code == 405}
    assert seulement_post == {
        "familles:ajouter_abandonner", "familles:photo_retirer", "familles:enfant_retablir", "familles:adulte_retablir",
        "reservations:quitter", "reservations:revenir", "facturation:payer", "facturation:mandat_revoquer",
    }  # fmt: skip
    assert {nom: code for nom, code in ouvertes.items() if code not in (200, 302, 405)} == {}


def test_un_brouillon_ne_se_lit_que_dans_sa_session(la_ville, chez_celine):
    celine, page = entrer(chez_celine.compte), f"/familles/ajouter/enfant/{uuid.uuid4()}/identite/"
    celine.post(page, {"nom": "LA STAR", "prenom": "Brouillonne", "sexe": "f", "date_naissance": "2019-05-19"})
    assert "Brouillonne" in celine.get(page).content.decode()
    voisine = entrer(maison(la_ville, "VOISIN").compte)
    assert "Brouillonne" not in voisine.get(page, follow=True).content.decode()
    voisine.post(page.replace("identite", "abandonner"))
    assert "Brouillonne" in celine.get(page).content.decode()


@pytest.mark.parametrize("qui", ["celine", "voisine"])
def test_un_parent_n_entre_pas_chez_les_agents(la_ville, chez_celine, qui):
    compte = chez_celine.compte if qui == "celine" else maison(la_ville, "VOISIN").compte
    siens, client, avant = objets(chez_celine, la_ville), entrer(compte), contenu()
    pages = [a for a in portail() if est_des_agents(a)]
    assert len(pages) > 10
    for adresse in pages:
        for methode in ("get", "post"):
            assert getattr(client, methode)(chemin(adresse, siens)).status_code in (403, 405), adresse.nom
    assert contenu() == avant


# --- Ce qui se lit chez soi n'est pas à un autre -------------------------------------------------------------------
SECRETS = ["XERXES", "987,65", "987.65", "977,65", "19283", "98 76 54 32", "0698765432"]


def pages_de(ici, la_ville, lues=()):
    """Le texte de chaque page qu'un parent peut lire, sauf celles déjà ``lues`` : ses PDF, son agenda et l'archive de
    ses données compris.
    """
    client, siens = entrer(ici.compte), objets(ici, la_ville)
    agenda = reverse("reservations:agenda", args=[jeton_d_agenda(ouvrir_agenda(ici.compte))])
    siennes = [chemin(a, siens) for a in portail() if a.nom not in PUBLIQUES and not est_des_agents(a)]
    for page in dict.fromkeys([*siennes, agenda]):
        if page in lues:
            continue
        reponse = client.post(page) if page == reverse("mes_donnees_telecharger") else client.get(page)
        texte = lire(reponse) if reponse.status_code == 200 else None
        if texte is not None:
            yield page, texte


def lire(reponse):
    """Ce qu'une personne lit dans cette réponse ; ``None`` d'une image."""
    nature, octets = reponse["Content-Type"].partition(";")[0], reponse.getvalue()
    if nature == "application/zip":
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return "\n".join([*archive.namelist(), archive.read("donnees.json").decode()])
    if nature == "application/pdf":  # d'une pièce d'essai, quelques octets font le fichier
        return lire_pdf(octets) if octets.rstrip().endswith(b"%%EOF") else octets.decode(errors="replace")
    if nature == "text/calendar":
        return octets.decode().replace("\r\n ", "")  # la RFC 5545 coupe les longues lignes
    return octets.decode() if nature.startswith("text/") else None


# Chaque sorte de garde, et rien de dit : ``periodes`` sont les jours chez l'autre.
GARDES = {
    "rien": None,
    "semaines": {"bascule": 4},
    "vacances": {"semaines": "toutes", "vacances": "premiere_paires"},
    "calendrier": {"semaines": "calendrier", "periodes": [(dt.date(2026, 11, 20), dt.date(2026, 11, 25))]},
}


@pytest.mark.parametrize("garde", GARDES)
@pytest.mark.parametrize("cote", ["du premier foyer", "du second foyer"])
def test_aucune_page_ne_dit_rien_d_une_autre_famille_ni_du_second_foyer_d_un_enfant(la_ville, cote, garde):
    """L'enfant partagé est aux deux ; le reste, adresse, téléphones, messages, papiers et montants, à chacun."""
    premier = maison(la_ville, "" if cote == "du premier foyer" else "XERXES")
    lina = f.enfant(premier.foyer, prenom="Lina", nom="COMMUNE", ecole=la_ville.site)
    second = maison(la_ville, "XERXES" if cote == "du premier foyer" else "", partage=lina, rang=2)
    nous, eux = (premier, second) if cote == "du premier foyer" else (second, premier)
    echanger(lina, nous, eux, la_ville, GARDES[garde])
    maison(la_ville, "XERXESVOISIN")
    nous.hugo, hugo = lina, nous.hugo  # les mêmes pages, ouvertes sur l'enfant partagé
    lues = dict(pages_de(nous, la_ville))
    nous.hugo = hugo
    lues |= dict(pages_de(nous, la_ville, lues))
    assert len(lues) > 40
    assert reverse("presences:famille") in lues
    assert any(page.endswith(".ics") for page in lues)
    assert sum("/pdf/" in page or "attestation" in page for page in lues) > 4
    assert any("Lina" in texte for texte in lues.values())
    fuites = [(page, secret) for page, texte in lues.items() for secret in SECRETS if secret in texte]
    assert fuites == []


def echanger(lina, nous, eux, la_ville, garde):
    """Eux ont tenu le jour à venir, réservé, avec un motif à eux ; un échange accepté nous le donne."""
    reservation, _ = lina.reservations.update_or_create(
        seance=la_ville.a_venir, defaults={"famille": eux.foyer, "modifiee_le": MAINTENANT}
    )
    Mouvement.objects.create(reservation=reservation, apres="reservee", origine="mairie", compte=eux.compte,
                             instant=MAINTENANT, motif=f"{eux.marque or 'le leur'} motif")  # fmt: skip
    if garde is None:
        return
    f.garde(lina, eux.foyer, nous.foyer, **garde)
    repondu = {"etat": "accepte", "repondu_le": MAINTENANT, "repondu_par": eux.compte}
    f.echange(lina, eux.foyer, nous.foyer, la_ville.a_venir.jour, **repondu)
    lina.reservations.filter(pk=reservation.pk).update(famille=nous.foyer)
    Mouvement.objects.create(reservation=reservation, avant="foyer", apres="reservee", origine="parent",
                             compte=eux.compte, instant=MAINTENANT)  # fmt: skip
    nous.echange = f.echange(lina, nous.foyer, eux.foyer, dt.date(2026, 12, 9))  # eux proposent, à nous de répondre


def test_l_autre_foyer_se_lit_chez_lui(la_ville, chez_celine):
    """Les secrets de l'essai d'avant existent bien : leur famille les lit."""
    lina = f.enfant(chez_celine.foyer, prenom="Lina", ecole=la_ville.site)
    autre_foyer = maison(la_ville, "XERXES", partage=lina, rang=2)
    texte = "\n".join(texte for _, texte in pages_de(autre_foyer, la_ville))
    for secret in ["XERXES", "987,65", "19283", "98 76 54 32", "XERXESquestion", "XERXESdomicile.pdf", "XERXESmalade",
                   "XERXESmotif", "XERXES1 rue des Écoles", "XERXESPAPI"]:  # fmt: skip
        assert secret in texte, secret


def test_l_archive_est_du_json_complet(la_ville, chez_celine):
    reponse = entrer(chez_celine.compte).post(reverse("mes_donnees_telecharger"))
    with zipfile.ZipFile(io.BytesIO(reponse.getvalue())) as archive:
        donnees = json.loads(archive.read("donnees.json"))
    assert donnees["foyer"]["nom"] == "LA STAR"
    assert not re.search("VOISIN|XERXES", json.dumps(donnees))
