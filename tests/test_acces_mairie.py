"""Qui entre où dans l'administration, et chaque page s'y ouvre : la liste vient des adresses, non d'ici."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import QueryDict
from django.urls import reverse

from facturation.actions import clore
from facturation.models import Regie
from portail.actions import installer_textes
from portail.models import Effacement
from tests import fabriques as f
from tests.acces import (
    ABIMEES,
    MAINTENANT,
    administration,
    chemin,
    contenu,
    essayer,
    formulaires_abimes,
    portail,
    ville,
)
from tests.acces import maison_partagee as maison
from tests.test_acces import objets as objets_du_portail

pytestmark = pytest.mark.django_db

# Tables de bibliothèques, que seul l'administrateur du portail voit ; leurs pages ne sont pas les nôtres.
AILLEURS = {"axes", "procrastinate", "auth"}
# Les pages que Django donne à chaque table, essayées par table.
ORDINAIRES = re.compile(r"_(changelist|add|history|delete|change)$")
# Ni une page, ni une liste : la porte, ce qu'un champ appelle, et ce qui renvoie ailleurs.
SERVICES = {
    "admin:login", "admin:logout", "admin:autocomplete", "admin:jsi18n", "admin:search", "admin:view_on_site",
    "admin:password_change", "admin:password_change_done", "admin:app_list", "admin:", "",
}  # fmt: skip
# Des gestes, qui ne se font qu'en les envoyant : les lire est refusé.
GESTES = {
    "admin:documents_piece_remettre", "admin:documents_dossier_valider", "admin:documents_dossier_rendre",
    "admin:facturation_facturation_relancer", "admin:reservations_fin_inscription",
    "admin:reservations_evenement_appliquer", "admin:facturation_paiement_redemander",
    "admin:facturation_lotdeprelevements_remettre", "admin:facturation_lotdeprelevements_defaire",
    "admin:facturation_envoiderelances_reprendre", "admin:facturation_facturation_imprimer",
    "admin:facturation_facturation_prevoir",
}  # fmt: skip


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def la_ville():
    installer_textes()
    ici = ville()
    ici.vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    return ici


@pytest.fixture
def chez_celine(la_ville):
    ici = maison(la_ville)
    ici.journee = clore(MAINTENANT.date() - dt.timedelta(days=1), Decimal("0"), "", None, MAINTENANT)
    ici.a_valider = f.famille(nom="BERNARD", statut="a_valider", envoyee_le=MAINTENANT)
    Effacement.objects.create(famille=ici.a_valider, prevenue_le=MAINTENANT)
    return ici


@pytest.fixture
def direction(client, chez_celine):
    client.force_login(f.agent("Direction"))
    return client


def tables():
    """Les tables de l'administration qui sont à nous : ``{"familles.famille": ModelAdmin}``."""
    return {
        modele._meta.label_lower: page for modele, page in admin.site._registry.items()
        if modele._meta.app_label not in AILLEURS
    }  # fmt: skip


def liste(table):
    return reverse(f"admin:{table.replace('.', '_')}_changelist")


