# --retry waits as long as Retry-After says. What is wrong stands in the body, which --fail-with-body shows.
curl -sS --fail-with-body --retry 5 -H "X-API-Key: $LIVERMORE_KEY" \
  "$LIVERMORE_URL/public/v1/candles/coinbase/NOT-LISTED/1h"
