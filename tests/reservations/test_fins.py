"""Finir une inscription, quitter un foyer : les réservations d'après s'annulent avec, tant que la limite le permet."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inscriptions.models import Inscription
from reservations.actions import (
    enregistrer,
    prevoir_fin,
    quitter_foyer,
    retirer_inscription,
    terminer_inscription,
)
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

from .test_enregistrement import ensemble

PARENT, MAIRIE = Mouvement.Origine.PARENT, Mouvement.Origine.MAIRIE
JEUDI = f.a_paris(2026, 9, 10, 9)  # la limite du jeudi est passée, celle du vendredi non
JOURS = [dt.date(2026, 9, jour) for jour in (8, 10, 11, 14, 15)]  # mardi, jeudi, vendredi, lundi, mardi


class Decor:
    """Hugo, inscrit à la cantine, et réservé chaque jour de ``JOURS``."""

    def __init__(self, **inscription):
        f.commune()
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration")
        self.inscription = f.inscription(self.hugo, self.cantine, **inscription)
        self.seances = [f.seance(self.cantine, jour) for jour in JOURS]
        for seance in self.seances:
            f.reservation(self.hugo, seance)

    def terminer(self, fin, origine=PARENT, maintenant=JEUDI):
        return terminer_inscription(self.inscription, fin, self.foyer.compte, maintenant, origine)


@pytest.fixture
def decor(db):
    return Decor()


def reserves(enfant):
    return list(
        Reservation.objects.reservees().filter(enfant=enfant).order_by("seance__jour")
        .values_list("seance__jour__day", flat=True)
    )  # fmt: skip


def jours(reservations):
    return [reservation.seance.jour.day for reservation in reservations]


@pytest.mark.parametrize(
    ("fin", "annulees", "gardees"),
    [
        (dt.date(2026, 9, 11), [14, 15], []),  # son dernier jour est encore à lui
        (dt.date(2026, 9, 10), [11, 14, 15], []),
        (dt.date(2026, 9, 9), [11, 14, 15], [10]),  # la mairie date d'hier : le jeudi a passé sa limite
        (dt.date(2026, 9, 1), [11, 14, 15], [8, 10]),
        (dt.date(2026, 10, 1), [], []),
    ],
)
def test_ce_qui_suit_la_fin_s_annule_si_la_limite_le_permet(decor, fin, annulees, gardees):
    prevue = prevoir_fin(decor.inscription, fin, JEUDI)
    suite = decor.terminer(fin, MAIRIE)
    assert (jours(suite.annulees), jours(suite.gardees)) == (annulees, gardees)
    assert (jours(prevue.annulees), jours(prevue.gardees)) == (annulees, gardees)
    assert reserves(decor.hugo) == [jour.day for jour in JOURS if jour.day not in annulees]
    assert Inscription.objects.get().fin == fin


def test_la_limite_passe_a_minuit_et_non_une_seconde_avant(decor):
    avant = prevoir_fin(decor.inscription, JOURS[1], f.a_paris(2026, 9, 10, 23, 59, 59))
    apres = prevoir_fin(decor.inscription, JOURS[1], f.a_paris(2026, 9, 11, 0, 0, 0))
    assert (jours(avant.annulees), jours(avant.gardees)) == ([11, 14, 15], [])
    assert (jours(apres.annulees), jours(apres.gardees)) == ([14, 15], [11])


def test_tout_est_au_journal_et_dans_un_seul_courriel(decor, courriels):
    decor.terminer(dt.date(2026, 9, 11))
    lignes = Mouvement.objects.order_by("pk").values_list("avant", "apres", "origine", "compte", "instant", "motif")
    motif = "Inscription terminée le 11 septembre 2026"
    assert list(lignes) == [("reservee", "annulee", "parent", decor.foyer.compte.pk, JEUDI, motif)] * 2
    assert Mouvement.objects.values("lot").distinct().count() == 1
    (message,) = courriels()
    texte = message.get_body(("plain",)).get_content()
    assert message["Subject"] == "Planning de Hugo : 2 annulations"
    assert "Raison : Inscription terminée le 11 septembre 2026." in texte
    assert "septembre 2026 : lun. 14, mar. 15" in texte


def test_sans_rien_a_annuler_personne_n_ecrit(decor, courriels):
    decor.terminer(dt.date(2026, 9, 20))
    assert Mouvement.objects.count() == 0
    assert courriels() == []


def test_seules_cette_activite_ce_foyer_et_cette_inscription_sont_touches(decor):
    lina, autre = f.enfant(decor.foyer, prenom="Lina", ecole=decor.hugo.ecole), f.famille(nom="DURAND")
    f.rattacher(decor.hugo, autre)
    soir = f.activite(site=decor.hugo.ecole, nom="Soir")
    a_moi = f.reservation(decor.hugo, f.seance(soir, JOURS[3]))
    a_lina = f.reservation(lina, decor.seances[3])
    Reservation.objects.filter(enfant=decor.hugo, seance=decor.seances[4]).update(famille=autre)
    # Une inscription de plus, qui prendra la suite : ses jours ne suivent pas la fin de la première.
    Inscription.objects.update(fin=dt.date(2026, 9, 14))
    decor.inscription.refresh_from_db()
    suite = decor.terminer(dt.date(2026, 9, 11))
    assert jours(suite.annulees) == [14]
    for intacte in (a_moi, a_lina, Reservation.objects.get(enfant=decor.hugo, seance=decor.seances[4])):
        intacte.refresh_from_db()
        assert intacte.etat == "reservee"


def test_un_refus_n_annule_rien(decor):
    with pytest.raises(ValidationError) as refus:
        decor.terminer(dt.date(2028, 1, 1))
    assert refus.value.code == "fin"
    assert len(reserves(decor.hugo)) == 5
    assert Mouvement.objects.count() == 0


def test_retirer_une_inscription_qui_n_a_pas_commence_annule_ses_reservations(db):
    decor = Decor(debut=dt.date(2026, 9, 11))
    suite = retirer_inscription(decor.inscription, decor.foyer.compte, JEUDI, PARENT)
    assert jours(suite.annulees) == [11, 14, 15]
    assert Inscription.objects.get().etat == "retiree"
    assert reserves(decor.hugo) == [8, 10]


def test_un_enfant_qui_part_emporte_ses_inscriptions_et_ses_reservations(decor, courriels):
    autre = f.famille(nom="DURAND")
    f.rattacher(decor.hugo, autre)
    la_bas = f.inscription(decor.hugo, decor.cantine, famille=autre)
    demande = f.inscription(decor.hugo, f.activite(site=decor.hugo.ecole), etat="demandee", famille=decor.foyer)
    suite = quitter_foyer(decor.hugo, decor.foyer, decor.foyer.compte, JEUDI, PARENT)
    assert (jours(suite.annulees), jours(suite.gardees)) == ([11, 14, 15], [10])
    for inscription in (decor.inscription, demande, la_bas):
        inscription.refresh_from_db()
    assert (decor.inscription.fin, demande.etat) == (dt.date(2026, 9, 10), "retiree")
    assert (la_bas.fin, la_bas.etat) == (la_bas.annee.fin, "validee")
    assert list(decor.hugo.rattachements.actuels().values_list("famille", flat=True)) == [autre.pk]
    sujets = {message["To"]: message["Subject"] for message in courriels()}
    assert sujets[decor.foyer.compte.email] == "Planning de Hugo : 3 annulations"


# --- Les pages ----------------------------------------------------------------------------------------------------
@pytest.fixture
def parent(client, decor, time_machine):
    time_machine.move_to(JEUDI, tick=False)
    client.force_login(decor.foyer.compte)
    return client


def test_la_page_montre_ce_qui_s_annule_avant_de_rien_changer(parent, decor):
    adresse = reverse("reservations:fin_inscription", args=[decor.inscription.pk])
    assert "Dernier jour" in parent.get(adresse).content.decode()
    apercu = parent.post(adresse, {"fin": "2026-09-10"}).content.decode()
    assert "3 réservations seront annulées" in apercu
    assert "ven. 11, lun. 14, mar. 15" in apercu
    assert len(reserves(decor.hugo)) == 5
    fait = parent.post(adresse, {"fin": "2026-09-10", "confirmer": "oui"}, follow=True).content.decode()
    assert "Hugo peut venir jusqu&#x27;au 10 septembre 2026. 3 réservations sont annulées." in fait
    assert reserves(decor.hugo) == [8, 10]
    assert "déjà terminée" not in fait


def test_une_date_refusee_se_dit_et_rien_ne_change(parent, decor):
    adresse = reverse("reservations:fin_inscription", args=[decor.inscription.pk])
    for champs in ({"fin": "2026-09-09"}, {"fin": "2026-09-09", "confirmer": "oui"}, {"confirmer": "oui"}):
        assert parent.post(adresse, champs).context["form"].errors
    trop_tard = parent.post(adresse, {"fin": "2028-01-01", "confirmer": "oui"}).content.decode()
    assert "Choisissez un dernier jour" in trop_tard
    assert len(reserves(decor.hugo)) == 5


def test_le_depart_montre_ce_qui_reste_du(parent, decor):
    adresse = reverse("reservations:depart", args=[decor.hugo.pk])
    page = parent.get(adresse).content.decode()
    assert "Son inscription s'arrête" in page
    assert "3 réservations seront annulées" in page
    assert "1 réservation ne s'annule plus : la limite est passée" in page
    fait = parent.post(adresse, {"compris": "on"}, follow=True).content.decode()
    assert "3 réservations sont annulées." in fait


def test_la_mairie_termine_et_lit_ce_que_cela_entraine(client, decor, time_machine):
    time_machine.move_to(JEUDI, tick=False)
    marie = f.agent("Périscolaire")
    client.force_login(marie)
    adresse = reverse("admin:reservations_fin_inscription", args=[decor.inscription.pk])
    page = client.post(adresse, {"fin": "2026-09-09"}, follow=True).content.decode()
    assert "terminée le 9 septembre 2026 ; réservations annulées : 3" in page
    assert "réservations dont la limite est passée, et qui restent dues : 1" in page
    assert set(Mouvement.objects.values_list("origine", "compte")) == {("mairie", marie.pk)}
    assert client.get(adresse).status_code == 405
    client.force_login(f.agent("Régie"))
    assert client.post(adresse, {"fin": "2026-09-08"}).status_code == 403


# --- De vraies transactions, en même temps ------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_reserver_pendant_que_l_on_termine_ne_laisse_pas_de_jour_apres_la_fin():
    decor = Decor()
    suivantes = [f.seance(decor.cantine, dt.date(2026, 9, 17) + dt.timedelta(days=n)) for n in range(12)]
    souhaits = {(decor.hugo.pk, seance.pk): True for seance in suivantes}
    compte = decor.foyer.compte
    rendus = ensemble(
        [lambda: decor.terminer(dt.date(2026, 9, 11))]
        + [lambda: enregistrer(decor.foyer, compte, souhaits, JEUDI, PARENT)] * 4
    )
    assert rendus[0] is not None
    assert reserves(decor.hugo) == [8, 10, 11]
