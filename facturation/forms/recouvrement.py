"""Les formulaires du recouvrement : demander un échéancier, l'accorder ou le refuser, révoquer, retirer."""

import datetime as dt

from django import forms

from commune.regles import jour_de_paris

from .. import actions, regles
from ..regles import echeanciers as plans
from .finances import un_jour


class DemandeEcheancierForm(forms.Form):
    """Ce que la famille écrit à la régie."""

    mois = forms.TypedChoiceField(label="En combien de mois souhaitez-vous payer\u00a0?", coerce=int)
    phrase = forms.CharField(
        label="Que se passe-t-il\u00a0?", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Une phrase suffit. Par exemple : "
        "«\u00a0Je change d'emploi, mon premier salaire arrive en janvier.\u00a0»",
        error_messages={"required": "Dites en une phrase ce qui se passe."},
    )  # fmt: skip

    def __init__(self, *args, famille, compte, maximum, **options):
        super().__init__(*args, **options)
        self.famille, self.compte = famille, compte
        self.fields["mois"].choices = [(n, f"{n} mois") for n in range(2, maximum + 1)]

    def save(self, maintenant):
        """Envoie la demande. Lève ``ValidationError`` : une demande attend déjà, ou rien n'est à échelonner."""
        valeurs = self.cleaned_data
        return actions.demander_echeancier(self.famille, valeurs["phrase"], valeurs["mois"], self.compte, maintenant)


class ProjetForm(forms.Form):
    """Les factures, le nombre d'échéances et la première date : de quoi proposer un échéancier."""

    factures = forms.TypedMultipleChoiceField(
        coerce=int, label="Factures", error_messages={"required": "Cochez au moins une facture."}
    )
    nombre = forms.IntegerField(min_value=1, max_value=plans.MAXIMUM, label="Nombre d'échéances")
    premiere = un_jour(label="Première échéance")

    def __init__(self, *args, libres, maintenant, mois=3, **options):
        super().__init__(*args, **options)
        self.libres = {facture.pk: facture for facture in libres}
        self.fields["factures"].choices = [(str(pk), str(facture)) for pk, facture in self.libres.items()]
        jour = jour_de_paris(maintenant)
        # Les factures pas encore échues ne sont pas cochées : on n'échelonne d'abord que ce qui presse.
        presse = [pk for pk, facture in self.libres.items() if facture.echeance < jour]
        self.fields["factures"].initial = presse or list(self.libres)
        self.fields["nombre"].initial = mois
        self.fields["premiere"].initial = regles.suivant(jour) + dt.timedelta(days=4)

    @property
    def total(self):
        return sum((self.libres[pk].reste for pk in self.cleaned_data["factures"]), regles.ZERO)

    def proposer(self):
        """``[(date, euros)…]`` : la dette partagée au centime, de mois en mois ; rien si elle est trop petite."""
        nombre = self.cleaned_data["nombre"]
        try:
            parts = plans.partager(self.total, nombre)
        except ValueError:
            self.add_error("nombre", "Cette dette ne se partage pas en autant d'échéances.")
            return []
        return list(zip(plans.dates(self.cleaned_data["premiere"], nombre), parts, strict=True))


class UneEcheanceForm(forms.Form):
    """Une échéance, telle que la régie la retouche."""

    jour = un_jour(label="À payer avant le")
    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, localize=True, label="Montant (€)"
    )


EcheancesFormSet = forms.formset_factory(
    UneEcheanceForm, extra=0, max_num=plans.MAXIMUM, absolute_max=plans.MAXIMUM
)


class MotForm(forms.Form):
    """Le mot de la régie à la famille : avec un accord s'il y en a un, toujours avec un refus."""

    mot = forms.CharField(
        label="Votre mot à la famille", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, refuser=None, **options):
        super().__init__(*args, **options)
        self.refuser = refuser  # ce que fait un refus, de ce mot

    def save(self):
        return self.refuser(self.cleaned_data["mot"])


class MotifForm(forms.Form):
    """Pourquoi la régie révoque un échéancier, ou retire une dette d'un état."""

    motif = forms.CharField(max_length=300, label="Pourquoi")

    def __init__(self, *args, geste, **options):
        super().__init__(*args, **options)
        self.geste = geste  # ce que l'on fait, de ce motif

    def save(self):
        return self.geste(self.cleaned_data["motif"])


class TransmettreForm(forms.Form):
    """Les dettes que la régie coche."""

    factures = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={
            "required": "Cochez les dettes à transmettre.",
            "invalid_choice": "Une de ces dettes ne se transmet plus : relisez la liste.",
        }, label="Dettes",
    )  # fmt: skip

    def __init__(self, *args, candidats, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.compte, self.maintenant = compte, maintenant
        self.fields["factures"].choices = [
            (str(lue.facture.pk), str(lue.facture)) for candidat in candidats for lue in candidat.pretes
        ]

    def save(self):
        return actions.transmettre(self.cleaned_data["factures"], self.compte, self.maintenant)
