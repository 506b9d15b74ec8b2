// Numbers and times as people read them. Prices stay the exchange's own decimal strings.
const MINUS = "−";
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const two = (number) => String(number).padStart(2, "0");

export const decimals = (text) => String(text ?? "").split(".")[1]?.length ?? 0;

// With thousands apart, and as many digits after the point as the symbol's other prices have.
export function price(text, digits = 0) {
  if (text === null || text === undefined) return "–";
  const [whole, rest = ""] = String(text).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const padded = rest.padEnd(digits, "0");
  return padded ? `${grouped}.${padded}` : grouped;
}

export function signed(number, digits) {
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return text;
  return (number < 0 ? MINUS : "+") + text;
}

export const percent = (text) => `${signed(Number(text), 2)}%`;
export const volume = (text) => compact.format(Number(text));

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

// One unit, as in "42 s" or "3 min".
export function age(seconds) {
  const [size, name] = UNITS.find(([from]) => seconds >= 2 * from) ?? [1, "s"];
  return `${Math.max(0, Math.floor(seconds / size))} ${name}`;
}

// Two units, as in "1 h 04 min", for what grows slowly.
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
  return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

export const timeOfDay = (at) => new Date(at).toISOString().slice(11, 19);
export const day = (at) => new Date(at).toISOString().slice(0, 10);
export const minute = (at) => new Date(at).toISOString().slice(0, 16).replace("T", " ");

// The time alone where it is of today, else the day before it.
export const moment = (at, now) => (day(at) === day(now) ? timeOfDay(at) : minute(at).slice(5));
