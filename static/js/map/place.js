// Where everything on a map is: a pure function of what is to be shown, of the size, and of what was placed before.
// Distance from the middle is time, direction is the category. Nothing is simulated: the same question gives the same
// picture. Boxes are [left, top, right, bottom].

const RADIANS = Math.PI / 180;
const ANGLES = 72;
// Widest gap to a neighbour that counts, in pixels, and what it costs to be away from the middle of the sector.
const WIDEST_GAP = 90;
const OFF_CENTRE = 14;
const CELL = 96;
// A mark without its name.
const QUIET_RADIUS = 5;

export const NARROW = 560;
export const MOST_MEMBERS = 400;

// Degrees, clockwise from three o'clock: the arc of the first category, and that which the others share.
const ARCS = {
  wide: { first: [-88, 118], others: [124, 270] },
  narrow: { first: [-40, 150], others: [156, 318] },
};
// Degrees between two categories, and the least that an open one has.
const BETWEEN = 6;
const LEAST = 26;
// In which order the others follow each other: second left, fourth top left, third on top.
const ORDER = { wide: [1, 3, 2], narrow: [1, 2, 3] };
// How far outside of its ring a member may be that has a span of years, as long as it is within the span.
const SPAN_SLACK = 0.24;

// The ellipse, its middle, and where a year lies on it: 0 in the middle, 1 at the rim.
// `yearHalf` is half of the width of what is written on a ring.
export function geometry(width, height, first, last, yearHalf = 20) {
  const narrow = width < NARROW;
  const years = first !== null && last !== null && last > first;
  return {
    width,
    height,
    narrow,
    cx: width / 2,
    cy: height / 2 + (narrow ? 4 : 10),
    rx: narrow ? width / 2 - 14 : Math.min(width / 2 - 110, height * 0.9),
    ry: height / 2 - (narrow ? 40 : 30),
    centre: narrow ? 36 : 46,
    first: years ? first : null,
    last: years ? last : null,
    yearHalf,
    ring: (year) => 0.34 + (0.66 * (year - first)) / (last - first),
  };
}

// The years that end in zero, which have a ring.
export function decades({ first, last }) {
  const found = [];
  if (first === null) return found;
  for (let year = Math.ceil(first / 10) * 10; year < last; year += 10) found.push(year);
  return found;
}

// The longest part of a name that is written on a map.
export function cut(text, most) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : text;
}

// Which members a map has room for, by category: so many of each, in their order, without moving those shown before.
export function choose(model, width, height, more = {}) {
  const room = (width * height) / 20000;
  const narrow = width < NARROW;
  const first = Math.round(Math.min(30, Math.max(8, room)));
  const others = narrow ? 6 : Math.max(5, Math.min(15, Math.round(room / 1.6)));
  const left = { count: MOST_MEMBERS };
  return model.categories.map((category, number) => {
    const wanted = (number ? (narrow && number > 1 ? 3 : others) : first) + (more[category.name] ?? 0);
    // Several years have several first ones.
    const shown = category.members.filter((member) => member.rank < wanted).slice(0, left.count);
    left.count -= shown.length;
    return { ...category, shown };
  });
}

// Boxes, found by where they are.
class Grid {
  constructor() {
    this.cells = new Map();
  }

  add(box) {
    this.each(box, 0, (key) => {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
      return true;
    });
  }

  each([left, top, right, bottom], margin, visit) {
    for (let x = Math.floor((left - margin) / CELL); x <= Math.floor((right + margin) / CELL); x += 1) {
      for (let y = Math.floor((top - margin) / CELL); y <= Math.floor((bottom + margin) / CELL); y += 1) {
        if (!visit((x + 512) * 1024 + y + 512)) return;
      }
    }
  }

  // How far the nearest box is, WIDEST_GAP at most; below one where one is covered. Rows count more than columns: names are
  // wide.
  gap(box) {
    let near = WIDEST_GAP;
    this.each(box, WIDEST_GAP, (key) => {
      for (const other of this.cells.get(key) ?? []) {
        const across = Math.max(other[0] - box[2], box[0] - other[2]);
        const down = Math.max(other[1] - box[3], box[1] - other[3]);
        near = Math.min(near, Math.max(across, down * 1.8));
        if (near < 1) return false;
      }
      return true;
    });
    return near;
  }

  isFree(box) {
    let free = true;
    this.each(box, 0, (key) => {
      free = (this.cells.get(key) ?? []).every((other) => other[0] > box[2] || box[0] > other[2] || other[1] > box[3] || box[1] > other[3]);
      return free;
    });
    return free;
  }
}

// Box of a mark and its name: right of the middle names begin at the mark, left of it they end there.
export function boxOf(place, cx) {
  const { x, y, r, width } = place;
  return x >= cx ? [x - r - 2, y - 9.5, x + r + 6 + width, y + 9.5] : [x - r - 6 - width, y - 9.5, x + r + 2, y + 9.5];
}

// Box of what is centred: a bar, a pill.
export const barBox = ({ x, y, width }) => [x - width / 2, y - 13, x + width / 2, y + 13];

