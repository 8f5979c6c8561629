// « Je ne suis pas un robot » : le navigateur calcule une preuve, que le formulaire emporte.
// Sans ce fichier la case suffit, et le serveur compte les essais de plus près (portail/forms/robots.py).

for (const cadre of document.querySelectorAll("[data-defi]")) {
  const formulaire = cadre.closest("form");
  const coche = cadre.querySelector("input[type=checkbox]");
  const preuve = cadre.querySelector("input[name=preuve]");
  const etat = cadre.querySelector("[role=status]");
  let calcul = null;

  const calculer = async () => {
    const defi = await (await fetch(cadre.dataset.defi)).json();
    const ouvrier = new Worker(cadre.dataset.calcul);
    const number = await new Promise((bien, mal) => {
      ouvrier.onmessage = (message) => bien(message.data);
      ouvrier.onerror = mal;
      ouvrier.postMessage(defi);
    }).finally(() => ouvrier.terminate());
    const { algorithm, challenge, salt, signature } = defi;
    preuve.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
  };

  // Rien ne part chez Google avant que la case soit cochée.
  const appelerGoogle = () => new Promise((bien, mal) => {
    const script = document.createElement("script");
    script.src = "https://www.google.com/recaptcha/api.js?render=explicit&hl=fr";
    script.onerror = mal;
    script.onload = () => grecaptcha.ready(() => {
      grecaptcha.render(cadre.querySelector("[data-google]"), {
        sitekey: cadre.dataset.cle,
        callback: (jeton) => { preuve.value = jeton; },
        "expired-callback": () => { preuve.value = ""; },
      });
      bien();
    });
    document.head.append(script);
  });

  const commencer = () => {
    if (calcul || preuve.value) return;
    if (cadre.dataset.cle) {
      if (coche.checked) calcul = appelerGoogle().catch(() => {});
      return;
    }
    const celui = calculer()
      .catch(() => {}) // sans preuve, la porte reste ouverte, plus étroite
      .finally(() => { if (calcul === celui) calcul = null; });
    calcul = celui;
  };

  // Le calcul commence quand la personne entre dans le formulaire : il est fini quand elle coche.
  formulaire.addEventListener("focusin", commencer);
  coche.addEventListener("change", commencer);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) preuve.value = ""; }); // déjà servie

  formulaire.addEventListener("submit", (evenement) => {
    if (!calcul || !coche.checked || preuve.value || cadre.dataset.cle) return;
    evenement.preventDefault();
    etat.textContent = "Vérification…";
    const patience = new Promise((assez) => setTimeout(assez, 8000));
    const repartir = () => { calcul = null; etat.textContent = ""; formulaire.requestSubmit(evenement.submitter); };
    Promise.race([calcul, patience]).then(repartir);
  });
}
