// A link that takes a field along (data-with-field: the field's id): what stands in the field when it is followed.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-with-field]");
  const field = link && document.getElementById(link.dataset.withField);
  if (!field) return;
  if (!field.reportValidity()) {
    event.preventDefault();
    return;
  }
  const address = new URL(link.href);
  address.searchParams.set(field.name, field.value);
  link.href = address.href;
});
