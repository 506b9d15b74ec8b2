// The header and the footer's figures: what one has to know at a glance of exchange, data, and this page's own connection.
import { byId, make, setData, setText } from "./dashboard-dom.js";
import { age, timeOfDay } from "./dashboard-format.js";

const MINUTE = 60;

// Events of the last minute, by the second.
export class Rate {
  #seconds = new Map();

  add(now) { this.#seconds.set(now, (this.#seconds.get(now) ?? 0) + 1); }

  perMinute(now) {
    for (const second of this.#seconds.keys()) if (second <= now - MINUTE) this.#seconds.delete(second);
    return [...this.#seconds.values()].reduce((sum, one) => sum + one, 0);
  }
}

export class Header {
  #market;
  #clock;

  constructor(market, clock, chooseExchange, retry) {
    this.#market = market;
    this.#clock = clock;
    market.addEventListener("market", () => this.#showMarket());
    byId("exchange").onchange = ({ target }) => chooseExchange(target.value);
    byId("retry").onclick = retry;
  }

  #showMarket() {
    const { exchanges, name, display, simulated } = this.#market;
    const several = exchanges.length > 1;
    byId("exchange").parentElement.hidden = !several;
    byId("exchange-name").hidden = several;
    setText(byId("exchange-name"), display || "No exchange yet");
    if (byId("exchange").length !== exchanges.length) {
      byId("exchange").replaceChildren(...exchanges.map((one) => make("option", { value: one.name, textContent: one.display })));
    }
    byId("exchange").value = name;
    byId("simulated").hidden = !simulated;
    this.#showPhase();
  }

  // The lifecycle's own words; a pipeline that nobody runs is offline.
  #showPhase() {
    const { status } = this.#market;
    const phase = status?.connectionState ?? "offline";
    const percent = status?.warmupPercent;
    const words = phase === "warming" && percent !== null && percent !== undefined ? `warming ${Math.floor(percent)}%` : phase;
    setText(byId("phase"), words);
    setData(byId("phase"), "state", phase);
    byId("phase").title = status?.lastError ? `Last error: ${status.lastError}` : "State of the pipeline";
  }

  // Once a second.
  tick({ stream, rate, gap, problem }) {
    const now = this.#clock.now();
    setText(byId("clock"), timeOfDay(now));
    const old = this.#market.candleAge(now);
    byId("stale").hidden = !this.#market.isStale(now);
    setText(byId("stale"), `STALE ${old === null ? "" : age(old)}`);
    byId("gap").hidden = !gap;
    byId("gap").title = gap;
    this.#showFigures(old, rate, stream);
    this.connection(stream);
    byId("problem").hidden = !problem;
    setText(byId("problem"), problem);
  }

  #showFigures(old, rate, stream) {
    setText(byId("events"), rate);
    setText(byId("candle-age"), old === null ? "–" : age(old));
    setText(byId("frame-age"), stream.lastFrame ? age((performance.now() - stream.lastFrame) / 1000) : "–");
    setText(byId("mode"), this.#market.mode);
  }

  connection({ state }) {
    const left = state.until ? Math.ceil((state.until - performance.now()) / 1000) : 0;
    const words = { live: "live", connecting: "connecting", waiting: `reconnecting in ${Math.max(0, left)} s` };
    setText(byId("connection"), words[state.name]);
    setData(byId("connection"), "state", state.name);
    byId("retry").hidden = state.name !== "waiting";
  }
}
