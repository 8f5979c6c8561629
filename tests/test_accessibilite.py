"""Chaque page, dans le navigateur : axe n'y trouve rien, elle tient à 320 pixels, et dit son nom.

La liste des pages vient des adresses du portail : une page nouvelle est essayée sans qu'on l'ajoute ici. Une page ne
se charge qu'une fois ; on change ensuite la largeur et l'éclairage sous elle.
"""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import axe_playwright_python
import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from documents.models import TypePiece
from facturation.actions import clore
from facturation.models import Ajustement
from familles.models import Famille
from familles.urls import BLOCS_ADULTE, BLOCS_ENFANT
from portail.models import DemandeCompte, Invitation, TexteConsentement
from portail.regles import empreinte
from presences.models import Pointage
from reservations.actions import jeton_de_desabonnement
from tests import fabriques as f
from tests.acces import MAINTENANT, chemin, portail, ville
from tests.acces import maison_partagee as maison
from tests.familles.outils import adresse as adresse_de_l_etape
from tests.familles.outils import commencer, etapes_adulte, etapes_enfant, identite
from tests.navigateur import COULEURS, TOUT
from tests.portail.outils import COORDONNEES, INFOS
from tests.test_acces import PUBLIQUES
from tests.test_acces import objets as objets_du_portail
from tests.test_acces_mairie import GESTES, tables
from tests.test_acces_mairie import objets as objets_de_la_mairie
from tests.test_acces_mairie import pages as pages_de_la_mairie

pytestmark = pytest.mark.django_db(transaction=True)

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Le cadre d'unfold (menu, entête) a des <span> cliquables et des couleurs à lui : on n'examine que notre contenu.
NOTRE_CONTENU = {"include": [[".mairie"]]}

# Ce qui n'est pas une page entière : fichiers, renvois, gestes qui ne se font qu'en les envoyant. Les étapes de la
# création d'un compte, le consentement et les liens reçus par courriel ont leur essai à eux.
SANS_PAGE_PUBLIQUES = {
    "", "defi", "accent", "compte_creer_coordonnees", "compte_creer_recapitulatif", "compte_boite", "compte_ouvrir",
    "mot_de_passe_nouveau", "email_confirmer", "email_annuler", "invitation", "demo_courriels",
    "documents:information_fichier", "reservations:place", "reservations:agenda", "reservations:verifier_csv",
    "facturation:retour", "facturation:payfip",
}  # fmt: skip
SANS_PAGE_DU_PARENT = {
    "deconnexion", "consentement", "mes_donnees_telecharger", "familles:ajouter_enfant", "familles:ajouter_adulte",
    "familles:ajouter_abandonner", "familles:photo", "familles:photo_retirer", "familles:enfant_retablir",
    "familles:adulte_retablir", "documents:dossier", "documents:piece", "documents:modele", "messagerie:piece",
    "reservations:justificatif", "reservations:agenda_ouvrir", "reservations:agenda_fermer", "reservations:file",
    "reservations:quitter", "reservations:revenir", "facturation:facture_pdf", "facturation:recu_pdf",
    "facturation:contestation_piece", "facturation:echeancier_pdf", "facturation:attestation_fiscale",
    "facturation:attestation_presence", "facturation:attestation_paiement", "facturation:estimation",
    "facturation:payer", "facturation:mandat_revoquer", "facturation:precision_piece",
}  # fmt: skip
SANS_PAGE_DES_AGENTS = {
    "presences:nouvelles", "presences:reste", "presences:pointer", "presences:heures", "presences:sante",
    "presences:photo", "presences:feuille", "presences:liste_csv", "presences:effectifs_csv", "presences:ecarts_csv",
}  # fmt: skip
SANS_PAGE_DE_LA_MAIRIE = {f"admin:{nom}" for nom in [
    "facturation_export_fichier", "facturation_reglement_recu", "facturation_contestation_piece",
    "facturation_precision_piece",
    "facturation_bordereau_pdf", "facturation_echeancier_pdf", "facturation_facture_pdf",
    "facturation_attestation_fiscale", "facturation_attestation_presence", "facturation_attestation_paiement",
    "facturation_journee_pdf", "facturation_facturation_imprimees", "facturation_lotdeprelevements_fichier",
    "facturation_regie_verifier", "facturation_envoiderelances_lettres", "facturation_tarif_simuler",
    "facturation_etatdesrestes_pdf", "facturation_etatdesrestes_csv", "reservations_excuse_justificatif",
    "reservations_ouverture_suivre", "reservations_reservation_annuler_bouton", "reservations_seance_annuler",
    "reservations_seance_declarer", "reservations_seance_annuler_celle_ci", "inscriptions_inscription_decider_bouton",
    "documents_piece_verifier_suite", "documents_piece_fichier", "documents_piece_verifier",
    "facturation_mandat_papier", "facturation_etatdesrestes_lettres", "facturation_lotdeprelevements_lettres",
    "facturation_prelevement_lettres", "facturation_prelevement_lettre", "facturation_echeancier_lettre",
    "facturation_demandeecheancier_lettre", "facturation_mandat_imprimer", "reservations_garde",
    "documents_piece_voir_dossiers", "familles_enfant_inviter", "familles_enfant_reunir", "familles_enfant_fiche",
]}  # fmt: skip


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(MAINTENANT)


