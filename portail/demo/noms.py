"""Des noms et des prénoms courants, dont les rencontres ne désignent personne."""

_NOMS = """\
AUBRY BARBOT BAUDET BELLIN BERGER BERTIN BESSON BLANCHET BODIN BONNEAU BOUCHER BOURDIN BOUTIN BRIAND BRUNEAU
CADET CAILLAUD CARLIER CHARRON CHAUVET CHEVRIER CLERGEAU COLIN CORMIER COUSIN DAVID DELAGE DESCHAMPS DIALLO
DUBREUIL DUMAS DUPUIS DURET ESNAULT FAUCHER FERRAND FLEURY FONTENEAU FOUCHER FRADET GABORIT GARNIER GAUTHIER
GENDRE GERMAIN GIRAUD GODET GRANGER GRELIER GUERIN GUILLOT HAMDI HERAULT HUBERT JARRY JOLY KONE LACROIX
LAMBERT LANDRY LAURENT LEBEAU LEGER LELONG LOPES MAHE MAILLARD MARCHAND MARTEAU MASSON MENARD MERCIER MICHAUD
MOREL NGUYEN NICOLAS OLIVIER PAPIN PASQUIER PELLETIER PERRAULT PICARD POIRIER PRIEUR QUINTARD RAYMOND RENAUD
RICHARD RIVIERE ROBIN ROUSSET ROYER SABOURIN SAUNIER SAVARY SERVANT SIMONNET TARDY TESSIER THIBAULT TRAORE
VALLET VERGNE VIAUD VINCENT YILMAZ
"""

_MERES = """\
Amandine Aurélie Caroline Céline Clémence Delphine Élodie Emilie Fatou Hélène Ines Jeanne Julie Karine Laure
Léa Linda Lucie Magali Manon Marie Mélanie Nadia Noémie Ophélie Pauline Sabrina Samia Sandrine Sarah Sophie
Virginie
"""

_PERES = """\
Adrien Alexandre Antoine Benoît Bruno Cédric Damien David Fabien Florian Guillaume Hassan Ibrahim Jérôme
Julien Karim Laurent Loïc Marc Mathieu Maxime Mehdi Nicolas Olivier Pierre Quentin Romain Sébastien Stéphane
Thomas Vincent Yann
"""

_FILLES = """\
Adèle Agathe Alice Ambre Anna Apolline Aya Camille Capucine Charlotte Chloé Clara Elena Elsa Emma Eva Giulia
Inaya Iris Jade Jeanne Julia Juliette Léna Léonie Lise Lola Lou Louise Lucie Maëlle Margot Mila Nina Nour
Olivia Romane Romy Rose Sofia Théa Victoire Yasmine Zoé
"""

_GARCONS = """\
Aaron Adam Amir Anas Antoine Arthur Augustin Basile Côme Eden Eliott Enzo Ethan Gabin Gabriel Hugo Imran Isaac
Jules Kaïs Léo Léon Liam Louis Lucas Maël Malo Marius Martin Milo Naël Nathan Nino Noah Nolan Oscar Paul
Raphaël Robin Sacha Samuel Simon Timéo Tom Victor Younes
"""

NOMS = _NOMS.split()
PRENOMS = {"mme": _MERES.split(), "m": _PERES.split(), "f": _FILLES.split(), "g": _GARCONS.split()}
VOIES = [
    "rue des Tilleuls",
    "rue de l'Auxance",
    "chemin des Vignes",
    "allée des Acacias",
    "rue du Moulin",
    "place de l'Église",
    "rue Jean Moulin",
    "impasse des Lilas",
    "route de Poitiers",
    "rue de la Fontaine",
    "rue des Écoles",
    "avenue de la Gare",
    "rue du Stade",
    "chemin de Nanteuil",
    "rue de Verrines",
    "rue Saint-Exupéry",
]
MEDECINS = ["Dr Auger", "Dr Berland", "Dr Courtin", "Dr Delahaye", "Dr Esteve", "Dr Fournel"]
