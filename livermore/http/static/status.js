// Fills the status page, and again every few seconds.
const EVERY = 5000;
const element = (id) => document.getElementById(id);

function age(seconds) {
  if (seconds === null) return "none yet";
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}

function pill(node, state) {
  node.className = "pill";
  node.dataset.state = state;
  node.textContent = state;
  return node;
}

function row(exchange) {
  const line = document.createElement("tr");
  const texts = [exchange.name, null, exchange.symbol_count, age(exchange.data_age_seconds)];
  for (const text of texts) {
    const cell = line.appendChild(document.createElement("td"));
    if (text === null) cell.append(pill(document.createElement("span"), exchange.status));
    else cell.textContent = text;
  }
  return line;
}

function show(facts) {
  pill(element("service"), facts.status);
  element("simulated").hidden = !facts.simulated;
  element("exchanges").replaceChildren(...facts.exchanges.map(row));
  element("none").hidden = facts.exchanges.length > 0;
  for (const id of ["docs", "guide", "openapi"]) element(id).hidden = !facts.docs;
  const at = element("at");
  at.dateTime = facts.timestamp;
  at.textContent = new Date(facts.timestamp).toLocaleString();
}

async function refresh() {
  try {
    const answer = await fetch("status.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
  } catch {
    pill(element("service"), "unreachable");
  }
  setTimeout(refresh, EVERY);
}

refresh();
