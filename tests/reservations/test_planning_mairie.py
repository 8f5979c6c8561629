"""Le planning que tient la mairie : une grille, un enregistrement, une raison, et chaque famille prévenue une fois."""

import datetime as dt
import io
import re
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from presences.models import lire_liste
from reservations.actions import enregistrer, enregistrer_pour_les_familles
from reservations.admin.grille import ecrire_vu
from reservations.models import Mouvement, Reservation, Seance, lire_planning
from reservations.regles import lire_cle
from tests import fabriques as f
from tests.reservations.test_enregistrement import ensemble

LUNDI, MARDI = dt.date(2026, 9, 7), dt.date(2026, 9, 8)
JEUDI_AVANT, APRES = f.a_paris(2026, 9, 3, 18), f.a_paris(2026, 9, 7, 9)
PAGE = "/admin/reservations/reservation/planning/"


class Ecole:
    """Desnos : la restauration lundi et mardi ; Hugo (CM1) et Lina (CP) inscrits, Zoé d'une autre école."""

    def __init__(self, **cantine):
        f.commune()
        self.site = f.ecole(nom="Desnos")
        self.midi = f.activite(site=self.site, nom="Restauration", **cantine)
        self.lundi, self.mardi = f.seance(self.midi, LUNDI), f.seance(self.midi, MARDI)
        self.mairie = f.agent("Périscolaire")
        la = self.site
        self.hugo, self.lina, self.zoe = (
            f.enfant(f.famille(nom=prenom.upper()), prenom=prenom, classe=classe, ecole=site)
            for prenom, classe, site in [("Hugo", "cm1", la), ("Lina", "cp", la), ("Zoé", "ce1", f.ecole())]
        )
        f.inscription(self.hugo, self.midi)
        f.inscription(self.lina, self.midi)

    def enregistrer(self, souhaits, maintenant=JEUDI_AVANT, motif="Au téléphone", **options):
        return enregistrer_pour_les_familles(souhaits, self.mairie, motif, maintenant, **options)


@pytest.fixture
def ecole(db):
    return Ecole()


@pytest.fixture
def mairie(client, ecole, time_machine):
    time_machine.move_to(JEUDI_AVANT, tick=False)
    client.force_login(ecole.mairie)
    return client


def etats():
    return {
        (prenom, jour): etat
        for prenom, jour, etat in Reservation.objects.values_list("enfant__prenom", "seance__jour", "etat")
    }


def codes(resultat):
    return [refus.code for refus in resultat.refus]


def texte(reponse):
    return reponse.content.decode().replace("&#x27;", "'")


def envoyer(client, ecole, coches=(), vu="", suite="", **champs):
    valeurs = [f"{enfant.pk}-{seance.pk}" for enfant, seance in coches]
    adresse = f"{PAGE}?site={ecole.site.pk}&jour={LUNDI}{suite}"
    return client.post(adresse, {"c": valeurs, "vu": vu, "motif": "Au téléphone", "faire": "enregistrer"} | champs)


# --- L'action ---------------------------------------------------------------------------------------------------------
def test_un_enregistrement_reserve_et_annule_pour_plusieurs_familles(ecole, courriels):
    f.reservation(ecole.lina, ecole.lundi)
    souhaits = {(ecole.hugo.pk, ecole.lundi.pk): True, (ecole.hugo.pk, ecole.mardi.pk): True,
                (ecole.lina.pk, ecole.lundi.pk): False}  # fmt: skip
    fait = ecole.enregistrer(souhaits, APRES)
    assert etats() == {("Hugo", LUNDI): "reservee", ("Hugo", MARDI): "reservee", ("Lina", LUNDI): "annulee"}
    assert dict(Reservation.objects.filter(enfant=ecole.hugo).values_list("seance__jour", "hors_delai")) == {
        LUNDI: True, MARDI: False,
    }  # fmt: skip
    journal = Mouvement.objects.values_list("lot", "origine", "compte", "motif").distinct().order_by()
    assert list(journal) == [(fait.lot, "mairie", ecole.mairie.pk, "Au téléphone")]
    recus = {c["To"]: c for c in courriels()}
    assert {a: c["Subject"] for a, c in recus.items()} == {
        adresse(ecole.hugo): "Planning de Hugo : 2 réservations",
        adresse(ecole.lina): "Planning de Lina : 1 annulation",
    }  # fmt: skip
    dit = recus[adresse(ecole.hugo)].get_body(("plain",)).get_content()
    assert "La mairie a modifié le planning pour vous. Raison : Au téléphone" in dit
    assert "Lina" not in dit


