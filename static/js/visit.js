// Tells that a page of a convention is open (conventions/services/visits.py): what happens later is « new » next time.
const AGAIN = 5 * 60 * 1000;
const LEAST = 60 * 1000;
const KEY = "cpo-visite-";

function told(address) {
  try {
    const last = Number(sessionStorage.getItem(KEY + address));
    if (Date.now() - last < LEAST) return true;
    sessionStorage.setItem(KEY + address, String(Date.now()));
  } catch {
    // storage is forbidden: tell each time
  }
  return false;
}

for (const form of document.querySelectorAll("form[data-cpo-visit]")) {
  const tell = () => {
    if (document.visibilityState !== "visible" || told(form.action)) return;
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => {});
  };
  tell();
  setInterval(tell, AGAIN);
  document.addEventListener("visibilitychange", tell);
}
