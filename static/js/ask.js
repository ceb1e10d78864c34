// Ask: sends a question, tells each step of the answer, and takes the actions that come with it, each told as done or not.
import { fetchFragment, parse } from "./fetching.js";
import { swap } from "./swap.js";

const KEPT = 5;
const STORED = "asked";
// Kinds with a map; the others have a page.
const MAPPED = ["artist", "label", "genre", "style"];
const dialog = document.getElementById("ask");
const form = dialog.querySelector("form");
const step = dialog.querySelector(".step");
const outcome = dialog.querySelector(".outcome");
const undo = dialog.querySelector("[data-undo]");
const chips = dialog.querySelector(".chips");
let running = null;
// The address before the actions.
let before = null;

// Opens the dialog, with questions that suit what is on the page.
export function openAsk() {
  if (dialog.open) return;
  dialog.showModal();
  form.elements.query.focus();
  form.elements.query.select();
  suggest();
}

// --- questions -----------------------------------------------------------------------------------------------------------

// What the visitor looks at: {name, kind}; null if it is nothing in particular.
function lookedAt() {
  const { dataset } = document.querySelector("record-map[data-name], h1[data-name]") ?? {};
  return dataset?.name ? { name: dataset.name, kind: dataset.kind } : null;
}

async function suggest() {
  const address = new URL("/api/nlq/suggestions", location.href);
  address.searchParams.set("pane", document.getElementById("main").dataset.tab);
  const about = lookedAt();
  if (about) {
    address.searchParams.set("focus", about.name);
    address.searchParams.set("focus_type", about.kind);
  }
  let suggestions = [];
  try {
    const response = await fetch(address);
    if (response.ok) ({ suggestions } = await response.json());
  } catch {
    // Without suggestions a question can be asked all the same.
  }
  if (!running) offer([...asked(), ...suggestions]);
}

function offer(questions) {
  chips.replaceChildren(...[...new Set(questions)].map((text) => {
    const chip = make("button", text, "chip");
    chip.type = "button";
    chip.addEventListener("click", () => {
      form.elements.query.value = text;
      form.requestSubmit();
    });
    return chip;
  }));
}

// The last questions of this browser, the newest first.
function asked() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return kept.filter((each) => typeof each === "string").slice(0, KEPT);
  } catch {
    // Storage is switched off, or has something else.
    return [];
  }
}

function keep(question) {
  try {
    localStorage.setItem(STORED, JSON.stringify([question, ...asked().filter((each) => each !== question)].slice(0, KEPT)));
  } catch {
    // Storage is switched off.
  }
}

// --- an answer -----------------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(form.elements.query.value.trim());
});
// Who closes it does not wait for an answer.
dialog.addEventListener("close", () => running?.abort());
dialog.addEventListener("click", (event) => {
  if (event.target.closest("a")) dialog.close();
});

async function ask(question) {
  if (!question) return;
  running?.abort();
  const controller = new AbortController();
  running = controller;
  keep(question);
  outcome.hidden = true;
  undo.hidden = true;
  tell("Thinking");
  try {
    const answer = await receive(question, controller.signal);
    tell("");
    // First, since what changes while it is hidden is not read out.
    outcome.hidden = false;
    showSummary(answer);
    await act(answer, controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) tell(error.message, true);
    else if (running === controller) tell("");
  } finally {
    if (running === controller) running = null;
  }
}

function tell(text, hasFailed = false) {
  step.textContent = text;
  step.classList.toggle("failed", hasFailed);
}

// Sends a question and tells the steps; returns the result.
async function receive(question, signal) {
  const about = lookedAt();
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  if (dialog.dataset.token) headers["X-CSRFToken"] = dialog.dataset.token;
  const context = { entity_id: about?.name ?? null, entity_type: about?.kind ?? null };
  let response;
  try {
    response = await fetch("/api/nlq/query", { method: "POST", headers, body: JSON.stringify({ query: question, context }), signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error("No connection. Try again when it is back.");
  }
  if (!response.ok) throw new Error(await explain(response));
  for await (const [name, data] of readEvents(response.body)) {
    if (name === "status") tell(data.step);
    else if (name === "result") return data;
    else if (name === "error") throw new Error(data.error);
  }
  throw new Error("The connection was lost before the answer came.");
}

async function explain(response) {
  if (response.status === 429) return `Slow down a moment. The next question is possible in ${response.headers.get("Retry-After") ?? 60} s.`;
  try {
    const { error, detail } = await response.json();
    return error ?? (typeof detail === "string" ? detail : "This question cannot be asked.");
  } catch {
    return "The site does not answer. Try again later.";
  }
}

async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const frames = text.split("\n\n");
      text = frames.pop();
      for (const frame of frames) {
        const [, name, data] = frame.match(/^event: (.*)\ndata: (.*)$/) ?? [];
        if (name) yield [name, JSON.parse(data)];
      }
    }
  } finally {
    reader.cancel();
  }
}

