"""Les adresses du portail, lues dans ses urls, et une maison où chacune a son objet."""

import datetime as dt
import io
import re
import uuid
from collections import namedtuple
from decimal import Decimal
from types import SimpleNamespace

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import URLResolver, get_resolver, reverse
from PIL import Image

from documents.models import Information
from facturation.actions import (
    accorder_echeancier,
    annuler_reglement,
    deposer,
    emettre_avoir,
    encaisser,
    rembourser,
    signer_mandat,
)
from facturation.models import (
    Budget,
    Comptabilite,
    Contestation,
    DemandeEcheancier,
    DemandeExport,
    EnvoiDeRelances,
    EtatDesRestes,
    Export,
    LotDePrelevements,
    Paiement,
    Precision,
    Prelevement,
    Regie,
    Relance,
    SignatureMandat,
    Transmission,
    installer_niveaux,
)
from familles.models import Adulte, FicheSanitaire, LectureFiche, PersonneAutorisee
from inscriptions.actions import publier_reglement
from messagerie.models import Message, PieceJointe
from portail.actions import accepter, installer_textes
from portail.models import DemandeCompte, Invitation, TexteConsentement
from presences.models import Geste, Pointage
from reservations.actions import annoncer, appliquer, preparer_ouverture
from reservations.models import Evenement, Mouvement, Ouverture
from tests import fabriques as f

MAINTENANT = f.a_paris(2026, 11, 23)
APPS = ["commune", "familles", "messagerie", "documents", "inscriptions", "reservations", "presences", "facturation",
        "portail"]  # fmt: skip

Adresse = namedtuple("Adresse", "nom motif parametres")


def adresses(resolveur=None, prefixe="", espace=""):
    """Chaque adresse du portail : son nom complet, son motif, ses paramètres."""
    for motif in (resolveur or get_resolver()).url_patterns:
        chemin = prefixe + re.sub(r"^\^", "", str(motif.pattern))
        if isinstance(motif, URLResolver):
            yield from adresses(motif, chemin, espace + (f"{motif.namespace}:" if motif.namespace else ""))
        else:
            noms = {*motif.pattern.converters, *motif.pattern.regex.groupindex}
            yield Adresse(espace + (motif.name or ""), chemin, frozenset(noms))


def est_de_l_administration(adresse):
    return adresse.motif.startswith("admin/")


# Ce qu'une adresse porte après « ? » : abîmé, plus grand que toute clé.
NOMS = [
    "page", "q", "famille", "enfant", "next", "site", "jour", "vu", "statut", "seance", "quand", "numero", "nombre",
    "moyen", "jour_from", "jour_to", "format", "facture", "depuis", "contestation", "annee", "activite", "mois", "du",
    "au", "etat", "debut", "fin", "projet", "tarif", "type_piece",
]  # fmt: skip
ABIMEES = ["?" + "&".join(f"{nom}={valeur}" for nom in NOMS) for valeur in ("abime", "9" * 30, "²")]


# Ce que personne ne tape dans un champ, mais qu'on peut envoyer.
TAPES = ["\x00", "9" * 5000, "²", "0001-01-01"]
CHAMP = re.compile(r'<(?:input|textarea|select|button)\b[^>]*\bname="([^"]+)"')


def essayer(client, methode, page, *donnees):
    """Le code de la réponse ; ce que la page a écrit est défait, et la suivante trouve tout en place."""
    essai = transaction.savepoint()
    code = getattr(client, methode)(page, *donnees).status_code
    transaction.savepoint_rollback(essai)
    return code


def formulaires_abimes(client, page, *autres):
    """Envoie à cette page chacun de ses champs et ces ``autres``, abîmés. Rend ce qui a cassé ; rien n'en reste."""
    lue = client.get(page)
    noms = {*autres, *([] if lue.streaming else CHAMP.findall(lue.content.decode("utf-8", "replace")))}
    return [
        f"{page} : {tape[:12]!r}" for tape in TAPES if essayer(client, "post", page, dict.fromkeys(noms, tape)) >= 500
    ]


def portail():
    return [adresse for adresse in adresses() if not est_de_l_administration(adresse)]


