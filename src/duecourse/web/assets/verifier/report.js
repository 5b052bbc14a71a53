// What is told: one line for each thing that was found.
import { said, Wrong } from "./texts.js";

export const HOLDS = 0, FAILS = 1, UNCHECKED = 2;

export class Report {
  lines = [];
  heads = new Map();
  places = [];

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
