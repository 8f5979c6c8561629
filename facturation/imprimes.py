"""Ce que la régie imprime : bordereaux, journées, lettres, échéanciers, états. Des PDF balisés, faits à la demande."""

from django.template.defaultfilters import capfirst
from django.template.loader import render_to_string
from django.utils.formats import date_format

from commune.contexte import courante
from commune.pdf import rendre
from commune.regles import jour_de_paris
from commune.templatetags.jours import instant, jour
from facturation.actions.entetes import destinataires, emetteur, emetteurs_a_part
from facturation.models import Regie
from facturation.pdf import destinataire, en_lignes, habits, lettre_tete, payer
from facturation.regles import ZERO, euros, prelevements


def bordereau(fait, recus):
    """Le bordereau, ses règlements et son total."""
    return _imprimer("bordereau", {
        "nom": str(fait), "reference": fait.reference, "moyen": fait.get_moyen_display(),
        "depose_le": jour(fait.depose_le), "fait_le": jour(fait.fait_le), "par": str(fait.fait_par or ""),
        "combien": _compter(len(recus), "règlement"), "total": euros(fait.total),
        "recus": [
            {
                "de": str(recu.famille), "recu_le": f"{recu.recu_le:%d/%m/%Y}", "reference": recu.reference,
                "titres": recu.titres, "facture": recu.facture.reference if recu.facture else "",
                "montant": euros(recu.montant),
            }
            for recu in recus
        ],
    })  # fmt: skip


def journee(close, livre):
    """La journée close : ses opérations, ses totaux, les espèces comptées."""
    moyens = [(capfirst(moyen), str(nombre), euros(somme)) for moyen, nombre, somme in livre.par_moyen]
    return _imprimer("journee", {
        "nom": str(close), "jour": jour(close.jour), "attendu": euros(close.attendu), "compte": euros(close.compte),
        "ecart": euros(close.ecart) if close.ecart else "", "raison": close.raison,
        "close_le": instant(close.close_le), "par": str(close.close_par or ""),
        "moyens": [*moyens, ("Total du jour", str(len(livre.operations)), euros(livre.total))],
        "operations": [
            (o.quoi, o.famille, f"{capfirst(o.moyen)} {o.reference}".strip(), euros(o.somme)) for o in livre.operations
        ],
        "depots": [(b.reference, capfirst(b.get_moyen_display()), euros(b.total)) for b in livre.depots],
    })  # fmt: skip


def etat_des_restes(etat, dettes):
    """L'état numéroté, ses dettes et son total, sans celles qui en sont retirées."""
    return _imprimer("etat_des_restes", {
        "reference": etat.reference, "fait_le": jour(etat.fait_le), "par": str(etat.fait_par or ""),
        "combien": _compter(len(dettes), "dette"), "transmises": f"transmise{'s' if len(dettes) > 1 else ''}",
        "total": euros(etat.somme or ZERO),
        "dettes": [
            {
                "facture": dette.facture.reference, "nom": dette.facture.destinataire,
                "adresse": en_lignes(dette.facture.adresse),
                "emise_le": f"{jour_de_paris(dette.facture.emise_le):%d/%m/%Y}",
                "echeance": f"{dette.facture.echeance:%d/%m/%Y}", "relancee_le": f"{dette.relancee_le:%d/%m/%Y}",
                "reste": euros(dette.montant),
            }
            for dette in dettes
        ],
    })  # fmt: skip


def mandat(famille, rum):
    """Le mandat d'un foyer, à remplir et à signer sur papier."""
    e = _emetteur()
    # Ses responsables, et non tout son entourage : il compte aussi qui ne doit pas approcher l'enfant.
    adultes = famille.adultes.filter(fin=None, responsable_legal=True)
    return _imprimer("mandat", {
        "rum": rum, "texte": prelevements.texte_du_mandat(courante().nom), "ics": e["ics"],
        "famille": str(famille), "adultes": [str(adulte) for adulte in adultes], "rendre_a": e["regie"] or e["service"],
    })  # fmt: skip


