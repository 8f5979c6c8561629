"""La vie d'un compte : demandé, ouvert, son mot de passe, son adresse.

Aucune page ne dit si une adresse a déjà un compte : seul le courriel qu'elle reçoit le dit.
"""

import datetime as dt
import secrets

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from commune.actions import envoyer_courriel
from familles.actions import creer_foyer
from familles.regles import en_capitales, prenom_propre
from portail import regles
from portail.models import ChangementEmail, Compte, DemandeCompte

FOYER = ["civilite", "nom", "prenom", "adresse", "complement", "code_postal", "ville", "telephone", "telephone_travail"]


def _jeton():
    return secrets.token_urlsafe(32)


def lien_mot_de_passe(compte, adresse):
    """L'adresse complète où ce compte choisit un nouveau mot de passe ; ``adresse`` est celle du portail."""
    numero = urlsafe_base64_encode(force_bytes(compte.pk))
    return adresse + reverse("mot_de_passe_nouveau", args=[numero, default_token_generator.make_token(compte)])


# --- La demande de compte -----------------------------------------------------------------------------------------
@transaction.atomic
def demander_compte(champs, adresse, maintenant):
    """Note la demande et écrit à l'adresse donnée ; une adresse déjà connue l'apprend par son courriel.

    ``champs`` : ceux de ``DemandeCompte``. ``adresse`` : celle du portail, pour le lien.
    """
    email = regles.adresse_normalisee(champs["email"])
    connu = Compte.objects.filter(email=email).first()
    if connu:
        lien = lien_mot_de_passe(connu, adresse) if connu.is_active else ""
        envoyer_courriel("portail/courriels/compte_existe", a=[email], contexte={"compte": connu, "lien": lien})
        return
    jeton = _jeton()
    DemandeCompte.objects.create(
        **champs | {"email": email, "nom": en_capitales(champs["nom"]), "prenom": prenom_propre(champs["prenom"])},
        empreinte=regles.empreinte(jeton),
        demandee_le=maintenant,
    )
    envoyer_courriel(
        "portail/courriels/compte_demande",
        a=[email],
        # Sans le nom : un inconnu pourrait y écrire ce qu'il veut faire lire à la boîte d'un autre.
        contexte={"lien": adresse + reverse("compte_ouvrir", args=[jeton])},
    )


def demande_du_lien(jeton, maintenant):
    """La demande que ce lien désigne, s'il vaut encore.

    Lève ``ValidationError`` : code ``inconnu`` (ou effacé), ``servi`` ou ``perime``.
    """
    demande = DemandeCompte.objects.filter(empreinte=regles.empreinte(jeton)).first()
    _verifier(demande, maintenant)
    return demande


def _verifier(demande, maintenant):
    if demande is None:
        raise ValidationError("Ce lien n'est pas reconnu.", code="inconnu")
    if demande.utilisee_le or Compte.objects.filter(email=demande.email).exists():
        raise ValidationError("Ce lien a déjà servi : votre compte existe.", code="servi")
    if regles.lien_perime(demande.demandee_le, maintenant):
        raise ValidationError("Ce lien a plus de trois jours.", code="perime")


def ouvrir_compte(jeton, mot_de_passe, maintenant):
    """Crée le compte et son foyer d'un seul tenant, et use tous les liens de la même adresse.

    Deux clics, deux onglets ou deux demandes ensemble ne font qu'un compte : le second trouve le lien servi.
    Lève ``ValidationError`` comme ``demande_du_lien``.
    """
    email = demande_du_lien(jeton, maintenant).email
    chiffre = make_password(mot_de_passe)  # long exprès : avant le verrou, pas pendant
    try:
        with transaction.atomic():
            # Toutes les demandes de l'adresse, toujours dans le même ordre : deux liens différents s'attendent.
            demandes = list(DemandeCompte.objects.select_for_update().filter(email=email).order_by("pk"))
            demande = next((d for d in demandes if d.empreinte == regles.empreinte(jeton)), None)
            _verifier(demande, maintenant)
            compte = Compte.objects.create(
                email=email, nom=demande.nom, prenom=demande.prenom, password=chiffre, cree_le=maintenant
            )
            creer_foyer(compte, **{champ: getattr(demande, champ) for champ in FOYER})
            DemandeCompte.objects.filter(email=email, utilisee_le=None).update(utilisee_le=maintenant)
    except IntegrityError as erreur:
        # La mairie vient de créer ce compte dans l'administration.
        if not Compte.objects.filter(email=email).exists():
            raise
        raise ValidationError("Ce lien a déjà servi : votre compte existe.", code="servi") from erreur
    return compte


