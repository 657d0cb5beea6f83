// A button with data-cpo-print opens the browser's own print dialog; without script, its menu « Imprimer » does the same.
for (const button of document.querySelectorAll("[data-cpo-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// On paper, every folded part is open and the theme is light; then each is again as it was.
const root = document.documentElement;
let opened = [];
let theme = null;
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open])")];
  for (const part of opened) part.open = true;
  theme = root.getAttribute("data-fr-theme");
  if (theme) root.setAttribute("data-fr-theme", "light");
});
window.addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
  if (theme) root.setAttribute("data-fr-theme", theme);
});
