"""Contester une ligne, et y répondre : la famille écrit, la mairie rend la ligne ou une part (un avoir), ou refuse."""

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.fichiers import effacer, garder
from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from facturation.models import Contestation, Facture, LigneCorrigee, LigneRendue, Regie
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
    if Contestation.objects.ouvertes().filter(ligne=ligne).exists():
        raise ValidationError("Cette ligne est déjà contestée : cette page dit où en est la réponse.", code="deja")
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
def accepter_contestation(contestation, suite, reponse, compte, maintenant, *, vu=None):
    """Accepte : un avoir rend la ligne, qui sera déduit ou remboursé (``suite``) ; la famille l'apprend.

    Si un avoir l'a rendue entre-temps (un événement, la régie), il n'y en a pas de second : la contestation désigne
    celui-là. Lève ``ValidationError`` : ``suite``, ``trop`` (il ne reste rien à rendre), et ceux de
    :func:`verrouiller`, à qui va ``vu``.
    """
    _verifier_suite(suite)
    contestation = verrouiller(contestation, vu)
    ligne = contestation.ligne
    # Le même verrou que tout avoir : qui rend la ligne en même temps est attendu, puis vu.
    facture = Facture.objects.select_for_update().get(pk=ligne.facture_id)
    rendue = LigneRendue.objects.filter(ligne=ligne).select_related("avoir").first()
    contestation.avoir = rendue.avoir if rendue else _rendre(facture, ligne, compte, maintenant)
    contestation.suite = suite
    return _decider(contestation, Contestation.Etat.ACCEPTEE, reponse, compte, maintenant)


@transaction.atomic
def accepter_en_partie(contestation, montant, suite, reponse, compte, maintenant, *, vu=None):
    """Accepte en partie : un avoir rend ``montant`` euros de la ligne, et la mairie dit pourquoi pas davantage.

    Rendre tout ce qui reste de la ligne, c'est l'accepter. Lève ``ValidationError`` : ``suite``, ``sans_motif``,
    ``montant``, ``trop`` (plus que ce qui reste de la ligne, compté ici sous le verrou), et ceux de
    :func:`verrouiller`.
    """
    _verifier_suite(suite)
    if not reponse.strip():
        raise ValidationError("Ce qui reste dû se motive : dites pourquoi à la famille.", code="sans_motif")
    if montant is None or montant <= 0 or montant != regles.arrondir(montant):
        raise ValidationError("Dites combien vous rendez de la ligne : un montant positif, au centime.", code="montant")
    contestation = verrouiller(contestation, vu)
    ligne = contestation.ligne
    facture = Facture.objects.select_for_update().get(pk=ligne.facture_id)
    reste = reste_de_la_ligne(ligne)
    if montant > reste:
        dit = f"ne reste que {regles.euros(reste)}" if reste > 0 else "ne reste rien"
        raise ValidationError(f"Il {dit} à rendre de cette ligne.", code="trop")
    contestation.suite = suite
    if montant == reste:
        contestation.avoir = _rendre(facture, ligne, compte, maintenant)
        return _decider(contestation, Contestation.Etat.ACCEPTEE, reponse, compte, maintenant)
    avoir = emettre_avoir(facture, montant, _motif(ligne, " en partie"), compte, maintenant)
    LigneCorrigee.objects.create(ligne=ligne, avoir=avoir, montant=montant, regle="contestation acceptée en partie")
    contestation.avoir = avoir
    return _decider(contestation, Contestation.Etat.PARTIE, reponse, compte, maintenant)


def reste_de_la_ligne(ligne):
    """Ce qu'un avoir peut encore rendre de cette ligne (euros), une fois ôté ce que les autres ont déjà rendu."""
    if LigneRendue.objects.filter(ligne=ligne).exists():
        return regles.ZERO
    return max(min(reste_des_lignes([ligne]), reste_a_rendre(ligne.facture)), regles.ZERO)


def _rendre(facture, ligne, compte, maintenant):
    montant = min(reste_des_lignes([ligne]), reste_a_rendre(facture))
    if montant <= 0:
        raise ValidationError("Les avoirs de cette facture ont déjà tout rendu.", code="trop")
    return emettre_avoir(facture, montant, _motif(ligne), compte, maintenant, lignes=[ligne])


def _motif(ligne, en_partie=""):
    return f"{ligne.texte} du {dire_le_jour(ligne.jour, an=False)} : contestation acceptée{en_partie}"


def _verifier_suite(suite):
    if suite not in Contestation.Suite.values:
        raise ValidationError("Dites ce que devient ce qui est rendu : déduit, ou remboursé.", code="suite")


@transaction.atomic
def refuser_contestation(contestation, reponse, compte, maintenant, *, vu=None):
    """Refuse, avec les mots de la mairie. Lève ``ValidationError`` : ``sans_motif``, et ceux de :func:`verrouiller`."""
    if not reponse.strip():
        raise ValidationError("Un refus se motive : dites pourquoi à la famille.", code="sans_motif")
    return _decider(verrouiller(contestation, vu), Contestation.Etat.REFUSEE, reponse, compte, maintenant)


def verrouiller(contestation, vu=None):
    """La contestation, verrouillée et encore ouverte.

    ``vu`` : ses ``ecrits`` quand la page fut lue. Lève ``ValidationError`` : ``deja_decidee`` ; ``relire``, si la
    famille ou un collègue a écrit depuis.
    """
    verrouillee = (
        Contestation.objects.select_for_update(of=("self",)).select_related("ligne__facture__famille", "decidee_par")
        .get(pk=contestation.pk)
    )  # fmt: skip
    if not verrouillee.ouverte:
        raise ValidationError(
            f"Cette contestation est déjà {verrouillee.get_etat_display()} par {verrouillee.decidee_par}.",
            code="deja_decidee",
        )
    if vu is not None and vu != verrouillee.ecrits:
        raise ValidationError(
            "La famille ou un collègue a écrit depuis que vous lisez cette page : relisez, puis recommencez.",
            code="relire",
        )
    return verrouillee


def _decider(contestation, etat, reponse, compte, maintenant):
    contestation.etat, contestation.reponse, contestation.suspendue_le = etat, reponse.strip(), None
    contestation.decidee_le, contestation.decidee_par = maintenant, compte
    contestation.save()
    ecrire_a_la_famille(contestation, "facturation/courriels/contestation_repondue")
    return contestation


def ecrire_a_la_famille(contestation, gabarit, **contexte):
    """Écrit ce gabarit aux parents du foyer facturé, avec la contestation et le jour de sa ligne."""
    contexte |= {"contestation": contestation, "jour": dire_le_jour(contestation.ligne.jour, semaine=True, an=False)}
    ecrire_aux_foyers(gabarit, {contestation.ligne.facture.famille_id: contexte})


def _prevenir_la_mairie(contestation):
    """Un courriel qui ne nomme personne : il faut ouvrir le portail pour lire."""
    contexte = {"contestation_pk": contestation.pk, "avant": dire_le_jour(contestation.repondre_avant)}
    ecrire_a_la_regie("change_contestation", "facturation/courriels/contestation_recue", contexte)
