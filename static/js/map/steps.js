// Where an arrow key leads on a map: along a category in order of year, up to its bar and the middle, and down again.

export const CENTRE = "centre";
export const barKey = (name) => `bar:${name}`;

// Returns the key of what is next. `categories` are those that are shown, each with what is shown of it.
export function step(categories, at, key) {
  const bars = categories.map((category) => barKey(category.name));
  const own = categories.find((category) => barKey(category.name) === at || category.shown.some((member) => member.key === at));
  const isBar = bars.includes(at);
  const row = !own ? [CENTRE] : isBar ? bars : sorted(own.shown);
  if (key === "ArrowUp") return own && !isBar ? barKey(own.name) : CENTRE;
  if (key === "ArrowDown") {
    if (!own) return bars[0] ?? CENTRE;
    return isBar ? (sorted(own.shown)[0] ?? at) : at;
  }
  const next = row.indexOf(own ? at : CENTRE) + (key === "ArrowRight" ? 1 : -1);
  return row[(next + row.length) % row.length];
}

const sorted = (members) => [...members].sort((a, b) => (a.first ?? 9999) - (b.first ?? 9999) || a.rank - b.rank).map((member) => member.key);
