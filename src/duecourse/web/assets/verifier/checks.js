// Bundles, records, decisions and continuations, checked: what evidence/verifier/checks.py says, line by line.
import { sha256 } from "@noble/hashes/sha2.js";
import { unzipSync } from "fflate";
import { checkFurther, checkManifest, HANDED, HANDED_NEWER, HANDED_PROOF, MANIFEST } from "./manifest.js";
import { joined, LOG, readCheckpoint, readKey, same, signedAt, WITNESS } from "./notes.js";
import { checkOutside } from "./outside.js";
import { DESTRUCTION, embedded, NOTICE } from "./paper.js";
import { FAILS, HOLDS, Report, UNCHECKED, within } from "./report.js";
import { canonical, fromHex, get, inOrder, parsed, part, textOf, toBytes, toHex, Wrong } from "./texts.js";
import { checkProof, CONTINUATION, continues, leafHash, led, PROOF, rootAbove } from "./tree.js";

const BYTES_MAX = 64 * 1024 * 1024;

function opens(record, name, opening) {
  let salt, shown;
  try {
    salt = fromHex(part(opening, "salt", "str"));
    shown = toBytes(canonical([name, get(opening, "value")]));
  } catch (error) {
    if (error instanceof Wrong) return false;
    throw error;
  }
  const commitment = toHex(sha256(joined(toBytes("duecourse commitment 1\0"), salt, shown)));
  return salt.length === 32 && get(record.commitments, name) === commitment;
}

function checkRecord(report, name, entry, proof, openings, about = "record") {
  const found = within(report, about, name, () => {
    const [index, head] = checkProof(entry, proof);
    const record = parsed(textOf(entry));
    const told = ["kind", "at", "id"].map((one) => part(record, one, "str")).join(" ");
    return { index, head, record, told, committed: part(record, "commitments", "dict") };
  });
  if (!found) return null;
  report.meet(found.head);
  report.places.push([found.index, found.record.at, name]);
  if (about === "record") report.records.add(`${found.index} ${found.head.origin}`);
  report.tell(HOLDS, about, "record", { name, told: found.told, index: found.index });
  const shown = new Set();
  for (const opening of openings) {
    const named = within(report, "fact", name, () => ({ field: part(opening, "field", "str") }));
    if (!named) continue;
    shown.add(named.field);
    const mark = opens(found.record, named.field, opening) ? HOLDS : FAILS;
    if (mark === HOLDS) report.open(found.record.kind, named.field, get(opening, "value"));
    report.tell(mark, "fact", "fact", { name, what: `${named.field} = ${canonical(get(opening, "value"))}` });
  }
  for (const kept of inOrder(Object.keys(found.committed))) {
    if (!shown.has(kept)) report.tell(UNCHECKED, "fact", "fact_closed", { name, what: kept });
  }
  return found.record;
}

const WORDS_MAX = 100_000;
const PAGE = ["title", "window", "blocks"];
const UNSEEN = new Set(["document", "format", "lang"]);

// A notice's content as it is compared with the page: from the top, then what the page does not say, by its name.
function readOut(words) {
  const content = parsed(words);
  if (typeof content !== "object" || content === null || Array.isArray(content)) return cut(texts(content).join(" / "));
  const said = PAGE.flatMap((name) => lines(get(content, name)));
  const page = said.join(" / ");
  for (const name of inOrder(Object.keys(content))) {
    if (PAGE.includes(name) || UNSEEN.has(name)) continue;
    for (const text of texts(content[name])) if (!page.includes(text)) said.push(`${name}: ${text}`);
  }
  return cut(said.join(" / "));
}

function cut(whole) {
  const signs = Array.from(whole);
  return signs.length <= WORDS_MAX ? whole : `${signs.slice(0, WORDS_MAX).join("")} […]`;
}