@pytest.fixture
def la_ville():
    ici = ville()
    ici.vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    return ici


@pytest.fixture
def ouvrir(new_context, live_server):
    """Une page de navigateur connectée à ce compte (aucun : un visiteur), large de 360 pixels."""

    def entrer(compte=None):
        contexte = new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
        if compte:
            client = Client()
            client.force_login(compte)
            prendre_la_session(contexte, client, live_server.url)
        return contexte.new_page()

    return entrer


def prendre_la_session(contexte, client, base):
    """Le navigateur continue ce que ce client a commencé."""
    contexte.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])


class Releve:
    """Ce qu'on a trouvé à redire, page par page, et les titres déjà pris."""

    def __init__(self, page, base, contexte=None):
        self.page, self.base, self.contexte = page, base, contexte
        self.fautes, self.titres, self.vues, self.sautees = [], {}, 0, set()

    def aller(self, chemin):
        """Vrai si l'adresse est une page entière : ni fichier, ni renvoi ailleurs, ni morceau pour htmx."""
        reponse = self.page.request.get(self.base + chemin, max_redirects=0)
        if reponse.status != 200 or not reponse.text().lstrip().lower().startswith("<!doctype html"):
            return False
        self.page.goto(self.base + chemin)
        self.vues += 1
        return True

    def examiner(self, nom, titre=True):
        """Axe à 360 et à 1280 pixels, en clair et en sombre ; rien ne déborde, à 320 pixels ni à 200 %.

        Une page sur deux se lit en clair sur le téléphone et en sombre sur le grand écran, la suivante à l'inverse.
        """
        page = self.page
        modes = ["light", "dark"] if self.vues % 2 else ["dark", "light"]
        page.evaluate("document.querySelector('.reglure')?.remove()")  # axe ne mesure pas devant un dégradé
        page.evaluate(AXE)
        for largeur, mode in zip((360, 1280), modes, strict=True):
            page.set_viewport_size({"width": largeur, "height": 800})
            page.emulate_media(color_scheme=mode)
            self.axe(f"{nom}, {largeur} px, {mode}", TOUT)
        page.emulate_media(color_scheme="light")
        # 640 pixels de large, c'est 1280 vus à 200 %.
        for largeur in (320, 640):
            page.set_viewport_size({"width": largeur, "height": 800})
            de_trop = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if de_trop > 0:
                self.fautes.append(f"{nom} déborde de {de_trop} px à {largeur} px")
        page.set_viewport_size({"width": 360, "height": 740})
        self.structure(nom, titre)

    def regarder(self, nom):
        """Plus vite, à 320 pixels, une page claire puis une sombre : pour celles dont une sœur est examinée."""
        self.page.set_viewport_size({"width": 320, "height": 740})
        self.page.emulate_media(color_scheme="light" if self.vues % 2 else "dark")
        self.page.evaluate(AXE)
        self.axe(f"{nom}, 320 px", TOUT)
        if (de_trop := self.page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            self.fautes.append(f"{nom} déborde de {de_trop} px à 320 px")

    def axe(self, nom, options):
        resultats = self.page.evaluate(
            "([contexte, options]) => axe.run(contexte ?? document, options)", [self.contexte, options]
        )
        for violation in resultats["violations"]:
            cible = violation["nodes"][0]
            self.fautes.append(f"{nom} : {violation['id']} sur {cible['target']} {cible['failureSummary']}")

    def structure(self, nom, titre):
        langue, titres, dit = self.page.evaluate(
            "[document.documentElement.lang, document.querySelectorAll('h1').length, document.title]"
        )
        if not langue.startswith("fr") or titres != 1 or not dit.strip():
            self.fautes.append(f"{nom} : langue {langue!r}, {titres} <h1>, titre {dit!r}")
        if titre and self.titres.setdefault(dit, nom) != nom:
            self.fautes.append(f"{nom} a le même titre que {self.titres[dit]} : {dit!r}")

    def envoyer_vide(self, nom, lequel="main form[method=post]", **champs):
        """Le premier formulaire de la page, ou ``lequel``, envoyé sans rien d'autre que ``champs``.

        Ses erreurs se lisent comme le reste.
        """
        with self.page.expect_navigation():
            self.page.evaluate(
                """([lequel, champs]) => {
                    const formulaire = document.querySelector(lequel);
                    for (const champ of formulaire.elements) {
                        if (champ.type === "hidden" || champ.type === "submit") continue;
                        if (champ.type === "checkbox" || champ.type === "radio") champ.checked = false;
                        else if (champ.type !== "file" && champ.tagName !== "BUTTON") champ.value = "";
                    }
                    for (const nom in champs) formulaire.elements[nom].value = champs[nom];
                    HTMLFormElement.prototype.submit.call(formulaire);
                }""",
                [lequel, champs],
            )
        if not self.page.title().startswith("Erreur"):
            self.fautes.append(f"{nom}, vide : le titre ne dit pas l'erreur ({self.page.title()!r})")
        self.examiner(f"{nom}, avec ses erreurs", titre=False)


def examiner_tout(releve, adresses):
    for nom, adresse in adresses:
        if releve.aller(adresse):
            releve.examiner(nom)
        else:
            releve.sautees.add(nom)
    return releve


def pages_du_parent(ici, la_ville):
    siens = objets_du_portail(ici, la_ville)
    return [
        (adresse.nom, chemin(adresse, siens)) for adresse in portail()
        if adresse.nom not in PUBLIQUES and not adresse.nom.startswith("presences:")
    ]  # fmt: skip


def test_les_pages_publiques(ouvrir, live_server, la_ville):
    publics = {
        nom: {"jeton": "inconnu", **({"numero": "MQ"} if nom == "mot_de_passe_nouveau" else {})}
        for nom in ("compte_ouvrir", "email_confirmer", "email_annuler", "mot_de_passe_nouveau", "invitation",
                    "reservations:place")
    } | {nom: {"pk": la_ville.information.pk} for nom in ("documents:information", "documents:information_fichier")}
    voulu = {"jeton": jeton_de_desabonnement(f.compte(), "limite")}
    publics |= {"reservations:agenda": {"jeton": "inconnu"}, "reservations:desabonner": voulu}
    publics["facturation:retour"] = {"refdet": "inconnu"}
    publics["inscriptions:reglement_version"] = {"numero": la_ville.version.numero}
    publics |= {nom: {"pk": la_ville.ouverture.pk} for nom in ("reservations:verifier", "reservations:verifier_csv")}
    adresses = [(a.nom, chemin(a, publics)) for a in portail() if a.nom in PUBLIQUES - {"dessin", "commune:logo"}]
    releve = examiner_tout(Releve(ouvrir(), live_server.url), adresses)
    releve.page.goto(live_server.url + "/nulle-part/")
    releve.examiner("introuvable")
    releve.page.goto(live_server.url + reverse("compte_ouvrir", args=["inconnu"]))
    releve.examiner("lien périmé")
    for nom in ("connexion", "compte_creer", "mot_de_passe_oublie"):
        releve.aller(reverse(nom))
        releve.envoyer_vide(nom)
    assert releve.fautes == []
    assert releve.sautees == SANS_PAGE_PUBLIQUES


def test_les_pages_d_erreur_et_celle_des_courriels_d_essai(ouvrir, live_server, la_ville, settings):
    settings.DEMO = True
    releve, demande = Releve(ouvrir(), live_server.url), Client().get(reverse("connexion")).wsgi_request

    def repondre(route):
        nom = route.request.url.rpartition("/")[2]
        corps = render_to_string(nom, {"recharger": False, "delai": "20"}, request=demande)
        route.fulfill(body=corps, content_type="text/html")

    releve.page.route("**/en-panne/*", repondre)
    for nom in ("400.html", "403.html", "403_csrf.html", "500.html", "503.html"):
        releve.page.goto(f"{live_server.url}/en-panne/{nom}")
        releve.vues += 1
        releve.examiner(nom)
    assert releve.aller(reverse("demo_courriels"))
    releve.examiner("courriels d'essai")
    assert releve.fautes == []


def test_les_etapes_d_un_compte_que_l_on_cree(ouvrir, live_server, la_ville):
    page, client = ouvrir(), Client()  # le visiteur répond, le navigateur regarde
    releve = Releve(page, live_server.url)
    client.post(reverse("compte_creer"), INFOS)
    prendre_la_session(page.context, client, live_server.url)
    for nom, reponses in (("compte_creer_coordonnees", COORDONNEES), ("compte_creer_recapitulatif", {"robot": "on"}),
                          ("compte_boite", {})):  # fmt: skip
        assert releve.aller(reverse(nom)), nom
        releve.regarder(nom)
        if reponses:
            client.post(reverse(nom), reponses)
    DemandeCompte.objects.filter(email="celine@exemple.fr").update(empreinte=empreinte("jeton-du-courriel"))
    assert releve.aller(reverse("compte_ouvrir", args=["jeton-du-courriel"]))
    releve.envoyer_vide("compte_ouvrir")
    assert releve.fautes == []


def test_les_pages_d_une_famille_installee(ouvrir, live_server, la_ville):
    ici = maison(la_ville)
    releve = examiner_tout(Releve(ouvrir(ici.compte), live_server.url), pages_du_parent(ici, la_ville))
    assert releve.fautes == []
    assert releve.sautees == SANS_PAGE_DU_PARENT


def test_les_erreurs_d_une_famille(ouvrir, live_server, la_ville):
    ici = maison(la_ville)
    siens = objets_du_portail(ici, la_ville)
    siens["familles:adulte_bloc"]["bloc"] = "identite"
    releve = Releve(ouvrir(ici.compte), live_server.url)
    siens["reservations:excuser"] = {"pk": ici.hugo.reservations.get(seance=la_ville.du_jour).pk}
    pas_contestee = f.facture(ici.foyer, "12.00", dt.date(2026, 6, 1), ici.hugo).lignes.get()
    siens["facturation:contester"] = {"pk": pas_contestee.pk}
    f.activite(site=la_ville.site, nom="Accueil du soir")  # de quoi s'inscrire encore, sans document qui manque
    TypePiece.objects.update(obligatoire=False)
    noms = ["familles:foyer", "familles:ajouter_etape", "familles:adulte_bloc", "documents:envoyer", "messagerie:fil",
            "inscriptions:liste", "reservations:periode", "reservations:excuser", "mot_de_passe_changer",
            "email_changer", "mes_donnees_demander", "facturation:quotient_demander",
            "facturation:contester"]  # fmt: skip
    for nom in noms:
        releve.aller(reverse(nom, kwargs=siens.get(nom)))
        releve.envoyer_vide(nom)
    assert releve.fautes == []
    assert releve.vues == len(noms)


def test_chaque_etape_d_un_ajout_et_chaque_bloc_d_une_fiche(ouvrir, live_server, la_ville):
    ici, client = maison(la_ville), Client()
    page = ouvrir(ici.compte)
    releve = Releve(page, live_server.url)
    client.cookies["sessionid"] = page.context.cookies()[0]["value"]  # le parent répond, le navigateur regarde
    zoe = {"identite": identite(prenom="Zoé", sexe="f", date_naissance="2019-05-19")}
    parcours = {"enfant": etapes_enfant(la_ville.site, ici.papi) | zoe, "adulte": etapes_adulte(ici.hugo)}
    for genre, etapes in parcours.items():
        premiere = commencer(client, genre)
        for nom, reponses in etapes.items():
            assert releve.aller(adresse_de_l_etape(premiere, nom)), nom
            releve.regarder(f"ajouter un {genre}, {nom}")
            client.post(adresse_de_l_etape(premiere, nom), reponses)
    blocs = [("enfant", ici.hugo, BLOCS_ENFANT), ("adulte", ici.papi, BLOCS_ADULTE)]
    for genre, personne, noms in blocs:
        for nom in noms.split("|"):
            assert releve.aller(reverse(f"familles:{genre}_bloc", args=[personne.pk, nom])), nom
            releve.regarder(f"{genre}, {nom}")
    assert releve.fautes == []
    assert releve.vues == 2 * (5 + 3)


def test_les_pages_vides_et_en_attente(ouvrir, live_server, la_ville):
    """Une famille qui arrive : rien encore, puis un dossier à la mairie, puis une facture en retard."""
    foyer = f.famille(statut="en_creation")
    vides = ["accueil", "familles:entourage", "documents:liste", "messagerie:fil", "inscriptions:liste",
             "reservations:planning", "facturation:situation", "facturation:factures", "facturation:prestations",
             "mes_donnees", "consentement"]  # fmt: skip
    page = ouvrir(foyer.compte)
    releve = Releve(page, live_server.url)
    releve.aller(reverse("accueil"))  # le consentement, avant tout
    page.goto(live_server.url + reverse("consentement"))
    releve.examiner("consentement, à donner")
    foyer.compte.texte_accepte = TexteConsentement.objects.get()
    foyer.compte.save()
    examiner_tout(releve, [(nom, reverse(nom)) for nom in vides])
    ici = maison(la_ville)
    ici.hugo.rattachements.update(famille=foyer)
    page.goto(live_server.url + reverse("accueil"))
    releve.examiner("accueil, documents manquants", titre=False)
    Famille.objects.filter(pk=foyer.pk).update(statut="a_valider", envoyee_le=MAINTENANT)
    for nom in ("accueil", "documents:liste", "inscriptions:liste"):
        page.goto(live_server.url + reverse(nom))
        releve.examiner(f"{nom}, à valider", titre=False)
    assert releve.fautes == []


def test_les_pages_des_agents(ouvrir, live_server, la_ville):
    ici = maison(la_ville)
    f.activite()  # un second site : la première page le demande
    siens = objets_du_portail(ici, la_ville)
    adresses = [(a.nom, chemin(a, siens)) for a in portail() if a.nom.startswith("presences:")]
    liste = f"{reverse('presences:jour')}?site={la_ville.site.pk}&jour=2026-11-23&activite={la_ville.midi.pk}"
    releve = examiner_tout(
        Releve(ouvrir(f.agent("Périscolaire")), live_server.url), [*adresses, ("presences:jour, la liste", liste)]
    )
    f.enfant(f.famille(nom="DURAND"), prenom="Ana", nom="DURAND", ecole=la_ville.site)
    releve.aller(reverse("presences:ajouter", kwargs=siens["presences:ajouter"]) + "?q=durand")
    releve.envoyer_vide("presences:ajouter")
    soir = f.seance(f.activite(site=la_ville.site, nom="Accueil du soir", genre="soir"), MAINTENANT.date())
    f.reservation(ici.hugo, soir, famille=ici.foyer)
    Pointage.objects.create(enfant=ici.hugo, seance=soir, etat="present", recu_le=MAINTENANT)
    releve.aller(reverse("presences:enfant", args=[soir.pk, ici.hugo.pk]))
    releve.envoyer_vide("presences:heures", "form[action$='/heures/']", arrivee="17:00", depart="08:00")
    assert releve.fautes == []
    assert releve.sautees == SANS_PAGE_DES_AGENTS


def test_nos_pages_de_la_mairie(ouvrir, live_server, la_ville):
    ici = maison(la_ville)
    releve = Releve(ouvrir(f.agent("Direction")), live_server.url, contexte=NOTRE_CONTENU)
    examiner_tout(releve, [
        ("la mairie", reverse("admin:index")), ("un foyer", reverse("mairie_famille", args=[ici.foyer.pk])),
        ("les délais", reverse("admin:inscriptions_regledelai_changelist")),
        ("ceux d'une activité", reverse("admin:inscriptions_regledelai_changer", args=[la_ville.midi.pk])),
        ("un événement à appliquer", reverse("admin:reservations_evenement_change", args=[la_ville.sortie.pk])),
        ("un événement à lever", reverse("admin:reservations_evenement_lever", args=[la_ville.greve.pk])),
        ("le planning", f"{reverse('admin:reservations_planning')}?site={la_ville.site.pk}&jour=2026-11-27"),
    ])  # fmt: skip
    assert releve.fautes == []
    assert releve.vues == 7


def test_chacun_de_nos_gestes_de_mairie(ouvrir, live_server, la_ville):
    """Les pages que nous ajoutons à l'administration, une fois en clair, une fois en sombre, sur un petit téléphone."""
    ici = maison(la_ville)
    ici.journee = clore(MAINTENANT.date() - dt.timedelta(days=1), Decimal("0"), "", None, MAINTENANT)
    ici.a_valider = f.famille(nom="BERNARD", statut="a_valider", envoyee_le=MAINTENANT)
    f.enfant(f.famille(nom="DURAND"), nom=ici.hugo.nom, prenom=ici.hugo.prenom)  # un doublon à réunir
    siens = objets_de_la_mairie(ici, la_ville)
    releve = Releve(ouvrir(f.agent("Direction")), live_server.url, contexte={"include": [["#content"]]})
    for adresse in pages_de_la_mairie():
        releve.page.set_viewport_size({"width": 320, "height": 740})
        releve.page.emulate_media(color_scheme="light")
        if adresse.nom in GESTES:
            continue
        if not releve.aller(chemin(adresse, siens)):
            releve.sautees.add(adresse.nom)
            continue
        releve.page.evaluate(AXE)
        for mode, regles in (("light", TOUT), ("dark", COULEURS)):
            releve.page.emulate_media(color_scheme=mode)
            releve.axe(f"{adresse.nom}, {mode}", regles)
        if releve.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            releve.fautes.append(f"{adresse.nom} déborde")
    assert releve.fautes == []
    assert releve.sautees == SANS_PAGE_DE_LA_MAIRIE


ORDINAIRES = [
    "commune.ecole", "familles.enfant", "messagerie.message", "documents.typepiece", "inscriptions.activite",
    "reservations.seance", "presences.pointage", "facturation.reglement", "portail.compte",
]  # fmt: skip


def test_une_liste_et_une_fiche_ordinaires_de_chaque_etage(ouvrir, live_server, la_ville):
    """Celles que Django et unfold dessinent d'eux-mêmes : ce que nous y mettons ne fait pas obstacle.

    Leurs tableaux de lignes liées (sans étiquette par case) et leur double liste de choix sont à eux.
    """
    maison(la_ville)
    contexte = {"include": [["#content"]], "exclude": [[".formset-wrapper"], [".selector"]]}
    releve = Releve(ouvrir(f.agent("Direction")), live_server.url, contexte=contexte)
    for table in ORDINAIRES:
        nom, pk = table.replace(".", "_"), tables()[table].model.objects.order_by("pk").first().pk
        for quoi, args in (("changelist", []), ("change", [pk])):
            if releve.aller(reverse(f"admin:{nom}_{quoi}", args=args)):
                releve.regarder(f"{table}, {quoi}")
            else:
                releve.sautees.add(f"{table}, {quoi}")
    assert releve.fautes == []
    assert releve.sautees == set()


def test_les_fiches_de_la_mairie_tiennent_sur_un_telephone(ouvrir, live_server, la_ville):
    ici = maison(la_ville)
    Ajustement.objects.bulk_create(
        Ajustement(tarif=la_ville.tarif, cas=cas, mode="pourcentage", valeur=20, ordre=rang)
        for rang, cas in enumerate(["sans_reservation", "hors_delai", "absence"], 2)
    )
    f.type_piece(nom="Attestation de quotient familial de la caisse d'allocations familiales ou de la MSA")
    fiches = [
        (str(objet._meta.verbose_name), reverse(f"admin:{objet._meta.app_label}_{objet._meta.model_name}_change",
                                                args=[objet.pk]))
        for objet in (ici.foyer, ici.hugo, la_ville.tarif, la_ville.midi, la_ville.information, la_ville.vaccins)
    ]  # fmt: skip
    page, trop_larges = ouvrir(f.agent("Direction")), []
    for nom, adresse in fiches:
        page.goto(live_server.url + adresse)
        assert page.locator("fieldset.module").count() > 0, nom
        if de_trop := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            trop_larges.append(f"{nom} : {de_trop} px")
    assert trop_larges == []


def test_les_pages_de_deux_foyers(ouvrir, live_server, la_ville):
    """L'invitation de l'autre parent et ses erreurs, un échange qui déplace une réservation, la garde relue."""
    ici, jeton = maison(la_ville), "jeton-de-l-autre-parent"
    Invitation.objects.create(
        email="autre@exemple.fr", enfant=ici.hugo, civilite="m", nom="AUTRE", prenom="Alex",
        empreinte=empreinte(jeton), envoyee_par=ici.compte, envoyee_le=MAINTENANT,
    )  # fmt: skip
    visiteur = Releve(ouvrir(), live_server.url)
    visiteur.aller(reverse("invitation", args=[jeton]))
    visiteur.examiner("invitation, ouverte")
    visiteur.envoyer_vide("invitation, ouverte")
    f.reservation(ici.alterne, f.seance(la_ville.midi, ici.echange.du), famille=ici.ex)
    f.inscription(ici.alterne, la_ville.midi, famille=ici.foyer)
    parent = Releve(ouvrir(ici.compte), live_server.url)
    parent.aller(reverse("reservations:echange", args=[ici.echange.pk]))
    parent.examiner("un échange à accepter")
    parent.aller(reverse("reservations:echange_proposer", args=[ici.alterne.pk]))
    parent.envoyer_vide("un échange à proposer")
    mairie = Releve(ouvrir(f.agent("Direction")), live_server.url, contexte=NOTRE_CONTENU)
    garde, inviter = "admin:familles_enfant_garde", "mairie_inviter"
    page = reverse(garde, args=[ici.alterne.pk])
    examiner_tout(mairie, [(garde, page), (inviter, reverse(inviter, args=[ici.hugo.pk]))])
    mairie.page.goto(live_server.url + page)
    mairie.page.get_by_label("D'après").fill("un jugement")
    with mairie.page.expect_navigation():
        mairie.page.get_by_role("button", name="Relire avant d'enregistrer").click()
    mairie.examiner("la garde, relue", titre=False)
    dans_quinze_jours = f.seance(la_ville.midi, ici.echange.du + dt.timedelta(days=14))
    f.inscription(ici.alterne, la_ville.midi, famille=ici.ex)
    f.reservation(ici.alterne, dans_quinze_jours, famille=ici.foyer)
    mairie.page.goto(live_server.url + reverse("admin:reservations_garde", args=[ici.alterne.pk]))
    mairie.page.get_by_role("button", name="Passer").wait_for()
    mairie.examiner("les réservations qui suivent la garde", titre=False)
    assert visiteur.fautes + parent.fautes + mairie.fautes == []
    assert (visiteur.vues, parent.vues, mairie.vues) == (1, 2, 2)
