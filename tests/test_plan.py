"""Le plan de la maison : chaque étage n'importe que ceux d'en dessous, et chaque pièce son couloir."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

RACINE = Path(__file__).resolve().parent.parent
ETAGES = [
    "commune", "familles", "messagerie", "documents", "inscriptions", "reservations", "presences", "facturation",
    "portail",
]
# Dans un étage, chaque mot n'importe que ceux qui le précèdent.
MOTS = ["regles", "models", "actions", "forms", "views"]
DERNIERS = {"views", "admin", "urls", "taches", "apps"}


def fichiers(app):
    return [f for f in (RACINE / app).rglob("*.py") if "migrations" not in f.parts]


def imports(fichier):
    """Les modules importés, en nom complet, y compris dans les fonctions."""
    paquet = fichier.relative_to(RACINE).with_suffix("").parts
    for noeud in ast.walk(ast.parse(fichier.read_text())):
        if isinstance(noeud, ast.Import):
            yield from (alias.name for alias in noeud.names)
        elif isinstance(noeud, ast.ImportFrom):
            base = paquet[: len(paquet) - noeud.level] if noeud.level else ()
            module = ".".join([*base, *([noeud.module] if noeud.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in noeud.names)


@pytest.mark.parametrize("app", ETAGES)
def test_un_etage_n_importe_que_ceux_d_en_dessous(app):
    dessus = ETAGES[ETAGES.index(app) + 1:]
    fautes = [
        f"{f.relative_to(RACINE)} importe {module}"
        for f in fichiers(app) for module in imports(f) if module.split(".")[0] in dessus
    ]
    assert fautes == []


@pytest.mark.parametrize("app", ETAGES)
def test_un_papier_ne_prend_que_chez_lui_et_au_rez_de_chaussee(app):
    """Les gabarits des PDF (``papiers/*.typ``) : un seul habit, et chacun sert à un écrivain de son étage."""
    ecrivains = "".join(f.read_text() for f in fichiers(app))
    for papier in (RACINE / app).rglob("*.typ"):
        source = papier.read_text()
        for chemin in re.findall(r'#import "([^"]+)"', source):
            assert (papier.parent / chemin).exists() if chemin[0] != "/" else chemin.startswith("/commune/"), papier
        assert max(map(len, source.splitlines())) <= 120, papier
        habits = papier.name in ("maison.typ", "regie.typ")
        assert habits or f'"{papier.stem}"' in ecrivains or papier.name in ecrivains, f"{papier} ne sert à rien"


def mot(fichier, app):
    """La pièce d'un fichier : ``views/planning.py`` est dans ``views``."""
    return fichier.relative_to(RACINE / app).with_suffix("").parts[0]


@pytest.mark.parametrize("app", ETAGES)
def test_dans_un_etage_les_regles_ne_connaissent_personne_et_les_vues_sont_les_dernieres(app):
    fautes = []
    for f in fichiers(app):
        if mot(f, app) not in MOTS:
            continue
        apres = set(MOTS[MOTS.index(mot(f, app)) + 1:]) | ({"admin"} if mot(f, app) != "views" else set())
        for module in imports(f):
            morceaux = module.split(".")
            if morceaux[0] == app and len(morceaux) > 1 and morceaux[1] in apres:
                fautes.append(f"{f.relative_to(RACINE)} importe {module}")
    assert fautes == []


@pytest.mark.parametrize("app", ETAGES)
def test_les_regles_sont_pures(app):
    """Ni base, ni horloge, ni requête : une règle se lit et s'essaie seule."""
    interdits = ("django.db", "django.utils.timezone", "django.http", "django.conf", "time")
    fautes = []
    for f in fichiers(app):
        if mot(f, app) == "regles":
            fautes += [f"{f.relative_to(RACINE)} importe {m}" for m in imports(f) if m.startswith(interdits)]
            source = f.read_text()
            fautes += [f"{f.relative_to(RACINE)} lit l'horloge" for appel in (".now(", ".today(") if appel in source]
    assert fautes == []


def test_personne_n_ecoute_de_signal():
    assert [f for app in ETAGES for f in fichiers(app) if any("signals" in m for m in imports(f))] == []


def gabarits():
    return [f for app in ETAGES for f in (RACINE / app / "templates").rglob("*") if f.is_file()]


def test_chaque_gabarit_sert():
    """Un gabarit que ni le code ni un autre gabarit ne nomme est un reste à jeter."""
    textes = [f.read_text() for app in ETAGES for f in fichiers(app)] + [f.read_text() for f in gabarits()]
    erreurs = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html")
    nommes_par_django = ("django/", "admin/", "unfold/", *erreurs)
    orphelins = []
    for f in gabarits():
        nom = str(f).split("/templates/", 1)[1]
        sans_suffixe = nom.rsplit(".", 1)[0]
        if nom.startswith(nommes_par_django):
            continue
        if not any(nom in texte or sans_suffixe in texte for texte in textes):
            orphelins.append(nom)
    assert orphelins == []


def test_les_fichiers_restent_lisibles():
    longs = [
        f"{f.relative_to(RACINE)} : {len(f.read_text().splitlines())} lignes"
        for app in ETAGES for f in [*fichiers(app), *gabarits()]
        if len(f.read_text().splitlines()) > (150 if f.suffix == ".html" else 400)
    ]
    assert longs == []


def test_le_style_du_python_est_celui_du_projet():
    lu = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=RACINE, capture_output=True, text=True)
    assert lu.returncode == 0, lu.stdout


def test_chaque_contrainte_a_une_phrase_qui_se_dit():
    """Django y remplace ``%(name)s`` : un « % » seul ferait une erreur de la phrase qui devait l'éviter."""
    contraintes = [c for modele in apps.get_models() for c in modele._meta.constraints]
    assert [c.name for c in contraintes if not c.get_violation_error_message()] == []