def objets(ici, la_ville):
    """Pour chaque page à nous qui a un paramètre, un objet qu'elle sait ouvrir."""

    def pk(objet):
        return {"pk": objet.pk}

    def objet_id(objet):
        return {"object_id": objet.pk}

    return {
        "mairie_famille": pk(ici.foyer), "mairie_inviter": pk(ici.hugo), "mairie_reunir": pk(ici.hugo),
        "admin:familles_enfant_garde": objet_id(ici.alterne), "admin:familles_enfant_inviter": objet_id(ici.hugo),
        "admin:commune_anneescolaire_preparer": objet_id(la_ville.annee),
        "admin:familles_enfant_reunir": objet_id(ici.hugo), "admin:familles_enfant_fiche": objet_id(ici.hugo),
        "admin:messagerie_fil": pk(ici.foyer),
        "admin:documents_piece_verifier": pk(ici.piece), "admin:documents_piece_fichier": pk(ici.piece),
        "admin:documents_piece_remettre": pk(ici.piece), "admin:documents_dossier_valider": pk(ici.a_valider),
        "admin:documents_dossier_rendre": pk(ici.a_valider), "admin:documents_deposer": pk(ici.foyer),
        "admin:inscriptions_activite_copier": objet_id(la_ville.midi),
        "admin:inscriptions_inscription_decider": pk(ici.inscription),
        "admin:reservations_fin_inscription": pk(ici.inscription),
        "admin:reservations_garde": pk(ici.alterne),
        "admin:inscriptions_inscription_decider_bouton": objet_id(ici.inscription),
        "admin:reservations_evenement_appliquer": pk(la_ville.sortie),
        "admin:reservations_evenement_lever": pk(la_ville.greve),
        "admin:reservations_excuse_justificatif": pk(ici.excuse),
        "admin:reservations_reservation_annuler": pk(ici.reservation),
        "admin:reservations_reservation_annuler_bouton": objet_id(ici.reservation),
        "admin:reservations_seance_annuler": pk(la_ville.a_venir),
        "admin:reservations_seance_attente": pk(la_ville.a_venir),
        "admin:reservations_seance_annuler_celle_ci": objet_id(la_ville.a_venir),
        "admin:reservations_ouverture_suivi": pk(la_ville.ouverture),
        "admin:inscriptions_regledelai_changer": pk(la_ville.midi),
        "admin:reservations_ouverture_suivre": objet_id(la_ville.ouverture),
        "admin:facturation_reglement_annuler": pk(ici.reglement), "admin:facturation_reglement_recu": pk(ici.reglement),
        "admin:facturation_remboursement_annuler": pk(ici.rendu),
        "admin:facturation_export_fichier": pk(ici.export),
        "admin:facturation_export_demande": pk(ici.demande_export),
        "admin:facturation_bordereau_pdf": pk(ici.bordereau), "admin:facturation_journee_pdf": pk(ici.journee),
        "admin:facturation_mandat_revoquer": objet_id(ici.mandat),
        "admin:facturation_mandat_joindre": objet_id(ici.mandat),
        "admin:facturation_mandat_papier": pk(ici.mandat),
        "admin:facturation_mandat_imprimer": {"famille": ici.foyer.pk},
        "admin:facturation_facture_pdf": pk(ici.facture), "admin:facturation_facture_avoir": pk(ici.facture),
        "admin:facturation_contestation_piece": pk(ici.contestation),
        "admin:facturation_precision_piece": pk(ici.precision),
        "admin:facturation_attestations": {"famille": ici.foyer.pk},
        "admin:facturation_attestation_fiscale": {"famille": ici.foyer.pk},
        "admin:facturation_attestation_presence": {"famille": ici.foyer.pk, "enfant": ici.hugo.pk},
        "admin:facturation_attestation_paiement": pk(ici.facture),
        "admin:facturation_facturation_relancer": pk(ici.facture.facturation),
        "admin:facturation_facturation_imprimer": pk(ici.facture.facturation),
        "admin:facturation_facturation_imprimees": pk(ici.facture.facturation),
        "admin:facturation_paiement_redemander": pk(ici.paiement),
        "admin:facturation_paiement_trancher": pk(ici.paiement),
        "admin:facturation_lotdeprelevements_fichier": pk(ici.prelevement.lot),
        "admin:facturation_lotdeprelevements_remettre": pk(ici.prelevement.lot),
        "admin:facturation_lotdeprelevements_defaire": pk(ici.prelevement.lot),
        "admin:facturation_lotdeprelevements_refuser": pk(ici.prelevement.lot),
        "admin:facturation_lotdeprelevements_lettres": pk(ici.prelevement.lot),
        "admin:facturation_prelevement_lettre": pk(ici.prelevement),
        "admin:facturation_demandeecheancier_lettre": pk(ici.demande),
        "admin:facturation_echeancier_lettre": pk(ici.echeancier),
        "admin:facturation_envoiderelances_lettres": pk(ici.envoi),
        "admin:facturation_envoiderelances_reprendre": pk(ici.envoi),
        "admin:facturation_echeancier_pdf": pk(ici.echeancier),
        "admin:facturation_echeancier_revoquer": pk(ici.echeancier),
        "admin:facturation_etatdesrestes_pdf": pk(ici.etat), "admin:facturation_etatdesrestes_csv": pk(ici.etat),
        "admin:facturation_etatdesrestes_lettres": pk(ici.etat),
        "admin:facturation_transmission_retirer": pk(ici.transmission),
        "admin:facturation_regie_verifier": objet_id(Regie.objects.get()),
        "admin:facturation_tarif_reconduire": objet_id(la_ville.tarif),
        "admin:facturation_quotient_recuperer": pk(ici.foyer),
        "admin:facturation_correction": pk(ici.facture), "admin:facturation_tarif_et_si": pk(la_ville.tarif),
        "admin:facturation_tarif_simuler": objet_id(la_ville.tarif),
    }  # fmt: skip


