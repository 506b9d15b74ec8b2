// The candle that is still forming: of 1m as the stream tells it, of larger timeframes folded from what it consists of.
import { LENGTH } from "./dashboard-words.js";

export const readCandle = ({ timestamp, open, high, low, close, volume, revision }) => ({
  time: Date.parse(timestamp), open: +open, high: +high, low: +low, close: +close, volume: +volume, revision,
});

export class FormingCandle {
  #parts = new Map(); // candles of the bucket by open time
  #bucket = 0;
  #length;

  constructor(timeframe) { this.#length = LENGTH[timeframe]; }

  // Closed hours and minutes up to now; minutes of an hour that is there count once.
  seed(hours, minutes) {
    const folded = hours.at(-1) ? hours.at(-1).time + LENGTH["1h"] : 0;
    for (const hour of hours) this.add(hour);
    for (const one of minutes) if (one.time >= folded) this.add(one);
  }

  // A part, closed or not; gives the candle as it stands, or null where the part is of the past.
  add(part) {
    const bucket = Math.floor(part.time / this.#length) * this.#length;
    if (bucket < this.#bucket) return null;
    if (bucket > this.#bucket) this.#parts.clear();
    this.#bucket = bucket;
    this.#parts.set(part.time, part);
    return this.candle();
  }

  candle() {
    const parts = [...this.#parts.values()].sort((a, b) => a.time - b.time);
    if (!parts.length) return null;
    return {
      time: this.#bucket,
      open: parts[0].open,
      high: Math.max(...parts.map(({ high }) => high)),
      low: Math.min(...parts.map(({ low }) => low)),
      close: parts.at(-1).close,
      volume: parts.reduce((sum, { volume }) => sum + volume, 0),
    };
  }
}
