// A form leaves once: the second click of a double click would write a second message, or a second copy of a fiche.
const PAUSE = 5000; // milliseconds: a form that went and did not come back, to a lost connection, may be sent again
const left = new WeakMap(); // form → when

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (Date.now() - (left.get(form) || 0) < PAUSE) event.preventDefault();
  else left.set(form, Date.now());
});
// Back from the page that followed, the same document is shown again as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) left.delete(form);
});