def pages():
    """Nos pages, celles que Django ne donne pas à chaque table."""
    for adresse in administration():
        if adresse.nom in SERVICES or ORDINAIRES.search(adresse.nom) or "<path:object_id>/$" in adresse.motif:
            continue
        if adresse.motif.split("/")[1] not in AILLEURS and "(?P<url>" not in adresse.motif:
            yield adresse


def test_chaque_page_a_parametre_a_son_objet(la_ville, chez_celine):
    connues = set(objets(chez_celine, la_ville))
    assert {page.nom for page in pages() if page.parametres} - connues == set()
    assert connues - {page.nom for page in pages()} == set(), "une page de la table n'existe plus"


def test_chaque_table_a_une_ligne_a_montrer(chez_celine):
    assert [table for table, page in tables().items() if not page.model.objects.exists()] == []


# Les mots que Django et unfold diraient si une traduction leur manquait.
ANGLAIS = re.compile(
    r">\s*(?:Save|Delete|Search|Filters?|Home|Add|Cancel|Submit|Log ?out|Change password|History|Export|Import|"
    r"Reset filters|Apply filters|Select|Actions?|Run|Clear|Type to search|No results found|Back|Close|Today|"
    r"Choose|Unknown|All|Yes|No|Any date|Past 7 days|This month|This year|Profile|Theme|Dark|Light|System|"
    r"From|To|Value|True|False|Next|Previous|Filters|Select action)\s*<"
    r"|(?:placeholder|title|aria-label)=\"(?:Select|Type|Search|Choose|Close|Date from|Date to|From|To)\b[^\"]*\""
)


def en_anglais(adresse, reponse):
    return [f"{adresse} : {trouve[0].strip()}" for trouve in ANGLAIS.finditer(reponse.content.decode())]


def test_chaque_liste_s_ouvre_en_francais_se_cherche_et_se_filtre(direction):
    """La page une fois entière ; chaque choix d'un filtre et chaque tri par les lignes qu'ils donnent : ils ne changent
    de la page que sa requête, et l'écrire prend dix fois le temps de la lire."""
    fautes, filtres = [], 0
    for table, page in tables().items():
        adresse = liste(table)
        for question in ("?q=hugo+star", "?q=%27%3B--", ""):
            reponse = direction.get(adresse + question, follow=True)
            if reponse.status_code != 200:
                fautes.append(f"{adresse}{question} répond {reponse.status_code}")
        fautes += en_anglais(adresse, reponse)
        if not reponse.context or "cl" not in reponse.context:
            continue
        cl = reponse.context["cl"]
        choix = [c["query_string"] for filtre in cl.filter_specs for c in filtre.choices(cl) if c.get("query_string")]
        filtres += len(choix)
        for question in choix + [f"?o={rang}" for rang in range(1, len(cl.list_display))]:
            demande = reponse.wsgi_request
            demande.GET = QueryDict(question[1:])
            try:
                lignes = page.get_changelist_instance(demande)
                list(lignes.result_list)
            except IncorrectLookupParameters as faute:
                fautes.append(f"{adresse}{question} : {faute}")
    assert fautes == []
    assert filtres > 60


