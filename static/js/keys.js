// Shortcuts that work anywhere. Those of a single key rest while somebody types, and can be switched off.
const PANES = { e: "explore", t: "trends", p: "path", s: "search", i: "insights" };
const SEQUENCE_MILLISECONDS = 1500;

let enabled = true;

// Whether a key that was pressed is a shortcut, and not part of a text or of the browser's own.
export function isShortcut(event) {
  if (!enabled || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (document.querySelector("dialog[open]")) return false;
  return !event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable]");
}

export function startKeys(areOn) {
  enabled = areOn;
  const choice = document.getElementById("single-keys");
  if (choice) {
    choice.checked = enabled;
    choice.addEventListener("change", () => {
      enabled = choice.checked;
      try {
        localStorage.setItem("single-keys", enabled ? "on" : "off");
      } catch {
        // Storage is switched off: the choice lasts as long as the page.
      }
    });
  }
  // Never: times begin with the page, whose first moments are not after a g.
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    const ask = document.getElementById("ask-button");
    if (ask && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      ask.click();
      return;
    }
    if (!isShortcut(event)) return;
    if (event.key === "/") {
      document.querySelector("#lookup input")?.focus();
      document.querySelector("#lookup input")?.select();
    } else if (event.key === "?") {
      if (ask) ask.click();
      else document.getElementById("keys")?.showModal();
    } else if (event.key === "g") {
      afterG = event.timeStamp;
      return;
    } else if (event.timeStamp - afterG < SEQUENCE_MILLISECONDS && PANES[event.key]) {
      document.querySelector(`.tabs [data-tab="${PANES[event.key]}"]`)?.click();
      event.stopPropagation();
    } else {
      return;
    }
    afterG = -Infinity;
    event.preventDefault();
  }, { capture: true });
  document.addEventListener("keydown", moveAmongTabs);
}

// Arrow keys move among the tabs; Enter follows, since each is a page.
function moveAmongTabs(event) {
  const tab = event.target.closest?.(".tabs a");
  if (!tab) return;
  const all = [...tab.parentElement.querySelectorAll("a")];
  const at = all.indexOf(tab);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  all[(next + all.length) % all.length].focus();
}
