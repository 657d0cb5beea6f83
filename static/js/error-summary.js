// After a refused form, the focus goes to the summary; a link of the summary focuses its field, also inside a closed <details>.
const summary = document.querySelector("[data-cpo-focus]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const folded = field.closest("details:not([open])");
    if (folded) folded.open = true;
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
