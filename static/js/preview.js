// The text of an article as the document will print it, while one types (conventions/text/article.html): the server
// draws it, as it draws the document. Without script, the button « Aperçu » does the same.
const PAUSE = 800;

function prepare(section) {
  const form = document.getElementById(section.dataset.cpoPreview);
  const body = section.querySelector("[data-cpo-preview-body]");
  let timer = 0;
  let asked = 0;

  async function draw() {
    const turn = (asked += 1);
    const data = new FormData(form);
    data.set("apercu", "1");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body: data, redirect: "manual" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const drawn = page.querySelector("[data-cpo-preview-body]");
      if (turn !== asked || !drawn || !drawn.textContent.trim()) return;
      body.replaceChildren(...drawn.childNodes);
      section.hidden = false;
    } catch {
      // the connection is lost: the state of saving says so
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  });
  for (const button of document.querySelectorAll(`button[form="${form.id}"][name="apercu"]`)) button.hidden = true;
}

for (const section of document.querySelectorAll("[data-cpo-preview]")) prepare(section);
