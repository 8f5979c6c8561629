"""La ville de démonstration : complète, la même chaque fois, quel que soit le jour où on l'ouvre."""

import datetime as dt

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.template.loader import render_to_string

from commune.models import Commune, Ecole
from documents.models import Piece
from facturation.actions import prevoir_relances
from facturation.models import (
    Contestation,
    DemandeEcheancier,
    Echeancier,
    Facture,
    Paiement,
    Prelevement,
    Reglement,
    Relance,
    Tarif,
    avec_solde,
    simuler,
)
from familles.models import Enfant, Famille, Garde, Quotient
from inscriptions.models import Activite, Inscription
from portail.demo import MOT_DE_PASSE, charger_demo
from portail.demo.familles import EQUIPE
from portail.demo.montre import a_essayer
from portail.models import Compte
from presences.models import Pointage
from reservations.models import Evenement, Mouvement, Ouverture, RappelEnvoye, Reservation
from tests.fabriques import a_paris

pytestmark = pytest.mark.django_db


@pytest.fixture
def en_demo(settings):
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def empreinte():
    """Ce qu'une ville a de propre : qui, où, quand, combien."""
    return (
        list(Enfant.objects.order_by("pk").values_list("prenom", "nom", "date_naissance", "ecole__nom")),
        # Le tirage des vacances est un vrai tirage : sa graine est secrète, d'une ville à l'autre il change.
        sorted(
            Reservation.objects.exclude(seance__activite__genre="vacances").order_by()
            .values_list("enfant__prenom", "seance__jour", "seance__activite__nom")
        ),
        list(Facture.objects.order_by("pk").values_list("numero", "total")),
    )


def test_la_ville_est_complete_et_chaque_compte_s_ouvre(client, en_demo):
    charger_demo(a_paris(2026, 11, 23))
    assert Ecole.objects.count() == 5
    assert Activite.objects.count() == 22  # quatre par école, et les vacances
    assert Famille.objects.count() == 332  # dont la famille qui arrive, et le second foyer de Lina
    assert 500 <= Enfant.objects.count() <= 540
    assert Mouvement.objects.count() >= Reservation.objects.count() > 20_000
    assert not Reservation.objects.filter(mouvements=None).exists()
    assert Pointage.objects.count() > 15_000
    assert Evenement.objects.actifs().get().tenues().count() > 30
    assert Ouverture.objects.filter(ouvre_le__gt=a_paris(2026, 11, 23)).get().seances.exists()
    assert Ouverture.objects.get(tiree_le__isnull=False).seances.exists()
    assert Reservation.objects.en_attente().filter(seance__jour__gt=dt.date(2026, 11, 23)).count() > 3
    assert Reservation.objects.proposees().exists()
    assert Garde.objects.get().enfant.rattachements.count() == 2
    dedoublees = Enfant.objects.exclude(division="").order_by().values_list("ecole", "classe", "division").distinct()
    assert len(dedoublees) == 4  # deux niveaux de la plus grande école, A et B
    assert len({ecole for ecole, *_ in dedoublees}) == 1
    page = client.get(Commune.objects.get().tutoriels)
    assert page.status_code == 200
    assert "Tutoriels vidéo Espace Famille" in page.content.decode()
    assert set(RappelEnvoye.objects.values_list("genre", flat=True)) == {"limite", "dimanche"}
    assert set(Facture.objects.values_list("mois__month", flat=True)) == {9, 10}
    assert Reglement.objects.count() > 300
    assert set(Paiement.objects.values_list("etat", "reglement__moyen")) == {("paye", "payfip"), ("doute", None)}
    # Ce que la régie doit avoir à montrer : un doute, un rejet, une ligne contestée, un projet à comparer.
    assert Paiement.objects.en_doute().count() == 1
    assert [debit.code_rejet for debit in Prelevement.objects.a_suivre()] == ["AM04"]
    assert set(Contestation.objects.values_list("etat", flat=True)) == {"envoyee", "question", "acceptee"}
    assert Contestation.objects.get(etat="acceptee").avoir.montant > 0
    [projet] = Tarif.objects.filter(projet=True).avec_grilles()
    assert simuler([projet], None, dt.date(2026, 9, 1), dt.date(2026, 11, 22)).ensemble.ecart != 0
    assert Quotient.objects.get(preuve__startswith="MSA, par API Particulier").valeur == 431
    [plan] = Echeancier.objects.all().situes(dt.date(2026, 11, 23))
    assert (plan.etat, plan.prochaine.rang) == ("tenu", 2)
    assert DemandeEcheancier.objects.a_decider().exists()
    assert Relance.objects.count() > 10
    assert sum(examen.relance for examen in prevoir_relances(a_paris(2026, 11, 23))) > 10, "la régie a de quoi relancer"
    for email in ("celine", "nouveau", "agent", "regie", "periscolaire", "mairie"):
        assert Compte.objects.get(email=f"{email}@demo.fr").check_password(MOT_DE_PASSE), email
    celine = Famille.objects.du_compte(Compte.objects.get(email="celine@demo.fr")).get()
    assert celine.est_validee
    assert set(Inscription.objects.filter(famille=celine).values_list("etat", flat=True)) == {
        "validee", "attente", "demandee",
    }
    assert set(Piece.objects.filter(famille=celine).values_list("etat", flat=True)) == {
        "validee", "refusee", "envoyee",
    }
    assert avec_solde(Famille.objects.filter(pk=celine.pk)).get().solde > 0


