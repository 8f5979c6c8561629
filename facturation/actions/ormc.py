"""Le PES Recette ORMC d'un export : ce qu'il lui faut, son numéro de bordereau, son fichier vérifié."""

import re
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db.models import Sum
from stdnum.fr import siret

from commune.contexte import courante
from commune.regles import jour_de_paris
from facturation import pes
from facturation.models import Budget, Comptabilite, Export, Facture, Ligne

from . import numeros

BORDEREAUX_PES = "P"  # sa série : un bordereau par export, sans trou dans l'exercice
EXIGES = ["pes_poste", "pes_collectivite", "pes_budget", "pes_categorie", "pes_juridique", "pes_type_tiers",
          "pes_adresse", "pes_residence"]  # fmt: skip
PLAFOND = 30_000  # pièces : le fichier s'écrit et se vérifie en mémoire, 25 Kio chacune
COPIES = [*EXIGES, "pes_fichier", "pes_bordereau", "pes_piece", "pes_nature_piece", "pes_nature"]


def preparer(export, budget):
    """Copie dans l'export de quoi écrire son fichier, et lui prend un numéro de bordereau.

    Un fichier n'a qu'un CodBud : celui de ce ``budget``, ou celui de la commune pour les factures de tous les autres.
    Lève ``ValidationError`` : ``schema`` (la commune n'en a pas fourni), ``reglages``, ``vide``, ``exercice``,
    ``trop`` (de pièces).
    """
    commune = courante()
    codes = _codes(Comptabilite.objects.first() or Comptabilite(), commune, budget)
    export.reglages |= {
        "budget": budget.pk if budget else None,
        "a_part": list(Budget.objects.exclude(pes_budget="").order_by("pk").values_list("pk", flat=True)),
    }  # fmt: skip
    factures = _du_budget(export, Facture.objects.filter(**export.entre("emise_le"), total__gt=0), "budget")
    exercices = list(factures.order_by().values_list("exercice", flat=True).distinct())
    if not exercices:
        raise ValidationError("Aucune facture à transmettre n'est émise dans cette période.", code="vide")
    if len(exercices) > 1:
        mots = "Un bordereau est d'un seul exercice : choisissez une période d'une année."
        raise ValidationError(mots, code="exercice")
    if (combien := factures.count()) > PLAFOND:
        mots = f"Un fichier PES tient au plus {PLAFOND} pièces ; cette période en a {combien} : prenez-la plus courte."
        raise ValidationError(mots, code="trop")
    jour = jour_de_paris(export.arrete_le)
    numero = numeros.prendre(BORDEREAUX_PES, exercices[0])  # le verrou du compteur sépare aussi deux noms de fichier
    debut = f"PESALR2_{siret.compact(commune.siret)}_{jour:%y%m%d}_"
    du_jour = Export.objects.filter(genre=export.genre, reglages__nom__startswith=debut).count()
    export.reglages |= {
        "nom": f"{debut}{du_jour + 1:03d}.xml", "siret": siret.compact(commune.siret), "exercice": exercices[0],
        "bordereau": numero, "pes": {nom.removeprefix("pes_"): valeur for nom, valeur in codes.items()},
    }  # fmt: skip


def _codes(comptabilite, commune, budget):
    """Les codes du PES, vérifiés ; lève ``ValidationError`` : ``schema``, ``reglages``."""
    if not comptabilite.pes_schema:
        raise ValidationError(
            "Sans le schéma XSD du PES, aucun fichier n'est donné : demandez-le à votre comptable public et déposez-le "
            "dans les codes comptables.", code="schema",
        )  # fmt: skip
    codes = {nom: getattr(comptabilite, nom) for nom in COPIES}
    if budget:
        codes["pes_budget"] = budget.pes_budget
    manques = [Comptabilite._meta.get_field(nom).verbose_name for nom in EXIGES if not codes[nom]]
    manques += [] if siret.is_valid(commune.siret) else ["le SIRET de la commune"]
    if manques:
        raise ValidationError(f"Pour un PES, il manque : {', '.join(manques)}.", code="reglages")
    return codes


def ecrire(export, verifier):
    """``(octets, nombre de pièces)``. Lève ``ValidationError`` (code ``schema``) si le schéma refuse le fichier."""
    copies = export.reglages
    entete = pes.Entete(
        copies["nom"], copies["siret"], jour_de_paris(export.arrete_le), copies["exercice"],
        copies["bordereau"], copies["pes"],
    )  # fmt: skip
    pieces = list(_pieces(export))
    fichier = pes.ecrire(entete, pieces)
    if verifier:
        try:
            with Comptabilite.objects.get().pes_schema.open("rb") as fourni:
                pes.verifier(pes.lire_schema(fourni.read()), fichier)
        except pes.Invalide as faute:
            raise ValidationError(f"Le schéma fourni refuse ce fichier. {faute}", code="schema") from faute
    return fichier, len(pieces)


def _du_budget(export, lues, champ):
    """Ce qui va sous le CodBud de cet export ; ceux d'avant portaient tout."""
    if export.reglages.get("budget"):
        return lues.filter(**{champ: export.reglages["budget"]})
    return lues.exclude(**{f"{champ}__in": export.reglages.get("a_part", [])})


def _pieces(export):
    """Une pièce par facture, une ligne par code produit. Une requête."""
    champs = ["facture", "facture__numero", "facture__exercice", "facture__emise_le", "facture__famille",
              "facture__destinataire", "facture__adresse", "activite"]  # fmt: skip
    lues = Ligne.objects.filter(**export.entre("facture__emise_le"), facture__total__gt=0)
    lues = _du_budget(export, lues, "facture__budget")
    sommes = lues.order_by("facture", "activite").values_list(*champs).annotate(s=Sum("montant"))
    for (_, numero, exercice, emise_le, famille, destinataire, adresse), rangees in groupby(
        sommes.iterator(2000), key=lambda rangee: rangee[:7]
    ):
        reference = Facture(exercice=exercice, numero=numero).reference
        yield pes.Piece(
            numero, f"Facture {reference}", jour_de_paris(emise_le), famille, destinataire, _adresse(adresse),
            _lignes(export, rangees),
        )  # fmt: skip


def _lignes(export, rangees):
    codes, sommes = export.reglages["codes"]["produits"], {}
    for rangee in rangees:
        activite, euros = rangee[7:]
        compte, _, produit = codes[str(activite)]
        cle = produit, export.reglages["pes"]["nature"] or compte
        objet, deja = sommes.get(cle, (export.activite(activite)[0], 0))
        sommes[cle] = objet, deja + euros
    return [(objet, *cle, euros) for cle, (objet, euros) in sorted(sommes.items()) if euros > 0]


def _adresse(imprimee):
    """« 1 rue des Écoles\n86440 Migné-Auxances » : voie, complément, code postal, ville."""
    *voies, derniere = imprimee.split("\n")
    lue = re.match(r"(\d{5}) (.+)", derniere)
    if not lue:
        return derniere, "", "", ""
    return " ".join(voies[:1]), " ".join(voies[1:]), *lue.groups()
