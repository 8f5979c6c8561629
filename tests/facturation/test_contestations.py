"""Contester une ligne, y répondre : une fois, dans les délais, jamais rendue deux fois ; la facture ne change pas."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from commune.fichiers import nettoyer
from facturation import actions
from facturation.models import Avoir, Contestation, Facture, Ligne, LigneRendue, Regie, solde_de
from tests import fabriques as f
from tests.acces import image
from tests.reservations.test_enregistrement import ensemble

from .test_evenements import JEUDI, Cantine

EN_OCTOBRE = f.a_paris(2026, 10, 6)
# Les factures sont émises le 2 octobre : avec 60 jours, on conteste jusqu'au 1er décembre compris.
DERNIER, TROP_TARD = f.a_paris(2026, 12, 1, 23, 59), f.a_paris(2026, 12, 2, 0, 0)


@pytest.fixture
def cantine(db):
    cantine = Cantine()
    cantine.facturer()
    return cantine


def ligne_de(prenom="Hugo", jour=JEUDI):
    return Ligne.objects.select_related("facture__famille").get(prenom=prenom, jour=jour)


def contester(ligne, quand=EN_OCTOBRE, motif="Hugo était chez sa grand-mère.", propre=None):
    return actions.contester(ligne, motif, propre, None, quand)


def code(refus):
    return refus.value.code


# --- Envoyer --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_une_contestation_promet_sa_reponse_et_l_ecrit_a_la_mairie(cantine, courriels):
    courriels()  # ceux des factures émises
    Regie.objects.create(delai_reponse=10)
    faite = contester(ligne_de())
    assert (faite.etat, faite.repondre_avant) == ("envoyee", dt.date(2026, 10, 16))
    Regie.objects.update(delai_reponse=30)
    faite.refresh_from_db()
    assert faite.repondre_avant == dt.date(2026, 10, 16)
    [recu] = courriels()
    assert recu["To"] == cantine.regie.email
    texte = recu.get_body(("plain",)).get_content()
    assert f"/admin/facturation/contestation/{faite.pk}/change/" in texte
    assert "16 octobre 2026" in texte
    assert "Hugo" not in texte


def test_sans_personne_a_la_regie_le_courriel_va_a_la_commune(cantine, courriels):
    courriels()  # ceux des factures émises
    cantine.regie.groups.clear()
    contester(ligne_de())
    assert [recu["To"] for recu in courriels()] == ["periscolaire@migne-auxances.fr"]


@pytest.mark.parametrize(("quand", "refus"), [(DERNIER, None), (TROP_TARD, "trop_tard")])
def test_une_ligne_se_conteste_jusqu_au_dernier_jour_compris(cantine, quand, refus):
    if refus is None:
        assert contester(ligne_de(), quand).pk
        return
    with pytest.raises(ValidationError) as leve:
        contester(ligne_de(), quand)
    assert code(leve) == refus
    assert "jusqu'au 1er décembre 2026" in leve.value.message


def test_le_delai_est_celui_que_regle_la_regie(cantine):
    Regie.objects.create(delai_contestation=3)
    with pytest.raises(ValidationError) as leve:
        contester(ligne_de())
    assert code(leve) == "trop_tard"


def test_une_ligne_n_a_qu_une_contestation_ouverte(cantine):
    faite = contester(ligne_de())
    with pytest.raises(ValidationError) as leve:
        contester(ligne_de())
    assert code(leve) == "deja"
    with pytest.raises(IntegrityError), transaction.atomic():
        Contestation.objects.create(
            ligne=ligne_de(), motif="x", envoyee_le=EN_OCTOBRE, repondre_avant=faite.repondre_avant
        )


def test_une_ligne_deja_rendue_ou_sans_un_mot_ne_se_conteste_pas(cantine):
    ligne = ligne_de()
    with pytest.raises(ValidationError) as leve:
        contester(ligne, motif="  ")
    assert code(leve) == "motif"
    actions.emettre_avoir(ligne.facture, ligne.montant, "Repas froid", None, EN_OCTOBRE, lignes=[ligne])
    with pytest.raises(ValidationError) as leve:
        contester(ligne)
    assert code(leve) == "rendue"
    assert "A2026-000001" in leve.value.message
    assert Contestation.objects.count() == 0


def test_une_ligne_a_zero_euro_ne_se_conteste_pas(cantine):
    gratuite = ligne_de()
    gratuite.montant = D(0)
    with pytest.raises(ValidationError) as leve:
        contester(gratuite)
    assert code(leve) == "gratuite"


def test_la_piece_suit_les_controles_des_documents_et_un_refus_n_en_laisse_aucune(cantine, settings):
    propre = nettoyer(SimpleUploadedFile("mot.png", image().read(), "image/png"))
    faite = contester(ligne_de(), propre=propre)
    assert faite.fichier.storage.exists(faite.fichier.name)
    assert "mot" not in faite.fichier.name
    dossier = faite.fichier.storage.path("facturation")
    avant = fichiers(dossier)
    autre = nettoyer(SimpleUploadedFile("mot.png", image().read(), "image/png"))
    with pytest.raises(ValidationError):
        contester(ligne_de(), propre=autre)
    assert fichiers(dossier) == avant
    with pytest.raises(ValidationError):
        nettoyer(SimpleUploadedFile("mot.pdf", b"MZ un programme", "application/pdf"))


def fichiers(dossier):
    from pathlib import Path

    return sorted(str(chemin) for chemin in Path(dossier).rglob("*") if chemin.is_file())


# --- Répondre -------------------------------------------------------------------------------------------------------
def test_accepter_une_ligne_qu_un_quotient_tardif_a_deja_corrigee_rend_le_reste(cantine):
    faite, facture = contester(ligne_de()), ligne_de().facture
    facture.famille.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    actions.corriger(facture, D("1.50"), None, EN_OCTOBRE)  # deux repas à 2,85 € au lieu de 3,60 €
    decidee = actions.accepter_contestation(faite, "deduire", "C'est exact.", cantine.regie, EN_OCTOBRE)
    assert decidee.avoir.montant == D("2.85")


@pytest.mark.parametrize("suite", ["deduire", "rembourser"])
def test_accepter_rend_la_ligne_par_un_avoir_et_la_famille_l_apprend(cantine, courriels, suite):
    faite, avant = contester(ligne_de()), list(Facture.objects.values_list("pk", "total"))
    courriels()
    famille = faite.ligne.facture.famille
    du = solde_de(famille)
    decidee = actions.accepter_contestation(faite, suite, "C'est exact.", cantine.regie, EN_OCTOBRE)
    avoir = Avoir.objects.get()
    assert (avoir.montant, avoir.motif) == (D("3.60"), "Repas du 3 septembre : contestation acceptée")
    assert (decidee.avoir, decidee.suite, decidee.decidee_par) == (avoir, suite, cantine.regie)
    assert LigneRendue.objects.get().ligne == faite.ligne
    assert solde_de(famille) == du - D("3.60")
    assert list(Facture.objects.values_list("pk", "total")) == avant
    [recu] = courriels()
    texte = recu.get_body(("plain",)).get_content()
    assert recu["Subject"] == "Votre contestation est acceptée"
    devient = "remboursée" if suite == "rembourser" else "prochaine facture"
    lien = f"/facturation/lignes/{faite.ligne_id}/contester/"
    for phrase in ["Hugo, Repas du jeudi 3 septembre", "C'est exact.", lien, devient]:
        assert phrase in texte, phrase


def test_refuser_se_motive_s_ecrit_et_la_ligne_reste_due(cantine, courriels):
    faite = contester(ligne_de())
    courriels()
    with pytest.raises(ValidationError) as leve:
        actions.refuser_contestation(faite, " ", cantine.regie, EN_OCTOBRE)
    assert code(leve) == "sans_motif"
    actions.refuser_contestation(faite, "La feuille du jour le dit présent.", cantine.regie, EN_OCTOBRE)
    [recu] = courriels()
    assert recu["Subject"] == "Votre contestation est refusée"
    assert "La feuille du jour le dit présent." in recu.get_body(("plain",)).get_content()
    assert Avoir.objects.count() == 0
    assert contester(ligne_de(), motif="La feuille se trompe.").pk  # un refus n'ôte pas le droit d'insister


def test_une_decision_ne_se_reprend_pas(cantine):
    faite = contester(ligne_de())
    actions.refuser_contestation(faite, "Non.", cantine.regie, EN_OCTOBRE)
    with pytest.raises(ValidationError) as leve:
        actions.accepter_contestation(faite, "deduire", "", cantine.regie, EN_OCTOBRE)
    assert code(leve) == "deja_decidee"
    assert Avoir.objects.count() == 0


def test_accepter_ne_rend_pas_plus_que_ce_qui_reste_de_la_facture(cantine):
    faite = contester(ligne_de())
    facture = faite.ligne.facture
    actions.emettre_avoir(facture, D("6.00"), "Geste", cantine.regie, EN_OCTOBRE)
    assert actions.accepter_contestation(faite, "deduire", "", None, EN_OCTOBRE).avoir.montant == D("1.20")
    seconde = contester(ligne_de(jour=JEUDI + dt.timedelta(days=1)))
    with pytest.raises(ValidationError) as leve:
        actions.accepter_contestation(seconde, "deduire", "", None, EN_OCTOBRE)
    assert code(leve) == "trop"


def test_une_ligne_rendue_entre_temps_par_un_evenement_n_est_pas_rendue_deux_fois(cantine):
    faite = contester(ligne_de())
    greve = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(greve.pk, EN_OCTOBRE)
    de_la_greve = LigneRendue.objects.get(ligne=faite.ligne).avoir
    decidee = actions.accepter_contestation(faite, "deduire", "", cantine.regie, EN_OCTOBRE)
    assert decidee.avoir == de_la_greve
    assert Avoir.objects.filter(facture=faite.ligne.facture).count() == 1


@pytest.mark.parametrize(("champs", "contrainte"), [
    ({"etat": "refusee", "decidee_le": EN_OCTOBRE}, "contestation_refus_motive"),
    ({"etat": "acceptee", "decidee_le": EN_OCTOBRE, "suite": "deduire"}, "contestation_acceptee_rendue"),
    ({"etat": "refusee", "reponse": "Non."}, "contestation_decidee"),
    ({"decidee_le": EN_OCTOBRE}, "contestation_decidee"),
])  # fmt: skip
def test_la_base_refuse_une_contestation_bancale(cantine, champs, contrainte):
    faite = contester(ligne_de())
    with pytest.raises(IntegrityError, match=contrainte), transaction.atomic():
        Contestation.objects.filter(pk=faite.pk).update(**champs)


# --- Ensemble -------------------------------------------------------------------------------------------------------
@pytest.fixture
def en_vrai(transactional_db):
    cantine = Cantine()
    cantine.facturer()
    return cantine


def essayer(geste):
    """Le geste, ou le code de son refus."""

    def faire():
        try:
            geste()
            return "fait"
        except ValidationError as refus:
            return refus.code

    return faire


@pytest.mark.django_db(transaction=True)
def test_un_double_clic_n_envoie_qu_une_contestation(en_vrai):
    ligne = ligne_de()
    rendus = ensemble([essayer(lambda: contester(ligne))] * 6)
    assert sorted(rendus) == ["deja"] * 5 + ["fait"]
    assert Contestation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_acceptee_par_six_collegues_a_la_fois_elle_ne_rend_qu_un_avoir(en_vrai):
    faite = contester(ligne_de())

    def accepter():
        actions.accepter_contestation(faite, "deduire", "", en_vrai.regie, EN_OCTOBRE)

    assert sorted(ensemble([essayer(accepter)] * 6)) == ["deja_decidee"] * 5 + ["fait"]
    assert Avoir.objects.count() == LigneRendue.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tour", range(4))
def test_acceptee_pendant_qu_un_evenement_rend_la_meme_ligne_elle_n_est_rendue_qu_une_fois(en_vrai, tour):
    faite, greve = contester(ligne_de()), en_vrai.appliquer(EN_OCTOBRE)
    gestes = [
        essayer(lambda: actions.accepter_contestation(faite, "deduire", "", en_vrai.regie, EN_OCTOBRE)),
        essayer(lambda: actions.crediter(greve.pk, EN_OCTOBRE)),
    ]
    assert ensemble(gestes[:: -1 if tour % 2 else 1]) == ["fait", "fait"]
    assert LigneRendue.objects.filter(ligne=faite.ligne).count() == 1
    assert sorted(a.montant for a in Avoir.objects.all()) == [D("3.60"), D("3.60")]  # Hugo, et Lina par la grève
    faite.refresh_from_db()
    assert faite.avoir == LigneRendue.objects.get(ligne=faite.ligne).avoir


@pytest.mark.django_db(transaction=True)
def test_acceptee_pendant_que_la_regie_rend_toute_la_facture_rien_n_est_rendu_en_trop(en_vrai):
    faite = contester(ligne_de())
    facture = faite.ligne.facture
    gestes = [
        essayer(lambda: actions.accepter_contestation(faite, "deduire", "", en_vrai.regie, EN_OCTOBRE)),
        essayer(lambda: actions.emettre_avoir(facture, facture.total, "Tout", en_vrai.regie, EN_OCTOBRE)),
    ]
    assert ensemble(gestes) in (["fait", "trop"], ["trop", "fait"])
    assert Avoir.objects.count() == 1
