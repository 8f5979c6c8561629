// Le confort du planning : compter les changements, se déplacer et cocher comme dans un tableur, dire la case que l'on
// touche, demander le prix, compter les dernières heures et retenir ce qui ne se peut plus, prévenir avant de partir.
// Sans ce fichier, la page est un formulaire de cases à cocher qui s'enregistre aussi bien.

const formulaire = document.querySelector("[data-planning]");
const grille = formulaire?.querySelector("table.famille");
const compte = formulaire?.querySelector("[data-compte]");
const reservee = (coche) => coche.parentElement.classList.contains("case-reserve");
const coches = grille ? [...grille.querySelectorAll("input[name=case]")] : [];
const modifiees = () => coches.filter((coche) => coche.checked !== reservee(coche));
// Sa limite est passée depuis que la page est ouverte : une case ne peut plus que revenir à ce qui est en base.
const passee = (coche) => new Date(coche.parentElement.dataset.limite) <= Date.now();
const cocher = (coche, vers) => { if (vers === reservee(coche) || !passee(coche)) coche.checked = vers; };
const dire = (n, mot) => `${n} ${mot}${n > 1 ? "s" : ""}`;
let attente;

// Décochée à temps et pas encore enregistrée, elle peut revenir ; revenue, elle ne bouge plus.
function figer() {
  for (const coche of coches) {
    if (!passee(coche)) continue;
    coche.setAttribute("aria-disabled", coche.checked === reservee(coche));
    coche.parentElement.classList.add("case-passee");
  }
}

function changer() {
  figer();
  if (!compte) return;
  const changes = modifiees();
  const aReserver = changes.filter((coche) => coche.checked).length;
  const parts = [];
  if (aReserver) parts.push(dire(aReserver, "réservation"));
  if (changes.length > aReserver) parts.push(dire(changes.length - aReserver, "annulation"));
  compte.textContent = changes.length ? `À enregistrer : ${parts.join(", ")}` : "Rien à enregistrer";
  const barre = compte.closest(".planning-actions");
  barre.classList.toggle("modifie", changes.length > 0);
  barre.classList.toggle("sage", !changes.length); // elle ne couvre la page que lorsqu'elle a quelque chose à dire
  clearTimeout(attente);
  attente = setTimeout(() => window.htmx?.trigger("[data-prix]", "prix"), 400);
}

if (formulaire) {
  formulaire.addEventListener("change", (evenement) => { if (evenement.target.name === "case") changer(); });
  changer();

  formulaire.querySelector("[data-annuler]")?.addEventListener("click", (evenement) => {
    evenement.preventDefault();
    for (const coche of coches) coche.checked = reservee(coche);
    changer();
  });

  let parti = false;
  formulaire.addEventListener("submit", () => { parti = true; });
  addEventListener("pageshow", () => { parti = false; changer(); });
  addEventListener("beforeunload", (evenement) => {
    if (!parti && modifiees().length) evenement.preventDefault();
  });
}

// La case que l'on touche se dit en entier dans la barre du bas : un téléphone n'a pas la place de tout écrire.
const dit = formulaire?.querySelector("[data-case]");
function direLaCase(coche) {
  const texte = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent.trim()).filter(Boolean);
  const [enfant, activite, jour] = texte(coche.getAttribute("aria-labelledby"));
  const limite = texte(coche.getAttribute("aria-describedby")).join(" ");
  const prix = coche.parentElement.querySelector(".case-prix")?.textContent;
  dit.textContent = [`${enfant}, ${activite.replace(/\s+\d.*$/, "")}, ${jour}`, limite, prix].filter(Boolean).join(" · ");
  dit.hidden = false;
}

// Toute la rangée d'un geste : elle se coche, ou se décoche si elle l'était déjà.
function toutCocher(rangee, bouton) {
  const siennes = [...rangee.querySelectorAll("input[name=case]")];
  const vers = !siennes.every((coche) => coche.checked || passee(coche));
  for (const coche of siennes) cocher(coche, vers);
  bouton.setAttribute("aria-pressed", vers);
  changer();
}