export function radiusOf(member) {
  return member.kind === "label" ? 6 + Math.min(5, Math.sqrt(member.releases) * 1.6) : 7.5;
}

// Places everything. `categories` are those of choose(); `measure(text, font)` returns pixels, font one of "name", "small"
// and "bar"; `obstacles` are boxes that nothing may cover; `before` is what was returned before for the same size.
// Returns {bars: Map, pills: Map, members: Map}, by name of the category or key of the member.
export function place(categories, shape, measure, { obstacles = [], before = null } = {}) {
  const taken = new Grid();
  const { cx, cy, centre, narrow } = shape;
  taken.add([cx - centre - 12, cy - centre - 12, cx + centre + 12, cy + centre + 12]);
  for (const year of decades(shape)) {
    const y = cy + shape.ry * shape.ring(year);
    taken.add([cx - shape.yearHalf, y - 9, cx + shape.yearHalf, y + 9]);
  }
  for (const box of obstacles) taken.add(box);
  if (narrow) taken.add([0, shape.height - 66, 128, shape.height]);
  const bars = placeBars(categories, shape, measure);
  for (const bar of bars.values()) taken.add(barBox(bar));
  const members = new Map();
  const waiting = [];
  const sectors = sectorsOf(categories, narrow);
  categories.forEach((category, number) => {
    const [low, high] = sectors[number];
    const wanted = ringsOf(category.shown, shape);
    for (const member of inOrder(category.shown)) {
      const old = before?.members.get(member.key);
      if (old) {
        members.set(member.key, old);
        taken.add(old.quiet ? markBox(old) : boxOf(old, cx));
      } else waiting.push({ member, low, high, ring: wanted.get(member.key) });
    }
  });
  for (const each of waiting) members.set(each.member.key, settle(each, shape, measure, taken));
  const pills = placePills(categories, sectors, shape, measure, taken, before?.pills);
  return { bars, pills, members };
}

// Returns the arc of each category, in radians: the first has its own, the others share one by how many members they show.
function sectorsOf(categories, narrow) {
  const { first, others } = narrow ? ARCS.narrow : ARCS.wide;
  const open = ORDER[narrow ? "narrow" : "wide"].filter((number) => categories[number]?.shown.length);
  const sum = open.reduce((total, number) => total + categories[number].shown.length, 0);
  const room = others[1] - others[0] - BETWEEN * Math.max(0, open.length - 1) - LEAST * open.length;
  const found = categories.map(() => others);
  found[0] = first;
  let at = others[0];
  for (const number of open) {
    const wide = LEAST + (room * categories[number].shown.length) / sum;
    found[number] = [at, at + wide];
    at += wide + BETWEEN;
  }
  return found.map(([low, high]) => [low * RADIANS, high * RADIANS]);
}

// Oldest first, and of one year the most frequent.
const inOrder = (members) => [...members].sort((a, b) => (a.first ?? 0) - (b.first ?? 0) || b.releases - a.releases || a.rank - b.rank);

// On which ring a member is: that of its year, or by the rank of its count where it has none, the most frequent inside.
function ringsOf(members, shape) {
  const undated = members.filter((member) => !member.first || shape.first === null);
  const few = undated.length < 6;
  const rings = new Map(undated.map((member, at) => [
    member.key,
    few ? 0.52 + (0.4 * (at + 0.5)) / undated.length : 0.5 + (0.48 * at) / (undated.length - 1),
  ]));
  for (const member of members) if (!rings.has(member.key)) rings.set(member.key, shape.ring(Math.min(Math.max(member.first, shape.first), shape.last)));
  return rings;
}

function placeBars(categories, shape, measure) {
  const { cx, cy, centre, narrow } = shape;
  const bars = new Map();
  const above = categories.length > 3;
  categories.forEach((category, number) => {
    const text = narrow ? category.title.split(" ")[0] : category.title;
    const count = category.count ?? "";
    const width = measure(text, "bar") + measure(count, "small") + 32;
    const half = width / 2;
    const wide = [[centre + 22 + half, 0], [-(centre + 22 + half), 0], [above ? half + 4 : 0, -(centre + 30)], [-half - 4, -(centre + 30)]];
    const low = [[0, centre + 28], [-half - 4, -(centre + 30)], [half + 4, -(centre + 30)], [0, -(centre + 60)]];
    const [dx, dy] = (narrow ? low : wide)[number] ?? [0, -(centre + 60)];
    bars.set(category.name, { x: cx + dx, y: cy + dy, width, text, count, isOpen: category.isOpen });
  });
  return bars;
}

function placePills(categories, sectors, shape, measure, taken, before) {
  const pills = new Map();
  categories.forEach((category, number) => {
    const hidden = category.members.length - category.shown.length;
    if (!category.isOpen || !(hidden || category.larger) || (shape.narrow && number)) return;
    const text = category.more ?? "Load more";
    const pill = { x: 0, y: 0, width: measure(text, "name") + 22, text };
    const old = before?.get(category.name);
    if (shape.narrow) {
      // Its place was kept free.
      pill.x = 14 + pill.width / 2;
      pill.y = shape.height - 50;
      pills.set(category.name, pill);
      return;
    }
    if (old && taken.isFree(barBox({ ...old, width: pill.width }))) {
      pill.x = old.x;
      pill.y = old.y;
    } else if (!settlePill(pill, sectors[number], shape, taken)) return;
    taken.add(barBox(pill));
    pills.set(category.name, pill);
  });
  return pills;
}

