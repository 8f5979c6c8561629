"""La liste sur papier et en tableur."""

from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.exports import noter_l_export
from commune.pdf import servir_pdf
from commune.tableurs import servir_csv
from familles.actions import consigner_lectures
from familles.models import FicheSanitaire

from .. import regles
from ..models import Pointage, lire_liste, par_classe
from ..papier import imprimer
from .acces import agents, seance_ou_404

COLONNES = [
    "Classe", "Nom", "Prénom", "État", "Arrivée", "Départ", "Excuse", "Régime et santé", "Refusé par la famille",
    "Téléphones", "À prévenir en cas d'urgence", "Peut le prendre", "Interdit", "Raison de l'ajout",
]  # fmt: skip


@agents
@require_http_methods(["GET", "HEAD", "POST"])
def feuille(request, seance):
    """La liste A4, une page au moins par classe. En POST, avec le détail des allergies et des PAI, alors consigné."""
    seance, maintenant = seance_ou_404(seance), timezone.now()
    lignes = lire_liste(seance)
    details = _details(request, lignes, maintenant) if request.method == "POST" else {}
    nom = f"liste-{seance.jour:%Y-%m-%d}-{seance.pk}.pdf"
    return servir_pdf(nom, imprimer(seance, lignes, details, request.user, maintenant))


def _details(request, lignes, maintenant):
    """Les fiches des enfants qui ont une allergie ou un PAI, par clé, après avoir consigné leur lecture."""
    concernes = [ligne.enfant for ligne in lignes if ligne.signes.allergies or ligne.signes.pai]
    consigner_lectures(concernes, request.user, request.path, maintenant)
    return {fiche.enfant_id: fiche for fiche in FicheSanitaire.objects.filter(enfant__in=concernes)}


@agents
@require_safe
def liste_csv(request, seance):
    seance = seance_ou_404(seance)
    lignes = []
    for classe in par_classe(lire_liste(seance)):
        for ligne in classe.lignes:
            pointage = ligne.pointage
            lignes.append([
                classe.titre, ligne.enfant.nom, ligne.enfant.prenom,
                pointage.get_etat_display() if pointage else "à pointer",
                _heure(pointage and pointage.arrivee), _heure(pointage and pointage.depart),
                ligne.excuse_dite, ", ".join(mot for _, mot in ligne.signes.mots),
                ", ".join(mot for _, mot in regles.refus_de_la_famille(ligne.autorisations)),
                ", ".join(ligne.telephones), ", ".join(regles.nom_et_telephone(a) for a in ligne.urgences),
                ", ".join(str(adulte) for adulte in ligne.recuperent),
                ", ".join(str(adulte) for adulte in ligne.interdits), ligne.motif,
            ])  # fmt: skip
    noter_l_export(request, Pointage, f"Liste du jour exportée : {seance}", f"{len(lignes)} enfants en csv.")
    return servir_csv(f"liste-{seance.jour:%Y-%m-%d}-{seance.pk}.csv", COLONNES, lignes)


def _heure(heure):
    return f"{heure:%H:%M}" if heure else ""
