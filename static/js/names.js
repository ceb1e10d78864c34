// <name-field>: an input that offers names as somebody types them. The options come from the server as list items.
//
//   data-names           address that answers with options, to ?q=&type=
//   data-submit          picking one submits the form, with its id instead of the name
//   data-any             names of every kind are offered; picking one sets the kind
//   data-least           letters from which on names are offered; three without it
//
// The kind is that of the form's field "type". A field of the form named as the input with "_id" behind it, or "id" for
// "name", takes the id that was picked. What is typed without picking is sent as the name.
import { fetchFragment, Offline, parse, Wait } from "./fetching.js";

const LEAST_LETTERS = 3;
const PAUSE_MILLISECONDS = 250;
const SLOW_MILLISECONDS = 400;
let counter = 0;

class NameField extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.input = this.querySelector("input");
    this.form = this.input.form;
    this.list = document.createElement("ul");
    this.list.id = `names-${(counter += 1)}`;
    this.list.className = "pop";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Matches");
    this.list.hidden = true;
    this.append(this.list);
    const { input } = this;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    // Before the input loses the focus, and so before the list closes.
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.pick(option);
    });
    this.kindField?.addEventListener("change", () => this.forget());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.controller?.abort();
  }

  get kindField() {
    return this.form?.elements[this.dataset.kind ?? "type"] ?? null;
  }

  get idName() {
    return this.input.name === "name" ? "id" : `${this.input.name.replace(/_?name$/, "")}_id`;
  }

  typed() {
    this.forget();
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (text.length < (this.dataset.least ?? LEAST_LETTERS)) return this.close();
    this.timer = setTimeout(() => this.ask(text), PAUSE_MILLISECONDS);
    return undefined;
  }

  async ask(text) {
    this.controller?.abort();
    const controller = (this.controller = new AbortController());
    const slow = setTimeout(() => this.say("Looking …"), SLOW_MILLISECONDS);
    const address = new URL(this.dataset.names, location.href);
    address.searchParams.set("q", text);
    if ("any" in this.dataset) address.searchParams.set("type", "any");
    else if (this.kindField) address.searchParams.set("type", this.kindField.value);
    try {
      const { html } = await fetchFragment(address.href, "names", controller.signal);
      if (!controller.signal.aborted) this.show(parse(html));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error instanceof Wait) this.say(`Too many searches, wait ${error.seconds} s`);
      else if (error instanceof Offline) this.say("Search unavailable. Try again");
      else throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  show(options) {
    options.forEach((option, number) => {
      option.id = `${this.list.id}-${number}`;
    });
    this.list.replaceChildren(...options);
    this.open();
  }

  say(text) {
    const row = document.createElement("li");
    row.className = "muted";
    row.textContent = text;
    this.list.replaceChildren(row);
    this.open();
  }

  open() {
    if (document.activeElement !== this.input) return;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(null);
  }

  close() {
    clearTimeout(this.timer);
    this.controller?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(null);
  }

  activate(option) {
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else this.input.removeAttribute("aria-activedescendant");
  }

  pressed(event) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    const active = this.list.hidden ? -1 : options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      if (this.list.hidden) this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = active < 0 ? (step > 0 ? 0 : options.length - 1) : (active + step + options.length) % options.length;
      this.activate(options[next]);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      this.pick(options[active]);
    }
  }

  pick(option) {
    this.input.value = option.dataset.name;
    this.close();
    if (this.kindField && option.dataset.kind) this.kindField.value = option.dataset.kind;
    let id = this.form.elements[this.idName];
    if (!id) {
      id = document.createElement("input");
      id.type = "hidden";
      id.name = this.idName;
      id.dataset.idOf = this.input.name;
      this.append(id);
    }
    id.value = option.dataset.id;
    this.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: { ...option.dataset } }));
    if ("submit" in this.dataset) {
      this.form.requestSubmit();
      this.input.value = "";
      this.forget();
      this.input.blur();
    }
  }

  // What is typed from now on is another name than the one that was picked.
  forget() {
    const id = this.form?.elements[this.idName];
    if (id) id.value = "";
  }
}

customElements.define("name-field", NameField);
