/** Punycode (RFC 3492), for domains beyond ASCII. */

const [BASE, T_MIN, T_MAX, SKEW, DAMP, FIRST_BIAS, FIRST_CODE] = [36, 1, 26, 38, 700, 72, 128];

/** Encodes a label, without `xn--`. */
export function toPunycode(label: string): string {
  const codes = Array.from(label, (character) => character.codePointAt(0) ?? 0);
  let out = codes
    .filter((code) => code < FIRST_CODE)
    .map((code) => String.fromCharCode(code))
    .join('');
  const basic = out.length;
  if (basic > 0) out += '-';
  let [code, delta, bias, done] = [FIRST_CODE, 0, FIRST_BIAS, basic];
  while (done < codes.length) {
    const next = Math.min(...codes.filter((each) => each >= code));
    delta += (next - code) * (done + 1);
    code = next;
    for (const each of codes) {
      if (each < code) delta++;
      if (each !== code) continue;
      out += digits(delta, bias);
      bias = adapt(delta, done + 1, done === basic);
      delta = 0;
      done++;
    }
    delta++;
    code++;
  }
  return out;
}

function digits(delta: number, bias: number): string {
  let [out, rest] = ['', delta];
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
    if (rest < threshold) return out + rest.toString(BASE).replace(/./, toDigit);
    const digit = threshold + ((rest - threshold) % (BASE - threshold));
    out += toDigit(digit.toString(BASE));
    rest = Math.floor((rest - threshold) / (BASE - threshold));
  }
}

/** Punycode's digits are a to z and 0 to 9; those of numbers in base 36 are 0 to 9 and a to z. */
function toDigit(digit: string): string {
  const value = Number.parseInt(digit, BASE);
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}

function adapt(delta: number, points: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
