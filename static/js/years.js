// On a phone, a table of years shows one at a time (templates/actions/_years.html): an address that leads to a year, or
// to a cell of one, opens that year.
function openYear() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const cell = target && target.closest(".cpo-annees [data-an]");
  const choice = cell && cell.closest(".cpo-annees").querySelector(`input[data-rang="${cell.dataset.an}"]`);
  if (!choice) return;
  choice.checked = true;
  target.scrollIntoView({ block: "center" });
  if (target !== cell) target.focus({ preventScroll: true });
}

window.addEventListener("hashchange", openYear);
openYear();
