// A button with data-cpo-copy="id" copies the text of that element and says so. Hidden where the clipboard is out of reach.
for (const button of document.querySelectorAll("[data-cpo-copy]")) {
  if (!navigator.clipboard) {
    button.hidden = true;
    continue;
  }
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.cpoCopy);
    await navigator.clipboard.writeText(source.textContent.replace(/\s+/g, ""));
    button.textContent = "Copié";
    window.setTimeout(() => { button.textContent = label; }, 2000);
  });
}