def adresse(enfant):
    return enfant.familles.get().adultes.get().compte.email


def test_le_meme_enregistrement_deux_fois_n_ecrit_qu_une_fois(ecole, courriels):
    souhaits = {(ecole.hugo.pk, ecole.lundi.pk): True}
    ecole.enregistrer(souhaits)
    assert ecole.enregistrer(souhaits).lot is None
    assert (Mouvement.objects.count(), len(courriels())) == (1, 1)


def test_les_places_ne_se_depassent_que_sciemment(db):
    ecole = Ecole(capacite=1)
    f.reservation(ecole.lina, ecole.lundi)
    souhaits = {(ecole.hugo.pk, ecole.lundi.pk): True}
    refuse = ecole.enregistrer(souhaits)
    assert codes(refuse) == ["complet"]
    assert refuse.refus[0].phrase == (
        "Hugo HUGO, Restauration du lundi 7 septembre : complet ; "
        "cochez « au-delà des places » pour l'y ajouter quand même."
    )
    assert etats() == {("Lina", LUNDI): "reservee"}
    assert ecole.enregistrer(souhaits | {(ecole.lina.pk, ecole.lundi.pk): False}).lot  # la place se libère d'abord
    assert ecole.enregistrer({(ecole.lina.pk, ecole.lundi.pk): True}, au_dela=True).lot


def test_refuser_une_case_n_en_ecrit_aucune(ecole):
    Seance.objects.filter(jour=LUNDI).update(ouverte=False, motif="Grève")
    ecole.zoe.rattachements.update(fin=LUNDI)
    souhaits = {(ecole.hugo.pk, ecole.lundi.pk): True, (ecole.zoe.pk, ecole.mardi.pk): True,
                (ecole.lina.pk, ecole.mardi.pk): True, (ecole.lina.pk, 0): True}  # fmt: skip
    assert sorted(codes(ecole.enregistrer(souhaits))) == ["ferme", "inconnue", "sans_foyer"]
    assert etats() == {}


def test_sans_raison_rien(ecole):
    with pytest.raises(ValidationError) as refus:
        ecole.enregistrer({(ecole.hugo.pk, ecole.lundi.pk): True}, motif=" ")
    assert refus.value.code == "sans_motif"


def test_qui_paie_est_le_foyer_de_l_inscription_sinon_le_premier(ecole):
    pere = f.famille(nom="PÈRE")
    f.rattacher(ecole.hugo, pere)
    ecole.hugo.inscriptions.update(famille=pere)
    ecole.enregistrer({(ecole.hugo.pk, ecole.lundi.pk): True, (ecole.zoe.pk, ecole.lundi.pk): True})
    assert dict(Reservation.objects.values_list("enfant__prenom", "famille__nom")) == {"Hugo": "PÈRE", "Zoé": "ZOÉ"}


@pytest.mark.django_db(transaction=True)
def test_la_derniere_place_va_a_la_famille_ou_a_la_mairie_jamais_aux_deux():
    ecole = Ecole(capacite=1)
    foyer = ecole.lina.familles.get()
    compte = foyer.adultes.get().compte
    rendus = ensemble([
        lambda: ecole.enregistrer({(ecole.hugo.pk, ecole.lundi.pk): True}),
        lambda: enregistrer(foyer, compte, {(ecole.lina.pk, ecole.lundi.pk): True}, JEUDI_AVANT, "parent"),
    ])
    assert sorted(map(codes, rendus)) == [[], ["complet"]]
    assert Reservation.objects.filter(etat="reservee").count() == 1