def administration():
    return [adresse for adresse in adresses() if est_de_l_administration(adresse)]


def chemin(adresse, objets):
    """Le chemin de cette adresse, ses paramètres pris dans ``objets`` (``{nom: {paramètre: valeur}}``)."""
    if not adresse.nom:
        return f"/{adresse.motif}"
    return reverse(adresse.nom, kwargs=objets[adresse.nom] if adresse.parametres else None)


def image():
    sortie = io.BytesIO()
    Image.new("RGB", (40, 40), "#a8452c").save(sortie, "PNG")
    return ContentFile(sortie.getvalue(), "photo.png")


# --- Une maison -----------------------------------------------------------------------------------------------------
def ville():
    """Ce qui est à tous : la commune, une école, ses activités, une année, des documents, des séances."""
    f.commune(siret="21860000000000")
    installer_textes()
    site = f.ecole(nom="École Centre")
    midi = f.activite(site=site, nom="Restauration", avec_repas=True)
    domicile = f.type_piece(nom="Justificatif de domicile")
    domicile.modele.save("modele.pdf", ContentFile(b"%PDF-1.4 un modele"))
    information = Information.objects.create(titre="Menus", texte="…", publiee_le=dt.date(2026, 9, 1), publique=True)
    information.fichier.save("menus.pdf", ContentFile(b"%PDF-1.4 des menus"))
    tarif = f.tarif(ajustements=[("hors_commune", "pourcentage", 30)])
    Regie.objects.create(cheque_ordre="Régie", api_particulier=True)
    Budget.objects.create(nom="Régie des loisirs").activites.create(genre="vacances")
    f.jour_ferme(dt.date(2026, 12, 24))
    DemandeCompte.objects.create(
        email="demande@exemple.fr", civilite="mme", nom="NEUVE", prenom="Anne", adresse="1 rue", code_postal="86440",
        ville="Migné", telephone="0600000000", empreinte="0" * 64, demandee_le=MAINTENANT,
    )  # fmt: skip
    evenements = {"du": dt.date(2026, 11, 27), "au": dt.date(2026, 11, 27), "cree_le": MAINTENANT}
    sortie = Evenement.objects.create(nature="sortie", libelle="Sortie", classes=["cm2"], **evenements)
    greve = Evenement.objects.create(nature="greve", libelle="Grève", **evenements | {"du": dt.date(2026, 11, 26)})
    mercredi = f.activite(site=site, nom="Mercredi", genre="mercredi", jours=[2])
    greve.activites.add(mercredi)
    appliquer(greve, None, MAINTENANT)
    annoncer(greve.pk, MAINTENANT)
    return SimpleNamespace(
        ouverture=_ouverture(midi), sortie=sortie, greve=greve, site=site, midi=midi, domicile=domicile,
        information=information, annee=f.annee(), tarif=tarif,
        mercredi=mercredi, delai=f.delai(midi, decompte="ouverture"),
        passee=f.seance(midi, dt.date(2026, 11, 20)), a_venir=f.seance(midi, dt.date(2026, 11, 27)),
        du_jour=f.seance(midi, dt.date(2026, 11, 23)), version=publier_reglement(None, MAINTENANT),
    )  # fmt: skip


def _ouverture(activite):
    """Un jour d'ouverture à venir, ses vœux déjà ouverts."""
    f.seance(activite, dt.date(2026, 12, 14))
    return preparer_ouverture(Ouverture(
        nom="Décembre", du=dt.date(2026, 12, 14), au=dt.date(2026, 12, 18), voeux_des=f.a_paris(2026, 11, 20),
        ouvre_le=f.a_paris(2026, 12, 1, 9),
    ), [activite], MAINTENANT)  # fmt: skip


