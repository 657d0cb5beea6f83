// Says at once that a chosen file is too large, instead of after a long upload. The server checks again.
const megabytes = (size) => `${(size / 1e6).toLocaleString("fr-FR", { maximumFractionDigits: 1 })}\u00a0Mo`;
for (const group of document.querySelectorAll("[data-cpo-file][data-cpo-max]")) {
  const input = group.querySelector("input[type=file]");
  const limit = Number(group.dataset.cpoMax);
  const message = document.createElement("p");
  message.className = "fr-error-text";
  message.id = `${input.id}_taille`;
  message.hidden = true;
  message.setAttribute("role", "alert");
  group.append(message);
  input.addEventListener("change", () => {
    const file = input.files[0];
    const tooLarge = Boolean(file) && file.size > limit;
    message.hidden = !tooLarge;
    message.textContent = tooLarge
      ? `«\u00a0${file.name}\u00a0» pèse ${megabytes(file.size)}. Choisissez un fichier de ${megabytes(limit)} au plus.`
      : "";
    group.classList.toggle("fr-upload-group--error", tooLarge);
    input.toggleAttribute("aria-invalid", tooLarge);
    if (tooLarge) input.setAttribute("aria-describedby", message.id);
  });
}
