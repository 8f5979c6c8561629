"""Les prélèvements SEPA : préparer le lot d'un jour, refaire son fichier, le remettre, et ce que rejette la banque."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from stdnum import bic, iban
from stdnum.eu import at_02

from commune.contexte import courante
from commune.regles import PARIS, dire_le_jour, jour_de_paris
from facturation import pain008, regles
from facturation.models import Facture, LotDePrelevements, Mandat, Paiement, Prelevement, Regie, Reglement
from facturation.regles import prelevements as sepa
from familles.actions import ecrire_aux_foyers

from .caisse import PAR_LOT, annuler_reglement, encaisser_prelevements

Etat = Prelevement.Etat


@dataclass
class Projet:
    """Ce que donnerait le lot d'un jour : ``retenus`` (facture avec son ``debit``, mandat, séquence), ``ecartes``
    (facture, pourquoi)."""

    jour: object
    retenus: list = field(default_factory=list)
    ecartes: list = field(default_factory=list)

    @property
    def total(self):
        return sum((facture.debit for facture, _, _ in self.retenus), regles.ZERO)


def projeter(jour):
    """Le ``Projet`` des factures dont le prélèvement est annoncé pour ce jour. N'écrit rien ; six requêtes au plus."""
    annoncees = Facture.objects.filter(preleve_le=jour).exclude(rum="")
    deja = Prelevement.objects.vivants().filter(facture__in=annoncees.values("pk")).values_list("facture", flat=True)
    factures = list(annoncees.exclude(pk__in=list(deja)).avec_reste().select_related("famille").order_by("pk"))
    mandats = {m.rum: m for m in Mandat.objects.filter(rum__in={f.rum for f in factures}).avec_service()}
    servis = set(
        Prelevement.objects.filter(mandat__in=mandats.values(), etat__in=[Etat.PREPARE, Etat.REMIS])
        .values_list("mandat", flat=True)
    )  # fmt: skip
    en_ligne = set(Paiement.objects.en_suspens().filter(facture__in=factures).values_list("facture", flat=True))
    projet = Projet(jour)
    for facture in factures:
        mandat, facture.debit = mandats.get(facture.rum), sepa.a_debiter(facture.reste, facture.demande)
        if pourquoi := sepa.empechement(mandat, facture.debit, jour, facture.pk in en_ligne):
            projet.ecartes.append((facture, pourquoi))
            continue
        projet.retenus.append((facture, mandat, sepa.RECURRENT if mandat.pk in servis else sepa.PREMIER))
        servis.add(mandat.pk)
    return projet


def jours_annonces(aujourdhui):
    """``[(jour, factures encore à débiter), …]`` à partir de cette date de Paris."""
    deja = Prelevement.objects.vivants().values("facture")
    a_venir = Facture.objects.filter(preleve_le__gte=aujourdhui).exclude(rum="").exclude(pk__in=deja)
    jours = defaultdict(int)
    for jour in a_venir.order_by("preleve_le").values_list("preleve_le", flat=True):
        jours[jour] += 1
    return list(jours.items())


@transaction.atomic
def preparer_lot(jour, compte, maintenant):
    """Prépare le lot de ce jour (date de Paris) et le rend ; chaque facture y va pour ce qu'il en reste à payer, au
    plus ce qu'elle a annoncé.

    Lève ``ValidationError`` : ``passe``, ``reglages`` (ICS, IBAN ou BIC manquent), ``vide``.
    """
    if jour < jour_de_paris(maintenant):
        raise ValidationError("Ce jour est passé : ces familles ne seront plus prélevées.", code="passe")
    commune, regie = courante(), Regie.courante()
    verifier_reglages(commune, regie)
    # Verrouillées dans l'ordre : deux lots préparés ensemble se suivent, et le second ne trouve plus rien.
    list(
        Facture.objects.select_for_update(no_key=True).filter(preleve_le=jour).exclude(rum="").order_by("pk")
        .values_list("pk", flat=True)
    )  # fmt: skip
    projet = projeter(jour)
    if not projet.retenus:
        raise ValidationError("Aucune facture n'est à prélever ce jour-là.", code="vide")
    lot = LotDePrelevements.objects.create(
        jour=jour, version=regie.sepa_version, prepare_le=maintenant, prepare_par=compte, nom_du_fichier="à venir",
        creancier={"nom": commune.nom, "ics": at_02.compact(commune.ics), "iban": iban.compact(regie.iban),
                   "bic": bic.compact(regie.sepa_bic)},
    )  # fmt: skip
    debut = f"{regie.sepa_identifiant}-DFT-SDD" if regie.sepa_identifiant else "prelevements"
    lot.nom_du_fichier = f"{debut}-{jour:%Y%m%d}-{lot.pk}.xml"
    lot.save(update_fields=["nom_du_fichier"])
    Prelevement.objects.bulk_create(
        Prelevement(lot=lot, facture=facture, mandat=mandat, montant=facture.debit, sequence=sequence)
        for facture, mandat, sequence in projet.retenus
    )
    fichier_du_lot(lot)  # un fichier que son schéma refuse ne laisse pas de lot
    return lot


