"""Les pièces, une rangée chacune : factures, lignes, avoirs, mouvements d'argent, prélèvements, foyers."""

import heapq

from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from commune.regles import jour_de_paris
from facturation import regles
from familles.models import Famille, Quotient

from ..caisse import Remboursement
from ..factures import Avoir, Facture, Ligne
from ..prelevements import Prelevement
from ..reglements import Mandat, Reglement
from ..tarifs import Tarif, montant

PAQUET = 2000  # lignes lues à la fois

UNITES = {Tarif.Unite.ACTE: "acte", Tarif.Unite.DUREE: "période", Tarif.Unite.MOIS: "mois", Tarif.Unite.ANNEE: "année"}


def factures(export):
    for f in Facture.objects.filter(**export.entre("emise_le")).order_by("pk").iterator(PAQUET):
        yield (f.reference, jour_de_paris(f.emise_le), f.mois, f.famille_id, f.destinataire, f.echeance, f.rum,
               f.preleve_le, f.total)  # fmt: skip


def lignes(export):
    lues = Ligne.objects.filter(**export.entre("facture__emise_le")).select_related("facture")
    for ligne in lues.order_by("facture", "pk").iterator(PAQUET):
        f = ligne.facture
        yield (f.reference, jour_de_paris(f.emise_le), f.famille_id, ligne.prenom, ligne.jour,
               *export.activite(ligne.activite_id), ligne.texte, ligne.quantite, UNITES[ligne.unite],
               ligne.prix_unitaire, ligne.montant, ligne.garde, ligne.quotient, ligne.regle)  # fmt: skip


def avoirs(export):
    lus = Avoir.objects.filter(**export.entre("emis_le")).select_related("facture")
    for a in lus.order_by("pk").iterator(PAQUET):
        yield (a.reference, jour_de_paris(a.emis_le), a.facture.reference, a.facture.famille_id,
               a.facture.destinataire, a.montant, a.motif)  # fmt: skip


def mouvements(export):
    """``(instant, rang, pièce, sens, ce que c'est, Reglement ou Remboursement)``, dans l'ordre où ils sont écrits."""
    flux = []
    for rang, (modele, champ, lettre, sens, quoi) in enumerate([
        (Reglement, "saisi_le", "R", 1, "Règlement"), (Reglement, "annule_le", "R", -1, "Règlement annulé"),
        (Remboursement, "saisi_le", "D", -1, "Remboursement"),
        (Remboursement, "annule_le", "D", 1, "Remboursement annulé"),
    ]):  # fmt: skip
        lus = modele.objects.filter(**export.entre(champ)).order_by(champ, "pk")
        if modele is Reglement:
            lus = lus.select_related("facture")
        flux.append(_dater(lus, champ, rang, lettre, sens, quoi))
    return heapq.merge(*flux, key=lambda mouvement: (mouvement[0], mouvement[1], mouvement[5].pk))


def _dater(lus, champ, rang, lettre, sens, quoi):
    for argent in lus.iterator(PAQUET):
        yield getattr(argent, champ), rang, f"{lettre}{argent.pk:06d}", sens, quoi, argent


def operations(export):
    for instant, rang, piece, sens, quoi, argent in mouvements(export):
        facture = getattr(argent, "facture", None)
        motif = argent.motif_annulation if rang % 2 else getattr(argent, "motif", "")
        yield (jour_de_paris(instant), quoi, getattr(argent, "recu_le", None) or argent.fait_le, piece,
               argent.famille_id, facture.reference if facture else "", argent.get_moyen_display(),
               sens * argent.montant, argent.reference, getattr(argent, "emetteur", ""),
               getattr(argent, "nombre", None), getattr(argent, "valeur", None), motif)  # fmt: skip


def prelevements(export):
    lus = Prelevement.objects.du_fichier().filter(**export.entre("lot__remis_le")).select_related("lot", "facture")
    for p in lus.order_by("lot__remis_le", "pk").iterator(PAQUET):
        su = p.rejet_saisi_le is not None and p.rejet_saisi_le <= export.arrete_le
        yield (p.lot_id, jour_de_paris(p.lot.remis_le), p.lot.jour, p.reference, p.facture.reference,
               p.facture.famille_id, p.facture.rum, p.sequence, p.montant, p.rejete_le if su else None,
               p.code_rejet if su else "")  # fmt: skip


def familles(export):
    de_la_periode = [_somme(*flux, export.entre(flux[3]), export) for flux in FLUX]
    depuis_toujours = [_somme(*flux, {f"{flux[3]}__lte": export.arrete_le}, export) for flux in FLUX]
    quotients = Quotient.objects.au(export.fin).filter(famille=OuterRef("pk")).order_by("-debut", "-pk")
    mandats = Mandat.objects.actifs().filter(famille=OuterRef("pk"))
    lues = Famille.objects.annotate(
        quotient=Subquery(quotients.values("valeur")[:1]), quotient_fin=Subquery(quotients.values("fin")[:1]),
        rum=Subquery(mandats.values("rum")[:1]), facture=de_la_periode[0], avoirs=de_la_periode[1],
        regle=de_la_periode[2] - de_la_periode[3], rembourse=de_la_periode[4] - de_la_periode[5],
        solde=depuis_toujours[0] - depuis_toujours[1] - depuis_toujours[2] + depuis_toujours[3]
        + depuis_toujours[4] - depuis_toujours[5],
    ).filter(~Q(statut=Famille.Statut.EN_CREATION)).order_by("pk")  # fmt: skip
    for f in lues.iterator(PAQUET):
        yield (f.pk, f.nom, f.adresse, f.complement, f.code_postal, f.ville, "oui" if f.hors_commune else "non",
               f.quotient, f.quotient_fin, f.rum or "", f.facture, f.avoirs, f.regle, f.rembourse,
               f.facture - f.avoirs - f.regle + f.rembourse, f.solde)  # fmt: skip


# Ce que le compte d'un foyer additionne, chacun par l'instant où il fut enregistré.
FLUX = [
    (Facture, "famille", "total", "emise_le"), (Avoir, "facture__famille", "montant", "emis_le"),
    (Reglement, "famille", "montant", "saisi_le"), (Reglement, "famille", "montant", "annule_le"),
    (Remboursement, "famille", "montant", "saisi_le"), (Remboursement, "famille", "montant", "annule_le"),
]  # fmt: skip


def _somme(modele, par, colonne, champ, filtre, export):
    totaux = modele.objects.filter(**{par: OuterRef("pk")}, **filtre).order_by().annotate(foyer=F(par))
    totaux = totaux.values("foyer").annotate(s=Sum(colonne)).values("s")
    return Coalesce(Subquery(totaux), Value(regles.ZERO), output_field=montant("somme"))
