// La file se met à jour sans recharger la page, à l'heure que dit le serveur. Sans ce fichier, la page se recharge.
const file = () => document.querySelector("#file");
const panne = document.querySelector("[data-panne]");
let echecs = 0;

function attendre(secondes) {
  setTimeout(regarder, secondes * 1000);
}

async function regarder() {
  try {
    const reponse = await fetch(location.href, { cache: "no-store" });
    if (!reponse.ok) throw new Error(reponse.status);
    // Notre tour, la file levée, la session finie, ou l'heure de l'ouverture : la page n'est plus la même.
    if (reponse.redirected) return location.replace(reponse.url);
    const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const neuve = page.querySelector("#file");
    if (!neuve || page.title !== document.title) return location.reload();
    const devant = file().querySelector("[role=status]");
    const dit = neuve.querySelector("[role=status]").textContent;
    // Le mot annoncé garde son élément, pour n'être relu que s'il change ; le reste est remplacé.
    file().dataset.delai = neuve.dataset.delai;
    if (devant.textContent !== dit) devant.textContent = dit;
    file().querySelector(".file-nombre").textContent = neuve.querySelector(".file-nombre").textContent;
    file().querySelector(".faits").replaceWith(neuve.querySelector(".faits"));
    echecs = 0;
    panne.hidden = true;
    attendre(Number(file().dataset.delai));
  } catch {
    // De plus en plus tard, et pas tous ensemble : un portail qui revient n'est pas aussitôt renversé.
    echecs += 1;
    panne.hidden = false;
    attendre(Math.min(60, 5 * 2 ** echecs) * (0.5 + Math.random()));
  }
}

attendre(Number(file().dataset.delai));
