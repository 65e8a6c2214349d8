"use strict";
// Parts of a page are replaced while somebody works with it. What he had focused, opened or scrolled to in them stays that way,
// and moments are shown in his own time zone. Elements that are to be known again have data-key.
(() => {
  const scheme = "inmanta-services-scheme";
  let focused = null;
  const opened = new Set();
  const closed = new Set();
  const scrolled = new Map();

  const known = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

  const localize = (root) => {
    for (const element of root.querySelectorAll("time[datetime]:not([data-local])")) {
      const date = new Date(element.getAttribute("datetime"));
      const two = (number) => String(number).padStart(2, "0");
      element.textContent =
        `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
        `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
      element.dataset.local = "";
    }
  };

  const restore = () => {
    localize(document);
    for (const details of document.querySelectorAll("details[data-key]")) {
      if (opened.has(details.dataset.key)) details.open = true;
      if (closed.has(details.dataset.key)) details.open = false;
    }
    for (const frame of document.querySelectorAll(".scroll[data-key]:not([data-seen])")) {
      frame.dataset.seen = "";
      const box = frame.querySelector(".box.current rect") ?? frame.querySelector(".box rect");
      const middle = box === null ? 0 : box.getBoundingClientRect().x - frame.getBoundingClientRect().x;
      frame.scrollLeft = scrolled.get(frame.dataset.key) ?? middle - frame.clientWidth / 2 + 50;
      frame.addEventListener("scroll", () => scrolled.set(frame.dataset.key, frame.scrollLeft));
    }
    if (focused !== null && document.activeElement === document.body) known(focused)?.focus({ preventScroll: true });
  };

  document.addEventListener("focusin", (event) => {
    focused = event.target.closest?.("[data-key]")?.dataset.key ?? null;
  });
  document.addEventListener("toggle", (event) => {
    const key = event.target.dataset?.key;
    if (key === undefined) return;
    (event.target.open ? opened : closed).add(key);
    (event.target.open ? closed : opened).delete(key);
  }, true);

  const wish = () => localStorage.getItem(scheme) ?? "auto";
  const apply = () => {
    const choice = wish();
    if (choice !== "auto") window.Quasar?.Dark.set(choice === "dark");
    for (const button of document.querySelectorAll("[data-scheme]")) {
      const dark = document.body.classList.contains("body--dark");
      button.setAttribute("aria-label", dark ? "Use the light scheme" : "Use the dark scheme");
    }
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-scheme]")) return;
    localStorage.setItem(scheme, document.body.classList.contains("body--dark") ? "light" : "dark");
    apply();
  });

  const start = () => {
    new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
    restore();
    // Quasar chooses the scheme of the machine when its application starts, after this script.
    const waiting = setInterval(() => {
      if (!document.querySelector(".q-layout, .nicegui-content")) return;
      clearInterval(waiting);
      apply();
    }, 20);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
