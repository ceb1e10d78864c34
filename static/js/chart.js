// <trend-chart>: reads out a chart under the pointer, gives it away as a picture, and has two handles for its years. The
// numbers are those of the table beside it.
import { saveCanvas } from "./saving.js";
import { addressOf, swap } from "./swap.js";

const PAUSE_MILLISECONDS = 400;
const NS = "http://www.w3.org/2000/svg";
const SCALE = 2;

class TrendChart extends HTMLElement {
  connectedCallback() {
    if (this.first) return;
    this.first = Number(this.dataset.first);
    this.last = Number(this.dataset.last);
    this.names = [...this.querySelectorAll(".by-year thead th")].slice(1).map((cell) => cell.textContent);
    this.rows = [...this.querySelectorAll(".by-year tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    for (const place of this.querySelectorAll(".wide, .middle, .thin")) {
      place.addEventListener("pointermove", (event) => this.read(place, event));
      place.addEventListener("pointerleave", () => this.hide(place));
    }
    this.querySelector("[data-png]").addEventListener("click", () => this.save());
    this.startHandles();
  }

  // --- what is under the pointer ---------------------------------------------------------------------------------------

  read(place, event) {
    const svg = place.querySelector("svg");
    const box = svg.getBoundingClientRect();
    const ticks = svg.querySelector(".axis").getBBox();
    const factor = svg.viewBox.baseVal.width / box.width;
    const share = ((event.clientX - box.left) * factor - ticks.x) / ticks.width;
    if (share < -0.02 || share > 1.02) return this.hide(place);
    const year = Math.round(this.first + Math.min(1, Math.max(0, share)) * (this.last - this.first));
    const x = ticks.x + ((year - this.first) / Math.max(1, this.last - this.first)) * ticks.width;
    const cross = svg.querySelector(".cross") ?? svg.appendChild(document.createElementNS(NS, "path"));
    cross.setAttribute("class", "cross");
    cross.setAttribute("d", `M${x} 0V${ticks.y}`);
    const box_ = place.querySelector(".read") ?? place.appendChild(document.createElement("div"));
    box_.className = "read";
    box_.setAttribute("aria-hidden", "true");
    const lines = [["b", String(year)], ...this.names.map((name, at) => ["span", `${name}: ${this.rows[year - this.first][at + 1]}`])];
    box_.replaceChildren(...lines.flatMap(([tag, text], at) => {
      const line = document.createElement(tag);
      line.textContent = text;
      return at > 1 ? [document.createElement("br"), line] : [line];
    }));
    const left = x / factor;
    const isRight = left > box.width / 2;
    box_.style.left = isRight ? "" : `${left + 12}px`;
    box_.style.right = isRight ? `${box.width - left + 12}px` : "";
    return undefined;
  }

  hide(place) {
    place.querySelector(".cross")?.remove();
    place.querySelector(".read")?.remove();
  }

  // --- two handles -----------------------------------------------------------------------------------------------------

  startHandles() {
    const form = this.querySelector(".between");
    const handles = [...form.querySelectorAll("[type=range]")];
    let later;
    const slid = (handle) => {
      const years = handles.map((each) => Number(each.value)).sort((one, other) => one - other);
      form.elements.from.value = years[0];
      form.elements.to.value = years[1];
      clearTimeout(later);
      later = setTimeout(async () => {
        if (!this.isConnected) return;
        await swap(addressOf(form), "pane", { focus: false, scroll: scrollY });
        document.getElementById(handle.id)?.focus({ preventScroll: true });
      }, PAUSE_MILLISECONDS);
    };
    for (const handle of handles) handle.addEventListener("input", () => slid(handle));
  }

  // --- the chart as a picture ------------------------------------------------------------------------------------------

  // Drawn element by element, so that it has the fonts and colours of the page.
  async save() {
    const svg = [...this.querySelectorAll("svg.chart")].find((each) => each.getBoundingClientRect().width && each.viewBox.baseVal.width > 100);
    const { width, height } = svg.viewBox.baseVal;
    const canvas = document.createElement("canvas");
    canvas.width = (width + 24) * SCALE;
    canvas.height = (height + 24) * SCALE;
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(SCALE, 0, 0, SCALE, 12 * SCALE, 12 * SCALE);
    for (const element of svg.querySelectorAll("path, circle, text")) draw(context, element);
    await saveCanvas(canvas, "trends.png");
  }
}

function draw(context, element) {
  const style = getComputedStyle(element);
  context.globalAlpha = Number(style.opacity);
  context.fillStyle = style.fill;
  context.strokeStyle = style.stroke;
  context.lineWidth = parseFloat(style.strokeWidth);
  context.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat));
  if (element.tagName === "text") {
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.textAlign = { middle: "center", end: "right" }[style.textAnchor] ?? "left";
    context.fillText(element.textContent, element.getAttribute("x"), element.getAttribute("y"));
    return;
  }
  let path = new Path2D(element.getAttribute("d") ?? "");
  if (element.tagName === "circle") {
    path = new Path2D();
    path.arc(element.getAttribute("cx"), element.getAttribute("cy"), element.getAttribute("r"), 0, 7);
  }
  if (style.fill !== "none") context.fill(path);
  if (style.stroke !== "none") context.stroke(path);
}

customElements.define("trend-chart", TrendChart);
