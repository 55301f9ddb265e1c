// A drawing that is wider than the screen scrolls in itself. This says so, and lets the keyboard scroll it.
"use strict";

(() => {
  const sizes = new ResizeObserver((entries) => { for (const entry of entries) mark(entry.target); });

  function mark(box) {
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("scrolls", scrolls);
    if (!scrolls) {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      return;
    }
    const title = box.querySelector("title");
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Drawing, scrolls sideways: ${title ? title.textContent : ""}`);
  }

  function begin() {
    sizes.disconnect();
    for (const box of document.querySelectorAll(".drawing-box")) sizes.observe(box);
  }

  if (window.document$) window.document$.subscribe(begin); // Material changes pages without loading
  else document.addEventListener("DOMContentLoaded", begin);
})();
