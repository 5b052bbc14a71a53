// What htmx sends carries the page's token; an answer that never came is said aloud.
import { tell } from "./notices.js";

document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
});

document.addEventListener("htmx:error", () => {
  const zh = document.documentElement.lang.startsWith("zh");
  tell("bad", zh ? "没有收到服务器的答复，请稍后再试。" : "No answer came from the server. Try again in a moment.");
});
