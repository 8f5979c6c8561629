"""La liste sur papier et en tableur."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.contexte import courante
from commune.pdf import PdfIndisponible, rendre
from commune.tableurs import servir_csv
from familles.actions import consigner_lectures
from familles.models import FicheSanitaire

from .. import regles
from ..actions import GENRES_A_HEURES
from ..models import lire_liste, par_classe, repas_dits
from .acces import agents, seance_ou_404
from .jour import adresse

COLONNES = [
    "Classe", "Nom", "Prénom", "État", "Arrivée", "Départ", "Régime et santé", "Téléphones", "Peut le prendre",
    "Interdit", "Raison de l'ajout",
]  # fmt: skip


@agents
@require_http_methods(["GET", "HEAD", "POST"])
def feuille(request, seance):
    """La liste A4, une page au moins par classe. En POST, avec le détail des allergies et des PAI, alors consigné."""
    seance, maintenant = seance_ou_404(seance), timezone.now()
    lignes, heures = lire_liste(seance), seance.activite.genre in GENRES_A_HEURES
    details = _details(request, lignes, maintenant) if request.method == "POST" else {}
    html = render_to_string("presences/feuille.html", {
        "seance": seance, "commune": courante(), "maintenant": maintenant, "agent": request.user,
        "heures": heures, "tab": "\t",
        "classes": [
            (classe, regles.blocs_de_feuille(
                _texte(ligne, details.get(ligne.enfant.pk), heures) for ligne in classe.lignes
            ))
            for classe in par_classe(lignes)
        ],
        "compte": regles.compter(ligne.etat for ligne in lignes),
        "repas": repas_dits(lignes),
    })  # fmt: skip
    try:
        octets = rendre(html, "presences/feuille.css")
    except PdfIndisponible:
        return render(request, "presences/sans_pdf.html", {"retour": adresse(seance)}, status=503)
    reponse = HttpResponse(octets, content_type="application/pdf")
    reponse["Content-Disposition"] = f'inline; filename="liste-{seance.jour:%Y-%m-%d}-{seance.pk}.pdf"'
    reponse["Cache-Control"] = "no-store"
    return reponse


def _texte(ligne, fiche, heures):
    """Un enfant en une suite de caractères ; ce qui met en danger est écrit en entier, sous son nom."""
    enfant, suite = ligne.enfant, [f"■ NE PAS CONFIER À {a.get_civilite_display()} {a}" for a in ligne.interdits]
    if heures and ligne.recuperent:
        suite.append("À confier à : " + ", ".join(f"{a} {a.telephone}".strip() for a in ligne.recuperent))
    suite += [f"Rentre seul{'e' if enfant.sexe == 'f' else ''}"] if heures and ligne.rentre_seul else []
    suite += [f"Ajouté : {ligne.motif}"] if ligne.motif else []
    suite += ["Absence excusée par écrit"] if ligne.excuse else []
    if ligne.pointage:
        suite.append(f"Pointé {ligne.pointage.get_etat_display()} à {timezone.localtime(ligne.pointage.recu_le):%H:%M}")
    if fiche:
        suite += [f"{mot} : {texte}" for mot, texte in [("PAI", fiche.pai), ("Allergies", fiche.allergies)] if texte]
    mots = ", ".join(mot for _, mot in ligne.signes.mots)
    telephones = ligne.telephones[:2] if heures else ["   ".join(ligne.telephones[:2])]
    return regles.ligne_de_feuille(f"{enfant.nom} {enfant.prenom}", mots, telephones, suite)


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
                ", ".join(mot for _, mot in ligne.signes.mots), ", ".join(ligne.telephones),
                ", ".join(str(adulte) for adulte in ligne.recuperent),
                ", ".join(str(adulte) for adulte in ligne.interdits), ligne.motif,
            ])  # fmt: skip
    return servir_csv(f"liste-{seance.jour:%Y-%m-%d}-{seance.pk}.csv", COLONNES, lignes)


def _heure(heure):
    return f"{heure:%H:%M}" if heure else ""