def maison(ville, marque="", partage=None, rang=1):
    """Un foyer qui a de tout, chacun de ses objets sous un nom.

    ``marque`` se lit dans chaque chose qui n'est qu'à lui ; ``partage`` est un enfant qu'il a avec un autre foyer.
    """
    foyer = f.famille(
        nom=f"{marque}LA STAR", adresse=f"{marque}1 rue des Écoles", ville=f"{marque}Migné", notes=f"{marque}notes"
    )
    foyer.compte.email = f"{marque or 'celine'}@exemple.fr".lower()
    foyer.compte.prenom = f"{marque}Celine"
    foyer.compte.save()
    accepter(foyer.compte, TexteConsentement.objects.get(), MAINTENANT, "192.0.2.1")
    adulte = foyer.adultes.get()
    adulte.prenom, adulte.telephone = f"{marque}Celine", telephone(marque)
    adulte.save()
    grand_pere = {"civilite": "m", "prenom": "Georges", "lien": "grand_parent", "telephone": telephone(marque)}
    papi = Adulte.objects.create(famille=foyer, nom=f"{marque}PAPI", **grand_pere)
    parti = Adulte.objects.create(famille=foyer, nom=f"{marque}PARTI", fin=dt.date(2026, 10, 1), **grand_pere)
    foyer.quotients.create(valeur=19283 if marque else 742, debut=dt.date(2026, 9, 1), preuve=f"{marque}attestation")
    hugo = f.enfant(foyer, prenom=f"{marque}Hugo", nom=f"{marque}LA STAR", ecole=ville.site, division=marque)
    hugo.photo.save("photo.png", image())
    ici = SimpleNamespace(marque=marque, foyer=foyer, compte=foyer.compte, papi=papi, parti=parti, hugo=hugo)
    for petit in [hugo, *([f.rattacher(partage, foyer, rang=rang).enfant] if partage else [])]:
        _vie_de_l_enfant(ici, ville, petit)
    tom = f.enfant(foyer, prenom=f"{marque}Tom", nom=f"{marque}LA STAR", ecole=ville.site)
    ici.fini = tom.rattachements.get()
    ici.fini.fin, ici.fini.fin_par = dt.date(2026, 10, 1), foyer.compte
    ici.fini.save()
    _papiers(ici, ville)
    _argent(ici)
    return ici


def telephone(marque):
    return "06 98 76 54 32" if marque else "06 12 34 56 78"


def _vie_de_l_enfant(ici, ville, petit):
    """Inscription, réservations, excuse, pointage ; l'enfant partagé n'a qu'une réservation par séance."""
    PersonneAutorisee.objects.create(enfant=petit, adulte=ici.papi, recupere=True)
    fiche, _ = FicheSanitaire.objects.get_or_create(enfant=petit, defaults={"allergies": "Arachide"})
    inscription = f.inscription(petit, ville.midi, famille=ici.foyer)
    f.inscription(petit, ville.mercredi, famille=ici.foyer, etat="refusee", motif=f"{ici.marque}motif")
    if not petit.reservations.exists():
        passee = f.reservation(petit, ville.passee, famille=ici.foyer)
        ici.lot = uuid.uuid4()
        Mouvement.objects.create(
            lot=ici.lot, reservation=passee, apres="reservee", origine="parent", compte=ici.compte, instant=MAINTENANT,
            motif=f"{ici.marque}motif",
        )  # fmt: skip
        ici.excuse = f.excuse(passee, texte=f"{ici.marque}malade", envoyee_par=ici.compte)
        ici.excuse.certifie_le = ici.excuse.envoyee_le
        ici.excuse.fichier.save("mot.pdf", ContentFile(b"%PDF-1.4 un mot"))
        ici.reservation = f.reservation(petit, ville.a_venir, famille=ici.foyer)
        f.reservation(petit, ville.du_jour, famille=ici.foyer)
        Pointage.objects.create(enfant=petit, seance=ville.passee, etat="absent", recu_le=MAINTENANT)
        Geste.objects.create(enfant=petit, seance=ville.passee, apres="absent", recu_le=MAINTENANT)
    if not hasattr(ici, "inscription"):
        ici.inscription, ici.fiche = inscription, fiche


