// The dashboard: lets the reader in, and joins what the server tells with what the page shows.
import { AlertList } from "./dashboard-alerts.js";
import { Api, Refused } from "./dashboard-api.js";
import { BreakBar } from "./dashboard-break.js";
import { Chart, isInstalled } from "./dashboard-chart.js";
import { MarketClock } from "./dashboard-clock.js";
import { byId, make } from "./dashboard-dom.js";
import { Header, Rate } from "./dashboard-header.js";
import { Market } from "./dashboard-market.js";
import { Portfolio } from "./dashboard-portfolio.js";
import { Quote } from "./dashboard-quote.js";
import { SeriesView } from "./dashboard-series.js";
import { SignalMatrix } from "./dashboard-signals.js";
import { Stream } from "./dashboard-stream.js";
import { SymbolList } from "./dashboard-symbols.js";
import { askForToken, forgetToken, takeToken } from "./dashboard-token.js";
import { TreeTable } from "./dashboard-tree.js";
import { TIMEFRAMES } from "./dashboard-words.js";

const CALM = 10_000; // between two looks at the overview
const HASTY = 1500; // while there is something to wait for

class Dashboard {
  #market = new Market();
  #clock = new MarketClock();
  #rate = new Rate();
  #tree = new TreeTable((nodes) => this.#break.see(nodes));
  #chosen = readAddress();
  #problem = "";
  #giveUp = new AbortController();
  #looking = 0;
  #second = 0;
  #over = false;
  #api;
  #break;
  #stream;
  #header;
  #quote;
  #series = null;
  #views;

  constructor(token) {
    this.#api = new Api(token);
    this.#break = new BreakBar(this.#api);
    this.#market.choose(this.#chosen.exchange);
    this.#makeViews();
    this.#market.addEventListener("market", () => this.#settle());
    this.#stream = new Stream({
      token,
      exchange: () => this.#market.name ?? undefined,
      onMessage: (message) => this.#hear(message),
      onWelcome: () => { this.#look(); this.#series?.reload(); },
      onState: (state) => this.#header.connection({ state }),
      onRefused: () => this.#refused(),
    });
    this.#stream.want(["tree"]);
    this.#look();
    this.#second = setInterval(() => this.#tick(), 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden && !this.#over) this.#wake(); });
    window.addEventListener("online", () => this.#stream.retry());
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#series?.paint());
  }

  #makeViews() {
    const choose = (symbol, timeframe = this.#chosen.timeframe) => this.#choose({ symbol, timeframe });
    const [market, clock] = [this.#market, this.#clock];
    this.#header = new Header(market, clock, (name) => this.#chooseExchange(name), () => this.#stream.retry());
    this.#quote = new Quote(market, (timeframe) => choose(this.#chosen.symbol, timeframe));
    this.#views = [this.#quote, new SymbolList(market, choose), new SignalMatrix(market, choose)];
    new AlertList(market, clock, choose);
    new Portfolio(this.#api, market, choose);
    market.addEventListener("ticker", ({ detail }) => this.#tickerMoved(detail));
    byId("no-library").hidden = isInstalled();
    if (!isInstalled()) return;
    this.#series = new SeriesView({
      api: this.#api, market,
      makeChart: (onHover) => new Chart(byId("chart"), onHover),
      onChange: () => this.#tick(),
      onRefused: () => this.#refused(),
    });
  }

  #tickerMoved(symbol) {
    this.#quote.tick(symbol, this.#chosen.symbol);
    this.#clock.reached(this.#market.tickers.get(symbol).at);
  }

