"""Ce que fait la commune : préparer ses années, envoyer ses courriels, compter les essais."""

import hashlib
import re

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from procrastinate.contrib.django import app

from . import regles
from .contexte import courante
from .models import AnneeScolaire, Commune, JourFerme

# Les tâches d'un étage plus haut, par leur nom : celles qui tiennent les limites des séances, et le règlement.
RECALCULER, PUBLIER = "reservations.recalculer", "inscriptions.publier"

TROP = "Trop d'essais depuis votre connexion à internet. Réessayez après %(heure)s, ou appelez le service."


def envoyer_courriel(gabarit, a, contexte=None, desabonner=None, envoi=""):
    """Envoie le courriel ``gabarit`` (sans extension) aux adresses ``a``.

    On n'écrit que ce qu'il a à dire : ``.txt``, dont la première ligne est le sujet, et ``.html``, quelques
    paragraphes. L'entête, la signature et le pied viennent de ``commune/courriels/cadre``.
    Le courriel part avec la transaction en cours : si elle échoue, il n'existe pas ; s'il attend
    un serveur en panne, il est retenté (voir ``EMAIL_BACKEND``).
    ``desabonner``, le nom d'une page et ses arguments, met dans le logiciel de courriel un bouton « se désabonner » qui
    y envoie un POST (RFC 8058). ``envoi`` nomme ce qui l'envoie, pour en retrouver les courriels dans la file.
    """
    sujet, texte, html = composer_courriel(gabarit, contexte)
    commune = courante()
    entetes = {"Auto-Submitted": "auto-generated"}  # un répondeur d'absence n'y répond pas (RFC 3834)
    if desabonner:
        page, *arguments = desabonner
        entetes["List-Unsubscribe"] = f"<{settings.ADRESSE}{reverse(page, args=arguments)}>"
        entetes["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if envoi:
        entetes["X-Envoi"] = envoi
    message = EmailMultiAlternatives(
        subject=sujet,
        body=texte,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(a),
        reply_to=[commune.courriel] if commune.courriel else None,
        headers=entetes,
    )
    message.attach_alternative(html, "text/html")
    message.send()


def composer_courriel(gabarit, contexte=None):
    """Les trois parties d'un courriel, dans leur cadre : ``(sujet, texte, html)``."""
    commune = courante()
    clair, sombre = regles.nuances(commune.accent)
    contexte = {
        "commune": commune,
        "portail": f"Portail Famille {regles.de_la_ville(commune.ville)}" if commune.ville else "Portail Famille",
        "adresse_portail": settings.ADRESSE,
        "clair": clair,
        "sombre": sombre,
        **(contexte or {}),
    }
    sujet, _, texte = render_to_string(f"{gabarit}.txt", contexte).strip().partition("\n")
    contexte["sujet"] = sujet.strip()
    # Une espace insécable : ni deux-points ni guillemet ne commence une ligne de téléphone.
    html = re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", render_to_string(f"{gabarit}.html", contexte))
    html = render_to_string("commune/courriels/cadre.html", contexte | {"contenu": mark_safe(html)})
    texte = render_to_string("commune/courriels/cadre.txt", contexte | {"contenu": texte.strip()})
    # Un paragraphe que ses conditions ont vidé ne laisse pas de trou.
    return contexte["sujet"], re.sub(r"\n{3,}", "\n\n", texte.strip()) + "\n", html


def prevoir_calendrier(annee):
    """Ce qu'ajouterait :func:`preparer_calendrier` : des ``JourFerme`` non enregistrés, dans l'ordre."""
    commune = Commune.objects.first() or Commune(zone="A")
    fin_ete = max(annee.fin, annee.fin.replace(month=8, day=31))
    code = commune.code_insee or commune.code_postal
    connus = list(JourFerme.objects.filter(ecole=None).entre(annee.debut, fin_ete))
    return [
        JourFerme(libelle=p.libelle, motif=p.motif, debut=p.debut, fin=p.fin)
        for p in regles.calendrier_officiel(commune.zone, code, annee.debut, fin_ete)
        if not any(c.motif == p.motif and c.debut <= p.fin and c.fin >= p.debut for c in connus)
    ]


@transaction.atomic
def preparer_calendrier(annee):
    """Ajoute les vacances de la zone, les ponts et les fériés de l'année ; rend les ``JourFerme`` ajoutés.

    Rien n'est effacé ni doublé : une période que la mairie a déjà écrite ou corrigée (même motif, jours communs)
    reste comme elle l'a laissée. Lève ``ValidationError`` (``calendrier_confirme``) si l'année est déjà confirmée.
    """
    annee = AnneeScolaire.objects.select_for_update().get(pk=annee.pk)
    if annee.calendrier_confirme:
        raise ValidationError(
            f"Le calendrier {annee} est confirmé : décochez « calendrier confirmé » pour le préparer à nouveau.",
            code="calendrier_confirme",
        )
    recalculer_les_limites()
    return JourFerme.objects.bulk_create(prevoir_calendrier(annee))


@transaction.atomic
def creer_annee(rentree):
    """Crée l'année qui commence en septembre de l'an ``rentree``, fermée aux inscriptions, son calendrier préparé.

    Les séances viennent ensuite, quand la mairie a relu et confirmé ce calendrier.
    Lève ``ValidationError`` si cette année existe déjà ou en chevauche une autre.
    """
    commune = Commune.objects.first() or Commune(zone="A")
    debut, fin = regles.annee_officielle(commune.zone, rentree)
    annee = AnneeScolaire(nom=f"{rentree}-{rentree + 1}", debut=debut, fin=fin)
    annee.full_clean()
    annee.save()
    preparer_calendrier(annee)
    return annee


def recalculer_les_limites():
    """Dépose, dans la transaction en cours, le recalcul des limites des séances à venir : un jour fermé ou rouvert
    déplace celles qui comptent les jours ouvrés, d'ouverture ou d'accueil.
    """
    app.configure_task(RECALCULER).defer()


def publier_le_reglement(compte):
    """Dépose, dans la transaction en cours, la parution du règlement : ce que la commune règle y est dit."""
    app.configure_task(PUBLIER).defer(compte=compte.pk)


def annee_suivante(maintenant):
    """L'an de la rentrée que la mairie préparera ensuite : celle d'après la dernière année connue."""
    derniere = AnneeScolaire.objects.order_by("-debut").first()
    return derniere.debut.year + 1 if derniere else regles.jour_de_paris(maintenant).year


def compter(quoi, qui, limite, duree, maintenant, message=TROP):
    """Compte un essai de ``quoi`` par ``qui`` ; au-delà de ``limite`` par période de ``duree``, refuse.

    Le nom de ``qui`` (adresse IP ou e-mail) n'est gardé qu'en empreinte, le temps de la période.
    Lève ``ValidationError`` (code ``trop``), qui dit à quelle heure de Paris recommencer.
    """
    fin = regles.fin_de_periode(maintenant, duree)
    cle = hashlib.sha256(f"{quoi}|{qui}|{fin.timestamp()}".encode()).hexdigest()
    with transaction.atomic():
        # Lire puis écrire sans verrou laisserait cent essais lancés ensemble compter pour un seul.
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_xact_lock(%s)", [int(cle[:15], 16)])
        faits = cache.get(f"debit:{cle}", 0) + 1
        cache.set(f"debit:{cle}", faits, duree.total_seconds() + 60)
    if faits > limite:
        heure = f"{fin.astimezone(regles.PARIS):%H h %M}"
        raise ValidationError(message, code="trop", params={"heure": heure})
