// All candles since a time: page after page, as long as there is a cursor.
// Where the server asks to wait, it is waited for.
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

async function get(url, key, path, query) {
  const address = `${url}/public/v1${path}?${new URLSearchParams(query)}`;
  while (true) {
    const answer = await fetch(address, { headers: { "X-API-Key": key } });
    const body = await answer.json();
    if (body.success) return body;
    if (![429, 503].includes(answer.status)) throw new Error(`${body.error.code}: ${body.error.message}`);
    await pause(Number(answer.headers.get("Retry-After") ?? 1));
  }
}

export async function* candles(url, key, exchange, symbol, timeframe, start) {
  const path = `/candles/${exchange}/${encodeURIComponent(symbol)}/${timeframe}`;
  const query = { start_time: start, limit: 1000 };
  do {
    const { data, meta } = await get(url, key, path, query);
    yield* data;
    query.cursor = meta.next_cursor;
  } while (query.cursor !== null);
}
