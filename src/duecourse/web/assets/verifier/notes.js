// Keys, notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
import * as ed25519 from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { cut, fromBase64, toBytes, toHex, Wrong } from "./texts.js";

ed25519.hashes.sha512 = sha512;

export const LOG = 1;
export const WITNESS = 4;
const TIME_MAX = 253402300799n; // the last second of the year 9999

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one, two) {
  return one.length === two.length && one.every((byte, at) => byte === two[at]);
}

// Keys and signatures have one form only, and no point has a part outside the group, with which anybody could sign.
export function ed25519Verifies(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    const inGroup = [key, signature.slice(0, 32)].every((bytes) => ed25519.Point.fromBytes(bytes, false).isTorsionFree());
    return inGroup && ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

function idOf(name, kind, material) {
  return toHex(sha256(joined(toBytes(`${name}\n`), Uint8Array.of(kind), material)).slice(0, 4));
}

export function readKey(text, kind = LOG) {
  const bare = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const [name, , rest] = cut(bare, "+");
  const [id, , material] = cut(rest, "+");
  let content;
  try {
    content = fromBase64(material);
  } catch {
    content = new Uint8Array();
  }
  if (!name || content.length !== 33 || ![LOG, WITNESS].includes(content[0])) {
    throw new Wrong("not_key", { text: Array.from(bare).slice(0, 60).join("") });
  }
  const key = { name, kind: content[0], public: content.slice(1), id: idOf(name, content[0], content.slice(1)) };
  if (key.id !== id) throw new Wrong("key_miscopied", { signer: name });
  if (key.kind !== kind) throw new Wrong(kind === LOG ? "key_not_log" : "key_not_witness", { signer: name });
  return key;
}

const read = new Map();

export function readCheckpoint(content) {
  if (!read.has(content)) {
    if (read.size >= 16) read.clear();
    read.set(content, unread(content));
  }
  return read.get(content);
}

function unread(content) {
  const gap = content.lastIndexOf("\n\n");
  const text = content.slice(0, Math.max(gap, 0));
  const lines = text.split("\n");
  if (gap < 0 || lines.length < 3 || !/^(?:0|[1-9][0-9]{0,17})$/.test(lines[1])) throw new Wrong("not_checkpoint");
  const signatures = content.slice(gap + 2).split("\n").slice(0, -1).map((line) => {
    const found = /^— ([^ ]+) ([^ ]+)$/.exec(line);
    const material = found ? fromBase64(found[2]) : new Uint8Array();
    if (material.length < 5) throw new Wrong("not_signature");
    return { name: found[1], id: toHex(material.slice(0, 4)), value: material.slice(4) };
  });
  return { text: `${text}\n`, whole: content, signatures, origin: lines[0], size: BigInt(lines[1]), root: fromBase64(lines[2]) };
}

// The time at which a witness signed, null where the key did not sign.
export function signedAt(head, key) {
  const found = head.signatures.find((one) => one.name === key.name && one.id === key.id);
  if (!found) return null;
  let at = 0n, signature = found.value, message = head.text;
  if (key.kind === WITNESS) {
    at = signature.slice(0, 8).reduce((whole, byte) => (whole << 8n) | BigInt(byte), 0n);
    signature = signature.slice(8);
    message = `cosignature/v1\ntime ${at}\n${head.text}`;
  }
  if (at > TIME_MAX || !ed25519Verifies(key.public, signature, toBytes(message))) {
    throw new Wrong("bad_signature", { signer: found.name });
  }
  return at;
}
