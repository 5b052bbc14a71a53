// The command palette: what is typed filters the list, arrows choose, Enter goes.
const field = document.querySelector("[data-filters]");
if (field) {
  const list = document.querySelector(field.dataset.filters);
  const items = () => [...list.querySelectorAll("li:not([hidden]) a")];
  const choose = (link) => {
    for (const one of list.querySelectorAll("[data-chosen]")) delete one.dataset.chosen;
    if (link) { link.dataset.chosen = ""; link.scrollIntoView({ block: "nearest" }); }
  };
  const filter = () => {
    const words = field.value.trim().toLowerCase();
    for (const item of list.children) {
      item.hidden = "always" in item.dataset ? words === "" : !item.textContent.toLowerCase().includes(words);
    }
    choose(items()[0]);
  };
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.findIndex((one) => "chosen" in one.dataset);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a browser would only empty the field
      field.closest("dialog").close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      all[at]?.click();
    }
  });
  // What is looked for may be somebody's number: it goes in a form, since addresses stay in histories.
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-with-query]");
    if (!link) return;
    event.preventDefault();
    const form = Object.assign(document.createElement("form"), { method: "post", action: link.href, hidden: true });
    const values = { csrf: document.querySelector('meta[name="csrf-token"]')?.content ?? "", [link.dataset.withQuery]: field.value.trim() };
    for (const [name, value] of Object.entries(values)) form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
  });
  field.closest("dialog")?.addEventListener("toggle", () => { field.value = ""; filter(); });
}
