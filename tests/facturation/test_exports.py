"""Les exports : refaits identiques, justes au centime, sans formule, inscrits au journal."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from facturation import actions
from facturation.models import Budget, Comptabilite, Export, Facturation, Facture, Ligne, Tarif, avec_solde
from facturation.regles.exports import CONTENUS, PES
from familles.models import Enfant, Famille
from inscriptions.models import Activite
from presences.models import Pointage
from reservations.models import Seance
from tests import fabriques as f

from .exports import APRES, DEBUT, FIN, PIEGE, coder, euros, faire, fichier, lire_csv, lire_ods, rangees, un_mois

pytestmark = pytest.mark.django_db
TABLEAUX = [cle for cle in CONTENUS if cle != PES]
SCELLES = [cle for cle in TABLEAUX if CONTENUS[cle].scelle]


@pytest.fixture
def mois():
    coder()
    return un_mois()


@pytest.mark.parametrize("format", ["csv", "ods"])
@pytest.mark.parametrize("genre", TABLEAUX)
def test_chaque_export_a_ses_colonnes_et_se_refait_octet_pour_octet(mois, genre, format):
    export = faire(genre, format)
    une, deux = fichier(Export.objects.get()), fichier(Export.objects.get())
    assert une == deux
    lues = lire_csv(une) if format == "csv" else [[texte for _, texte in rangee] for rangee in lire_ods(une)]
    assert lues[0] == [colonne.titre for colonne in CONTENUS[genre].colonnes]
    assert len(lues) == export.lignes + 1
    assert {len(rangee) for rangee in lues} == {len(lues[0])}


@pytest.mark.parametrize("genre", SCELLES)
def test_ce_qui_arrive_ensuite_ne_change_pas_un_export_scelle(mois, genre):
    familles, factures = mois
    export = faire(genre)
    avant = fichier(export)
    agent = f.agent("Régie")
    actions.encaisser(familles[4], D("12.00"), "cheque", agent, f.a_paris(2026, 11, 21))
    actions.annuler_reglement(familles[1].reglements.get(), "rejeté", agent, f.a_paris(2026, 11, 21))
    actions.emettre_avoir(factures[4], D("1.00"), "erreur", agent, f.a_paris(2026, 11, 22))
    Famille.objects.update(nom="AUTRE NOM")
    Activite.objects.filter(genre="midi").update(nom="Renommée")
    export.refresh_from_db()
    Comptabilite.objects.update(tiers="999")
    Tarif.objects.all().delete()
    assert fichier(export) == avant


@pytest.mark.parametrize("genre", [cle for cle in TABLEAUX if not CONTENUS[cle].scelle])
def test_ce_qui_fut_corrige_depuis_ne_passe_pas_pour_le_meme_fichier(mois, genre):
    export = faire(genre)
    Famille.objects.update(nom="AUTRE NOM")
    Pointage.objects.all().delete()
    with pytest.raises(ValidationError, match="corrigé ou effacé depuis"):
        actions.refaire(export)


def test_une_periode_passee_ne_recoit_plus_rien_et_deux_qui_se_suivent_n_oublient_rien(mois):
    familles, _ = mois
    octobre = {"debut": dt.date(2026, 10, 1), "fin": dt.date(2026, 10, 31)}
    avant = rangees("reglements", **octobre)
    # Saisi en novembre, reçu en octobre : il est de la période où il est saisi.
    actions.encaisser(familles[5], D("8.00"), "virement", None, f.a_paris(2026, 11, 3), recu_le=dt.date(2026, 10, 30))
    assert rangees("reglements", **octobre) == avant
    novembre = rangees("reglements", debut=dt.date(2026, 11, 1), fin=dt.date(2026, 11, 30))
    assert [(r[0], r[2], r[7]) for r in novembre] == [("03/11/2026", "30/10/2026", "8,00")]
    assert sum(euros(r[7]) for r in avant + novembre) == sum(euros(r[7]) for r in rangees("reglements"))


def test_les_sommes_des_exports_sont_celles_des_comptes(mois):
    total = Facture.objects.aggregate(s=Sum("total"))["s"]
    solde = avec_solde(Famille.objects.all()).aggregate(s=Sum("solde"))["s"]
    assert sum(euros(r[8]) for r in rangees("factures")) == total
    assert sum(euros(r[11]) for r in rangees("lignes")) == total
    rendu = sum(euros(r[5]) for r in rangees("avoirs"))
    garde = sum(euros(r[7]) for r in rangees("reglements"))
    assert total - rendu - garde == solde
    foyers = rangees("familles")
    assert sum(euros(r[14]) for r in foyers) == sum(euros(r[15]) for r in foyers) == solde
    recettes = rangees("recettes")
    assert sum(euros(r[5]) for r in recettes) == total
    assert sum(euros(r[6]) for r in recettes) == rendu


def test_le_journal_comptable_s_equilibre_piece_par_piece_et_dit_ce_qui_est_du(mois):
    pieces, comptes = defaultdict(D), defaultdict(D)
    for journal, _, piece, compte, _, debit, credit, analytique, budget, _ in rangees("ecritures"):
        pieces[journal, piece] += euros(debit) - euros(credit)
        comptes[compte[:3]] += euros(debit) - euros(credit)
        assert budget == "CANT"
        assert bool(analytique) == compte.startswith("7067")
    assert set(pieces.values()) == {D(0)}
    assert comptes["411"] == avec_solde(Famille.objects.all()).aggregate(s=Sum("solde"))["s"]
    assert -comptes["706"] == sum(euros(r[7]) for r in rangees("recettes"))
    assert sum(comptes.values()) == 0


def test_chaque_budget_a_son_code_dans_les_ecritures():
    coder()
    loisirs = Budget.objects.create(nom="Loisirs", code_comptable="LOIS")
    Budget.objects.create(nom="Sans code").activites.create(genre="matin")
    loisirs.activites.create(genre="soir")
    un_mois(4)
    facture = Facture.objects.filter(budget=loisirs).first()
    agent = f.agent("Régie")
    actions.encaisser(facture.famille, D("1.00"), "cheque", agent, f.a_paris(2026, 10, 11), facture=facture)
    actions.emettre_avoir(facture, D("1.00"), "geste", agent, f.a_paris(2026, 10, 12))
    codes = defaultdict(D)
    for _, _, piece, compte, _, debit, credit, _, budget, _ in rangees("ecritures"):
        codes[piece, budget] += euros(debit) - euros(credit)
        if compte.startswith("7067") and piece.startswith("2026"):
            assert (budget == "LOIS") == Facture.objects.filter(budget=loisirs, numero=int(piece[5:])).exists()
    assert set(codes.values()) == {D(0)}, "chaque pièce s'équilibre dans son budget"
    du_budget = {piece for piece, budget in codes if budget == "LOIS"}
    assert any(piece.startswith("A2026") for piece in du_budget)
    assert any(piece.startswith("R") for piece in du_budget)
    assert {budget for _, budget in codes} == {"CANT", "LOIS"}


def test_sans_code_les_ecritures_sont_refusees_et_l_activite_est_nommee():
    coder(sauf=["midi"]).tresoreries.filter(moyen="especes").delete()
    un_mois(3)
    with pytest.raises(ValidationError) as refus:
        faire("ecritures")
    assert refus.value.code == "sans_code"
    nom = Activite.objects.get(genre="midi").nom
    assert f"le compte de produit de « {nom} »" in refus.value.message
    assert "du moyen « espèces »" in refus.value.message
    assert not Export.objects.exists()


def test_le_compte_d_une_activite_l_emporte_sur_celui_de_son_genre(mois):
    soir = Activite.objects.get(genre="soir")
    Comptabilite.objects.get().imputations.create(genre="soir", activite=soir, compte="70999", analytique="X")
    comptes = {r[3] for r in rangees("ecritures")}
    assert "70999" in comptes
    assert not any(r[7] == "SOI" for r in rangees("ecritures"))


@pytest.mark.parametrize("genre", TABLEAUX)
def test_un_nom_piege_n_est_jamais_une_formule(genre):
    """Relu comme un tableur le lit : aucune cellule ne commence par un signe de calcul."""
    coder()
    familles, factures = un_mois(3)
    agent = f.agent("Régie")
    Famille.objects.update(nom=PIEGE, adresse=f"{PIEGE} rue", complement="+33", ville="@ville")
    Enfant.objects.update(nom=PIEGE, prenom=PIEGE)
    Activite.objects.filter(genre="midi").update(nom=PIEGE)
    Activite.objects.first().site.__class__.objects.update(nom="-site")
    actions.encaisser(familles[0], D("5.00"), "cheque", agent, f.a_paris(2026, 11, 1), reference=PIEGE)
    actions.emettre_avoir(factures[0], D("2.00"), PIEGE, agent, f.a_paris(2026, 11, 1))
    for rangee in lire_csv(fichier(faire(genre))):
        for texte in rangee:
            nombre = texte.lstrip("-").replace(",", "").isdigit()
            assert not texte.startswith(("=", "+", "@", "\t")), texte
            assert not texte.startswith("-") or nombre, texte
    for rangee in lire_ods(fichier(faire(genre, "ods"))):  # qui refuse toute cellule à formule
        for type_, texte in rangee:
            assert type_ == "string" or not texte.startswith(("=", "@")), texte


def test_un_ods_garde_ses_types_et_se_relit_par_une_autre_bibliotheque(mois):
    import tablib

    _, premiere, *_ = lire_ods(contenu := fichier(faire("factures", "ods")))
    assert premiere[1] == ("date", "2026-10-02")
    assert premiere[8][0] == "float"
    relu = tablib.Dataset().load(contenu, format="ods")
    assert relu.height == Facture.objects.count()
    assert relu["Émise le"][0] == dt.date(2026, 10, 2)
    assert sum(D(str(total)) for total in relu["Total"]) == Facture.objects.aggregate(s=Sum("total"))["s"]


def test_un_texte_que_le_xml_ne_sait_pas_porter_n_abime_pas_l_ods(mois):
    Famille.objects.filter(pk=mois[0][0].pk).update(nom="A\x0bB & <C>")
    assert ("string", "AB & <C>") in [case for rangee in lire_ods(fichier(faire("familles", "ods"))) for case in rangee]


def test_la_caf_compte_le_creneau_entier_des_qu_un_enfant_est_venu_et_son_age_ce_jour_la():
    """Six ans le 8 octobre : moins de 6 ans le 7, 6 ans et plus le 8. 1 h 30 par séance."""
    f.commune()
    midi = f.activite(nom="Cantine")
    petit = f.enfant(date_naissance=dt.date(2020, 10, 8))
    for jour in (dt.date(2026, 9, 30), dt.date(2026, 10, 7), dt.date(2026, 10, 8), dt.date(2026, 10, 9)):
        f.reservation(petit, f.seance(midi, jour))
    venu, part, age, absent = Seance.objects.order_by("jour")
    for seance, etat, depart in ((venu, "present", None), (part, "present", dt.time(12, 10)), (age, "present", None),
                                 (absent, "absent", None)):  # fmt: skip
        Pointage.objects.create(
            enfant=petit, seance=seance, etat=etat, arrivee=dt.time(12) if depart else None, depart=depart,
            recu_le=APRES,
        )  # fmt: skip
    assert [[*r[:2], *r[3:]] for r in rangees("heures")] == [
        ["2026-T3", "Cantine", "moins de 6 ans", "1", "1", "1,50", "1,50", "0,00", "0"],
        ["2026-T4", "Cantine", "moins de 6 ans", "1", "1", "1,50", "1,50", "0,00", "0"],
        ["2026-T4", "Cantine", "6 ans et plus", "1", "1", "1,50", "3,00", "0,00", "0"],
    ]


def test_les_heures_facturees_oublient_les_lignes_rendues_et_les_forfaits():
    f.commune()
    foyer = f.famille()
    facture = f.facture(foyer)
    ligne = facture.lignes.get()
    Facturation.objects.update(terminee_le=APRES)
    assert [r[8:] for r in rangees("heures")] == [["1,50", "0"]]
    actions.emettre_avoir(facture, ligne.montant, "annulé", None, f.a_paris(2026, 11, 10), lignes=[ligne])
    assert rangees("heures") == []


def test_reserve_venu_facture_restent_trois_faits(mois):
    lues = rangees("presences")
    assert len(lues) >= Ligne.objects.count()
    facture = sum(euros(r[12]) for r in lues)
    assert facture == Facture.objects.aggregate(s=Sum("total"))["s"]
    assert {r[9] for r in lues} == {"présent", "absent"}
    Pointage.objects.filter(etat="absent").delete()
    assert {r[9] for r in rangees("presences")} == {"présent", ""}


def test_un_export_ne_se_recrit_ni_ne_s_efface(mois):
    export = faire("factures")
    for geste in (lambda: Export.objects.update(lignes=0), export.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            geste()


def test_les_refus_laissent_le_journal_vide(mois):
    for code, options in {
        "genre": {"genre": "tout"}, "format": {"genre": "factures", "format": "xml"},
        "periode": {"genre": "factures", "debut": FIN, "fin": DEBUT},
    }.items():
        with pytest.raises(ValidationError) as refus:
            faire(**options)
        assert refus.value.code == code
    with pytest.raises(ValidationError, match="jour à un an"):
        faire("factures", fin=dt.date(2028, 1, 1))
    with pytest.raises(ValidationError, match="pas commencé"):
        faire("factures", debut=dt.date(2026, 12, 1))
    assert not Export.objects.exists()


def test_pendant_qu_un_mois_s_emet_on_attend(mois):
    Facturation.objects.update(terminee_le=None)
    with pytest.raises(ValidationError, match="en train d'être émis"):
        faire("factures")
    avant = faire("factures", debut=dt.date(2026, 9, 1), fin=dt.date(2026, 9, 30))
    assert avant.lignes == 0


@pytest.mark.parametrize("genre", TABLEAUX)
def test_un_export_ne_coute_pas_plus_de_requetes_pour_plus_de_lignes(genre):
    coder()
    un_mois(4)
    faire(genre)  # ce qui se lit une fois par processus

    def requetes():
        with CaptureQueriesContext(connection) as vues:
            fichier(faire(genre))
        return len(vues)

    peu = requetes()
    for n in range(30):
        foyer = f.famille(nom=f"AUTRE {n}")
        facture = f.facture(foyer, total="10.00", emise_le=f.a_paris(2026, 11, 2))
        actions.encaisser(foyer, D("10.00"), "cheque", None, f.a_paris(2026, 11, 3), facture=facture)
        actions.emettre_avoir(facture, D("2.00"), "geste", None, f.a_paris(2026, 11, 4))
    Facturation.objects.update(terminee_le=APRES)
    assert requetes() == peu
