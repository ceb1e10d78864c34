// <live-status>: brings the figures up to date as the server sends them: by events, or by asking where there are none.
import { announce } from "./announce.js";
import { fetchFragment, parse } from "./fetching.js";

const STALE_MILLISECONDS = 10_000;
const ASK_MILLISECONDS = 5_000;
// After so long without a first event the stream is taken for one that this server does not have.
const PATIENCE_MILLISECONDS = 4_000;
const WORDS = { live: ["Live", "good"], polling: ["Asking every 5 s", "busy"], stale: ["Stale", "warn"], offline: ["Offline", "bad"] };

class LiveStatus extends HTMLElement {
  connectedCallback() {
    this.shownAt = Date.now();
    this.listen();
    this.timer = setInterval(() => this.look(), 1000);
  }

  disconnectedCallback() {
    this.source?.close();
    clearInterval(this.timer);
    clearTimeout(this.asking);
    this.ended = true;
  }

  listen() {
    this.source = new EventSource(this.dataset.stream);
    this.source.addEventListener("page", (event) => {
      clearTimeout(this.asking);
      this.asking = null;
      this.way = "live";
      this.show(JSON.parse(event.data).html);
    });
    // The browser connects again by itself, but for an answer that is no stream.
    this.source.addEventListener("error", () => this.ask(ASK_MILLISECONDS));
    this.ask(PATIENCE_MILLISECONDS);
  }

  // Asks for the fragment again and again, until an event comes.
  ask(milliseconds) {
    if (this.ended || this.asking) return;
    this.asking = setTimeout(async () => {
      try {
        const { html } = await fetchFragment(location.href, "status");
        this.way = "polling";
        this.show(html);
      } catch {
        this.way = "offline";
      }
      this.asking = null;
      this.ask(ASK_MILLISECONDS);
    }, milliseconds);
  }

  // Replaces the parts that changed, but for one that has the keyboard's focus.
  show(html) {
    const [live] = parse(html);
    this.shownAt = Date.parse(live.querySelector("time").dateTime);
    for (const part of live.querySelectorAll("[data-part]")) {
      const old = this.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!old || old.isEqualNode(part) || old.contains(document.activeElement)) continue;
      const open = [...old.querySelectorAll("details")].map((each) => each.open);
      part.querySelectorAll("details").forEach((each, number) => {
        each.open = open[number] ?? false;
      });
      const heading = part.querySelector("h1");
      if (heading && heading.textContent !== old.querySelector("h1").textContent) announce(heading.textContent);
      old.replaceWith(document.adoptNode(part));
    }
    this.look();
  }

  // Says in the light by which way the figures come, and whether they are old.
  look() {
    if (!this.way) return;
    const way = this.way === "offline" || Date.now() - this.shownAt < STALE_MILLISECONDS ? this.way : "stale";
    const [word, state] = WORDS[way];
    const light = this.querySelector("[data-light]");
    light.className = `state ${state}`;
    light.textContent = word;
    if (this.said && this.said !== way) announce(word);
    this.said = way;
  }
}

customElements.define("live-status", LiveStatus);
