// Reads what a map shows from the list beside it, so that both always have the same members.
//
// A model: {centre: {key, kind, name}, first, last: years of the rings (null without), until: [year …],
//   categories: [{name, title, type, total, totals, size, isOpen, larger, x, y, members}]}
// A member: {key, kind, name, first, last, releases, rank, category, links: [key …], page, x, y, quiet}
// Of a map that was shared, x and y are where things were, and `quiet` that a name was not written.

const number = (text) => (text ? Number(text) : null);

export function readModel(list, { kind, id, name }) {
  const categories = [...list.querySelectorAll("[data-category]")].map((section) => {
    const category = {
      name: section.dataset.category,
      title: section.dataset.title,
      type: section.dataset.type,
      total: Number(section.dataset.total),
      totals: section.dataset.totals.split(" ").map(Number),
      size: Number(section.dataset.size),
      isOpen: Number(section.dataset.size) > 0,
      larger: Number(section.dataset.larger),
      ...readPlace(section),
    };
    category.members = [...section.querySelectorAll("[data-key]")].map((row) => readMember(row, category));
    category.members.sort((a, b) => a.rank - b.rank);
    return category;
  });
  return {
    centre: { key: `${kind}:${id}`, kind, name },
    first: number(list.dataset.first),
    last: number(list.dataset.last) === null ? null : number(list.dataset.last) + 1,
    until: list.dataset.until ? list.dataset.until.split("-").map(Number) : [],
    categories,
  };
}

function readMember(row, category) {
  const first = number(row.dataset.first);
  return {
    key: row.dataset.key,
    kind: row.dataset.key.slice(0, row.dataset.key.indexOf(":")),
    name: row.querySelector("a").textContent.trim(),
    first,
    last: number(row.dataset.last) ?? first,
    releases: Number(row.dataset.releases ?? 0),
    rank: Number(row.dataset.rank),
    category: category.name,
    links: row.dataset.links ? row.dataset.links.split(" ") : [],
    page: row.dataset.page ?? "",
    ...readPlace(row),
  };
}

const readPlace = ({ dataset }) => ({ x: number(dataset.x), y: number(dataset.y), quiet: "quiet" in dataset });
