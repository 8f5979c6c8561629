"""La régie dans l'administration : facturer un mois, encaisser, rendre, exporter ; et qui n'y entre pas."""

import csv
import datetime as dt
import io
import zipfile
from dataclasses import astuple
from decimal import Decimal as D

import pytest
import time_machine
from django.forms.models import model_to_dict
from django.urls import reverse

from facturation import actions
from facturation.models import Avoir, Facturation, Facture, Mandat, Regie, Reglement, Tarif
from reservations.models import Excuse
from tests import fabriques
from tests.beaucoup import copies, factures, foyers, memes_requetes, ouvrir
from tests.conftest import travailler

from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db
JEUDI = dt.date(2026, 9, 3)
IBAN = "FR76 3000 6000 0112 3456 7890 189"
TABLES = ["tarif", "facturation", "facture", "avoir", "reglement", "mandat", "regie"]


@pytest.fixture
def regie(client):
    fabriques.commune()
    compte = fabriques.agent("Régie", prenom="Claire", nom="MARTIN")
    client.force_login(compte)
    return compte


def texte(reponse):
    return " ".join(reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'").split())


def page(nom, *args, suite=""):
    return reverse(f"admin:facturation_{nom}", args=args) + suite


# --- Facturer un mois -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_regarder_lancer_suivre_et_relire(client):
    fabriques.commune()
    client.force_login(fabriques.agent("Régie", prenom="Claire", nom="MARTIN"))
    ville(4, par_jour=1)
    with time_machine.travel(MAINTENANT, tick=False):
        vide = client.get(page("facturation_add"))
        assert 'value="2026-09" selected' in texte(vide)
        apercu = client.get(page("facturation_add"), {"mois": "2026-09", "echeance": "2026-11-15"})
        assert Facturation.objects.count() == 0
        assert "Émettre 4 factures" in texte(apercu)
        annonce = apercu.context["apercu"]
        lancee = client.post(page("facturation_add"), {"mois": "2026-09", "echeance": "2026-11-15"})
        facturation = Facturation.objects.get()
        assert lancee.headers["Location"] == page("facturation_change", facturation.pk)
        attente = client.get(lancee.headers["Location"])
        assert 'http-equiv="refresh"' in texte(attente)
        assert "0 foyer examiné sur 4" in texte(attente)
        travailler()
    suivi = client.get(lancee.headers["Location"])
    assert "refresh" not in texte(suivi)
    assert "4 foyers examinés sur 4, 4 factures émises" in texte(suivi)
    assert annonce.total == sum(Facture.objects.values_list("total", flat=True))
    facture = Facture.objects.first()
    assert facture.echeance == dt.date(2026, 11, 15)
    assert "par Claire MARTIN" in texte(client.get(page("facture_change", facture.pk)))
    liste = client.get(page("facturation_changelist"))
    assert "terminée" in texte(liste)
    with time_machine.travel(MAINTENANT, tick=False):
        assert "Rien à facturer" in texte(client.get(page("facturation_add")))


def test_les_controles_disent_ce_qu_il_vaut_mieux_regler_avant(client, regie):
    fabriques.tarif()
    hugo = fabriques.enfant()
    midi = fabriques.activite(nom="Restauration du Limbre")
    reservation = fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    Excuse.objects.create(reservation=reservation, texte="Grippe", envoyee_le=MAINTENANT)
    with time_machine.travel(MAINTENANT, tick=False):
        vue = client.get(page("facturation_add"), {"mois": "2026-09", "echeance": "2026-11-15"})
        dits = {controle.cle: controle.nombre for controle, *_ in vue.context["controles"]}
        assert dits == {"pointages": 1, "excuses": 1, "quotients": 1}
        assert 'href="/admin/familles/famille/?manque=quotient"' in texte(vue)
        assert "03/09, Restauration du Limbre" in texte(vue)
        assert "LA STAR" in texte(vue)
        fabriques.reservation(hugo, fabriques.seance(fabriques.activite(nom="Soir", genre="soir"), JEUDI))
        bloque = client.get(page("facturation_add"), {"mois": "2026-09", "echeance": "2026-11-15"})
        assert "Émettre 1 facture" not in texte(bloque)
        assert "Activités sans tarif : <b>1</b>, à régler d'abord" in texte(bloque)
        refus = client.post(page("facturation_add"), {"mois": "2026-09", "echeance": "2026-11-15"})
    assert refus.status_code == 200
    assert "Sans tarif : Soir" in texte(refus)
    assert Facturation.objects.count() == 0


@pytest.mark.parametrize(
    ("manque", "attendus"),
    [("quotient", {"SANS QF"}), ("bientot", {"FINIT"}), ("adresse", {"SANS RUE"}), ("compte", {"SANS COMPTE"})],
)
def test_la_liste_d_un_controle_montre_les_foyers_a_completer(client, regie, manque, attendus):
    du, au = dt.date(2026, 9, 1), dt.date(2026, 10, 20)
    fins = {"SANS QF": dt.date(2026, 9, 30), "FINIT": au, "SANS RUE": None, "SANS COMPTE": None, "ENTIER": None}
    for nom, fin in fins.items():
        foyer = fabriques.famille(avec_compte=nom != "SANS COMPTE", nom=nom, ville="" if nom == "SANS RUE" else "Migné")
        foyer.quotients.create(valeur=742, debut=du, fin=fin, preuve="attestation CAF")
    with time_machine.travel(MAINTENANT, tick=False):
        liste = client.get(reverse("admin:familles_famille_changelist"), {"manque": manque}).context["cl"]
    assert {foyer.nom for foyer in liste.result_list} == attendus


@pytest.mark.parametrize(
    "donnees", [{"mois": "2026-10", "echeance": "2026-11-15"}, {"mois": "2026-09", "echeance": "2026-10-01"}, {}]
)
def test_un_mois_en_cours_ou_une_echeance_passee_ne_se_lancent_pas(client, regie, donnees):
    ville(1, par_jour=1)
    with time_machine.travel(MAINTENANT, tick=False):
        assert client.post(page("facturation_add"), donnees).status_code == 200
    assert Facturation.objects.count() == 0


def test_une_emission_arretee_dit_pourquoi_et_se_relance(client, regie):
    ville(2, par_jour=1)
    facturation = actions.lancer(SEPTEMBRE, regie, MAINTENANT)
    Facturation.objects.update(incident="Le disque est plein.")
    vue = client.get(page("facturation_change", facturation.pk))
    assert "Émission arrêtée" in texte(vue)
    assert "Le disque est plein." in texte(vue)
    assert client.get(page("facturation_relancer", facturation.pk)).status_code == 403
    client.post(page("facturation_relancer", facturation.pk))
    assert Facturation.objects.get().incident == ""


# --- Les factures ---------------------------------------------------------------------------------------------------
def test_la_liste_des_factures_se_cherche_et_se_filtre(client, regie):
    foyer = fabriques.famille(nom="ÉLÉGANT")
    fabriques.enfant(foyer, prenom="Zoé", nom="AUTRE-NOM")
    due = fabriques.facture(foyer, total="20", echeance=dt.date(2026, 11, 10))
    payee = fabriques.facture(fabriques.famille(nom="PAYEUR"), total="30", mois=dt.date(2026, 10, 1))
    actions.encaisser(payee.famille, D("30"), "cheque", None, MAINTENANT, facture=payee)
    liste = page("facture_changelist")

    def trouvees(**parametres):
        return {facture.pk for facture in client.get(liste, parametres).context["cl"].result_list}

    assert trouvees() == {due.pk, payee.pk}
    for terme in ("elegant", "zoe", "celine elegant", due.reference, str(due.numero)):
        assert trouvees(q=terme) == {due.pk}, terme
    with time_machine.travel(fabriques.a_paris(2026, 11, 11), tick=False):
        assert trouvees(paiement="en_retard") == {due.pk}
    with time_machine.travel(fabriques.a_paris(2026, 11, 10, 23, 59), tick=False):
        assert trouvees(paiement="en_retard") == set()
        assert trouvees(paiement="impayee") == {due.pk}
    assert trouvees(paiement="payee") == {payee.pk}
    assert trouvees(mois="2026-10-01") == {payee.pk}
    assert trouvees(prelevement="oui") == set()


def test_une_facture_ne_se_modifie_ni_ne_s_efface_meme_par_la_direction(client):
    facture = fabriques.facture(fabriques.famille())
    client.force_login(fabriques.compte(is_staff=True, is_superuser=True))
    assert client.post(page("facture_change", facture.pk), {"total": "1"}).status_code in (200, 403)
    assert client.get(page("facture_delete", facture.pk)).status_code == 403
    assert client.get(page("facture_add")).status_code == 403
    facture.refresh_from_db()
    assert facture.total == D("28.50")


def test_un_avoir_rend_des_lignes_cochees_ou_un_montant(client, regie):
    facture = fabriques.facture(fabriques.famille(), total="20")
    adresse = page("facture_avoir", facture.pk)
    vue = client.get(adresse)
    assert "Hugo, 01/09 : Repas, 20,00 €" in texte(vue)
    jeton = vue.context["form"]["jeton"].value()
    envoi = {"montant": "2,85", "motif": "Sortie de classe", "jeton": jeton}
    for _ in range(2):  # un double clic
        assert client.post(adresse, envoi).status_code == 302
    avoir = Avoir.objects.get()
    assert (avoir.montant, avoir.motif, avoir.emis_par) == (D("2.85"), "Sortie de classe", regie)
    autre = {"lignes": [facture.lignes.get().pk], "motif": "Tout", "jeton": "5f0c7f7e-6f5e-4a4c-9d3f-0000000000aa"}
    refus = client.post(adresse, autre)
    assert "Il ne reste que 17,15 € à rendre" in texte(refus)
    for faux in ({"motif": "Rien"}, {"montant": "5"}, {"montant": "-5", "motif": "x"}):
        assert client.post(adresse, faux | {"jeton": autre["jeton"]}).status_code == 200
    assert Avoir.objects.count() == 1
    assert "Avoir A2026-000001" in texte(client.get(page("facture_change", facture.pk)))


def test_le_pdf_s_ouvre_depuis_l_administration(client, regie):
    facture = fabriques.facture(fabriques.famille())
    reponse = client.get(page("facture_pdf", facture.pk))
    assert reponse["Content-Type"] == "application/pdf"


# --- La caisse ------------------------------------------------------------------------------------------------------
def test_chercher_la_famille_puis_encaisser(client, regie):
    foyer = fabriques.famille(nom="ÉLÉGANT")
    fabriques.enfant(foyer, prenom="Zoé")
    ancienne = fabriques.facture(foyer, total="20")
    fabriques.facture(foyer, total="30", mois=dt.date(2026, 10, 1))
    fabriques.famille(nom="AUTRE")
    for terme in ("elegant", "zoe", ancienne.reference):
        assert [f.pk for f in client.get(page("reglement_add"), {"q": terme}).context["foyers"]] == [foyer.pk]
    adresse = page("reglement_add", suite=f"?famille={foyer.pk}")
    vue = client.get(adresse)
    assert "Cette famille doit <strong>50,00 €" in texte(vue)
    assert vue.context["form"]["montant"].value() == D("20.00")
    envoi = {
        "facture": ancienne.pk, "moyen": "cheque", "montant": "20,00", "recu_le": "2026-11-20",
        "reference": "n° 1234567", "jeton": vue.context["form"]["jeton"].value(),
    }
    with time_machine.travel(fabriques.a_paris(2026, 11, 20), tick=False):
        for _ in range(2):  # un double clic
            assert client.post(adresse, envoi).headers["Location"] == page("reglement_add")
    recu = Reglement.objects.get()
    assert (recu.montant, recu.facture, recu.saisi_par) == (D("20"), ancienne, regie)
    assert "Vos dernières saisies" in texte(client.get(page("reglement_add")))


def test_un_reglement_faux_est_refuse_et_garde_ce_qui_fut_tape(client, regie):
    foyer = fabriques.famille()
    autre = fabriques.facture(fabriques.famille(nom="AUTRE"))
    adresse = page("reglement_add", suite=f"?famille={foyer.pk}")
    bon = {
        "moyen": "cheque", "montant": "20", "recu_le": "2026-11-20", "reference": "n° 77",
        "jeton": "5f0c7f7e-6f5e-4a4c-9d3f-0000000000ab",
    }
    with time_machine.travel(fabriques.a_paris(2026, 11, 20), tick=False):
        for faux in (
            {"montant": "0"}, {"montant": "-3"}, {"montant": "abc"}, {"recu_le": "2026-11-21"}, {"moyen": "troc"},
            {"facture": autre.pk},
        ):
            refus = client.post(adresse, bon | faux)
            assert refus.status_code == 200, faux
            assert "n° 77" in texte(refus)
    assert Reglement.objects.count() == 0


def test_annuler_un_cheque_rejete(client, regie):
    facture = fabriques.facture(fabriques.famille(), total="20")
    recu = actions.encaisser(facture.famille, D("20"), "cheque", regie, MAINTENANT, facture=facture)
    assert client.post(page("reglement_annuler", recu.pk), {"motif": ""}).status_code == 200
    client.post(page("reglement_annuler", recu.pk), {"motif": "Chèque rejeté"})
    recu.refresh_from_db()
    assert (recu.motif_annulation, recu.annule_par) == ("Chèque rejeté", regie)
    assert "Chèque rejeté" in texte(client.get(page("reglement_change", recu.pk)))
    assert "annulé" in texte(client.get(page("facture_change", facture.pk)))


def test_un_mandat_se_saisit_remplace_le_precedent_et_se_montre_masque(client, regie):
    foyer = fabriques.famille()
    bon = {"famille": foyer.pk, "titulaire": "Celine LA STAR", "iban": IBAN, "signe_le": "2026-09-01", "rum": ""}
    assert "IBAN n'est pas valide" in texte(client.post(page("mandat_add"), bon | {"iban": IBAN[:-1] + "8"}))
    assert client.post(page("mandat_add"), bon).status_code == 302
    assert client.post(page("mandat_add"), bon | {"signe_le": "2026-10-01"}).status_code == 302
    tard = client.post(page("mandat_add"), bon | {"signe_le": "2026-08-01"})
    assert "signé après cette date" in texte(tard)
    ancien, nouveau = Mandat.objects.order_by("signe_le")
    assert (ancien.revoque_le, nouveau.revoque_le) == (dt.date(2026, 10, 1), None)
    for adresse in (page("mandat_changelist"), page("mandat_change", nouveau.pk)):
        vue = texte(client.get(adresse))
        assert "FR76 •••• •••• 0189" in vue
        assert "30006" not in vue
    client.post(page("mandat_revoquer", nouveau.pk))
    nouveau.refresh_from_db()
    assert nouveau.revoque_le is not None


def test_la_regie_n_a_qu_une_fiche(client, regie):
    assert client.get(page("regie_changelist")).headers["Location"] == page("regie_add")
    neuve = model_to_dict(Regie(nom="Régie", emetteur="Claire Martin, maire", iban="FR00"))
    envoi = {nom: valeur for nom, valeur in neuve.items() if valeur is not None and valeur is not False}
    assert "IBAN n'est pas valide" in texte(client.post(page("regie_add"), envoi))
    reponse = client.post(page("regie_add"), envoi | {"iban": IBAN})
    assert reponse.status_code == 302, reponse.context["adminform"].form.errors
    assert client.get(page("regie_add")).status_code == 403
    fiche = Regie.objects.get()
    assert client.get(page("regie_changelist")).headers["Location"] == page("regie_change", fiche.pk)


# --- Les tarifs -----------------------------------------------------------------------------------------------------
def saisie(tranches, ajustements=(), **champs):
    donnees = {
        "nom": "Restauration 2026", "genre": "midi", "activite": "", "debut": "2026-09-01", "fin": "",
        "mode": "tranches", "plancher": "0", "part_fixe": "0", "unite": "acte", "minutes": "30",
        "arrondi": "commencee", "tolerance": "0", "carence": "0",
    }  # fmt: skip
    for prefixe, rangees in (("tranches", tranches), ("ajustements", ajustements)):
        donnees |= {f"{prefixe}-TOTAL_FORMS": len(rangees), f"{prefixe}-INITIAL_FORMS": 0}
        for n, rangee in enumerate(rangees):
            donnees |= {f"{prefixe}-{n}-{nom}": valeur for nom, valeur in rangee.items()}
    return donnees | champs


BONNES = [{"jusqu_a": "600", "prix": "2.10"}, {"jusqu_a": "", "prix": "3.60"}]
FRATRIE = {"ordre": "0", "cas": "fratrie", "rang": "2", "mode": "pourcentage", "valeur": "-10"}


def test_un_tarif_se_saisit_et_se_lit_comme_un_tableau_et_des_phrases(client, regie):
    reponse = client.post(page("tarif_add"), saisie(BONNES, [FRATRIE]))
    assert reponse.status_code == 302, reponse.context["errors"]
    tarif = Tarif.objects.get()
    vue = texte(client.get(page("tarif_change", tarif.pk)))
    for phrase in ["jusqu'à 600", "601 et plus, ou inconnu", "2e enfant", "3,24 €",
                   "À partir du 2e enfant du foyer : −10 %."]:
        assert phrase in vue, phrase
    assert "2,10 € à 3,60 €" in texte(client.get(page("tarif_changelist")))


@pytest.mark.parametrize(
    ("tranches", "ajustements", "phrase"),
    [
        (BONNES[:1], [], "Il manque la tranche sans seuil"),
        ([{"jusqu_a": "600", "prix": "4"}, {"jusqu_a": "", "prix": "3"}], [], "ne peut pas dépasser"),
        ([*BONNES, {"jusqu_a": "600", "prix": "2.50"}], [], "Deux tranches ont le même seuil"),
        (BONNES, [FRATRIE | {"valeur": "10"}], "une remise"),
        (BONNES, [FRATRIE | {"rang": ""}], "à partir de quel enfant"),
        (BONNES, [FRATRIE, FRATRIE], "prévu deux fois"),
    ],
)
def test_un_mauvais_tarif_est_refuse_en_une_phrase(client, regie, tranches, ajustements, phrase):
    reponse = client.post(page("tarif_add"), saisie(tranches, ajustements))
    assert reponse.status_code == 200
    assert phrase in texte(reponse), reponse.context["errors"]
    assert Tarif.objects.count() == 0


COMBINEES = [BONNES[0] | {"combine": "3.30"}, BONNES[1] | {"combine": "4.10"}]


def test_un_prix_matin_et_soir_se_saisit_par_tranche_et_se_reconduit(client, regie):
    reponse = client.post(page("tarif_add"), saisie(COMBINEES, genre="soir"))
    assert reponse.status_code == 302, reponse.context["errors"]
    tarif = Tarif.objects.get()
    vue = texte(client.get(page("tarif_change", tarif.pk)))
    for phrase in ["Matin et soir le même jour", "3,30 €", "Matin et soir : de 3,30 € à 4,10 €."]:
        assert phrase in vue, phrase
    client.post(page("tarif_reconduire", tarif.pk), {"nom": "Soir 2027", "debut": "2027-09-01"})
    assert astuple(Tarif.objects.get(nom="Soir 2027").grille())[1:] == astuple(tarif.grille())[1:]


@pytest.mark.parametrize(
    ("tranches", "champs", "phrase"),
    [
        ([COMBINEES[0], BONNES[1]], {}, "pour toutes les tranches, ou pour aucune"),
        ([COMBINEES[0] | {"combine": "5"}, COMBINEES[1]], {}, "d'une tranche ne peut pas dépasser"),
        ([BONNES[0] | {"combine": "-1"}, COMBINEES[1]], {}, "supérieure ou égale à 0"),
        (COMBINEES, {"unite": "mois"}, "n'a pas de prix « matin et soir »"),
    ],
)
def test_un_mauvais_prix_matin_et_soir_est_refuse_en_une_phrase(client, regie, tranches, champs, phrase):
    reponse = client.post(page("tarif_add"), saisie(tranches, genre="soir", **champs))
    assert (reponse.status_code, Tarif.objects.count()) == (200, 0)
    assert phrase in texte(reponse), reponse.context["errors"]


def test_deux_tarifs_ne_valent_pas_le_meme_jour(client, regie):
    fabriques.tarif()
    assert "Un autre tarif vaut déjà" in texte(client.post(page("tarif_add"), saisie(BONNES)))


def test_le_tarif_suivant_reprend_la_grille_et_borne_l_ancien(client, regie):
    tarif = fabriques.tarif(ajustements=[("fratrie", "pourcentage", "-10", 2)])
    adresse = page("tarif_reconduire", tarif.pk)
    assert "commence après celui-ci" in texte(client.post(adresse, {"nom": "2027", "debut": "2026-09-01"}))
    client.post(adresse, {"nom": "Restauration 2027", "debut": "2027-09-01"})
    tarif.refresh_from_db()
    suivant = Tarif.objects.get(nom="Restauration 2027")
    assert (tarif.fin, suivant.debut, suivant.fin) == (dt.date(2027, 8, 31), dt.date(2027, 9, 1), None)
    assert astuple(suivant.grille())[1:] == astuple(tarif.grille())[1:]


EFFORT = {"mode": "effort", "taux": "0.0027", "plancher": "200", "plafond": "2500", "unite": "duree", "genre": "soir"}


def test_un_taux_d_effort_se_saisit_sans_tranche_et_se_lit_en_tableau_et_en_courbe(client, regie):
    reponse = client.post(page("tarif_add"), saisie([], [FRATRIE], **EFFORT))
    assert reponse.status_code == 302, reponse.context["errors"]
    tarif = Tarif.objects.get()
    vue = texte(client.get(page("tarif_change", tarif.pk)))
    assert "0,54 € à 6,75 € la demi-heure" in texte(client.get(page("tarif_changelist")))
    # 6,75 − 10 % = 6,075 → 6,08.
    for phrase in ["La demi-heure", "jusqu'à 200", "2500 et plus, ou inconnu", "6,08 €", "<polyline",
                   "1er enfant : de 0,54 € à 6,75 € ; 2e enfant : de 0,49 € à 6,08 €."]:
        assert phrase in vue, phrase
    assert tarif.grille().garde == 100
    par_tranches = saisie(BONNES) | EFFORT | {"mode": "tranches"}
    assert client.post(page("tarif_change", tarif.pk), par_tranches).status_code == 302
    tarif.refresh_from_db()
    assert tarif.mode == "tranches"


@pytest.mark.parametrize(
    ("champs", "ajustements", "phrase"),
    [
        (EFFORT | {"taux": ""}, [], "avec son taux et un plafond"),
        (EFFORT | {"plafond": "100"}, [], "n'est pas sous le plancher"),
        (EFFORT | {"part_garde": "101"}, [], "inférieure ou égale à 100"),
        (EFFORT, [{"ordre": "0", "cas": "minimum", "rang": "", "mode": "pourcentage", "valeur": "3"}], "un prix fixe"),
        (EFFORT, [{"ordre": "0", "cas": "minimum", "rang": "", "mode": "fixe", "valeur": "3"},
                  {"ordre": "1", "cas": "maximum", "rang": "", "mode": "fixe", "valeur": "2"}], "dépasser le maximum"),
        ({"mode": "tranches"}, [], "au moins une tranche"),
    ],
)  # fmt: skip
def test_un_tarif_impossible_est_refuse_en_une_phrase(client, regie, champs, ajustements, phrase):
    reponse = client.post(page("tarif_add"), saisie([], ajustements, **champs))
    assert reponse.status_code == 200
    assert phrase in texte(reponse), reponse.context["errors"]
    assert Tarif.objects.count() == 0


def test_un_projet_ne_facture_rien_ne_touche_a_rien_et_s_adopte(client, regie):
    ancien = fabriques.tarif()
    client.post(page("tarif_reconduire", ancien.pk), {"nom": "Projet", "debut": "2026-09-01", "projet": "on"})
    projet = Tarif.objects.get(nom="Projet")
    projet.tranches.update(prix=D("9.99"))
    ancien.refresh_from_db()
    assert (ancien.fin, projet.projet) == (None, True)
    assert list(Tarif.objects.au(SEPTEMBRE, SEPTEMBRE)) == [ancien]
    assert "projet" in texte(client.get(page("tarif_changelist")))
    client.post(page("tarif_reconduire", projet.pk), {"nom": "Adopté", "debut": "2027-09-01"})
    ancien.refresh_from_db()
    adopte = Tarif.objects.get(nom="Adopté")
    assert (ancien.fin, adopte.projet) == (dt.date(2027, 8, 31), False)
    assert adopte.grille().paliers[0].prix == D("9.99")


# --- Les exports ----------------------------------------------------------------------------------------------------
PIEGE = "=HYPERLINK(\"http://mal.example\",\"clic\")"


def exporter(client, table, format_, ressource="0"):
    # Deux formats, dans l'ordre de commune.exports : CSV puis ODS.
    return client.post(page(f"{table}_export"), {"format": format_, "resource": ressource})


def test_l_export_csv_se_lit_en_francais_et_ne_contient_aucune_formule(client, regie):
    foyer = fabriques.famille(nom=PIEGE)
    facture = fabriques.facture(foyer, total="12.50", destinataire="@SOMME(A1)")
    actions.encaisser(foyer, D("2.50"), "cheque", None, MAINTENANT, facture=facture, reference="+33 6")
    actions.emettre_avoir(facture, D("1"), "-2+3", None, MAINTENANT)
    for table, ressource in (("facture", "0"), ("facture", "1"), ("reglement", "0"), ("avoir", "0")):
        contenu = exporter(client, table, "0", ressource).content.decode("utf-8")
        assert contenu.startswith("\ufeff")
        rangees = list(csv.reader(io.StringIO(contenu[1:]), delimiter=";"))
        assert len(rangees) == 2
        for cellule in rangees[1]:
            assert cellule[:1] not in "=+-@" or cellule == "", (table, cellule)
    facturees = exporter(client, "facture", "0").content.decode()
    assert ";12,50;9,00" in facturees
    assert f"'{PIEGE[:10]}" in facturees


def test_l_export_ods_garde_des_nombres(client, regie):
    fabriques.facture(fabriques.famille(nom=PIEGE), total="12.50")
    contenu = zipfile.ZipFile(io.BytesIO(exporter(client, "facture", "1").content)).read("content.xml").decode()
    assert 'office:value="12.50"' in contenu or 'office:value="12.5"' in contenu
    assert "table:formula" not in contenu


# --- Qui entre ------------------------------------------------------------------------------------------------------
def adresses():
    foyer = fabriques.famille()
    facture = fabriques.facture(foyer)
    recu = actions.encaisser(foyer, D("5"), "cheque", None, MAINTENANT, facture=facture)
    avoir = actions.emettre_avoir(facture, D("1"), "Sortie", None, MAINTENANT)
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, SEPTEMBRE)
    tarif, fiche = fabriques.tarif(), Regie.objects.create()
    listes = [page(f"{table}_changelist") for table in TABLES]
    fiches = [
        page("tarif_change", tarif.pk), page("facturation_change", facture.facturation_id),
        page("facture_change", facture.pk), page("avoir_change", avoir.pk), page("reglement_change", recu.pk),
        page("mandat_change", mandat.pk), page("regie_change", fiche.pk), page("facture_pdf", facture.pk),
    ]
    saisies = [
        page("tarif_add"), page("facturation_add"), page("reglement_add"), page("mandat_add"),
        page("reglement_add", suite=f"?famille={foyer.pk}"), page("facture_avoir", facture.pk),
        page("reglement_annuler", recu.pk), page("tarif_reconduire", tarif.pk), page("mandat_revoquer", mandat.pk),
    ]
    exports = [page(f"{table}_export") for table in ("facture", "avoir", "reglement")]
    return listes + fiches + exports, saisies