def verifier_reglages(commune, regie):
    """Lève ``ValidationError`` (code ``reglages``) s'il manque de quoi écrire un fichier."""
    manques = [
        nom for nom, bon in [
            ("l'identifiant créancier (ICS) de la commune", at_02.is_valid(commune.ics)),
            ("l'IBAN de la régie", iban.is_valid(regie.iban)), ("le BIC de ce compte", bic.is_valid(regie.sepa_bic)),
        ] if not bon
    ]  # fmt: skip
    if manques:
        raise ValidationError(f"Pour prélever, il manque : {', '.join(manques)}.", code="reglages")


def fichier_du_lot(lot):
    """Le fichier pain.008 du lot (octets), toujours le même.

    Lève ``ValidationError`` : ``efface`` (un foyer effacé depuis n'a plus de compte), ``schema`` (une valeur refusée).
    """
    debits = list(lot.prelevements.du_fichier().select_related("facture", "mandat").order_by("pk"))
    if any(debit.mandat is None for debit in debits):
        raise ValidationError("Un foyer de ce lot est effacé : son fichier ne se refait plus.", code="efface")
    try:
        return pain008.ecrire(
            lot.version, f"PF{lot.pk:06d}-{lot.prepare_le.astimezone(PARIS):%Y%m%d%H%M%S}",
            lot.prepare_le.astimezone(PARIS), lot.jour, pain008.Creancier(**lot.creancier),
            [
                pain008.Debit(
                    d.reference, d.montant, d.sequence, d.mandat.rum, d.mandat.signe_le, d.mandat.titulaire,
                    d.mandat.iban, f"Facture {d.facture.reference}",
                )
                for d in debits
            ],
        )  # fmt: skip
    except pain008.Invalide as faute:
        raise ValidationError(f"Le schéma refuse ce fichier. {faute}", code="schema") from faute


@transaction.atomic
def remettre_lot(lot, compte, maintenant):
    """Le fichier est remis au Trésor : chaque débit s'écrit comme un règlement. Rend le lot.

    Lève ``ValidationError`` : ``deja_remis``, ``defait``.
    """
    lot = _verrouille(lot)
    if lot.remis_le:
        raise ValidationError("Ce lot est déjà remis.", code="deja_remis")
    debits = list(lot.prelevements.filter(etat=Etat.PREPARE).select_related("facture").order_by("pk"))
    for debit, recu in zip(debits, encaisser_prelevements(debits, compte, maintenant), strict=True):
        debit.reglement, debit.etat = recu, Etat.REMIS
    Prelevement.objects.bulk_update(debits, ["reglement", "etat"], batch_size=PAR_LOT)
    lot.remis_le, lot.remis_par = maintenant, compte
    lot.save(update_fields=["remis_le", "remis_par"])
    return lot


@transaction.atomic
def defaire_lot(lot, maintenant):
    """Défait un lot qui n'est pas remis : ses factures peuvent aller dans un autre. Lève comme ``remettre_lot``."""
    lot = _verrouille(lot)
    if lot.remis_le:
        raise ValidationError("Ce lot est remis : il ne se défait plus.", code="deja_remis")
    lot.prelevements.update(etat=Etat.DEFAIT)
    lot.defait_le = maintenant
    lot.save(update_fields=["defait_le"])
    return lot


