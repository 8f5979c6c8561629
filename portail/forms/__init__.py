from .comptes import CoordonneesForm, InfosForm, MotDePasseForm, OubliForm
from .connexion import ConnexionForm
from .donnees import ConsentementForm, DemandeForm, EmailForm, MotDePasseChangeForm, RetraitForm
from .robots import RobotForm

__all__ = [
    "ConnexionForm",
    "ConsentementForm",
    "CoordonneesForm",
    "DemandeForm",
    "EmailForm",
    "InfosForm",
    "MotDePasseChangeForm",
    "MotDePasseForm",
    "OubliForm",
    "RetraitForm",
    "RobotForm",
]
