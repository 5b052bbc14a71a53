// Notices pass by themselves, unless somebody reads them.
const STAYS_MS = 8000;

export function tell(level, text) {
  const box = document.createElement("div");
  box.className = `notice ${level}`;
  box.setAttribute("role", "alert");
  box.dataset.passes = "";
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  document.getElementById("notices")?.append(box);
}

function pass(box) {
  let timer = setTimeout(() => box.remove(), STAYS_MS);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), STAYS_MS); });
}

// What is said while a dialog stands open is said in it, over the page that it covers, until the next is said there.
function within(dialog, box) {
  dialog.querySelector(":scope > .notice")?.remove();
  dialog.querySelector(".sheet-head").after(box);
  box.scrollIntoView({ block: "nearest" });
}

const seen = new WeakSet();
const place = document.getElementById("notices");
if (place) {
  new MutationObserver(() => {
    for (const box of place.querySelectorAll("[data-passes]")) {
      if (seen.has(box)) continue;
      seen.add(box);
      const dialog = document.querySelector("dialog.sheet[open]");
      if (dialog) within(dialog, box); else pass(box);
    }
  }).observe(place, { childList: true });
}
