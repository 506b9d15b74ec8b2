// The drawing: candles, volume, alert marks, and the pane with the indicator below; by TradingView Lightweight Charts.
import { minute } from "./dashboard-format.js";
import { HoleBands } from "./dashboard-holes.js";

const OUTER = 150;
const LEVELS = [OUTER, 50, -50, -OUTER];
const SPACING = 7;
const NAMES = ["panel", "line", "text", "quiet", "up", "down", "accent", "second", "gap"];
const seconds = (ms) => ms / 1000;

export const isInstalled = () => "LightweightCharts" in window;

function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// Room for the outer levels, so that one always sees how far away they are.
function withLevels(original) {
  const found = original();
  if (!found?.priceRange) return found;
  const { minValue, maxValue } = found.priceRange;
  return { ...found, priceRange: { minValue: Math.min(minValue, -170), maxValue: Math.max(maxValue, 170) } };
}

export class Chart {
  #library = window.LightweightCharts;
  #chart;
  #candles;
  #volume;
  #value;
  #line;
  #marks;
  #bands;
  #levels = [];
  #colours = {};
  #times = new Set(); // open times (ms) of the bars
  #newest = 0; // of the newest bar
  #newestPoint = 0;

  // `onHover(hovered)`: what stands under the pointer, as `hovered` gives it; null where the pointer is elsewhere.
  constructor(container, onHover) {
    const { createChart, CandlestickSeries, HistogramSeries, LineSeries, createSeriesMarkers } = this.#library;
    this.#chart = createChart(container, this.#options());
    this.#candles = this.#chart.addSeries(CandlestickSeries, {});
    const quiet = { priceLineVisible: false, lastValueVisible: false };
    this.#volume = this.#chart.addSeries(HistogramSeries, { ...quiet, priceScaleId: "volume", priceFormat: { type: "volume" } });
    const thin = { ...quiet, lastValueVisible: true, crosshairMarkerRadius: 3, autoscaleInfoProvider: withLevels };
    const form = { priceFormat: { type: "custom", formatter: (value) => value.toFixed(0), minMove: 0.1 } };
    this.#line = this.#chart.addSeries(LineSeries, { ...thin, ...form, lineWidth: 1 }, 1);
    this.#value = this.#chart.addSeries(LineSeries, { ...thin, ...form, lineWidth: 2 }, 1);
    this.#levels = LEVELS.map((level) => this.#value.createPriceLine({ price: level, lineWidth: 1, axisLabelVisible: Math.abs(level) === OUTER }));
    this.#marks = createSeriesMarkers(this.#candles, []);
    this.#bands = [new HoleBands("GAP"), new HoleBands("")];
    this.#candles.attachPrimitive(this.#bands[0]);
    this.#value.attachPrimitive(this.#bands[1]);
    this.#chart.panes()[0].setStretchFactor(13);
    this.#chart.panes()[1].setStretchFactor(7);
    this.#candles.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0.2 }, minimumWidth: 76 });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#chart.subscribeCrosshairMove((moved) => onHover(this.#hovered(moved)));
    this.paint();
  }

