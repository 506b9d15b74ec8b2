// The portfolio table: what 1h, 4h and 1d say of each symbol together; a row opens the symbol's chart.
import { byId, make, setData, setText } from "./dashboard-dom.js";
import { signed } from "./dashboard-format.js";

const SHOWN = ["1h", "4h", "1d"];
const CALM = 60_000; // between two questions: the values change once an hour
const SOON = 2_000; // after a signal that changes one
const LEANS = {
  "STRONG BUY": "bullish", Bullish: "bullish", "Reversal Up?": "bullish",
  "STRONG SELL": "bearish", Bearish: "bearish", "Reversal Down?": "bearish",
};

export class Portfolio {
  #api;
  #market;
  #choose;
  #rows = new Map();
  #asked = { name: null, at: 0 };
  #due = 0;

  constructor(api, market, choose) {
    this.#api = api;
    this.#market = market;
    this.#choose = choose;
    byId("portfolio-head").append(...[...SHOWN, "Outlook"].map((name) => make("th", { scope: "col", textContent: name })));
    market.addEventListener("market", () => this.#look());
    market.addEventListener("signal", ({ detail: { timeframe, news } }) => { if (news && SHOWN.includes(timeframe)) this.#soon(); });
  }

  #soon() {
    this.#due ||= setTimeout(() => { this.#due = 0; this.#ask(); }, SOON);
  }

  // With each overview, but not as often.
  #look() {
    const { name } = this.#market;
    if (name && (name !== this.#asked.name || performance.now() - this.#asked.at > CALM)) this.#ask();
  }

  // What cannot be had now is asked for again: the overview says what is wrong.
  async #ask() {
    const { name } = this.#market;
    this.#asked = { name, at: performance.now() };
    const rows = await this.#api.portfolio(name).catch(() => null);
    if (rows === null) this.#asked.at = -CALM;
    else if (name === this.#market.name) this.#show(rows);
  }

  #show(rows) {
    byId("no-portfolio").hidden = rows.length > 0;
    this.#rows = new Map(rows.map((row) => [row.symbol, this.#rows.get(row.symbol) ?? this.#row(row.symbol)]));
    byId("portfolio").replaceChildren(...[...this.#rows.values()].map(({ row }) => row));
    for (const row of rows) this.#fill(row, this.#rows.get(row.symbol));
  }

  #row(symbol) {
    const cells = new Map(SHOWN.map((timeframe) => [timeframe, make("td")]));
    const outlook = make("td", { className: "outlook" });
    const [base, ...quote] = symbol.split("-");
    const rest = make("span", { className: "quote", textContent: ["", ...quote].join("-") });
    const open = make("button", { type: "button", title: symbol, onclick: () => this.#choose(symbol) }, base, rest);
    return { row: make("tr", {}, make("th", { scope: "row" }, open), ...cells.values(), outlook), cells, outlook };
  }

  #fill({ timeframes, outlook: says }, { cells, outlook }) {
    for (const [timeframe, cell] of cells) {
      const { value, stage, ready, stale } = timeframes[timeframe];
      setText(cell, value === null ? "–" : signed(value, 0));
      setData(cell, "direction", value === null || !ready ? "none" : value > 0 ? "bullish" : value < 0 ? "bearish" : "neutral");
      setData(cell, "stale", stale && value !== null ? "" : null);
      cell.title = [stage, ...(ready ? [] : ["not ready"]), ...(stale ? ["stale"] : [])].join(", ");
    }
    setText(outlook, says);
    setData(outlook, "direction", LEANS[says] ?? "none");
    setData(outlook, "strong", says.startsWith("STRONG") ? "" : null);
  }
}
