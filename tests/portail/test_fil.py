"""Les six étapes : dans chaque situation, ce qui est fait, ce qui attend, et la seule chose à faire maintenant."""

import datetime as dt
from decimal import Decimal

import pytest

from portail.regles import A_FAIRE, ATTENTE, FAIT, PLUS_TARD, Situation, fil

JOUR = dt.date(2026, 11, 23)
INSTALLEE = {"enfants": 2, "statut": "validee", "inscrites": 4, "a_reserve": True}
F, A, W, T = FAIT, A_FAIRE, ATTENTE, PLUS_TARD

CAS = [
    ("un compte neuf", {}, [F, F, A, T, T, T], "Ajouter une personne"),
    ("il manque des documents", {"enfants": 1, "manquantes": 2}, [F, F, A, T, T, T], "Envoyer mes documents"),
    ("tout y est", {"enfants": 1}, [F, F, A, T, T, T], "Envoyer mon dossier à la mairie"),
    ("le dossier est à la mairie", {"enfants": 1, "statut": "a_valider"}, [F, F, W, T, T, T], "Voir mon dossier"),
    ("le dossier est validé", {"enfants": 1, "statut": "validee"}, [F, F, F, A, T, T], "Inscrire mes enfants"),
    ("une demande attend", {"enfants": 1, "statut": "validee", "demandees": 1}, [F, F, F, W, T, T], "Mes inscriptions"),
    ("la liste d'attente", {"enfants": 1, "statut": "validee", "en_attente": 1}, [F, F, F, W, T, T],
     "Mes inscriptions"),
    ("un enfant est inscrit", {"enfants": 1, "statut": "validee", "inscrites": 1}, [F, F, F, F, A, F],
     "Réserver des jours"),
    ("tout est fait", INSTALLEE, [F] * 6, "Réserver ou annuler"),
    ("une facture est à régler", INSTALLEE | {"solde": Decimal("63.20"), "echeance": dt.date(2026, 12, 1)},
     [F, F, F, F, F, A], "Ma situation financière"),
    ("elle sera prélevée", INSTALLEE | {"solde": Decimal(63), "echeance": JOUR, "preleve_le": dt.date(2026, 12, 5)},
     [F] * 6, "Réserver ou annuler"),
    ("le prélèvement n'est pas passé", INSTALLEE | {"solde": Decimal("63.20"), "preleve_le": dt.date(2026, 11, 5)},
     [F, F, F, F, F, A], "Ma situation financière"),
    ("un document validé a expiré", INSTALLEE | {"manquantes": 1}, [F, F, A, F, F, F], "Envoyer mes documents"),
    ("validée, mais une pièce manque déjà", {"enfants": 1, "statut": "validee", "manquantes": 1}, [F, F, A, T, T, T],
     "Envoyer mes documents"),
    ("validée, et tous les enfants sont partis", {"statut": "validee"}, [F, F, A, T, T, T], "Ajouter une personne"),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "etats", "bouton"), [c[1:] for c in CAS], ids=[c[0] for c in CAS])
def test_chaque_situation_a_son_fil_et_un_seul_bouton_principal(situation, etats, bouton):
    etapes = fil(Situation(jour=JOUR, **situation))
    assert [etape.numero for etape in etapes] == [1, 2, 3, 4, 5, 6]
    assert [etape.etat for etape in etapes] == etats
    assert [etape.bouton for etape in etapes if etape.principale] == [bouton]
    assert [etape.principale for etape in etapes].count(True) == 1


PHRASES = [
    (3, {"enfants": 1, "manquantes": 1}, "Il manque un document."),
    (3, {"enfants": 1, "manquantes": 4}, "Il manque 4 documents."),
    (4, INSTALLEE | {"sans_activite": ("Lina",)}, "Aucune activité pour Lina."),
    (4, INSTALLEE | {"sans_activite": ("Lina", "Tom")}, "Aucune activité pour Lina et Tom."),
    (4, INSTALLEE | {"demandees": 1}, "La mairie étudie une demande."),
    (4, INSTALLEE | {"en_attente": 1, "sans_activite": ("Lina",)}, "Une demande est en liste d'attente."),
    (4, INSTALLEE | {"demandees": 1, "en_attente": 1}, "La mairie étudie une demande."),
    (4, {"statut": "validee", "en_attente": 2},
     "Vous êtes en liste d'attente : la mairie vous écrira si une place se libère."),
    (4, {"statut": "validee", "demandees": 1, "en_attente": 1},
     "La mairie étudie votre demande : attendez son courriel."),
    (5, INSTALLEE, "Vous avez réservé pour les jours qui viennent."),
    (5, INSTALLEE | {"a_reserve": False}, "Aucun jour à venir n'est réservé."),
    (6, INSTALLEE, "Vous êtes à jour."),
    (6, INSTALLEE | {"solde": Decimal("-12.50")}, "Vous avez une avance de 12,50\u00a0€."),
    (6, INSTALLEE | {"solde": Decimal("63.20")}, "63,20\u00a0€ à régler."),
    (6, INSTALLEE | {"solde": Decimal("63.20"), "echeance": dt.date(2026, 12, 1)},
     "63,20\u00a0€ à régler avant le 1er décembre."),
    (6, INSTALLEE | {"solde": Decimal("63.20"), "echeance": JOUR}, "63,20\u00a0€ à régler avant le 23 novembre."),
    (6, INSTALLEE | {"solde": Decimal("63.20"), "echeance": dt.date(2026, 11, 22)},
     "63,20\u00a0€ à régler : l'échéance était le 22 novembre."),
    (6, INSTALLEE | {"solde": Decimal("63.20"), "echeance": JOUR, "preleve_le": dt.date(2026, 12, 5)},
     "63,20\u00a0€ seront prélevés le 5 décembre."),
]  # fmt: skip


@pytest.mark.parametrize(("numero", "situation", "phrase"), PHRASES)
def test_une_etape_dit_ou_l_on_en_est(numero, situation, phrase):
    assert fil(Situation(jour=JOUR, **situation))[numero - 1].texte == phrase


@pytest.mark.parametrize("reponse", [{}, {"statut": "a_valider", "inscrites": 2}, {"statut": "validee"}])
def test_la_mise_en_route_n_est_finie_qu_avec_une_inscription(reponse):
    assert not Situation(**reponse).installee
    assert Situation(statut="validee", inscrites=1).installee
