// The admin stream: signs in, holds its subscriptions, and comes back by itself, later after each failure.
const FIRST = 500;
const LAST = 15_000;
const WELL_AFTER = 10_000; // a connection that lived this long was a good one
const CONNECT = 10_000;
const SETTLE = 300; // between two changes of the subscriptions: a client may say ten things a second
const UNAUTHENTICATED = 4001;
const UNHEARD = new Set(["UNAVAILABLE", "INVALID_MESSAGE"]); // what was asked for is not held

export class Stream {
  #options;
  #socket = null;
  #timer = 0;
  #failures = 0;
  #liveSince = 0;
  #heartbeat = 15_000;
  #comeBack = null; // within how many ms a planned stop asks to come back
  #wanted = [];
  #held = new Set();
  #settling = 0;
  #watch;

  lastFrame = 0; // page time of the newest message
  state = null; // name: connecting, live, or waiting until a page time

  // `options`: token, exchange(), onMessage(message), onWelcome(), onState(state), onRefused().
  constructor(options) {
    this.#options = options;
    this.#watch = setInterval(() => this.look(), 1000);
    this.#connect();
  }

  // Channels to hold from now on; the change is told once things have settled.
  want(channels) {
    this.#wanted = channels;
    this.#settling ||= setTimeout(() => { this.#settling = 0; this.#tell(); }, SETTLE);
  }

  // Try now rather than later.
  retry() {
    if (this.state.name !== "waiting") return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  // Start over, for another exchange.
  restart() {
    if (this.#socket) this.#lost(0);
    else this.retry();
  }

  close() {
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
    this.#drop();
  }

  // A connection that brings nothing, not even its heartbeat, is dead, whatever the browser thinks.
  look() {
    const silent = performance.now() - this.lastFrame;
    const patience = this.state.name === "live" ? 2.5 * this.#heartbeat : CONNECT;
    if (this.#socket && silent > patience) this.#lost();
  }

  #connect() {
    this.#become({ name: "connecting" });
    this.lastFrame = performance.now();
    const url = new URL("admin/v1/stream", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.#socket = new WebSocket(url);
    socket.onopen = () => this.#say({ action: "auth", key: this.#options.token });
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => (code === UNAUTHENTICATED ? this.#refused() : this.#lost());
  }

  #hear(message) {
    this.lastFrame = performance.now();
    if (message.type === "welcome") this.#welcome(message);
    else if (message.type === "reconnect") this.#comeBack = message.within_seconds * 1000;
    else if (message.type === "error" && UNHEARD.has(message.code)) this.#lost();
    else this.#options.onMessage(message);
  }

  #welcome({ heartbeat_seconds: heartbeat }) {
    this.#heartbeat = heartbeat * 1000;
    this.#liveSince = performance.now();
    this.#become({ name: "live" });
    this.#held.clear();
    this.#tell();
    this.#options.onWelcome();
  }

  #tell() {
    if (this.state.name !== "live") return;
    const added = this.#wanted.filter((channel) => !this.#held.has(channel));
    const dropped = [...this.#held].filter((channel) => !this.#wanted.includes(channel));
    const exchange = this.#options.exchange();
    if (dropped.length) this.#say({ action: "unsubscribe", exchange, channels: dropped });
    if (added.length) this.#say({ action: "subscribe", exchange, channels: added });
    this.#held = new Set(this.#wanted);
  }

  #say(message) { this.#socket.send(JSON.stringify(message)); }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #refused() {
    this.close();
    this.#options.onRefused();
  }

  #lost(wait = this.#backOff()) {
    this.#drop();
    this.#become({ name: "waiting", until: performance.now() + wait });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #backOff() {
    const wasWell = this.state.name === "live" && performance.now() - this.#liveSince > WELL_AFTER;
    this.#failures = wasWell ? 0 : this.#failures + 1;
    const longest = this.#comeBack ?? Math.min(LAST, FIRST * 2 ** this.#failures);
    this.#comeBack = null;
    return longest * (0.5 + Math.random() / 2);
  }

  #become(state) {
    this.state = state;
    this.#options.onState(state);
  }
}
