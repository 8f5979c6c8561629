"""Les règles de la famille, une table de cas chacune."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from familles import regles

JOUR = dt.date(2026, 11, 12)


@pytest.mark.parametrize(
    ("tape", "ecrit"),
    [("la star", "LA STAR"), (" d'Hervé  ", "D'HERVÉ"), ("Müller", "MÜLLER"), ("LE  GOFF", "LE GOFF")],
)
def test_un_nom_s_ecrit_en_capitales(tape, ecrit):
    assert regles.en_capitales(tape) == ecrit


@pytest.mark.parametrize(
    ("tape", "ecrit"),
    [
        ("hugo", "Hugo"),
        ("JEAN-PIERRE", "Jean-Pierre"),
        ("élodie", "Élodie"),
        ("n'golo", "N'Golo"),
        ("McKenna", "McKenna"),
        ("Anne de", "Anne de"),
        ("  lina  maria ", "Lina Maria"),
    ],
)
def test_un_prenom_retrouve_ses_majuscules(tape, ecrit):
    assert regles.prenom_propre(tape) == ecrit


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x148), max_size=40))  # les lettres latines
def test_un_prenom_propre_le_reste(prenom):
    propre = regles.prenom_propre(prenom)
    assert regles.prenom_propre(propre) == propre


@pytest.mark.parametrize(
    ("tape", "ecrit"),
    [
        ("0612345678", "06 12 34 56 78"),
        ("06.12.34.56.78", "06 12 34 56 78"),
        ("+33 6 12 34 56 78", "06 12 34 56 78"),
        ("0033612345678", "06 12 34 56 78"),
        ("+32 470 12 34 56", "+32 470 12 34 56"),
        ("", ""),
    ],
)
def test_un_numero_francais_s_ecrit_par_paires(tape, ecrit):
    assert regles.telephone_lisible(tape) == ecrit


@given(st.from_regex(r"\A\+?[0-9][0-9 .\-]{8,18}\Z"))
def test_un_numero_lisible_garde_ses_chiffres_et_le_reste(numero):
    lisible = regles.telephone_lisible(numero)
    assert regles.telephone_lisible(lisible) == lisible
    chiffres = "".join(c for c in lisible if c.isdigit())
    assert "".join(c for c in numero if c.isdigit()).endswith(chiffres.removeprefix("0"))


@pytest.mark.parametrize(
    ("naissance", "ans"),
    [(dt.date(2014, 2, 7), 12), (dt.date(2018, 11, 12), 8), (dt.date(2018, 11, 13), 7), (dt.date(2020, 2, 29), 6)],
)
def test_l_age_change_le_jour_de_l_anniversaire(naissance, ans):
    assert regles.age(naissance, JOUR) == ans


@pytest.mark.parametrize(
    ("naissance", "code"), [(dt.date(2026, 11, 13), "a_naitre"), (dt.date(2008, 11, 12), "adulte")]
)
def test_un_enfant_est_ne_et_n_est_pas_adulte(naissance, code):
    with pytest.raises(ValidationError) as refus:
        regles.verifier_naissance(naissance, JOUR)
    assert refus.value.code == code


def test_un_enfant_de_dix_sept_ans_et_un_nouveau_ne_sont_acceptes():
    regles.verifier_naissance(dt.date(2008, 11, 13), JOUR)
    regles.verifier_naissance(JOUR, JOUR)


@pytest.mark.parametrize(
    ("niveau", "premiere", "derniere"),
    [("maternelle", "tps", "gs"), ("elementaire", "cp", "ulis"), ("primaire", "tps", "ulis")],
)
def test_une_ecole_a_les_classes_de_son_niveau(niveau, premiere, derniere):
    classes = regles.classes_de(niveau)
    assert (classes[0], classes[-1]) == (premiere, derniere)


def test_les_classes_suivent_l_ecole():
    assert sorted(["cm2", "", "ps", "cp"], key=regles.rang_de_classe) == ["ps", "cp", "cm2", ""]


@pytest.mark.parametrize(("tape", "classe", "ecrit"), [
    ("b", "CM1", "B"), ("  A ", "", "A"), ("é", "CM1", "É"), ("Mme   Petit", "CM1", "Mme Petit"),
    ("cm1 b", "CM1", "B"), ("CM1", "CM1", ""), ("cm1 b", "CM2", "cm1 b"), ("CM1-B", "CM1", "CM1-B"), ("2", "CP", "2"),
    ("", "CM1", ""), (" - ", "CM1", ""), ("…", "", ""),
])  # fmt: skip
def test_un_groupe_s_ecrit_comme_il_se_dit(tape, classe, ecrit):
    assert regles.division_propre(tape, classe) == ecrit


@given(st.text(max_size=30), st.sampled_from(["", "CM1", "PS"]))
def test_un_groupe_ecrit_ne_change_plus_et_tient_dans_sa_case(tape, classe):
    ecrit = regles.division_propre(tape)
    assert regles.division_propre(ecrit) == ecrit
    assert len(regles.division_propre(tape, classe)) <= 30
    assert bool(ecrit) == bool(regles.cle_de_division(ecrit))


@pytest.mark.parametrize(("classe", "division", "dite"), [
    ("CM1", "B", "CM1 B"), ("CM1", "B2", "CM1 B2"), ("CM1", "Mme Petit", "CM1, Mme Petit"), ("CM1", "", "CM1"),
    ("", "", ""), ("", "B", ""),
])  # fmt: skip
def test_une_classe_se_dit_avec_son_groupe(classe, division, dite):
    assert regles.classe_dite(classe, division) == dite


@pytest.mark.parametrize(("un", "autre", "meme"), [
    ("A", "a", True), ("Mme Petit", "MME PÉTIT", True), ("Mme. Petit", "Mme Petit", True), ("A", "B", False),
    ("", "A", False), ("Mme Petit", "M. Petit", False),
])  # fmt: skip
def test_deux_facons_de_taper_un_groupe_n_en_font_qu_un(un, autre, meme):
    assert (regles.cle_de_division(un) == regles.cle_de_division(autre)) == meme


@pytest.mark.parametrize(("changes", "garde"), [
    ([], True), (["prenom"], True), (["classe"], False), (["ecole"], False), (["ecole", "classe"], False),
    (["classe", "division"], True), (["division"], True),
])  # fmt: skip
def test_un_groupe_ne_suit_pas_l_enfant_dans_une_autre_classe(changes, garde):
    assert regles.garde_sa_division(changes) == garde


def test_un_enfant_de_maternelle_ne_rentre_pas_seul():
    assert [c for c in regles.MATERNELLE + regles.ELEMENTAIRE if not regles.peut_rentrer_seul(c)] == [
        "tps", "ps", "ms", "gs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "telephone", "code"),
    [
        ({"interdit", "recupere"}, "06", "interdit_et_autorise"),
        ({"interdit", "urgence"}, "", "interdit_et_autorise"),
        ({"urgence"}, "", "urgence_sans_telephone"),
    ],
)
def test_des_roles_qui_se_contredisent_sont_refuses(roles, telephone, code):
    with pytest.raises(ValidationError) as refus:
        regles.verifier_roles(roles, telephone)
    assert refus.value.code == code


@pytest.mark.parametrize("roles", [set(), {"interdit"}, {"recupere"}])
def test_des_roles_possibles_sans_telephone(roles):
    regles.verifier_roles(roles, "")


@pytest.mark.parametrize(
    ("code", "commune", "hors"), [("86440", "86440", False), ("86000", "86440", True), ("86000", "", False)]
)
def test_un_autre_code_postal_est_hors_commune(code, commune, hors):
    assert regles.est_hors_commune(code, commune) is hors


@given(st.text(max_size=30), st.text(max_size=30))
def test_reunir_deux_textes_n_en_perd_aucun(un, autre):
    ensemble = regles.reunir(un, autre)
    assert un.strip() in ensemble
    assert autre.strip() in ensemble
