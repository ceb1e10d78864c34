// Forms of an account: their pages as a dialog, and sent without leaving the page. The server's answer to a form is the form
// again, with what is wrong, or 204 with the address to go to.
import { announce } from "./announce.js";
import { fetchFragment, Offline, parse, Wait } from "./fetching.js";
import { endSession } from "./session.js";

const dialog = document.getElementById("account");
let timer;

// Opens the form at an address in the dialog.
export async function openForm(address) {
  try {
    const { html } = await fetchFragment(address, "dialog");
    put(html, dialog);
  } catch (error) {
    if (error instanceof Wait || error instanceof Offline) location.assign(address);
    else if (error.name !== "AbortError") throw error;
  }
}

function put(html, place) {
  clearTimeout(timer);
  const [element] = parse(html);
  if (place === dialog) dialog.replaceChildren(element);
  else place.replaceWith(element);
  if (place === dialog && !dialog.open) dialog.showModal();
  element.dispatchEvent(new CustomEvent("swapped", { bubbles: true, detail: { name: "dialog" } }));
  (element.querySelector("[autofocus]") ?? element.querySelector("[tabindex], button"))?.focus();
}

async function send(form, submitter) {
  const section = form.closest(".account");
  const body = new FormData(form, submitter);
  const buttons = [...form.querySelectorAll("button:not([type=button])")];
  const wait = (is) => buttons.forEach((each) => { each.disabled = is; });
  wait(true);
  form.setAttribute("aria-busy", "true");
  let response;
  try {
    response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html", "X-Fragment": "dialog" } });
  } catch {
    say(section, "No connection. Try again when it is back.");
    wait(false);
    form.removeAttribute("aria-busy");
    return;
  }
  form.removeAttribute("aria-busy");
  const address = response.headers.get("X-Location");
  if (address) return leave(address);
  if (response.status === 401) return endSession();
  if (response.status === 429 || response.status === 503) {
    return countDown(section, response.status, Number(response.headers.get("Retry-After")) || 5, () => wait(false));
  }
  // Another page came, such as that of an expired form: the form comes anew, with a token that is valid.
  if (response.headers.get("X-Fragment") !== "dialog") return location.assign(form.action);
  put(await response.text(), section.parentElement === dialog ? dialog : section);
}

// Goes to an address, also if it is the one that is shown.
function leave(address) {
  const url = new URL(address, location.href);
  if (url.origin + url.pathname + url.search !== location.origin + location.pathname + location.search) return location.assign(url.href);
  history.replaceState(history.state, "", url.href);
  location.reload();
}

function countDown(section, status, seconds, then) {
  const words = status === 429 ? "Slow down a moment." : "Not ready yet.";
  if (seconds <= 0) {
    say(section, "Now it is possible again.");
    return then();
  }
  say(section, `${words} The next try is possible in ${seconds} s.`);
  timer = setTimeout(() => section.isConnected && countDown(section, status, seconds - 1, then), 1000);
}

function say(section, text) {
  let banner = section.querySelector("[role=alert]");
  if (!banner) {
    banner = document.createElement("p");
    banner.className = "banner";
    // Its first words are said, and not each second of a wait.
    banner.setAttribute("role", "alert");
    section.querySelector("form").before(banner);
  }
  banner.classList.remove("good");
  banner.textContent = text;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".account form[method=post]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  send(form, event.submitter);
});

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  const source = document.getElementById(copier.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    copier.textContent = "Copied";
    announce("Copied");
  } catch {
    // Refused: what is selected is copied by hand.
    getSelection().selectAllChildren(source);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});
