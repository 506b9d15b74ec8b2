// Questions to the admin API. No answer is waited for longer than a few seconds.
const PATIENCE = 10_000;

export class Refused extends Error {}

export class Api {
  #token;

  constructor(token) { this.#token = token; }

  // `signal` gives up the question; whoever gave it up knows. Raises Refused where the token is not, or no longer, accepted.
  async ask(path, signal, method = "GET") {
    const limits = [AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])];
    const headers = { Authorization: `Bearer ${this.#token}` };
    const answer = await this.#fetch(`admin/v1/${path}`, { method, headers, cache: "no-store", signal: AbortSignal.any(limits) });
    if (answer.status === 401) throw new Refused("The admin token is not accepted any more.");
    const body = await answer.json().catch(() => null);
    if (answer.ok && body !== null) return body;
    throw new Error(body?.error?.message ?? `The server answers with status ${answer.status}.`);
  }

  async #fetch(...request) {
    try {
      return await fetch(...request);
    } catch (error) {
      throw new Error(error.name === "TimeoutError" ? "The server is slow to answer." : "The server cannot be reached.");
    }
  }

  overview(signal) { return this.ask("overview", signal); }

  tree(signal) { return this.ask("tree", signal); }

  portfolio(exchange, signal) { return this.ask(`portfolio/${encodeURIComponent(exchange)}`, signal); }

  break(path, how) { return this.ask(`break?${new URLSearchParams({ path, how })}`, undefined, "POST"); }

  chart(series, limit, signal) { return this.ask(`chart/${place(series)}?limit=${limit}`, signal); }

  alerts(series, signal) { return this.ask(`alerts/${place(series)}`, signal); }
}

const place = ({ exchange, symbol, timeframe }) => [exchange, symbol, timeframe].map(encodeURIComponent).join("/");
