// Grid of a budget (templates/actions/_grid.html): sums as one types, arrows and Enter to move. A block is pasted by
// paste.js. Without script, sums come with each saving.
const NBSP = "\u00a0";

function cents(text) {
  const plain = text.replace(/[\s\u00a0\u202f€']/g, "").replace(",", ".");
  return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : 0;
}

function euros(value, signed = false) {
  const absolute = Math.abs(value);
  const whole = String(Math.floor(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, NBSP);
  const rest = absolute % 100 ? `,${String(absolute % 100).padStart(2, "0")}` : "";
  const sign = value < 0 ? "−" : signed && value > 0 ? "+" : "";
  return `${sign}${whole}${rest}${NBSP}€`;
}

function percent(part, whole) {
  return whole ? `${String(Math.round((part * 1000) / whole) / 10).replace(".", ",")}${NBSP}%` : "–";
}

function mark(cell, ok, text, used) {
  if (ok && !used) {
    cell.textContent = "–";
    return;
  }
  const line = document.createElement("span");
  line.className = ok ? "cpo-ok" : "cpo-ko";
  const icon = document.createElement("span");
  icon.className = `${ok ? "fr-icon-check-line" : "fr-icon-error-warning-fill"} fr-icon--sm`;
  icon.setAttribute("aria-hidden", "true");
  line.append(icon, ` ${text}`);
  cell.replaceChildren(line);
}

const FIELDS = { expenses: "expense-cash", resources: "resource-cash", uses: "expense-in_kind", sources: "resource-in_kind" };

function sums(root) {
  const found = {};
  const add = (column, name, value) => {
    found[column] = found[column] || {};
    found[column][name] = (found[column][name] || 0) + value;
  };
  for (const input of root.querySelectorAll("input[data-cpo-year]")) {
    const value = cents(input.value);
    for (const column of [input.dataset.cpoYear, "total"]) {
      add(column, input.dataset.cpoSum, value);
      if ("cpoState" in input.dataset) add(column, "state", value);
      if ("cpoIndirect" in input.dataset) add(column, "indirect", value);
    }
  }
  return (column, name) => (found[column] || {})[FIELDS[name] || name] || 0;
}

function refresh(root) {
  const of = sums(root);
  for (const cell of document.querySelectorAll("[data-cpo-total]")) {
    cell.textContent = euros(of(cell.dataset.cpoColumn, cell.dataset.cpoTotal));
  }
  for (const line of root.querySelectorAll("[data-cpo-line]")) {
    const values = [...line.querySelectorAll("input[data-cpo-year]")];
    const total = values.reduce((sum, input) => sum + cents(input.value), 0);
    line.querySelector("[data-cpo-line-total]").textContent = values.some((input) => input.value.trim()) ? euros(total) : "–";
  }
  for (const cell of root.querySelectorAll("[data-cpo-balance]")) {
    const column = cell.dataset.cpoColumn;
    const [left, right, words] = cell.dataset.cpoBalance === "cash" ? ["expenses", "resources", "équilibré"] : ["uses", "sources", "égal"];
    const gap = of(column, right) - of(column, left);
    mark(cell, gap === 0, gap === 0 ? words : euros(gap, true), of(column, left) > 0);
  }
  for (const cell of root.querySelectorAll("[data-cpo-share]")) {
    cell.textContent = percent(of(cell.dataset.cpoColumn, "state"), of(cell.dataset.cpoColumn, "expenses"));
  }
  const rate = Number(root.dataset.cpoIndirectRate || 0) / 100;
  tell(of, rate, [...new Set([...root.querySelectorAll("input[data-cpo-year]")].map((input) => input.dataset.cpoYear))]);
}

// Above and beside the grid: years that are not balanced, rules that are broken.
function tell(of, rate, years) {
  for (const alert of document.querySelectorAll("[data-cpo-gap]")) {
    const gap = of(alert.dataset.cpoGap, "resources") - of(alert.dataset.cpoGap, "expenses");
    alert.hidden = gap === 0;
    alert.querySelector("[data-cpo-gap-amount]").textContent = euros(Math.abs(gap));
    alert.querySelector("[data-cpo-gap-side]").textContent = gap < 0 ? "produits" : "charges";
  }
  const broken = {
    cash: (year) => of(year, "resources") !== of(year, "expenses"),
    in_kind: (year) => of(year, "sources") !== of(year, "uses"),
    state: (year) => of(year, "state") > of(year, "expenses"),
    indirect: (year) => of(year, "indirect") > Math.round((of(year, "expenses") - of(year, "indirect")) * rate),
  };
  for (const rule of document.querySelectorAll("[data-cpo-rule]")) {
    const wrong = years.filter(broken[rule.dataset.cpoRule]);
    const looks = wrong.length ? "fr-icon-error-warning-line cpo-alerte" : "fr-icon-checkbox-circle-fill cpo-ok";
    rule.firstElementChild.className = `${looks} fr-icon--sm`;
    rule.querySelector("[data-cpo-rule-years]").textContent = wrong.join(", ");
    rule.querySelector("[data-cpo-rule-broken]").hidden = wrong.length === 0;
    rule.querySelector("[data-cpo-rule-held]").hidden = wrong.length > 0;
  }
}

function grid(root) {
  return [...root.querySelectorAll("[data-cpo-line]")].map((line) => [...line.querySelectorAll("input[data-cpo-year]")]);
}

function move(root, input, rows, columns) {
  const cells = grid(root);
  const row = cells.findIndex((line) => line.includes(input));
  const target = (cells[row + rows] || [])[cells[row].indexOf(input) + columns];
  if (!target) return false;
  target.focus();
  target.select();
  return true;
}

function onKey(root, event) {
  const input = event.target;
  if (!input.matches("input[data-cpo-year]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const start = input.selectionStart === 0 && (input.selectionEnd === 0 || input.selectionEnd === input.value.length);
  const end = input.selectionEnd === input.value.length && (input.selectionStart === input.value.length || input.selectionStart === 0);
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [event.shiftKey ? -1 : 1, 0] };
  if (start) steps.ArrowLeft = [0, -1];
  if (end) steps.ArrowRight = [0, 1];
  const step = steps[event.key];
  if (!step) return;
  const moved = move(root, input, ...step);
  if (moved || event.key === "Enter") event.preventDefault();
}

for (const root of document.querySelectorAll("[data-cpo-budget]")) {
  root.addEventListener("input", () => refresh(root));
  root.addEventListener("keydown", (event) => onKey(root, event));
}

// A line that was just added, in the year that a phone shows, or the list where none was chosen: one goes on from there.
// The fragment that leads back without script would take the focus away.
for (const button of document.querySelectorAll("button[name=add]:not([value=forfait])")) button.formAction = location.pathname + location.search;
const next = document.querySelectorAll("[data-cpo-added] input:not([type=hidden]), .cpo-ajout .fr-select-group--error select");
const first = [...next].find((field) => field.offsetParent);
if (first) first.focus();
