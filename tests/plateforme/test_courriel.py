"""Les courriels : déposés avec la transaction, envoyés par la file, jamais perdus."""

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.conftest import travailler


def ecrire(sujet="Votre dossier est validé", a="celine@exemple.fr"):
    send_mail(sujet, "Bonjour,\nà bientôt.", None, [a])


@pytest.mark.django_db
def test_un_courriel_arrive_entier(courriels):
    message = EmailMultiAlternatives(
        "Été : réservations", "Texte", to=["a@exemple.fr"], bcc=["b@exemple.fr"], reply_to=["m@exemple.fr"]
    )
    message.attach_alternative("<p>Page</p>", "text/html")
    message.attach("facture.pdf", b"%PDF-1.7 \xff", "application/pdf")
    message.send()

    [recu] = courriels()
    assert recu["Subject"] == "Été : réservations"
    assert recu["To"] == "a@exemple.fr"
    assert recu["Reply-To"] == "m@exemple.fr"
    assert "b@exemple.fr" not in recu.as_string()
    assert recu.get_body(("html",)).get_content().strip() == "<p>Page</p>"
    assert [p.get_content() for p in recu.iter_attachments()] == [b"%PDF-1.7 \xff"]
    assert courriels() == []


@pytest.mark.django_db(transaction=True)
def test_une_transaction_annulee_n_envoie_rien(courriels):
    with transaction.atomic():
        ecrire()
        transaction.set_rollback(True)
    assert courriels() == []


@pytest.mark.django_db(transaction=True)
def test_serveur_en_panne_le_courriel_attend_puis_part(courriels, settings):
    bon = settings.COURRIEL_BACKEND
    settings.COURRIEL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # personne n'y écoute
    ecrire()

    travailler()
    tache = ProcrastinateJob.objects.get()
    assert (tache.status, tache.attempts) == ("todo", 1)
    assert tache.scheduled_at is not None

    settings.COURRIEL_BACKEND = bon
    ne_plus_attendre()
    [recu] = courriels()
    assert recu["Subject"] == "Votre dossier est validé"


def ne_plus_attendre():
    with connection.cursor() as curseur:
        curseur.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second'")