def test_chaque_fiche_et_chaque_formulaire_s_ouvrent_en_francais(direction):
    fautes = []
    for table, page in tables().items():
        nom = table.replace(".", "_")
        objet = page.model.objects.first()
        for adresse in [reverse(f"admin:{nom}_add"), reverse(f"admin:{nom}_change", args=[objet.pk]),
                        reverse(f"admin:{nom}_history", args=[objet.pk])]:  # fmt: skip
            reponse = direction.get(adresse, follow=True)
            fautes += en_anglais(adresse, reponse)
            # On n'ajoute pas partout à la main : l'adresse le refuse alors, et le dit.
            if reponse.status_code != 200 and not (reponse.status_code == 403 and adresse.endswith("/add/")):
                fautes.append(f"{adresse} répond {reponse.status_code}")
    assert fautes == []


def test_une_fiche_qui_n_existe_pas_ne_casse_rien(direction):
    """Une adresse abîmée, un vieux lien : la mairie lit que cela n'existe pas, et non une erreur."""
    fautes = []
    for table in tables():
        for cle in ("abime", "9" * 30):
            for page in ("change", "delete"):
                adresse = reverse(f"admin:{table.replace('.', '_')}_{page}", args=[cle])
                code = direction.get(adresse).status_code
                if code not in (302, 403, 404, 405):
                    fautes.append(f"{adresse} répond {code}")
    assert fautes == []


def test_une_adresse_abimee_ne_casse_rien(direction, la_ville, chez_celine):
    fautes, siens = [], objets(chez_celine, la_ville)
    for adresse in pages():
        for abimee in ABIMEES:
            page = chemin(adresse, siens) + abimee
            if essayer(direction, "get", page) >= 500:
                fautes.append(page[:80])
    assert fautes == []


def test_un_formulaire_abime_ne_casse_rien(direction, la_ville, chez_celine):
    fautes, siens = [], objets(chez_celine, la_ville)
    for adresse in pages():
        fautes += formulaires_abimes(direction, chemin(adresse, siens), "ajoutes", "ecarter", "doublon", "choix")
    reservation = chez_celine.hugo.reservations.first()
    fautes += formulaires_abimes(direction, reverse("admin:reservations_reservation_change", args=[reservation.pk]))
    assert fautes == []


def test_chacune_de_nos_pages_s_ouvre(direction, la_ville, chez_celine):
    fautes, siens = [], objets(chez_celine, la_ville)
    for adresse in pages():
        page = chemin(adresse, siens)
        reponse = direction.get(page)
        if reponse.status_code not in ((403, 405) if adresse.nom in GESTES else (200, 302)):
            fautes.append(f"{page} répond {reponse.status_code}")
    assert fautes == []


def test_un_parent_n_entre_nulle_part_dans_l_administration(client, la_ville, chez_celine):
    client.force_login(chez_celine.compte)
    siens, avant = objets(chez_celine, la_ville), contenu()
    adresses = [chemin(adresse, siens) for adresse in pages()]
    for table, page in tables().items():
        nom, pk = table.replace(".", "_"), page.model.objects.first().pk
        adresses += [liste(table), reverse(f"admin:{nom}_add"), reverse(f"admin:{nom}_change", args=[pk])]
    ouvertes = [a for a in adresses for m in ("get", "post") if getattr(client, m)(a, follow=True).status_code != 403]
    assert ouvertes == []
    assert contenu() == avant


