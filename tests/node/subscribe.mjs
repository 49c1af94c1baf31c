// Subscribes as browsers and phones do and prints what comes: one JSON object per event, the last one says how it ended.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, query, wanted, variables] = process.argv.slice(2);
const print = (value) => console.log(JSON.stringify(value));
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: token ? { authorization: `Bearer ${token}` } : {},
  on: { connected: () => print({ connected: true }) },
});

let seen = 0;
const stop = client.subscribe({ query, variables: JSON.parse(variables ?? "{}") }, {
  next: (result) => {
    print(result);
    seen += 1;
    if (seen === Number(wanted)) stop();
  },
  error: (error) => {
    print({ ended: error.code ?? "error", reason: error.reason ?? error[0]?.message ?? String(error) });
    process.exit(0);
  },
  complete: async () => {
    print({ ended: "complete" });
    await client.dispose();
    process.exit(0);
  },
});
