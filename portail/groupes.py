"""Les groupes de la mairie et leurs droits : à chacun le moins qu'il lui faut.

Un droit s'écrit comme Django l'écrit, ``app.verbe_table`` ; ``*`` vaut les quatre verbes, ``app.*`` toutes les tables.
Les agents n'entrent pas dans l'administration : ils ont ``/presences/``.
"""

from django.contrib.auth.models import Group, Permission

VERBES = ["view", "add", "change", "delete"]

DROITS = {
    "Direction": [
        "commune.*", "familles.*", "messagerie.*", "documents.*", "inscriptions.*", "reservations.*", "presences.*",
        "facturation.*", "portail.*",
    ],
    "Régie": [
        "commune.view_ecole", "commune.view_anneescolaire", "commune.view_jourferme",
        "familles.view_famille", "familles.change_famille", "familles.view_adulte", "familles.view_enfant",
        "familles.view_rattachement", "familles.*_quotient",
        "messagerie.view_message", "messagerie.add_message", "messagerie.change_message",
        "documents.view_piece", "documents.change_piece", "documents.view_typepiece",
        "inscriptions.view_activite", "inscriptions.view_inscription",
        "reservations.view_seance", "reservations.view_reservation", "reservations.view_mouvement",
        "reservations.view_excuse", "presences.view_pointage",
        "facturation.*",
    ],
    "Périscolaire": [
        "commune.view_ecole", "commune.view_anneescolaire", "commune.*_jourferme",
        "familles.*", "messagerie.*", "documents.*", "inscriptions.*", "reservations.*", "presences.*",
    ],
    "Agents": ["presences.view_pointage", "presences.add_pointage", "presences.change_pointage"],
}


def droits(motif):
    """Les permissions que désigne un motif de la table."""
    app, _, nom = motif.partition(".")
    permissions = Permission.objects.filter(content_type__app_label=app)
    if nom == "*":
        return permissions
    verbe, _, table = nom.partition("_")
    return permissions.filter(codename__in=[f"{v}_{table}" for v in (VERBES if verbe == "*" else [verbe])])


def installer_groupes():
    """Crée les groupes et leur donne exactement les droits de la table ; se relance sans rien casser."""
    for nom, motifs in DROITS.items():
        groupe, _ = Group.objects.get_or_create(name=nom)
        groupe.permissions.set([permission for motif in motifs for permission in droits(motif)])