// The lines of a part of the page: of a block one for each row, with a bar between its cells.
function lines(value) {
  const found = [];
  for (const one of Array.isArray(value) ? value : [value]) {
    const rows = typeof one === "object" && one !== null && !Array.isArray(one) ? get(one, "rows") : undefined;
    if (!Array.isArray(rows)) found.push(...texts(one));
    else rows.forEach((row) => found.push((Array.isArray(row) ? row.map((cell) => texts(cell).join("")) : texts(row)).join(" | ")));
  }
  return found.map((line) => line.replaceAll("\n", " ").replace(/^ +| +$/g, "")).filter((line) => line);
}

function texts(value) {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== "object" || value === null) return [];
  return inOrder(Object.keys(value)).flatMap((name) => texts(value[name]));
}

// Tell whether what a paper carries is what its record committed to; gives the key that it brings.
function checkCarried(report, name, content) {
  const [about, fits] = begins(content, DESTRUCTION) ? ["certificate", isCertificate] : ["notice", isNotice];
  return within(report, about, name, () => {
    const shown = parsed(textOf(content));
    const openings = part(shown, "openings", "list"), words = part(shown, "content", "str");
    const own = readKey(part(shown, "key", "str"));
    const entry = toBytes(part(shown, "record", "str"));
    const record = checkRecord(report, name, entry, part(shown, "proof", "str"), openings);
    if (!record) return own;
    const good = fits(record, openings, toHex(sha256(toBytes(words))));
    const said = about === "notice" ? readOut(words) : cut(canonical(parsed(words)));
    report.tell(good ? HOLDS : FAILS, about, good ? about : `not_${about}`, { name, words: said });
    report.tell(UNCHECKED, about, `${about}_page`, { name });
    return own;
  });
}

// Whether a record is that of the issue of words with this SHA-256, to which it committed.
function isNotice(record, openings, digest) {
  const fits = openings.filter((one) => get(one, "field") === "content");
  return record.kind === "notice.issued" && fits.length === 1 && get(fits[0], "value") === digest &&
    opens(record, "content", fits[0]);
}

// Whether a record is that of a destruction, and states this SHA-256 of its certificate.
function isCertificate(record, _openings, digest) {
  const stated = part(record, "stated", "dict");
  return record.kind === "retention.destroyed" && get(stated, "certificate") === digest;
}

function checkDecision(report, name, content) {
  within(report, "decision", name, () => {
    const shown = parsed(content);
    const entry = part(shown, "slice", "str"), row = part(shown, "row", "str"), rows = part(shown, "rows", "int");
    const record = checkRecord(report, name, toBytes(entry), part(shown, "proof", "str"), [], "slice");
    if (!record) return;
    const stated = part(record, "stated", "dict");
    const day = part(stated, "day", "str"), top = fromHex(part(stated, "root", "str"));
    const path = part(shown, "path", "list").map((one) => (typeof one === "string" ? fromHex(one) : new Uint8Array()));
    const leaf = leafHash(joined(fromHex(part(shown, "salt", "str")), toBytes(row)));
    const fits = part(stated, "rows", "int") === rows && record.kind === "day_run.slice";
    const found = fits ? rootAbove(leaf, BigInt(part(shown, "index", "int")), BigInt(rows), path) : null;
    report.tell(found && same(found, top) ? HOLDS : FAILS, "decision", "decision", { name, day, row });
  });
}

function checkContinuation(report, name, text, before) {
  const found = within(report, "consistency", name, () => led(text, CONTINUATION));
  if (!found) return;
  const [old, path, head] = found;
  report.meet(head);
  for (const one of before) {
    const sizes = { name, old: one.size, new: head.size };
    if (one.origin !== head.origin || one.size !== old) {
      report.tell(UNCHECKED, "consistency", "no_continuation", sizes);
    } else if (continues(old, one.root, head.size, head.root, path)) {
      report.tell(HOLDS, "consistency", "continues", sizes);
    } else {
      report.tell(FAILS, "consistency", "not_continued", sizes);
    }
  }
}

function checkHeads(report, key, own, witnesses) {
  if (!key && !own) report.tell(FAILS, "key", "no_key");
  const heads = [...report.heads.values()];
  for (const head of heads) checkHead(report, head, [key ?? own, ...witnesses].filter((one) => one));
  const name = (head) => `${head.size} ${head.origin}`;
  const roots = new Map(heads.map((head) => [name(head), head.root]));
  for (const head of heads) {
    if (!same(roots.get(name(head)), head.root)) {
      report.tell(FAILS, "consistency", "fork", { size: head.size, origin: head.origin });
    }
  }
  if (!key && own) report.tell(UNCHECKED, "key", "own_key");
}

