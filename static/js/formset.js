// Adds and removes rows of a formset (templates/crispy_dsfr/formset_rows.html). Without script: spare rows and "Retirer" checkboxes.
function announce(root, text) {
  const live = root.querySelector("[data-cpo-live]");
  if (live) live.textContent = text;
}

function rows(root) {
  return [...root.querySelectorAll("[data-cpo-row]")].filter((row) => !row.hidden);
}

function renumber(root) {
  rows(root).forEach((row, index) => {
    for (const number of row.querySelectorAll("[data-cpo-number]")) number.textContent = String(index + 1);
  });
}

function prepareRow(root, row) {
  const box = row.querySelector("input[type=checkbox][name$='-DELETE']");
  const button = row.querySelector("[data-cpo-remove]");
  if (!box || !button) return;
  button.hidden = false;
  const group = box.closest("[data-cpo-delete]");
  if (group) group.hidden = true;
  row.hidden = box.checked;
  button.addEventListener("click", () => {
    const shown = rows(root);
    const place = shown.indexOf(row);
    box.checked = true;
    row.hidden = true;
    renumber(root);
    announce(root, `Ligne ${place + 1} retirée. Elle le sera définitivement à l’enregistrement.`);
    const next = rows(root)[Math.min(place, shown.length - 2)];
    const target = (next && next.querySelector("[data-cpo-remove]")) || root.querySelector("[data-cpo-add]");
    if (target) target.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function prepare(root) {
  const total = root.querySelector("input[name$='-TOTAL_FORMS']");
  const template = root.querySelector("template[data-cpo-empty]");
  const add = root.querySelector("[data-cpo-add]");
  const body = root.querySelector("[data-cpo-rows]");
  const maximum = Number((root.querySelector("input[name$='-MAX_NUM_FORMS']") || {}).value || 1000);
  for (const row of root.querySelectorAll("[data-cpo-row]")) prepareRow(root, row);
  renumber(root);
  if (!add || !template || !total || !body) return;
  add.hidden = false;
  add.addEventListener("click", () => {
    if (Number(total.value) >= maximum) {
      announce(root, `Il ne peut pas y avoir plus de ${maximum} lignes.`);
      return;
    }
    const holder = document.createElement(body.tagName === "TBODY" ? "tbody" : "div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.querySelector("[data-cpo-row]");
    total.value = String(Number(total.value) + 1);
    body.append(row);
    prepareRow(root, row);
    renumber(root);
    announce(root, `Ligne ${rows(root).length} ajoutée.`);
    const first = row.querySelector("input:not([type=hidden]), select, textarea");
    if (first) first.focus();
  });
}

for (const root of document.querySelectorAll("[data-cpo-formset]")) prepare(root);
