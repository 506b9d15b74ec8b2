// Events as they come, each once and in order, for at most 20 channels, which fit into one message.
// It connects again by itself, and goes on where it was. The key goes into the first message, since
// browsers cannot send headers here.
async function* connection(address, key) {
  const socket = new WebSocket(address), inbox = [];
  let wake = () => {}, silence, patience = 15_000;
  const put = (message) => { inbox.push(message); wake(); };
  const listen = () => { clearTimeout(silence); silence = setTimeout(put, patience, null); };
  const say = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => say({ action: "auth", key });
  socket.onmessage = ({ data }) => { listen(); put(JSON.parse(data)); };
  socket.onclose = ({ code, reason }) => put([4001, 4003].includes(code) ? new Error(reason) : null);
  socket.onerror = () => {}; // the close that follows says it all
  listen();
  try {
    while (true) {
      while (inbox.length === 0) await new Promise((resolve) => { wake = resolve; });
      const message = inbox.shift();
      if (message === null) return;
      if (message instanceof Error) throw message;
      if (message.type === "welcome") patience = 2000 * message.heartbeat_seconds;
      yield [message, say];
    }
  } finally {
    clearTimeout(silence);
    socket.close();
  }
}

export async function* stream(url, key, exchange, channels, place = null) {
  const address = `${url.replace(/^http/, "ws")}/public/v1/stream`;
  for (let attempt = 0; ; attempt++) {
    let subscribed = false, newest = null;
    for await (const [message, say] of connection(address, key)) {
      if (message.type === "welcome") {
        newest = message.ids[exchange] ?? null;
        say({ action: "subscribe", exchange, channels, ...(place && { resume_from: [place] }) });
      } else if (message.type === "subscribed") {
        if (message.rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(message.rejected)}`);
        [subscribed, attempt] = [true, 0];
        if (message.resumed === false) yield { type: "not_resumed", since: place };
        if (message.resumed !== true) place = newest;
      } else if (message.type === "heartbeat") {
        if (subscribed) place = message.ids?.[exchange] ?? place;
      } else if (message.channel && message.type !== "error") {
        if (message.id && message.type !== "snapshot") place = message.id;
        yield message;
      }
    }
    const longest = Math.min(30_000, 500 * 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
  }
}
