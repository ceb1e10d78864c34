// Whether somebody is logged in, over all tabs: each page notes it, and the others follow.
const KEY = "session";
const LOGGED_IN = "in";
const LOGGED_OUT = "out";

const shown = () => (document.body.classList.contains("logged-in") ? LOGGED_IN : LOGGED_OUT);

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Storage is switched off: each tab finds out by itself.
    return shown();
  }
}

function note(state) {
  if (stored() !== state) localStorage.setItem(KEY, state);
}

export function startSession() {
  note(shown());
  addEventListener("storage", (event) => {
    if (event.key === KEY && event.newValue && event.newValue !== shown()) location.reload();
  });
  // Back may bring a page as it was before somebody logged out.
  addEventListener("pageshow", (event) => {
    if (event.persisted && stored() !== shown()) location.reload();
  });
}

// Shows the page as to a visitor: the server knows the session no more. What is on the page stays, and a login is offered,
// which leads on to an address.
export function endSession(address = location.href) {
  document.body.classList.remove("logged-in");
  note(LOGGED_OUT);
  const { pathname, search } = new URL(address, location.href);
  dispatchEvent(new CustomEvent("unauthorized", { detail: pathname + search }));
}
