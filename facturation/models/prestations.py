"""Les prestations d'un mois, lues d'un bloc : ce qui fut réservé, vu, excusé, et le prix qui en découle."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from itertools import starmap

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property

from commune.models import AnneeScolaire
from commune.requetes import parmi
from facturation import regles
from familles.models import Enfant, Famille, Quotient, garde_des
from familles.regles.garde import payeur
from inscriptions.models import Activite
from presences.models import Pointage
from reservations.models import Reservation, Seance

from .forfaits import forfaits_du
from .tarifs import Tarif

# Les réservations des foyers et les passages de leurs enfants (l'enfant d'une réservation est, ou fut, rattaché à son
# foyer) se lisent chacun une fois, puis se rapprochent. D'un enfant venu sans réservation, la famille est nulle :
# ``payeurs`` dit qui paie.
# Un enfant venu malgré l'événement qui l'excusait paie le prix réservé : sa famille n'a rien annulé.
FAITS = """
WITH reserves AS (
  SELECT r.id, r.famille_id, r.enfant_id, r.seance_id, r.etat, r.hors_delai, s.jour, s.activite_id
  FROM reservations_reservation r JOIN reservations_seance s ON s.id = r.seance_id
  WHERE r.famille_id = ANY(%(foyers)s) AND s.jour BETWEEN %(debut)s AND %(fin)s AND s.ouverte
), vus AS (
  SELECT p.enfant_id, p.seance_id, p.etat, p.arrivee, p.depart, s.jour, s.activite_id
  FROM presences_pointage p JOIN reservations_seance s ON s.id = p.seance_id
  WHERE p.enfant_id IN (SELECT enfant_id FROM familles_rattachement WHERE famille_id = ANY(%(foyers)s))
    AND s.jour BETWEEN %(debut)s AND %(fin)s AND s.ouverte
)
SELECT r.famille_id, COALESCE(r.enfant_id, p.enfant_id), COALESCE(r.seance_id, p.seance_id), COALESCE(r.jour, p.jour),
       COALESCE(r.activite_id, p.activite_id),
       COALESCE(r.etat, '') = 'reservee' OR EXISTS (
         SELECT FROM reservations_mouvement m JOIN reservations_evenement v ON v.lot = m.lot
         WHERE m.id = (SELECT max(id) FROM reservations_mouvement WHERE reservation_id = r.id
                       AND apres IN ('reservee', 'proposee', 'attente', 'annulee')) AND r.etat = 'annulee'
       ), COALESCE(r.hors_delai, false), p.etat, x.etat, p.arrivee, p.depart, x.certifie_le
FROM reserves r
FULL JOIN vus p ON p.enfant_id = r.enfant_id AND p.seance_id = r.seance_id
LEFT JOIN reservations_excuse x ON x.reservation_id = r.id
WHERE r.etat = 'reservee' OR (p.etat = 'present' AND (r.id IS NOT NULL OR NOT EXISTS (
        SELECT FROM reservations_reservation a WHERE a.enfant_id = p.enfant_id AND a.seance_id = p.seance_id
      )))
"""
# Les foyers où un enfant est inscrit à une activité, et ceux à qui il est rattaché, tel jour.
A_QUI = """
SELECT ARRAY(SELECT i.famille_id FROM inscriptions_inscription i
             WHERE i.enfant_id = v.enfant AND i.activite_id = v.activite AND i.etat = 'validee'
               AND v.jour BETWEEN i.debut AND i.fin ORDER BY i.id),
       ARRAY(SELECT f.famille_id FROM familles_rattachement f
             WHERE f.enfant_id = v.enfant AND (f.debut IS NULL OR f.debut <= v.jour)
               AND (f.fin IS NULL OR f.fin >= v.jour) ORDER BY f.foyer, f.id)
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) WITH ORDINALITY v (enfant, activite, jour, rang) ORDER BY rang
"""


# De quoi voir une suite de quatre mercredis manqués.
RECUL = dt.timedelta(days=31)
# Un quotient périmé depuis moins longtemps se dit à la famille : « votre quotient 742 valait jusqu'au 31/08 ».
SOUVENIR = dt.timedelta(days=366)


def offre_de(activite):
    """Ce que le prix retient d'une ``Activite``."""
    intitule = regles.intitule(activite.genre, activite.nom)
    return regles.Offre(intitule, activite.genre, activite.heure_debut, activite.heure_fin)


