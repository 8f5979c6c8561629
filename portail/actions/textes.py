"""Le premier texte du consentement. La mairie le relit, et publie sa propre version dans l'administration.

Sa matière : articles 6, 7, 9, 13 et 15 à 21 du règlement (UE) 2016/679. La mission de service public fonde
l'inscription (art. 6-1-e) ; l'accord demandé ici porte sur la santé (art. 9-2-a) et sur ce qui est facultatif.
"""

import datetime as dt

TEXTES = [
    {
        "version": "2026-1",
        "publie_le": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "texte": """En validant cette page, j'accepte que les informations que je saisis sur mon foyer et sur mes \
enfants, y compris leurs données de santé (allergies, projet d'accueil individualisé, régime alimentaire, médecin), \
soient utilisées par {commune} pour son service de restauration collective et d'accueil périscolaire.

À quoi elles servent
La mairie recueille ces informations pour gérer l'inscription et l'accueil des enfants, les \
réservations et les factures. L'inscription relève de sa mission de service public. Votre accord porte sur les \
données de santé et sur ce que rien ne vous oblige à donner, comme une photo.

Qui les lit
Seuls les agents municipaux qui en ont besoin : le service périscolaire, la régie, et les équipes \
qui accueillent vos enfants. Chaque lecture d'une fiche sanitaire par un agent est notée. Rien n'est vendu, ni \
transmis à des fins commerciales.

Combien de temps
Elles sont conservées pendant {annees} années après la dernière inscription, réservation ou connexion de la famille, \
qui est prévenue un mois avant leur effacement. Les fiches sanitaires sont effacées {mois} mois après la fin de \
l'inscription de l'enfant ; les factures sont gardées dix ans, comme la comptabilité publique l'impose.

Vos droits
Vous pouvez consulter et télécharger vos données, les rectifier, demander leur effacement ou la \
limitation de leur utilisation, vous opposer à leur traitement, les emporter ailleurs, et retirer votre accord à \
tout moment : la page « Mes données » sert à tout cela. Vous pouvez aussi écrire à {courriel}.

Si vous refusez
L'Espace Famille ne s'ouvre pas, mais vos enfants gardent leurs droits : le service vous reçoit \
et peut les inscrire avec vous, sans ce site.

En cas de désaccord
Si, après nous avoir écrit, vous estimez que vos droits ne sont pas respectés, vous pouvez adresser une réclamation \
à la CNIL : https://www.cnil.fr/fr/plaintes ou CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07.""",
    }
]
