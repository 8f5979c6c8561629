"""La liste d'attente : y entrer, répondre à une offre, donner une place."""

from django import forms
from django.core.exceptions import ValidationError

from .. import regles
from ..actions import attendre, donner_une_place, quitter_attente, repondre
from ..models import Reservation


class AttenteForm(forms.Form):
    """Ce que la famille fait d'une liste d'attente ; le bouton dit quoi."""

    faire = forms.ChoiceField(choices=[(mot, mot) for mot in ("attendre", "quitter", "accepter", "laisser")])

    def __init__(self, *args, foyer, compte, seance, reservation, **kwargs):
        super().__init__(*args, **kwargs)
        self.foyer, self.compte, self.seance, self.reservation = foyer, compte, seance, reservation

    def save(self, maintenant):
        """Le fait, et rend la phrase qui le dit. Lève ``ValidationError`` si ce n'est plus possible."""
        faire, prenom = self.cleaned_data["faire"], self.foyer.enfant.prenom
        if faire == "attendre":
            rang = attendre(self.foyer.famille, self.compte, self.foyer.enfant, self.seance, maintenant)
            return f"{prenom} est {regles.rang_dit(rang)} sur la liste d'attente."
        if not self.reservation:
            raise ValidationError(f"{prenom} n'est pas sur la liste.", code="pas_en_attente")
        if faire == "quitter":
            quitter_attente(self.reservation, self.compte, maintenant)
            return f"{prenom} n'est plus sur la liste d'attente."
        accepte = faire == "accepter"
        repondre(self.reservation, accepte, self.compte, maintenant)
        return f"La place est à {prenom} : c'est réservé." if accepte else "La place passe au suivant. Merci !"


class OffreForm(forms.Form):
    """La réponse au lien d'un courriel : prendre la place, ou la laisser au suivant."""

    faire = forms.ChoiceField(choices=[("accepter", "accepter"), ("laisser", "laisser")])

    def __init__(self, *args, offre, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.offre, self.compte = offre, compte

    def save(self, maintenant):
        """Lève ``ValidationError`` si la place n'attend plus cette réponse."""
        repondre(self.offre.reservation, self.cleaned_data["faire"] == "accepter", self.compte, maintenant, self.offre)


class DonForm(forms.Form):
    """La mairie donne une place à un enfant de la liste, avec une raison."""

    reservation = forms.ModelChoiceField(
        Reservation.objects.none(), error_messages={"required": "Choisissez un enfant de la liste."}
    )
    motif = forms.CharField(
        max_length=300,
        error_messages={"required": "Dites pourquoi : la raison reste au journal et la famille la lit."},
    )

    def __init__(self, *args, seance, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte
        self.fields["reservation"].queryset = Reservation.objects.qui_attendent().filter(seance=seance)

    def save(self, maintenant):
        """Donne la place. Lève ``ValidationError`` si l'enfant n'attend plus."""
        reservation = self.cleaned_data["reservation"]
        donner_une_place(reservation, self.compte, self.cleaned_data["motif"], maintenant)
        return reservation