# --- La lecture -------------------------------------------------------------------------------------------------------
def test_la_grille_range_par_classe_les_inscrits_et_les_reserves(ecole):
    f.reservation(ecole.zoe, ecole.lundi)
    f.excuse(f.reservation(ecole.hugo, ecole.lundi))
    f.reservation(ecole.lina, ecole.mardi, etat="attente")
    lu = lire_planning([ecole.midi], LUNDI, LUNDI + dt.timedelta(days=6))
    assert [(classe, [r.enfant.prenom for r in rangees]) for classe, rangees in lu.classes] == [
        ("CP – Desnos", ["Lina"]), ("CM1 – Desnos", ["Hugo"]), (f"CE1 – {ecole.zoe.ecole}", ["Zoé"]),
    ]  # fmt: skip
    assert {r.enfant.prenom: list(r.etats.values()) for r in lu.rangees} == {
        "Lina": ["attente"], "Hugo": ["excusee"], "Zoé": ["reservee"],
    }  # fmt: skip
    assert [(c.seance.jour, c.reservees) for c in lu.colonnes] == [(LUNDI, 2), (MARDI, 0)]
    assert [r.enfant.prenom for r in lire_planning([ecole.midi], LUNDI, LUNDI, classe="cm1").rangees] == ["Hugo"]
    assert sorted(map(lire_cle, ecrire_vu(lu).split())) == [(e.pk, ecole.lundi.pk) for e in (ecole.hugo, ecole.zoe)]


def test_deux_cm1_d_une_ecole_font_deux_groupes_de_la_grille_et_du_tableur(mairie, ecole):
    for prenom, groupe in [("Ana", "b"), ("Tom", "Mme Petit"), ("Zia", "A"), ("Max", "B")]:
        f.inscription(f.enfant(prenom=prenom, classe="cm1", division=groupe, ecole=ecole.site), ecole.midi)
    lu = lire_planning([ecole.midi], LUNDI, LUNDI, classe="cm1")
    assert [(classe, [r.enfant.prenom for r in rangees]) for classe, rangees in lu.classes] == [
        ("CM1", ["Hugo"]), ("CM1 A", ["Zia"]), ("CM1 b", ["Ana", "Max"]), ("CM1, Mme Petit", ["Tom"]),
    ]  # fmt: skip
    choix = {"site": ecole.site.pk, "jour": LUNDI}
    assert "CM1, Mme Petit <span>1</span>" in texte(mairie.get(PAGE, choix))
    rangees = mairie.get(PAGE, choix | {"format": "csv"}).content.decode().splitlines()[1:]
    assert [rangee.split(";")[0] for rangee in rangees] == [
        "CP", "CM1", "CM1 A", "CM1 b", "CM1 b", "CM1, Mme Petit",
    ]  # fmt: skip


# --- La page ----------------------------------------------------------------------------------------------------------
def test_on_coche_on_enregistre_et_la_page_le_montre(mairie, ecole, courriels):
    f.reservation(ecole.lina, ecole.lundi)
    page = texte(mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI}))
    assert f'name="c" value="{ecole.hugo.pk}-{ecole.lundi.pk}"' in page
    assert f'name="vu" value="{ecole.lina.pk}-{ecole.lundi.pk}"' in page
    reponse = envoyer(mairie, ecole, [(ecole.hugo, ecole.mardi)], vu=f"{ecole.lina.pk}-{ecole.lundi.pk}")
    suite = texte(mairie.get(reponse.url))
    assert "1 réservation et 1 annulation, reçu" in suite
    assert "les 2 familles sont prévenues par courriel" in suite
    assert etats() == {("Hugo", MARDI): "reservee", ("Lina", LUNDI): "annulee"}
    assert len(courriels()) == 2
    assert [ligne.enfant.prenom for ligne in lire_liste(ecole.mardi)] == ["Hugo"]


def test_ce_que_l_on_n_a_pas_touche_reste_comme_en_base(mairie, ecole):
    """Une page ouverte depuis ce matin n'annule pas ce qu'une famille a réservé depuis."""
    f.reservation(ecole.lina, ecole.lundi)
    envoyer(mairie, ecole, [(ecole.hugo, ecole.lundi)], vu="")
    assert etats() == {("Hugo", LUNDI): "reservee", ("Lina", LUNDI): "reservee"}


def test_une_seance_fermee_ne_se_coche_pas_et_l_envoi_n_en_annule_rien(mairie, ecole):
    f.reservation(ecole.lina, ecole.lundi)
    Seance.objects.filter(jour=LUNDI).update(ouverte=False, motif="Grève")
    page = texte(mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI}))
    assert f'value="{ecole.lina.pk}-{ecole.lundi.pk}"' not in page
    assert 'name="vu" value=""' in page
    assert "Grève" in page


