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

const seen = new WeakSet();
const place = document.getElementById("notices");
if (place) {
  new MutationObserver(() => {
    for (const box of place.querySelectorAll("[data-passes]")) if (!seen.has(box)) { seen.add(box); pass(box); }
  }).observe(place, { childList: true });
}