  #options() {
    return {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: "system-ui, sans-serif", fontSize: 11 },
      rightPriceScale: { borderVisible: false },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 5, barSpacing: SPACING, minBarSpacing: 0.8 },
      crosshair: { mode: this.#library.CrosshairMode.Normal },
      localization: { locale: "en-US", timeFormatter: (time) => `${minute(time * 1000)} UTC` },
    };
  }

  // Takes the colours from the style sheet: at the beginning, and when the reader's scheme has changed.
  paint() {
    const c = this.#colours = colours();
    const { LineStyle } = this.#library;
    this.#chart.applyOptions({
      layout: { background: { color: c.panel }, textColor: c.quiet, panes: { separatorColor: c.line, separatorHoverColor: c.line } },
      grid: { vertLines: { color: `${c.line}80` }, horzLines: { color: `${c.line}80` } },
      crosshair: { vertLine: { color: c.quiet, labelBackgroundColor: c.quiet }, horzLine: { color: c.quiet, labelBackgroundColor: c.quiet } },
    });
    this.#candles.applyOptions({
      upColor: c.up, downColor: c.down, borderUpColor: c.up, borderDownColor: c.down, wickUpColor: c.up, wickDownColor: c.down,
    });
    this.#value.applyOptions({ color: c.accent });
    this.#line.applyOptions({ color: c.second });
    for (const line of this.#levels) {
      const outer = Math.abs(line.options().price) === OUTER;
      line.applyOptions({ color: outer ? `${c.quiet}b0` : `${c.quiet}70`, lineStyle: outer ? LineStyle.Dashed : LineStyle.Dotted, axisLabelColor: c.panel, axisLabelTextColor: c.quiet });
    }
  }

  // Everything anew. `bars` and `points` ascend; `bands`: holes as [candle before, first, last, candle after].
  draw({ bars, points, bands, step, digits, fresh }) {
    const blank = bands.flatMap(([, first, last]) => blanks(first, last, step));
    const items = [...bars.map(candle), ...blank].sort((a, b) => a.time - b.time);
    this.#candles.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
    this.#candles.setData(items);
    this.#volume.setData(bars.map((bar) => this.#bar(bar)));
    const apart = new Set(bands.map(([before]) => before));
    this.#value.setData(points.map(([time, value]) => dot(time, value, apart)));
    this.#line.setData(points.map(([time, , line]) => dot(time, line, apart)));
    for (const one of this.#bands) one.set(bands.map(([before, , , after]) => [seconds(before), seconds(after)]), this.#colours.gap);
    this.#times = new Set(bars.map(({ time }) => time));
    this.#newest = bars.at(-1)?.time ?? 0;
    this.#newestPoint = points.at(-1)?.[0] ?? 0;
    if (fresh) this.rewind();
  }

  // Back to the newest candles, at the usual size.
  rewind() {
    this.#chart.timeScale().applyOptions({ barSpacing: SPACING });
    this.#chart.timeScale().scrollToPosition(5, false);
    this.#chart.priceScale("right").applyOptions({ autoScale: true });
  }

  // One bar, new or changed; false where it would stand between others, which only drawing anew can do.
  put(bar) {
    const past = bar.time < this.#newest;
    if (past && !this.#times.has(bar.time)) return false;
    this.#times.add(bar.time);
    this.#candles.update(candle(bar), past);
    this.#volume.update(this.#bar(bar), past);
    this.#newest = Math.max(this.#newest, bar.time);
    return true;
  }

  // The newest value; what came before it is only drawn anew.
  point(time, value, line) {
    if (time < this.#newestPoint) return;
    this.#value.update(dot(time, value));
    this.#line.update(dot(time, line));
    this.#newestPoint = time;
  }

  mark(alerts) {
    const marks = alerts.map(({ candle: time, direction, late }) => {
      const up = direction === "bullish";
      const colour = this.#colours[up ? "up" : "down"];
      return {
        time: seconds(time), shape: up ? "arrowUp" : "arrowDown", position: up ? "belowBar" : "aboveBar",
        color: late ? `${colour}99` : colour, size: 1,
      };
    });
    this.#marks.setMarkers(marks.sort((a, b) => a.time - b.time));
  }

  // How far down the indicator's pane begins, in pixels.
  get paneTop() { return this.#chart.panes()[0].getHeight() + 1; }

  #hovered({ time, seriesData }) {
    if (time === undefined) return null;
    const [value, line] = [seriesData.get(this.#value)?.value, seriesData.get(this.#line)?.value];
    return { time: time * 1000, bar: seriesData.get(this.#candles), volume: seriesData.get(this.#volume)?.value, value, line };
  }

  #bar({ time, open, close, volume }) {
    return { time: seconds(time), value: volume, color: `${this.#colours[close < open ? "down" : "up"]}59` };
  }
}

const candle = ({ time, open, high, low, close }) => ({ time: seconds(time), open, high, low, close });

// `apart`: times from which no line leads on, because what comes after them is not known.
function dot(time, value, apart) {
  const place = { time: seconds(time) };
  if (value === null) return place;
  return apart?.has(time) ? { ...place, value, color: "#0000" } : { ...place, value };
}

const WIDEST = 24;

// Empty places for a hole: one for each missing candle of a small one, and so many for any larger one.
function blanks(first, last, step) {
  const places = Math.min(WIDEST, 1 + (last - first) / step);
  const apart = places > 1 ? (last - first) / (places - 1) : 0;
  return Array.from({ length: places }, (_, i) => ({ time: Math.floor(seconds(first + i * apart)) }));
}
