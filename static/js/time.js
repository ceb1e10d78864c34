// The track of years under a map: bars of the releases a year, one or two needles, and a way to play them. The ranges in it
// are real inputs, so keys and screen readers work.
const STEP_MILLISECONDS = 500;
const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 64;
const BASE = HEIGHT - 16;

function make(name, attributes, text = "") {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

export class TimeTrack {
  // `changed(until, isPlaying)` is called with [], [year] or [year, year]; `soon(until)` with what comes next while playing.
  constructor(form, { changed, soon = () => {} }) {
    this.form = form;
    this.changed = changed;
    this.soon = soon;
    this.first = Number(form.dataset.first);
    this.last = Number(form.dataset.last);
    this.begin = Number(form.dataset.begin);
    this.counts = new Map(form.dataset.years.split(" ").map((pair) => pair.split(":").map(Number)));
    [this.to, this.from] = form.querySelectorAll("input[type=range]");
    this.modes = [...form.querySelectorAll("[data-mode]")];
    this.play = form.querySelector(".play");
    this.speed = form.querySelector(".speed");
    this.track = form.querySelector(".track");
    this.svg = make("svg", { class: "chart", "aria-hidden": "true" });
    this.track.prepend(this.svg);
    this.mode = this.modes.find((button) => button.getAttribute("aria-pressed") === "true").dataset.mode;
    for (const range of [this.to, this.from]) {
      range.addEventListener("input", () => this.slid(range));
      range.addEventListener("keydown", (event) => this.pressed(event, range));
    }
    for (const button of this.modes) button.addEventListener("click", () => this.choose(button.dataset.mode));
    this.play.addEventListener("click", () => (this.timer ? this.pause() : this.start()));
    this.speed?.addEventListener("click", () => this.speed.setAttribute("aria-pressed", String(this.speed.getAttribute("aria-pressed") !== "true")));
    this.hide = () => document.hidden && this.pause();
    document.addEventListener("visibilitychange", this.hide);
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.track);
    this.describe();
  }

  stop() {
    this.pause();
    this.sizes.disconnect();
    document.removeEventListener("visibilitychange", this.hide);
  }

  get until() {
    const [to, from] = [Number(this.to.value), Number(this.from.value)];
    if (this.mode === "compare") return from < to ? [from, to] : [to, from];
    return this.mode === "before" ? [to] : [];
  }

  slid(range) {
    this.pause();
    if (this.mode === "all") this.setMode("before");
    if (this.mode === "compare") this.keepApart(range);
    this.tell();
  }

  // Two years that are compared are never the same one.
  keepApart(range) {
    const other = range === this.to ? this.from : this.to;
    if (range.value !== other.value) return;
    const next = Number(other.value) + (range === this.to ? -1 : 1);
    if (next >= this.first && next <= this.last) other.value = next;
    else range.value = Number(range.value) + (range === this.to ? 1 : -1);
  }

  pressed(event, range) {
    if (event.key === " ") {
      event.preventDefault();
      this.play.click();
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      // Ten years in every browser.
      event.preventDefault();
      range.value = Number(range.value) + (event.key === "PageUp" ? 10 : -10);
      this.slid(range);
    }
  }

  choose(mode) {
    this.pause();
    if (mode === "compare" && this.mode !== "compare") {
      const year = this.mode === "before" ? Number(this.to.value) : Math.round((this.first + this.last) / 2) + 10;
      this.to.value = Math.min(this.last, Math.max(this.first + 1, year));
      this.from.value = Math.max(this.first, Number(this.to.value) - (this.mode === "before" ? 10 : 20));
    }
    if (mode === "all") this.to.value = this.last;
    this.setMode(mode);
    this.tell();
    if (mode === "before") this.to.focus();
  }

  setMode(mode) {
    this.mode = mode;
    for (const button of this.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }

  // --- playing ---------------------------------------------------------------------------------------------------------

  get pace() {
    return this.speed?.getAttribute("aria-pressed") === "true" ? 10 : 1;
  }

  start() {
    if (this.mode === "all" || Number(this.to.value) >= this.last) this.to.value = Math.min(this.begin, this.last);
    this.setMode("before");
    this.showPlaying(true);
    this.tell(true);
    this.timer = setInterval(() => this.advance(), STEP_MILLISECONDS);
  }

  advance() {
    this.to.value = Math.min(this.last, Number(this.to.value) + this.pace);
    this.tell(true);
    if (Number(this.to.value) >= this.last) this.pause();
    else this.soon([Math.min(this.last, Number(this.to.value) + this.pace)]);
  }

  pause() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.showPlaying(false);
    this.changed(this.until, false);
  }

  showPlaying(isPlaying) {
    this.play.setAttribute("aria-pressed", String(isPlaying));
    this.play.setAttribute("aria-label", isPlaying ? "Pause" : "Play the years");
    const use = this.play.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isPlaying ? "#pause" : "#play"));
  }

  tell(isPlaying = false) {
    this.describe();
    this.draw();
    this.changed(this.until, isPlaying);
  }

  // --- what is seen ----------------------------------------------------------------------------------------------------

  describe() {
    this.from.hidden = this.mode !== "compare";
    this.to.setAttribute("aria-label", this.mode === "compare" ? "Second year" : "Up to year");
    this.from.setAttribute("aria-label", "First year");
    this.to.setAttribute("aria-valuetext", this.mode === "all" ? "All years" : this.to.value);
    this.form.dataset.mode = this.mode;
  }

  draw() {
    const width = this.track.clientWidth;
    if (!width) return;
    const step = width / (this.last - this.first + 1);
    const most = Math.max(...this.counts.values());
    const [a, b] = this.until.length === 2 ? this.until : [null, this.until[0] ?? null];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const drawn = [make("path", { class: "axis", d: `M0 ${BASE}H${width}` })];
    let written = -Infinity;
    for (let year = this.first; year <= this.last; year += 1) {
      const count = this.counts.get(year) ?? 0;
      const x = (year - this.first) * step;
      if (count) {
        const tall = Math.max(3, (count / most) * (BASE - 16));
        const state = b !== null && year > b ? " off" : a !== null && year > a ? " hit" : "";
        drawn.push(make("rect", { class: `bar${state}`, x: x + step * 0.14, y: BASE - tall, width: step * 0.72, height: tall }));
      }
      if (year % 10 === 0 && x + step / 2 > written + 42) {
        written = x + step / 2;
        drawn.push(make("text", { x: Math.max(16, written), y: HEIGHT - 2, "text-anchor": "middle" }, String(year)));
      }
    }
    if (a !== null) drawn.push(this.needle((a - this.first + 1) * step, `A ${a}`, width));
    drawn.push(this.needle(b === null ? width - 1 : (b - this.first + 1) * step, b === null ? "All" : a === null ? String(b) : `B ${b}`, width));
    this.svg.replaceChildren(...drawn);
  }

  needle(x, text, width) {
    const wide = text.length > 4 ? 58 : 44;
    const left = Math.max(0, Math.min(x - wide / 2, width - wide));
    const group = make("g", { class: "needle" });
    group.append(
      make("line", { x1: x, x2: x, y1: 8, y2: BASE + 2 }),
      make("rect", { x: left, y: 0, width: wide, height: 18 }),
      make("text", { x: left + wide / 2, y: 13, "text-anchor": "middle" }, text),
    );
    return group;
  }
}