# --- À chaque groupe le sien --------------------------------------------------------------------------------------
VOIT = {
    "Direction": set(tables()),
    "Régie": {
        "commune.ecole", "commune.anneescolaire", "commune.jourferme", "familles.famille", "familles.adulte",
        "familles.enfant", "familles.quotient", "familles.garde", "familles.echange", "messagerie.message",
        "documents.piece", "documents.typepiece",
        "inscriptions.activite", "inscriptions.inscription", "inscriptions.regledelai", "reservations.seance",
        "reservations.reservation", "reservations.mouvement", "reservations.excuse", "reservations.evenement",
        "presences.pointage",
        "facturation.facturation",
        "facturation.facture", "facturation.reglement", "facturation.avoir", "facturation.mandat", "facturation.tarif",
        "facturation.regie", "facturation.budget", "facturation.contestation", "facturation.paiement",
        "facturation.remboursement",
        "facturation.bordereau", "facturation.journee", "facturation.lotdeprelevements", "facturation.prelevement",
        "facturation.envoiderelances", "facturation.niveaurelance", "facturation.relance",
        "facturation.demandeecheancier", "facturation.echeancier", "facturation.etatdesrestes",
        "facturation.export", "facturation.comptabilite",
    },
    "Périscolaire": {
        "commune.ecole", "commune.anneescolaire", "commune.jourferme", "familles.famille", "familles.adulte",
        "familles.enfant", "familles.fichesanitaire", "familles.garde", "familles.echange", "messagerie.message",
        "documents.piece", "documents.typepiece",
        "documents.information", "inscriptions.activite", "inscriptions.inscription", "inscriptions.regledelai",
        "reservations.seance", "reservations.reservation", "reservations.mouvement", "reservations.excuse",
        "reservations.evenement",
        "reservations.ouverture", "presences.pointage",
    },
    "Agents": set(),
}  # fmt: skip
AJOUTE = {
    "Régie": {"familles.quotient", "facturation.facturation", "facturation.reglement", "facturation.mandat",
              "facturation.tarif", "facturation.remboursement", "facturation.bordereau", "facturation.journee",
              "facturation.lotdeprelevements", "facturation.envoiderelances", "facturation.niveaurelance",
              "facturation.echeancier", "facturation.etatdesrestes", "facturation.export", "facturation.budget"},
    "Périscolaire": {"commune.jourferme", "familles.famille", "familles.adulte", "familles.enfant",
                     "familles.fichesanitaire", "documents.typepiece", "documents.information",
                     "inscriptions.activite", "inscriptions.inscription", "reservations.reservation",
                     "reservations.evenement", "reservations.ouverture"},
    "Agents": set(),
}  # fmt: skip


@pytest.mark.parametrize("groupe", VOIT)
def test_chaque_groupe_voit_ses_tables_et_pas_les_autres(client, chez_celine, groupe):
    client.force_login(f.agent(groupe))
    vues = {table for table in tables() if client.get(liste(table), follow=True).status_code == 200}
    assert vues == VOIT[groupe]


@pytest.mark.parametrize("groupe", AJOUTE)
def test_chaque_groupe_n_ajoute_que_ce_qui_est_son_travail(client, chez_celine, groupe):
    client.force_login(f.agent(groupe))
    noms = {table: reverse(f"admin:{table.replace('.', '_')}_add") for table in tables()}
    ajoute = {table for table, page in noms.items() if client.get(page, follow=True).status_code == 200}
    # La régie et la commune n'ont qu'une fiche : leur « ajouter » mène à elle.
    assert ajoute - {"facturation.regie"} == AJOUTE[groupe]


# Les listes qu'un groupe emporte sans qu'elles soient de son travail : il les lit.
EMPORTE = {
    "Régie": {f"admin:{table}_export" for table in (
        "commune_ecole", "commune_anneescolaire", "commune_jourferme", "familles_famille", "familles_adulte",
        "familles_enfant", "familles_quotient", "familles_garde", "familles_echange", "messagerie_message",
        "documents_piece", "documents_typepiece", "inscriptions_activite", "inscriptions_inscription",
        "reservations_seance", "reservations_reservation", "reservations_mouvement", "reservations_excuse",
        "reservations_evenement", "presences_pointage",
    )},
    "Périscolaire": {f"admin:commune_{table}_export" for table in ("ecole", "anneescolaire", "jourferme")},
}  # fmt: skip
# Nos pages, au-delà des tables : ce que chaque groupe ouvre, et où il envoie. Voir une page ne permet pas d'y écrire.
OUVRE = {
    "Régie": EMPORTE["Régie"] | {
        "admin:index", "mairie_famille", "admin:messagerie_fil", "admin:documents_dossiers",
        "admin:documents_piece_fichier", "admin:documents_piece_verifier", "admin:documents_piece_voir_dossiers",
        "admin:reservations_excuse_justificatif", "admin:reservations_planning", "admin:reservations_seance_attente",
    },
    "Périscolaire": EMPORTE["Périscolaire"] | {
        "admin:index", "mairie_famille", "mairie_inviter", "mairie_reunir",
    },
}  # fmt: skip
# À la régie, toute la facturation ; au périscolaire, tout des enfants, moins ce qui ne se fait qu'en l'envoyant.
SIENNES = {
    "Régie": ("admin:facturation_",),
    "Périscolaire": ("admin:documents_", "admin:familles_", "admin:inscriptions_", "admin:messagerie_",
                     "admin:presences_", "admin:reservations_"),
}  # fmt: skip


