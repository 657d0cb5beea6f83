// A form with data-cpo-confirm="id" opens that DSFR modal first; its button [data-cpo-confirm-yes] lets the form leave.
const confirmed = new WeakSet();
for (const form of document.querySelectorAll("form[data-cpo-confirm]")) {
  const modal = document.getElementById(form.dataset.cpoConfirm);
  const yes = modal && modal.querySelector("[data-cpo-confirm-yes]");
  if (!yes) continue;
  form.addEventListener("submit", (event) => {
    if (confirmed.has(form) || !window.dsfr) return;
    event.preventDefault();
    const submitter = event.submitter;
    yes.onclick = () => {
      confirmed.add(form);
      form.requestSubmit(submitter);
    };
    window.dsfr(modal).modal.disclose();
  });
}
