// What others outside say, time stamps (RFC 3161) and anchors on a chain (EVM): whether they are of this log is checked,
// whether they are genuine is not, for that takes certificates and a node.
import { sha256 } from "@noble/hashes/sha2.js";
import { readCheckpoint, same } from "./notes.js";
import { FAILS, HOLDS, UNCHECKED, within } from "./report.js";
import { fromBase64, part, textOf, Wrong } from "./texts.js";
import { continues } from "./tree.js";

export function checkOutside(report, listed, read, head) {
  for (const one of part(listed, "stamps", "list")) checkStamp(report, one, read, head);
  for (const one of part(listed, "anchors", "list")) checkAnchor(report, one, read, head);
}

function checkOutsideHead(report, name, content, path, head) {
  const shown = readCheckpoint(`${textOf(content)}\n`);
  const [old, newer] = shown.size <= head.size ? [shown, head] : [head, shown];
  const hashes = path.map((one) => (typeof one === "string" ? fromBase64(one) : new Uint8Array()));
  const good = shown.origin === head.origin && continues(old.size, old.root, newer.size, newer.root, hashes);
  report.tell(good ? HOLDS : FAILS, "further", good ? "outside_of_log" : "outside_not_of_log", { name, size: shown.size });
  return good ? shown : null;
}

// The parts of a DER value, without their tags.
function der(content) {
  const parts = [];
  let at = 0;
  while (at < content.length) {
    if (at + 2 > content.length) throw new Wrong("not_stamp");
    let size = BigInt(content[at + 1]);
    at += 2;
    if (size & 0x80n) {
      const width = Number(size & 0x7fn);
      size = content.slice(at, at + width).reduce((whole, byte) => (whole << 8n) | BigInt(byte), 0n);
      at += width;
    }
    if (BigInt(at) + size > BigInt(content.length)) throw new Wrong("not_stamp");
    parts.push(content.slice(at, at + Number(size)));
    at += Number(size);
  }
  return parts;
}

function exactly(count, content) {
  const parts = der(content);
  if (parts.length !== count) throw new Wrong("not_stamp");
  return parts[count - 1];
}

function nth(number, least, content) {
  const parts = der(content);
  if (parts.length < least) throw new Wrong("not_stamp");
  return parts[number];
}

// The digest that a time stamp is over and the time that it states; who signed it is not looked at here.
function stampSays(response) {
  const signed = exactly(1, exactly(2, exactly(2, exactly(1, response))));
  const info = exactly(1, exactly(1, exactly(2, nth(2, 3, signed))));
  const digest = exactly(2, nth(2, 5, info));
  const time = String.fromCharCode(...nth(4, 5, info).slice(0, 64));
  const found = /^([1-9][0-9]{3})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]+)?Z$/.exec(time);
  if (!found) throw new Wrong("not_stamp");
  const [year, month, ...rest] = found.slice(1, 7).map(Number);
  const at = new Date(Date.UTC(year, month - 1, ...rest)).toISOString().slice(0, 19);
  if (at.replace(/[^0-9]/g, "") !== found.slice(1, 7).join("")) throw new Wrong("not_stamp");
  return [digest, `${at}+00:00`];
}

function checkStamp(report, one, read, head) {
  const name = part(one, "file", "str"), text = part(one, "text", "str");
  const own = read(part(one, "certificates", "str"));
  const stamp = read(name), content = read(text);
  within(report, "further", name, () => {
    const shown = checkOutsideHead(report, name, content, part(one, "path", "list"), head);
    if (!shown) return;
    const [digest, at] = stampSays(stamp);
    textOf(own);
    if (!same(digest, sha256(content))) {
      report.tell(FAILS, "further", "stamp_other", { name });
      return;
    }
    report.tell(UNCHECKED, "further", "stamp_unchecked", { name, size: shown.size, at, text });
  });
}

function checkAnchor(report, one, read, head) {
  const name = part(one, "file", "str"), contract = part(one, "contract", "str");
  const chain = part(one, "chain", "int"), block = part(one, "block", "int"), content = read(name);
  within(report, "further", name, () => {
    const shown = checkOutsideHead(report, name, content, part(one, "path", "list"), head);
    if (shown) report.tell(UNCHECKED, "further", "anchor_unchecked", { name, contract, chain, block, size: shown.size });
  });
}
