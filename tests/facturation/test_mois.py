"""Facturer un mois : ce qui est émis, une seule fois, au prix annoncé."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from commune.actions import envoyer_courriel
from facturation import actions, regles
from facturation.models import Compteur, Facturation, Facture, Ligne, Mois
from familles.models import Adulte, Enfant, Famille, FicheSanitaire, Quotient, Rattachement
from presences.models import Pointage
from reservations.models import Excuse, Reservation
from tests import fabriques
from tests.conftest import travailler

from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI, LUNDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4), dt.date(2026, 9, 7)


def pointer(petit, seance, etat):
    return Pointage.objects.create(enfant=petit, seance=seance, etat=etat, recu_le=MAINTENANT)


@pytest.fixture
def midi():
    fabriques.commune()
    fabriques.tarif(ajustements=[("fratrie", "pourcentage", "-10", 2), ("sans_reservation", "montant", "2")])
    return fabriques.activite()


@pytest.fixture
def hugo():
    foyer = fabriques.famille()
    Quotient.objects.create(famille=foyer, valeur=742, debut=SEPTEMBRE, preuve="attestation CAF du 02/09/2026")
    return fabriques.enfant(foyer)


def lignes():
    return [(x.prenom, x.jour, x.texte, x.montant, x.regle.replace("\u00a0", " ")) for x in Ligne.objects.all()]


def test_ce_que_copy_prendrait_pour_une_marque_reste_du_texte(midi, hugo):
    """``\\N`` y est un NULL, ``\\.`` la fin, une tabulation une colonne."""
    foyer, piege = hugo.familles.get(), "\\N\t\\.\n«\\»"
    Enfant.objects.filter(pk=hugo.pk).update(prenom=piege)
    Famille.objects.filter(pk=foyer.pk).update(adresse=piege, complement="")
    Quotient.objects.update(preuve=piege)
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    ligne = Ligne.objects.select_related("facture").get()
    assert (ligne.prenom, ligne.regle) == (piege, f"tranche 2 (QF 742, {piege})")
    assert ligne.facture.adresse == f"{piege}\n{foyer.code_postal} {foyer.ville}"
    assert (ligne.facture.pdf.name, ligne.facture.rum, ligne.facture.preleve_le) == ("", "", None)


def test_un_mois_ordinaire_ligne_par_ligne(midi, hugo):
    foyer = hugo.familles.get()
    lina = fabriques.enfant(foyer, prenom="Lina", date_naissance=dt.date(2021, 3, 4))
    FicheSanitaire.objects.create(enfant=lina)
    for petit in (hugo, lina):
        for jour in (JEUDI, VENDREDI):
            seance = midi.seances.filter(jour=jour).first() or fabriques.seance(midi, jour)
            fabriques.reservation(petit, seance)
    pointer(hugo, midi.seances.get(jour=JEUDI), "present")
    pointer(lina, midi.seances.get(jour=JEUDI), "absent")
    facturation = actions.facturer(SEPTEMBRE, None, MAINTENANT)
    tranche = "tranche 2 (QF 742, attestation CAF du 02/09/2026)"
    assert lignes() == [
        ("Hugo", JEUDI, "Repas", D("2.85"), tranche),
        ("Hugo", VENDREDI, "Repas", D("2.85"), tranche),
        ("Lina", JEUDI, "Repas", D("2.57"), f"{tranche}, 2e enfant (−10 %), absence non excusée par écrit"),
        ("Lina", VENDREDI, "Repas", D("2.57"), f"{tranche}, 2e enfant (−10 %)"),
    ]
    facture = Facture.objects.get()
    assert (facture.reference, facture.total, facture.mois) == ("2026-000001", D("10.84"), SEPTEMBRE)
    assert facture.destinataire == "Mme Celine LA STAR"
    assert facture.adresse == "1 rue des Écoles\n86440 Migné-Auxances"
    assert facture.echeance == dt.date(2026, 11, 1)  # trente jours
    assert (facturation.faites, facturation.traites, facturation.a_faire) == (1, 1, 1)
    assert facturation.terminee_le == MAINTENANT
    assert facturation.emetteur["commune"] == "Mairie de Migné-Auxances"


def test_une_excuse_acceptee_une_seance_annulee_et_un_autre_mois_ne_se_facturent_pas(midi, hugo):
    excusee = fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    Excuse.objects.create(reservation=excusee, texte="Grippe", etat="acceptee", envoyee_le=MAINTENANT)
    pointer(hugo, excusee.seance, "absent")
    fabriques.reservation(hugo, fabriques.seance(midi, VENDREDI, ouverte=False, motif="Grève"))
    fabriques.reservation(hugo, fabriques.seance(midi, LUNDI), etat="annulee")
    fabriques.reservation(hugo, fabriques.seance(midi, dt.date(2026, 10, 1)))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert lignes() == []
    assert Facture.objects.count() == 0
    assert Compteur.objects.count() == 0


@pytest.mark.parametrize("etat", ["annulee", "attente", None])
def test_un_enfant_venu_sans_reservation_est_facture_au_foyer_inscrit(midi, hugo, etat):
    autre = fabriques.famille(nom="AUTRE FOYER")
    Rattachement.objects.create(enfant=hugo, famille=autre, foyer=2)
    fabriques.inscription(hugo, midi, famille=autre)
    seance = fabriques.seance(midi, JEUDI)
    if etat:
        fabriques.reservation(hugo, seance, etat=etat, famille=autre)
    pointer(hugo, seance, "present")
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    assert (facture.famille, facture.total) == (autre, D("5.60"))  # sans quotient : 3,60 + 2
    assert "présent sans réservation (+2,00" in facture.lignes.get().regle


def test_sans_inscription_le_premier_foyer_paie(midi, hugo):
    pointer(hugo, fabriques.seance(midi, JEUDI), "present")
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert Facture.objects.get().famille == hugo.familles.get()


def test_le_quotient_est_celui_du_jour_et_le_plus_recent(midi, hugo):
    foyer = hugo.familles.get()
    Quotient.objects.create(famille=foyer, valeur=300, debut=VENDREDI, fin=VENDREDI, preuve="courrier CAF")
    for jour in (JEUDI, VENDREDI, LUNDI):
        fabriques.reservation(hugo, fabriques.seance(midi, jour))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert list(Ligne.objects.values_list("jour", "quotient", "montant")) == [
        (JEUDI, 742, D("2.85")), (VENDREDI, 300, D("2.10")), (LUNDI, 742, D("2.85")),
    ]


def test_le_tarif_d_une_activite_prime_sur_celui_de_son_genre_et_le_repas_apporte_se_compte(midi, hugo):
    FicheSanitaire.objects.create(enfant=hugo, panier_repas=True)
    special = fabriques.activite(nom="Restauration du Limbre")
    fabriques.tarif(nom="Limbre", activite=special, tranches=[(None, "4")], ajustements=[("panier", "fixe", "1.50")])
    fabriques.reservation(hugo, fabriques.seance(special, JEUDI))
    fabriques.reservation(hugo, fabriques.seance(midi, VENDREDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert list(Ligne.objects.values_list("jour", "montant")) == [(JEUDI, D("1.50")), (VENDREDI, D("2.85"))]


def test_une_activite_sans_tarif_est_refusee_avant_la_premiere_facture(midi, hugo):
    soir = fabriques.activite(nom="Accueil du soir", genre="soir")
    fabriques.reservation(hugo, fabriques.seance(soir, JEUDI))
    for essai in (lambda: actions.facturer(SEPTEMBRE, None, MAINTENANT), lambda: actions.apercu(SEPTEMBRE)):
        with pytest.raises(ValidationError) as refus:
            essai()
        assert refus.value.code == "sans_tarif"
        assert "Accueil du soir" in refus.value.message
    assert Facturation.objects.count() == 0


@pytest.mark.parametrize(
    ("quand", "echeance", "code"),
    [
        (fabriques.a_paris(2026, 9, 30, 23, 59, 59), None, "mois_en_cours"),
        (fabriques.a_paris(2026, 10, 1, 0, 0, 0), dt.date(2026, 10, 1), "echeance"),
    ],
)
def test_un_mois_en_cours_ou_une_echeance_passee_sont_refuses(midi, quand, echeance, code):
    with pytest.raises(ValidationError) as refus:
        actions.facturer(SEPTEMBRE, None, quand, echeance)
    assert refus.value.code == code


def test_le_premier_instant_d_octobre_a_paris_on_peut_facturer_septembre(midi):
    assert actions.facturer(SEPTEMBRE, None, fabriques.a_paris(2026, 10, 1, 0, 0, 0)).terminee_le


def test_relancer_n_emet_plus_rien(midi, hugo):
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    fabriques.reservation(hugo, fabriques.seance(midi, VENDREDI))
    plus_tard = fabriques.famille(nom="ARRIVÉE APRÈS")
    fabriques.reservation(fabriques.enfant(plus_tard), midi.seances.get(jour=VENDREDI))
    avant = list(Facture.objects.values())
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert list(Facture.objects.values()) == avant
    assert Ligne.objects.count() == 1


def test_la_facture_annonce_le_prelevement(midi, hugo):
    foyer = hugo.familles.get()
    mandat = actions.signer_mandat(foyer, "Celine LA STAR", "FR7630006000011234567890189", SEPTEMBRE)
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT, echeance=dt.date(2026, 10, 9))
    facture = Facture.objects.get()
    assert (facture.rum, facture.preleve_le) == (mandat.rum, dt.date(2026, 10, 16))  # quatorze jours de préavis


def test_un_foyer_qui_ne_doit_rien_n_a_pas_de_facture_et_ne_fait_pas_de_trou(hugo):
    fabriques.tarif(tranches=[(800, "0"), (None, "3")])
    midi = fabriques.activite()
    seance = fabriques.seance(midi, JEUDI)
    fabriques.reservation(hugo, seance)
    payeurs = [fabriques.enfant(fabriques.famille(nom=nom)) for nom in ("UN", "DEUX")]
    for petit in payeurs:
        fabriques.reservation(petit, seance)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert list(Facture.objects.order_by("numero").values_list("numero", "famille__nom")) == [(1, "UN"), (2, "DEUX")]


def test_l_apercu_dit_exactement_ce_qui_sera_emis_et_n_ecrit_rien():
    ville(30)
    annonce = actions.apercu(SEPTEMBRE, lot=7)
    assert (Facture.objects.count(), Facturation.objects.count()) == (0, 0)
    actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=11)
    assert annonce.totaux == dict(Facture.objects.values_list("famille", "total"))
    assert annonce.total == Ligne.objects.aggregate(s=Sum("montant"))["s"]
    assert {(a.pk, n, m) for a, n, m in annonce.par_activite()} == {
        (r["activite"], r["n"], r["m"])
        for r in Ligne.objects.order_by().values("activite").annotate(n=Sum("quantite"), m=Sum("montant"))
    }


def test_les_courriels_d_un_mois_se_comptent_sans_se_fier_a_leur_sujet(midi, hugo, courriels):
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    facturation = actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    # Un courriel qui a le même sujet, d'un autre envoi, n'est pas du compte.
    envoyer_courriel("facturation/courriels/facture_arrivee", ["autre@exemple.fr"], {
        "sujet": regles.annonce(SEPTEMBRE), "factures": [facture], "echeance": "15 novembre 2026",
    })  # fmt: skip
    assert actions.courriels_de(facturation) == {"attendent": 1, "en_echec": 0, "partis": 0}
    recus = courriels()
    assert {recu["Subject"] for recu in recus} == {regles.annonce(SEPTEMBRE)}
    assert sorted(recu["X-Envoi"] or "" for recu in recus) == ["", f"facturation-{facturation.pk}"]
    facturation.refresh_from_db()
    assert actions.courriels_de(facturation) == {"attendent": 0, "en_echec": 0, "partis": 1}
    # Un parent qui ouvre son compte ensuite n'a pas reçu ce courriel pour autant.
    Adulte.objects.create(
        famille=facture.famille, civilite="m", nom="LA STAR", prenom="Paul",
        compte=fabriques.compte(email="paul@exemple.fr"),
    )  # fmt: skip
    assert actions.courriels_de(facturation)["partis"] == 1


def test_chaque_facture_est_la_somme_de_ses_lignes_et_les_numeros_se_suivent():
    ville(25)
    actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=4)
    for facture in Facture.objects.annotate(somme=Sum("lignes__montant")):
        assert facture.total == facture.somme
    assert sorted(Facture.objects.values_list("numero", flat=True)) == list(range(1, 26))
    assert Compteur.objects.get(serie="F").dernier == 25


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_foyers():
    familles = ville(60, par_jour=1)
    with CaptureQueriesContext(connection) as petit:
        Mois(SEPTEMBRE).prestations([f.pk for f in familles[:2]])
    with CaptureQueriesContext(connection) as grand:
        Mois(SEPTEMBRE).prestations([f.pk for f in familles])
    assert len(grand) == len(petit) <= 9
    with CaptureQueriesContext(connection) as tout:
        actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert len(tout) <= 48


@pytest.mark.parametrize("prenom", ["Anne\tMarie", "Zoé\\N", "\\.", "Élie\nou Léa\r", "O'Hara"])
def test_un_prenom_s_ecrit_tel_qu_il_est(midi, hugo, prenom):
    hugo.prenom = prenom
    hugo.save()
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert Ligne.objects.get().prenom == prenom


def test_un_nouvel_exercice_repart_du_numero_un(midi, hugo):
    decembre = dt.date(2026, 12, 1)
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    fabriques.reservation(hugo, fabriques.seance(midi, dt.date(2026, 12, 3)))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    actions.facturer(decembre, None, fabriques.a_paris(2027, 1, 4))
    assert sorted(f.reference for f in Facture.objects.all()) == ["2026-000001", "2027-000001"]


@pytest.mark.django_db(transaction=True)
def test_la_tache_de_fond_emet_et_la_seconde_n_emet_rien(midi, hugo):
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    regie = fabriques.agent("Régie")
    facturation = actions.lancer(SEPTEMBRE, regie, MAINTENANT)
    assert (facturation.terminee_le, Facture.objects.count()) == (None, 0)
    actions.relancer(facturation)  # un double clic
    travailler()
    facturation.refresh_from_db()
    assert facturation.terminee_le is not None
    assert (facturation.lancee_par, Facture.objects.count()) == (regie, 1)


def test_emettre_ne_lit_les_tarifs_du_mois_qu_une_fois(midi, hugo):
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    with CaptureQueriesContext(connection) as requetes:
        actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert sum('FROM "facturation_tarif"' in requete["sql"] for requete in requetes) == 1
    assert Facture.objects.count() == 1


def rangees_estimees():
    """Ce que PostgreSQL croit qu'ont ses tables de factures et de lignes ; −1 : il ne les a jamais comptées."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT reltuples FROM pg_class WHERE oid IN ('facturation_facture'::regclass,"
            " 'facturation_ligne'::regclass) ORDER BY relname"
        )
        return [estimees for (estimees,) in curseur]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("comment", ["par la tâche", "par la commande"])
