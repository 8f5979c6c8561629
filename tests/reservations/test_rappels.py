"""Les rappels : à temps, une fois, à qui les veut ; et l'agenda, par son adresse secrète."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import icalendar
import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from reservations import actions, taches
from reservations.models import Mouvement, Ouverture, Preferences, RappelEnvoye, Reservation
from tests import fabriques as f

pytestmark = pytest.mark.django_db
LUNDI = dt.date(2026, 10, 5)
DIMANCHE_18H = f.a_paris(2026, 10, 4, 18)
UN_JOUR = dt.timedelta(days=1)


@pytest.fixture
def ecole():
    """Huit semaines de cantine, du 31 août au 23 octobre : lundi, mardi, jeudi, vendredi."""
    f.commune()
    site = f.ecole(nom="École Centre")
    midi = f.activite(site=site, nom="Restauration")
    jours = [dt.date(2026, 8, 31) + n * UN_JOUR for n in range(54)]
    return SimpleNamespace(
        site=site, midi=midi, seances={j: f.seance(midi, j) for j in jours if j.weekday() in midi.jours}
    )


def habitue(ecole, semaines=4, jusqu_a=LUNDI, **champs):
    """Une famille dont l'enfant mange le lundi depuis ``semaines`` semaines avant ``jusqu_a``."""
    foyer = f.famille()
    petit = f.enfant(foyer, ecole=ecole.site, **champs)
    f.inscription(petit, ecole.midi)
    for n in range(1, semaines + 1):
        f.reservation(petit, ecole.seances[jusqu_a - n * 7 * UN_JOUR])
    foyer.petit = petit
    return foyer


def texte(message):
    return message.get_body(("plain",)).get_content().replace("\u00a0", " ")


def test_la_veille_au_soir_la_famille_qui_a_oublie_est_prevenue(ecole, courriels):
    foyer = habitue(ecole)
    assert actions.rappeler(DIMANCHE_18H) == (1, 0)
    (message,) = courriels()
    assert message["To"] == foyer.compte.email
    assert message["Subject"].strip() == "Rien n'est réservé la semaine du lundi 5 octobre"
    assert "pour Hugo." in texte(message)
    assert "jusqu'à ce soir 23 h 59" in texte(message)


def test_celle_qui_a_reserve_un_seul_jour_ne_l_est_pas(ecole, courriels):
    foyer = habitue(ecole)
    f.reservation(foyer.petit, ecole.seances[LUNDI + 3 * UN_JOUR])
    assert actions.rappeler(DIMANCHE_18H) == (0, 0)
    assert courriels() == []


def test_une_reservation_annulee_n_est_pas_une_reservation(ecole):
    foyer = habitue(ecole)
    f.reservation(foyer.petit, ecole.seances[LUNDI], etat="annulee")
    assert actions.rappeler(DIMANCHE_18H) == (1, 0)


def test_ni_celle_qui_ne_reserve_pas_d_habitude_ni_la_desinscrite(ecole):
    habitue(ecole, semaines=2)
    partie = habitue(ecole)
    partie.petit.inscriptions.update(fin=LUNDI - UN_JOUR)
    assert actions.rappeler(DIMANCHE_18H) == (0, 0)


def test_ni_avant_l_heure_ni_apres_la_limite(ecole):
    habitue(ecole)
    assert actions.rappeler(f.a_paris(2026, 10, 4, 17, 59)) == (0, 0)
    # Le lundi est passé : mardi se réserve encore ce soir, et la semaine n'a toujours rien.
    assert actions.rappeler(f.a_paris(2026, 10, 5, 9)) == (0, 0)
    assert actions.rappeler(f.a_paris(2026, 10, 5, 18)) == (1, 0)


def test_une_semaine_de_vacances_ne_rappelle_rien(ecole):
    habitue(ecole)
    for jour, seance in ecole.seances.items():
        if LUNDI <= jour < LUNDI + 7 * UN_JOUR:
            seance.ouverte, seance.motif = False, "Fermeture"
            seance.save()
    assert actions.rappeler(DIMANCHE_18H) == (0, 0)


def test_les_deux_parents_du_foyer_le_recoivent_et_chacun_se_desabonne_seul(ecole, courriels):
    foyer = habitue(ecole)
    alex = f.compte(email="alex@exemple.fr")
    foyer.adultes.create(civilite="m", nom="LA STAR", prenom="Alex", compte=alex)
    Preferences.objects.create(compte=foyer.compte, rappel_limite=False)
    actions.rappeler(DIMANCHE_18H)
    assert [m["To"] for m in courriels()] == ["alex@exemple.fr"]


