// Le confort de l'agent. Sans ce script tout marche : chaque toucher est un envoi de formulaire.
// Il date le geste de l'heure de l'appareil, filtre la liste au clavier, dit quand un geste n'est pas parti,
// et demande toutes les 20 secondes ce que les autres tablettes ont pointé.
const dater = (formulaire) => {
  const champ = formulaire.querySelector("[name=instant_appareil]");
  if (champ) champ.value = new Date().toISOString();
};
document.querySelectorAll("form[data-geste]").forEach((f) => f.addEventListener("submit", () => dater(f)));

const replier = (texte) => texte.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const filtre = document.querySelector("[data-filtre]");
if (filtre) {
  const rien = document.querySelector("[data-rien]");
  filtre.form.querySelector("button").hidden = true;
  filtre.addEventListener("input", () => {
    const mots = replier(filtre.value).split(/\s+/).filter(Boolean);
    let vus = 0;
    document.querySelectorAll(".classe").forEach((classe) => {
      let ici = 0;
      classe.querySelectorAll(".eleve").forEach((eleve) => {
        eleve.hidden = !mots.every((mot) => replier(eleve.dataset.nom).includes(mot));
        ici += !eleve.hidden;
      });
      classe.hidden = !ici;
      vus += ici;
    });
    rien.hidden = vus > 0;
  });
}

const plainte = (eleve, texte) => {
  eleve.querySelector(".eleve-erreur")?.remove();
  const ligne = document.createElement("p");
  ligne.className = "eleve-erreur";
  ligne.setAttribute("role", "alert");
  ligne.textContent = texte;
  eleve.querySelector(".eleve-qui").append(ligne);
};
document.addEventListener("htmx:configRequest", (e) => {
  if (e.detail.verb === "post") e.detail.parameters.set("instant_appareil", new Date().toISOString());
});
// Un geste à la fois par enfant : se raviser avant la réponse attend son tour, et part ensuite. Deux envois en vol
// arriveraient dans un ordre que personne ne choisit.
const enVol = new Set();
const ensuite = new Map();
document.addEventListener("click", (e) => {
  const bouton = e.target.closest(".eleve button");
  const eleve = bouton?.closest(".eleve").id;
  if (!enVol.has(eleve)) return;
  ensuite.set(eleve, bouton.id);
  e.preventDefault();
  e.stopPropagation();
}, true);
document.addEventListener("htmx:beforeRequest", (e) => {
  const eleve = e.detail.elt.closest(".eleve");
  if (eleve) enVol.add(eleve.id);
});
const liberer = (eleve) => {
  if (!enVol.delete(eleve) || !ensuite.has(eleve)) return;
  const bouton = ensuite.get(eleve);
  ensuite.delete(eleve);
  document.getElementById(bouton)?.click();
};
// La nouvelle ligne est en place avant qu'htmx ne l'écoute : un toucher dans l'intervalle rechargerait toute la page.
document.addEventListener("htmx:load", (e) => setTimeout(() => liberer(e.detail.elt.id)));
document.addEventListener("htmx:afterRequest", (e) => {
  const eleve = e.detail.requestConfig.elt.closest(".eleve")?.id;  // detail.elt est déjà la nouvelle ligne
  if (!e.detail.successful) setTimeout(() => liberer(eleve), 60);  // rien à attendre : l'ancienne ligne est restée
});
document.addEventListener("htmx:beforeSwap", (e) => {
  // La session a expiré : la réponse est la page de connexion, qui n'a rien à faire dans une ligne.
  const arrivee = new URL(e.detail.xhr.responseURL || location.href).pathname;
  if (arrivee !== new URL(e.detail.pathInfo.finalRequestPath, location.href).pathname) {
    e.detail.shouldSwap = false;
    location.reload();
  }
});
// Deux réponses se croisent en chemin : le compte le plus ancien ne recouvre pas le plus récent.
document.addEventListener("htmx:oobBeforeSwap", (e) => {
  const [ici, arrive] = [e.detail.target, e.detail.fragment].map((f) => f.querySelector("[data-gestes]"));
  if (ici && arrive && Number(arrive.dataset.gestes) < Number(ici.dataset.gestes)) e.detail.shouldSwap = false;
});
// Les témoins effacés (session et jeton) : la page, rechargée, mène à la connexion.
document.addEventListener("htmx:responseError", (e) => { if (e.detail.xhr.status === 403) location.reload(); });
for (const panne of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(panne, (e) => {
    const eleve = e.detail.elt.closest(".eleve");
    if (eleve) plainte(eleve, "Pas enregistré : le réseau n'a pas répondu. Touchez à nouveau.");
  });
}
const nouvelles = document.querySelector("[data-nouvelles]");
if (nouvelles && window.htmx) {
  setInterval(() => { if (!document.hidden) htmx.trigger(nouvelles, "nouvelles"); }, 20000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) htmx.trigger(nouvelles, "nouvelles"); });
}