def siennes(groupe):
    """Un quotient sert au prix : il est à la régie, qui l'emporte ; qui a lu une fiche, à la direction."""
    autres = {"admin:familles_quotient_export", "admin:familles_lecturefiche_export"}
    return {page.nom for page in pages() if page.nom.startswith(SIENNES[groupe])} - autres


@pytest.mark.parametrize("groupe", OUVRE)
def test_chaque_groupe_ouvre_les_pages_de_son_travail_et_pas_les_autres(client, la_ville, chez_celine, groupe):
    client.force_login(f.agent(groupe))
    siens = objets(chez_celine, la_ville)
    codes = [(page.nom, essayer(client, "get", chemin(page, siens))) for page in pages()]
    assert {nom for nom, code in codes if code in (200, 302)} == OUVRE[groupe] | siennes(groupe) - GESTES
    assert {code for _, code in codes} <= {200, 302, 403, 405}


# Hors de ses pages, celles qui répondent à un envoi : la messagerie écrit ; un export ou une liste ne fait que lire.
LISENT = {
    "Régie": EMPORTE["Régie"] | {
        "admin:index", "admin:documents_piece_voir_dossiers", "admin:reservations_excuse_justificatif",
    },
    "Périscolaire": EMPORTE["Périscolaire"] | {"admin:index", "mairie_inviter", "mairie_reunir"},
}  # fmt: skip
ECRIVENT = {"Régie": {"admin:messagerie_fil"}, "Périscolaire": set()}


@pytest.mark.parametrize("groupe", LISENT)
def test_chaque_groupe_n_envoie_que_la_ou_il_decide(client, la_ville, chez_celine, groupe):
    """Partout ailleurs, l'envoi est refusé, et n'écrit rien."""
    client.force_login(f.agent(groupe))
    siens = objets(chez_celine, la_ville)
    autres = [page for page in pages() if page.nom not in siennes(groupe)]
    repondent = {page.nom for page in autres if essayer(client, "post", chemin(page, siens)) not in (403, 405)}
    assert repondent == LISENT[groupe] | ECRIVENT[groupe]
    avant = contenu()
    for page in autres:
        if page.nom not in ECRIVENT[groupe]:
            client.post(chemin(page, siens))
    assert contenu() == avant


# Les fiches qui répondent à un envoi. Celles d'une pièce, d'un message ou d'un événement mènent ailleurs ou se lisent ;
# une facture, un bordereau, une journée ne se changent pas : leur page porte d'autres gestes.
CHANGE = {
    "Régie": {
        "documents.piece", "messagerie.message", "reservations.evenement", "familles.quotient",
        "facturation.bordereau", "facturation.budget", "facturation.comptabilite", "facturation.contestation",
        "facturation.demandeecheancier", "facturation.echeancier", "facturation.envoiderelances",
        "facturation.etatdesrestes", "facturation.export", "facturation.facturation", "facturation.facture",
        "facturation.journee", "facturation.lotdeprelevements", "facturation.niveaurelance", "facturation.paiement",
        "facturation.prelevement", "facturation.regie", "facturation.reglement", "facturation.remboursement",
        "facturation.tarif",
    },
    "Périscolaire": {
        "commune.jourferme", "documents.information", "documents.piece", "documents.typepiece", "familles.adulte",
        "familles.enfant", "familles.famille", "familles.fichesanitaire", "inscriptions.activite",
        "inscriptions.inscription", "inscriptions.regledelai", "messagerie.message", "reservations.evenement",
        "reservations.excuse", "reservations.ouverture", "reservations.reservation", "reservations.seance",
    },
}  # fmt: skip


