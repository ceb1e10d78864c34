// <sync-progress>: how far a synchronisation is, as the server tells it by events. Without JavaScript it says so once.
import { announce } from "./announce.js";

// Address → its connection. The menu and the page show the same synchronisation by one: each holds a thread of the site.
const sources = new Map();

function listen(address) {
  if (!sources.has(address)) {
    const source = new EventSource(address);
    source.addEventListener("progress", (event) => tell(address, "show", event));
    source.addEventListener("end", (event) => {
      source.close();
      tell(address, "finish", event);
      document.querySelector(".is-syncing")?.classList.remove("is-syncing");
    });
    sources.set(address, source);
  }
}

function tell(address, method, event) {
  const progress = JSON.parse(event.data);
  for (const element of document.querySelectorAll("sync-progress")) {
    if (element.dataset.events === address) element[method](progress);
  }
}

class SyncProgress extends HTMLElement {
  connectedCallback() {
    listen(this.dataset.events);
  }

  show({ phase, page, pages }) {
    const name = phase.charAt(0).toUpperCase() + phase.slice(1);
    this.write(pages ? `${name}, page ${page} of ${pages}` : `${name}, beginning`, pages ? (100 * page) / pages : 0);
  }

  finish({ status, added, changed, removed, error }) {
    const isDone = status === "completed";
    const words = isDone ? `Synchronised: ${added} new, ${changed} changed, ${removed} gone` : (error ?? "Stopped");
    this.write(words, isDone ? 100 : 0);
    this.querySelector("[data-stop-sync]")?.remove();
    announce(words);
  }

  write(words, percent) {
    this.querySelector("[data-words]").textContent = words;
    this.querySelector(".v").setAttribute("width", percent);
  }
}

customElements.define("sync-progress", SyncProgress);