@transaction.atomic
def rejeter_lot(lot, code, refuse_le, compte, maintenant):
    """La banque a refusé le lot entier : rien n'est débité, les règlements s'annulent, les dettes reviennent.

    Ses factures peuvent aller dans un autre lot. Leur jour passé, elles ne seront plus prélevées : les familles
    l'apprennent ; sinon la régie refait le lot, et rien ne change pour elles. Les débits déjà rejetés le restent, aucun
    mandat n'est suspendu. ``code`` ISO 20022, ``refuse_le`` date de Paris. Lève ``ValidationError`` : ``code``,
    ``jour``, ``pas_remis``, ``deja_refuse``, ``defait``. Rend le lot.
    """
    if code not in sepa.REJETS:
        raise ValidationError("Choisissez le motif que donne la banque.", code="code")
    lot, aujourdhui = _verrouille(lot), jour_de_paris(maintenant)
    if lot.refuse_le:
        raise ValidationError("Ce lot est déjà refusé.", code="deja_refuse")
    if not lot.remis_le:
        raise ValidationError("Ce lot n'est pas remis : défaites-le plutôt.", code="pas_remis")
    remis_le = jour_de_paris(lot.remis_le)
    if not remis_le <= refuse_le <= aujourdhui:
        phrase = f"Un refus arrive entre la remise ({dire_le_jour(remis_le)}) et aujourd'hui."
        raise ValidationError(phrase, code="jour")
    debits = list(lot.prelevements.select_for_update().filter(etat=Etat.REMIS).order_by("pk"))
    recus = Reglement.objects.select_for_update().filter(prelevement__in=debits, annule_le=None).order_by("pk")
    motif = f"lot refusé par la banque, {code} : {sepa.dire_le_rejet(code)}"
    Reglement.objects.filter(pk__in=list(recus.values_list("pk", flat=True))).update(
        annule_le=maintenant, annule_par=compte, motif_annulation=motif
    )
    Prelevement.objects.filter(pk__in=[debit.pk for debit in debits]).update(
        etat=Etat.REFUSE, code_rejet=code, rejete_le=refuse_le, rejet_saisi_le=maintenant, rejet_saisi_par=compte
    )
    lot.refuse_le = refuse_le
    lot.save(update_fields=["refuse_le"])
    if lot.jour <= aujourdhui:
        ecrire_aux_foyers("facturation/courriels/prelevement_refuse", contextes_du_refus(lot))
    return lot


def contextes_du_refus(lot):
    """``{foyer: contexte}`` de ce que chacun doit savoir d'un lot refusé, courriel ou lettre."""
    contextes = {}
    for debit in lot.prelevements.filter(etat=Etat.REFUSE).select_related("facture").order_by("pk"):
        contexte = contextes.setdefault(debit.facture.famille_id, {"jour": dire_le_jour(lot.jour), "factures": []})
        contexte["factures"].append(debit.facture)
    return contextes


def _verrouille(lot):
    lot = LotDePrelevements.objects.select_for_update().get(pk=lot.pk)
    if lot.defait_le:
        raise ValidationError("Ce lot est défait.", code="defait")
    return lot


@transaction.atomic
def rejeter(prelevement, code, rejete_le, compte, maintenant):
    """La banque a rejeté ce prélèvement : son règlement s'annule, la dette revient, la famille l'apprend.

    ``code`` ISO 20022, ``rejete_le`` date de Paris. Un motif définitif suspend le mandat. Lève ``ValidationError`` :
    ``code``, ``jour``, ``pas_remis``, ``deja_rejete``.
    """
    if code not in sepa.REJETS:
        raise ValidationError("Choisissez le motif que donne la banque.", code="code")
    # Sans jointure : qui attend le verrou relit la ligne, mais verrait le règlement d'avant.
    prelevement = Prelevement.objects.select_for_update().get(pk=prelevement.pk)
    if prelevement.etat == Etat.REJETE:
        raise ValidationError("Ce rejet est déjà saisi.", code="deja_rejete")
    if prelevement.etat != Etat.REMIS:
        raise ValidationError("Ce prélèvement n'est pas remis : il ne peut pas être rejeté.", code="pas_remis")
    remis_le = jour_de_paris(prelevement.lot.remis_le)
    if not remis_le <= rejete_le <= jour_de_paris(maintenant):
        raise ValidationError(
            f"Un rejet arrive entre la remise ({dire_le_jour(remis_le)}) et aujourd'hui.", code="jour"
        )
    if not prelevement.reglement.annule_le:
        motif = f"prélèvement rejeté, {code} : {sepa.dire_le_rejet(code)}"
        annuler_reglement(prelevement.reglement, motif, compte, maintenant)
    prelevement.etat, prelevement.code_rejet, prelevement.rejete_le = Etat.REJETE, code, rejete_le
    prelevement.rejet_saisi_le, prelevement.rejet_saisi_par = maintenant, compte
    prelevement.save()
    if sepa.definitif(code):
        Mandat.objects.filter(pk=prelevement.mandat_id, suspendu_le=None).update(suspendu_le=rejete_le)
    contexte = contexte_du_rejet(prelevement)
    ecrire_aux_foyers("facturation/courriels/prelevement_rejete", {prelevement.facture.famille_id: contexte})
    return prelevement


def contexte_du_rejet(prelevement):
    """Ce que la famille doit savoir d'un prélèvement rejeté, courriel ou lettre."""
    jour, suspendu = dire_le_jour(prelevement.lot.jour), sepa.definitif(prelevement.code_rejet)
    return {"prelevement": prelevement, "jour": jour, "suspendu": suspendu}
