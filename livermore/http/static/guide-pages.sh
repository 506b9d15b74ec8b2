# All candles of one hour since the beginning of a day, page by page:
# as long as there is a cursor, there is a next page.
cursor=
while
  page=$(curl -sS --fail-with-body --retry 5 --get -H "X-API-Key: $LIVERMORE_KEY" \
    -d start_time=2023-11-14T00:00:00Z -d limit=1000 ${cursor:+-d cursor="$cursor"} \
    "$LIVERMORE_URL/public/v1/candles/coinbase/BTC-USD/1h") || { echo "$page"; exit 1; }
  echo "$page"
  cursor=$(sed -n 's/.*"next_cursor":"\([^"]*\)".*/\1/p' <<< "$page")
  [ -n "$cursor" ]
do :; done
