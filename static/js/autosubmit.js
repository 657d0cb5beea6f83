// A select or radio marked data-cpo-autosubmit sends its form when it changes. Its label must say so; the button stays for the others.
for (const field of document.querySelectorAll("[data-cpo-autosubmit]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
