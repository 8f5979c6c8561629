"""De « Créer un nouveau compte » à la facture payée : la famille, la mairie, l'agent et la régie, tour à tour."""

import pytest

from tests.fabriques import a_paris

from . import agent, mairie, parent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("ecran", ["ordinateur", "telephone", "sans_js"])
def test_du_compte_a_la_facture_payee(ecran, ville, navigateurs, courriels, horloge):
    bureau = "sans_js" if ecran == "sans_js" else "ordinateur"  # à la mairie, on n'a pas de téléphone
    celine, claire = navigateurs.ouvrir(ecran), navigateurs.ouvrir(bureau)
    ouvrir_son_espace(celine, courriels)
    valider_son_dossier(celine, claire, courriels)
    reserver_venir_s_excuser(celine, claire, navigateurs.ouvrir(ecran), courriels, horloge)
    facturer_et_payer(celine, navigateurs.ouvrir(bureau), courriels, horloge)
    parent.un_autre_parent_ne_trouve_rien(navigateurs.ouvrir(), celine.vues)


def ouvrir_son_espace(celine, courriels):
    """Étapes 1 à 3."""
    parent.creer_son_compte(celine)
    parent.choisir_son_mot_de_passe(celine, parent.lien(parent.lire_un_courriel(courriels, "mot de passe")))
    parent.consentir(celine)
    parent.ajouter_un_enfant(celine)
    parent.ajouter_une_grand_mere(celine)
    parent.envoyer_les_documents_obligatoires(celine)
    parent.envoyer_son_dossier(celine)
    parent.lire_un_courriel(courriels, "Votre dossier est arrivé à la mairie")


def valider_son_dossier(celine, claire, courriels):
    """La mairie, puis l'étape 4."""
    mairie.prendre_son_poste(claire, "mairie@demo.fr")
    mairie.verifier_les_pieces(claire, 4)
    mairie.valider_le_dossier(claire)
    lu = parent.lire_un_courriel(courriels, "Votre dossier est validé")
    parent.inscrire_a_la_cantine_et_au_soir(celine, parent.lien(lu))
    assert "Hugo : Restauration" in parent.lire_un_courriel(courriels, "Inscription acceptée")
    mairie.accepter_la_demande(claire)
    assert "Hugo : Accueil du soir" in parent.lire_un_courriel(courriels, "Inscription acceptée")


def reserver_venir_s_excuser(celine, claire, nadia, courriels, horloge):
    """Étape 5 : jeudi 12 on réserve, mardi 17 l'enfant vient, jeudi 19 au matin il est malade."""
    parent.reserver_la_semaine_prochaine(celine)
    lu = parent.lire_un_courriel(courriels, "Planning de Hugo : 4 réservations")
    assert "lun. 16, mar. 17, jeu. 19" in lu
    parent.lire_son_recu(celine)

    horloge.aller(a_paris(2026, 11, 17, 12, 10))
    agent.ouvrir_la_liste_du_midi(nadia)
    agent.pointer_present(nadia)
    agent.imprimer_la_liste(nadia)

    horloge.aller(a_paris(2026, 11, 19, 7, 30))
    parent.excuser_l_absence_du_jour(celine)
    mairie.accepter_l_excuse(claire)
    assert "La mairie accepte cette excuse." in parent.lire_un_courriel(courriels, "Votre excuse du")


def facturer_et_payer(celine, paul, courriels, horloge):
    """Étape 6 : deux repas et un soir, le jeudi excusé ne se paie pas."""
    horloge.aller(a_paris(2026, 12, 2, 9))
    mairie.prendre_son_poste(paul, "regie@demo.fr")
    mairie.regarder_puis_emettre_novembre(paul)
    courriels()  # l'ouvrier fait la facturation
    mairie.constater_l_emission(paul)

    parent.se_connecter(celine)  # sa session de novembre a fini
    reference = parent.lire_sa_facture(celine)

    horloge.aller(a_paris(2026, 12, 8, 9))
    mairie.encaisser_un_cheque(paul, reference)
    parent.constater_que_tout_est_paye(celine, reference)
