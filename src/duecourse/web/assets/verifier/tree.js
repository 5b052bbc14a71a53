// The tree (RFC 6962, 9162), proofs (C2SP tlog-proof) and continuations (as tlog-witness asks with).
import { sha256 } from "@noble/hashes/sha2.js";
import { joined, readCheckpoint, same } from "./notes.js";
import { cut, fromBase64, Wrong } from "./texts.js";

export const PROOF = "c2sp.org/tlog-proof@v1\n";
export const CONTINUATION = "old ";
const HASHES_MAX = 63;
const ZERO = Uint8Array.of(0), ONE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(joined(ZERO, entry));
const nodeHash = (left, right) => sha256(joined(ONE, left, right));

// The root to which a leaf's path leads (RFC 9162, 2.1.3.2); null where the path has a wrong length.
export function rootAbove(leaf, index, size, path) {
  if (index < 0n || index >= size) return null;
  let at = index, last = size - 1n, top = leaf;
  for (const sibling of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      top = nodeHash(sibling, top);
      while (at && !(at & 1n)) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      top = nodeHash(top, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last ? null : top;
}

// Whether the tree of `size` leaves begins with the tree of `old` (RFC 9162, 2.1.4.2).
export function continues(old, oldRoot, size, newRoot, path) {
  if (old === 0n || old === size) {
    return path.length === 0 && same(oldRoot, old === size ? newRoot : sha256(new Uint8Array()));
  }
  const steps = old & (old - 1n) ? path : [oldRoot, ...path];
  if (old < 0n || old > size || steps.length === 0) return false;
  let at = old - 1n, last = size - 1n;
  while (at & 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  let before = steps[0], after = steps[0];
  for (const step of steps.slice(1)) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      before = nodeHash(step, before);
      after = nodeHash(step, after);
      while (at && !(at & 1n)) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      after = nodeHash(after, step);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(before, oldRoot) && same(after, newRoot);
}

const HEADS = {
  [PROOF]: /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9][0-9]{0,17})((?:\n[^\n]+)*)$/,
  [CONTINUATION]: /^old (0|[1-9][0-9]{0,17})((?:\n[^\n]+)*)$/,
};

// The number, hashes and checkpoint of a proof or continuation, nothing of it checked.
export function led(text, head) {
  const [above, , below] = cut(text, "\n\n");
  const found = HEADS[head].exec(above);
  const path = found ? found[2].split("\n").slice(1).map(fromBase64) : [];
  if (!found || path.length > HASHES_MAX || path.some((one) => one.length !== 32)) throw new Wrong("not_proof");
  return [BigInt(found[1]), path, readCheckpoint(below)];
}

export function checkProof(entry, proof) {
  const [index, path, head] = led(proof, PROOF);
  const top = rootAbove(leafHash(entry), index, head.size, path);
  if (!top || !same(top, head.root)) throw new Wrong("not_in_log");
  return [index, head];
}
