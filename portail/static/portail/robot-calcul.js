// Cherche le nombre dont l'empreinte SHA-256, ajouté au sel, est celle du défi (protocole d'altcha).
// crypto.subtle attendrait chaque empreinte, et manque aux pages sans https : celle-ci va plus vite et partout.

const ARRONDI = 2 ** 32;
const K = new Uint32Array(64);
const DEPART = new Uint32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
  let premier = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) { premier = false; break; }
  if (!premier) continue;
  if (i < 8) DEPART[i] = (Math.sqrt(n) % 1) * ARRONDI;
  K[i++] = (Math.cbrt(n) % 1) * ARRONDI;
}

const mots = new Uint32Array(64);
const tourner = (x, n) => (x >>> n) | (x << (32 - n));

function sha256(octets) {
  const taille = ((octets.length + 72) >> 6) << 6;
  const bloc = new Uint8Array(taille);
  bloc.set(octets);
  bloc[octets.length] = 128;
  const vue = new DataView(bloc.buffer);
  vue.setUint32(taille - 4, octets.length * 8);
  const h = Uint32Array.from(DEPART);
  for (let debut = 0; debut < taille; debut += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) { mots[i] = vue.getUint32(debut + i * 4); continue; }
      const u = mots[i - 15], v = mots[i - 2];
      mots[i] = mots[i - 16] + mots[i - 7] + (tourner(u, 7) ^ tourner(u, 18) ^ (u >>> 3)) + (tourner(v, 17) ^ tourner(v, 19) ^ (v >>> 10));
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i++) {
      const t1 = (k + (tourner(e, 6) ^ tourner(e, 11) ^ tourner(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + mots[i]) | 0;
      const t2 = ((tourner(a, 2) ^ tourner(a, 13) ^ tourner(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }
  return h;
}

onmessage = ({ data: { algorithm, challenge, salt, max_number: maximum } }) => {
  if (algorithm !== "SHA-256") throw new Error(algorithm);
  const voulue = Uint32Array.from(challenge.match(/.{8}/g), (mot) => parseInt(mot, 16));
  const encodeur = new TextEncoder();
  for (let nombre = 0; nombre <= maximum; nombre++) {
    const h = sha256(encodeur.encode(salt + nombre));
    if (h[0] === voulue[0] && h.every((mot, i) => mot === voulue[i])) return postMessage(nombre);
  }
  throw new Error("sans solution");
};
