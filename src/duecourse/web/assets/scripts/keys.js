// Keys: an element with data-key="j" is clicked (or focused, if it is a field) when the key is struck outside of fields.
// "Mod+k" is Ctrl or Cmd; "g w" are two keys one after the other. data-key-says is what the list of keys shows.
const WAIT_MS = 900;
let begun = "";
let timer;

// What takes letters: a box that is ticked takes none, so keys count where the focus is on one.
function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && /^(checkbox|radio|button|submit|file)$/.test(target.type)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function named(event) {
  const mod = event.ctrlKey || event.metaKey ? "Mod+" : "";
  return mod + (event.key.length === 1 ? (mod ? event.key.toLowerCase() : event.key) : event.key);
}

function within() {
  return document.querySelector("dialog[open]") ?? document;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.isComposing) return;
  const key = named(event);
  if (typing(event.target) && !key.startsWith("Mod+")) return;
  const wanted = begun ? `${begun} ${key}` : key;
  const all = [...within().querySelectorAll("[data-key]")].filter((one) => !one.disabled);
  const found = all.find((one) => one.dataset.key === wanted);
  clearTimeout(timer);
  begun = "";
  if (found) {
    event.preventDefault();
    if (typing(found)) { found.focus(); found.select?.(); } else found.click();
  } else if (all.some((one) => one.dataset.key.startsWith(`${wanted} `))) {
    begun = wanted;
    timer = setTimeout(() => { begun = ""; }, WAIT_MS);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.('[data-opens="keys"]')) list();
});

function list() {
  const place = document.querySelector("[data-lists-keys]");
  if (!place) return;
  place.replaceChildren();
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const told = new Set();
  for (const one of document.querySelectorAll("[data-key][data-key-says]")) {
    if (told.has(one.dataset.key)) continue;
    told.add(one.dataset.key);
    const term = document.createElement("dt");
    for (const part of one.dataset.key.split(" ")) {
      term.append(Object.assign(document.createElement("kbd"), { textContent: part.replace("Mod+", mac ? "⌘ " : "Ctrl ") }), " ");
    }
    place.append(term, Object.assign(document.createElement("dd"), { textContent: one.dataset.keySays }));
  }
}
