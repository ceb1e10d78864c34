// Asks the site for a fragment of a page, and knows what may come instead of it.

import { endSession } from "./session.js";

// There is no connection, or the site does not answer.
export class Offline extends Error {}

// The site asks to wait: 429 or 503, with the seconds that it names.
export class Wait extends Error {
  constructor(status, seconds) {
    super(`${status}: wait ${seconds} s`);
    this.status = status;
    this.seconds = seconds;
  }
}

// Returns {html, status, url}. An answer with words of its own, such as 404 or 504, is one, too. With a body it is sent.
export async function fetchFragment(address, name, signal, body) {
  let response;
  try {
    const headers = { Accept: "text/html", "X-Fragment": name };
    response = await fetch(address, { method: body ? "POST" : "GET", body, headers, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Offline(error.message);
  }
  if (response.status === 401) {
    endSession(address);
    throw new DOMException("logged out", "AbortError");
  }
  if (response.status === 429 || response.status === 503) {
    throw new Wait(response.status, Number(response.headers.get("Retry-After")) || 5);
  }
  // Something else than asked for, such as an error page or another page after a redirect: the browser shows it.
  if (response.headers.get("X-Fragment") !== name) {
    location.assign(response.url);
    throw new DOMException("left the page", "AbortError");
  }
  return { html: await response.text(), status: response.status, url: response.url };
}

const policy = globalThis.trustedTypes?.createPolicy("fragment", { createHTML: (html) => html });

// Returns the elements of a fragment. Scripts in it do not run: its document has no window.
export function parse(html) {
  const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
  return [...page.body.children];
}
