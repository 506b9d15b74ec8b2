// The supervision tree: one row for each node, changed in place, so that only what happens is seen to happen.
import { byId, flash, make, perFrame, setData, setText } from "./dashboard-dom.js";
import { span } from "./dashboard-format.js";

const FLASH = 1600;
const RESTING = new Set(["backoff", "waiting"]);

function* walk(node, depth = 0) {
  yield { node, depth };
  for (const child of node.children) yield* walk(child, depth + 1);
}

export class TreeTable {
  #rows = new Map(); // by path
  #tree = null;
  #heard = 0; // page time of that tree
  #draw = perFrame(() => this.#arrange());
  #onNodes;

  // `onNodes` is told the nodes of each tree that comes.
  constructor(onNodes) { this.#onNodes = onNodes; }

  take(tree) {
    this.#tree = tree;
    this.#heard = performance.now();
    this.#draw();
  }

  // Between two trees the time goes on: countdowns and uptimes are carried along.
  tick() { if (this.#tree) this.#draw(); }

  #arrange() {
    const nodes = this.#tree.children.flatMap((child) => [...walk(child)]);
    const paths = nodes.map(({ node }) => node.path);
    if ([...this.#rows.keys()].join("\n") !== paths.join("\n")) this.#build(nodes);
    const passed = (performance.now() - this.#heard) / 1000;
    for (const { node } of nodes) this.#show(this.#rows.get(node.path), node, passed);
    this.#sum(nodes.map(({ node }) => node));
    this.#onNodes(nodes.map(({ node }) => node));
  }

  #build(nodes) {
    this.#rows = new Map(nodes.map(({ node, depth }) => [node.path, this.#rows.get(node.path) ?? this.#row(node, depth)]));
    byId("tree").replaceChildren(...[...this.#rows.values()].map(({ row }) => row));
  }

  #row({ id, path, kind, critical, strategy }, depth) {
    const name = make("span", { className: "node-name", textContent: id, title: path });
    const role = make("span", { className: "node-role", textContent: kind === "supervisor" ? strategy.replaceAll("_", " ") : critical ? "" : "optional" });
    const head = make("th", { scope: "row" }, make("span", { className: "dot", ariaHidden: "true" }), name, role);
    head.style.setProperty("--depth", depth);
    const [state, since, restarts, fill, note] = ["state", "since", "restarts", "fill", "note"].map((className) => make("td", { className }));
    const meter = make("i", { ariaHidden: "true" }), count = make("span"), error = make("span", { className: "error" });
    if (kind === "actor") fill.append(make("span", { className: "meter", ariaHidden: "true" }, meter), count);
    note.append(error);
    return { row: make("tr", { data: { kind } }, head, state, since, restarts, fill, note), state, since, restarts, meter, count, error };
  }

  #show({ row, state, since, restarts, meter, count, error }, node, passed) {
    const total = Object.values(node.restarts).reduce((sum, one) => sum + one, 0);
    const told = row.dataset.state !== undefined;
    const changed = [setText(restarts, total || ""), setText(error, says(node)), row.dataset.state !== node.state].some(Boolean);
    setData(row, "state", node.state);
    setText(state, RESTING.has(node.state) ? `${node.state} ${countdown(node, passed)}` : node.state);
    setText(since, span(node.for_seconds + passed));
    restarts.title = Object.entries(node.restarts).map(([reason, times]) => `${reason}: ${times}`).join(", ");
    error.title = says(node);
    if (node.kind === "actor") this.#showMailbox(meter, count, node);
    if (changed && told) flash(row, "changed", FLASH);
  }

  #showMailbox(meter, count, { mailbox, mailbox_capacity: capacity }) {
    const share = capacity ? mailbox / capacity : 0;
    meter.style.width = `${Math.min(100, 100 * share)}%`;
    setData(meter, "full", share > 0.5 ? "" : null);
    setText(count, mailbox);
    count.title = `${mailbox} of ${capacity} messages wait`;
  }

  #sum(nodes) {
    const actors = nodes.filter(({ kind }) => kind === "actor");
    const up = actors.filter(({ state }) => state === "up").length;
    setText(byId("tree-sum"), `${up} of ${actors.length} actors up`);
    setData(byId("tree-sum"), "well", up === actors.length ? "" : null);
  }
}

function countdown({ starts_in_seconds: wait }, passed) {
  return wait === null ? "" : `${Math.max(0, wait - passed).toFixed(1)} s`;
}

function says({ last_error: error, intensity_used: used = 0 }) {
  const budget = used > 0 ? `${Math.round(100 * used)}% of its restarts used` : "";
  return [error, budget].filter(Boolean).join(" · ");
}
