// Texts: JSON, hex, base64, each read in one way only; as evidence/verifier/texts.py does.
import SAYS from "../../../evidence/verifier/sentences.json" with { type: "json" };

const EXACT_MAX = Number.MAX_SAFE_INTEGER;
// What could make a line look like another one.
const UNSHOWN = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

export { SAYS };

export function said(word, values = {}) {
  return SAYS[word].map((sentence) =>
    sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name])).toWellFormed().replaceAll(UNSHOWN, "\ufffd"));
}

export class Wrong extends Error {
  constructor(word, values) {
    super(word);
    this.said = said(word, values);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function textOf(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Wrong("not_text");
  }
}

export function toBytes(text) {
  if (!text.isWellFormed()) throw new Wrong("not_text");
  return new TextEncoder().encode(text);
}

export function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Wrong("not_json");
  }
  // Numbers are looked at as they are written: a parsed 1.0 is 1.
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const exact = (number) => /^-?[0-9]{1,16}$/.test(number) && Math.abs(Number(number)) <= EXACT_MAX;
  if (!(bare.match(/-?[0-9][0-9.eE+-]*/g) ?? []).every(exact)) throw new Wrong("not_json");
  if (namesTwice(text)) throw new Wrong("not_json");
  return value;
}

// Whether an object of a text that is JSON has a name twice: JSON.parse would keep the last one without a word.
function namesTwice(text) {
  const open = [];
  let name = null;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token !== ":") name = token;
    else {
      const called = JSON.parse(name), names = open.at(-1);
      if (names.has(called)) return true;
      names.add(called);
    }
  }
  return false;
}

const KINDS = {
  str: (value) => typeof value === "string",
  int: (value) => typeof value === "number",
  list: Array.isArray,
  dict: isObject,
};

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function get(object, name) {
  return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function part(object, name, kind) {
  const found = get(object, name);
  if (!KINDS[kind](found)) throw new Wrong("no_part", { part: name });
  return found;
}

export function canonical(value) {
  if (isObject(value)) {
    return `{${inOrder(Object.keys(value)).map((name) => `${quoted(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  return typeof value === "string" ? quoted(value) : JSON.stringify(value ?? null);
}

// JSON.stringify writes half a pair of surrogates as an escape; here it stays what it is, so that it is refused later.
function quoted(text) {
  return JSON.stringify(text).replace(/(?<!\\)((?:\\\\)*)\\u(d[89a-f][0-9a-f]{2})/g, (_, before, code) =>
    before + String.fromCharCode(parseInt(code, 16)));
}

// By UTF-16 code units, as RFC 8785 has it.
export function inOrder(names) {
  return [...names].sort((one, two) => (one < two ? -1 : Number(one > two)));
}

const start = (text, count) => Array.from(text).slice(0, count).join("");

export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Wrong("not_hex", { text: start(text, 40) });
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromBase64(text) {
  let content = "";
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    try {
      content = atob(text);
    } catch {
      content = "";
    }
  }
  if (content === "" || btoa(content) !== text) throw new Wrong("not_base64", { text: start(text, 40) });
  const bytes = new Uint8Array(content.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = content.charCodeAt(at);
  return bytes;
}

export function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, "", ""] : [text.slice(0, at), mark, text.slice(at + mark.length)];
}
