// The latest alerts, newest first; one that has just come is highlighted for a few seconds, and a click opens its chart.
import { byId, flash, make, perFrame, setText } from "./dashboard-dom.js";
import { moment, price } from "./dashboard-format.js";
import { ARROW } from "./dashboard-words.js";

const HIGHLIGHT = 5000;

export class AlertList {
  #market;
  #choose;
  #clock;
  #items = new Map(); // by id, as they stand in the list
  #news = new Set();
  #draw = perFrame(() => this.#arrange());

  constructor(market, clock, choose) {
    this.#market = market;
    this.#clock = clock;
    this.#choose = choose;
    market.addEventListener("market", () => this.#draw());
    market.addEventListener("alert", ({ detail }) => { this.#news.add(detail.id); this.#draw(); });
  }

  #arrange() {
    const { alerts } = this.#market;
    byId("no-alerts").hidden = alerts.length > 0;
    setText(byId("alerts-count"), alerts.length ? `newest ${alerts.length}` : "");
    const items = new Map(alerts.map((alert) => [alert.id, this.#item(alert)]));
    for (const [id, { item }] of this.#items) if (items.get(id)?.item !== item) item.remove();
    this.#items = items;
    [...items.values()].forEach(({ item }, i) => this.#stand(item, i));
    for (const id of this.#news) if (items.has(id)) flash(items.get(id).item, "fresh", HIGHLIGHT);
    this.#news.clear();
  }

  // Only what stands elsewhere is moved, so that focus and highlights stay.
  #stand(item, i) {
    const there = byId("alerts").children[i];
    if (there !== item) byId("alerts").insertBefore(item, there ?? null);
  }

  #item(alert) {
    const held = this.#items.get(alert.id);
    return held?.known === alert.known ? held : { known: alert.known, item: this.#make(alert) };
  }

  #make(alert) {
    const { symbol, timeframe, direction, strength, late, at, trigger } = alert;
    const digits = this.#market.tickers.get(symbol)?.digits;
    const text = (className, textContent) => make("span", { className, textContent });
    const parts = [
      make("span", { className: "arrow", ariaHidden: "true", textContent: ARROW[direction], data: { direction, strength } }),
      text("alert-series", symbol), text("alert-timeframe", timeframe),
      ...(late ? [make("span", { className: "tag", textContent: "late", title: "Found after its time: recorded, not notified" })] : []),
      make("time", { dateTime: new Date(at).toISOString(), textContent: moment(at, this.#clock.now()) }),
      text("alert-says", `${strength} ${direction}${trigger ? ` · ${trigger}` : ""}`),
      text("alert-price", price(alert.price, digits)),
    ];
    const open = () => this.#choose(symbol, timeframe);
    return make("li", {}, make("button", { type: "button", data: { id: alert.id, direction }, onclick: open }, ...parts));
  }
}
