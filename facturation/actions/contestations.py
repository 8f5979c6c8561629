"""Contester une ligne, et y répondre : la famille écrit, la mairie accepte (un avoir) ou refuse, avec ses mots."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import Contestation, Facture, LigneRendue, Regie
from familles.actions import ecrire_aux_foyers

from .caisse import emettre_avoir, reste_a_rendre, reste_des_lignes
from .courriels import ecrire_a_la_regie


def contester(ligne, motif, propre, compte, maintenant):
    """Envoie à la mairie la contestation d'une ligne et la rend. ``propre`` : un ``commune.fichiers.Propre``, ou rien.

    Lève ``ValidationError`` : ``motif`` (rien d'écrit), ``deja`` (une contestation attend sa réponse), ``rendue``,
    ``gratuite``, ``trop_tard`` (le délai de la régie est passé), ``disque_plein``, ``disque``. Rien n'est alors gardé.
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi cette ligne vous semble fausse.", code="motif")
    regie = Regie.courante()
    contestation = Contestation(
        ligne=ligne, motif=motif.strip(), envoyee_le=maintenant, envoyee_par=compte,
        repondre_avant=regles.repondre_avant(maintenant, regie.delai_reponse),
    )  # fmt: skip
    try:
        with transaction.atomic():
            # La facture sert de verrou : un double clic, ou deux parents à la fois, se suivent ; un avoir attend.
            Facture.objects.select_for_update(no_key=True).get(pk=ligne.facture_id)
            verifier_contestation(ligne, regie, maintenant)
            if propre:
                garder(contestation, "fichier", propre)
            contestation.save()
            _prevenir_la_mairie(contestation)
    except Exception:
        if contestation.fichier:
            effacer(contestation.fichier.storage, contestation.fichier.name)
        raise
    return contestation


def verifier_contestation(ligne, regie, maintenant):
    """Lève ``ValidationError`` si cette ligne ne se conteste pas, ou plus (voir :func:`contester`)."""
    if Contestation.objects.a_decider().filter(ligne=ligne).exists():
        raise ValidationError("Cette ligne est déjà contestée : la mairie va vous répondre.", code="deja")
    rendue = LigneRendue.objects.filter(ligne=ligne).select_related("avoir").first()
    if rendue:
        raise ValidationError(f"Cette ligne vous est déjà rendue par l'avoir {rendue.avoir.reference}.", code="rendue")
    if ligne.montant <= 0:
        raise ValidationError("Cette ligne ne vous coûte rien.", code="gratuite")
    emise_le, delai = ligne.facture.emise_le, regie.delai_contestation
    if not regles.se_conteste(emise_le, delai, jour_de_paris(maintenant)):
        jusqu_au = regles.contestable_jusqu_au(emise_le, delai)
        raise ValidationError(
            f"Une ligne de cette facture se contestait jusqu'au {dire_le_jour(jusqu_au)}. Vous pouvez encore écrire à "
            "la mairie.", code="trop_tard",
        )  # fmt: skip


@transaction.atomic
def accepter_contestation(contestation, suite, reponse, compte, maintenant):
    """Accepte : un avoir rend la ligne, qui sera déduit ou remboursé (``suite``) ; la famille l'apprend.

    Si un avoir l'a rendue entre-temps (un événement, la régie), il n'y en a pas de second : la contestation désigne
    celui-là. Lève ``ValidationError`` : ``deja_decidee``, ``suite``, ``trop`` (il ne reste rien à rendre).
    """
    if suite not in Contestation.Suite.values:
        raise ValidationError("Dites ce que devient ce qui est rendu : déduit, ou remboursé.", code="suite")
    contestation = _ouverte(contestation)
    ligne = contestation.ligne
    # Le même verrou que tout avoir : qui rend la ligne en même temps est attendu, puis vu.
    facture = Facture.objects.select_for_update().get(pk=ligne.facture_id)
    rendue = LigneRendue.objects.filter(ligne=ligne).select_related("avoir").first()
    contestation.avoir = rendue.avoir if rendue else _rendre(facture, ligne, compte, maintenant)
    contestation.suite = suite
    return _decider(contestation, Contestation.Etat.ACCEPTEE, reponse, compte, maintenant)


def _rendre(facture, ligne, compte, maintenant):
    montant = min(reste_des_lignes([ligne]), reste_a_rendre(facture))
    if montant <= 0:
        raise ValidationError("Les avoirs de cette facture ont déjà tout rendu.", code="trop")
    motif = f"{ligne.texte} du {dire_le_jour(ligne.jour, an=False)} : contestation acceptée"
    return emettre_avoir(facture, montant, motif, compte, maintenant, lignes=[ligne])


@transaction.atomic
def refuser_contestation(contestation, reponse, compte, maintenant):
    """Refuse, avec les mots de la mairie. Lève ``ValidationError`` : ``sans_motif``, ``deja_decidee``."""
    if not reponse.strip():
        raise ValidationError("Un refus se motive : dites pourquoi à la famille.", code="sans_motif")
    return _decider(_ouverte(contestation), Contestation.Etat.REFUSEE, reponse, compte, maintenant)


def _ouverte(contestation):
    """La contestation, verrouillée et encore à décider."""
    verrouillee = (
        Contestation.objects.select_for_update(of=("self",)).select_related("ligne__facture__famille", "decidee_par")
        .get(pk=contestation.pk)
    )  # fmt: skip
    if verrouillee.etat != Contestation.Etat.ENVOYEE:
        raise ValidationError(
            f"Cette contestation est déjà {verrouillee.get_etat_display()} par {verrouillee.decidee_par}.",
            code="deja_decidee",
        )
    return verrouillee


def _decider(contestation, etat, reponse, compte, maintenant):
    contestation.etat, contestation.reponse = etat, reponse.strip()
    contestation.decidee_le, contestation.decidee_par = maintenant, compte
    contestation.save()
    contexte = {"contestation": contestation, "jour": dire_le_jour(contestation.ligne.jour, semaine=True, an=False)}
    foyer = contestation.ligne.facture.famille_id
    ecrire_aux_foyers("facturation/courriels/contestation_repondue", {foyer: contexte})
    return contestation


def _prevenir_la_mairie(contestation):
    """Un courriel qui ne nomme personne : il faut ouvrir le portail pour lire."""
    contexte = {"contestation_pk": contestation.pk, "avant": dire_le_jour(contestation.repondre_avant)}
    ecrire_a_la_regie("change_contestation", "facturation/courriels/contestation_recue", contexte)
