// Market time, which may go faster than the wall's: told by the stream's heartbeats, and carried on between them.
const NEARLY = 0.03; // measured speeds this close to 1 are 1

export class MarketClock {
  #beat = null; // the newest heartbeat: [page time, market time], both in ms
  #ahead = 0; // what tickers have told since then
  #speed = 1;

  get known() { return this.#beat !== null; }

  now() {
    if (!this.known) return Date.now();
    const [at, market] = this.#beat;
    return market + (performance.now() - at) * this.#speed + this.#ahead;
  }

  heartbeat(market) {
    const at = performance.now();
    if (this.known && at - this.#beat[0] > 1000 && this.#measured) {
      const speed = (market - this.#beat[1]) / (at - this.#beat[0]);
      this.#speed = Math.abs(speed - 1) < NEARLY || speed <= 0 ? 1 : speed;
    }
    this.#beat = [at, market];
    this.#ahead = 0;
    this.#measured = true;
  }

  #measured = false;

  // A time that has certainly been reached: of a trade, or of the last heartbeat that the server has stored.
  reached(market) {
    if (!this.known) this.#beat = [performance.now(), market];
    else this.#ahead += Math.max(0, market - this.now());
  }
}
