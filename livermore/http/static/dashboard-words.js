// The words of the market: timeframes, and what an indicator record says in direction and strength.
export const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"];
export const LENGTH = { "1m": 60e3, "5m": 300e3, "15m": 900e3, "1h": 3600e3, "4h": 14400e3, "1d": 86400e3 };
export const STRENGTHS = ["weak", "moderate", "strong", "extreme"];
export const ARROW = { bullish: "▲", bearish: "▼", neutral: "•" };

const DIRECTION = {
  rallying: "bullish", rebounding: "bullish", overbought: "bullish",
  retracing: "bearish", reversing: "bearish", oversold: "bearish",
};
const FROM = [0, 30, 80, 150]; // absolute values from which on a strength holds

function strength(value) {
  return STRENGTHS[FROM.findLastIndex((from) => Math.abs(value) >= from)];
}

// A full record in flat form; without a record, or before its first value, it says why there is none.
export function readSignal(record, stale) {
  const value = record?.value.macdV ?? null;
  const plain = { stale, value, time: record?.timestamp ?? 0, bars: record?.validity.observed_bars ?? 0 };
  if (value === null) return { ...plain, ready: false, stage: "", reason: record?.validity.reason ?? "No value yet" };
  const { stage } = record.params;
  return {
    ...plain, stage, line: record.value.signal, histogram: record.value.histogram,
    ready: record.validity.ready, reason: record.validity.reason,
    direction: DIRECTION[stage] ?? "neutral", strength: strength(value),
  };
}

// An alert in its public form, with what its full form adds where that is known.
export function readAlert(shown, full) {
  const at = Date.parse(shown.timestamp);
  const length = LENGTH[shown.timeframe];
  const candle = full?.candle_time ?? Math.floor(at / length) * length - length;
  return { ...shown, at, candle, known: Boolean(full), trigger: trigger(full), value: full?.value ?? null };
}

function trigger(full) {
  if (!full) return "";
  const { level } = full.details;
  if (level !== undefined) return `crossed ${level > 0 ? "+" : "−"}${Math.abs(level)}`;
  return full.label.replace("_", " from ");
}
