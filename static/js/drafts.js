// What is typed is kept as a private draft within seconds (templates/components/form_draft.html, cpo/lib/editing/drafts.py): on the
// server, and in this browser until the server has it. Nothing is saved by that: content changes with « Enregistrer » alone.
const PAUSE = 1500; // milliseconds without a key
const HERE = 30000;
const PREFIX = "cpo-saisie-";
const SAVED = "saisie_enregistree";
const UNSENT = "Connexion perdue\u00a0: rien n’est parti. Votre saisie est gardée dans ce navigateur.";
const UNKEPT = ["csrfmiddlewaretoken", "saisie", "envoi_unique"];

const local = {
  get: (key) => read(() => localStorage.getItem(PREFIX + key)),
  set: (key, raw) => read(() => localStorage.setItem(PREFIX + key, raw)),
  drop: (key) => read(() => localStorage.removeItem(PREFIX + key)),
};

function read(access) {
  try {
    return access();
  } catch {
    return null; // storage is full or forbidden: the server still keeps
  }
}

function announce(form, detail) {
  form.dispatchEvent(new CustomEvent("cpo:save", { detail, bubbles: true }));
}

function typed(form) {
  const secret = new Set([...form.querySelectorAll("input[type=password]")].map((input) => input.name));
  const pairs = [...new FormData(form).entries()];
  return pairs.filter(([name, value]) => typeof value === "string" && !UNKEPT.includes(name) && !secret.has(name));
}

// -- Taking up again ---------------------------------------------------------------------------------------------------

function addRows(form, pairs) {
  for (const [name, value] of pairs) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    const total = form.elements.namedItem(name);
    const root = total && total.closest("[data-cpo-formset]");
    const add = root && root.querySelector("[data-cpo-add]");
    for (let left = Number(value) - Number(total && total.value); add && left > 0; left -= 1) add.click();
  }
}

function fill(form, pairs) {
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || UNKEPT.includes(field.name) || ["submit", "button", "file", "password"].includes(field.type)) continue;
    const given = values.get(field.name) || [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = given.includes(option.value);
    else if (given.length) field.value = given.shift();
  }
}

function missing(form, pairs) {
  const there = new Set([...form.elements].map((field) => field.name));
  return pairs.some(([name]) => !there.has(name));
}

// Lines that only the server can draw: the page is asked anew with what was typed, and nothing is saved.
function askAnew(form, pairs) {
  const post = document.createElement("form");
  post.method = "post";
  const token = form.elements.namedItem("csrfmiddlewaretoken");
  const place = form.elements.namedItem("saisie");
  for (const [name, value] of [...pairs, [token.name, token.value], [place.name, place.value], ["add", "reprise"]]) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    post.append(input);
  }
  document.body.append(post);
  post.submit();
}

