// Rows of a list: j and k move the mark, o opens the marked row or else the first, x ticks it; a filter that changes
// submits its form.
const LINE = "button.inbox-line";
let marked;

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function mark(row) {
  if (!row) return;
  if (marked) marked.removeAttribute("aria-selected");
  marked = row;
  if (row.matches("tr")) row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector(`a, ${LINE}`)?.focus({ preventScroll: true });
}

function open(row) {
  if (row?.dataset.opensRow) location.assign(row.dataset.opensRow);
  else row?.querySelector(LINE)?.click();
}

document.addEventListener("click", (event) => {
  const key = event.target.closest?.("[data-row-key]")?.dataset.rowKey;
  if (!key) return;
  const all = rows();
  const at = all.indexOf(marked);
  if (key === "j") mark(all[Math.min(at + 1, all.length - 1)]);
  else if (key === "k") mark(all[Math.max(at - 1, 0)]);
  else if (key === "Enter") open(marked?.isConnected ? marked : all[0]);
  else if (key === "x") marked?.querySelector('input[type="checkbox"]')?.click();
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submits]")) event.target.form?.requestSubmit();
});