class Mois:
    """Un mois et ses tarifs, lus une fois ; ses prestations, foyers par foyers. Ou, jusqu'à ``fin``, des mois de suite.

    La même lecture sert à l'aperçu, à l'émission et à l'estimation que voit la famille : les trois disent pareil.
    """

    def __init__(self, jour, fin=None):
        self.debut, self.fin = regles.premier(jour), fin or regles.dernier(jour)
        self.activites = Activite.objects.select_related("site").in_bulk()
        self._offres = {pk: offre_de(activite) for pk, activite in self.activites.items()}
        self._tarifs = defaultdict(list)
        self.par_mois_entiers = True
        for tarif in Tarif.objects.au(self.debut, self.fin).avec_grilles():
            if tarif.unite == regles.ANNEE and self.annee is None:
                continue  # hors de toute année scolaire, rien ne dirait s'il est déjà payé
            self._tarifs[tarif.activite_id or tarif.genre].append((tarif.debut, tarif.fin, self._grille(tarif)))
            entier = tarif.debut <= self.debut or tarif.debut.day == 1
            fini = tarif.fin is None or tarif.fin >= self.fin or tarif.fin == regles.dernier(tarif.fin)
            self.par_mois_entiers &= entier and fini
        self._trouves = {}
        # Une absence commencée le mois d'avant a déjà usé ses jours de carence : on la relit depuis son début.
        self.depuis = self.debut - RECUL if any(grille.carence for grille in self.toutes()) else self.debut

    @cached_property
    def annee(self):
        """L'``AnneeScolaire`` de ce mois, ou la prochaine en été ; ne se lit que pour un forfait de l'année."""
        return AnneeScolaire.objects.du_jour(self.debut)

    def _grille(self, tarif):
        grille = tarif.grille()
        if grille.unite != regles.ANNEE:
            return grille
        return replace(grille, annee=regles.Annee(self.annee.pk, self.annee.nom))

    def toutes(self):
        """Toutes les grilles qui valent un de ces jours."""
        return [grille for siennes in self._tarifs.values() for *_, grille in siennes]

    def grilles(self, cle):
        """Celles d'une activité (sa clé) ou d'un genre."""
        return [grille for *_, grille in self._tarifs.get(cle, ())]

    def offre_de(self, activite):
        """Ce que le prix retient de cette activité (sa clé)."""
        return self._offres[activite]

    def tarif_du(self, activite, jour):
        """La grille de cette activité (sa clé) ce jour-là, ou ``None`` ; celle de l'activité prime sur son genre."""
        cle = activite, jour
        if cle not in self._trouves:
            candidats = self._tarifs[activite] + self._tarifs[self.activites[activite].genre]
            self._trouves[cle] = next(
                (grille for debut, fin, grille in candidats if debut <= jour and (fin is None or jour <= fin)), None
            )
        return self._trouves[cle]

    def faits(self, foyers, debut=None, fin=None):
        """Les ``Fait`` de ces foyers (leurs clés), triés par foyer puis par jour ; d'autres jours, si on les dit.

        Quand un tarif du mois a une carence, ceux des semaines d'avant y sont aussi : ``tarifer`` ne les facture pas.
        """
        foyers = list(foyers)
        with connection.cursor() as curseur:
            curseur.execute(FAITS, {"foyers": foyers, "debut": debut or self.depuis, "fin": fin or self.fin})
            return ranger(curseur.fetchall(), set(foyers))

    def prestations(self, foyers):
        """Foyer → ses prestations du mois. Huit requêtes au plus, quel que soit le nombre de foyers ; quelques autres
        avec un forfait de l'année.

        Lève ``regles.TarifManquant`` à la première activité sans tarif : mieux vaut ne rien émettre que d'oublier.
        """
        faits = self.faits(foyers)
        petits = self.petits({fait.enfant for fait in faits})
        par_foyer = defaultdict(list)
        for fait in faits:
            par_foyer[fait.famille].append(fait)
        ailleurs = dict(Famille.objects.filter(pk__in=parmi(par_foyer)).order_by().values_list("pk", "hors_commune"))
        quotients, forfaits = self.quotients(par_foyer), forfaits_du(self, petits)
        return {
            foyer: self.tarifer(siens, petits, ailleurs[foyer], quotients[foyer], forfaits.payes(foyer, siens))
            for foyer, siens in par_foyer.items()
        }

    def petits(self, enfants):
        """Ce que le prix retient de ces enfants (leurs clés)."""
        return {
            pk: regles.Petit(prenom, naissance, bool(panier))
            for pk, prenom, naissance, panier in Enfant.objects.filter(pk__in=parmi(enfants))
            .order_by()
            .values_list("pk", "prenom", "date_naissance", "fiche__panier_repas")
        }

    def tarifer(self, faits, petits, hors_commune, quotients, payes=frozenset()):
        """Les prestations d'un foyer pour ces ``faits``, vrais ou supposés. Sans requête.

        ``payes`` : les ``(enfant, activite)`` dont le forfait de l'année n'est pas à lui (``forfaits_du``).
        """
        donnees = regles.Donnees(
            petits, hors_commune, quotients.du, self.tarif_du, self.offre_de,
            self.debut if self.depuis < self.debut else None, payes=payes,
        )  # fmt: skip
        return regles.prestations_du_foyer(faits, donnees)

    def quotients(self, foyers):
        """Foyer → ses quotients du mois et de l'année d'avant, le plus récent d'abord."""
        resultat, depuis = defaultdict(Quotients), self.debut - SOUVENIR
        lignes = Quotient.objects.filter(famille__in=parmi(foyers), debut__lte=self.fin).exclude(fin__lt=depuis)
        for famille, debut, fin, valeur, preuve in lignes.values_list("famille", "debut", "fin", "valeur", "preuve"):
            resultat[famille].append((debut, fin, regles.QF(valeur, preuve)))
        return resultat


