"""Les formulaires des inscriptions : ce que la famille demande, ce que la mairie décide et règle."""

from .delais import AussiForm, DelaisFormSet
from .demandes import DateChoisie, DecisionForm, DemandeForm, FinForm

__all__ = ["AussiForm", "DateChoisie", "DecisionForm", "DelaisFormSet", "DemandeForm", "FinForm"]
