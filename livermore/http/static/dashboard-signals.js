// The matrix of the latest signals: symbols by timeframes, coloured by direction and strength; a cell opens its chart.
import { byId, flash, make, perFrame, setData, setText } from "./dashboard-dom.js";
import { minute, signed } from "./dashboard-format.js";
import { seriesKey } from "./dashboard-market.js";
import { Tip } from "./dashboard-tip.js";
import { ARROW, TIMEFRAMES } from "./dashboard-words.js";

export class SignalMatrix {
  #market;
  #choose;
  #cells = new Map(); // by series: button and its parts
  #symbols = "";
  #changed = new Set();
  #news = new Set();
  #chosen = {};
  #tip;
  #draw = perFrame(() => this.#drawChanged());

  constructor(market, choose) {
    this.#market = market;
    this.#choose = choose;
    byId("signals-head").append(...TIMEFRAMES.map((timeframe) => make("th", { scope: "col", textContent: timeframe })));
    this.#tip = new Tip(byId("signals"), "button", (button) => this.#lines(button));
    market.addEventListener("market", () => this.#arrange());
    market.addEventListener("signal", ({ detail }) => this.#touch(detail));
  }

  show(chosen) {
    this.#chosen = chosen;
    for (const { button } of this.#cells.values()) {
      const { symbol, timeframe } = button.dataset;
      button.ariaCurrent = symbol === chosen.symbol && timeframe === chosen.timeframe ? "true" : null;
    }
  }

  #touch({ symbol, timeframe, news }) {
    const key = seriesKey(symbol, timeframe);
    this.#changed.add(key);
    if (news) this.#news.add(key);
    this.#draw();
  }

  #arrange() {
    const { symbols } = this.#market;
    if (this.#symbols === symbols.join()) return;
    this.#symbols = symbols.join();
    this.#cells.clear();
    byId("signals").replaceChildren(...symbols.map((symbol) => this.#row(symbol)));
    this.#changed = new Set(this.#cells.keys());
    this.#draw();
    this.show(this.#chosen);
  }

  #row(symbol) {
    const cells = TIMEFRAMES.map((timeframe) => make("td", {}, this.#cell(symbol, timeframe)));
    const [base, ...quote] = symbol.split("-");
    const name = make("th", { scope: "row" }, base, make("span", { className: "quote", textContent: ["", ...quote].join("-") }));
    return make("tr", {}, name, ...cells);
  }

  #cell(symbol, timeframe) {
    const arrow = make("span", { className: "arrow", ariaHidden: "true" });
    const [stage, value] = ["stage", "value"].map((className) => make("span", { className }));
    const open = () => this.#choose(symbol, timeframe);
    const button = make("button", { type: "button", data: { symbol, timeframe }, onclick: open }, arrow, stage, value);
    this.#cells.set(seriesKey(symbol, timeframe), { button, arrow, stage, value });
    return button;
  }

  #drawChanged() {
    for (const key of this.#changed) if (this.#cells.has(key)) this.#drawCell(key, this.#cells.get(key));
    this.#changed.clear();
    this.#news.clear();
    this.#tip.refresh();
  }

  #drawCell(key, { button, arrow, stage, value }) {
    const signal = this.#market.signals.get(key);
    const there = signal?.value !== null && signal !== undefined;
    setData(button, "direction", there && signal.ready ? signal.direction : "none");
    setData(button, "strength", there && signal.ready ? signal.strength : "none");
    setData(button, "stale", signal?.stale && there ? "" : null);
    setText(arrow, there ? ARROW[signal.direction] : "");
    setText(stage, there ? signal.stage : "–");
    setText(value, there ? signed(signal.value, 0) : "–");
    button.ariaLabel = `${key.replace(":", " ")}: ${there ? describe(signal) : signal?.reason ?? "no value yet"}`;
    if (this.#news.has(key)) flash(button, "news", 1200);
  }

  #lines(button) {
    const { symbol, timeframe } = button.dataset;
    const signal = this.#market.signals.get(seriesKey(symbol, timeframe));
    const title = make("strong", { textContent: `${symbol} ${timeframe}` });
    if (!signal || signal.value === null) return [title, line("Not ready", signal?.reason ?? "No value yet")];
    const { value, line: signalLine, histogram, stage, direction, strength, ready, reason, bars, time, stale } = signal;
    return [
      title,
      line(`${ARROW[direction]} ${stage}`, `${direction}, ${strength}`),
      line("MACD-V", signed(value, 2)),
      line("Signal line", signed(signalLine, 2)),
      line("Histogram", signed(histogram, 2)),
      line("Candle", `${minute(time)} UTC`),
      line(ready ? "Ready" : "Not ready", ready ? `${bars} traded bars` : reason ?? ""),
      ...(stale ? [line("Stale", "newer candles are missing")] : []),
    ];
  }
}

const line = (name, text) => make("span", {}, make("span", { textContent: name }), make("b", { textContent: text }));

function describe({ stage, direction, strength, value, ready, stale, reason }) {
  const parts = [stage, direction, strength, `MACD-V ${signed(value, 1)}`];
  return [...parts, ...(ready ? [] : [`not ready: ${reason}`]), ...(stale ? ["stale"] : [])].join(", ");
}
