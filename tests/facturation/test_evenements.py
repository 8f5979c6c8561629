"""Un événement et l'argent : ce qu'il annule ne se facture pas, ce qui était facturé se rend une fois, jamais deux."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from facturation import actions
from facturation.forms import AvoirForm
from facturation.models import Avoir, Facture, Ligne, LigneRendue, Mois, Regie, avec_solde, jours_oublies
from familles.models import Famille
from presences.models import Pointage
from reservations.actions import appliquer, lever
from reservations.models import Evenement
from tests import fabriques as f

from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI = dt.date(2026, 9, 3), dt.date(2026, 9, 4)
EN_OCTOBRE, EN_NOVEMBRE, OCTOBRE = f.a_paris(2026, 10, 6), f.a_paris(2026, 11, 2), dt.date(2026, 10, 1)


class Cantine:
    """Hugo (CM1) et Lina (CP), de deux foyers, réservés le jeudi 3 et le vendredi 4 septembre : 3,60 € le repas."""

    def __init__(self):
        f.commune()
        f.tarif(ajustements=[("sans_reservation", "montant", "2")])
        self.site = f.ecole(nom="Desnos")
        self.mairie, self.regie = f.agent("Périscolaire"), f.agent("Régie")
        midi = f.activite(site=self.site, nom="Restauration")
        self.seances = {jour: f.seance(midi, jour) for jour in (JEUDI, VENDREDI)}
        self.enfants = {}
        for prenom, classe in [("Hugo", "cm1"), ("Lina", "cp")]:
            petit = f.enfant(f.famille(nom=prenom.upper()), prenom=prenom, classe=classe, ecole=self.site)
            f.inscription(petit, midi)
            self.enfants[prenom] = petit
            for seance in self.seances.values():
                f.reservation(petit, seance)

    def brouillon(self, **champs):
        defauts = {"nature": "greve", "libelle": "Grève", "du": JEUDI, "au": JEUDI, "cree_le": MAINTENANT}
        fait = Evenement.objects.create(**defauts | champs)
        fait.sites.set([self.site])
        return fait

    def appliquer(self, maintenant=MAINTENANT, **champs):
        fait = self.brouillon(**champs)
        appliquer(fait, self.mairie, maintenant)
        fait.refresh_from_db()
        return fait

    def pointer(self, prenom, jour=JEUDI, etat="present"):
        petit, seance = self.enfants[prenom], self.seances[jour]
        Pointage.objects.create(enfant=petit, seance=seance, etat=etat, recu_le=MAINTENANT)

    def facturer(self):
        actions.facturer(SEPTEMBRE, self.regie, MAINTENANT)


@pytest.fixture
def cantine():
    return Cantine()


def lignes():
    return sorted((ligne.prenom, ligne.jour, ligne.montant) for ligne in Ligne.objects.all())


def avoirs():
    return sorted((a.facture.lignes.first().prenom, a.montant) for a in Avoir.objects.all())


def test_ce_qu_un_evenement_ferme_ne_se_facture_pas_et_sa_levee_le_rend(cantine):
    fait = cantine.appliquer()
    lever(fait, cantine.mairie, MAINTENANT)
    cantine.appliquer(du=VENDREDI, au=VENDREDI)
    cantine.facturer()
    assert lignes() == [("Hugo", JEUDI, D("3.60")), ("Lina", JEUDI, D("3.60"))]


def test_une_sortie_n_excuse_que_sa_classe_et_qui_vient_quand_meme_paie_le_prix_reserve(cantine):
    cantine.appliquer(nature="sortie", au=VENDREDI, classes=["cm1"])
    cantine.pointer("Hugo", VENDREDI)
    cantine.facturer()
    assert lignes() == [("Hugo", VENDREDI, D("3.60")), ("Lina", JEUDI, D("3.60")), ("Lina", VENDREDI, D("3.60"))]


def test_un_enfant_venu_apres_avoir_annule_lui_meme_paie_toujours_sans_reservation(cantine):
    cantine.enfants["Hugo"].reservations.filter(seance=cantine.seances[JEUDI]).update(etat="annulee")
    cantine.pointer("Hugo")
    cantine.facturer()
    assert ("Hugo", JEUDI, D("5.60")) in lignes()


# --- Des jours déjà facturés ------------------------------------------------------------------------------------------
def test_un_jour_deja_facture_se_rend_par_un_avoir_de_chaque_facture(cantine, courriels):
    cantine.facturer()
    avant = list(Facture.objects.values_list("pk", "total"))
    fait = cantine.appliquer(EN_OCTOBRE)
    courriels()  # l'ouvrier passe
    assert avoirs() == [("Hugo", D("3.60")), ("Lina", D("3.60"))]
    premier = Avoir.objects.order_by("numero").first()
    assert premier.motif == "Jeudi 3 septembre : grève, pas d'accueil (Desnos) : 1 prestation rendue"
    assert (premier.evenement, premier.emis_par, premier.numero) == (fait, cantine.mairie, 1)
    assert list(Facture.objects.values_list("pk", "total")) == avant
    assert set(avec_solde(Famille.objects.all()).values_list("solde", flat=True)) == {D("3.60")}


def test_relancee_la_tache_ne_rend_rien_deux_fois(cantine):
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE)
    assert len(actions.crediter(fait.pk, EN_OCTOBRE)) == 2
    assert actions.crediter(fait.pk, EN_OCTOBRE) == []
    assert Avoir.objects.count() == LigneRendue.objects.count() == 2


def test_une_sortie_ne_rend_que_ses_eleves_qui_ne_sont_pas_venus(cantine):
    cantine.pointer("Hugo", VENDREDI)
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE, nature="sortie", au=VENDREDI, classes=["cm1"])
    actions.crediter(fait.pk, EN_OCTOBRE)
    assert avoirs() == [("Hugo", D("3.60"))]
    assert LigneRendue.objects.get().ligne.jour == JEUDI


def test_plusieurs_jours_d_une_facture_font_un_seul_avoir(cantine):
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE, au=VENDREDI)
    actions.crediter(fait.pk, EN_OCTOBRE)
    assert avoirs() == [("Hugo", D("7.20")), ("Lina", D("7.20"))]
    assert Avoir.objects.first().motif.endswith(" : 2 prestations rendues")


def test_ce_que_la_regie_a_rendu_en_cochant_la_ligne_ne_se_rend_plus(cantine):
    cantine.facturer()
    facture = Facture.objects.get(famille__nom="HUGO")
    ligne = facture.lignes.get(jour=JEUDI)
    form = AvoirForm(facture=facture, compte=cantine.regie, maintenant=EN_OCTOBRE)
    envoi = {"lignes": [ligne.pk], "motif": "Repas froid", "jeton": form.fields["jeton"].initial}
    form = AvoirForm(envoi, facture=facture, compte=cantine.regie, maintenant=EN_OCTOBRE)
    assert form.is_valid()
    form.save()
    assert list(AvoirForm(facture=facture, compte=None, maintenant=EN_OCTOBRE).fields["lignes"].queryset) == [
        facture.lignes.get(jour=VENDREDI)
    ]
    fait = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(fait.pk, EN_OCTOBRE)
    assert avoirs() == [("Hugo", D("3.60")), ("Lina", D("3.60"))]
    with pytest.raises(ValidationError) as refus:
        actions.emettre_avoir(facture, D("1"), "Encore", None, EN_OCTOBRE, lignes=[ligne])
    assert refus.value.code == "deja_rendue"


def test_un_avoir_ne_depasse_pas_ce_qui_reste_de_la_facture(cantine):
    cantine.facturer()
    facture = Facture.objects.get(famille__nom="HUGO")
    actions.emettre_avoir(facture, D("6.00"), "Geste", cantine.regie, EN_OCTOBRE)
    fait = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(fait.pk, EN_OCTOBRE)
    assert avoirs() == [("Hugo", D("1.20")), ("Hugo", D("6.00")), ("Lina", D("3.60"))]


def test_la_base_refuse_de_rendre_deux_fois_une_ligne_ou_d_en_changer(cantine):
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(fait.pk, EN_OCTOBRE)
    rendue = LigneRendue.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        LigneRendue.objects.create(ligne=rendue.ligne, avoir=rendue.avoir)
    with pytest.raises(DatabaseError, match="ne se modifie pas"), transaction.atomic():
        rendue.delete()


# --- Levé après coup --------------------------------------------------------------------------------------------------
def test_leve_avant_les_avoirs_il_n_y_en_a_aucun(cantine, courriels):
    cantine.facturer()
    lever(cantine.appliquer(EN_OCTOBRE), cantine.mairie, EN_OCTOBRE)
    assert {c["To"] for c in courriels()}.isdisjoint({cantine.regie.email})
    assert Avoir.objects.count() == 0


def test_leve_apres_les_avoirs_la_regie_l_apprend_et_decide(cantine, courriels):
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE)
    courriels()
    lever(fait, cantine.mairie, EN_OCTOBRE)
    [a_la_regie] = [c for c in courriels() if c["To"] == cantine.regie.email]
    assert a_la_regie["Subject"] == "Événement levé : 2 avoirs à revoir"
    texte = a_la_regie.get_body(("plain",)).get_content()
    assert f"avoir/?evenement__id__exact={fait.pk}" in texte
    assert "/a-refacturer/" in texte
    assert Avoir.objects.count() == 2


def test_leve_apres_les_avoirs_ces_jours_vont_une_seule_fois_sur_la_prochaine_facture(cantine):
    Regie.objects.create(seuil=0)
    cantine.facturer()
    fait = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(fait.pk, EN_OCTOBRE)
    assert jours_oublies(SEPTEMBRE, OCTOBRE) == []  # l'événement vaut encore : rien n'est dû
    lever(fait, cantine.mairie, EN_OCTOBRE)
    trouves = jours_oublies(SEPTEMBRE, OCTOBRE)
    assert [(o.prestation.prenom, o.prestation.prix.montant, o.pourquoi) for o in trouves] == [
        ("Hugo", D("3.60"), "annulé par un événement, levé depuis"),
        ("Lina", D("3.60"), "annulé par un événement, levé depuis"),
    ]
    cles = {oubli.cle for oubli in trouves}
    assert len(actions.refacturer(cles, SEPTEMBRE, OCTOBRE)) == 2
    assert jours_oublies(SEPTEMBRE, OCTOBRE) == []
    with pytest.raises(ValidationError) as refus:
        actions.refacturer(cles, SEPTEMBRE, OCTOBRE)
    assert refus.value.code == "rien"
    avant, annonce = list(Facture.objects.values_list("pk", "total")), actions.apercu(OCTOBRE)
    actions.facturer(OCTOBRE, cantine.regie, EN_NOVEMBRE)
    assert annonce.total == D("7.20")
    neuves = Ligne.objects.filter(facture__mois=OCTOBRE).order_by("prenom")
    assert [(ligne.prenom, ligne.texte, ligne.jour, ligne.montant) for ligne in neuves] == [
        ("Hugo", "Repas, septembre", JEUDI, D("3.60")), ("Lina", "Repas, septembre", JEUDI, D("3.60")),
    ]
    assert list(Facture.objects.filter(mois=SEPTEMBRE).values_list("pk", "total")) == avant
    # Deux repas chacun, facturés et rendus pour l'un, refacturés : 7,20 € dus.
    assert set(avec_solde(Famille.objects.all()).values_list("solde", flat=True)) == {D("7.20")}
    assert jours_oublies(SEPTEMBRE, dt.date(2026, 11, 1)) == []
    # Un second événement rend alors la nouvelle ligne, une fois.
    second = cantine.appliquer(EN_NOVEMBRE)
    assert [avoir.facture.mois for avoir in actions.crediter(second.pk, EN_NOVEMBRE)] == [OCTOBRE, OCTOBRE]
    assert actions.crediter(second.pk, EN_NOVEMBRE) == []
    assert set(avec_solde(Famille.objects.all()).values_list("solde", flat=True)) == {D("3.60")}


def test_leve_apres_une_facture_qui_ne_disait_pas_ces_jours_ils_restent_dus(cantine):
    fait = cantine.appliquer()
    cantine.facturer()
    assert [prenom for prenom, *_ in lignes()] == ["Hugo", "Lina"]  # le vendredi de chacun
    lever(fait, cantine.mairie, EN_OCTOBRE)
    trouves = jours_oublies(SEPTEMBRE, OCTOBRE)
    assert [(o.prestation.prenom, o.prestation.fait.jour) for o in trouves] == [("Hugo", JEUDI), ("Lina", JEUDI)]
    assert len(actions.refacturer({oubli.cle for oubli in trouves}, SEPTEMBRE, OCTOBRE)) == 2


def test_un_second_evenement_le_meme_jour_ne_rend_pas_ce_que_le_premier_a_rendu(cantine):
    cantine.facturer()
    premier = cantine.appliquer(EN_OCTOBRE)
    actions.crediter(premier.pk, EN_OCTOBRE)
    lever(premier, cantine.mairie, EN_OCTOBRE)
    second = cantine.appliquer(EN_OCTOBRE)
    assert actions.crediter(second.pk, EN_OCTOBRE) == []
    assert Avoir.objects.count() == 2


def test_un_mois_emis_pendant_que_l_evenement_s_appliquait_est_credite_a_sa_fin(cantine):
    """Le mois avait lu ses prestations ; l'événement passe, ne voit aucune ligne, puis les lignes arrivent."""
    cantine.enfants["Lina"].reservations.filter(seance=cantine.seances[VENDREDI]).update(etat="annulee")
    fait = cantine.appliquer()
    assert actions.crediter(fait.pk, MAINTENANT) == []
    passage = actions.mois.preparer(Mois(SEPTEMBRE), cantine.regie, MAINTENANT)
    seance, lina = cantine.seances[JEUDI], cantine.enfants["Lina"]
    with transaction.atomic():
        tardive = Facture.objects.create(
            famille=lina.familles.get(), facturation=passage, total=D("3.60"), exercice=2026, numero=900,
            mois=SEPTEMBRE, destinataire="x", adresse="x", emise_le=MAINTENANT, echeance=passage.echeance,
        )  # fmt: skip
        tardive.lignes.create(
            enfant=lina, activite=seance.activite, seance=seance, jour=JEUDI, prenom="Lina", texte="Repas",
            prix_unitaire=D("3.60"), montant=D("3.60"), regle="prix unique",
        )  # fmt: skip
    cantine.facturer()
    assert Avoir.objects.get().facture == tardive
