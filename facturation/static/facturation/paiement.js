// La page qui attend un résultat le relit, et ne se recharge que s'il a changé. Sans ce fichier, elle se recharge.
const ATTENDRE = 5000; // millisecondes

async function relire() {
  try {
    const reponse = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
    // Le titre dit l'état : changé, ou la session finie, c'est une autre page.
    if (reponse.redirected || (reponse.ok && page.title !== document.title)) return location.reload();
    // Un quart d'heure passé, la page n'attend plus : ses phrases changent, non son titre.
    if (reponse.ok && !page.querySelector("script[src*='paiement']")) return location.reload();
  } catch {
    // Le réseau manque : on réessaiera.
  }
  setTimeout(relire, ATTENDRE);
}

setTimeout(relire, ATTENDRE);
