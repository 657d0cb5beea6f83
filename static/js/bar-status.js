// State of saving in the bottom bar. A form with data-cpo-guard marks the bar "not saved" when typed in and warns before one leaves.
// Other scripts announce: document.dispatchEvent(new CustomEvent("cpo:save", { detail: { state, text, at } })),
// state: saving, saved, failed, offline, dirty.
const line = document.querySelector("[data-cpo-save]");
const guarded = document.querySelectorAll("form[data-cpo-guard]");
let state = "";

const LOOKS = {
  saving: ["fr-icon-refresh-line cpo-discret", "Enregistrement…"],
  saved: ["fr-icon-checkbox-circle-fill cpo-ok", "Tout est enregistré"],
  dirty: ["fr-icon-edit-line cpo-alerte", "Modifications non enregistrées"],
  failed: ["fr-icon-close-circle-fill cpo-ko", "L’enregistrement a échoué"],
  offline: ["fr-icon-error-warning-line cpo-alerte", "Connexion perdue. Votre saisie reste sur cette page."],
};

function show(next, text, at) {
  if (next === state && !text) return;
  state = next;
  if (!line) return;
  const [classes, words] = LOOKS[next] || LOOKS.dirty;
  const icon = document.createElement("span");
  icon.className = `fr-icon--sm ${classes}`;
  icon.setAttribute("aria-hidden", "true");
  line.replaceChildren(icon, ` ${text || words}`);
  if (at) {
    const time = document.createElement("span");
    time.className = "cpo-discret cpo-large";
    time.textContent = ` à ${at}`;
    line.append(time);
  }
}

document.addEventListener("cpo:save", (event) => show(event.detail.state, event.detail.text, event.detail.at));
for (const form of guarded) {
  form.addEventListener("input", () => show("dirty"));
  form.addEventListener("submit", () => show("saving"));
}
if (guarded.length) {
  window.addEventListener("offline", () => show("offline"));
  window.addEventListener("online", () => show("dirty"));
  window.addEventListener("beforeunload", (event) => {
    if (state === "dirty" || state === "failed" || state === "offline") event.preventDefault();
  });
}
