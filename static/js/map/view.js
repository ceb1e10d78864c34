// The canvas of a map: its size, its zoom, what the pointer is on, and the moves of what changes its place.
import { saveCanvas } from "../saving.js";
import { select, zoom, zoomIdentity } from "../../vendor/d3-zoom.js";
import { barBox, boxOf } from "./place.js";
import { FONTS, paint, readColours } from "./paint.js";
import { barKey, CENTRE } from "./steps.js";

const MOVE_MILLISECONDS = 320;
const SCALES = [0.1, 4];
// Half of the smallest target of a finger, in pixels.
const FINGER = 22;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export class View {
  // `events`: {resized(), drawn(), hovered(key), clicked(key, event), doubled(key)}.
  constructor(canvas, events) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.events = events;
    this.transform = zoomIdentity;
    // What "fit" returns to.
    this.home = zoomIdentity;
    this.scene = null;
    this.widths = new Map();
    this.probe = document.createElement("i");
    this.probe.hidden = true;
    document.body.append(this.probe);
    this.stopped = new AbortController();
    const { signal } = this.stopped;
    this.zoom = zoom()
      .scaleExtent(SCALES)
      .filter((event) => !event.button && (event.type === "wheel" || !this.isOnMember(event)))
      .on("zoom", (event) => {
        this.transform = event.transform;
        this.zoomed = Boolean(event.sourceEvent);
        this.request();
      });
    select(canvas).call(this.zoom).on("dblclick.zoom", null);
    canvas.addEventListener("pointermove", (event) => this.moved(event), { signal });
    canvas.addEventListener("pointerleave", () => this.hover(null), { signal });
    canvas.addEventListener("pointerdown", (event) => this.pressed(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.released(event), { signal });
    canvas.addEventListener("pointercancel", () => this.drop(), { signal });
    canvas.addEventListener("click", (event) => this.clicked(event), { signal });
    canvas.addEventListener("dblclick", (event) => this.events.doubled(this.keyAt(event)), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour(), { signal });
    this.themes = new MutationObserver(() => this.recolour());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas);
  }

  stop() {
    this.stopped.abort();
    this.themes.disconnect();
    this.sizes.disconnect();
    this.probe.remove();
    cancelAnimationFrame(this.frame);
  }

  get width() {
    return this.canvas.clientWidth;
  }

  get height() {
    return this.canvas.clientHeight;
  }

  resize() {
    const { width, height } = this;
    const ratio = devicePixelRatio || 1;
    if (!width || !height || (this.ratio === ratio && this.canvas.width === Math.round(width * ratio) && this.canvas.height === Math.round(height * ratio))) return;
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.events.resized();
  }

  // Width of a text in pixels, remembered: a map asks for the same names again and again.
  measure = (text, font) => {
    const key = `${font} ${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      this.context.font = FONTS[font];
      width = this.context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  };

  recolour() {
    this.colours = null;
    this.request();
  }

  // Shows a scene; members that were there before move to their new places.
  show(scene) {
    const before = this.scene;
    this.scene = scene;
    cancelAnimationFrame(this.tween);
    if (!before || reducedMotion.matches || document.hidden) return this.request();
    const moves = [];
    for (const kind of ["members", "bars", "pills"]) {
      for (const [key, place] of scene.places[kind]) {
        const old = before.places[kind].get(key);
        if (old && (old.x !== place.x || old.y !== place.y)) moves.push({ place, x: place.x, y: place.y, fromX: old.x, fromY: old.y });
      }
    }
    if (!moves.length) return this.request();
    const start = performance.now();
    const move = (now) => {
      const share = Math.min(1, (now - start) / MOVE_MILLISECONDS);
      const eased = 1 - (1 - share) ** 3;
      for (const { place, x, y, fromX, fromY } of moves) {
        place.x = fromX + (x - fromX) * eased;
        place.y = fromY + (y - fromY) * eased;
      }
      this.draw();
      if (share < 1) this.tween = requestAnimationFrame(move);
    };
    // They end where they belong even if no frame comes, as in a tab that is hidden.
    this.finish = () => moves.forEach(({ place, x, y }) => Object.assign(place, { x, y }));
    this.tween = requestAnimationFrame(move);
    return undefined;
  }

  settleNow() {
    cancelAnimationFrame(this.tween);
    this.finish?.();
    this.finish = null;
  }

  request() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    if (!this.scene || !this.ratio) return;
    this.colours ??= readColours(this.probe);
    paint(this.context, this.scene, this.transform, this.colours, this.ratio);
    this.events.drawn();
  }

  // Saves what can be seen, on the colour of the page.
  save(name) {
    const picture = document.createElement("canvas");
    picture.width = this.canvas.width;
    picture.height = this.canvas.height;
    const context = picture.getContext("2d");
    context.fillStyle = this.colours.board;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(this.canvas, 0, 0);
    return saveCanvas(picture, name);
  }

  // --- zoom ------------------------------------------------------------------------------------------------------------

  zoomBy(factor) {
    select(this.canvas).call(this.zoom.scaleBy, factor);
  }

  fit() {
    select(this.canvas).call(this.zoom.transform, this.home);
  }

  // Shows a picture of another size whole, in the middle of the canvas.
  fitPicture(width, height) {
    const scale = Math.min(this.width / width, this.height / height);
    this.home = zoomIdentity.translate((this.width - width * scale) / 2, (this.height - height * scale) / 2).scale(scale);
    this.fit();
  }

  // Moves the picture so far that a place can be seen.
  reveal(key) {
    const place = this.placeOf(key);
    if (!place) return;
    const [x, y] = this.transform.apply([place.x, place.y]);
    const margin = 48;
    const dx = Math.max(0, margin - x) + Math.min(0, this.width - margin - x);
    const dy = Math.max(0, margin - y) + Math.min(0, this.height - margin - y);
    if (dx || dy) select(this.canvas).call(this.zoom.translateBy, dx / this.transform.k, dy / this.transform.k);
  }

  placeOf(key) {
    const { places, shape } = this.scene;
    if (key === CENTRE) return { x: shape.cx, y: shape.cy };
    if (key?.startsWith("bar:")) return places.bars.get(key.slice(4));
    if (key?.startsWith("more:")) return places.pills.get(key.slice(5));
    return places.members.get(key);
  }

  // --- pointer ---------------------------------------------------------------------------------------------------------

  // The key of what is under the pointer; of a finger, the nearest within its reach.
  keyAt(event) {
    if (!this.scene) return null;
    const [x, y] = this.transform.invert([event.offsetX, event.offsetY]);
    const reach = event.pointerType === "touch" ? FINGER / this.transform.k : 0;
    const { categories, places, shape, hidden } = this.scene;
    if (Math.hypot(x - shape.cx, y - shape.cy) < shape.centre + 9) return CENTRE;
    let best = null;
    const look = (key, box) => {
      const distance = Math.hypot(Math.max(box[0] - x, 0, x - box[2]), Math.max(box[1] - y, 0, y - box[3]));
      if (distance <= reach && (!best || distance < best.distance)) best = { key, distance };
    };
    for (const category of categories) {
      look(barKey(category.name), barBox(places.bars.get(category.name)));
      const pill = places.pills.get(category.name);
      if (pill) look(`more:${category.name}`, barBox(pill));
      for (const member of category.shown) {
        if (hidden.has(member.kind)) continue;
        const place = places.members.get(member.key);
        look(member.key, place.quiet ? [place.x - place.r, place.y - place.r, place.x + place.r, place.y + place.r] : boxOf(place, shape.cx));
      }
    }
    return best?.key ?? null;
  }

  isOnMember(event) {
    const key = event.type.startsWith("touch") ? null : this.keyAt(event);
    return Boolean(key) && Boolean(this.scene.places.members.get(key));
  }

  moved(event) {
    if (this.dragged) {
      const [x, y] = this.transform.invert([event.offsetX, event.offsetY]);
      if (Math.hypot(x - this.dragged.fromX, y - this.dragged.fromY) > 4) this.dragged.hasMoved = true;
      if (this.dragged.hasMoved) Object.assign(this.dragged.place, { x, y });
      this.request();
    } else if (event.pointerType !== "touch") this.hover(this.keyAt(event));
  }

  hover(key) {
    if (key === this.hovered) return;
    this.hovered = key;
    this.canvas.style.cursor = key ? "pointer" : "";
    this.events.hovered(key);
  }

  pressed(event) {
    const key = this.keyAt(event);
    const place = key && event.pointerType !== "touch" ? this.scene.places.members.get(key) : null;
    if (!place || event.button) return;
    this.settleNow();
    this.canvas.setPointerCapture(event.pointerId);
    this.dragged = { place, homeX: place.x, homeY: place.y, fromX: place.x, fromY: place.y, hasMoved: false };
  }

  released() {
    this.wasDragged = Boolean(this.dragged?.hasMoved);
    this.drop();
  }

  // Lets a member go; it returns to its ring.
  drop() {
    if (!this.dragged) return;
    const { place, homeX, homeY } = this.dragged;
    Object.assign(place, { x: homeX, y: homeY });
    this.dragged = null;
    this.request();
  }

  clicked(event) {
    if (this.wasDragged) this.wasDragged = false;
    else this.events.clicked(this.keyAt(event), event);
  }
}
