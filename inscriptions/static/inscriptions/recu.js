// Le bouton « Imprimer » n'apparaît que s'il peut servir ; sans script, le navigateur a le sien.
const bouton = document.querySelector("[data-imprimer]");
bouton.hidden = false;
bouton.addEventListener("click", () => window.print());
