// The files of a bundle against its list of them, and evidence of other kinds against the records about it; as
// evidence/verifier/manifest.py does.
import { sha256 } from "@noble/hashes/sha2.js";
import { embedded } from "./paper.js";
import { FAILS, HOLDS, UNCHECKED } from "./report.js";
import { get, inOrder, parsed, part, textOf, toBytes, toHex, Wrong } from "./texts.js";

export const MANIFEST = "bundle.json";
export const HANDED = "handed.json", HANDED_PROOF = "handed.tlog-proof", HANDED_NEWER = "handed.continuation";
const BESIDE = new Set([MANIFEST, HANDED, HANDED_PROOF, HANDED_NEWER]);

// Which record commits to the SHA-256 of such a file, and as which fact.
const COMMITTED = new Map([
  ["document", ["document.kept", "sha256"]],
  ["recording", ["recording.kept", "sha256"]],
  ["notice", ["notice.issued", "content"]],
]);

const digestOf = (content) => toHex(sha256(content));

export function checkManifest(report, listed, files) {
  const named = new Set();
  let good = true;
  const fail = (word, name) => {
    report.tell(FAILS, "file", word, { name });
    good = false;
  };
  for (const one of part(listed, "files", "list")) {
    const name = part(one, "name", "str"), size = part(one, "size", "int"), digest = part(one, "sha256", "str");
    if (named.has(name)) fail("listed_twice", name);
    else if (!Object.hasOwn(files, name)) fail("not_there", name);
    else if (files[name].length !== size || digestOf(files[name]) !== digest) fail("changed", name);
    named.add(name);
  }
  for (const name of inOrder(Object.keys(files))) {
    if (!named.has(name) && !BESIDE.has(name)) fail("not_listed", name);
  }
  if (good) report.tell(HOLDS, "file", "as_listed", { count: named.size });
}

export function checkFurther(report, listed, read) {
  for (const one of part(listed, "further", "list")) {
    const kind = part(one, "kind", "str"), name = get(one, "file") ?? null;
    if (!COMMITTED.has(kind)) {
      read(name);
      report.tell(UNCHECKED, "further", "further", { kind });
      continue;
    }
    const digest = part(one, "sha256", "str"), called = name ?? digest;
    if (name !== null && digestOf(read(name)) !== digest) {
      report.tell(FAILS, "further", "further_other", { name: called });
    } else if (!report.opened(...COMMITTED.get(kind), digest)) {
      report.tell(FAILS, "further", "further_no_record", { name: called });
    } else if (name === null) {
      report.tell(UNCHECKED, "further", "further_closed", { kind, name: called });
    } else {
      report.tell(HOLDS, "further", "further_good", { name: called });
    }
    const paper = get(one, "paper") ?? null;
    if (paper !== null) checkPaper(report, paper, digest, read);
  }
}

function checkPaper(report, name, digest, read) {
  const found = embedded(read(name));
  let words;
  try {
    words = found.map((one) => digestOf(toBytes(part(parsed(textOf(one)), "content", "str"))));
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    words = [];
  }
  const good = words.length === 1 && words[0] === digest;
  report.tell(good ? UNCHECKED : FAILS, "further", good ? "paper" : "paper_other", { name });
}
