// Follows links and forms with data-swap without loading a page: asks the same address for a fragment of it, and puts that
// in the place of the one that is there. A form that changes something is sent, and shows the page that it leads to. Without JavaScript the same links load whole pages.
//
//   data-swap            the pane, which is <main>; data-swap="list" the fragment of that name: [data-fragment="list"]
//   data-history         "push" by default: Back undoes it; "replace" for sorting and pages; "none": not in the address
//
// The element that comes is told of by the event "swapped", which bubbles.
import { announce } from "./announce.js";
import { fetchFragment, Offline, parse, Wait } from "./fetching.js";

const SLOW_MILLISECONDS = 400;
// A wait this long is sat out once without a word; a longer one is told.
const SHORT_WAIT_SECONDS = 5;

// Fragment → what is on its way to it.
const running = new Map();
let timer;
let shownAt = new Date();

export function startSwapping() {
  // Where the browser would put the page back by itself, it does so before the pane is there.
  history.scrollRestoration = "manual";
  showTab();
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-swap]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target) return;
    event.preventDefault();
    swap(link.href, link.dataset.swap || "pane", { history: link.dataset.history });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-swap]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const name = form.dataset.swap || "pane";
    if (form.method === "get") swap(addressOf(form, event.submitter), name, { history: form.dataset.history });
    // The server leads on to the page that it changed.
    else swap(form.action, name, { history: "replace", scroll: scrollY, body: new FormData(form, event.submitter) });
  });
  addEventListener("popstate", (event) => {
    swap(location.href, "pane", { history: "none", scroll: event.state?.scroll ?? 0 });
  });
  addEventListener("online", () => retry());
}

// Returns the address of a GET form, without the fields that are empty.
export function addressOf(form, submitter = null) {
  const address = new URL(form.action);
  address.search = "";
  for (const [name, value] of new FormData(form, submitter)) {
    if (value !== "") address.searchParams.append(name, value);
  }
  // The id of a name that was picked says more than the name (names.js).
  for (const id of form.querySelectorAll("input[data-id-of]")) if (id.value) address.searchParams.delete(id.dataset.idOf);
  return address.href;
}

// Puts the fragment of an address in place. Whatever is on its way to that place, or to a part of it, is forgotten.
// Returns the new element; null if something newer came instead, or nothing.
export async function swap(address, name = "pane", options = {}) {
  for (const [other, controller] of running) {
    if (other === name || name === "pane") controller.abort();
  }
  const controller = new AbortController();
  running.set(name, controller);
  const place = document.querySelector(`[data-fragment="${name}"]`);
  place?.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => {
    place?.classList.add("waiting");
    announce("Loading");
  }, SLOW_MILLISECONDS);
  try {
    // What was fetched ahead is taken if it is there.
    const { html, status, url } = await (options.fetched ?? fetchFragment(address, name, controller.signal, options.body));
    if (controller.signal.aborted) return null;
    clearNotice();
    shownAt = new Date();
    return put(html, status, options.body ? url : address, name, options);
  } catch (error) {
    if (error.name !== "AbortError") explain(error, address, name, options);
    return null;
  } finally {
    clearTimeout(slow);
    if (running.get(name) === controller) {
      running.delete(name);
      place?.removeAttribute("aria-busy");
      place?.classList.remove("waiting");
    }
  }
}

function put(html, status, address, name, { history: how = "push", focus = true, scroll = 0 }) {
  const place = document.querySelector(`[data-fragment="${name}"]`);
  const [element] = parse(html);
  if (!place || !element) return null;
  if (how !== "none" && status < 500) {
    const here = { scroll: 0 };
    if (how === "replace" || address === location.href) history.replaceState(here, "", address);
    else {
      history.replaceState({ ...history.state, scroll: scrollY }, "");
      history.pushState(here, "", address);
    }
  }
  if (!element.dataset.fragment) {
    // Words instead of the fragment: its place stays, so that the next try finds it.
    place.replaceChildren(element);
    announce(element.textContent.trim());
    return null;
  }
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  place.replaceWith(element);
  if (name === "pane") showPane(element, { focus, scroll });
  else if (focused) (element.querySelector(sameAs(focused)) ?? element.querySelector("h2, a, button"))?.focus();
  element.dispatchEvent(new CustomEvent("swapped", { bubbles: true, detail: { name, address } }));
  return element;
}

// A selector that finds an element again in the fragment that takes its place.
function sameAs(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  return href ? `[href="${CSS.escape(href)}"]` : "[data-nothing]";
}

// Where there is no room for all tabs, the current one is moved into sight.
function showTab() {
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function showPane(main, { focus, scroll }) {
  document.title = main.dataset.title ? `${main.dataset.title} · Linernotes` : "Linernotes";
  for (const tab of document.querySelectorAll(".tabs [data-tab]")) {
    if (tab.dataset.tab === main.dataset.tab) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  showTab();
  const lookup = document.getElementById("lookup");
  if (lookup && main.dataset.lookup) lookup.action = main.dataset.lookup;
  scrollTo(0, scroll);
  if (focus) (main.querySelector("h1[tabindex]") ?? main).focus({ preventScroll: true });
  announce(document.title);
}

// --- what came instead -------------------------------------------------------------------------------------------------

let again = null;

function retry() {
  if (!again) return;
  const [address, name, options] = again;
  again = null;
  clearNotice();
  swap(address, name, options);
}

function explain(error, address, name, options) {
  if (error instanceof Wait) {
    again = [address, name, { ...options, tried: true }];
    const title = error.status === 429 ? "Slow down a moment." : "The graph is starting.";
    if (error.status === 429 && error.seconds <= SHORT_WAIT_SECONDS && !options.tried) {
      timer = setTimeout(retry, error.seconds * 1000);
      return;
    }
    countDown(error.seconds, (left) => {
      notice(error.status === 429 ? "warn" : "busy", title, error.status === 429 ? `The next try is possible in ${left} s.` : "Pages and search work already.");
    }, error.status === 503 ? () => untilReady() : null);
  } else if (error instanceof Offline) {
    again = [address, name, options];
    const time = shownAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    notice("", "No connection.", `What you see is from ${time}.`, true);
    untilReady();
  } else {
    throw error;
  }
}

function countDown(seconds, show, then) {
  clearTimeout(timer);
  show(seconds);
  if (seconds > 0) timer = setTimeout(() => countDown(seconds - 1, show, then), 1000);
  else if (then) then();
  else notice("warn", "Slow down a moment.", "Now it is possible again.", true);
}

// Asks every five seconds whether the site is well again, and goes on then.
function untilReady() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      const response = await fetch("/health");
      if (response.ok) return retry();
    } catch {
      // Still away.
    }
    return again && untilReady();
  }, 5000);
}

function clearNotice() {
  clearTimeout(timer);
  again = null;
  document.getElementById("notice")?.replaceChildren();
}

// Shows a banner under the header, with a button that tries again.
function notice(kind, title, text, hasButton = false) {
  const place = document.getElementById("notice");
  if (!place) return;
  const banner = document.createElement("div");
  banner.className = `banner ${kind}`;
  const words = document.createElement("span");
  const strong = document.createElement("strong");
  strong.textContent = title;
  words.append(strong, ` ${text}`);
  banner.append(words);
  if (hasButton) {
    const button = document.createElement("button");
    button.className = "button";
    button.textContent = "Try again";
    button.addEventListener("click", retry);
    banner.append(button);
  }
  place.replaceChildren(banner);
}
