// The proof that the PDF of a notice or of a certificate of destruction carries: found without reading the PDF as such; as evidence/verifier/paper.py does.
import { unzlibSync } from "fflate";

import { toBytes } from "./texts.js";

export const NOTICE = '{"format":"duecourse notice proof 1"';
export const DESTRUCTION = '{"format":"duecourse destruction proof 1"';
const STREAM_MAX = 1_000_000;
const BEGINS = toBytes("stream"), ENDS = toBytes("endstream"), PROOFS = [NOTICE, DESTRUCTION].map(toBytes);

function at(content, wanted, from, until) {
  for (let place = content.indexOf(wanted[0], from); place >= 0 && place + wanted.length <= until;
    place = content.indexOf(wanted[0], place + 1)) {
    if (wanted.every((byte, more) => content[place + more] === byte)) return place;
  }
  return -1;
}

function unpacked(raw) {
  try {
    return unzlibSync(raw);
  } catch {
    return new Uint8Array();
  }
}

function bare(text) {
  let end = text.length;
  while (end > 0 && (text[end - 1] === 10 || text[end - 1] === 13)) end -= 1;
  return text.subarray(0, end);
}

// The proofs among the streams of a PDF, packed or plain, each once.
export function embedded(content) {
  const found = new Map();
  let place = 0;
  while ((place = at(content, BEGINS, place, content.length)) >= 0) {
    place += BEGINS.length;
    let first = place;
    if (content[first] === 13) first += 1;
    if (content[first] !== 10) continue;
    first += 1;
    const end = at(content, ENDS, first, Math.min(content.length, first + STREAM_MAX));
    const raw = end >= 0 ? content.subarray(first, end) : new Uint8Array();
    for (const text of [raw, unpacked(raw)]) {
      if (text.length <= STREAM_MAX && PROOFS.some((proof) => proof.every((byte, more) => text[more] === byte))) {
        found.set(bare(text).join(), bare(text));
      }
    }
  }
  return [...found.values()];
}
