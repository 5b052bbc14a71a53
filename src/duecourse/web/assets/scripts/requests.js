// What htmx sends carries the page's token; an answer that never came is said aloud.
import { tell } from "./notices.js";

const AWAY_MS = 4 * 60 * 1000;
let touched = Date.now();
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
  document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
}

document.addEventListener("htmx:config:request", (event) => {
  // What a page asks by itself while nobody is at it does not keep the session alive.
  if (Date.now() - touched > AWAY_MS) event.detail.ctx.request.headers["X-Unattended"] = "1";
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
});

document.addEventListener("htmx:error", () => {
  const zh = document.documentElement.lang.startsWith("zh");
  tell("bad", zh ? "没有收到服务器的答复，请稍后再试。" : "No answer came from the server. Try again in a moment.");
});