def purger_demandes(maintenant):
    """Efface les demandes dont le lien ne vaut plus, servi ou non ; après un mois, les changements d'adresse finis
    et les essais de connexion manqués. Rend le nombre de demandes effacées.
    """
    effacees, _ = DemandeCompte.objects.filter(demandee_le__lt=maintenant - regles.LIEN_VALABLE).delete()
    un_mois = maintenant - dt.timedelta(days=30)
    ChangementEmail.objects.filter(demande_le__lt=un_mois).delete()
    AccessAttempt.objects.filter(attempt_time__lt=un_mois).delete()
    return effacees


# --- Le mot de passe ----------------------------------------------------------------------------------------------
@transaction.atomic
def envoyer_lien_mot_de_passe(email, adresse):
    """Écrit à ``email`` un lien pour choisir un mot de passe, si un compte actif la porte ; sinon, ne fait rien."""
    compte = Compte.objects.filter(email=regles.adresse_normalisee(email), is_active=True).first()
    if compte:
        contexte = {"compte": compte, "lien": lien_mot_de_passe(compte, adresse)}
        envoyer_courriel("portail/courriels/mot_de_passe_oublie", a=[compte.email], contexte=contexte)


@transaction.atomic
def inviter(compte, adresse):
    """Écrit à un compte que la mairie vient d'ouvrir le lien où choisir son mot de passe."""
    contexte = {"compte": compte, "lien": lien_mot_de_passe(compte, adresse)}
    envoyer_courriel("portail/courriels/compte_invite", a=[compte.email], contexte=contexte)


def compte_du_lien(numero, jeton):
    """Le compte dont ce lien permet de choisir le mot de passe ; ``None`` s'il ne vaut plus."""
    try:
        compte = Compte.objects.get(pk=force_str(urlsafe_base64_decode(numero)), is_active=True)
    except (ValueError, OverflowError, Compte.DoesNotExist):
        return None
    return compte if default_token_generator.check_token(compte, jeton) else None


@transaction.atomic
def renouveler_mot_de_passe(numero, jeton, mot_de_passe):
    """Pose le mot de passe choisi par le lien d'un courriel. Le lien meurt avec l'ancien mot de passe.

    Lève ``ValidationError`` (code ``perime``) si un autre clic est passé avant.
    """
    compte = compte_du_lien(numero, jeton)
    # Le verrou puis un second regard : de deux onglets, un seul change le mot de passe.
    compte = compte and Compte.objects.select_for_update().get(pk=compte.pk)
    if not compte or not default_token_generator.check_token(compte, jeton):
        raise ValidationError("Ce lien ne vaut plus.", code="perime")
    return changer_mot_de_passe(compte, mot_de_passe)


@transaction.atomic
def changer_mot_de_passe(compte, mot_de_passe):
    """Change le mot de passe et prévient par courriel. Les sessions ouvertes ailleurs se ferment.

    Un changement d'adresse en attente tombe aussi : qui reprend son compte ne le perd pas au clic d'un autre.
    """
    compte.set_password(mot_de_passe)
    compte.save(update_fields=["password"])
    ChangementEmail.objects.filter(compte=compte, confirme_le=None, annule_le=None).update(annule_le=Now())
    envoyer_courriel("portail/courriels/mot_de_passe_change", a=[compte.email], contexte={"compte": compte})
    return compte


# --- L'adresse e-mail ---------------------------------------------------------------------------------------------
@transaction.atomic
def demander_changement_email(compte, nouvelle, adresse, maintenant):
    """Écrit aux deux adresses : la nouvelle confirme, l'ancienne peut annuler. Rien ne change avant.

    Une nouvelle adresse déjà prise reçoit un courriel qui le dit ; l'écran, lui, ne le dit pas.
    """
    nouvelle = regles.adresse_normalisee(nouvelle)
    confirmer, annuler = _jeton(), _jeton()
    ChangementEmail.objects.create(
        compte=compte,
        ancienne=compte.email,
        nouvelle=nouvelle,
        demande_le=maintenant,
        empreinte=regles.empreinte(confirmer),
        empreinte_annulation=regles.empreinte(annuler),
    )
    contexte = {"compte": compte, "nouvelle": nouvelle}
    if Compte.objects.filter(email=nouvelle).exists():
        envoyer_courriel("portail/courriels/email_pris", a=[nouvelle], contexte=contexte)
    else:
        lien = adresse + reverse("email_confirmer", args=[confirmer])
        envoyer_courriel("portail/courriels/email_confirmer", a=[nouvelle], contexte=contexte | {"lien": lien})
    lien = adresse + reverse("email_annuler", args=[annuler])
    envoyer_courriel("portail/courriels/email_prevenir", a=[compte.email], contexte=contexte | {"lien": lien})


