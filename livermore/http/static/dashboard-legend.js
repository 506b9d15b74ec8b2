// The words over the chart: the numbers of the candle under the pointer, or of the newest one.
import { byId, make, setData, setText } from "./dashboard-dom.js";
import { minute, signed, volume } from "./dashboard-format.js";
import { ARROW } from "./dashboard-words.js";

const fields = (names) => names.map((name) => [name, make("b")]);

function fill(place, pairs) {
  place.replaceChildren(...pairs.map(([name, value]) => make("span", {}, `${name} `, value)));
}

export class Legend {
  #prices = new Map(fields(["O", "H", "L", "C", "Vol"]));
  #values = new Map(fields(["MACD-V", "Signal"]));
  #time = make("span", { className: "legend-time" });
  #stage = make("span", { className: "legend-stage" });
  #note = make("span", { className: "legend-note" });

  constructor() {
    fill(byId("legend"), [...this.#prices]);
    byId("legend").prepend(this.#time);
    byId("legend").append(this.#note);
    fill(byId("pane-legend"), [...this.#values]);
    byId("pane-legend").append(this.#stage);
  }

  place(top) { byId("pane-legend").style.top = `${top + 4}px`; }

  // `shown`: time, bar, volume, value and line, each as far as it is there; `alerts` of that candle; `stage` and `reason` or ''.
  show(shown, { digits, alerts, stage, reason }) {
    const { time, bar = {}, value, line } = shown ?? {};
    setText(this.#time, time ? minute(time) : "");
    const prices = { O: bar.open, H: bar.high, L: bar.low, C: bar.close };
    for (const [name, number] of Object.entries(prices)) setText(this.#prices.get(name), number?.toFixed(digits) ?? "–");
    setText(this.#prices.get("Vol"), shown?.volume === undefined ? "–" : volume(shown.volume));
    setData(byId("legend"), "direction", bar.close === undefined ? null : bar.close < bar.open ? "bearish" : "bullish");
    setText(this.#values.get("MACD-V"), number(value));
    setText(this.#values.get("Signal"), number(line));
    setText(this.#stage, [stage, reason && `not ready: ${reason}`].filter(Boolean).join(", "));
    setText(this.#note, alerts.map(({ direction, strength, trigger }) => `${ARROW[direction]} alert ${trigger || strength}`).join(" · "));
  }
}

const number = (value) => (value === undefined || value === null ? "–" : signed(value, 1));