def test_un_mois_emis_postgresql_sait_combien_de_lignes_il_a(comment):
    ville(3)
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE facturation_facture, facturation_ligne")  # comptées vides, comme dans un essai d'avant
    assert max(rangees_estimees()) == 0
    if comment == "par la tâche":
        facturation = actions.lancer(SEPTEMBRE, None, MAINTENANT)
        assert max(rangees_estimees()) == 0, "rien dans la requête de la régie"
        travailler()
        facturation.refresh_from_db()
        assert facturation.incident == ""
    else:
        call_command("facturer", "2026-09")
    assert rangees_estimees() == [Facture.objects.count(), Ligne.objects.count()]
    assert Ligne.objects.count() > 100


@pytest.mark.django_db(transaction=True)
def test_un_refus_pendant_la_tache_s_affiche_sur_le_suivi(midi, hugo):
    seance = fabriques.seance(midi, JEUDI)
    reservation = fabriques.reservation(hugo, seance)
    facturation = actions.lancer(SEPTEMBRE, None, MAINTENANT)
    Reservation.objects.filter(pk=reservation.pk).update(
        seance=fabriques.seance(fabriques.activite(nom="Sans tarif", genre="soir"), JEUDI)
    )
    travailler()
    facturation.refresh_from_db()
    assert "Sans tarif" in facturation.incident
    assert facturation.terminee_le is None


def test_la_commande_apercoit_puis_emet(midi, hugo, capsys):
    fabriques.reservation(hugo, fabriques.seance(midi, JEUDI))
    call_command("facturer", "2026-09", "--apercu")
    assert Facture.objects.count() == 0
    call_command("facturer", "2026-09", "--echeance", "2027-01-15")
    assert Facture.objects.get().echeance == dt.date(2027, 1, 15)
    assert capsys.readouterr().out == (
        "1 factures à émettre, pour 2,85\u00a0€. Rien n'est écrit.\nSeptembre 2026 : 1 factures émises.\n"
    )
    for faux, phrase in [("septembre", "2026-09"), ("2126-01", "pas terminé")]:
        with pytest.raises(CommandError, match=phrase):
            call_command("facturer", faux)
