// The layout that people know from other maps of graphs: nodes push each other away, links pull. Settled before it is shown.
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "../../vendor/d3-force.js";
import { barBox, boxOf, cut, radiusOf } from "./place.js";

const TICKS = 300;
// How much larger than the forces made it a picture may be.
const WIDEST = 1.8;

// Takes and returns what place() does. Links are {source, target, distance}.
export function placeFreely(categories, shape, measure) {
  const { cx, cy, width, height, narrow } = shape;
  const nodes = [{ key: "centre", fx: cx, fy: cy, radius: shape.centre + 8, charge: -400 }];
  const links = [];
  const bars = new Map();
  for (const category of categories) {
    const text = narrow ? category.title.split(" ")[0] : category.title;
    const count = category.count ?? "";
    const bar = { key: `bar:${category.name}`, text, count, isOpen: category.isOpen, width: measure(text, "bar") + measure(count, "small") + 32, radius: 40, charge: -200 };
    nodes.push(bar);
    bars.set(category.name, bar);
    links.push({ source: "centre", target: bar.key, distance: 120 });
    for (const member of category.shown) {
      nodes.push({ key: member.key, member, radius: radiusOf(member) + 5, charge: -80 });
      links.push({ source: bar.key, target: member.key, distance: 80 });
    }
  }
  forceSimulation(nodes)
    .force("link", forceLink(links).id((node) => node.key).distance((link) => link.distance))
    .force("charge", forceManyBody().strength((node) => node.charge))
    .force("collide", forceCollide((node) => node.radius))
    .force("x", forceX(cx).strength(0.04))
    .force("y", forceY(cy).strength((0.04 * width) / height))
    .stop()
    .tick(TICKS);
  // As large as the canvas allows, and not much larger than the forces made it.
  const reach = nodes.map((node) => Math.max(Math.abs(node.x - cx) / (width / 2 - 120), Math.abs(node.y - cy) / (height / 2 - 40)));
  const scale = Math.min(WIDEST, 1 / Math.max(0.01, ...reach));
  for (const node of nodes) {
    node.x = cx + (node.x - cx) * scale;
    node.y = cy + (node.y - cy) * scale;
  }
  const members = new Map();
  // Names are written where they cover no mark, no bar and no other name.
  const boxes = nodes.map((node) => [node, [node.x - (node.width ?? node.radius * 2) / 2, node.y - 10, node.x + (node.width ?? node.radius * 2) / 2, node.y + 10]]);
  const pills = placePills(categories, bars, measure);
  for (const pill of pills.values()) boxes.push([pill, barBox(pill)]);
  for (const node of nodes) {
    if (!node.member) continue;
    const label = cut(node.member.name, narrow ? 16 : 26);
    const place = { x: node.x, y: node.y, r: radiusOf(node.member), label, tail: "", width: measure(label, "name"), quiet: false };
    const box = boxOf(place, cx);
    const isCovering = ([other, [left, top, right, bottom]]) => other !== node && left < box[2] && box[0] < right && top < box[3] && box[1] < bottom;
    place.quiet = box[0] < 4 || box[2] > width - 4 || boxes.some(isCovering);
    if (!place.quiet) boxes.push([node, box]);
    members.set(node.member.key, place);
  }
  return { bars, pills, members };
}

// Each pill hangs below the bar of its category.
function placePills(categories, bars, measure) {
  const pills = new Map();
  for (const category of categories) {
    const hidden = category.members.length - category.shown.length;
    if (!category.isOpen || !(hidden || category.larger)) continue;
    const bar = bars.get(category.name);
    pills.set(category.name, { x: bar.x, y: bar.y + 30, width: measure(category.more, "name") + 22, text: category.more });
  }
  return pills;
}