function resume(form, pairs, offer) {
  addRows(form, pairs);
  if (missing(form, pairs) && "cpoServerRows" in form.dataset) {
    askAnew(form, pairs);
    return;
  }
  fill(form, pairs);
  offer.remove();
  for (const field of form.querySelectorAll("details:not([open])")) {
    if (field.querySelector("input:not([type=hidden]), select, textarea")) field.open = true;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  const grid = form.querySelector("input[data-cpo-year]");
  if (grid) grid.dispatchEvent(new Event("input", { bubbles: true }));
  const first = [...form.elements].find((field) => !["hidden", "submit", "button"].includes(field.type) && field.offsetParent);
  if (first) first.focus();
}

// -- Signing in again --------------------------------------------------------------------------------------------------

// Signed in again in another tab, this one lacks the new security token: the page that the same person (the key says it)
// would be shown now has it.
async function renew(key) {
  const answer = await fetch(location.pathname + location.search);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = page.querySelector(`[data-cpo-draft="${key}"]`);
  if (!shown) return false;
  const fresh = shown.closest("form").elements.namedItem("csrfmiddlewaretoken").value;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = fresh;
  return true;
}

// -- Keeping -----------------------------------------------------------------------------------------------------------

function prepare(root) {
  const place = root.previousElementSibling;
  const form = place.form;
  const key = root.dataset.cpoDraft;
  const offer = root.querySelector("[data-cpo-draft-offer]");
  const waiting = local.get(key);
  let sent = JSON.stringify(typed(form));
  let timer = 0;
  let leaving = false;
  let resumed = false;

  async function send(more) {
    const body = new URLSearchParams({ saisie: place.value, title: title(), ...more });
    const post = () => fetch(root.dataset.cpoDraftUrl, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": form.elements.namedItem("csrfmiddlewaretoken").value },
      keepalive: body.toString().length < 60000,
    });
    let answer = await post();
    if (answer.status === 403 && (await renew(key))) answer = await post();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function keep() {
    clearTimeout(timer);
    const raw = JSON.stringify(typed(form));
    if (raw === sent || leaving) return;
    local.set(key, raw);
    try {
      const { at, others } = await send({ raw });
      sent = raw;
      if (local.get(key) === raw) local.drop(key);
      announce(form, { state: "kept", at });
      tell(root, others);
    } catch (error) {
      announce(form, { state: error.message === "401" || error.message === "403" ? "expired" : "offline" });
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  // Now and then: what the server did not get is sent again, whether or not the browser noticed that it is back.
  async function here() {
    if (document.visibilityState !== "visible" || leaving) return;
    if (JSON.stringify(typed(form)) !== sent) {
      keep();
      return;
    }
    if ("cpoDraftAlone" in root.dataset) return;
    try {
      tell(root, (await send({})).others);
    } catch {
      // the next keeping says what is wrong
    }
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    const raw = JSON.stringify(typed(form));
    if (!navigator.onLine) {
      // The browser would only show that there is no connection, in place of the page.
      event.preventDefault();
      local.set(key, raw);
      announce(form, { state: "offline", text: UNSENT });
      return;
    }
    leaving = true;
    if (raw !== sent) local.set(key, raw); // if the session is over, the login page takes the place of the answer
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
    else here();
  });
  window.addEventListener("online", keep);
  if (offer) {
    const folded = root.closest("details");
    if (folded) folded.open = true;
    offer.querySelector("[data-cpo-draft-resume]").addEventListener("click", () => {
      resumed = true; // what waits here is newer than what the server offers
      resume(form, JSON.parse(waiting || document.getElementById(key).textContent), offer);
    });
    // Not a submit button: Enter in a field would press it, as the first one of the form.
    offer.querySelector("[data-cpo-draft-erase]").addEventListener("click", async () => {
      await send({ action: "effacer" });
      local.drop(key);
      offer.remove();
    });
  }
  if ("cpoDraftTyped" in root.dataset) {
    sent = "";
    keep();
  } else if (waiting && waiting !== sent) {
    // Typed here and never received by the server: it goes there first, then the page offers it.
    send({ raw: waiting }).then(() => { local.drop(key); if (!resumed) location.reload(); }, () => announce(form, { state: "offline" }));
  }
  here();
  setInterval(here, HERE);
}

function title() {
  return document.title.replace(/^Erreur\s*: /, "").replace(/ – [^–]*$/, "");
}

function tell(root, names) {
  const line = root.querySelector("[data-cpo-others]");
  const text = names.length ? `${names.join(", ")} ${names.length > 1 ? "sont" : "est"} aussi sur cette page.` : "";
  if (line.textContent === text) return;
  line.textContent = text;
  line.hidden = !text;
}

// A form that was saved leaves a cookie with its name: its copy in this browser is not needed any more.
function forget() {
  const saved = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${SAVED}=`));
  if (!saved) return;
  local.drop(saved.slice(SAVED.length + 1));
  document.cookie = `${SAVED}=; max-age=0; path=/; samesite=lax`;
}

forget();
for (const root of document.querySelectorAll("[data-cpo-draft]")) prepare(root);
