// The chosen series: loads it, draws it, and keeps the drawing in step with the stream.
import { Refused } from "./dashboard-api.js";
import { byId, perFrame, setData, setText } from "./dashboard-dom.js";
import { FormingCandle, readCandle } from "./dashboard-forming.js";
import { findHoles, isBehind } from "./dashboard-holes.js";
import { Legend } from "./dashboard-legend.js";
import { decimals } from "./dashboard-format.js";
import { seriesKey } from "./dashboard-market.js";
import { LENGTH, readAlert } from "./dashboard-words.js";

const CANDLES = 500;
const MOST = 2000; // bars in the chart before it is drawn anew with fewer
const SETTLE = 60; // whoever runs through the symbols is not shown each of them
const SOON = 1500; // a correction is followed by others
const HEAL = 15_000; // how often to look whether a hole has been closed
const AGAIN = [2000, 4000, 8000]; // after failures
const WAITING = 1000;

// The order of two ids of the event stream, as "coinbase:1700000000000-3".
export function isAfter(id, place) {
  const [a, b] = [id, place].map((one) => one.slice(one.lastIndexOf(":") + 1).split("-").map(Number));
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

export class SeriesView {
  series = null;
  holes = [];
  cursor = null;
  #options;
  #chart;
  #legend = new Legend();
  #giveUp = new AbortController();
  #timer = 0;
  #failures = 0;
  #waiting = null; // messages that came while the series is being loaded
  #drawn = false;
  #place = "";
  #digits = 2;
  #forming = null;
  #native = false; // the stream tells the forming candle of this very timeframe
  #closed = 0; // open time of the newest closed candle
  #count = 0;
  #first = 0;
  #newest = {}; // what the legend shows while nothing is pointed at
  #hovered = null;
  #alerts = new Map();
  #showLegend = perFrame(() => this.#tellLegend());

  // `options`: api, market, makeChart(onHover), onChange(), onRefused(error).
  constructor(options) {
    this.#options = options;
    this.#chart = options.makeChart((hovered) => { this.#hovered = hovered; this.#showLegend(); });
  }

  get isBehind() { return this.cursor !== null && isBehind(this.holes, this.cursor); }

  get channels() {
    const { symbol, timeframe } = this.series;
    return [...new Set([`candles:${symbol}:${timeframe}`, `candles:${symbol}:1m`])].concat(`forming:${symbol}:*`);
  }

  show(series) {
    this.#giveUp.abort();
    Object.assign(this, { series, holes: [], cursor: null });
    this.#drawn = this.#native = false;
    this.#failures = this.#closed = 0;
    this.#alerts.clear();
    this.#say("", true);
    this.#later(SETTLE);
  }

  // What is drawn may not be all there is.
  reload(wait = 0) {
    if (this.series) this.#later(wait);
  }

  paint() {
    this.#chart.paint();
    if (this.#drawn) this.#later(0);
  }

  close() {
    clearTimeout(this.#timer);
    this.#giveUp.abort();
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), wait);
  }

  async #load() {
    this.#giveUp.abort();
    this.#giveUp = new AbortController();
    const { signal } = this.#giveUp;
    this.#waiting = [];
    try {
      const found = await this.#ask(signal);
      if (signal.aborted) return;
      this.#draw(found);
      this.#failures = 0;
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  // The chart, the closed parts of the candle that is forming, and the alerts that can be told.
  async #ask(signal) {
    const { api } = this.#options;
    const part = (timeframe, limit) => (LENGTH[timeframe] < LENGTH[this.series.timeframe]
      ? api.chart({ ...this.series, timeframe }, limit, signal).then(({ candles }) => candles.map(readCandle)) : []);
    const alerts = api.alerts(this.series, signal).catch(() => []);
    const all = [api.chart(this.series, CANDLES, signal), part("1h", 24), part("1m", 120), alerts];
    const [chart, hours, minutes, told] = await Promise.all(all);
    return { chart, hours, minutes, told };
  }

  #failed(error) {
    if (error instanceof Refused) return this.#options.onRefused(error);
    if (!this.#drawn) this.#say(`${error.message} Trying again.`);
    this.#later(AGAIN[Math.min(this.#failures++, AGAIN.length - 1)]);
  }

  #draw({ chart, hours, minutes, told }) {
    const bars = chart.candles.map(readCandle);
    const step = LENGTH[this.series.timeframe];
    this.cursor = chart.cursor;
    this.holes = findHoles(bars.map(({ time }) => time), chart.cursor, step);
    this.#digits = Math.max(0, ...chart.candles.slice(-100).flatMap(({ open, close }) => [decimals(open), decimals(close)]));
    this.#closed = bars.at(-1)?.time ?? 0;
    this.#first = bars[0]?.time ?? 0;
    this.#count = bars.length;
    this.#place = chart.place;
    const points = chart.trail.filter(([time]) => time >= this.#first);
    const bands = this.holes.map(([first, last]) => [before(bars, first), first, last, after(bars, last)]);
    this.#chart.draw({ bars, points, bands, step, digits: this.#digits, fresh: !this.#drawn });
    const [, value, line] = points.at(-1) ?? [];
    const bar = bars.at(-1);
    this.#newest = { time: bar?.time, bar, volume: bar?.volume, value, line };
    this.#drawn = true;
    for (const one of told) this.#know(readAlert(one));
    for (const one of this.#options.market.alerts) this.#know(one);
    this.#seed(hours, minutes);
    this.#catchUp();
    this.#say(bars.length ? "" : "No candles of this series yet.");
    this.#finish();
  }

  #seed(hours, minutes) {
    const now = Math.max(this.#closed, hours.at(-1)?.time ?? 0, minutes.at(-1)?.time ?? 0);
    const start = now - (now % LENGTH[this.series.timeframe]);
    this.#forming = new FormingCandle(this.series.timeframe);
    this.#forming.seed(...[hours, minutes].map((all) => all.filter(({ time }) => time >= start)));
    this.#putForming(this.#forming.candle());
  }

  #catchUp() {
    const waiting = this.#waiting.filter(({ id }) => !id || isAfter(id, this.#place));
    this.#waiting = null;
    for (const message of waiting) this.#apply(message);
  }

  #finish() {
    this.#chart.mark([...this.#alerts.values()].filter(({ candle }) => candle >= this.#first));
    this.#legend.place(this.#chart.paneTop);
    this.#showLegend();
    this.#options.onChange();
    if (this.isBehind) this.#later(HEAL);
  }

  #say(text, busy = false) {
    setText(byId("chart-note"), text);
    byId("chart-note").hidden = !text;
    setData(byId("chart-box"), "busy", busy ? "" : null);
  }

  // One message of the stream, whatever it is about.
  hear(message) {
    if (message.type === "heartbeat") this.#checkPlace(message.ids[this.series?.exchange]);
    if (message.data?.symbol !== this.series?.symbol || message.data?.exchange !== this.series?.exchange) return;
    if (this.#waiting && this.#waiting.length < WAITING) this.#waiting.push(message);
    if (this.#drawn) this.#apply(message);
  }

  // The event stream goes only forward, unless it was lost and began anew.
  #checkPlace(newest) {
    if (newest && this.#place && isAfter(this.#place, newest)) this.reload();
  }

  #apply({ type, data, full }) {
    const own = data.timeframe === this.series.timeframe;
    if (type === "alert" && own) this.#know(readAlert(data, full), true);
    else if (type === "trade_signal" && own) this.#point(full);
    else if (type === "gap" && own) this.reload(SOON);
    else if (type === "forming") this.#hearForming(readCandle(data), own);
    else if (type.startsWith("candle_")) this.#hearClosed(type, readCandle(data), own);
  }

  #hearForming(bar, own) {
    if (own) this.#native = true;
    this.#putForming(own ? bar : this.#native ? null : this.#forming.add(bar));
  }

  #putForming(bar) {
    if (bar && bar.time > this.#closed) this.#put(bar);
  }

  #hearClosed(type, bar, own) {
    if (!own) return this.#putForming(this.#forming.add(bar));
    const jumped = this.#closed && bar.time > this.#closed + LENGTH[this.series.timeframe];
    this.#closed = Math.max(this.#closed, bar.time);
    this.#put(bar);
    if (jumped || type === "candle_corrected" || ++this.#count > MOST) this.reload(SOON);
  }

  #put(bar) {
    if (!this.#chart.put(bar)) this.reload(SOON);
    if (bar.time >= (this.#newest.time ?? 0)) this.#newest = { ...this.#newest, time: bar.time, bar, volume: bar.volume };
    this.#showLegend();
  }

  #point({ timestamp, value: { macdV, signal }, rebased }) {
    if (rebased) return this.reload(SOON);
    this.#chart.point(timestamp, macdV, signal);
    this.#newest = { ...this.#newest, value: macdV, line: signal };
    this.#showLegend();
  }

  #know(alert, live = false) {
    const { symbol, timeframe, exchange } = this.series;
    if (alert.symbol !== symbol || alert.timeframe !== timeframe || alert.exchange !== exchange) return;
    if (alert.known || !this.#alerts.get(alert.id)?.known) this.#alerts.set(alert.id, alert);
    if (live) this.#chart.mark([...this.#alerts.values()].filter(({ candle }) => candle >= this.#first));
  }

  #tellLegend() {
    const shown = this.#hovered ?? this.#newest;
    const alerts = this.#hovered ? [...this.#alerts.values()].filter(({ candle }) => candle === shown.time) : [];
    const { symbol, timeframe } = this.series;
    const signal = this.#hovered ? {} : this.#options.market.signals.get(seriesKey(symbol, timeframe)) ?? {};
    this.#legend.show(shown, { digits: this.#digits, alerts, stage: signal.stage ?? "", reason: signal.reason ?? "" });
    const close = this.#newest.bar?.close;
    byId("chart").ariaLabel = `Candles of ${symbol}, ${timeframe}` + (close ? `; the newest closes at ${close}` : "");
  }
}

const before = (bars, first) => bars.findLast(({ time }) => time < first).time;
const after = (bars, last) => bars.find(({ time }) => time > last).time;