// --- the summary ---------------------------------------------------------------------------------------------------------

function make(name, text = "", classes = "") {
  const element = document.createElement(name);
  element.textContent = text;
  element.className = classes;
  return element;
}

// Markdown as elements: paragraphs, lists, bold, italic and code. Names of entities become links.
function showSummary({ summary, entities }) {
  const link = linker(entities);
  const place = dialog.querySelector(".summary");
  place.replaceChildren();
  let list = null;
  for (const line of summary.split("\n").map((each) => each.trim())) {
    const [, number, item] = line.match(/^(?:[-*•]|(\d+)[.)])\s+(.*)$/) ?? [];
    if (item) {
      const name = number ? "ol" : "ul";
      if (list?.localName !== name) place.append((list = make(name)));
      const entry = make("li");
      entry.append(...inline(item, link));
      list.append(entry);
    } else {
      list = null;
      if (!line) continue;
      const paragraph = make("p");
      const heading = line.match(/^#{1,6}\s+(.*)$/);
      paragraph.append(...inline(heading ? `**${heading[1]}**` : line, link));
      place.append(paragraph);
    }
  }
}

function inline(text, link) {
  const names = { "**": "strong", "__": "strong", "*": "em", _: "em", "`": "code" };
  const pattern = /(\*\*|__|\*|`|(?<![\p{L}\p{N}])_)(?=\S)(.+?)(?<=\S)\1/u;
  const match = text.match(pattern);
  if (!match) return link(text);
  const element = make(names[match[1]]);
  element.append(...(match[1] === "`" ? [match[2]] : inline(match[2], link)));
  return [...link(text.slice(0, match.index)), element, ...inline(text.slice(match.index + match[0].length), link)];
}

// Returns what makes nodes of a text, in which names of entities are links.
function linker(entities) {
  const known = new Map();
  for (const each of entities) if (each.name.length > 1 && !known.has(each.name)) known.set(each.name, each);
  const names = [...known.keys()].sort((a, b) => b.length - a.length).map((each) => each.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  if (!names.length) return (text) => [text];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${names.join("|")})(?![\\p{L}\\p{N}])`, "u");
  return (text) => text.split(pattern).map((part, at) => (at % 2 ? linkTo(known.get(part)) : part));
}

function linkTo(entity) {
  const link = make("a", entity.name);
  link.href = addressOf(entity);
  link.dataset.swap = "";
  return link;
}

// Only kinds that have a page or a map are in an answer.
function addressOf({ id, type }) {
  return MAPPED.includes(type) ? `/?${new URLSearchParams({ type, id })}` : `/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}

// --- actions -------------------------------------------------------------------------------------------------------------

// Why an action could not be taken.
class Failed extends Error {}

async function act({ actions, entities }, signal) {
  before = location.href;
  const taken = dialog.querySelector(".taken");
  taken.replaceChildren();
  let followups = [];
  for (const action of actions) {
    if (signal.aborted) return;
    if (action.type === "suggest_followups") {
      followups = [...followups, ...action.queries];
      continue;
    }
    const entry = make("li");
    taken.append(entry);
    entry.append(await take(action, entities).then((text) => make("span", `✓ ${text}`), (error) => make("span", `✗ ${SUBJECTS[action.type] ?? "Action"}: ${reason(error)}`, "failed")));
  }
  if (followups.length) {
    taken.append(make("li", "✓ Questions to go on with"));
    offer(followups);
  }
  undo.hidden = location.href === before;
}

async function take(action, entities) {
  const steps = STEPS[action.type];
  if (!steps) throw new Failed("this page cannot do that");
  return steps(action, entities);
}

// What an action is about, where it could not be taken.
const SUBJECTS = {
  seed_graph: "Map",
  focus_node: "Name",
  show_credits: "Credits",
  find_path: "Path",
  highlight_path: "Path",
  filter_graph: "Filter",
  switch_pane: "Pane",
  open_insight_tile: "Insight",
  set_trend_range: "Years",
};
const reason = (error) => (error instanceof Failed ? error.message : "the page could not be reached");
const shownMap = () => document.querySelector("record-map:not([data-width])");
const shownTab = () => document.getElementById("main").dataset.tab;

// Shows an address in the pane; returns the heading of what came.
async function go(path) {
  const { href } = new URL(path, location.href);
  const found = await fetchFragment(href, "pane");
  const heading = parse(found.html)[0].querySelector("h1")?.textContent.trim() ?? "";
  if (found.status >= 400) throw new Failed(heading.toLowerCase());
  if (!(await swap(href, "pane", { focus: false, fetched: found }))) throw new Failed("something else came instead");
  if (document.querySelector("record-map")) await customElements.whenDefined("record-map");
  return heading;
}

// An entity of the answer; an action has its name and its kind alone.
const find = (entities, name, kind) => entities.find((each) => each.name === name && (!kind || each.type === kind));

// Parameters of an address that name an entity, with a prefix such as "from_".
function parameters(entities, name, kind, prefix = "") {
  const found = find(entities, name, kind);
  return { [`${prefix}type`]: kind, [`${prefix}${found ? "id" : "name"}`]: found ? found.id : name };
}

const STEPS = {
  async seed_graph({ entities: [first], replace }, entities) {
    return replace || !shownMap() ? centre(first, entities) : STEPS.focus_node(first, entities);
  },
  async focus_node({ name, entity_type: kind }, entities) {
    const map = shownMap();
    const key = map?.find(name, [kind]);
    if (!key) return centre({ name, entity_type: kind }, entities);
    await map.open(key);
    return `${name}, on the map`;
  },
  async show_credits({ name }) {
    return go(`/credits/?${new URLSearchParams({ name })}`);
  },
  async find_path({ from, to, from_type, to_type }, entities) {
    return go(`/path/?${new URLSearchParams({ ...parameters(entities, from, from_type, "from_"), ...parameters(entities, to, to_type, "to_") })}`);
  },
  // The path is shown where the pane has it already.
  async highlight_path({ nodes }, entities) {
    const chain = document.querySelector(".chain");
    if (chain && nodes.every((name) => chain.textContent.includes(name))) return nodes.join(" – ");
    if (nodes.length < 2) throw new Failed("a path has two ends");
    const [from, to] = [nodes[0], nodes.at(-1)];
    const kind = (name) => find(entities, name)?.type ?? "artist";
    return STEPS.find_path({ from, to, from_type: kind(from), to_type: kind(to) }, entities);
  },
  async filter_graph({ by, value }) {
    const map = shownMap();
    if (!map) throw new Failed("there is no map on the page");
    if (by === "year") {
      if (!map.time) throw new Failed("this map has no years");
      const years = [value].flat();
      await go(map.addressOf(years));
      return years.length === 1 ? `The map until ${value}` : `The map of ${years[0]} against ${years[1]}`;
    }
    const key = map.find(value, by === "label" ? ["label"] : ["genre", "style"]);
    if (!key) throw new Failed(`${value} is not on this map`);
    await map.open(key);
    map.light(key);
    return `${value} and what it is linked to`;
  },
  async switch_pane({ pane }) {
    if (shownTab() !== pane) await go(document.querySelector(`.tabs [data-tab="${pane}"]`).href);
    return document.querySelector(`.tabs [data-tab="${pane}"]`).textContent;
  },
  async open_insight_tile({ tile_id: id }) {
    if (shownTab() !== "insights") await go("/insights/");
    const tile = document.getElementById(id);
    if (!tile) throw new Failed("there is no such part");
    tile.scrollIntoView({ block: "start" });
    return tile.querySelector("h2").textContent;
  },
  async set_trend_range({ from, to }) {
    const address = new URL("/trends/", location.href);
    const map = shownMap();
    if (shownTab() === "trends") address.search = location.search;
    else if (map) address.searchParams.set("series", map.model.centre.key);
    if (!address.searchParams.has("series") && !address.searchParams.has("type")) throw new Failed("there is no name in Trends");
    address.searchParams.set("from", from.slice(0, 4));
    address.searchParams.set("to", to.slice(0, 4));
    return `${await go(address.href)}, ${from.slice(0, 4)} to ${to.slice(0, 4)}`;
  },
};

async function centre({ name, entity_type: kind }, entities) {
  if (MAPPED.includes(kind)) {
    await go(`/?${new URLSearchParams(parameters(entities, name, kind))}`);
    return `The map of ${name}`;
  }
  const found = find(entities, name, kind);
  if (!found) throw new Failed(`which ${name} is meant is not known`);
  return go(addressOf(found));
}

undo.addEventListener("click", async () => {
  undo.hidden = true;
  await swap(before, "pane", { focus: false });
  tell("Undone: the page is as it was.");
  form.elements.query.focus();
});