function checkHead(report, head, signers) {
  for (const signer of signers) {
    const about = signer.kind === LOG ? "checkpoint" : "witness", values = { size: head.size, signer: signer.name };
    let at;
    try {
      at = signedAt(head, signer);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      report.lines.push({ mark: FAILS, about, said: error.said });
      continue;
    }
    if (signer.kind === LOG) {
      const good = at !== null && signer.name === head.origin;
      report.tell(good ? HOLDS : FAILS, about, good ? "signed" : "not_signed", values);
    } else if (at === null) {
      report.tell(UNCHECKED, about, "not_witnessed", values);
    } else {
      const when = `${new Date(Number(at) * 1000).toISOString().slice(0, 19)}+00:00`;
      report.tell(HOLDS, about, "witnessed", { ...values, when });
    }
  }
  for (const one of head.signatures) {
    if (!signers.some((signer) => signer.name === one.name && signer.id === one.id)) {
      report.tell(UNCHECKED, "witness", "unknown_signer", { signer: one.name });
    }
  }
}

// `handed` proves the record of the bundle's handing-over, where it was given beside it.
function checkBundle(report, content, key, witnesses, handed = null) {
  const files = unzipped(content);
  const raw = (name) => {
    if (typeof name !== "string") throw new Wrong("no_part", { part: "file" });
    if (!Object.hasOwn(files, name)) throw new Wrong("not_there", { name });
    return files[name];
  };
  const read = (name) => textOf(raw(name));
  const listed = parsed(read(MANIFEST)), own = readKey(read("key"));
  const lender = part(listed, "lender", "str");
  checkManifest(report, listed, files);
  const records = part(listed, "records", "list");
  for (const one of records) {
    const entry = read(part(one, "file", "str")), proof = read(part(one, "proof", "str"));
    const given = get(one, "openings") ?? null;
    const openings = part({ openings: given === null ? [] : parsed(read(given)) }, "openings", "list");
    const found = checkRecord(report, one.file, toBytes(entry), proof, openings);
    if (found && !found.id.startsWith(`${lender}/`)) {
      report.tell(FAILS, "record", "other_lender", { name: one.file, lender });
    }
  }
  const decisions = part(listed, "decisions", "list");
  for (const name of decisions) checkDecision(report, name, read(name));
  const head = readCheckpoint(read("checkpoint"));
  if (part(listed, "origin", "str") !== head.origin || BigInt(part(listed, "size", "int")) !== head.size) {
    report.tell(FAILS, "file", "other_log");
  }
  const isHead = (one) => one.origin === head.origin && one.size === head.size && same(one.root, head.root);
  if (![...report.heads.values()].every(isHead)) report.tell(FAILS, "record", "other_head");
  report.meet(head);
  checkOutside(report, listed, raw, head);
  const name = part(listed, "continuation", "str");
  checkContinuation(report, name, read(name), [...report.heads.values()]);
  checkHanded(report, files, lender, head, handed);
  checkHeads(report, key, own, witnesses);
  checkOrder(report);
  checkFurther(report, listed, raw);
  for (const day of part(listed, "unproven_days", "list")) {
    report.tell(UNCHECKED, "decision", "unproven_day", { day: typeof day === "string" ? day : canonical(day) });
  }
  if (part(listed, "left_out", "int")) report.tell(UNCHECKED, "record", "left_out", { count: listed.left_out });
  const made = part(listed, "texts", "list").map((one) => (typeof one === "string" ? one : canonical(one)));
  if (made.length) report.tell(UNCHECKED, "file", "rendering", { names: made.join(", ") });
  if (records.length === 0 && decisions.length === 0) report.tell(FAILS, "file", "empty");
}