def test_un_refus_garde_tout_ce_qui_est_coche(mairie, ecole):
    Seance.objects.update(capacite=0)
    page = texte(envoyer(mairie, ecole, [(ecole.hugo, ecole.lundi)], motif="Urgence <b>"))
    assert "complet ; cochez « au-delà des places »" in page
    hugo, lundi = ecole.hugo.pk, ecole.lundi.pk
    assert f'value="{hugo}-{lundi}" aria-labelledby="e{hugo} s{lundi}" checked' in page
    assert 'class="modif refus"' in page
    assert 'value="Urgence &lt;b&gt;"' in page
    envoyer(mairie, ecole, [(ecole.hugo, ecole.lundi)], au_dela="on")
    assert etats() == {("Hugo", LUNDI): "reservee"}


def test_sans_raison_la_page_le_demande_et_garde_les_coches(mairie, ecole):
    page = texte(envoyer(mairie, ecole, [(ecole.hugo, ecole.lundi)], motif=""))
    assert "Dites pourquoi" in page
    assert f'value="{ecole.hugo.pk}-{ecole.lundi.pk}" aria-labelledby' in page
    assert 'class="modif"' in page
    assert etats() == {}


def test_chercher_un_enfant_l_ajoute_a_la_grille_sans_perdre_les_coches(mairie, ecole):
    coche = [(ecole.hugo, ecole.lundi)]
    page = texte(envoyer(mairie, ecole, coche, q="zoe", faire="entree", motif=""))
    assert f'<button class="geste" name="ajouter" value="{ecole.zoe.pk}">Zoé ZOÉ, CE1' in page
    page = texte(envoyer(mairie, ecole, coche, ajouter=ecole.zoe.pk))
    assert f'id="e{ecole.zoe.pk}">ZOÉ Zoé</th>' in page
    assert f'name="ajoutes" value="{ecole.zoe.pk}"' in page
    assert page.count(" checked>") == 1
    assert etats() == {}
    envoyer(mairie, ecole, [*coche, (ecole.zoe, ecole.lundi)], ajoutes=ecole.zoe.pk)
    assert etats() == {("Hugo", LUNDI): "reservee", ("Zoé", LUNDI): "reservee"}


@pytest.mark.parametrize("vu", ["x", "1:a", "1", "1:2;;3", "-"])
def test_une_page_abimee_se_refuse_en_une_phrase(mairie, ecole, vu):
    reponse = envoyer(mairie, ecole, vu=vu)
    assert reponse.status_code == 200
    assert "La page est arrivée abîmée" in texte(reponse)


@pytest.mark.parametrize("suite", ["", "&vue=jour", "&activite={midi}", "&activite={midi}&vue=jour&classe=cm1"])
def test_chaque_vue_s_ouvre(mairie, ecole, suite):
    page = texte(mairie.get(f"{PAGE}?site={ecole.site.pk}&jour={LUNDI}{suite.format(midi=ecole.midi.pk)}"))
    assert "HUGO Hugo" in page
    assert page.count('type="checkbox" name="c"') == (1 if "classe" in suite else 2 if "jour&" in suite or
                                                      suite == "&vue=jour" else 4)


@pytest.mark.parametrize(
    "adresse", ["?site=x&activite=y&jour=hier&classe=z&vue=a", "?jour=9999-12-31", "?jour=2026-02-31"]
)
def test_une_adresse_bricolee_montre_la_page_d_aujourd_hui(mairie, ecole, adresse):
    assert "semaine du 31 août – 6 septembre 2026" in texte(mairie.get(PAGE + adresse))


def test_le_journal_de_la_famille_et_celui_de_la_mairie_disent_la_meme_chose(mairie, ecole, client):
    reponse = envoyer(mairie, ecole, [(ecole.hugo, ecole.lundi)])
    assert reponse.status_code == 302
    mouvement = Mouvement.objects.get()
    page = texte(client.get(reverse("admin:reservations_mouvement_changelist"), {"q": mouvement.numero}))
    assert mouvement.numero in page
    assert "Au téléphone" in page
    assert "la mairie" in page
    client.force_login(ecole.hugo.familles.get().adultes.get().compte)
    page = texte(client.get(reverse("reservations:journal", args=[ecole.hugo.pk])))
    assert mouvement.numero in page
    assert "Raison : Au téléphone" in page
    assert "par la mairie" in page