def changement_a_confirmer(jeton, maintenant):
    """Le changement que confirme ce lien. Lève ``ValidationError`` s'il a servi, fut annulé, ou a plus de 3 jours."""
    return _changement({"empreinte": regles.empreinte(jeton)}, maintenant, {"confirme_le", "annule_le"})


def changement_a_annuler(jeton, maintenant):
    """Le changement qu'annule ce lien, confirmé ou non. Lève ``ValidationError`` comme ``changement_a_confirmer``."""
    return _changement({"empreinte_annulation": regles.empreinte(jeton)}, maintenant, {"annule_le"})


def _changement(filtre, maintenant, finis):
    changement = ChangementEmail.objects.select_related("compte").filter(**filtre).first()
    if changement is None or regles.lien_perime(changement.demande_le, maintenant):
        raise ValidationError("Ce lien ne vaut plus : il a plus de trois jours.", code="perime")
    if any(getattr(changement, champ) for champ in finis):
        raise ValidationError("Ce lien a déjà servi, ou le changement a été annulé.", code="servi")
    return changement


def _verrouiller(changement):
    """Le compte d'abord, puis ce qu'en dit la base maintenant : confirmer et annuler s'attendent."""
    compte = Compte.objects.select_for_update().get(pk=changement.compte_id)
    changement.refresh_from_db()
    return compte


def confirmer_changement_email(jeton, maintenant):
    """Donne au compte sa nouvelle adresse. Lève ``ValidationError`` si le lien ne vaut plus ou l'adresse est prise."""
    try:
        with transaction.atomic():
            changement = changement_a_confirmer(jeton, maintenant)
            compte = _verrouiller(changement)
            if changement.confirme_le or changement.annule_le or compte.email != changement.ancienne:
                raise ValidationError("Ce lien a déjà servi, ou le changement a été annulé.", code="servi")
            compte.email = changement.nouvelle
            compte.save(update_fields=["email"])
            changement.confirme_le = maintenant
            changement.save(update_fields=["confirme_le"])
    except IntegrityError as erreur:
        raise ValidationError("Un autre compte utilise déjà cette adresse.", code="prise") from erreur
    return compte


@transaction.atomic
def annuler_changement_email(jeton, adresse, maintenant):
    """Annule le changement. S'il était déjà fait, rend l'ancienne adresse et ferme le compte à qui l'avait pris.

    Dans ce cas le mot de passe est remplacé, toutes les sessions tombent, et l'ancienne adresse reçoit
    le lien qui permet d'en choisir un autre. Les changements demandés ensuite tombent avec lui : un voleur qui en
    enchaîne deux ne garde pas le compte. Rend vrai si le changement était déjà fait.
    """
    changement = changement_a_annuler(jeton, maintenant)
    compte = _verrouiller(changement)
    if changement.annule_le:
        raise ValidationError("Ce lien a déjà servi, ou le changement a été annulé.", code="servi")
    deja_fait = changement.confirme_le is not None and compte.email != changement.ancienne
    changement.annule_le = maintenant
    changement.save(update_fields=["annule_le"])
    if deja_fait:
        if Compte.objects.filter(email=changement.ancienne).exists():
            raise ValidationError("L'ancienne adresse porte un autre compte : appelez le service.", code="prise")
        compte.email = changement.ancienne
        compte.set_password(_jeton())
        compte.save(update_fields=["email", "password"])
        autres = ChangementEmail.objects.filter(Q(pk__gt=changement.pk) | Q(confirme_le=None), compte=compte)
        autres.filter(annule_le=None).update(annule_le=maintenant)
        envoyer_lien_mot_de_passe(compte.email, adresse)
    return deja_fait
