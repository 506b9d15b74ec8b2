// In Node (from 22 on; 20 has WebSocket with --experimental-websocket), in Deno, or in a page.
import { exchanges } from "./guide-first.mjs";
import { candles } from "./guide-pages.mjs";
import { stream } from "./guide-stream.mjs";

export async function main(url, key, say) {
  for (const exchange of await exchanges(url, key)) say(exchange.id, exchange.status);
  for await (const candle of candles(url, key, "coinbase", "BTC-USD", "1h", "2023-11-14T00:00:00Z")) {
    say(candle.timestamp, candle.close);
  }
  for await (const event of stream(url, key, "coinbase", ["candles:BTC-USD:*", "alerts:*"])) {
    say(event.type, event.channel, event.data?.close);
  }
}

if (globalThis.process) await main(process.env.LIVERMORE_URL, process.env.LIVERMORE_KEY, console.log);
