// Draws a map on a canvas: the record with its rings, links, members, bars, pills and the middle.
import { barKey, CENTRE } from "./steps.js";
import { barBox, boxOf, cut, decades } from "./place.js";

export const FONTS = {
  name: '500 14px "Sofia Sans", "Noto Sans", sans-serif',
  small: '500 13px "Sofia Sans Condensed", "Noto Sans", sans-serif',
  bar: '700 15px "Sofia Sans Condensed", "Noto Sans", sans-serif',
};
const DISPLAY = '"Sofia Sans Extra Condensed", "Sofia Sans Condensed", "Noto Sans", sans-serif';
const TOKENS = ["board", "sheet", "ink", "ink-3", "rule", "edge", "spot", "on-spot", "on-ink", "artist", "release", "master", "label", "genre", "style", "person"];

// Colours as the stylesheet has them now: a probe, since the value of a property would be the words "light-dark(…)".
export function readColours(probe) {
  return Object.fromEntries(TOKENS.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
}

// The shape of a kind, as a path.
export function shape(context, kind, x, y, r) {
  const corners = {
    label: Array.from({ length: 6 }, (_, at) => [1.08 * Math.cos((at * Math.PI) / 3), 1.08 * Math.sin((at * Math.PI) / 3)]),
    genre: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
    style: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
    person: [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
    release: [[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]],
    master: [[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]],
  }[kind];
  context.beginPath();
  if (!corners) context.arc(x, y, r, 0, 7);
  else corners.forEach(([dx, dy], at) => context[at ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
  context.closePath();
}

// `scene`: {categories, shape, places, centre, layout, until, focus, selected, hidden: Set of kinds}; `view`: {x, y, k}.
export function paint(context, scene, view, colours, ratio) {
  const { shape: form } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  // The canvas may be larger than a picture that was shared.
  context.clearRect(0, 0, context.canvas.width / ratio, context.canvas.height / ratio);
  context.translate(view.x, view.y);
  context.scale(view.k, view.k);
  context.textBaseline = "middle";
  context.lineJoin = "round";
  if (scene.layout === "rings") paintRecord(context, scene, colours);
  const lit = litKeys(scene);
  paintLinks(context, scene, colours, lit);
  if (scene.layout === "rings") paintYears(context, scene, colours);
  for (const category of scene.categories) {
    for (const member of category.shown) paintMember(context, scene, colours, lit, member);
  }
  for (const category of scene.categories) paintBar(context, scene, colours, lit, category);
  for (const [name, pill] of scene.places.pills) paintPill(context, scene, colours, name, pill);
  paintCentre(context, scene, colours);
}

// What is linked to what the pointer or the focus is on; null if it is on nothing.
export function litKeys({ categories, focus }) {
  if (!focus || focus.startsWith("more:")) return null;
  const lit = new Set([focus]);
  for (const category of categories) {
    const bar = barKey(category.name);
    if (focus === CENTRE) lit.add(bar);
    for (const member of category.shown) {
      if (focus === bar || member.links.includes(focus)) lit.add(member.key);
      if (focus === member.key) [bar, ...member.links].forEach((key) => lit.add(key));
    }
  }
  return lit;
}

// When a member comes, seen from the years that are looked at: "there", "fresh" (between the two), "later", "gone" (there
// in the first year, and nothing of it since).
export function timeOf(member, until) {
  if (!until.length || (!member.first && member.kind !== "release")) return "there";
  if (!member.first || member.first > until[until.length - 1]) return "later";
  if (until.length < 2) return "there";
  if (member.first > until[0]) return "fresh";
  return member.kind !== "release" && member.last <= until[0] ? "gone" : "there";
}

function ellipse(context, { cx, cy, rx, ry }, ring) {
  context.ellipse(cx, cy, Math.max(0, rx * ring), Math.max(0, ry * ring), 0, 0, 7);
}

function paintRecord(context, { shape: form, until }, colours) {
  context.lineWidth = 1;
  context.fillStyle = colours.sheet;
  context.strokeStyle = colours.edge;
  context.beginPath();
  ellipse(context, form, 1);
  context.fill();
  context.stroke();
  if (form.first === null) return;
  context.strokeStyle = colours.rule;
  for (const year of decades(form)) {
    context.beginPath();
    ellipse(context, form, form.ring(year));
    context.stroke();
  }
  const rings = until.map((year) => form.ring(Math.min(Math.max(year, form.first), form.last)));
  if (rings.length === 1) {
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.beginPath();
    ellipse(context, form, rings[0]);
    context.stroke();
  } else if (rings.length === 2) {
    context.fillStyle = colours.spot;
    context.globalAlpha = 0.22;
    context.beginPath();
    ellipse(context, form, rings[1]);
    context.closePath();
    ellipse(context, form, rings[0]);
    context.fill("evenodd");
    context.globalAlpha = 1;
  }
}

function paintYears(context, { shape: form, counts }, colours) {
  context.font = FONTS.small;
  context.textAlign = "center";
  for (const year of decades(form)) {
    const y = form.cy + form.ry * form.ring(year);
    if (y > form.height - 6) continue;
    const text = counts?.has(year) ? `${year}s ${counts.get(year)}` : String(year);
    const half = context.measureText(text).width / 2 + 4;
    context.fillStyle = colours.sheet;
    context.fillRect(form.cx - half, y - 8, half * 2, 16);
    context.fillStyle = colours["ink-3"];
    context.fillText(text, form.cx, y + 0.5);
  }
}

function paintLinks(context, scene, colours, lit) {
  const { places, shape: form, focus, layout, hidden, until } = scene;
  const middle = { x: form.cx, y: form.cy };
  for (const category of scene.categories) {
    const bar = places.bars.get(category.name);
    const key = barKey(category.name);
    line(context, middle, bar, colours, lit, focus === key || focus === CENTRE, 0.8);
    const pill = places.pills.get(category.name);
    if (pill) {
      context.setLineDash([3, 4]);
      line(context, bar, pill, colours, lit, false, 0.8);
      context.setLineDash([]);
    }
    for (const member of category.shown) {
      if (hidden.has(member.kind) || timeOf(member, until) === "later") continue;
      const place = places.members.get(member.key);
      const isLit = focus === member.key || focus === key;
      style(context, colours, isLit, lit ? 0.18 : 0.38);
      context.beginPath();
      context.moveTo(bar.x, bar.y);
      if (layout === "rings") {
        const bendX = form.cx + (place.x - form.cx) * 0.45;
        const bendY = form.cy + (place.y - form.cy) * 0.45;
        context.quadraticCurveTo((bendX + bar.x) / 2, (bendY + bar.y) / 2, place.x, place.y);
      } else context.lineTo(place.x, place.y);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  if (lit) paintCrossing(context, scene, colours);
}

function style(context, colours, isLit, alpha) {
  context.strokeStyle = isLit ? colours.ink : colours.edge;
  context.globalAlpha = isLit ? 1 : alpha;
  context.lineWidth = isLit ? 2 : 1;
}

function line(context, from, to, colours, lit, isLit, alpha) {
  style(context, colours, isLit, lit ? 0.18 : alpha);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
}

// Links between members, of what the pointer or the focus is on alone.
function paintCrossing(context, { categories, places, shape: form, focus, hidden }, colours) {
  context.lineWidth = 1.75;
  for (const category of categories) {
    for (const member of category.shown) {
      for (const other of member.links) {
        if (focus !== member.key && focus !== other) continue;
        const from = places.members.get(member.key);
        const to = places.members.get(other);
        if (!from || !to || hidden.has(member.kind)) continue;
        context.strokeStyle = colours[other.slice(0, other.indexOf(":"))] ?? colours.ink;
        context.beginPath();
        context.moveTo(from.x, from.y);
        context.quadraticCurveTo(form.cx + (from.x + to.x - 2 * form.cx) * 0.2, form.cy + (from.y + to.y - 2 * form.cy) * 0.2, to.x, to.y);
        context.stroke();
      }
    }
  }
}

function paintMember(context, scene, colours, lit, member) {
  const { places, shape: form, focus, selected, hidden, until } = scene;
  if (hidden.has(member.kind)) return;
  const place = places.members.get(member.key);
  const time = timeOf(member, until);
  const isSpot = member.key === focus || member.key === selected;
  const box = boxOf(place, form.cx);
  context.globalAlpha = isSpot ? 1 : time === "later" ? 0.22 : time === "gone" ? 0.4 : lit && !lit.has(member.key) ? 0.32 : 1;
  if (isSpot) {
    context.fillStyle = colours.spot;
    context.beginPath();
    context.roundRect(box[0] - 2, box[1] - 1, box[2] - box[0] + 6, box[3] - box[1] + 2, 2);
    context.fill();
  } else if (lit?.has(member.key) && !place.quiet) {
    context.fillStyle = colours.sheet;
    context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }
  paintMark(context, member, place, colours, time, isSpot);
  if (!place.quiet || isSpot) paintName(context, place, colours, form, isSpot);
  context.globalAlpha = 1;
}

function paintMark(context, member, { x, y, r }, colours, time, isSpot) {
  const colour = colours[member.kind];
  const isOutline = time === "later" || time === "gone" || member.kind === "style";
  shape(context, member.kind, x, y, r);
  context.strokeStyle = isSpot ? colours.spot : colours.sheet;
  context.lineWidth = 2.5;
  context.stroke();
  context.fillStyle = isOutline ? colours.sheet : colour;
  context.fill();
  if (member.kind === "master") {
    context.fillStyle = colours.sheet;
    context.fillRect(x - r * 0.5, y - r * 0.5, r * 1.2, r * 1.2);
    context.fillStyle = colour;
    context.fillRect(x - r * 0.35, y - r * 0.35, r * 1.05, r * 1.05);
  }
  if (isOutline) {
    if (time === "gone") context.setLineDash([3, 2]);
    context.strokeStyle = colour;
    context.lineWidth = member.kind === "style" ? 2.2 : 1.5;
    context.stroke();
    context.setLineDash([]);
  }
  if (time === "fresh") paintPlus(context, x + r * 0.8, y - r * 0.8, colours);
}

function paintPlus(context, x, y, colours) {
  context.fillStyle = colours.spot;
  context.strokeStyle = colours["on-spot"];
  context.lineWidth = 1;
  context.beginPath();
  context.arc(x, y, 6.5, 0, 7);
  context.fill();
  context.stroke();
  context.lineWidth = 1.6;
  context.beginPath();
  context.moveTo(x - 3, y);
  context.lineTo(x + 3, y);
  context.moveTo(x, y - 3);
  context.lineTo(x, y + 3);
  context.stroke();
}

function paintName(context, place, colours, form, isSpot) {
  const isRight = place.x >= form.cx;
  const side = isRight ? 1 : -1;
  const x = place.x + side * (place.r + 6);
  const y = place.y + 1;
  context.textAlign = isRight ? "left" : "right";
  context.strokeStyle = colours.sheet;
  context.lineWidth = 4;
  context.font = FONTS.name;
  if (!isSpot) context.strokeText(place.label, x, y);
  context.fillStyle = isSpot ? colours["on-spot"] : colours.ink;
  context.fillText(place.label, x, y);
  if (!place.tail) return;
  const at = x + side * (context.measureText(place.label).width + 6);
  context.font = FONTS.small;
  if (!isSpot) context.strokeText(place.tail, at, y);
  context.fillStyle = isSpot ? colours["on-spot"] : colours["ink-3"];
  context.fillText(place.tail, at, y);
}

function paintBar(context, { places, focus }, colours, lit, category) {
  const bar = places.bars.get(category.name);
  const [left, top, right] = barBox(bar);
  const key = barKey(category.name);
  const isFocus = focus === key;
  context.globalAlpha = lit && !lit.has(key) ? 0.5 : 1;
  context.fillStyle = isFocus ? colours.spot : bar.isOpen ? colours.ink : colours.board;
  context.strokeStyle = isFocus ? colours["on-spot"] : colours.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(left, top, right - left, 26, 2);
  context.fill();
  context.stroke();
  context.fillStyle = isFocus ? colours["on-spot"] : bar.isOpen ? colours["on-ink"] : colours.ink;
  context.textAlign = "left";
  context.font = FONTS.bar;
  context.fillText(bar.text, left + 10, bar.y + 1);
  context.textAlign = "right";
  context.font = FONTS.small;
  context.fillText(bar.count, right - 9, bar.y + 1);
  context.globalAlpha = 1;
}

function paintPill(context, { focus }, colours, name, pill) {
  const [left, top, right] = barBox(pill);
  context.fillStyle = focus === `more:${name}` ? colours.spot : colours.board;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.25;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.roundRect(left, top, right - left, 26, 13);
  context.fill();
  context.stroke();
  context.setLineDash([]);
  context.font = FONTS.name;
  context.textAlign = "center";
  context.fillStyle = focus === `more:${name}` ? colours["on-spot"] : colours.ink;
  context.fillText(pill.text, pill.x, pill.y + 1);
}

// The middle is the label of the record.
function paintCentre(context, { shape: form, centre, selected, focus }, colours) {
  const { cx: x, cy: y, centre: r } = form;
  const disc = (radius, colour) => {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
  };
  disc(r + 9, colours["on-spot"]);
  disc(r, colours.spot);
  const lines = centreLines(centre.name);
  const longest = Math.max(...lines.map((line) => [...line].length));
  const size = Math.min(26, ((r * 1.62) / longest) * 2.5, (r * 1.3) / lines.length);
  context.fillStyle = colours["on-spot"];
  context.textAlign = "center";
  context.font = `800 ${size}px ${DISPLAY}`;
  lines.forEach((text, at) => context.fillText(text, x, y + 9 + (at - (lines.length - 1) / 2) * size * 0.9, r * 1.7));
  disc(0, colours.spot);
  context.fillStyle = colours["on-spot"];
  context.beginPath();
  context.arc(x, y - r * 0.55, 3, 0, 7);
  context.fill();
  if (selected === centre.key || focus === CENTRE) {
    context.strokeStyle = focus === CENTRE ? colours.ink : colours.spot;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(x, y, r + 13, 0, 7);
    context.stroke();
  }
}

// A name in one to three lines, as even as its words allow.
export function centreLines(name) {
  const words = cut(name, 42).split(/\s+/).filter(Boolean);
  const length = words.join(" ").length;
  if (words.length < 2 || length <= 8) return [words.join(" ") || "?"];
  const lines = Math.min(words.length, length > 18 ? 3 : 2);
  const found = [];
  for (const word of words) {
    const last = found[found.length - 1];
    if (last !== undefined && (last.length + word.length < length / lines + 2 || found.length === lines)) found[found.length - 1] = `${last} ${word}`;
    else found.push(word);
  }
  return found;
}