function settlePill(pill, [low, high], shape, taken) {
  for (const ring of [1.02, 0.96, 0.9, 0.8]) {
    let best = null;
    for (let at = 0; at < ANGLES; at += 1) {
      const angle = low + ((high - low) * (at + 0.5)) / ANGLES;
      const box = barBox({ ...pill, ...pointAt(shape, ring, angle) });
      if (!isInside(box, shape)) continue;
      const gap = taken.gap(box);
      if (gap >= 1 && (!best || gap > best.gap)) best = { gap, ...pointAt(shape, ring, angle) };
    }
    if (best) {
      pill.x = best.x;
      pill.y = best.y;
      return true;
    }
  }
  return false;
}

const pointAt = ({ cx, cy, rx, ry }, ring, angle) => ({ x: cx + rx * ring * Math.cos(angle), y: cy + ry * ring * Math.sin(angle) });

const isInside = ([left, top, right, bottom], { width, height }) => left >= 8 && right <= width - 8 && top >= 6 && bottom <= height - 6;

const markBox = ({ x, y, r }) => [x - r - 3, y - r - 3, x + r + 3, y + r + 3];

// How far from its ring a member may be: a third of a decade with a year, further outside within a span of years.
function slacksOf(member, ring, shape) {
  if (!member.first) return [0, -0.03, 0.03, -0.06, 0.06];
  const slacks = [0, -0.03, 0.03];
  const widest = shape.first === null || !member.last ? 0 : Math.min(SPAN_SLACK, shape.ring(Math.min(member.last, shape.last)) - ring);
  for (let slack = 0.06; slack <= widest; slack += 0.03) slacks.push(slack);
  return slacks;
}

// Returns the place of a member that has none yet: its mark and its name.
function write(member, { narrow }, measure, hasYear = true) {
  const label = cut(member.name, narrow ? 16 : 26);
  const tail = hasYear && member.kind === "release" && member.first && !narrow ? String(member.first) : "";
  const width = measure(label, "name") + (tail ? 6 + measure(tail, "small") : 0);
  return { x: 0, y: 0, r: radiusOf(member), label, tail, width, quiet: false };
}

// Places everything where it was when the map was shared. Takes and returns what place() does.
export function placeAsShared(categories, shape, measure, layout) {
  const bars = placeBars(categories, shape, measure);
  const members = new Map();
  for (const category of categories) {
    if (category.x !== null) Object.assign(bars.get(category.name), { x: category.x, y: category.y });
    for (const member of category.shown) {
      const { x, y, quiet } = member;
      const written = write(member, shape, measure, layout === "rings");
      members.set(member.key, { ...written, x, y, quiet, r: quiet && layout === "rings" ? Math.min(written.r, QUIET_RADIUS) : written.r });
    }
  }
  return { bars, pills: new Map(), members };
}

// Of the places on its ring, the emptiest one where the name fits. Where there is none, the mark alone goes where it covers
// nothing, and its name comes when it is asked for.
function settle({ member, low, high, ring }, shape, measure, taken) {
  const { cx } = shape;
  const result = write(member, shape, measure);
  let best = null;
  for (const slack of slacksOf(member, ring, shape)) {
    for (let at = 0; at < ANGLES; at += 1) {
      const angle = low + ((high - low) * (at + 0.5)) / ANGLES;
      const point = pointAt(shape, ring + slack, angle);
      const box = boxOf({ ...result, ...point }, cx);
      if (!isInside(box, shape)) continue;
      const gap = taken.gap(box);
      if (gap < 1) continue;
      const score = gap - (OFF_CENTRE * Math.abs(angle - (low + high) / 2)) / (high - low);
      if (!best || score > best.score) best = { score, ...point };
    }
    if (best) break;
  }
  if (best) {
    result.x = best.x;
    result.y = best.y;
    taken.add(boxOf(result, cx));
    return result;
  }
  result.quiet = true;
  result.r = Math.min(result.r, QUIET_RADIUS);
  let spot = null;
  for (const slack of [0, -0.03, 0.03]) {
    for (let at = 0; at < ANGLES; at += 1) {
      // Steps of the golden ratio: the first ones are far from each other.
      const point = pointAt(shape, ring + slack, low + (high - low) * ((at * 0.618034) % 1));
      const box = markBox({ ...point, r: result.r });
      if (box[0] < 4 || box[2] > shape.width - 4) continue;
      const gap = taken.gap(box);
      if (!spot || gap > spot.gap) spot = { gap, ...point };
      if (gap >= 1) break;
    }
    if (spot?.gap >= 1) break;
  }
  Object.assign(result, { x: spot.x, y: spot.y });
  taken.add(markBox(result));
  return result;
}
