// A dialog begins in its first field, where it has none on its first button: not on the one that closes it. What a server
// puts into it while it stands open begins so too.
const FIELD = 'input:not([type="hidden"]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

function begin(dialog) {
  if (dialog.querySelector("[autofocus]")) return;
  const first = dialog.querySelector(FIELD) ?? dialog.querySelector("button:not(.sheet-head *), a[href], summary");
  first?.focus({ preventScroll: true });
}

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  begin(dialog);
}

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  const dialog = target instanceof Element && target.closest("dialog[open]");
  if (dialog) begin(dialog);
});

// A button with data-opens="ID" opens that dialog, a page opens the one it wants answered as it comes; a click beside a dialog closes it; a menu closes when one looks away.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

open(document.querySelector("dialog[data-wanted]"));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary")?.focus(); }
});

// data-confirm on a form or button: asked in the page's own words before anything is sent.
document.addEventListener("submit", (event) => {
  const asked = event.submitter?.dataset.confirm ?? event.target.dataset?.confirm;
  if (asked && !window.confirm(asked)) event.preventDefault();
}, true);