@pytest.mark.parametrize("groupe", CHANGE)
def test_chaque_groupe_ne_change_que_ce_qui_est_son_travail(client, chez_celine, groupe):
    client.force_login(f.agent(groupe))
    fiches = {
        table: reverse(f"admin:{table.replace('.', '_')}_change", args=[page.model.objects.first().pk])
        for table, page in tables().items()
    }
    change = {table for table, fiche in fiches.items() if essayer(client, "post", fiche) not in (403, 404, 405)}
    assert change == CHANGE[groupe]
    avant = contenu()
    for table in fiches.keys() - change | {"documents.piece", "messagerie.message", "reservations.evenement"}:
        client.post(fiches[table])
    assert contenu() == avant


PRESENCES = {
    "Direction": {"lit", "ecrit"}, "Périscolaire": {"lit", "ecrit"}, "Agents": {"lit", "ecrit"}, "Régie": {"lit"},
}  # fmt: skip


@pytest.mark.parametrize("groupe", PRESENCES)
def test_chaque_groupe_lit_ou_ecrit_les_presences(client, la_ville, chez_celine, groupe):
    client.force_login(f.agent(groupe))
    siens = objets_du_portail(chez_celine, la_ville)
    assert (client.get(reverse("presences:effectifs")).status_code == 200) == ("lit" in PRESENCES[groupe])
    assert (client.get(reverse("presences:jour")).status_code == 200) == ("ecrit" in PRESENCES[groupe])
    avant = contenu()
    pointer = reverse("presences:pointer", kwargs=siens["presences:pointer"])
    code = client.post(pointer, {"etat": "present"}).status_code
    assert (code != 403) == ("ecrit" in PRESENCES[groupe])
    assert (contenu() == avant) == ("ecrit" not in PRESENCES[groupe])


def test_la_regie_n_ecrit_rien_dans_les_presences(client, la_ville, chez_celine):
    client.force_login(f.agent("Régie"))
    siens, avant = objets_du_portail(chez_celine, la_ville), contenu()
    for adresse in portail():
        if adresse.nom.startswith("presences:"):
            assert client.post(chemin(adresse, siens)).status_code in (403, 405), adresse.nom
    assert contenu() == avant


def test_le_periscolaire_ne_lit_aucun_montant(client, la_ville, chez_celine):
    """Ni facture, ni solde, ni quotient, sur aucune des pages qu'il peut ouvrir."""
    client.force_login(f.agent("Périscolaire"))
    siens = objets(chez_celine, la_ville)
    adresses = [reverse("admin:index"), *[chemin(p, siens) for p in pages()]]
    for table, page in tables().items():
        objet = page.model.objects.first()
        adresses += [liste(table), reverse(f"admin:{table.replace('.', '_')}_change", args=[objet.pk])]
    lues = 0
    for adresse in adresses:
        reponse = client.get(adresse, follow=True)
        if reponse.status_code == 200 and reponse["Content-Type"].startswith("text/html"):
            lues += 1
            page = reponse.content.decode()
            assert [m for m in ("28,50", "28.50", "18,50", ">742<", "€", "RUM", "FR76") if m in page] == [], adresse
    assert lues > 40


def test_un_agent_des_accueils_n_a_rien_de_l_administration(client, la_ville, chez_celine):
    client.force_login(f.agent("Agents"))
    siens = objets(chez_celine, la_ville)
    for adresse in pages():
        for methode in ("get", "post"):
            assert getattr(client, methode)(chemin(adresse, siens), follow=True).status_code == 403, adresse.nom