// Tell whether the log has a record that just these files were handed over.
function checkHanded(report, files, lender, head, beside) {
  if (!Object.hasOwn(files, HANDED)) {
    report.tell(FAILS, "handed", "not_there", { name: HANDED });
    return;
  }
  within(report, "handed", HANDED, () => {
    const record = parsed(textOf(files[HANDED]));
    const manifest = part(part(record, "stated", "dict"), "manifest", "str"), kind = part(record, "kind", "str");
    let good = manifest === toHex(sha256(files[MANIFEST])) && kind === "evidence.bundled";
    good = good && part(record, "id", "str").startsWith(`${lender}/`);
    const proof = Object.hasOwn(files, HANDED_PROOF) ? files[HANDED_PROOF] : beside;
    if (proof === null) {
      report.tell(UNCHECKED, "handed", "handed_unproved", { id: part(record, "id", "str") });
    } else if (!checkRecord(report, HANDED, files[HANDED], textOf(proof), [], "handed")) {
      return;
    } else if (good) {
      report.tell(HOLDS, "handed", "handed", {});
    }
    if (!good) report.tell(FAILS, "handed", "handed_other", {});
    if (Object.hasOwn(files, HANDED_NEWER)) {
      checkContinuation(report, HANDED_NEWER, textOf(files[HANDED_NEWER]), [head]);
    }
  });
}

// Tell of records that are dated on an earlier day than one that was placed before them.
function checkOrder(report) {
  let latest = "";
  for (const [, at, name] of report.places.toSorted((one, two) => Number(one[0] - two[0]))) {
    const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(at) ? at.slice(0, 10) : latest;
    if (day < latest) report.tell(UNCHECKED, "record", "set_back", { name, at, other: latest });
    else latest = day;
  }
}

function unzipped(content) {
  const names = new Set();
  let size = 0;
  try {
    return unzipSync(content, {
      filter: (file) => {
        size += file.originalSize;
        if (size > BYTES_MAX) throw new Wrong("too_large");
        if (names.has(file.name)) throw new Wrong("twice");
        names.add(file.name);
        return true;
      },
    });
  } catch (error) {
    throw error instanceof Wrong ? error : new Wrong("damaged");
  }
}

const begins = (content, text) => toBytes(text).every((byte, at) => content[at] === byte);

function checkFiles(report, given, key, witnesses) {
  if (given.length === 1 && begins(given[0].content, "PK")) {
    checkBundle(report, given[0].content, key, witnesses);
    return;
  }
  for (const [one, other] of given.length === 2 ? [given, given.toReversed()] : []) {
    if (begins(one.content, "PK") && begins(other.content, PROOF)) {
      checkBundle(report, one.content, key, witnesses, other.content);
      return;
    }
  }
  let own = null;
  if (given.length === 1 && ["%PDF", NOTICE, DESTRUCTION].some((one) => begins(given[0].content, one))) {
    const [{ name, content }] = given;
    const found = begins(content, "%PDF") ? embedded(content) : [content];
    if (found.length === 0) throw new Wrong("no_notice");
    for (const one of found) own = checkCarried(report, name, one) || own;
  } else if (given.length === 1) checkDecision(report, given[0].name, textOf(given[0].content));
  for (const [one, other] of given.length === 2 ? [given, given.toReversed()] : []) {
    if (begins(other.content, PROOF)) {
      checkRecord(report, one.name, one.content, textOf(other.content), []);
    } else if (begins(other.content, CONTINUATION)) {
      const before = readCheckpoint(textOf(one.content));
      report.meet(before);
      checkContinuation(report, other.name, textOf(other.content), [before]);
    }
  }
  if (report.lines.length === 0) throw new Wrong("nothing");
  checkHeads(report, key, own, witnesses);
}

// The report on files ({name, content: Uint8Array}), with keys as they are given out; key is null where none is given.
export function checked(files, key, witnesses) {
  const report = new Report();
  try {
    checkFiles(report, files, key === null ? null : readKey(key), witnesses.map((one) => readKey(one, WITNESS)));
  } catch (error) {
    if (error instanceof Wrong) report.lines.push({ mark: FAILS, about: "file", said: error.said });
    else report.tell(FAILS, "file", "unreadable");
  }
  return report;
}
