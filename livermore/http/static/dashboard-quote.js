// The head of the chart: the chosen symbol, its price and its last 24 hours, and the choice of a timeframe.
import { byId, flash, make, setData, setText } from "./dashboard-dom.js";
import { percent, price, volume } from "./dashboard-format.js";
import { TIMEFRAMES } from "./dashboard-words.js";

export class Quote {
  #market;
  #radios = new Map();

  constructor(market, choose) {
    this.#market = market;
    for (const timeframe of TIMEFRAMES) {
      const radio = make("input", { type: "radio", name: "timeframe", value: timeframe, onchange: () => choose(timeframe) });
      this.#radios.set(timeframe, radio);
      byId("timeframes").append(make("label", {}, radio, make("span", { textContent: timeframe })));
    }
  }

  show({ symbol, timeframe }) {
    setText(byId("chart-symbol"), symbol);
    this.#radios.get(timeframe).checked = true;
    this.tick(symbol, symbol);
  }

  tick(symbol, chosen) {
    if (symbol !== chosen) return;
    const ticker = this.#market.tickers.get(symbol);
    const money = (text) => (ticker ? price(text, ticker.digits) : "–");
    if (setText(byId("price"), money(ticker?.price)) && ticker?.moved) flash(byId("price"), ticker.moved > 0 ? "went-up" : "went-down", 600);
    setText(byId("change"), ticker ? percent(ticker.change) : "");
    setData(byId("change"), "direction", !ticker || Number(ticker.change) === 0 ? "neutral" : ticker.change > 0 ? "bullish" : "bearish");
    setText(byId("high"), money(ticker?.high));
    setText(byId("low"), money(ticker?.low));
    setText(byId("volume"), ticker ? volume(ticker.volume) : "–");
  }
}
