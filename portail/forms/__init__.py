from .comptes import CoordonneesForm, InfosForm, MotDePasseForm, OubliForm
from .connexion import ConnexionForm
from .donnees import ConsentementForm, DemandeForm, EmailForm, MotDePasseChangeForm, RetraitForm
from .invitations import AutreParentForm, InvitationForm, PreuveForm
from .robots import RobotForm

__all__ = [
    "AutreParentForm",
    "ConnexionForm",
    "ConsentementForm",
    "CoordonneesForm",
    "DemandeForm",
    "EmailForm",
    "InfosForm",
    "InvitationForm",
    "MotDePasseChangeForm",
    "MotDePasseForm",
    "OubliForm",
    "PreuveForm",
    "RetraitForm",
    "RobotForm",
]