def test_un_mois_de_rappels_toutes_les_dix_minutes_n_en_double_aucun(ecole, courriels, time_machine):
    """L'horloge d'octobre à novembre, changement d'heure compris, par la tâche même que l'ouvrier appelle."""
    foyer = habitue(ecole)
    actions.regler(foyer.compte, resume_dimanche=True)
    instant, fin = f.a_paris(2026, 10, 1, 0), f.a_paris(2026, 11, 1, 0)
    while instant < fin:
        time_machine.move_to(instant, tick=False)
        taches.rappels(timestamp=0)
        instant += dt.timedelta(minutes=10)
    envoyes = list(RappelEnvoye.objects.order_by("genre", "semaine").values_list("genre", "semaine"))
    # La semaine du 5 fut oubliée ; celle du 12 n'est plus « habituelle » qu'à trois sur quatre ; le 19, plus du tout.
    # Chaque dimanche résume la semaine qui vient ; à partir du 26, c'est celle des vacances : rien à en dire.
    semaines = [LUNDI + n * 7 * UN_JOUR for n in range(3)]
    assert envoyes == [("dimanche", lundi) for lundi in semaines] + [("limite", lundi) for lundi in semaines[:2]]
    recus = courriels()
    assert len(recus) == 5
    assert len({message["Subject"].strip() for message in recus}) == 5


def test_un_envoi_qui_echoue_ne_prive_pas_les_autres_et_reste_a_faire(ecole, courriels, monkeypatch):
    habitue(ecole)
    habitue(ecole)
    vrai, appels = actions.rappels.envoyer_courriel, []

    def casse_une_fois(*args, **kwargs):
        appels.append(args)
        if len(appels) == 1:
            raise OSError("disque plein")
        return vrai(*args, **kwargs)

    monkeypatch.setattr(actions.rappels, "envoyer_courriel", casse_une_fois)
    assert actions.rappeler(DIMANCHE_18H) == (1, 1)
    assert actions.rappeler(DIMANCHE_18H + dt.timedelta(minutes=10)) == (1, 0)
    assert len(courriels()) == 2


@pytest.mark.django_db(transaction=True)
def test_deux_ouvriers_en_meme_temps_n_envoient_qu_une_fois(ecole, courriels):
    for _ in range(5):
        habitue(ecole)

    def ouvrier(_):
        try:
            return actions.rappeler(DIMANCHE_18H)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as fils:
        bilans = list(fils.map(ouvrier, range(4)))
    assert sum(envoyes for envoyes, _ in bilans) == 5
    assert len(courriels()) == 5


def test_les_requetes_ne_dependent_pas_du_nombre_de_familles(ecole, django_assert_max_num_queries):
    for _ in range(3):
        habitue(ecole)
    actions.rappeler(DIMANCHE_18H)
    for _ in range(20):
        foyer = habitue(ecole)
        RappelEnvoye.objects.create(compte=foyer.compte, genre="limite", semaine=LUNDI, envoye_le=DIMANCHE_18H)
    with django_assert_max_num_queries(7):  # tous déjà prévenus : on ne fait que lire
        assert actions.rappeler(DIMANCHE_18H) == (0, 0)


def test_le_resume_du_dimanche_dit_la_semaine_enfant_par_enfant(ecole, courriels):
    foyer = habitue(ecole)
    lina = f.enfant(foyer, prenom="Lina", ecole=ecole.site, date_naissance=dt.date(2020, 1, 1))
    f.inscription(lina, ecole.midi)
    for jour in (LUNDI, LUNDI + UN_JOUR):
        f.reservation(foyer.petit, ecole.seances[jour])
    actions.regler(foyer.compte, resume_dimanche=True)
    assert actions.resumer_la_semaine(DIMANCHE_18H) == (1, 0)
    assert actions.resumer_la_semaine(DIMANCHE_18H + dt.timedelta(minutes=10)) == (0, 0)
    (message,) = courriels()
    assert message["Subject"].strip() == "La semaine du lundi 5 octobre"
    assert "Hugo\n- lundi 5 octobre : Restauration\n- mardi 6 octobre : Restauration" in texte(message)
    assert "Lina\n- rien n'est réservé" in texte(message)


