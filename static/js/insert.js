// Inserts a variable at the cursor of a text ("{{ name }}"). Without script, one types it: the names are listed.
for (const button of document.querySelectorAll("[data-cpo-insert]")) {
  const area = document.getElementById(button.dataset.cpoInto);
  if (!area) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    area.setRangeText(`{{ ${button.dataset.cpoInsert} }}`, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
