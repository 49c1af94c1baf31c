// PostGraphile over the portal's tables: `node server.mjs PORT`, with the database's address in BENCH_DATABASE_URL.
// The login and its policies are the portal's; the organization comes in a header, as from a token that was checked before.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const preset = {
  extends: [PostGraphileAmberPreset],
  // Orders by several columns are served by indexes of several columns, which this plugin does not look at.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_DATABASE_URL,
      schemas: ["portal"],
      poolConfig: { max: Number(process.env.BENCH_POOL_SIZE) },
    }),
  ],
  grafast: {
    context(requestContext) {
      const organization = requestContext.node?.req.headers["x-organization"] ?? "";
      return { pgSettings: { "portal.organization": organization, "portal.user": "" } };
    },
  },
  grafserv: { graphiql: false, watch: false, websockets: false },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.argv[2]), "127.0.0.1");
