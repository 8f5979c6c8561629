"""Une requête composée une fois répond comme celle que Django composerait à chaque fois."""

import datetime as dt
import threading

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Count
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from commune.models import JourFerme
from commune.requetes import poser, poser_ou_404
from familles.models import FicheSanitaire, Rattachement
from tests import fabriques as f

pytestmark = pytest.mark.django_db
TOUSSAINT = dt.date(2026, 10, 17)


def rattachements(famille, jour):
    siens = Rattachement.objects.filter(famille=famille, enfant__date_naissance__lt=jour)
    return siens.select_related("enfant__ecole").order_by("pk")


def fermetures(debut, fin):
    return JourFerme.objects.entre(debut, fin)


def fiches(famille):
    return FicheSanitaire.objects.filter(enfant__familles=famille)


def test_les_objets_joints_viennent_dans_la_meme_requete():
    un, autre = f.famille(), f.famille()
    hugo = f.enfant(un)
    f.enfant(autre)
    for foyer, attendus in ((un, [hugo]), (autre, list(autre.enfants.all())), (un, [hugo])):
        with CaptureQueriesContext(connection) as lues:
            lus = poser(rattachements, foyer.pk, dt.date(2026, 1, 1))
            assert [(r.enfant, r.enfant.ecole) for r in lus] == [(e, e.ecole) for e in attendus]
        assert len(lues) <= 1 + sum(e.ecole_id is not None for e in attendus)


def test_deux_dates_ne_se_prennent_pas_l_une_pour_l_autre():
    f.jour_ferme(TOUSSAINT, TOUSSAINT + dt.timedelta(days=15))
    for du, au, n in ((-5, -1, 0), (-5, 0, 1), (15, 20, 1), (16, 20, 0)):
        debut, fin = (TOUSSAINT + dt.timedelta(days=jours) for jours in (du, au))
        assert len(poser(fermetures, debut, fin)) == n == fermetures(debut, fin).count()


def test_un_champ_chiffre_revient_en_clair():
    foyer = f.famille()
    FicheSanitaire.objects.create(enfant=f.enfant(foyer), allergies="arachide")
    assert [fiche.allergies for fiche in poser(fiches, foyer.pk)] == ["arachide"]


def par_foyer(depuis):
    rangs = Rattachement.objects.filter(enfant__date_naissance__gte=depuis).order_by("famille")
    return rangs.values_list("famille").annotate(n=Count("enfant"))[:2]


def test_des_valeurs_groupees_et_bornees_reviennent_de_meme():
    foyers = [f.famille() for _ in range(3)]
    for rang, foyer in enumerate(foyers, 1):
        for _ in range(rang):
            f.enfant(foyer, date_naissance=dt.date(2018, 3, rang))
    assert poser(par_foyer, dt.date(2018, 1, 1)) == [(foyers[0].pk, 1), (foyers[1].pk, 2)]
    assert poser(par_foyer, dt.date(2018, 3, 2)) == [(foyers[1].pk, 2), (foyers[2].pk, 3)]


def test_qui_ne_trouve_rien_repond_404():
    foyer = f.famille()
    fiche = FicheSanitaire.objects.create(enfant=f.enfant(foyer))
    assert poser_ou_404(fiches, foyer.pk) == fiche
    with pytest.raises(Http404):
        poser_ou_404(fiches, foyer.pk + 1)


@pytest.mark.django_db(transaction=True)
def test_chaque_fil_pose_la_sienne_sur_sa_connexion():
    foyers = [f.famille() for _ in range(4)]
    for foyer in foyers:
        f.enfant(foyer)
    lus = {}

    def lire(foyer):
        try:
            for _ in range(20):
                lus.setdefault(foyer.pk, set()).update(r.famille_id for r in poser(rattachements, foyer.pk, TOUSSAINT))
        finally:
            connection.close()

    fils = [threading.Thread(target=lire, args=[foyer]) for foyer in foyers]
    [fil.start() for fil in fils]
    [fil.join() for fil in fils]
    assert lus == {foyer.pk: {foyer.pk} for foyer in foyers}


def vivantes(cle, maintenant):
    return Session.objects.filter(session_key=cle, expire_date__gt=maintenant)


def test_une_cle_ecrite_et_un_instant_ont_aussi_leur_place():
    maintenant = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
    for cle, finit in (("a" * 32, 1), ("b" * 32, -1), ("c" * 32, 1)):
        Session.objects.create(session_key=cle, session_data="", expire_date=maintenant + dt.timedelta(hours=finit))
    lues = [[s.session_key for s in poser(vivantes, cle * 32, maintenant)] for cle in "abcd"]
    assert lues == [["a" * 32], [], ["c" * 32], []]
