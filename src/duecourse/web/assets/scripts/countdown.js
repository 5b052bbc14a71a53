// <time data-until> counts down; at its end the nearest [data-at-end] asks htmx for itself anew, or is taken away.
import htmx from "htmx.org";

function said(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, "0"));
  if (seconds >= 86400) {
    const zh = document.documentElement.lang.startsWith("zh");
    const days = Math.floor(seconds / 86400);
    return zh ? `${days} 天 ${String(Number(h) % 24).padStart(2, "0")}:${m}` : `${days} d ${String(Number(h) % 24).padStart(2, "0")}:${m}`;
  }
  return h === "00" ? `${m}:${s}` : `${h}:${m}:${s}`;
}

function tick() {
  const now = Date.now();
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(one.dataset.until) - now) / 1000);
    if (left > 0) { one.textContent = said(left); continue; }
    const place = one.closest("[data-at-end]");
    delete one.dataset.until;
    one.textContent = "00:00";
    if (place?.dataset.atEnd) htmx.ajax("GET", place.dataset.atEnd, { target: place, swap: "outerHTML" });
    else place?.remove();
  }
}

tick();
setInterval(tick, 1000);
