// A block copied from a spreadsheet is pasted cell by cell into a grid of amounts ([data-cpo-paste], one [data-cpo-line]
// for each row): a column never becomes one amount, and the years or the labels copied along are left out.
const NBSP = "\u00a0";
const NOTHING = /^[-–−]\s*€?$/; // a zero, as spreadsheets show it in their accounting format
const AMOUNT = /^[-−]?\s*[0-9][0-9\s\u00a0\u202f.,'’]*(€|EUR)?$/;

const CELL = "input[inputmode=decimal], input[data-cpo-sum]";

function grid(root) {
  return [...root.querySelectorAll("[data-cpo-line]")].map((line) => [...line.querySelectorAll(CELL)]);
}

function isAmount(text) {
  return AMOUNT.test(text.trim()) || NOTHING.test(text.trim());
}

// The block without the row of years and the column of labels that were copied along. years: those of the grid.
function read(text, years) {
  const rows = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const heads = (cell) => !cell.trim() || years.has(cell.trim()) || !isAmount(cell);
  const header = rows.length > 1 && rows[0].some((cell) => cell.trim()) && rows[0].every(heads);
  if (header) rows.shift();
  const named = rows.filter((row) => row.some((cell) => cell.trim()));
  const labels = named.length > 0 && named.every((row) => row.length > 1 && row[0].trim() && !isAmount(row[0]));
  return { rows: labels ? rows.map((row) => row.slice(1)) : rows, header, labels };
}

function onPaste(root, event) {
  const text = event.clipboardData.getData("text");
  const input = event.target;
  if (!input.matches(CELL) || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const cells = grid(root);
  const row = cells.findIndex((line) => line.includes(input));
  const column = cells[row].indexOf(input);
  const replaced = new Map();
  // Charges, produits and each side of the contributions in kind: the total that ends a block is no line of the next.
  const section = input.dataset.cpoSum;
  const years = new Set((root.dataset.cpoPaste || "").split(" ").filter(Boolean));
  const block = read(text, years);
  const left = { outside: 0, beyond: 0, header: block.header, labels: block.labels };
  block.rows.forEach((line, down) => {
    const target = cells[row + down];
    if (!target?.length || target[0].dataset.cpoSum !== section) {
      left.beyond += line.some((cell) => cell.trim()) ? 1 : 0;
      return;
    }
    line.forEach((value, right) => {
      const cell = target[column + right];
      if (!cell || cell.readOnly || cell.disabled) left.outside += value.trim() && value.trim() !== cell?.value ? 1 : 0;
      else {
        replaced.set(cell, cell.value);
        cell.value = value.trim().replace(NOTHING, "0");
      }
    });
  });
  input.dispatchEvent(new Event("input", { bubbles: true }));
  tell(root, input, replaced, left);
}

const SECTIONS = { "expense-cash": " des charges", "resource-cash": " des produits", "expense-in_kind": " des emplois", "resource-in_kind": " des ressources" };

// What was pasted and in which years (a phone shows one of them), what found no cell, and a way back: the browser's own
// « Annuler » knows nothing of it.
function tell(root, input, replaced, left) {
  const place = root.querySelector("[data-cpo-pasted]");
  const plural = (count) => (count > 1 ? "s" : "");
  const several = (count, word) => `${count}${NBSP}${word}${plural(count)}`;
  const years = [...new Set([...replaced.keys()].map((cell) => cell.dataset.cpoYear).filter(Boolean))].sort().join(", ");
  const lines = [`${several(replaced.size, "cellule")} collée${plural(replaced.size)}${years && ` (${years})`}.`];
  if (left.header) lines.push("La ligne d’en-tête du bloc est laissée de côté.");
  if (left.labels) lines.push("La colonne des intitulés du bloc est laissée de côté.");
  if (left.outside) lines.push(`${several(left.outside, "cellule")} du bloc hors de la grille, non collée${plural(left.outside)}.`);
  if (left.beyond) lines.push(`${several(left.beyond, "ligne")} du bloc après la fin${SECTIONS[input.dataset.cpoSum] || " de la grille"}, non collée${plural(left.beyond)}.`);
  place.querySelector("[role=status]").textContent = lines.join(" ");
  place.hidden = false;
  place.classList.toggle("fr-alert--warning", left.outside + left.beyond > 0);
  place.classList.toggle("fr-alert--info", left.outside + left.beyond === 0);
  input.scrollIntoView({ block: "nearest" }); // what is told above the grid pushes it down
  place.querySelector("button").onclick = () => {
    for (const [cell, value] of replaced) cell.value = value;
    place.hidden = true;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
}

for (const root of document.querySelectorAll("[data-cpo-paste]")) root.addEventListener("paste", (event) => onPaste(root, event));
