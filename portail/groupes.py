"""Les groupes de la mairie et leurs droits : à chacun le moins qu'il lui faut.

Un droit s'écrit comme Django l'écrit, ``app.verbe_table`` ; ``app.*_table`` vaut les quatre verbes, ``app.*`` toute
l'application, droits particuliers compris. Sans ``familles.view_famille``, on n'entre pas dans l'administration :
les agents n'ont que ``/presences/`` (voir ``portail.administration``).
"""

from django.contrib.auth.models import Group, Permission

VERBES = ["view", "add", "change", "delete"]

DROITS = {
    "Direction": [
        "commune.*", "familles.*", "messagerie.*", "documents.*", "inscriptions.*", "reservations.*", "presences.*",
        "facturation.*", "portail.*",
    ],
    # L'argent, et de quoi comprendre chaque ligne d'une facture. Ni santé, ni décision sur un dossier.
    "Régie": [
        "commune.view_ecole", "commune.view_anneescolaire", "commune.view_jourferme",
        "familles.view_famille", "familles.view_adulte", "familles.view_enfant", "familles.view_rattachement",
        "familles.view_garde", "familles.view_echange", "familles.*_quotient",
        "messagerie.view_message", "messagerie.add_message",
        "documents.view_piece", "documents.view_typepiece",
        "inscriptions.view_activite", "inscriptions.view_inscription", "inscriptions.view_regledelai",
        "reservations.view_seance", "reservations.view_reservation", "reservations.view_mouvement",
        "reservations.view_excuse", "reservations.view_evenement", "presences.view_pointage",
        "facturation.*",
    ],
    # Les enfants : dossiers, santé, inscriptions, réservations, présences. Aucun montant, pas même un quotient.
    "Périscolaire": [
        "commune.view_ecole", "commune.view_anneescolaire", "commune.*_jourferme",
        "familles.*_famille", "familles.*_adulte", "familles.*_enfant", "familles.*_rattachement", "familles.*_garde",
        "familles.view_echange",
        "familles.*_personneautorisee", "familles.*_autorisation", "familles.*_fichesanitaire",
        "messagerie.*", "documents.*", "inscriptions.*", "reservations.*", "presences.*",
    ],
    "Agents": ["presences.view_pointage", "presences.add_pointage", "presences.change_pointage"],
}  # fmt: skip


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
