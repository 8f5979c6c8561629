"""Inviter un second responsable : dans le même foyer, par un parent ; dans le sien, par la mairie.

Le lien sert une fois, dans les trois jours, et demande la date de naissance d'un enfant : une adresse mal tapée n'ouvre
pas une famille à un inconnu. Rien ne dit à qui invite si l'adresse avait déjà un compte.
"""

import secrets

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from commune.actions import envoyer_courriel
from commune.regles import jour_de_paris
from familles.actions import creer_foyer, prevenir_le_service
from familles.models import Adulte, Enfant, Famille, Rattachement
from familles.regles import en_capitales, prenom_propre
from portail import regles
from portail.models import Compte, Invitation

IDENTITE = ["civilite", "nom", "prenom"]


@transaction.atomic
def inviter_responsable(adulte, email, compte, adresse, maintenant):
    """Invite un responsable légal du foyer à ouvrir le même Espace Famille. Rend l'``Invitation``.

    ``adresse`` est celle du portail, pour le lien. Lève ``ValidationError`` : ``a_un_compte`` ou ``pas_responsable``.
    """
    adulte = Adulte.objects.select_for_update().get(pk=adulte.pk)
    if adulte.compte_id:
        raise ValidationError(f"{adulte} a déjà un compte sur ce portail.", code="a_un_compte")
    if not adulte.responsable_legal or adulte.fin:
        raise ValidationError(
            "Seul un responsable légal des enfants partage l'Espace Famille : père, mère ou tuteur.",
            code="pas_responsable",
        )
    identite = {champ: getattr(adulte, champ) for champ in IDENTITE}
    return _inviter(email, compte, adresse, maintenant, "portail/courriels/invitation", adulte=adulte, **identite)


@transaction.atomic
def inviter_autre_parent(enfant, identite, email, compte, adresse, maintenant):
    """La mairie invite l'autre parent d'un enfant à le suivre depuis son propre foyer. Rend l'``Invitation``.

    Lève ``ValidationError`` : ``deux_foyers`` si l'enfant a déjà les siens.
    """
    _place_libre(Enfant.objects.select_for_update().get(pk=enfant.pk))
    identite = {
        "civilite": identite["civilite"], "nom": en_capitales(identite["nom"]),
        "prenom": prenom_propre(identite["prenom"]),
    }  # fmt: skip
    gabarit = "portail/courriels/invitation_second_foyer"
    return _inviter(email, compte, adresse, maintenant, gabarit, enfant=enfant, **identite)


def _inviter(email, compte, adresse, maintenant, gabarit, **champs):
    jeton, email = secrets.token_urlsafe(32), regles.adresse_normalisee(email)
    invitation = Invitation.objects.create(
        email=email, empreinte=regles.empreinte(jeton), envoyee_par=compte, envoyee_le=maintenant, **champs
    )
    # Sans un nom : une adresse mal tapée n'apprend rien de personne.
    envoyer_courriel(gabarit, [email], {"lien": adresse + reverse("invitation", args=[jeton])})
    return invitation


def invitation_du_lien(jeton, maintenant):
    """L'invitation que ce lien désigne, si elle vaut encore. Lève ``ValidationError`` : ``invitation``."""
    invitation = (
        Invitation.objects.select_related("adulte__famille", "enfant").filter(empreinte=regles.empreinte(jeton)).first()
    )
    _verifier(invitation, maintenant)
    return invitation


def _verifier(invitation, maintenant):
    if invitation is None:
        raise ValidationError("Ce lien n'est pas reconnu.", code="invitation")
    if invitation.utilisee_le:
        raise ValidationError("Cette invitation a déjà servi.", code="invitation")
    if regles.lien_perime(invitation.envoyee_le, maintenant):
        raise ValidationError("Cette invitation a plus de trois jours.", code="invitation")
    if invitation.adulte and (invitation.adulte.compte_id or invitation.adulte.fin):
        raise ValidationError("Cette invitation ne vaut plus.", code="invitation")


def connait_l_enfant(invitation, naissance):
    """La date de naissance est celle d'un enfant de l'invitation ; sans enfant encore, rien n'est à prouver."""
    dates = _naissances(invitation)
    return not dates or naissance in dates


def demande_une_naissance(invitation):
    return bool(_naissances(invitation))


def _naissances(invitation):
    if invitation.enfant_id:
        return {invitation.enfant.date_naissance}
    enfants = Enfant.objects.de_la_famille(invitation.adulte.famille)
    return set(enfants.order_by().values_list("date_naissance", flat=True))


