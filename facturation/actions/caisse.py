"""L'argent : encaisser, annuler un règlement, émettre un avoir, tenir les mandats."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from stdnum import iban as stdnum_iban

from commune.regles import jour_de_paris
from facturation import regles
from facturation.models import Avoir, Facture, LigneCorrigee, LigneRendue, Mandat, Reglement

from . import numeros
from .impayes import rouvrir_si_paye, rouvrir_si_payes
from .journees import refuser_jour_clos
from .titres import verifier_titres

PAR_LOT = 1000  # lignes par écriture


@transaction.atomic
def encaisser(
    famille, montant, moyen, compte, maintenant, *, facture=None, recu_le=None, reference="", titres=None, jeton=None
):
    """Enregistre un règlement (euros) et le rend. Ce qui dépasse la dette reste en avance sur le compte du foyer.

    ``recu_le`` (date de Paris, aujourd'hui par défaut) ; ``facture`` facultative ; ``jeton`` : l'UUID du formulaire,
    pour qu'un double envoi n'encaisse qu'une fois ; ``titres`` : ``(émetteur, nombre, valeur faciale)`` de CESU ou de
    chèques-vacances, dont ``reference`` dit les numéros. Lève ``ValidationError`` (codes ``montant``, ``futur``,
    ``autre_foyer``, ``moyen``, ``jour_clos``, et ceux de ``titres.verifier_titres``).
    """
    recu_le = recu_le or jour_de_paris(maintenant)
    if montant <= 0 or montant != regles.arrondir(montant):
        raise ValidationError("Un règlement est un montant positif, au centime.", code="montant")
    if recu_le > jour_de_paris(maintenant):
        raise ValidationError("Un règlement ne peut pas être reçu dans le futur.", code="futur")
    if facture and facture.famille_id != famille.pk:
        raise ValidationError("Cette facture est celle d'un autre foyer.", code="autre_foyer")
    if moyen not in Reglement.Moyen.values:
        raise ValidationError("Ce moyen de paiement n'existe pas.", code="moyen")
    if jeton and (deja := Reglement.objects.filter(jeton=jeton).first()):
        return deja
    # Verrouillées : une transmission au Trésor ou un échéancier en cours finit d'abord, ou nous compte.
    visees = Facture.objects.filter(pk=facture.pk) if facture else Facture.objects.filter(famille=famille)
    list(visees.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    verifier_titres(moyen, titres, montant, reference, facture)
    if moyen in Reglement.EN_CAISSE:
        refuser_jour_clos(recu_le)
    emetteur, nombre, valeur = titres or ("", None, None)
    valeurs = {
        "famille": famille, "facture": facture, "moyen": moyen, "montant": montant, "recu_le": recu_le,
        "reference": reference, "saisi_le": maintenant, "saisi_par": compte,
        "emetteur": emetteur, "nombre": nombre, "valeur": valeur,
    }  # fmt: skip
    if jeton is None:
        recu = Reglement.objects.create(**valeurs)
    else:
        recu = Reglement.objects.get_or_create(jeton=jeton, defaults=valeurs)[0]
    rouvrir_si_paye(famille, maintenant)
    return recu


@transaction.atomic
def encaisser_prelevements(debits, compte, maintenant):
    """Écrit le règlement de chacun de ces ``Prelevement`` et rend les ``Reglement``, dans le même ordre.

    Le même effet qu'``encaisser`` pour chacun, en trois requêtes par millier : un lot en porte des centaines.
    """
    recus = Reglement.objects.bulk_create(
        (
            Reglement(
                famille_id=debit.facture.famille_id, facture=debit.facture, moyen=Reglement.Moyen.PRELEVEMENT,
                montant=debit.montant, recu_le=jour_de_paris(maintenant), reference=debit.reference,
                saisi_le=maintenant, saisi_par=compte,
            )
            for debit in debits
        ), batch_size=PAR_LOT,
    )  # fmt: skip
    rouvrir_si_payes({recu.famille_id for recu in recus}, maintenant)
    return recus


@transaction.atomic
def annuler_reglement(reglement, motif, compte, maintenant):
    """Annule un règlement (chèque rejeté, erreur de saisie) : il reste au journal et ne compte plus.

    Un chèque sans provision est un fait : si son avance fut déjà remboursée, il s'annule quand même, et ce que le foyer
    doit alors sans qu'une facture le porte se lit par ``models.hors_facture``.
    Lève ``ValidationError`` (codes ``motif``, ``deja_annule``, ``jour_clos`` : la caisse d'aujourd'hui est close).
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi ce règlement est annulé.", code="motif")
    reglement = Reglement.objects.select_for_update().get(pk=reglement.pk)
    if reglement.annule_le:
        raise ValidationError("Ce règlement est déjà annulé.", code="deja_annule")
    if reglement.moyen in Reglement.EN_CAISSE:
        refuser_jour_clos(jour_de_paris(maintenant))
    reglement.annule_le, reglement.annule_par, reglement.motif_annulation = maintenant, compte, motif.strip()
    reglement.save(update_fields=["annule_le", "annule_par", "motif_annulation"])
    return reglement


@transaction.atomic
def emettre_avoir(facture, montant, motif, compte, maintenant, jeton=None, *, lignes=(), evenement=None):
    """Rend ``montant`` euros sur une facture émise et rend l'``Avoir``, numéroté dans sa propre série.

    Au plus ce que les avoirs précédents ont laissé de la facture, payée ou non ; si elle l'était, le foyer a une
    avance. ``lignes`` : celles qu'il rend en entier, qu'aucun autre ne rendra plus ; ``evenement`` : celui qui les a
    annulées après coup. Lève ``ValidationError`` (codes ``montant``, ``motif``, ``trop``, ``deja_rendue``).
    """
    if montant <= 0 or montant != regles.arrondir(montant):
        raise ValidationError("Un avoir rend un montant positif, au centime.", code="montant")
    if not motif.strip():
        raise ValidationError("Un avoir se motive : la famille lira pourquoi.", code="motif")
    # Verrouillée d'abord, comptée ensuite : deux avoirs en même temps ne dépassent pas la facture.
    facture = Facture.objects.select_for_update().get(pk=facture.pk)
    if jeton and (deja := Avoir.objects.filter(jeton=jeton).first()):
        return deja
    disponible = reste_a_rendre(facture)
    if montant > disponible:
        raise ValidationError(
            f"Il ne reste que {regles.euros(disponible)} à rendre sur cette facture.", code="trop"
        )
    if LigneRendue.objects.filter(ligne__in=lignes).exists():
        raise ValidationError("Un avoir a déjà rendu une de ces lignes.", code="deja_rendue")
    if lignes and montant > (reste := reste_des_lignes(lignes)):
        raise ValidationError(f"Il ne reste que {regles.euros(reste)} à rendre sur ces lignes.", code="trop")
    exercice = regles.exercice(maintenant)
    avoir = Avoir.objects.create(
        exercice=exercice, numero=numeros.prendre(numeros.AVOIRS, exercice), facture=facture, montant=montant,
        motif=motif.strip(), emis_le=maintenant, emis_par=compte, jeton=jeton, evenement=evenement,
    )  # fmt: skip
    LigneRendue.objects.bulk_create(LigneRendue(ligne=ligne, avoir=avoir) for ligne in lignes)
    rouvrir_si_paye(facture.famille, maintenant)
    return avoir


def reste_a_rendre(facture):
    """Ce qu'un nouvel avoir peut encore rendre d'une facture (euros)."""
    return facture.total - (facture.avoirs.aggregate(s=Sum("montant"))["s"] or regles.ZERO)


def reste_des_lignes(lignes):
    """Ce que ces lignes peuvent encore rendre (euros), une fois ôtées les parts qu'un quotient tardif, ou une
    contestation acceptée en partie, en a déjà rendues.
    """
    deja = LigneCorrigee.objects.filter(ligne__in=lignes).aggregate(s=Sum("montant"))["s"] or regles.ZERO
    return sum((ligne.montant for ligne in lignes), -deja)


@transaction.atomic
def signer_mandat(famille, titulaire, iban, signe_le, rum=""):
    """Enregistre un mandat SEPA signé et le rend. Le mandat en cours, s'il y en a un, est révoqué ce jour-là.

    Sans ``rum``, la référence est tirée du foyer. Lève ``ValidationError`` (codes ``iban``, ``rum``, ``dates``).
    """
    if not stdnum_iban.is_valid(iban):
        raise ValidationError("Cet IBAN n'est pas valide : vérifiez chaque chiffre.", code="iban")
    anciens = list(Mandat.objects.select_for_update().filter(famille=famille))
    for ancien in anciens:
        if ancien.revoque_le is None:
            revoquer_mandat(ancien, signe_le)
    rum = rum.strip() or regles.rum(famille.pk, signe_le, len(anciens) + 1)
    if Mandat.objects.filter(rum=rum).exists():
        raise ValidationError("Un autre mandat porte déjà cette référence.", code="rum")
    return Mandat.objects.create(
        famille=famille, rum=rum, titulaire=titulaire, iban=stdnum_iban.compact(iban), signe_le=signe_le
    )


@transaction.atomic
def revoquer_mandat(mandat, jour):
    """Révoque un mandat à cette date de Paris ; avant sa signature, lève ``ValidationError`` (code ``dates``)."""
    if jour < mandat.signe_le:
        raise ValidationError("Un mandat ne se révoque pas avant d'être signé.", code="dates")
    mandat.revoque_le = jour
    mandat.save(update_fields=["revoque_le"])
    return mandat
