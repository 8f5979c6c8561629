"""Ce que la mairie change d'une séance ou d'une réservation."""

from django import forms


class MotifForm(forms.Form):
    """La raison que la mairie donne ; elle reste au journal et la famille la lit."""

    motif = forms.CharField(
        label="Raison",
        max_length=150,
        error_messages={"required": "Dites pourquoi : la raison reste au journal et la famille la lit."},
    )


class PlacesForm(forms.Form):
    """Le nombre de places de séances choisies."""

    capacite = forms.IntegerField(
        label="Places", min_value=0, max_value=9999, required=False, help_text="Vide : sans limite."
    )
