// The page: takes files and keys, has them checked, and says in plain words what is proved and what is not.
import "../styles/tokens.css";
import "../styles/base.css";
import "./page.css";
import { checked } from "./checks.js";
import { FAILS, HOLDS, UNCHECKED } from "./report.js";
import { SAYS } from "./texts.js";
import { LANGUAGES, WORDS } from "./words.js";

const AT_ONCE = 200; // lines; a bundle may have tens of thousands
const MARKS = ["holds", "fails", "unchecked"];
const one = (id) => document.getElementById(id);
let language = navigator.language.toLowerCase().startsWith("zh") ? 1 : 0;
let files = [], report = null, turn = 0;

const says = (word, values = {}) => WORDS[word][language].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function count(mark, about) {
  return report.lines.filter((line) => line.mark === mark && (!about || line.about === about)).length;
}

function proved() {
  if (report.failed) return [says("nothing_proved")];
  const counted = Object.entries(report.counted).filter(([, number]) => number)
    .map(([word, number]) => says(word, { count: number.toLocaleString(["en", "zh-CN"][language]) }));
  if (count(HOLDS, "handed") > 1) counted.push(says("handed"));
  if (count(HOLDS, "consistency")) counted.push(says("consistent"));
  if (count(HOLDS, "witness")) counted.push(says("witnessed"));
  return counted;
}

function notProved() {
  const words = ["not_true", "not_whole", "not_who", "not_stamps"];
  if (!count(HOLDS, "witness")) words.unshift("not_when");
  if (count(UNCHECKED, "handed")) words.unshift("not_handed");
  if (count(UNCHECKED, "file")) words.push("not_rendering");
  if (count(UNCHECKED, "key")) words.unshift("not_own");
  return words.map((word) => says(word));
}

function fill(list, sentences) {
  list.replaceChildren(...sentences.map((sentence) => element("li", sentence)));
}

function line(found) {
  const item = element("li", "", MARKS[found.mark]);
  item.append(element("span", WORDS.marks[language][found.mark], "mark"), element("span", found.said[language], "said"));
  return item;
}

// What does not hold comes first, so that nobody has to look for it.
function lines() {
  return [...report.lines].sort((a, b) => Number(b.mark === FAILS) - Number(a.mark === FAILS));
}

function show() {
  document.documentElement.lang = ["en", "zh-CN"][language];
  document.title = says("title");
  for (const place of document.querySelectorAll("[data-says]")) place.textContent = says(place.dataset.says);
  one("language").textContent = says("other");
  one("language").lang = ["zh-CN", "en"][language];
  one("found").hidden = !report;
  one("chosen").textContent = files.length ? files.map((file) => file.name).join(", ") : says("none_chosen");
  const compare = Boolean(report) && !report.failed && count(UNCHECKED, "key") > 0;
  const verdict = report ? SAYS[report.failed ? "fails" : "holds"][language] : says("nothing_yet");
  one("verdict").className = `verdict ${report ? (report.failed ? "fails" : "holds") : ""} ${compare ? "compare" : ""}`;
  one("verdict").textContent = verdict + (compare ? [" ", ""][language] + says("compare") : "");
  if (!report) return;
  fill(one("proved"), proved());
  fill(one("not-proved"), notProved());
  one("counts").textContent = [HOLDS, FAILS, UNCHECKED].map((mark) => `${WORDS.marks[language][mark]} ${count(mark)}`).join(" · ");
  const all = lines();
  one("lines").replaceChildren(...all.slice(0, AT_ONCE).map(line));
  one("more").hidden = all.length <= AT_ONCE;
  one("more").textContent = says("more", { count: all.length - AT_ONCE });
}

async function check() {
  if (files.length === 0) return;
  const mine = ++turn;
  one("verdict").className = "verdict";
  one("verdict").textContent = says("checking");
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))); // the word is seen before the work
  let given;
  try {
    given = await Promise.all(files.map(async (file) => ({ name: file.name, content: new Uint8Array(await file.arrayBuffer()) })));
  } catch {
    given = []; // a file that is gone or changed since it was chosen
  }
  if (mine !== turn) return; // something newer is being checked
  const key = one("key").value.trim();
  report = checked(given, key === "" ? null : key, one("witnesses").value.split("\n").filter((text) => text.trim()));
  show();
}

function take(list) {
  files = [...list];
  check();
}

one("language").addEventListener("click", () => {
  language = (language + 1) % LANGUAGES.length;
  show();
});
one("files").addEventListener("change", () => take(one("files").files));
for (const id of ["key", "witnesses"]) one(id).addEventListener("change", check);
one("given").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
one("more").addEventListener("click", () => {
  one("lines").append(...lines().slice(AT_ONCE).map(line));
  one("more").hidden = true;
});
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(name, (event) => {
    event.preventDefault();
    one("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files);
  });
}
show();