def test_on_se_desabonne_en_un_geste_sans_mot_de_passe(ecole, courriels, settings):
    settings.ADRESSE = "http://testserver"
    foyer = habitue(ecole)
    actions.rappeler(DIMANCHE_18H)
    (message,) = courriels()
    adresse = message["List-Unsubscribe"].strip(" <>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert adresse in texte(message)
    page = Client().get(adresse)
    assert "Ne plus recevoir ce courriel" in page.content.decode()
    assert Preferences.objects.count() == 0, "ouvrir le lien ne fait rien : les antivirus les ouvrent tous"
    Client(enforce_csrf_checks=True).post(adresse, {"List-Unsubscribe": "One-Click"})
    assert not Preferences.objects.get(compte=foyer.compte).rappel_limite
    assert actions.rappeler(DIMANCHE_18H + 7 * UN_JOUR) == (0, 0)


def test_un_jeton_d_un_autre_usage_ne_desabonne_personne(ecole):
    foyer = habitue(ecole)
    agenda = actions.jeton_d_agenda(actions.ouvrir_agenda(foyer.compte))
    assert Client().post(reverse("reservations:desabonner", args=[agenda])).status_code == 404
    desabonner = actions.jeton_de_desabonnement(foyer.compte, "limite")
    assert Client().get(reverse("reservations:agenda", args=[desabonner])).status_code == 404


def test_un_parent_choisit_ses_rappels(ecole):
    foyer = habitue(ecole)
    client = Client()
    client.force_login(foyer.compte)
    form = client.get(reverse("reservations:rappels")).context["form"]
    assert [form[nom].value() for nom in ("rappel_limite", "resume_dimanche")] == [True, False]
    client.post(reverse("reservations:rappels"), {"resume_dimanche": "on"})
    ecrites = Preferences.objects.get(compte=foyer.compte)
    assert (ecrites.rappel_limite, ecrites.resume_dimanche) == (False, True)


# --- L'agenda --------------------------------------------------------------------------------------------------------
def lire_agenda(compte, **entetes):
    preferences = Preferences.objects.get(compte=compte)
    reponse = Client().get(reverse("reservations:agenda", args=[actions.jeton_d_agenda(preferences)]), **entetes)
    assert reponse.status_code == 200
    return reponse, icalendar.Calendar.from_ical(reponse.content)


def test_l_agenda_dit_les_reservations_et_les_derniers_moments(ecole, time_machine):
    time_machine.move_to(f.a_paris(2026, 10, 1, 9), tick=False)
    foyer = habitue(ecole, semaines=1)
    reservee = f.reservation(foyer.petit, ecole.seances[LUNDI])
    actions.ouvrir_agenda(foyer.compte)
    reponse, agenda = lire_agenda(foyer.compte)
    assert reponse["Content-Type"] == "text/calendar; charset=utf-8"
    evenements = {str(e["UID"]): e for e in agenda.walk("VEVENT")}
    midi = evenements[f"reservation-{reservee.pk}@portail-famille"]
    assert str(midi["SUMMARY"]) == f"Hugo : {ecole.midi.nom}"
    assert midi["DTSTART"].dt == f.a_paris(2026, 10, 5, 12)
    assert midi["DTEND"].dt == f.a_paris(2026, 10, 5, 13, 30)
    assert str(midi["LOCATION"]) == "École Centre"
    assert "dimanche 4 octobre 2026 23 h 59" in str(midi["DESCRIPTION"]).replace("\u00a0", " ")
    limites = [e for uid, e in evenements.items() if uid.startswith("limite-")]
    assert limites[0]["DTEND"].dt == f.a_paris(2026, 10, 2, 0)
    assert str(limites[0]["SUMMARY"]) == "À réserver : vendredi 2 octobre"
    assert "Hugo : Restauration, vendredi 2 octobre" in str(limites[0]["DESCRIPTION"])
    assert not any("lundi 5 octobre" in str(e["SUMMARY"]) for e in limites), "ce qui est réservé n'est plus à réserver"
    assert [str(z["TZID"]) for z in agenda.walk("VTIMEZONE")] == ["Europe/Paris"]


def test_ce_qui_ne_peut_pas_encore_ou_plus_se_reserver_ne_se_rappelle_pas(ecole, time_machine, courriels):
    time_machine.move_to(DIMANCHE_18H, tick=False)
    suspendu, libre = habitue(ecole), habitue(ecole)
    suspendu.suspendue_le, suspendu.suspendue_motif = DIMANCHE_18H, "une facture attend."
    suspendu.save()
    for foyer in (suspendu, libre):
        actions.ouvrir_agenda(foyer.compte)

    def a_faire(foyer):
        return [e for e in lire_agenda(foyer.compte)[1].walk("VEVENT") if str(e["UID"]).startswith("limite-")]

    assert (len(a_faire(suspendu)), len(a_faire(libre)) > 0) == (0, True)
    ouverture = Ouverture.objects.create(
        nom="Automne", du=LUNDI, au=LUNDI + 60 * UN_JOUR, voeux_des=DIMANCHE_18H, ouvre_le=DIMANCHE_18H + UN_JOUR
    )
    ecole.midi.seances.filter(jour__gte=LUNDI).update(ouverture=ouverture)
    assert a_faire(libre) == []
    assert actions.rappeler(DIMANCHE_18H) == (0, 0)
    ecole.midi.seances.update(ouverture=None)
    assert actions.rappeler(DIMANCHE_18H) == (1, 0)
    assert [c["To"] for c in courriels()] == [libre.compte.email]


def test_ce_qui_est_complet_ne_se_rappelle_pas(ecole, time_machine, courriels):
    time_machine.move_to(DIMANCHE_18H, tick=False)
    foyer, autre = habitue(ecole), f.enfant(f.famille())
    actions.ouvrir_agenda(foyer.compte)
    semaine = ecole.midi.seances.filter(jour__range=(LUNDI, LUNDI + 6 * UN_JOUR))
    semaine.update(capacite=1)
    for n, seance in enumerate(semaine):
        etat = {"etat": "proposee", "offre_jusqu_a": DIMANCHE_18H + UN_JOUR} if n else {}
        f.reservation(autre, seance, **etat)

    def a_faire():
        evenements = lire_agenda(foyer.compte)[1].walk("VEVENT")
        return [str(e["SUMMARY"]) for e in evenements if str(e["UID"]).startswith("limite-")]

    assert not any(" 5 octobre" in dit or " 9 octobre" in dit for dit in a_faire())
    assert actions.rappeler(DIMANCHE_18H) == (0, 0)
    semaine.update(capacite=2)
    assert any(" 5 octobre" in dit for dit in a_faire())
    assert actions.rappeler(DIMANCHE_18H) == (1, 0)


def test_l_agenda_ne_dit_rien_d_une_autre_famille(ecole, time_machine):
    time_machine.move_to(f.a_paris(2026, 10, 1, 9), tick=False)
    foyer, voisin = habitue(ecole), habitue(ecole, prenom="Voisin")
    f.reservation(voisin.petit, ecole.seances[LUNDI])
    # L'enfant partagé : ce que l'autre foyer a réservé n'est pas dans l'agenda de celui-ci.
    f.rattacher(voisin.petit, foyer)
    actions.ouvrir_agenda(foyer.compte)
    reponse, _ = lire_agenda(foyer.compte)
    assert "Voisin" not in reponse.content.decode()


def test_changer_l_adresse_tue_l_ancienne_et_fermer_les_tue_toutes(ecole):
    foyer = habitue(ecole)
    client = Client()
    client.force_login(foyer.compte)
    client.post(reverse("reservations:agenda_ouvrir"))
    premiere = client.get(reverse("reservations:rappels")).context["adresse"]
    assert Client().get(premiere).status_code == 200
    client.post(reverse("reservations:agenda_ouvrir"))
    seconde = client.get(reverse("reservations:rappels")).context["adresse"]
    assert (Client().get(premiere).status_code, Client().get(seconde).status_code) == (404, 200)
    client.post(reverse("reservations:agenda_fermer"))
    assert Client().get(seconde).status_code == 404
    client.post(reverse("reservations:agenda_ouvrir"))
    assert Client().get(seconde).status_code == 404, "une adresse fermée ne revit pas"


def test_un_compte_ferme_n_a_plus_d_agenda(ecole):
    foyer = habitue(ecole)
    preferences = actions.ouvrir_agenda(foyer.compte)
    foyer.compte.is_active = False
    foyer.compte.save()
    assert Client().get(reverse("reservations:agenda", args=[actions.jeton_d_agenda(preferences)])).status_code == 404


def test_l_agenda_tient_en_six_requetes_une_reservation_ou_trois_cents(ecole, django_assert_max_num_queries):
    foyer = habitue(ecole)
    preferences = actions.ouvrir_agenda(foyer.compte)
    for n in range(6):
        petit = f.enfant(foyer, prenom=f"Enfant {n}", ecole=ecole.site)
        f.inscription(petit, ecole.midi)
        Reservation.objects.bulk_create(
            Reservation(enfant=petit, seance=s, famille=foyer, modifiee_le=DIMANCHE_18H) for s in ecole.seances.values()
        )
    with django_assert_max_num_queries(6):
        Client().get(reverse("reservations:agenda", args=[actions.jeton_d_agenda(preferences)]))


def test_le_journal_ne_sait_rien_des_rappels(ecole):
    habitue(ecole)
    actions.rappeler(DIMANCHE_18H)
    assert Mouvement.objects.count() == 0
