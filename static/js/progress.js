// Follows a long job: asks data-cpo-progress every two seconds for JSON {title, text, percent, done, url, link}; leaves to `url` when done.
async function follow(box) {
  const bar = box.querySelector(".val");
  const title = box.querySelector("[data-cpo-title]");
  const text = box.querySelector("[data-cpo-text]");
  for (let failures = 0; failures < 5; ) {
    await new Promise((resolve) => { window.setTimeout(resolve, 2000); });
    if (document.hidden) continue;
    try {
      const answer = await fetch(box.dataset.cpoProgress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const job = await answer.json();
      failures = 0;
      if (title.textContent !== job.title) title.textContent = job.title;
      if (job.text !== undefined) text.textContent = job.text;
      if (bar) bar.setAttribute("width", String(job.percent));
      if (job.done) {
        const link = document.querySelector("[data-cpo-progress-link]"); // what led to the state of the work now gives it
        if (link && job.link) link.textContent = job.link;
        if (job.url) window.location.assign(job.url);
        return;
      }
    } catch (error) {
      failures += 1;
    }
  }
  text.textContent = "Le suivi est interrompu. Le travail continue\u00a0: rechargez la page pour en voir l’avancement.";
}
for (const box of document.querySelectorAll("[data-cpo-progress]")) follow(box);
