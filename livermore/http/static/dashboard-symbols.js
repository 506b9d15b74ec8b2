// The list of symbols: price, change, and what the chosen timeframe says; arrow keys move through it.
import { byId, flash, make, perFrame, setData, setText } from "./dashboard-dom.js";
import { percent, price } from "./dashboard-format.js";
import { seriesKey } from "./dashboard-market.js";
import { ARROW, STRENGTHS } from "./dashboard-words.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class SymbolList {
  #market;
  #choose;
  #rows = new Map();
  #changed = new Set();
  #chosen = {};
  #draw = perFrame(() => this.#drawChanged());

  constructor(market, choose) {
    this.#market = market;
    this.#choose = choose;
    market.addEventListener("market", () => this.#arrange());
    market.addEventListener("ticker", ({ detail }) => this.#touch(detail));
    market.addEventListener("signal", ({ detail }) => { if (detail.timeframe === this.#chosen.timeframe) this.#touch(detail.symbol); });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  show(chosen) {
    this.#chosen = chosen;
    this.#market.symbols.forEach((symbol) => this.#touch(symbol));
    for (const [symbol, { button }] of this.#rows) button.ariaCurrent = symbol === chosen.symbol ? "true" : null;
    this.#rows.get(chosen.symbol)?.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #touch(symbol) {
    this.#changed.add(symbol);
    this.#draw();
  }

  #arrange() {
    const { symbols } = this.#market;
    byId("no-symbols").hidden = symbols.length > 0;
    if ([...this.#rows.keys()].join() === symbols.join()) return;
    this.#rows = new Map(symbols.map((symbol) => [symbol, this.#rows.get(symbol) ?? this.#row(symbol)]));
    byId("symbols").replaceChildren(...[...this.#rows.values()].map(({ item }) => item));
    this.show(this.#chosen);
  }

  #row(symbol) {
    const [name, last, change] = ["symbol-name", "symbol-price", "symbol-change"].map((className) => make("span", { className }));
    const mark = make("span", { className: "mark", ariaHidden: "true" }, ...STRENGTHS.map(() => make("i")));
    const says = make("span", { className: "hidden" });
    name.textContent = symbol;
    const button = make("button", { type: "button", onclick: () => this.#choose(symbol) }, name, last, mark, says, change);
    return { item: make("li", {}, button), button, last, change, mark, says };
  }

  #drawChanged() {
    for (const symbol of this.#changed) if (this.#rows.has(symbol)) this.#drawRow(symbol, this.#rows.get(symbol));
    this.#changed.clear();
  }

  #drawRow(symbol, { last, change, mark, says }) {
    const ticker = this.#market.tickers.get(symbol);
    const signal = this.#market.signals.get(seriesKey(symbol, this.#chosen.timeframe));
    if (setText(last, ticker ? price(ticker.price, ticker.digits) : "–") && ticker?.moved) {
      flash(last, ticker.moved > 0 ? "went-up" : "went-down", 600);
    }
    setText(change, ticker ? percent(ticker.change) : "");
    setData(change, "direction", ticker && Number(ticker.change) !== 0 ? (ticker.change > 0 ? "bullish" : "bearish") : "neutral");
    const ready = signal?.ready === true;
    setData(mark, "direction", ready ? signal.direction : "none");
    setData(mark, "strength", ready ? signal.strength : "none");
    mark.dataset.arrow = ready ? ARROW[signal.direction] : "";
    setText(says, ready ? `${signal.direction}, ${signal.strength}` : "no signal");
  }

  // Up and down in the list and on the chart; elsewhere only where they would not scroll the page.
  #key(event) {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const here = event.target.closest?.("#symbols, #chart");
    const idle = event.target === document.body && document.documentElement.scrollHeight <= window.innerHeight;
    if (!here && !idle) return;
    const { symbols } = this.#market;
    const next = symbols[symbols.indexOf(this.#chosen.symbol) + step];
    event.preventDefault();
    if (!next) return;
    this.#choose(next);
    if (event.target.closest?.("#symbols")) this.#rows.get(next).button.focus();
  }
}
