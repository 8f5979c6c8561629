"""Les champs de fichiers : le formulaire rend un fichier déjà examiné et refait."""

from collections import namedtuple

from django import forms
from django.core.files.uploadedfile import UploadedFile

from .fichiers import ACCEPTE, ACCEPTE_PHOTO, effacer, garder, nettoyer

Lien = namedtuple("Lien", "url nom")
Lien.__str__ = lambda lien: lien.nom


class PlusieursFichiers(forms.FileInput):
    allow_multiple_selected = True


class PhotosOuFichiers(PlusieursFichiers):
    """Deux boutons du même nom : l'appareil photo du téléphone, et le choix de plusieurs fichiers."""

    template_name = "commune/widgets/photos.html"
    use_fieldset = True


class ChampFichiers(forms.FileField):
    """Une ou plusieurs photos, un ou plusieurs PDF : un seul ``Propre``, ou ``None`` si rien n'est envoyé.

    ``photo=True`` attend une seule image et en fait un petit carré.
    """

    widget = PlusieursFichiers
    default_error_messages = {"required": "Choisissez une photo ou un PDF."}

    def __init__(self, *, photo=False, **kwargs):
        self.photo = photo
        super().__init__(**kwargs)
        self.widget.attrs |= {"accept": ACCEPTE_PHOTO if photo else ACCEPTE} | ({} if photo else {"multiple": True})

    def clean(self, data, initial=None):
        fichiers = [fichier for fichier in data or [] if fichier]
        if not fichiers and not self.required:
            return None
        if not fichiers:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return nettoyer(fichiers, photo=self.photo)


def recevoir(form, champ, examiner=nettoyer):
    """Pour un ``clean_<champ>`` de l'administration : examine, range, et rend le nom privé du fichier.

    Rend le nom actuel si rien n'est envoyé, et ``""`` si la case « effacer » est cochée. L'ancien fichier part avec
    la transaction. Lève ``ValidationError`` (voir ``nettoyer`` et ``garder``).
    """
    recu = form.cleaned_data[champ]
    ancien = getattr(form.instance, champ)
    if recu is not False and not isinstance(recu, UploadedFile):
        return ancien.name
    if ancien:
        effacer(ancien.storage, ancien.name, apres_transaction=True)
    if recu is False:
        return False
    garder(form.instance, champ, examiner(recu))
    return getattr(form.instance, champ).name


def montrer(form, champ, url, nom=""):
    """Donne au champ de fichier d'un formulaire le lien de la vue qui sert le fichier actuel."""
    if getattr(form.instance, champ):
        form.initial[champ] = Lien(url, nom or "Voir le fichier actuel")
