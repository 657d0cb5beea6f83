// State of saving: in the bottom bar, or at the top of the form where there is no bar. A form with data-cpo-guard says « not saved »
// when typed in and warns before one leaves. Other scripts tell it on the form:
// form.dispatchEvent(new CustomEvent("cpo:save", { bubbles: true, detail: { state, text, at } })),
// state: saving, saved, failed, offline, dirty; of a draft (drafts.js): kept, expired.
const guarded = document.querySelectorAll("form[data-cpo-guard]");
const states = new Map(); // form → state
const LOST = ["dirty", "failed", "offline", "expired"];

const LOOKS = {
  saving: ["fr-icon-refresh-line cpo-discret", "Enregistrement…"],
  saved: ["fr-icon-checkbox-circle-fill cpo-ok", "Tout est enregistré"],
  dirty: ["fr-icon-edit-line cpo-alerte", "Modifications non enregistrées"],
  failed: ["fr-icon-close-circle-fill cpo-ko", "L’enregistrement a échoué"],
  offline: ["fr-icon-error-warning-line cpo-alerte", "Connexion perdue. Votre saisie est gardée dans ce navigateur."],
  kept: ["fr-icon-edit-line cpo-alerte", "Pas encore enregistré. Brouillon gardé"],
  expired: ["fr-icon-error-warning-line cpo-alerte", "Votre session a pris fin. Votre saisie est gardée dans ce navigateur : connectez-vous de nouveau, elle vous sera proposée."],
};

function lineOf(form) {
  return form.querySelector("[data-cpo-save]") || document.querySelector("[data-cpo-save]");
}

function show(form, next, text, at) {
  const line = lineOf(form);
  const before = states.get(form) || "";
  const time = next === before && at && line && line.querySelector("[data-cpo-at]");
  if (time) time.textContent = ` à ${at}`; // hidden from screen readers: told once, not at each pause
  if (next === before && !text) return;
  states.set(form, next);
  if (!line) return;
  const [classes, words] = LOOKS[next] || LOOKS.dirty;
  const icon = document.createElement("span");
  icon.className = `fr-icon--sm ${classes}`;
  icon.setAttribute("aria-hidden", "true");
  line.replaceChildren(icon, ` ${text || words}`);
  if (at) {
    const hour = document.createElement("span");
    hour.className = "cpo-discret cpo-large";
    hour.dataset.cpoAt = "";
    hour.setAttribute("aria-hidden", "true");
    hour.textContent = ` à ${at}`;
    line.append(hour);
  }
}

document.addEventListener("cpo:save", (event) => {
  const { state, text, at } = event.detail;
  show(event.target instanceof HTMLFormElement ? event.target : guarded[0] || document.body, state, text, at);
});
for (const form of guarded) {
  form.addEventListener("input", () => states.get(form) === "kept" || show(form, "dirty"));
  form.addEventListener("submit", () => show(form, "saving"));
  window.addEventListener("offline", () => states.has(form) && show(form, "offline"));
  window.addEventListener("online", () => states.get(form) === "offline" && show(form, "dirty"));
}
if (guarded.length) {
  window.addEventListener("beforeunload", (event) => {
    if ([...states.values()].some((state) => LOST.includes(state))) event.preventDefault();
  });
}