@pytest.mark.parametrize("groupe", ["Direction", "Régie"])
def test_la_direction_et_la_regie_ouvrent_chaque_page(client, groupe):
    fabriques.commune()
    client.force_login(fabriques.agent(groupe))
    lectures, saisies = adresses()
    for adresse in lectures + saisies:
        assert client.get(adresse, follow=True).status_code == 200, adresse


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents", None])
def test_les_autres_ne_voient_ni_n_ecrivent_rien(client, groupe):
    fabriques.commune()
    client.force_login(fabriques.agent(groupe) if groupe else fabriques.compte())
    lectures, saisies = adresses()
    for adresse in lectures + saisies:
        for reponse in (client.get(adresse), client.post(adresse)):
            assert reponse.status_code in (302, 403, 405), adresse
            if reponse.status_code == 302:
                assert "login" in reponse.headers["Location"] or "connexion" in reponse.headers["Location"]
    assert (Reglement.objects.count(), Avoir.objects.count(), Mandat.objects.actifs().count()) == (1, 1, 1)


# --- Le nombre de requêtes ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["facture", "reglement", "avoir", "mandat"])
def test_une_rangee_ou_trois_cents_les_memes_requetes(client, regie, table):
    foyer = fabriques.famille(avec_compte=False)
    facture = fabriques.facture(foyer, petit=fabriques.enfant(foyer, ecole=None))
    reglement = actions.encaisser(foyer, D("5"), "cheque", regie, MAINTENANT, facture=facture)
    avoir = actions.emettre_avoir(facture, D("1"), "Sortie", regie, MAINTENANT)
    mandat = actions.signer_mandat(foyer, "Celine", IBAN, SEPTEMBRE)
    with memes_requetes(ouvrir(client, page(f"{table}_changelist"))):
        familles = foyers()
        emises = factures(familles, petit=facture.lignes.get().enfant)
        copies(reglement, famille=familles, facture=emises)
        copies(avoir, facture=emises, numero=lambda n: 10 + n)
        copies(mandat, famille=familles, rum=lambda n: f"RUM{n}")