# --- Les lettres --------------------------------------------------------------------------------------------------
def echeancier(plan):
    """L'échéancier accordé, à signer et à garder."""
    lignes = list(plan.factures.select_related("facture").order_by("pk"))
    factures = [f"la facture {ligne.facture.reference} ({euros(ligne.montant)})" for ligne in lignes]
    return _imprimer("echeancier", {
        "nom": str(plan), "reference": plan.reference, "total": euros(plan.total), "factures": factures,
        "destinataire": destinataire(*destinataires([plan.famille_id])[plan.famille_id]),
        "combien": _compter(len(plan.prevues), "échéance"),
        "echeances": [(jour(echeance.jour), euros(echeance.montant)) for echeance in plan.prevues],
        "mot": en_lignes(plan.mot), "accorde_le": jour(plan.accorde_le), "revoque_le": jour(plan.revoque_le),
        "motif_revocation": plan.motif_revocation,
        "a_qui": a_qui_payer([ligne.facture for ligne in lignes], _emetteur(), emetteurs_a_part()),
    })  # fmt: skip


def lettres(envoi, dues):
    """Les lettres d'un envoi, une page chacune, dans un seul fichier ; ``dues`` vient de ``lettres_de``."""
    adresses = destinataires([famille.pk for famille, *_ in dues])
    principal, a_part = _emetteur(), emetteurs_a_part()
    return _imprimer("relances", {
        "nom": f"{envoi}, {_compter(len(dues), 'lettre')}", "le": jour(envoi.lance_le),
        "lettres": [
            {
                "destinataire": destinataire(*adresses[famille.pk]), "objet": niveau.objet,
                "texte": en_lignes(niveau.texte), "total": euros(total),
                "factures": [_relance(relance.facture, relance.du) for relance in relances],
                "a_qui": a_qui_payer([relance.facture for relance in relances], principal, a_part),
            }
            for famille, niveau, relances, total in dues
        ],
    })  # fmt: skip


def _relance(facture, reste):
    return facture.reference, date_format(facture.mois, "F Y"), jour(facture.echeance), euros(reste)


def a_qui_payer(factures, principal, a_part):
    """Comment payer ces factures aujourd'hui, budget par budget : un ``payer`` chacun, avec leurs références.

    Un budget peut avoir son compte : son argent n'est pas celui de la régie principale.
    """
    groupes = {}
    for facture in factures:
        groupes.setdefault(facture.budget_id, []).append(facture.reference)
    plusieurs = len(groupes) > 1
    return [
        payer(principal | a_part.get(str(budget), {}), references if plusieurs else ())
        for budget, references in groupes.items()
    ]


def courriers(ecrits, maintenant):
    """Ce qu'un courriel aurait dit à des foyers qui n'ont pas de compte : une lettre par page.

    ``ecrits`` : ``[(foyer, gabarit du courriel, son contexte)…]``, ``foyer`` étant sa clé.
    """
    adresses, e = destinataires([foyer for foyer, *_ in ecrits]), _emetteur()
    lettres_ = []
    for foyer, gabarit, contexte in ecrits:
        objet, paragraphes, ici = lire_courriel(gabarit, contexte)
        lettres_.append({
            "destinataire": destinataire(*adresses[foyer]), "objet": objet, "paragraphes": paragraphes,
            "a_qui": [payer(e)] if ici else [],
        })  # fmt: skip
    nom = lettres_[0]["objet"] + (f", {len(lettres_)} lettres" if len(lettres_) > 1 else "")
    return _imprimer("courriers", {"nom": nom, "lettres": lettres_, "le": jour(maintenant)})


def lire_courriel(gabarit, contexte):
    """``(objet, paragraphes, se paie ici)`` de ce courriel, sans sa dernière ligne, qui mène au portail."""
    texte = en_lignes(render_to_string(f"{gabarit}.txt", contexte | {"adresse_portail": ""}))
    objet, *paragraphes = texte.strip().split("\n\n")
    return objet, [" ".join(p.split("\n")) for p in paragraphes[:-1]], not gabarit.endswith("dette_transmise")


def _compter(nombre, mot):
    return f"{nombre} {mot}{'s' if nombre > 1 else ''}"


def _emetteur():
    return emetteur(courante(), Regie.courante(), None)


def _imprimer(gabarit, contenu):
    e = _emetteur()
    commun = {"regie": e["regie"], "emetteur": lettre_tete(e)}
    return rendre(f"facturation/papiers/{gabarit}.typ", habits() | commun | contenu)