# --- Sortir -----------------------------------------------------------------------------------------------------------
def test_le_tableur_a_les_memes_cases_et_aucune_formule(mairie, ecole):
    ecole.hugo.nom = "=1+1"
    ecole.hugo.save()
    f.reservation(ecole.hugo, ecole.lundi)
    reponse = mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI, "format": "csv"})
    lignes = reponse.content.decode().removeprefix("\ufeff").splitlines()
    assert lignes == [
        'Classe;Nom;Prénom;lundi 7 septembre, Restauration;mardi 8 septembre, Restauration',
        "CP;LINA;Lina;;",
        "CM1;'=1+1;Hugo;réservé;",
    ]
    ods = mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI, "format": "ods"})
    assert ods["Content-Disposition"] == 'attachment; filename="planning-2026-09-07.ods"'
    with zipfile.ZipFile(io.BytesIO(ods.content)) as classeur:
        cases = re.findall("<text:p>(.*?)</text:p>", classeur.read("content.xml").decode())
    assert cases == ["Classe", "Nom", "Prénom", "lundi 7 septembre, Restauration", "mardi 8 septembre, Restauration",
                     "CP", "LINA", "Lina", "CM1", "=1+1", "Hugo", "réservé"]  # fmt: skip


def test_chaque_export_du_planning_est_au_journal_de_la_mairie(mairie, ecole):
    for suffixe in ("csv", "ods"):
        mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI, "classe": "cp", "format": suffixe})
    mairie.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI})  # lire n'est pas emporter
    quoi = "Planning exporté : Toutes les activités, Desnos, semaine du 7 – 13 septembre 2026"
    assert list(LogEntry.objects.order_by("pk").values_list("user", "object_repr", "change_message")) == [
        (ecole.mairie.pk, quoi, "1 enfants en csv."), (ecole.mairie.pk, quoi, "1 enfants en ods."),
    ]  # fmt: skip


# --- Qui peut ---------------------------------------------------------------------------------------------------------
ACCES = {"Direction": (200, 302), "Périscolaire": (200, 302), "Régie": (200, 403), "Agents": (403, 403)}


@pytest.mark.parametrize("groupe", ACCES)
def test_chaque_groupe_lit_ou_change_le_planning(client, ecole, groupe):
    client.force_login(f.agent(groupe))
    f.reservation(ecole.lina, ecole.lundi)
    lire, changer = ACCES[groupe]
    page = client.get(PAGE, {"site": ecole.site.pk, "jour": LUNDI}, follow=True)
    assert page.status_code == lire
    assert ("checkbox" in texte(page)) == (changer == 302)
    assert envoyer(client, ecole, [(ecole.hugo, ecole.lundi)]).status_code in (changer, 302 if lire == 403 else changer)
    assert (("Hugo", LUNDI) in etats()) == (changer == 302)


# --- Mesures ----------------------------------------------------------------------------------------------------------
def test_un_enfant_ou_trois_cents_les_memes_requetes_et_une_page_legere(mairie, ecole):
    adresse = f"{PAGE}?site={ecole.site.pk}&jour={LUNDI}&activite={ecole.midi.pk}"

    def mesurer():
        mairie.get(adresse)
        with CaptureQueriesContext(connection) as contexte:
            reponse = mairie.get(adresse)
        return len(contexte), len(reponse.content)

    peu, taille = mesurer()
    remplir(ecole, 300)
    beaucoup, grande = mesurer()
    assert peu == beaucoup
    assert (grande - taille) / 300 < 420  # octets par enfant et deux jours


def remplir(ecole, nombre):
    for n in range(nombre):
        petit = f.enfant(f.famille(nom=f"FOYER{n}", avec_compte=False), prenom=f"E{n}", ecole=ecole.site, classe="cp")
        f.inscription(petit, ecole.midi)
        f.reservation(petit, ecole.lundi)


def test_enregistrer_trente_enfants_d_un_foyer_coute_les_requetes_d_un_seul(ecole):
    foyer = ecole.hugo.familles.get()
    enfants = [f.enfant(foyer, prenom=f"E{n}", ecole=ecole.site) for n in range(30)]

    def requetes(petits, seance):
        with CaptureQueriesContext(connection) as contexte:
            ecole.enregistrer({(petit.pk, seance.pk): True for petit in petits})
        return len(contexte)

    ecole.enregistrer({(ecole.hugo.pk, ecole.lundi.pk): True})  # ce qui se garde une minute en mémoire est chaud
    assert requetes(enfants[:1], ecole.lundi) == requetes(enfants, ecole.mardi)
