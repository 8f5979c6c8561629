"""Une question de la mairie, la réponse de la famille : à chacun son tour ; décidée, elle ne reçoit plus un mot."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from commune.fichiers import nettoyer
from facturation import actions, regles
from facturation.models import Avoir, Contestation, Precision
from tests import fabriques as f
from tests.acces import image
from tests.reservations.test_enregistrement import ensemble

from .test_contestations import EN_OCTOBRE, code, contester, essayer, fichiers, ligne_de
from .test_evenements import Cantine

pytestmark = pytest.mark.django_db
PLUS_TARD = f.a_paris(2026, 10, 10)


@pytest.fixture
def cantine():
    cantine = Cantine()
    cantine.facturer()
    return cantine


def demander(faite, quand=EN_OCTOBRE, question="Qui est venu le chercher ?", **options):
    return actions.demander_precision(faite, question, None, quand, **options)


def repondre(precision, quand=PLUS_TARD, reponse="Sa grand-mère, à midi.", propre=None):
    return actions.repondre_precision(precision, reponse, propre, None, quand)


# --- Qui peut quoi, dans chaque état ------------------------------------------------------------------------------
DECIDER = {
    "accepter": lambda faite, _: actions.accepter_contestation(faite, "deduire", "", None, PLUS_TARD),
    "accepter en partie": lambda faite, _: actions.accepter_en_partie(
        faite, D("2.10"), "deduire", "Le goûter est dû.", None, PLUS_TARD
    ),
    "refuser": lambda faite, _: actions.refuser_contestation(faite, "Non.", None, PLUS_TARD),
}
GESTES = DECIDER | {
    "demander": lambda faite, _: demander(faite, PLUS_TARD),
    "répondre": lambda _, precision: repondre(precision),
    "contester": lambda faite, _: contester(ligne_de(), PLUS_TARD, "Encore."),
}
# Pour arriver à chaque état, après une première question : y avoir répondu, ou non, et décider.
ETATS = {
    "envoyee": lambda faite, precision: repondre(precision),
    "question": lambda faite, precision: None,
    "acceptee": DECIDER["accepter"], "partie": DECIDER["accepter en partie"], "refusee": DECIDER["refuser"],
}
ICI = [
    # (état, geste, l'état où il mène ou le code de son refus)
    ("envoyee", "demander", "question"), ("envoyee", "répondre", "repondue"), ("envoyee", "contester", "deja"),
    ("envoyee", "accepter", "acceptee"), ("envoyee", "accepter en partie", "partie"),
    ("envoyee", "refuser", "refusee"),
    ("question", "demander", "deja_demandee"), ("question", "répondre", "envoyee"), ("question", "contester", "deja"),
    ("question", "accepter", "acceptee"), ("question", "accepter en partie", "partie"),
    ("question", "refuser", "refusee"),
    *((clos, geste, "deja_decidee") for clos in ("acceptee", "partie", "refusee") for geste in (*DECIDER, "demander")),
    *((clos, "répondre", "decidee") for clos in ("acceptee", "partie", "refusee")),
    # Rendue, la ligne ne se conteste plus ; refusée, même en partie, la famille peut insister.
    ("acceptee", "contester", "rendue"), ("partie", "contester", "partie"), ("refusee", "contester", "refusee"),
]  # fmt: skip


@pytest.mark.parametrize(("etat", "geste", "attendu"), ICI)
def test_d_ou_part_chaque_geste_et_ou_il_mene(cantine, etat, geste, attendu):
    faite = contester(ligne_de())
    precision = demander(faite)
    ETATS[etat](faite, precision)
    faite.refresh_from_db()
    assert faite.etat == etat
    refus = essayer(lambda: GESTES[geste](faite, precision))()
    faite.refresh_from_db()
    assert (refus, faite.etat) == (("fait", attendu) if attendu in ETATS else (attendu, etat))
    assert Contestation.objects.count() == (2 if (refus, geste) == ("fait", "contester") else 1)
    assert (faite.suspendue_le is not None) == (faite.etat == "question")


def test_la_table_dit_tout():
    assert {(etat, geste) for etat, geste, _ in ICI} == {(etat, geste) for etat in ETATS for geste in GESTES}


@pytest.mark.parametrize("mots", ["", "   "])
def test_une_question_et_une_reponse_ont_leurs_mots(cantine, mots):
    faite = contester(ligne_de())
    with pytest.raises(ValidationError) as leve:
        demander(faite, question=mots)
    assert code(leve) == "motif"
    precision = demander(faite)
    with pytest.raises(ValidationError) as leve:
        repondre(precision, reponse=mots)
    assert code(leve) == "motif"
    assert Precision.objects.get().attend


# --- Le délai -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("question", "reponse", "attendu"), [
    (f.a_paris(2026, 10, 10), f.a_paris(2026, 10, 14), dt.date(2026, 10, 25)),
    (f.a_paris(2026, 10, 10, 0, 5), f.a_paris(2026, 10, 10, 23, 55), dt.date(2026, 10, 21)),  # le jour même
    (f.a_paris(2026, 10, 10, 23, 55), f.a_paris(2026, 10, 11, 0, 5), dt.date(2026, 10, 22)),  # à Paris, un jour a passé
    (f.a_paris(2026, 10, 24), f.a_paris(2026, 10, 26), dt.date(2026, 10, 23)),  # déjà en retard : il le reste
])  # fmt: skip
def test_le_delai_ne_court_pas_de_la_question_a_la_reponse(cantine, question, reponse, attendu):
    assert regles.repousser(dt.date(2026, 10, 21), question, reponse) == attendu
    faite = contester(ligne_de())
    assert faite.repondre_avant == dt.date(2026, 10, 21)
    precision = demander(faite, question)
    faite.refresh_from_db()
    assert not faite.en_retard(dt.date(2027, 1, 1))
    repondre(precision, reponse)
    faite.refresh_from_db()
    assert (faite.etat, faite.repondre_avant, faite.suspendue_le) == ("envoyee", attendu, None)
    assert faite.en_retard(attendu + dt.timedelta(days=1))


@pytest.mark.parametrize(("jour", "oubliee"), [
    (dt.date(2026, 10, 6), False), (dt.date(2026, 11, 5), False), (dt.date(2026, 11, 6), True),
])  # fmt: skip
def test_apres_trente_jours_une_question_est_sans_reponse(cantine, jour, oubliee):
    faite = contester(ligne_de())
    demander(faite, f.a_paris(2026, 10, 6, 23, 59))
    faite.refresh_from_db()
    assert regles.sans_reponse(dt.date(2026, 10, 6), jour) == oubliee
    assert faite.sans_reponse(jour) == oubliee
    assert Contestation.objects.sans_reponse(jour).exists() == oubliee
    assert Contestation.objects.a_traiter(jour).exists() == oubliee
    assert not Contestation.objects.a_decider().exists()
    assert list(Contestation.objects.ouvertes()) == [faite]


def test_plusieurs_echanges_se_suivent_dans_l_ordre_et_chacun_repousse_le_delai(cantine):
    faite = contester(ligne_de())
    for jour in (8, 12):
        precision = demander(faite, f.a_paris(2026, 10, jour), f"Question du {jour}")
        repondre(precision, f.a_paris(2026, 10, jour + 2), f"Réponse du {jour + 2}")
    faite.refresh_from_db()
    assert [(p.question, p.reponse) for p in faite.precisions.all()] == [
        ("Question du 8", "Réponse du 10"), ("Question du 12", "Réponse du 14"),
    ]  # fmt: skip
    assert (faite.ecrits, faite.repondre_avant) == (4, dt.date(2026, 10, 25))


# --- Les courriels ------------------------------------------------------------------------------------------------
def test_la_question_va_aux_parents_et_la_reponse_revient_a_la_regie_sans_nommer_personne(cantine, courriels):
    faite = contester(ligne_de())
    courriels()
    precision = demander(faite)
    [recu] = courriels()
    texte = recu.get_body(("plain",)).get_content()
    assert recu["To"] == faite.ligne.facture.famille.adultes.get().compte.email
    assert recu["Subject"] == "La mairie vous demande une précision"
    lien = f"/facturation/lignes/{faite.ligne_id}/contester/"
    for phrase in ["Hugo, Repas du jeudi 3 septembre", "Qui est venu le chercher ?", "suspendu", lien]:
        assert phrase in texte, phrase
    repondre(precision)
    [recu] = courriels()
    texte = recu.get_body(("plain",)).get_content()
    assert recu["To"] == cantine.regie.email
    assert f"/admin/facturation/contestation/{faite.pk}/change/" in texte
    assert "25 octobre 2026" in texte
    assert "Hugo" not in texte
    assert "grand-mère" not in texte


# --- Les pièces ---------------------------------------------------------------------------------------------------
def piece():
    return nettoyer(SimpleUploadedFile("mot.png", image().read(), "image/png"))


def test_la_piece_d_une_reponse_se_garde_et_un_refus_n_en_laisse_aucune(cantine):
    faite = contester(ligne_de())
    precision = demander(faite)
    ecrite = repondre(precision, propre=piece())
    dossier = ecrite.fichier.storage.path("facturation")
    assert ecrite.fichier.storage.exists(ecrite.fichier.name)
    avant = fichiers(dossier)
    with pytest.raises(ValidationError) as leve:
        repondre(precision, propre=piece())
    assert code(leve) == "repondue"
    suivante = demander(faite)
    actions.refuser_contestation(faite, "Non.", None, PLUS_TARD)
    with pytest.raises(ValidationError) as leve:
        repondre(suivante, propre=piece())
    assert code(leve) == "decidee"
    assert fichiers(dossier) == avant


# --- Qui arrive second --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("geste", ["accepter", "partie", "refuser", "demander"])
def test_qui_n_a_pas_lu_la_reponse_doit_relire(cantine, geste):
    faite = contester(ligne_de())
    vu = faite.ecrits
    repondre(demander(faite))
    gestes = {
        "accepter": lambda vu: actions.accepter_contestation(faite, "deduire", "", None, PLUS_TARD, vu=vu),
        "partie": lambda vu: actions.accepter_en_partie(faite, D(1), "deduire", "Oui.", None, PLUS_TARD, vu=vu),
        "refuser": lambda vu: actions.refuser_contestation(faite, "Non.", None, PLUS_TARD, vu=vu),
        "demander": lambda vu: demander(faite, PLUS_TARD, vu=vu),
    }
    with pytest.raises(ValidationError) as leve:
        gestes[geste](vu)
    assert code(leve) == "relire"
    assert Avoir.objects.count() == 0
    faite = Contestation.objects.get()
    gestes[geste](faite.ecrits)
    assert Contestation.objects.get().etat != "envoyee"


# --- La base ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("champs", "contrainte"), [
    ({"etat": "question"}, "contestation_suspendue"),
    ({"suspendue_le": EN_OCTOBRE}, "contestation_suspendue"),
    ({"etat": "question", "suspendue_le": EN_OCTOBRE, "decidee_le": EN_OCTOBRE}, "contestation_decidee"),
    ({"etat": "partie", "decidee_le": EN_OCTOBRE, "suite": "deduire", "reponse": "Oui."},
     "contestation_acceptee_rendue"),
    ({"etat": "partie", "decidee_le": EN_OCTOBRE}, "contestation_refus_motive|contestation_acceptee_rendue"),
])  # fmt: skip
def test_la_base_refuse_une_contestation_bancale(cantine, champs, contrainte):
    faite = contester(ligne_de())
    with pytest.raises(IntegrityError, match=contrainte), transaction.atomic():
        Contestation.objects.filter(pk=faite.pk).update(**champs)


def test_chaque_contrainte_a_sa_phrase():
    for modele in (Contestation, Precision):
        for contrainte in modele._meta.constraints:
            assert contrainte.violation_error_message != contrainte.default_violation_error_message, contrainte.name


@pytest.mark.parametrize(("champs", "contrainte"), [
    ({"reponse": "Oui."}, "precision_repondue"), ({"repondue_le": EN_OCTOBRE}, "precision_repondue"),
    ({"fichier": "x.pdf"}, "precision_repondue"), ({"question": ""}, "precision_demandee"),
])  # fmt: skip
def test_la_base_refuse_une_precision_bancale(cantine, champs, contrainte):
    precision = demander(contester(ligne_de()))
    with pytest.raises(IntegrityError, match=contrainte), transaction.atomic():
        Precision.objects.filter(pk=precision.pk).update(**champs)


def test_la_base_refuse_deux_questions_a_la_fois_et_un_mot_apres_la_decision(cantine):
    faite = contester(ligne_de())
    precision = demander(faite)
    nouvelle = {"contestation": faite, "question": "Encore ?", "demandee_le": EN_OCTOBRE}
    with pytest.raises(IntegrityError, match="une_question_a_la_fois"), transaction.atomic():
        Precision.objects.create(**nouvelle)
    actions.refuser_contestation(faite, "Non.", None, PLUS_TARD)
    with pytest.raises(IntegrityError, match="ne reçoit plus de mots"), transaction.atomic():
        Precision.objects.create(**nouvelle)
    with pytest.raises(IntegrityError, match="ne reçoit plus de mots"), transaction.atomic():
        Precision.objects.filter(pk=precision.pk).update(reponse="Trop tard.", repondue_le=PLUS_TARD)


# --- Ensemble -----------------------------------------------------------------------------------------------------
@pytest.fixture
def en_vrai(transactional_db):
    cantine = Cantine()
    cantine.facturer()
    return cantine


@pytest.mark.django_db(transaction=True)
def test_deux_parents_repondent_a_la_fois_une_seule_reponse_part(en_vrai):
    precision = demander(contester(ligne_de()))
    gestes = [essayer(lambda n=n: repondre(precision, reponse=f"Réponse {n}", propre=piece())) for n in range(4)]
    rendus = ensemble(gestes)
    assert sorted(rendus) == ["fait"] + ["repondue"] * 3
    ecrite = Precision.objects.get()
    assert ecrite.reponse == f"Réponse {rendus.index('fait')}"
    assert fichiers(ecrite.fichier.storage.path("facturation")).count(ecrite.fichier.path) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tour", range(4))
def test_la_famille_repond_pendant_que_la_mairie_decide_l_une_des_deux_l_apprend(en_vrai, tour):
    faite = contester(ligne_de())
    precision = demander(faite)
    vu = faite.ecrits
    gestes = [
        essayer(lambda: repondre(precision)),
        essayer(lambda: actions.refuser_contestation(faite, "Non.", None, PLUS_TARD, vu=vu)),
    ]
    if tour % 2:
        decide, repond = ensemble(gestes[::-1])
    else:
        repond, decide = ensemble(gestes)
    assert (repond, decide) in [("fait", "relire"), ("decidee", "fait")]
    faite.refresh_from_db()
    assert faite.etat == ("envoyee" if repond == "fait" else "refusee")


@pytest.mark.django_db(transaction=True)
def test_un_double_clic_ne_pose_qu_une_question(en_vrai):
    faite = contester(ligne_de())
    assert sorted(ensemble([essayer(lambda: demander(faite))] * 4)) == ["deja_demandee"] * 3 + ["fait"]
    assert Precision.objects.count() == 1
