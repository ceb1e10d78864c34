// <record-map>: the map of the Explore pane. What it shows is read from the list in it; links of the list load more.
import { announce } from "../announce.js";
import { fetchFragment } from "../fetching.js";
import { isShortcut } from "../keys.js";
import { swap } from "../swap.js";
import { TimeTrack } from "../time.js";
import { timeOf } from "./paint.js";
import { choose, decades, geometry, MOST_MEMBERS, NARROW, place, placeAsShared } from "./place.js";
import { readModel } from "./read.js";
import { barKey, CENTRE, step } from "./steps.js";
import { View } from "./view.js";

const TIME_MILLISECONDS = 300;
const NEWS_MILLISECONDS = 2000;
const STEPS = { narrow: 12, wide: 30 };
const TRAIL_LENGTH = 5;
const KINDS = { artist: "Artists", label: "Labels", release: "Releases", genre: "Genres", style: "Styles" };
const SHAPES_OF_KINDS = Object.keys(KINDS);

class RecordMap extends HTMLElement {
  connectedCallback() {
    if (this.view) return;
    this.canvas = this.querySelector("canvas");
    this.more = {};
    this.hidden_ = new Set(this.dataset.hidden?.split(" ").filter(Boolean));
    this.selected = document.querySelector("[data-fragment=panel]")?.dataset.key ?? null;
    this.layout = (this.dataset.layout ?? remembered("layout")) === "free" ? "free" : "rings";
    this.stopped = new AbortController();
    const { signal } = this.stopped;
    this.view = new View(this.canvas, {
      resized: () => this.lay({ anew: true }),
      drawn: () => {},
      hovered: (key) => this.light(key),
      clicked: (key, event) => this.clicked(key, event),
      doubled: (key) => this.centreOn(key),
    });
    document.addEventListener("swapped", (event) => this.swapped(event), { signal });
    this.addEventListener("click", (event) => this.pushed(event), { signal });
    this.canvas.addEventListener("keydown", (event) => this.keyed(event), { signal });
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.light(this.focused ?? CENTRE), { signal });
    this.canvas.addEventListener("blur", () => this.light(null), { signal });
    document.addEventListener("keydown", (event) => this.shortcut(event), { signal });
    const form = this.querySelector("form.time");
    if (form) {
      this.time = new TimeTrack(form, {
        changed: (until, isPlaying) => this.timed(until, isPlaying),
        soon: (until) => this.prefetch(until),
      });
    }
    startPanel();
    this.read();
    this.showView(remembered("view") === "list" ? "list" : "map");
    this.showTrail();
    this.view.resize();
    // Names were measured in another font before these are there.
    document.fonts.ready.then(() => {
      this.view?.widths.clear();
      this.lay({ anew: true });
    });
  }

  disconnectedCallback() {
    this.time?.stop();
    this.view.stop();
    this.stopped.abort();
    clearTimeout(this.later);
    clearTimeout(this.news);
    document.querySelector("[data-fragment=panel]")?.classList.remove("open");
  }

  get list() {
    return this.querySelector("[data-fragment=list]");
  }

  // --- what is shown -----------------------------------------------------------------------------------------------------

  read() {
    this.model = readModel(this.list, this.dataset);
    this.until = this.time ? this.time.until : this.model.until;
  }

  // Places everything; what was there stays where it was, unless all is placed `anew`.
  lay({ anew = false } = {}) {
    const { view, model } = this;
    if (!view?.ratio) return;
    view.settleNow();
    // It takes its room before anything is placed.
    this.querySelector(".both").hidden = this.until.length !== 2;
    if (this.dataset.width) return this.layAsShared();
    const { width, height } = view;
    const chosen = choose(model, width, height, this.more);
    const counts = this.countsOfDecades(chosen, width);
    const shape = geometry(width, height, model.first, model.last, counts ? 36 : 20);
    const categories = chosen.map((category) => this.described(category, shape));
    const { layout } = this;
    const before = anew || layout !== this.scene?.layout ? null : this.scene.places;
    const show = (places) => this.show({ categories, shape, places, counts, layout });
    if (layout === "free") {
      import("./free.js").then(({ placeFreely }) => this.isConnected && show(placeFreely(categories, shape, view.measure)));
    } else show(place(categories, shape, view.measure, { obstacles: this.obstacles(), before }));
    return undefined;
  }

  show(scene) {
    this.scene = {
      ...scene,
      centre: this.model.centre,
      until: this.until,
      focus: this.lit ?? null,
      selected: this.selected,
      hidden: this.hidden_,
    };
    this.view.show(this.scene);
    this.describe();
  }

  // A map that was shared is as large as it was then, and made to fit.
  layAsShared() {
    const { view, model, layout, dataset } = this;
    const [width, height] = [Number(dataset.width), Number(dataset.height)];
    const shape = geometry(width, height, model.first, model.last === null ? null : model.last - 1);
    const categories = model.categories.map((category) => this.described({ ...category, shown: category.members }, shape));
    this.show({ categories, shape, places: placeAsShared(categories, shape, view.measure, layout), counts: null, layout });
    view.fitPicture(width, height);
  }

  // What is on the map, as POST /api/snapshot takes it.
  picture() {
    this.view.settleNow();
    const { categories, places, shape, layout, until, hidden } = this.scene;
    const { centre } = this.model;
    const members = categories.flatMap((category) => category.shown);
    const positions = new Map(members.map((member, at) => [member.key, at]));
    const entity = ({ key, kind, name }) => ({ id: key.slice(kind.length + 1), type: kind, name });
    const rounded = ({ x, y }) => ({ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 });
    return {
      schema: 2,
      nodes: members.map((member) => {
        const at = places.members.get(member.key);
        const { category, first, last, releases } = member;
        return { ...entity(member), category, first, last, releases, quiet: at.quiet, ...rounded(at) };
      }),
      center: entity(centre),
      links: members.flatMap((member, at) => member.links.map((key) => positions.get(key)).filter((other) => other > at).map((other) => [at, other])),
      categories: categories.map(({ name, title, total, totals, size }) => ({
        name, title, total, totals, size, ...rounded(places.bars.get(name)),
      })),
      width: shape.width,
      height: shape.height,
      layout,
      before_year: until.length === 1 ? until[0] : null,
      compare_years: until.length === 2 ? until : null,
      ring_years: shape.first === null ? null : [shape.first, shape.last],
      hidden: [...hidden],
    };
  }

  described(category, shape) {
    const { until } = this;
    const there = category.shown.filter((member) => timeOf(member, until) !== "later").length;
    const totals = category.totals;
    const count = totals.length > 1 ? `${totals[0]} → ${totals[1]}` : category.isOpen ? `${there} / ${totals[0]}` : String(totals[0]);
    const step_ = shape.narrow ? STEPS.narrow : STEPS.wide;
    const left = category.members.length - category.shown.length;
    const rest = Math.max(0, totals[totals.length - 1] - there);
    const isFull = category.shown.length >= MOST_MEMBERS || (!left && category.members.length >= 390);
    const more = isFull ? "Open as list" : `Load ${Math.min(step_, rest || left)} more`;
    // While two years are compared, what is shown is what both have.
    return { ...category, count, more, larger: this.until.length === 2 ? 0 : category.larger };
  }

  // How many releases each decade has, where the map shows some of them alone.
  countsOfDecades(categories, width) {
    const releases = categories.find((category) => category.name === "releases");
    if (!this.time || width < NARROW || !releases || releases.shown.length >= releases.total) return null;
    const counts = new Map(decades(this.model).map((decade) => [decade, 0]));
    for (const [year, count] of this.time.counts) {
      const decade = Math.floor(year / 10) * 10;
      if (counts.has(decade)) counts.set(decade, counts.get(decade) + count);
    }
    return new Map([...counts].map(([decade, count]) => [decade, count.toLocaleString("en")]));
  }

  // Boxes of what floats over the canvas.
  obstacles() {
    return [...this.querySelectorAll(".map > .float")]
      .filter((element) => element.offsetWidth && !element.classList.contains("live"))
      .map((element) => [element.offsetLeft - 6, element.offsetTop - 6, element.offsetLeft + element.offsetWidth + 6, element.offsetTop + element.offsetHeight + 6]);
  }

  // Says in words and figures what the map shows: for its label, the legend and the comparison.
  describe() {
    const shown = this.scene.categories.map((category) => `${category.shown.length} ${category.title.toLowerCase()}`);
    this.canvas.setAttribute("aria-label", `Map of ${this.model.centre.name}: ${shown.join(", ")}. Arrow keys move, Enter opens, L shows it as a list.`);
    this.showLegend();
    this.showComparison();
  }

  showLegend() {
    const legend = this.querySelector(".legend");
    const counts = new Map([[this.model.centre.kind, 1]]);
    for (const category of this.scene.categories) {
      for (const member of category.shown) if (timeOf(member, this.until) !== "later") counts.set(member.kind, (counts.get(member.kind) ?? 0) + 1);
    }
    const wanted = SHAPES_OF_KINDS.filter((kind) => counts.has(kind));
    const key = wanted.join();
    if (legend.dataset.kinds !== key) {
      legend.dataset.kinds = key;
      const sprite = this.querySelector("use").getAttribute("href").replace(/#.*/, "");
      legend.replaceChildren(...wanted.map((kind) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.show = kind;
        button.setAttribute("aria-pressed", String(!this.hidden_.has(kind)));
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        svg.setAttribute("class", `kind ${kind}`);
        svg.setAttribute("aria-hidden", "true");
        const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        use.setAttribute("href", `${sprite}#${kind}`);
        svg.append(use);
        button.append(svg, KINDS[kind], document.createElement("b"));
        return button;
      }));
    }
    for (const button of legend.children) button.lastChild.textContent = counts.get(button.dataset.show);
  }

  showComparison() {
    const place_ = this.querySelector(".both");
    const { until } = this;
    place_.hidden = until.length !== 2;
    if (place_.hidden) return;
    const members = this.scene.categories.flatMap((category) => category.shown).filter((member) => member.first);
    const count = (time) => members.filter((member) => timeOf(member, until) === time).length;
    const lines = [
      ["b", `${until[0]} against ${until[1]}`],
      ["span", `${count("fresh")} came in between`, ""],
      ["span", `${count("there") + count("gone")} were there, ${count("later")} come later`, "muted"],
    ];
    if (count("gone")) lines.push(["span", `${count("gone")} had nothing after ${until[0]}`, "muted"]);
    place_.replaceChildren(...lines.map(([name, text, classes = ""]) => {
      const line = document.createElement(name);
      line.className = classes;
      line.textContent = text;
      return line;
    }));
    const plus = document.createElement("span");
    plus.className = "plus";
    plus.textContent = "+";
    place_.children[1].prepend(plus);
  }

  // --- pointer, focus and keys -------------------------------------------------------------------------------------------

  light(key) {
    this.lit = key;
    if (!this.scene) return;
    this.scene.focus = key;
    this.view.request();
    const live = this.querySelector(".live");
    live.textContent = key && this.view.placeOf(key)?.quiet ? this.words(key) : "";
  }

  // An entity as it is said: "Editions EG, label, 6 releases".
  words(key) {
    if (key === CENTRE) return `${this.model.centre.name}, ${this.model.centre.kind}, the middle`;
    for (const category of this.scene.categories) {
      if (key === barKey(category.name)) return `${category.title}, ${category.isOpen ? category.count.replace("/", "of") : `${category.count}, closed`}`;
      const member = category.shown.find((each) => each.key === key);
      if (member) {
        const more = member.kind === "release" ? member.first : member.releases && `${member.releases} release${member.releases === 1 ? "" : "s"}`;
        return [member.name, member.kind, more].filter(Boolean).join(", ");
      }
    }
    return "";
  }

  clicked(key, event) {
    if (!key) return;
    if (key === CENTRE) this.open(this.model.centre.key);
    else if (key.startsWith("bar:")) this.toggle(key.slice(4));
    else if (key.startsWith("more:")) this.loadMore(key.slice(5));
    // With a finger there is no double click: a second tap makes it the middle.
    else if (event.pointerType === "touch" && key === this.selected) this.centreOn(key);
    else this.open(key);
  }

  // The key of an entity on the map by its name, of one of some kinds; undefined if there is none.
  find(name, kinds) {
    const members = this.model.categories.flatMap((category) => category.members);
    return [this.model.centre, ...members].find((each) => each.name === name && kinds.includes(each.kind))?.key;
  }

  open(key) {
    const link = key === this.model.centre.key ? null : this.row(key)?.querySelector("a");
    const address = link ? link.href : this.addressWith({ open: "" });
    this.selected = key;
    if (this.scene) this.scene.selected = key;
    this.view.request();
    return swap(address, "panel", { history: "replace" });
  }

  row(key) {
    return this.list.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  // Makes an entity the middle; a release has no map, so its page opens.
  centreOn(key) {
    if (!key || key === CENTRE || key.includes("bar:") || key.startsWith("more:")) return;
    const kind = key.slice(0, key.indexOf(":"));
    const id = key.slice(key.indexOf(":") + 1);
    if (kind === "release") {
      const page = this.row(key)?.dataset.page;
      if (page) swap(new URL(page, location.href).href);
      else this.open(key);
      return;
    }
    const address = new URL(location.pathname, location.href);
    address.searchParams.set("type", kind);
    address.searchParams.set("id", id);
    swap(address.href);
  }

  toggle(name) {
    this.section(name).querySelector("[data-open], [data-shut]")?.click();
  }

  loadMore(name) {
    const category = this.scene.categories.find((each) => each.name === name);
    const size = this.scene.shape.narrow ? STEPS.narrow : STEPS.wide;
    if (category.more === "Open as list") return this.showView("list");
    this.more[name] = (this.more[name] ?? 0) + size;
    if (category.members.length - category.shown.length >= size || !category.larger) this.lay();
    else this.section(name).querySelector("[data-more]")?.click();
    return undefined;
  }

  section(name) {
    return this.list.querySelector(`[data-category="${name}"]`);
  }

  keyed(event) {
    if (!this.scene || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.focused ?? CENTRE;
    if (event.key.startsWith("Arrow")) {
      this.focused = step(this.scene.categories, at, event.key);
      this.light(this.focused);
      this.view.reveal(this.focused);
      announce(this.words(this.focused));
    } else if (event.key === "Enter") {
      if (at.startsWith("bar:")) this.toggle(at.slice(4));
      else if (event.shiftKey) this.centreOn(at);
      else this.open(at === CENTRE ? this.model.centre.key : at);
    } else if (event.key === " ") {
      if (at.startsWith("bar:")) this.toggle(at.slice(4));
    } else if (event.key === "+" || event.key === "=") this.view.zoomBy(1.4);
    else if (event.key === "-") this.view.zoomBy(0.7);
    else if (event.key === "0") this.view.fit();
    else if (event.key === "Escape") {
      this.focused = null;
      this.light(null);
      this.canvas.blur();
    } else return;
    event.preventDefault();
  }

  // Keys of the pane, wherever the focus is.
  shortcut(event) {
    if (!isShortcut(event)) return;
    if (event.key.toLowerCase() === "l") this.showView(this.shownView === "list" ? "map" : "list");
    else if (event.key === "t" && this.time) this.time.to.focus();
    else return;
    event.preventDefault();
  }

  pushed(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const { view, zoom, show, layout } = button.dataset;
    if (button.hasAttribute("data-save")) this.view.save("map.png");
    else if (view) this.showView(view);
    else if (zoom === "in") this.view.zoomBy(1.4);
    else if (zoom === "out") this.view.zoomBy(0.7);
    else if (zoom === "fit") this.view.fit();
    else if (layout) this.showLayout(layout);
    else if (show) this.showKind(show, button);
  }

  showView(view) {
    this.shownView = view;
    remember("view", view);
    this.classList.toggle("listed", view === "list");
    for (const button of this.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    if (view === "map") requestAnimationFrame(() => this.view?.resize());
  }

  showLayout(layout) {
    this.layout = layout;
    remember("layout", layout);
    this.view.fit();
    this.lay();
    for (const button of this.querySelectorAll("[data-layout]")) button.setAttribute("aria-pressed", String(button.dataset.layout === layout));
  }

  showKind(kind, button) {
    if (this.hidden_.has(kind)) this.hidden_.delete(kind);
    else this.hidden_.add(kind);
    button.setAttribute("aria-pressed", String(!this.hidden_.has(kind)));
    this.view.request();
  }

  // --- years -------------------------------------------------------------------------------------------------------------

  timed(until, isPlaying) {
    this.until = until;
    if (this.scene) {
      this.scene.until = until;
      this.view.request();
    }
    clearTimeout(this.later);
    const ask = () => this.ask(until, isPlaying);
    if (isPlaying) ask();
    else this.later = setTimeout(ask, TIME_MILLISECONDS);
  }

  addressOf(until) {
    return this.addressWith({ before: until.length === 1 ? until[0] : "", compare: until.length === 2 ? until.join("-") : "" });
  }

  // The address of this view with some parameters changed.
  addressWith(changes) {
    const address = new URL(this.list.dataset.here, location.href);
    const open = new URL(location.href).searchParams.get("open");
    if (open) address.searchParams.set("open", open);
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    return address.href;
  }

  async ask(until, isPlaying) {
    const address = this.addressOf(until);
    if (address === this.asked) return;
    this.asked = address;
    const fetched = this.soon?.address === address ? this.soon.fetched : null;
    this.soon = null;
    await swap(address, "list", { history: isPlaying ? "replace" : "push", fetched });
  }

  prefetch(until) {
    const address = this.addressOf(until);
    const fetched = fetchFragment(address, "list", this.stopped.signal);
    // Whoever uses it sees what went wrong.
    fetched.catch(() => {});
    this.soon = { address, fetched };
  }

  swapped(event) {
    const { name } = event.detail;
    if (name === "list") {
      this.read();
      this.asked = null;
      this.lay();
      this.showNews();
    } else if (name === "panel") {
      this.selected = event.target.dataset.key;
      if (this.scene) this.scene.selected = this.selected;
      this.view.request();
      startPanel();
      announce(event.target.querySelector("h2").textContent);
    }
  }

  // What had its first release in the year that is looked at, for a moment; in the list it stays.
  showNews() {
    const news = this.list.querySelector(".new")?.textContent;
    if (!news || this.until.length !== 1) return;
    const live = this.querySelector(".live");
    live.textContent = news;
    clearTimeout(this.news);
    this.news = setTimeout(() => {
      live.textContent = "";
    }, NEWS_MILLISECONDS);
  }

  // --- the way here --------------------------------------------------------------------------------------------------------

  showTrail() {
    const { key, name } = this.model.centre;
    let trail = [];
    try {
      trail = JSON.parse(sessionStorage.getItem("trail") ?? "[]");
    } catch {
      // What is stored cannot be read: the way begins here.
    }
    const at = trail.findIndex((each) => each.key === key);
    trail = [...(at < 0 ? trail : trail.slice(0, at)), { key, name }].slice(-TRAIL_LENGTH);
    remember("trail", JSON.stringify(trail));
    const list = this.querySelector(".trail");
    if (!list) return;
    const before = trail.slice(0, -1).map((each) => {
      const link = document.createElement("a");
      const address = new URL(location.pathname, location.href);
      address.searchParams.set("type", each.key.slice(0, each.key.indexOf(":")));
      address.searchParams.set("id", each.key.slice(each.key.indexOf(":") + 1));
      link.href = address.href;
      link.dataset.swap = "pane";
      link.textContent = each.name;
      const item = document.createElement("li");
      item.append(link);
      return item;
    });
    list.prepend(...before);
  }
}

// The panel is a sheet on narrow screens: its grip makes it larger and smaller.
function startPanel() {
  const panel = document.querySelector("[data-fragment=panel]");
  const grip = panel?.querySelector(".grip");
  grip?.addEventListener("click", () => {
    const isOpen = panel.classList.toggle("open");
    grip.setAttribute("aria-expanded", String(isOpen));
    grip.setAttribute("aria-label", isOpen ? "Make the panel smaller" : "Make the panel larger");
  });
  panel?.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.classList.contains("open")) grip.click();
  });
}

function remembered(name) {
  try {
    return new URL(location.href).searchParams.get(name) ?? sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // Storage is switched off: it lasts as long as the page.
  }
}

customElements.define("record-map", RecordMap);
