"""Le calendrier : les règles, la préparation d'une année, son affichage à la mairie."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from commune.actions import annee_suivante, creer_annee, preparer_calendrier
from commune.models import AnneeScolaire, JourFerme
from commune.regles import (
    annee_officielle,
    calendrier_officiel,
    est_ferme,
    fermeture_du,
    jours,
    jours_ouverts,
    lundi,
    semaines_scolaires,
)
from tests import fabriques as f

d = dt.date
# Arrêtés du ministère, zone A : le tableau que la mairie compare.
ZONE_A = {
    2025: [
        ("Vacances de la Toussaint", d(2025, 10, 18), d(2025, 11, 2)),
        ("Vacances de Noël", d(2025, 12, 20), d(2026, 1, 4)),
        ("Vacances d'hiver", d(2026, 2, 7), d(2026, 2, 22)),
        ("Vacances de printemps", d(2026, 4, 4), d(2026, 4, 19)),
        ("Pont de l'Ascension", d(2026, 5, 14), d(2026, 5, 15)),
        ("Vacances d'été", d(2026, 7, 4), d(2026, 8, 31)),
    ],
    2026: [
        ("Vacances de la Toussaint", d(2026, 10, 17), d(2026, 11, 1)),
        ("Vacances de Noël", d(2026, 12, 19), d(2027, 1, 3)),
        ("Vacances d'hiver", d(2027, 2, 13), d(2027, 2, 28)),
        ("Vacances de printemps", d(2027, 4, 10), d(2027, 4, 25)),
        ("Pont de l'Ascension", d(2027, 5, 6), d(2027, 5, 7)),
        ("Vacances d'été", d(2027, 7, 3), d(2027, 9, 1)),
    ],
}


def ferme(debut, fin=None, ecole_id=None, motif="fermeture"):
    return SimpleNamespace(debut=debut, fin=fin or debut, ecole_id=ecole_id, motif=motif)


@pytest.mark.parametrize("rentree", ZONE_A)
def test_le_calendrier_de_la_zone_a_est_celui_du_ministere(rentree):
    periodes = calendrier_officiel("A", "86158", d(rentree, 9, 2), d(rentree + 1, 8, 31))
    assert [(p.libelle, p.debut, p.fin) for p in periodes if p.motif != "ferie"] == ZONE_A[rentree]


def test_les_feries_d_une_annee_y_sont_tous():
    feries = [p.debut for p in calendrier_officiel("A", "86158", d(2026, 9, 1), d(2027, 7, 2)) if p.motif == "ferie"]
    assert feries == [
        d(2026, 11, 1), d(2026, 11, 11), d(2026, 12, 25), d(2027, 1, 1), d(2027, 3, 29), d(2027, 5, 1),
        d(2027, 5, 6), d(2027, 5, 8), d(2027, 5, 17),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "jour"),
    [("67482", d(2026, 12, 26)), ("57463", d(2027, 3, 26)), ("97411", d(2026, 12, 20)), ("97209", d(2027, 5, 22))],
)
def test_l_alsace_moselle_et_l_outre_mer_ont_leurs_feries(code, jour):
    assert jour in [p.debut for p in calendrier_officiel("B", code, d(2026, 9, 1), d(2027, 7, 2))]
    assert jour not in [p.debut for p in calendrier_officiel("B", "86158", jour, jour) if p.motif == "ferie"]


@pytest.mark.parametrize(
    ("rentree", "debut", "fin"), [(2026, d(2026, 9, 1), d(2027, 7, 2)), (2027, d(2027, 9, 2), d(2028, 7, 4))]
)
def test_une_annee_va_de_la_rentree_a_la_veille_de_l_ete(rentree, debut, fin):
    assert annee_officielle("A", rentree) == (debut, fin)


def test_une_fermeture_d_ecole_ne_ferme_qu_elle():
    greve = ferme(d(2026, 9, 10), ecole_id=3)
    assert fermeture_du(d(2026, 9, 10), [greve], ecole_id=3) is greve
    assert not est_ferme(d(2026, 9, 10), [greve], ecole_id=4)
    assert not est_ferme(d(2026, 9, 10), [greve])
    assert est_ferme(d(2026, 9, 10), [ferme(d(2026, 9, 7), d(2026, 9, 11))], ecole_id=4)


dates = st.dates(d(2026, 9, 1), d(2027, 7, 3))
fermetures = st.lists(
    st.tuples(dates, st.integers(0, 20), st.sampled_from([None, 1, 2])).map(
        lambda t: ferme(t[0], t[0] + dt.timedelta(days=t[1]), t[2])
    ),
    max_size=8,
)


@given(dates, dates, fermetures, st.sampled_from([None, 1, 2]))
def test_un_jour_est_ouvert_ou_ferme_jamais_les_deux(a, b, closes, ecole):
    debut, fin = min(a, b), max(a, b)
    ouverts = jours_ouverts(debut, fin, closes, ecole, semaine=range(7))
    fermes = [j for j in jours(debut, fin) if fermeture_du(j, closes, ecole)]
    assert sorted(ouverts + fermes) == jours(debut, fin)
    for jour in fermes:
        assert any(f.debut <= jour <= f.fin for f in closes)


@given(dates, dates, fermetures, ferme_en_plus := st.builds(ferme, dates))
def test_fermer_un_jour_de_plus_n_ouvre_rien(a, b, closes, de_plus):
    debut, fin = min(a, b), max(a, b)
    avant = set(jours_ouverts(debut, fin, closes))
    assert set(jours_ouverts(debut, fin, [*closes, de_plus])) == avant - {de_plus.debut}


@given(dates, dates, fermetures)
def test_chaque_jour_d_ecole_est_dans_une_semaine_scolaire(a, b, closes):
    debut, fin = min(a, b), max(a, b)
    semaines = semaines_scolaires(debut, fin, closes)
    assert {lundi(j) for j in jours_ouverts(debut, fin, closes)} <= set(semaines)
    assert all(s.weekday() == 0 for s in semaines)
    assert semaines == sorted(set(semaines))


@pytest.mark.django_db
def test_preparer_un_calendrier_le_remplit_une_seule_fois():
    f.commune()
    an = f.annee(calendrier_confirme=False)
    ajoutes = preparer_calendrier(an)
    assert len(ajoutes) == JourFerme.objects.count() == 17
    assert preparer_calendrier(an) == []
    ouverts = jours_ouverts(an.debut, an.fin, list(JourFerme.objects.all()))
    assert (len(ouverts), d(2026, 11, 11) in ouverts, d(2027, 5, 7) in ouverts) == (139, False, False)


@pytest.mark.django_db
def test_preparer_ne_touche_pas_a_ce_que_la_mairie_a_corrige():
    f.commune()
    an = f.annee(calendrier_confirme=False)
    toussaint = JourFerme.objects.create(
        libelle="Vacances d'automne", motif="vacances", debut=d(2026, 10, 15), fin=d(2026, 11, 1)
    )
    preparer_calendrier(an)
    assert list(JourFerme.objects.filter(motif="vacances").entre(d(2026, 10, 1), d(2026, 11, 30))) == [toussaint]


@pytest.mark.django_db
def test_un_calendrier_confirme_ne_se_refait_pas():
    with pytest.raises(ValidationError) as refus:
        preparer_calendrier(f.annee())
    assert refus.value.code == "calendrier_confirme"
    assert not JourFerme.objects.exists()


@pytest.mark.django_db
def test_l_annee_suivante_se_prepare_et_attend_d_etre_confirmee():
    f.commune()
    f.annee(fin=d(2027, 7, 2))
    assert annee_suivante(f.a_paris(2027, 5, 1)) == 2027
    suivante = creer_annee(2027)
    assert (suivante.nom, suivante.debut, suivante.fin) == ("2027-2028", d(2027, 9, 2), d(2028, 7, 4))
    assert (suivante.ouverte, suivante.calendrier_confirme) == (False, False)
    assert JourFerme.objects.entre(suivante.debut, suivante.fin).filter(motif="vacances").count() == 4
    with pytest.raises(ValidationError):
        creer_annee(2027)
    assert AnneeScolaire.objects.count() == 2


@pytest.mark.django_db
def test_les_vacances_d_ete_ne_se_disent_qu_une_fois_d_une_annee_a_l_autre():
    f.commune()
    creer_annee(2026)
    creer_annee(2027)
    assert JourFerme.objects.filter(libelle="Vacances d'été", debut__year=2027).count() == 1