def ranger(lus, foyers):
    """Les ``Fait`` de ce que ``FAITS`` a lu, triés par foyer puis par jour.

    Un enfant venu sans réservation va au foyer qui paie ce jour-là, s'il est de ces ``foyers``.
    """
    venus = [lu for lu in lus if lu[0] is None]
    if venus:
        lus = [lu for lu in lus if lu[0] is not None]
        lus += [(foyer, *venu[1:]) for venu, foyer in zip(venus, payeurs(venus), strict=True) if foyer in foyers]
    return list(starmap(regles.Fait, sorted(lus, key=lambda lu: (lu[0], lu[3], lu[2]))))


def payeurs(venus):
    """Le foyer qui paie chacun de ces passages sans réservation, dans l'ordre ; ``None`` si l'enfant n'en a plus."""
    enfants, jours, activites = ([venu[place] for venu in venus] for place in (1, 3, 4))
    garde = garde_des(set(enfants), min(jours), max(jours))
    with connection.cursor() as curseur:
        curseur.execute(A_QUI, [enfants, activites, jours])
        a_qui = curseur.fetchall()
    return [
        payeur(garde.foyer(enfant, jour), *foyers) for enfant, jour, foyers in zip(enfants, jours, a_qui, strict=True)
    ]


class Quotients(list):
    """Les quotients d'un foyer : ``(debut, fin ou None, QF)``, le plus récent d'abord."""

    def du(self, jour):
        """Le quotient en vigueur à cette date de Paris ; à défaut le dernier à avoir valu, ``perime`` ; ou ``None``."""
        finis = []
        for debut, fin, qf in self:
            if debut <= jour and (fin is None or jour <= fin):
                return qf
            if fin and fin < jour:
                finis.append((fin, qf))
        if not finis:
            return None
        fin, qf = max(finis, key=lambda fini: fini[0])
        return qf._replace(perime=fin)


def sans_tarif(mois):
    """Les activités du ``Mois`` où un enfant est attendu ou venu sans qu'un tarif vaille : ``[(activité, jour), …]``.

    Un seul jour par activité, le premier.
    """
    attendus = Seance.objects.du(mois.debut, mois.fin).filter(
        Exists(Reservation.objects.reservees().filter(seance=OuterRef("pk")))
        | Exists(Pointage.objects.presents().filter(seance=OuterRef("pk"))),
        ouverte=True,
    )
    manques = {}
    for activite, jour in attendus.order_by("jour").values_list("activite", "jour").distinct():
        if activite not in manques and mois.tarif_du(activite, jour) is None:
            manques[activite] = jour
    return [(mois.activites[activite], jour) for activite, jour in manques.items()]
