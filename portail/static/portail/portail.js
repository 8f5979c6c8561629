// Le confort de toutes les pages. Sans ce fichier, tout fonctionne encore.

// Après un refus, le résumé des erreurs prend le focus : il est lu, et ses liens mènent aux champs.
document.querySelector(".resume-erreurs")?.focus();

// Mot de passe : afficher ou masquer.
for (const champ of document.querySelectorAll(".champ input[type=password]")) {
  const bouton = Object.assign(document.createElement("button"), { type: "button", textContent: "Afficher" });
  const nom = champ.labels?.[0]?.firstChild?.textContent.trim() ?? "mot de passe";
  const dire = (visible) => {
    champ.type = visible ? "text" : "password";
    bouton.textContent = visible ? "Masquer" : "Afficher";
    bouton.setAttribute("aria-label", `${bouton.textContent} : ${nom}`);
  };
  const cadre = document.createElement("span");
  cadre.className = "secret";
  champ.before(cadre);
  cadre.append(champ, bouton);
  bouton.addEventListener("click", () => dire(champ.type === "password"));
  champ.form?.addEventListener("submit", () => dire(false)); // le navigateur propose alors de le retenir
  dire(false);
}

// Fichiers : déposer dans la zone, et relire ce que l'on envoie.
for (const zone of document.querySelectorAll(".depot")) {
  const champ = zone.querySelector("input[type=file]");
  const liste = document.createElement("ul");
  const annonce = document.createElement("div");
  annonce.setAttribute("role", "status");
  annonce.append(liste);
  zone.append(annonce);
  const viser = (vrai) => (evenement) => { evenement.preventDefault(); zone.classList.toggle("depot-vise", vrai); };
  zone.addEventListener("dragover", viser(true));
  zone.addEventListener("dragleave", viser(false));
  zone.addEventListener("drop", (evenement) => {
    viser(false)(evenement);
    champ.files = evenement.dataTransfer.files;
    champ.dispatchEvent(new Event("change", { bubbles: true }));
  });
  champ.addEventListener("change", () => {
    liste.replaceChildren(...[...champ.files].map((fichier) => {
      const ligne = document.createElement("li");
      ligne.textContent = `${fichier.name} (${(fichier.size / 1048576).toLocaleString("fr", { maximumFractionDigits: 1 })} Mo)`;
      return ligne;
    }));
  });
}

// Un double toucher n'envoie qu'une fois ; le retour arrière rend la main.
document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target;
  if (evenement.defaultPrevented || formulaire.method !== "post") return;
  if (formulaire.dataset.parti) return evenement.preventDefault();
  formulaire.dataset.parti = "1";
  setTimeout(() => delete formulaire.dataset.parti, 5000); // la réponse peut être un fichier : la page reste
});
addEventListener("pageshow", () => {
  for (const formulaire of document.forms) delete formulaire.dataset.parti;
});

// Un bouton gris reste atteignable au clavier pour que sa raison soit lue ; il ne fait rien.
document.addEventListener("click", (evenement) => {
  if (evenement.target.closest("[aria-disabled=true]")) evenement.preventDefault();
});

// Une adresse à copier se choisit d'un toucher.
for (const champ of document.querySelectorAll("[data-choisir]")) champ.addEventListener("focus", () => champ.select());
