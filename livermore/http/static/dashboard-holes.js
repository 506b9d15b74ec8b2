// Holes of a series: buckets without a candle that are not known to be empty; and the bands that mark them in the chart.

// Runs of missing buckets in ascending open times (ms), as [first, last]. What the cursor knows is only quiet.
export function findHoles(times, cursor, step) {
  if (!cursor) return [];
  const holes = [];
  const add = (first, last) => { if (first <= last) holes.push([first, last]); };
  for (let i = 1; i < times.length; i++) {
    const [first, last] = [times[i - 1] + step, times[i] - step];
    if (first > last) continue;
    add(first, Math.min(last, cursor.since - step));
    add(Math.max(first, cursor.through + step), last);
  }
  return holes;
}

// Whether the newest candles lie behind a hole that nobody has closed yet.
export const isBehind = (holes, cursor) => holes.some(([first]) => first > cursor.through);

// A primitive for a series of lightweight-charts: hatched bands, labelled, from candle to candle.
export class HoleBands {
  #bands = [];
  #attached = null;
  #colour = "";
  #word;

  constructor(word) { this.#word = word; }

  attached(attached) { this.#attached = attached; }

  detached() { this.#attached = null; }

  // `bands`: [time of the candle before, time of the candle after], in the chart's seconds.
  set(bands, colour) {
    this.#bands = bands;
    this.#colour = colour;
    this.#attached?.requestUpdate();
  }

  updateAllViews() {}

  paneViews() { return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.#draw(target) }) }]; }

  #draw(target) {
    const scale = this.#attached.chart.timeScale();
    target.useMediaCoordinateSpace(({ context, mediaSize: { height } }) => {
      for (const [before, after] of this.#bands) {
        const [from, to] = [scale.timeToCoordinate(before), scale.timeToCoordinate(after)];
        if (from !== null && to !== null) this.#band(context, from, to, height);
      }
    });
  }

  #band(context, from, to, height) {
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, height);
    context.clip();
    context.globalAlpha = 0.12;
    context.fillStyle = this.#colour;
    context.fill();
    context.globalAlpha = 0.5;
    context.strokeStyle = this.#colour;
    for (let x = from - height; x < to; x += 9) {
      context.beginPath();
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
      context.stroke();
    }
    context.restore();
    this.#label(context, (from + to) / 2, height);
  }

  #label(context, middle, height) {
    context.font = "600 11px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillStyle = this.#colour;
    context.fillText(this.#word, middle, height - 8);
  }
}
