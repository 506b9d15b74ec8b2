// Which exchanges there are.
export async function exchanges(url, key) {
  const answer = await fetch(`${url}/public/v1/exchanges`, { headers: { "X-API-Key": key } });
  const { success, data, error } = await answer.json();
  if (!success) throw new Error(`${error.code}: ${error.message} (${error.request_id})`);
  return data;
}