for (const rangee of grille?.querySelectorAll("tbody tr") ?? []) {
  if (rangee.querySelectorAll("input[name=case]").length < 2) continue;
  const tete = rangee.querySelector("th");
  const bouton = Object.assign(document.createElement("button"), { type: "button", className: "rangee-tout", textContent: "Tout" });
  bouton.setAttribute("aria-label", `Toute la semaine : ${tete.textContent.trim()}`);
  bouton.addEventListener("click", () => toutCocher(rangee, bouton));
  tete.append(bouton);
}

// Les flèches vont de case en case ; majuscule étend un choix ; espace coche, la case ou tout le choix.
if (grille) {
  const rangees = [...grille.querySelectorAll("tbody tr")]
    .map((tr) => [...tr.querySelectorAll(":scope > td")].map((td) => td.querySelector("input, a")))
    .filter((rangee) => rangee.some(Boolean));
  const PAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Enter: [0, 1] };
  const large = Math.max(0, ...rangees.map((rangee) => rangee.length));
  const BORDS = { Home: [-1, 1], End: [large, -1] };
  let ancre = null;

  const lieu = (cible) => {
    const y = rangees.findIndex((rangee) => rangee.includes(cible));
    return y < 0 ? null : [rangees[y].indexOf(cible), y];
  };
  const choisies = () => [...grille.querySelectorAll(".choisie input[name=case]")];
  const lacher = () => { for (const une of grille.querySelectorAll(".choisie")) une.classList.remove("choisie"); };
  const choisir = ([x1, y1], [x2, y2]) => {
    lacher();
    for (let y = Math.min(y1, y2); y <= Math.max(y1, y2); y += 1)
      for (let x = Math.min(x1, x2); x <= Math.max(x1, x2); x += 1)
        rangees[y][x]?.closest(".case").classList.add("choisie");
  };

  grille.addEventListener("keydown", (evenement) => {
    const ici = lieu(evenement.target);
    if (!ici || evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    if (evenement.key === " " && choisies().length > 1) {
      evenement.preventDefault();
      const vers = !evenement.target.checked;
      for (const coche of choisies()) cocher(coche, vers);
      changer();
      return;
    }
    if (evenement.key === "Escape") return lacher();
    let [dx, dy] = PAS[evenement.key] ?? [0, 0];
    let [x, y] = ici;
    if (evenement.key in BORDS) [x, dx] = BORDS[evenement.key];
    else if (!dx && !dy) return;
    if (evenement.key === "Enter" && evenement.target.matches("a")) return; // un lien s'ouvre
    evenement.preventDefault();
    if (evenement.key in BORDS) x += dx;
    else { x += dx; y += dy; }
    while (rangees[y] && x >= 0 && x < large && !rangees[y][x]) { x += dx; y += dy; }
    const cible = rangees[y]?.[x];
    if (!cible) return;
    cible.focus();
    if (evenement.shiftKey) choisir(ancre ??= ici, [x, y]);
    else { ancre = null; lacher(); }
  });

  // À la souris, majuscule coche de la dernière case touchée à celle-ci.
  let derniere = null;
  grille.addEventListener("click", (evenement) => {
    if (!evenement.target.matches("input[name=case]")) return;
    const cible = evenement.target;
    if (passee(cible) && cible.checked !== reservee(cible)) evenement.preventDefault();
    if (evenement.shiftKey && derniere) {
      choisir(lieu(derniere), lieu(cible));
      for (const coche of choisies()) cocher(coche, cible.checked);
      lacher();
      changer();
    }
    derniere = cible;
    if (dit) direLaCase(cible);
  });
  grille.addEventListener("focusin", (evenement) => {
    if (dit && evenement.target.name === "case") direLaCase(evenement.target);
  });
}

// Une limite se compte à rebours dans ses trois dernières heures ; le texte du serveur suffit avant.
function compterLesHeures() {
  for (const limite of document.querySelectorAll("[data-fin]")) {
    limite.dataset.texte ??= limite.textContent;
    const minutes = Math.ceil((new Date(limite.dataset.fin) - Date.now()) / 60000);
    if (minutes > 180) continue;
    const heures = Math.floor(minutes / 60);
    const reste = heures ? `${heures} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
    limite.textContent = minutes > 0 ? `${limite.dataset.texte}, encore ${reste}` : "limite passée";
  }
  figer();
}
compterLesHeures();
setInterval(compterLesHeures, 20000);
