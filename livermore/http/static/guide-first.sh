# Which exchanges there are.
curl -sS --fail-with-body -H "X-API-Key: $LIVERMORE_KEY" "$LIVERMORE_URL/public/v1/exchanges"