def accepter_invitation(jeton, maintenant, *, compte=None, mot_de_passe="", coordonnees=None):
    """Ouvre l'accès : avec ``compte``, celui qui est connecté, ou un compte neuf et son ``mot_de_passe``.

    ``coordonnees`` ouvrent le foyer de l'autre parent qui n'en a pas. Rend le ``Compte`` ; le service est prévenu.
    Lève ``ValidationError`` : ``invitation`` (le lien ne vaut plus), ``autre_adresse``, ``mairie``, ``autre_foyer``,
    ``deja_la`` ou ``deux_foyers``.
    """
    chiffre = "" if compte else make_password(mot_de_passe)  # long exprès : avant le verrou, pas pendant
    try:
        with transaction.atomic():
            return _accepter(regles.empreinte(jeton), compte, chiffre, coordonnees, maintenant)
    except IntegrityError as erreur:
        raise ValidationError(
            "Cette adresse vient d'ouvrir un compte : connectez-vous.", code="invitation"
        ) from erreur


def _accepter(empreinte, compte, chiffre, coordonnees, maintenant):
    invitation = Invitation.objects.select_for_update().filter(empreinte=empreinte).first()
    _verifier(invitation, maintenant)
    if compte and compte.email != invitation.email:
        raise ValidationError("Cette invitation est pour une autre adresse e-mail.", code="autre_adresse")
    if compte and compte.is_staff:
        raise ValidationError("Un compte de la mairie ne suit pas une famille.", code="mairie")
    compte = compte or Compte.objects.create(
        email=invitation.email, nom=invitation.nom, prenom=invitation.prenom, password=chiffre, cree_le=maintenant
    )
    famille = (_rejoindre if invitation.adulte_id else _ouvrir)(invitation, compte, coordonnees, maintenant)
    invitation.utilisee_le = maintenant
    invitation.save(update_fields=["utilisee_le"])
    quoi = "L'autre parent d'un enfant l'a maintenant dans son propre foyer."
    if invitation.adulte_id:
        quoi = "Un second responsable a maintenant accès à l'espace d'une famille."
    prevenir_le_service(famille, quoi)
    return compte


def _rejoindre(invitation, compte, coordonnees, maintenant):
    """Le compte devient celui de l'adulte qui figurait déjà dans le foyer."""
    adulte = Adulte.objects.select_for_update().get(pk=invitation.adulte_id)
    if adulte.compte_id or adulte.fin:
        raise ValidationError("Cette invitation ne vaut plus.", code="invitation")
    if Adulte.objects.filter(compte=compte).exists():
        raise ValidationError(
            "Votre compte est déjà celui d'un autre foyer : écrivez à la mairie, qui démêlera les deux.",
            code="autre_foyer",
        )
    adulte.compte = compte
    adulte.save(update_fields=["compte"])
    return adulte.famille


def _ouvrir(invitation, compte, coordonnees, maintenant):
    """Le foyer de l'autre parent, neuf ou non, devient le second foyer de l'enfant."""
    enfant = Enfant.objects.select_for_update().get(pk=invitation.enfant_id)
    famille = Famille.objects.du_compte(compte).first()
    if famille and enfant.rattachements.actuels().filter(famille=famille).exists():
        raise ValidationError("Cet enfant est déjà dans votre foyer.", code="deja_la")
    rang = _place_libre(enfant)
    if not famille:
        famille = creer_foyer(compte, **{c: getattr(invitation, c) for c in IDENTITE}, **coordonnees)
    Rattachement.objects.create(enfant=enfant, famille=famille, foyer=rang, debut=jour_de_paris(maintenant))
    return famille


def _place_libre(enfant):
    """Le rang du second foyer de cet enfant (1 ou 2). Lève ``deux_foyers`` s'il les a déjà."""
    pris = set(enfant.rattachements.actuels().values_list("foyer", flat=True))
    libres = [rang for rang in (2, 1) if rang not in pris]
    if not libres:
        raise ValidationError(f"{enfant} a déjà deux foyers.", code="deux_foyers")
    return libres[0]


def purger_invitations(maintenant):
    """Efface les invitations servies ou périmées ; rend leur nombre."""
    perimees = Q(utilisee_le__isnull=False) | Q(envoyee_le__lt=maintenant - regles.LIEN_VALABLE)
    return Invitation.objects.filter(perimees).delete()[0]
