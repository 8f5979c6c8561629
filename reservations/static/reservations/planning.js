// Le confort du planning : compter les changements, se déplacer aux flèches, prévenir avant de partir.
// Sans ce fichier, la page est un formulaire de cases à cocher qui s'enregistre aussi bien.

const formulaire = document.querySelector("[data-planning]");
const compte = formulaire?.querySelector("[data-compte]");

if (compte) {
  const coches = [...formulaire.querySelectorAll("input[name=seance]")];
  const barre = compte.parentElement;
  const reservee = (coche) => coche.parentElement.classList.contains("case-reserve");
  const modifiees = () => coches.filter((coche) => coche.checked !== reservee(coche));
  const dire = (n, mot) => `${n} ${mot}${n > 1 ? "s" : ""}`;

  function compter() {
    const changes = modifiees();
    const aReserver = changes.filter((coche) => coche.checked).length;
    const parts = [];
    if (aReserver) parts.push(dire(aReserver, "réservation"));
    if (changes.length > aReserver) parts.push(dire(changes.length - aReserver, "annulation"));
    compte.textContent = changes.length ? `À enregistrer : ${parts.join(", ")}` : "Rien à enregistrer";
    barre.classList.toggle("modifie", changes.length > 0);
    barre.classList.toggle("sage", !changes.length); // elle ne couvre la page que lorsqu'elle a quelque chose à dire
  }

  formulaire.addEventListener("change", compter);
  compter();

  formulaire.querySelector("[data-annuler]").addEventListener("click", (evenement) => {
    evenement.preventDefault();
    for (const coche of coches) coche.checked = reservee(coche);
    compter();
  });

  let parti = false;
  formulaire.addEventListener("submit", () => { parti = true; });
  addEventListener("pageshow", () => { parti = false; compter(); });
  addEventListener("beforeunload", (evenement) => {
    if (!parti && modifiees().length) evenement.preventDefault();
  });
}

// Les flèches vont de case en case comme dans un tableur ; espace coche, c'est le navigateur qui le fait.
if (formulaire) {
  const colonnes = [...formulaire.querySelectorAll(".jour")].map((jour) =>
    [...jour.querySelectorAll(":scope > .case")].map((une) => une.querySelector("input, a")));
  const PAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Enter: [0, 1] };
  const BORDS = { Home: [0, 1], End: [colonnes.length - 1, -1] };

  formulaire.addEventListener("keydown", (evenement) => {
    if (evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    let x = colonnes.findIndex((colonne) => colonne.includes(evenement.target));
    if (x < 0) return;
    let y = colonnes[x].indexOf(evenement.target);
    let [dx, dy] = PAS[evenement.key] ?? [0, 0];
    if (evenement.key in BORDS) {
      [x, dx] = BORDS[evenement.key];
      x -= dx;
    } else if (!dx && !dy) return;
    if (evenement.key === "Enter" && evenement.target.matches("a")) return; // un lien s'ouvre
    evenement.preventDefault();
    do { x += dx; y += dy; } while (colonnes[x] && y >= 0 && y < colonnes[x].length && !colonnes[x][y]);
    colonnes[x]?.[y]?.focus();
  });
}
