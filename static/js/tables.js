// A table wider than its place scrolls sideways: its frame then takes the focus, so that the keyboard can scroll it
// (WCAG 2.1, 2.1.1). One that fits adds no stop to the way of the keyboard.
const watch = new ResizeObserver((entries) => {
  for (const { target: frame } of entries) {
    if (frame.scrollWidth > frame.clientWidth) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", frame.querySelector("caption")?.textContent.trim() || "Tableau");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
    }
  }
});

for (const frame of document.querySelectorAll(".fr-table__container")) watch.observe(frame);