def test_le_meme_jour_donne_la_meme_ville(en_demo):
    villes = []
    for _ in range(2):
        with transaction.atomic():
            charger_demo(a_paris(2026, 11, 23), foyers=25)
            villes.append(empreinte())
            transaction.set_rollback(True)
    assert villes[0] == villes[1]


MONTRE = {
    "rappels": lambda la: {r.genre for r in RappelEnvoye.objects.filter(compte__email="celine@demo.fr")}
    == {"limite", "dimanche"},
    "liste d'attente": lambda la: Reservation.objects.en_attente().filter(seance__jour__gt=la.date()).exists()
    and Reservation.objects.proposees().filter(enfant__prenom="Hugo").exists(),
    "événement": lambda la: Evenement.objects.actifs().filter(au__gt=la.date()).exists(),
    "ouverture": lambda la: Ouverture.objects.filter(ouvre_le__gt=la).exists()
    and Ouverture.objects.filter(tiree_le__isnull=False).exists(),
    "factures": lambda la: Facture.objects.filter(famille__nom="LA STAR").impayees().exists(),
    "paiement en doute": lambda la: Paiement.objects.en_doute().count() == 1,
    "prélèvement rejeté": lambda la: [d.code_rejet for d in Prelevement.objects.a_suivre()] == ["AM04"],
    "ligne contestée": lambda la: {"envoyee", "question"} <= set(Contestation.objects.values_list("etat", flat=True)),
    "échéancier": lambda la: [e.etat for e in Echeancier.objects.all().situes(la.date())] == ["tenu"],
}
ARGENT = {"factures", "paiement en doute", "prélèvement rejeté", "ligne contestée", "échéancier"}
MANQUENT = {
    (2026, 8, 20): {"rappels"} | ARGENT,  # rien n'est encore facturé
    (2026, 9, 3): {"rappels"} | ARGENT,
    # Septembre est facturé, rien n'en est échu ; les vacances sont trop proches pour une file.
    (2026, 10, 12): {"liste d'attente", "prélèvement rejeté", "échéancier"},
    (2026, 11, 23): set(),
    # L'école finit dans deux jours ; mai vient d'être facturé, rien n'en est échu.
    (2027, 6, 30): {"liste d'attente", "événement", "ouverture", "prélèvement rejeté", "échéancier"},
    (2027, 7, 20): {"rappels", "liste d'attente", "événement", "ouverture"},
}
POINTES = {(2026, 9, 3), (2026, 10, 12), (2026, 11, 23)}  # des lundis et des jeudis d'école


@pytest.mark.parametrize("jour", MANQUENT)
def test_la_ville_montre_chaque_chose_ou_dit_ce_qu_elle_n_a_pas_ce_jour_la(en_demo, jour):
    """Un jour de rentrée, d'automne ou d'été : l'ouverture à venir, la liste d'attente, l'événement, les rappels."""
    dits, la = [], a_paris(*jour)
    charger_demo(la, dire=dits.append, foyers=80)
    assert Famille.objects.count() == 82
    assert Garde.objects.get().enfant.rattachements.count() == 2
    dedoublees = Enfant.objects.exclude(division="").order_by().values_list("ecole", "classe", "division").distinct()
    assert len(dedoublees) == 4  # deux niveaux de la plus grande école, A et B
    assert len({ecole for ecole, *_ in dedoublees}) == 1
    assert {chose for chose, montree in MONTRE.items() if not montree(la)} == MANQUENT[jour]
    tus = [dit for dit in dits if dit.startswith("À cette date")]
    assert set(", ".join(tus).partition(" : ")[2].split(", ")) - {""} == MANQUENT[jour]
    proposes = a_essayer(la)
    assert proposes == {
        "cantine": la.date() < dt.date(2027, 7, 2), "pointage": jour in POINTES,
        "facture": "factures" not in MANQUENT[jour], "doute": "paiement en doute" not in MANQUENT[jour],
    }  # fmt: skip
    dit = render_to_string("portail/demo.txt", {"adresse": "http://localhost:8000", "var": "var", **proposes})
    assert ("en payer une en ligne" in dit, "un paiement en doute" in dit) == (proposes["facture"], proposes["doute"])
    assert [email for email, *_ in EQUIPE if email not in dit] == []


def test_ses_courriels_se_lisent_dans_le_dossier(en_demo, courriels):
    """L'ouvrier passe ; ``var/courriels`` garde le rappel, le résumé, la grève et la place proposée à Celine."""
    charger_demo(a_paris(2026, 11, 23), foyers=80)
    siens = [message["Subject"].strip() for message in courriels() if message["To"] == "celine@demo.fr"]
    for sujet in ("Rien n'est réservé la semaine du lundi 23 novembre", "La semaine du lundi 23 novembre",
                  "Grève du personnel", "Une place"):  # fmt: skip
        assert [s for s in siens if sujet in s], (sujet, siens)


def test_hors_demonstration_ces_comptes_ne_peuvent_pas_naitre(settings):
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured):
        charger_demo(a_paris(2026, 11, 23))
    assert not Compte.objects.exists()
