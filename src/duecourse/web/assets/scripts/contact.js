// The way of a contact by keyboard: what has just come takes the focus, Escape leaves a field so that keys count again.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Escape" && field instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(field.tagName) && !field.closest("dialog")) field.blur();
});

const contact = document.getElementById("contact");
if (contact) {
  new MutationObserver(() => {
    contact.scrollIntoView({ block: "nearest" });
    contact.querySelector("[data-focus]")?.focus({ preventScroll: true });
  }).observe(contact, { childList: true });
}
