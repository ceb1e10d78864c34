// <sync-progress>: how far a synchronisation is, as the server tells it by events. Without JavaScript it says so once.
import { announce } from "./announce.js";

class SyncProgress extends HTMLElement {
  connectedCallback() {
    // The same one may be in the menu and on the page: each has a connection of its own only while it is shown.
    this.source = new EventSource(this.dataset.events);
    this.source.addEventListener("progress", (event) => this.show(JSON.parse(event.data)));
    this.source.addEventListener("end", (event) => this.finish(JSON.parse(event.data)));
  }

  disconnectedCallback() {
    this.source.close();
  }

  show({ phase, page, pages }) {
    const name = phase.charAt(0).toUpperCase() + phase.slice(1);
    this.querySelector("[data-words]").textContent = pages ? `${name}, page ${page} of ${pages}` : `${name}, beginning`;
    this.querySelector(".v").setAttribute("width", pages ? (100 * page) / pages : 0);
  }

  finish({ status, added, changed, removed, error }) {
    this.source.close();
    const words = status === "completed" ? `Synchronised: ${added} new, ${changed} changed, ${removed} gone` : (error ?? "Stopped");
    this.querySelector("[data-words]").textContent = words;
    this.querySelector(".v").setAttribute("width", status === "completed" ? 100 : 0);
    document.querySelector(".is-syncing")?.classList.remove("is-syncing");
    for (const link of document.querySelectorAll("[data-stop-sync]")) link.remove();
    announce(words);
  }
}

customElements.define("sync-progress", SyncProgress);