def _papiers(ici, ville):
    m = ici.marque
    ici.piece = f.piece(ville.domicile, ici.foyer, nom=f"{m}domicile.pdf")
    f.piece(f.type_piece(), ici.foyer, etat="refusee", motif=f"{m}flou", nom=f"{m}rib.pdf", decidee_le=MAINTENANT)
    fil = {"famille": ici.foyer, "envoye_le": MAINTENANT}
    ici.message = Message.objects.create(auteur=ici.compte, texte=f"{m}question", **fil)
    Message.objects.create(de_la_mairie=True, texte=f"{m}reponse", **fil)
    ici.jointe = PieceJointe(message=ici.message, nom=f"{m}photo.png")
    ici.jointe.fichier.save("photo.png", image())
    LectureFiche.objects.create(enfant=ici.hugo, compte=ici.compte, lue_le=MAINTENANT, page="/")


def _argent(ici):
    total = Decimal("987.65") if ici.marque else Decimal("28.50")
    ici.facture = f.facture(ici.foyer, total=str(total), petit=ici.hugo)
    ici.reglement = encaisser(ici.foyer, total - 10, "cheque", None, MAINTENANT, facture=ici.facture)
    ici.ligne = ici.facture.lignes.get()
    ici.contestation = Contestation.objects.create(
        ligne=ici.ligne, motif=f"{ici.marque}absente", envoyee_le=MAINTENANT, envoyee_par=ici.compte,
        repondre_avant=dt.date(2026, 12, 8),
    )  # fmt: skip
    ici.contestation.fichier.save("mot.pdf", ContentFile(b"%PDF-1.4 un mot"))
    ici.precision = Precision.objects.create(
        contestation=ici.contestation, question=f"{ici.marque}quel jour", demandee_le=MAINTENANT,
        reponse=f"{ici.marque}jeudi", repondue_le=MAINTENANT, repondue_par=ici.compte,
    )  # fmt: skip
    ici.precision.fichier.save("mot.pdf", ContentFile(b"%PDF-1.4 un mot"))
    ici.avoir = emettre_avoir(ici.facture, Decimal("1.50"), f"{ici.marque}avoir", None, MAINTENANT)
    ici.paiement = Paiement.objects.create(
        famille=ici.foyer, facture=ici.facture, montant=Decimal("8.50"), numcli="012345", cree_par=ici.compte,
        refdet=f"2026F{ici.facture.numero:06d}P1", idop=f"idop-{ici.facture.pk}", etat="doute",
        phrase="PayFiP répond un résultat inconnu : « Q ».", cree_le=MAINTENANT - dt.timedelta(hours=1),
        motif=f"{ici.marque}motif",
        reponse={"idop": f"idop-{ici.facture.pk}", "numcli": "012345", "refdet": "autre", "montant": "850",
                 "saisie": "W", "resultrans": "Q", "dattrans": "23112026", "heurtrans": "0800", "numauto": ""},
    )  # fmt: skip
    codes, _ = Comptabilite.objects.get_or_create(tiers="4111")
    codes.imputations.get_or_create(genre="midi", compte="7067")
    ici.export = Export.objects.create(
        genre="familles", format="csv", debut=MAINTENANT.date(), fin=MAINTENANT.date(), arrete_le=MAINTENANT,
        empreinte="0" * 64,
    )  # fmt: skip
    ici.demande_export = DemandeExport.objects.create(
        genre="presences", format="csv", debut=MAINTENANT.date(), fin=MAINTENANT.date(), demandee_le=MAINTENANT,
        incident="Le disque du serveur est plein.",  # arrêtée, sa page ne se recharge pas
    )  # fmt: skip
    ici.bordereau = deposer("cheque", [ici.reglement.pk], None, MAINTENANT)
    avance = encaisser(ici.foyer, Decimal("20"), "virement", None, MAINTENANT)
    ici.rendu = rembourser(
        ici.foyer, Decimal("1.25"), "virement", f"{ici.marque}VIR", f"{ici.marque}rendu", None, MAINTENANT
    )
    annuler_reglement(avance, "Virement rejeté", None, MAINTENANT)
    ici.mandat = signer_mandat(ici.foyer, f"{ici.marque}titulaire", "FR7630006000011234567890189", dt.date(2026, 9, 1))
    lot = LotDePrelevements.objects.create(
        jour=dt.date(2026, 12, 15), version="02", prepare_le=MAINTENANT, nom_du_fichier="prelevements.xml",
        creancier={"nom": "Commune", "ics": "FR72ZZZ123456", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"},
    )
    ici.prelevement = Prelevement.objects.create(
        lot=lot, facture=ici.facture, mandat=ici.mandat, montant=Decimal("8.50"), sequence="FRST"
    )
    _recouvrement(ici)
    ici.signature = SignatureMandat.objects.create(
        famille=ici.foyer, compte=ici.compte, courriel=ici.compte.email, titulaire=f"{ici.marque}titulaire",
        iban="FR7630006000011234567890189", texte="Vous autorisez la commune.", version=1, demandee_le=MAINTENANT,
    )


def _recouvrement(ici):
    """Une dette relancée par lettre et transmise, un échéancier qui répond à une demande, une demande qui attend."""
    installer_niveaux()
    total = "876.54" if ici.marque else "27.40"
    vieille = f.facture(ici.foyer, total, dt.date(2026, 7, 1), ici.hugo, echeance=dt.date(2026, 8, 15))
    recente = f.facture(ici.foyer, total, dt.date(2026, 8, 1), ici.hugo, echeance=dt.date(2026, 10, 15))
    ici.envoi = EnvoiDeRelances.objects.create(
        lance_le=MAINTENANT, termine_le=MAINTENANT, foyers=1, factures=1, lettres=1,
        niveaux=[[1, "Rappel amical", 7, "Une facture vous attend", "Merci."]],
    )  # fmt: skip
    Relance.objects.create(
        envoi=ici.envoi, facture=vieille, rang=1, nom="Rappel amical", du=total, jour=dt.date(2026, 9, 1),
        moyen="lettre",
    )  # fmt: skip
    DemandeEcheancier.objects.create(
        famille=ici.foyer, phrase=f"{ici.marque}emploi", mois=3, envoyee_le=MAINTENANT, envoyee_par=ici.compte
    )
    ici.echeancier = accorder_echeancier(
        ici.foyer, [recente.pk], [(dt.date(2026, 12, 5), Decimal(total))], None, MAINTENANT, f"{ici.marque}courage"
    )
    ici.demande = DemandeEcheancier.objects.create(
        famille=ici.foyer, phrase=f"{ici.marque}encore", mois=2, envoyee_le=MAINTENANT, envoyee_par=ici.compte
    )
    numero = EtatDesRestes.objects.count() + 1
    ici.etat = EtatDesRestes.objects.create(exercice=2026, numero=numero, fait_le=MAINTENANT)
    ici.transmission = Transmission.objects.create(etat=ici.etat, facture=vieille, montant=total)


def maison_partagee(ville, marque="", **champs):
    """La même, et un enfant partagé avec un foyer sans compte : leur garde, et un échange qui attend sa réponse."""
    ici = maison(ville, marque, **champs)
    ici.alterne = f.enfant(ici.foyer, prenom=f"{ici.marque}Noé", nom=f"{ici.marque}LA STAR", ecole=ville.site)
    ici.ex = f.famille(nom=f"{ici.marque}EX", avec_compte=False)
    f.rattacher(ici.alterne, ici.ex)
    ici.garde = f.garde(ici.alterne, ici.foyer, ici.ex)
    jour = dt.date(2026, 12, 2)
    ici.echange = f.echange(ici.alterne, ici.ex, ici.foyer, jour, demandeur=ici.ex, propose_par=ici.compte)
    ici.conjoint = Adulte.objects.create(
        famille=ici.foyer, civilite="m", nom=f"{ici.marque}LA STAR", prenom="Marc", lien="pere", responsable_legal=True
    )
    Invitation.objects.create(
        email=f"invite{ici.foyer.pk}@exemple.fr", adulte=ici.conjoint, civilite="m", nom=ici.conjoint.nom,
        prenom="Marc", empreinte=f"{ici.foyer.pk:064d}", envoyee_par=ici.compte, envoyee_le=MAINTENANT,
    )  # fmt: skip
    return ici


# --- Ce que la base contient --------------------------------------------------------------------------------------
def contenu():
    """Toutes les lignes de nos tables : ce qui doit être pareil avant et après un geste refusé."""
    return {
        modele._meta.label: sorted(map(repr, modele.objects.values_list()))
        for app in APPS for modele in apps.get_app_config(app).get_models(include_auto_created=True)
    }
