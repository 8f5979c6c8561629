"""L'identité par laquelle la CAF et la MSA retrouvent un dossier. Rien de ce qui se saisit ici n'est gardé."""

import re

from django import forms
from django.core.validators import RegexValidator

from commune.regles import jour_de_paris

from .. import actions
from ..regles import quotients as regles
from .finances import un_jour

MOT = RegexValidator(r"^[^\d_@<>{}\[\]|\\]+$", "Des lettres, des espaces, des traits d'union et des apostrophes.")
COMMUNE = re.compile(r"(\d\d|2[AB])\d{3}")
PAYS = re.compile(r"99\d{3}")


class IdentiteForm(forms.Form):
    """Comme sur l'acte de naissance, et l'accord de la personne."""

    nom = forms.CharField(
        label="Nom de naissance", max_length=100, validators=[MOT],
        help_text="Celui de l'acte de naissance, même s'il n'est plus le nom d'usage.",
    )  # fmt: skip
    prenoms = forms.CharField(
        label="Prénoms", max_length=200, validators=[MOT],
        help_text="Tous, dans l'ordre de l'acte de naissance, séparés par des espaces.",
    )  # fmt: skip
    sexe = forms.ChoiceField(label="Sexe", choices=[("F", "Femme"), ("M", "Homme")], widget=forms.RadioSelect)
    naissance = un_jour(label="Date de naissance")
    en_france = forms.TypedChoiceField(
        label="Pays de naissance", choices=[("oui", "France"), ("non", "Un autre pays")], widget=forms.RadioSelect,
        coerce=lambda mot: mot == "oui", empty_value=None,
    )  # fmt: skip
    lieu = forms.CharField(
        label="Code du lieu de naissance", max_length=10, required=False,
        help_text="Cinq caractères : du 6e au 10e du numéro de sécurité sociale (celui de l'allocataire). Ce n'est pas "
        "le code postal. Né à l'étranger, il commence par 99 et dit le pays ; en France, laissez vide si vous ne le "
        "trouvez pas.",
    )  # fmt: skip
    accord = forms.BooleanField(
        label="J'ai lu ce qui est envoyé et ce qui est gardé, et je suis d'accord",
        error_messages={"required": "Sans votre accord, rien n'est demandé : cochez la case, ou envoyez le papier."},
    )
    limite = regles.PAR_HEURE

    def __init__(self, *args, famille, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.famille, self.compte, self.maintenant = famille, compte, maintenant
        for nom in ("nom", "prenoms", "lieu", "naissance"):
            self.fields[nom].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["lieu"].widget.attrs["class"] = "court"

    def clean_naissance(self):
        jour = self.cleaned_data["naissance"]
        if jour.year <= 1900 or jour >= jour_de_paris(self.maintenant):
            raise forms.ValidationError("Cette date de naissance n'est pas possible.", code="naissance")
        return jour

    def clean(self):
        valeurs = super().clean()
        lieu, en_france = valeurs.get("lieu", "").upper().replace(" ", ""), valeurs.get("en_france")
        if en_france is False and not (PAYS.fullmatch(lieu) and lieu != regles.FRANCE):
            self.add_error("lieu", "Né à l'étranger, le code du pays est nécessaire : cinq chiffres, dont 99 d'abord.")
        if en_france and lieu and (not COMMUNE.fullmatch(lieu) or lieu.startswith("99")):
            self.add_error("lieu", "Le code d'une commune a cinq caractères, comme 86194 ou 2A004, ou reste vide.")
        return valeurs | {"lieu": lieu}

    def save(self):
        valeurs = self.cleaned_data
        en_france, lieu = valeurs["en_france"], valeurs["lieu"]
        qui = regles.Identite(
            valeurs["nom"].strip(), tuple(re.split(r"[\s,]+", valeurs["prenoms"].strip(" ,"))), valeurs["sexe"],
            valeurs["naissance"], regles.FRANCE if en_france else lieu, lieu if en_france else "",
        )  # fmt: skip
        return actions.recuperer_quotient(self.famille, qui, self.compte, self.maintenant, self.limite)


class IdentiteMairieForm(IdentiteForm):
    """La même question, posée par la mairie pour une famille qui en est informée."""

    limite = regles.PAR_HEURE_MAIRIE

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["accord"].label = "La famille sait que la mairie le demande, et ne s'y oppose pas"
        self.fields["accord"].error_messages["required"] = "Dites que la famille en est informée."