  // The reader has typed another address.
  follow({ exchange, symbol, timeframe }) {
    if (exchange === this.#market.name && this.#market.symbols.includes(symbol)) this.#choose({ symbol, timeframe });
  }

  // What is chosen has to be there; else it is the first.
  #settle() {
    const { name, symbols } = this.#market;
    if (name === this.#chosen.exchange && symbols.includes(this.#chosen.symbol) && this.#chosen.shown) return;
    const symbol = symbols.includes(this.#chosen.symbol) ? this.#chosen.symbol : symbols[0];
    if (symbol) this.#choose({ symbol, timeframe: this.#chosen.timeframe });
  }

  #choose({ symbol, timeframe }) {
    this.#chosen = { exchange: this.#market.name, symbol, timeframe, shown: true };
    history.replaceState(null, "", `#${[this.#market.name, symbol, timeframe].join("/")}`);
    for (const view of this.#views) view.show(this.#chosen);
    this.#series?.show(this.#chosen);
    this.#stream.want(["tree", "tickers:*", "signals:*:*", "alerts:*", ...(this.#series?.channels ?? [])]);
  }

  #chooseExchange(name) {
    this.#market.choose(name);
    this.#chosen = { ...this.#chosen, exchange: name, shown: false };
    this.#stream.restart();
    this.#look();
  }

  #hear(message) {
    if (message.type === "tree") this.#tree.take(message.data);
    if (message.type === "heartbeat") this.#clock.heartbeat(Date.parse(message.timestamp));
    if (message.id) this.#rate.add(Math.floor(performance.now() / 1000));
    this.#market.hear(message);
    this.#series?.hear(message);
  }

  // The overview, again and again; each answer is waited for before the next is asked for.
  async #look() {
    clearTimeout(this.#looking);
    this.#giveUp.abort();
    this.#giveUp = new AbortController();
    const { signal } = this.#giveUp;
    try {
      if (!document.hidden) this.#take(await this.#api.overview(signal));
      this.#problem = "";
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused) { this.#refused(); return; }
      this.#problem = error.message;
    }
    const calm = !this.#problem && this.#market.status?.connectionState === "active";
    if (!this.#over) this.#looking = setTimeout(() => this.#look(), calm ? CALM : HASTY);
  }

  #take(overview) {
    this.#market.take(overview);
    this.#break.take(overview);
    const beat = this.#market.status?.lastHeartbeat;
    if (beat) this.#clock.reached(Date.parse(beat));
    this.#tick();
  }

  #tick() {
    const gap = this.#series?.isBehind ? `${this.#chosen.symbol} ${this.#chosen.timeframe} has a hole that is not repaired yet` : "";
    const rate = this.#rate.perMinute(Math.floor(performance.now() / 1000));
    this.#header.tick({ stream: this.#stream, rate, gap, problem: this.#problem });
    this.#tree.tick();
    const ticker = this.#market.tickers.get(this.#chosen.symbol);
    document.title = ticker ? `${ticker.price} ${this.#chosen.symbol} · Livermore` : "Livermore";
  }

  #wake() {
    this.#stream.look();
    this.#stream.retry();
    this.#look();
  }

  // The token is not accepted any more: everything stops, and the form asks for another.
  #refused() {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp.abort();
    clearTimeout(this.#looking);
    clearInterval(this.#second);
    this.#series?.close();
    this.#stream.close();
    forgetToken();
    askForToken("The admin token is not accepted any more.", isGood);
  }
}

// A chart has an address: #coinbase/BTC-USD/5m.
function readAddress() {
  const [exchange, symbol = "", timeframe] = location.hash.slice(1).split("/");
  return { exchange: exchange || null, symbol, timeframe: TIMEFRAMES.includes(timeframe) ? timeframe : TIMEFRAMES[0], shown: false };
}

async function isGood(token) {
  try {
    await new Api(token).tree();
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  return true;
}

function begin() {
  const token = takeToken();
  byId("app").hidden = !token;
  if (!token) {
    askForToken("", isGood);
    return;
  }
  byId("credit").append("Charts by ", make("a", { href: "https://www.tradingview.com/", rel: "noreferrer", textContent: "TradingView" }), " Lightweight Charts™");
  const dashboard = new Dashboard(token);
  window.addEventListener("hashchange", () => dashboard.follow(readAddress()));
}

window.addEventListener("hashchange", () => { if (location.hash.includes("token=")) location.reload(); });
begin();
