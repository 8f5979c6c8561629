// Cherche le nombre dont l'empreinte SHA-256, ajouté au sel, est celle du défi (protocole d'altcha).
// crypto.subtle attendrait chaque empreinte, et manque aux pages sans https : celle-ci va plus vite et partout.

const ARRONDI = 2 ** 32;
const K = new Int32Array(64);
const DEPART = new Int32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
  let premier = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) { premier = false; break; }
  if (!premier) continue;
  if (i < 8) DEPART[i] = ((Math.sqrt(n) % 1) * ARRONDI) | 0;
  K[i++] = ((Math.cbrt(n) % 1) * ARRONDI) | 0;
}

// Tout est alloué une fois : la boucle ne fait que des additions.
const W = new Int32Array(64);
const H = new Int32Array(8);

// L'empreinte des « taille » premiers octets du tampon, déjà complétés (bit 1, zéros, longueur), dans H.
function empreinte(tampon, taille) {
  H.set(DEPART);
  for (let debut = 0; debut < taille; debut += 64) {
    for (let i = 0, o = debut; i < 16; i++, o += 4) {
      W[i] = (tampon[o] << 24) | (tampon[o + 1] << 16) | (tampon[o + 2] << 8) | tampon[o + 3];
    }
    for (let i = 16; i < 64; i++) {
      const u = W[i - 15], v = W[i - 2];
      const s0 = ((u >>> 7) | (u << 25)) ^ ((u >>> 18) | (u << 14)) ^ (u >>> 3);
      const s1 = ((v >>> 17) | (v << 15)) ^ ((v >>> 19) | (v << 13)) ^ (v >>> 10);
      W[i] = (W[i - 16] + W[i - 7] + s0 + s1) | 0;
    }
    let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    H[0] += a; H[1] += b; H[2] += c; H[3] += d; H[4] += e; H[5] += f; H[6] += g; H[7] += h;
  }
}

onmessage = ({ data: { algorithm, challenge, salt, max_number: maximum } }) => {
  if (algorithm !== "SHA-256") throw new Error(algorithm);
  const voulue = Int32Array.from(challenge.match(/.{8}/g), (mot) => parseInt(mot, 16) | 0);
  const sel = new TextEncoder().encode(salt);
  const tampon = new Uint8Array(((sel.length + 10 + 72) >> 6) << 6);
  tampon.set(sel);
  for (let nombre = 0; nombre <= maximum; nombre++) {
    const chiffres = String(nombre);
    const longueur = sel.length + chiffres.length;
    const taille = ((longueur + 72) >> 6) << 6;
    for (let i = 0; i < chiffres.length; i++) tampon[sel.length + i] = chiffres.charCodeAt(i);
    tampon[longueur] = 128;
    tampon.fill(0, longueur + 1, taille);
    tampon[taille - 2] = (longueur * 8) >> 8;
    tampon[taille - 1] = longueur * 8;
    empreinte(tampon, taille);
    if (H[0] === voulue[0] && H.every((mot, i) => mot === voulue[i])) return postMessage(nombre);
  }
  throw new Error("sans solution");
};
