// The shell of every page: what works anywhere. Elements of one pane come when a page has them.
import { startSwapping } from "./swap.js";
import { startKeys } from "./keys.js";
import { share } from "./share.js";
import { startSession } from "./session.js";
import "./names.js";

// Custom element → the module that defines it. A path of our own, so that its name is hashed with the file.
const ELEMENTS = {
  "record-map": () => import("./map/element.js"),
  "trend-chart": () => import("./chart.js"),
  "digit-fields": () => import("./digits.js"),
  "sync-progress": () => import("./sync.js"),
  "live-status": () => import("./status.js"),
};

function defineElements(root) {
  for (const [name, load] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name) && root.querySelector(name)) load();
  }
}

const THEMES = ["auto", "light", "dark"];
const THEME_ICONS = { auto: "auto", light: "theme", dark: "moon" };

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function startTheme() {
  const button = document.getElementById("theme");
  if (!button) return;
  const show = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.setAttribute("aria-label", `Theme: ${theme === "auto" ? "automatic" : theme}`);
    button.title = button.getAttribute("aria-label");
    const use = button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${THEME_ICONS[theme]}`));
  };
  show(document.documentElement.dataset.theme || "auto");
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme || "auto") + 1) % THEMES.length];
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    show(next);
  });
  addEventListener("storage", (event) => {
    if (event.key === "theme") show(THEMES.includes(event.newValue) ? event.newValue : "auto");
  });
}

function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener?.href) openPage(event, opener);
    else if (opener?.dataset.dialog === "ask") import("./ask.js").then(({ openAsk }) => openAsk());
    else if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false;
    const dialog = event.target.closest("dialog");
    // A click on the backdrop is one on the dialog itself, outside of its box.
    if (dialog && (event.target.closest("[data-close]") || (event.target === dialog && isOutside(event, dialog)))) dialog.close();
  });
}

// Opens the form that a link leads to as a dialog, unless such a form is the page itself.
async function openPage(event, link) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || document.querySelector("main .account")) return;
  event.preventDefault();
  const { openForm } = await import("./dialog.js");
  const address = new URL(link.href);
  // Panes change without the header.
  if (link.classList.contains("visitors")) address.searchParams.set("next", location.pathname + location.search);
  openForm(address.href);
}

function isOutside({ clientX, clientY }, element) {
  const box = element.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

startSession();
addEventListener("unauthorized", async ({ detail }) => {
  const { openForm } = await import("./dialog.js");
  openForm(`/login/?next=${encodeURIComponent(detail)}`);
});
startTheme();
startDialogs();
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-share]");
  if (button) share(button);
});
startKeys(stored("single-keys") !== "off");
startSwapping();
defineElements(document);
if (document.querySelector(".account")) import("./dialog.js");
document.addEventListener("swapped", (event) => defineElements(event.target));
