// What is told: one line for each thing that was found.
import { said, Wrong } from "./texts.js";

export const HOLDS = 0, FAILS = 1, UNCHECKED = 2;

export class Report {
  lines = [];
  heads = new Map();
  places = [];
  records = new Set(); // that stand in the log, each once
  facts = new Set(); // that were opened, by kind of record and field

  tell(mark, about, word, values) {
    this.lines.push({ mark, about, said: said(word, values) });
  }

  fail(about, name, wrong) {
    const [en, zh] = wrong.said;
    this.lines.push({ mark: FAILS, about, said: [`${name}: ${en}`, `${name}：${zh}`] });
  }

  meet(head) {
    if (!this.heads.has(head.whole)) this.heads.set(head.whole, head);
  }

  open(kind, field, value) {
    this.facts.add(JSON.stringify([kind, field, value]));
  }

  opened(kind, field, value) {
    return this.facts.has(JSON.stringify([kind, field, value]));
  }

  // How many records stand in the log, each once, and how many facts and decisions hold.
  get counted() {
    const held = (about) => this.lines.filter((line) => line.mark === HOLDS && line.about === about).length;
    return { records: this.records.size, facts: held("fact"), decisions: held("decision") };
  }

  get failed() {
    return this.lines.some((line) => line.mark === FAILS) || !this.lines.some((line) => line.mark === HOLDS);
  }
}

// Run a check; what it finds wrong becomes a line.
export function within(report, about, name, check) {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    report.fail(about, name, error);
    return null;
  }
}
