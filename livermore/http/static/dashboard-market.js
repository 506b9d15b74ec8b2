// What is known of the chosen exchange: status, tickers, signals and alerts, from the overview and kept up by the stream.
import { LENGTH, readAlert, readSignal, TIMEFRAMES } from "./dashboard-words.js";
import { decimals } from "./dashboard-format.js";

const ALERTS = 100;
const LATE = 70_000; // a minute without a candle, and the slack that the server allows, too
const BELIEVED = 25_000; // how long the overview's own word on staleness counts

export const seriesKey = (symbol, timeframe) => `${symbol}:${timeframe}`;

export class Market extends EventTarget {
  exchanges = [];
  name = null;
  display = "";
  simulated = false;
  status = null;
  symbols = [];
  tickers = new Map();
  signals = new Map();
  alerts = [];
  mode = "";
  #heard = 0; // page time of the newest overview
  #newest = 0; // when the newest candle closed, market time

  choose(name) {
    Object.assign(this, { name, symbols: [], alerts: [], status: null });
    this.tickers.clear();
    this.signals.clear();
    this.#newest = 0;
  }

  // Events: market (anything of the overview), ticker, signal and alert with their detail.
  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  take(overview) {
    const begun = overview.exchanges.filter(({ status, symbols }) => status || symbols.length);
    this.exchanges = begun.map(({ name, display_name: display }) => ({ name, display }));
    this.mode = overview.mode;
    const mine = begun.find(({ name }) => name === this.name) ?? begun[0];
    this.#heard = performance.now();
    if (mine) this.#takeExchange(mine);
    this.#takeAlerts(overview.alerts);
    this.#tell("market");
  }

  #takeExchange({ name, display_name: display, simulated, status, symbols, tickers, signals }) {
    Object.assign(this, { name, display, simulated, status, symbols });
    tickers.filter(Boolean).forEach((one) => this.#ticker(one.symbol, readTicker(one)));
    const found = new Map(signals.map((one) => [seriesKey(one.symbol, one.timeframe), one]));
    for (const symbol of symbols) {
      for (const timeframe of TIMEFRAMES) this.#signal(symbol, timeframe, found.get(seriesKey(symbol, timeframe)));
    }
    for (const symbol of this.tickers.keys()) if (!symbols.includes(symbol)) this.#forget(symbol);
  }

  #forget(symbol) {
    this.tickers.delete(symbol);
    for (const timeframe of TIMEFRAMES) this.signals.delete(seriesKey(symbol, timeframe));
  }

  #ticker(symbol, ticker) {
    const held = this.tickers.get(symbol);
    if (held && held.at > ticker.at) return;
    const digits = Math.max(held?.digits ?? 0, ticker.digits);
    this.tickers.set(symbol, { ...ticker, digits, moved: held ? Math.sign(ticker.price - held.price) : 0 });
    this.#tell("ticker", symbol);
  }

  #signal(symbol, timeframe, { record = null, stale = false } = {}) {
    const key = seriesKey(symbol, timeframe);
    const held = this.signals.get(key);
    if (record && held && held.time > record.timestamp) return;
    const signal = readSignal(record, stale);
    this.signals.set(key, signal);
    if (record) this.#newest = Math.max(this.#newest, closeOf(signal.time, timeframe));
    this.#tell("signal", { symbol, timeframe, news: held !== undefined && held.time !== signal.time });
  }

  #takeAlerts(alerts) {
    const held = new Map(this.alerts.map((alert) => [alert.id, alert]));
    for (const shown of alerts) {
      if (shown.exchange === this.name && !held.get(shown.id)?.known) held.set(shown.id, readAlert(shown));
    }
    this.alerts = [...held.values()].sort((a, b) => b.at - a.at).slice(0, ALERTS);
  }

  // One message of the stream.
  hear({ type, data, full }) {
    if (type === "ticker") this.#ticker(data.symbol, readTicker(data));
    else if (type === "trade_signal") this.#signal(data.symbol, data.timeframe, { record: full });
    else if (type === "candle_close") this.#newest = Math.max(this.#newest, closeOf(Date.parse(data.timestamp), data.timeframe));
    else if (type === "alert") this.#alert(readAlert(data, full));
  }

  #alert(alert) {
    this.alerts = [alert, ...this.alerts.filter(({ id }) => id !== alert.id)].slice(0, ALERTS);
    this.#tell("alert", alert);
  }

  // Seconds since the newest candle closed, or null where there is none yet.
  candleAge(now) { return this.#newest ? Math.max(0, now - this.#newest) / 1000 : null; }

  // The server's word, which knows of quiet minutes; or our own where it cannot be heard.
  isStale(now) {
    const minutes = this.symbols.map((symbol) => this.signals.get(seriesKey(symbol, "1m"))).filter((one) => one?.time);
    if (!minutes.length) return false;
    if (performance.now() - this.#heard < BELIEVED) return minutes.every(({ stale }) => stale);
    return this.candleAge(now) * 1000 > LATE;
  }
}

// The overview and the stream spell the same fields differently.
function readTicker(told) {
  const daily = (name) => told[`${name}_24h`] ?? told[`${name}24h`];
  const [high, low] = [daily("high"), daily("low")];
  const digits = Math.max(...[told.price, told.bid, told.ask, high, low].map(decimals));
  const at = new Date(told.timestamp).getTime();
  return { price: told.price, change: daily("change_percent"), high, low, volume: daily("volume"), digits, at };
}

const closeOf = (open, timeframe) => open + LENGTH[timeframe];
