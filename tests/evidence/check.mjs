// Runs the browser's verifier in Node on what stands in a file of JSON, and prints what it says of each.
import { readFileSync } from "node:fs";
import { checked } from "../../src/duecourse/web/assets/verifier/checks.js";
import { ed25519Verifies } from "../../src/duecourse/web/assets/verifier/notes.js";
import { canonical, parsed } from "../../src/duecourse/web/assets/verifier/texts.js";
import { continues, leafHash, rootAbove } from "../../src/duecourse/web/assets/verifier/tree.js";

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (content) => (content === null ? null : Buffer.from(content).toString("hex"));

const KINDS = {
  ed25519: ({ key, signature, message }) => ed25519Verifies(bytes(key), bytes(signature), bytes(message)),
  leaf: ({ entry }) => hex(leafHash(bytes(entry))),
  inclusion: ({ leaf, index, size, path }) => hex(rootAbove(bytes(leaf), BigInt(index), BigInt(size), path.map(bytes))),
  consistency: ({ old, oldRoot, size, root, path }) =>
    continues(BigInt(old), bytes(oldRoot), BigInt(size), bytes(root), path.map(bytes)),
  json: ({ text }) => {
    try {
      return canonical(parsed(text));
    } catch (error) {
      return `refused: ${error.said?.[0]}`;
    }
  },
  files: ({ files, key, witnesses }) => {
    const given = files.map(([name, content]) => ({ name, content: Uint8Array.from(Buffer.from(content, "base64")) }));
    const report = checked(given, key, witnesses);
    return { failed: report.failed, counted: report.counted, lines: report.lines.map((line) => [line.mark, line.about, ...line.said]) };
  },
};

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(asked.map(([kind, one]) => KINDS[kind](one))));
