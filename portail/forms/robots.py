"""« Je ne suis pas un robot » : une preuve si le navigateur sait la donner, sinon un passage plus lent.

Cocher la case fait calculer au navigateur une preuve de travail (altcha), ou appelle Google si la commune a donné
ses clés reCAPTCHA. Sans JavaScript, sans Google, ou preuve trop vieille, rien n'est fermé : il faut avoir coché la
case, avoir laissé le champ piège vide et avoir mis un temps humain à remplir la page ; mais les essais se comptent,
peu par adresse IP et peu par adresse e-mail. La preuve n'est donc jamais obligatoire : elle ouvre grand la porte,
et un robot qui s'en passe n'obtient presque rien.
"""

import datetime as dt

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_altcha import AltchaField
from django_recaptcha import client as recaptcha

from portail import actions, regles

TEMPS_HUMAIN = 2  # secondes : personne ne remplit ces pages plus vite
QUART_D_HEURE = dt.timedelta(minutes=15)
SANS_PREUVE_PAR_IP = 10  # par quart d'heure : de quoi se tromper, ou servir deux familles derrière la même box
SANS_PREUVE_PAR_EMAIL = 5
REFUS = {
    "robot": "Une vérification contre les robots a échoué. Rechargez la page et recommencez.",
    "vite": "C'était trop rapide pour nous : attendez deux secondes et validez de nouveau.",
    "trop": "Trop d'essais depuis votre connexion à internet, sans la vérification automatique. "
    "Réessayez après %(heure)s, ou activez JavaScript.",
}


class RobotForm(forms.Form):
    """La case, et ce qui l'entoure. ``request`` donne l'adresse IP ; ``self.prouve`` dit si la preuve est bonne."""

    robot = forms.BooleanField(
        label="Je ne suis pas un robot",
        error_messages={"required": "Cochez « Je ne suis pas un robot »."},
    )
    preuve = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    affichee = forms.CharField(required=False, widget=forms.HiddenInput)
    # Un champ que personne ne voit et que les robots remplissent. Son nom ne doit rien dire aux navigateurs,
    # qui sinon le rempliraient d'eux-mêmes.
    reponse_libre = forms.CharField(
        label="Laissez ce champ vide",
        required=False,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.prouve = False
        self.fields["affichee"].initial = signing.TimestampSigner(salt="affichee").sign("page")

    @property
    def cle_google(self):
        """La clé publique reCAPTCHA, vide si la commune n'a pas choisi Google."""
        return settings.RECAPTCHA_PUBLIC_KEY if settings.RECAPTCHA else ""

    def clean(self):
        donnees = super().clean()
        if donnees.get("reponse_libre"):
            raise ValidationError(REFUS["robot"], code="robot")
        if self.errors:
            return donnees
        self.prouve = preuve_bonne(donnees.get("preuve", ""), self.request.META.get("REMOTE_ADDR", ""))
        if not self.prouve:
            self._passage_lent(donnees)
        return donnees

    def _passage_lent(self, donnees):
        if not self._temps_humain(donnees.get("affichee", "")):
            raise ValidationError(REFUS["vite"], code="vite")
        maintenant = timezone.now()
        ip = regles.reseau(self.request.META.get("REMOTE_ADDR", ""))
        actions.compter("sans_preuve", ip, SANS_PREUVE_PAR_IP, QUART_D_HEURE, maintenant, REFUS["trop"])
        if donnees.get("email"):
            email = regles.adresse_normalisee(donnees["email"])
            actions.compter("sans_preuve", email, SANS_PREUVE_PAR_EMAIL, QUART_D_HEURE, maintenant, REFUS["trop"])

    def _temps_humain(self, affichee):
        """La page a été affichée par nous, il y a plus de deux secondes."""
        try:
            signing.TimestampSigner(salt="affichee").unsign(affichee, max_age=TEMPS_HUMAIN)
        except signing.SignatureExpired:
            return True
        except signing.BadSignature:
            return False
        return False


def preuve_bonne(preuve, ip):
    """Vrai si ``preuve`` est une preuve altcha juste et neuve, ou un accord de Google."""
    if settings.RECAPTCHA:
        return _google_d_accord(preuve, ip)
    try:
        AltchaField().clean(preuve)
    except ValidationError:
        return False
    return True


def _google_d_accord(preuve, ip):
    """Google injoignable, lent ou incompréhensible vaut « pas de preuve » : la famille passe, plus lentement."""
    if not preuve:
        return False
    try:
        return recaptcha.submit(preuve, settings.RECAPTCHA_PRIVATE_KEY, ip).is_valid
    except (OSError, ValueError, KeyError):
        return False
