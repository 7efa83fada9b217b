// A Supabase project's auth and data API on loopback, out of @supabase/lite, for tests; lite.py starts it.
//
// Settings come as one line of JSON on standard input, and the process ends when that closes. Standard output is one
// line, {"ready": port}. GET /mail gives every e-mail that auth would have sent, oldest first; POST /reload forgets
// what the data API knows of the schema.
//
// Two apps, since a project has two servers there and each has a login of its own: auth owns its tables; the data API is
// `authenticator`, who may do nothing until it has taken the caller's role.
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { sql } from "kysely";

console.log = console.error;
const mails = [];
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = JSON.parse((await input.next()).value);

// Numbers as they were written: the record's own 1.0 and 64-bit numbers must not pass through JavaScript's.
const exact = (_, value, { source }) =>
  typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
const json = (number) => ({
  to: number,
  from: [number],
  parse: (text) => JSON.parse(text, exact),
  // Lite hands a JSON argument over as its text, and its driver would make a JSON string of that once more.
  serialize: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
});
const connect = (user, max) =>
  createPostgresConnection({
    postgresOptions: {
      host: settings.socket,
      database: "postgres",
      user,
      password: settings.password,
      max,
      onnotice: () => {},
      types: { json: json(114), jsonb: json(3802) },
    },
  });
const plain = { studio: { enabled: false }, db: { migrations: { enabled: false } } };

const auth = new App({
  ...plain,
  connection: connect("supabase_auth_admin", 4),
  auth: { ...settings.auth, enabled: true },
  options: { drivers: { email: { send: async (mail) => mails.push(mail) } } },
});
await auth.ensureSystemSchema();

const connection = connect("authenticator", 8);
// Lite would grant every table of a schema with row-level security to everyone; here only the migrations grant.
connection.rlsState = "active";
const applyClaims = connection.applyJwtSessionContext.bind(connection);
connection.applyJwtSessionContext = async (transaction, context, setRole) => {
  const role = context.auth?.role ?? "anon";
  const jwt = context.auth?.jwt ?? { role };
  await applyClaims(transaction, { ...context, auth: { ...context.auth, role, jwt } }, setRole);
  // A real data API takes the role's own settings with the role, its time limit among them.
  await sql`select set_config('statement_timeout', ${settings.limits[role] ?? "8s"}, true)`.execute(transaction);
};

// Lite knows what some SQLSTATEs come back as, and calls all others an error of its own. PostgREST's table for those:
const known = /^(PT|PGRST$|21|22|42|23502|23503|23505|25006)/;
const failures = /^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX|53400)/;
const statusOf = (code) => {
  if (code === "P0001") return 400;
  if (/^(08|53(?!400)|57P01)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  return failures.test(code) ? 500 : 400;
};
connection.normalizeDbError = (error) => {
  const { code, message, detail = null, hint = null } = error;
  if (!/^[0-9A-Z]{5}$/.test(code) || known.test(code)) return error;
  return Object.assign(new Error(JSON.stringify({ code, message, details: detail, hint })), {
    code: "PGRST",
    detail: JSON.stringify({ status: statusOf(code), headers: {} }),
  });
};

const rest = new App({
  ...plain,
  connection,
  api: settings.api,
  auth: { ...settings.auth, enabled: false },
  options: {
    server: {
      middlewares: [
        async (context, next) => {
          // A real data API believes a token until it expires and asks nobody whether its session still lives.
          context.set("authService", { repo: { findUserById: async () => true, findSessionById: async () => true } });
          await next();
        },
      ],
    },
  },
});
await rest.init();

// A call's arguments as PostgREST reads them: JSON for a JSON parameter whatever it is, a string too.
const asWritten = async (request, name) => {
  const body = await request.text();
  const made = (content) => new Request(request.url, { method: "POST", headers: request.headers, body: content });
  try {
    const content = JSON.parse(body, exact);
    const schema = request.headers.get("content-profile") ?? settings.api.schemas[0];
    const { functions } = await connection.introspect({ useCache: true });
    const found = functions.find((one) => one.schema === schema && one.name === name);
    for (const [key, value] of Object.entries(content)) {
      const type = found.arg_types[found.arg_names.indexOf(key)];
      if (value !== null && /^jsonb?$/.test(type)) content[key] = JSON.stringify(value);
      else if (JSON.isRawJSON(value)) content[key] = value.rawJSON;
    }
    return made(JSON.stringify(content));
  } catch {
    return made(body); // for lite to refuse
  }
};

const fetch = async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/mail") return Response.json(mails);
  if (pathname === "/reload") return Response.json((await connection.clearSchemaCache()) ?? null);
  if (pathname.startsWith("/auth/")) return auth.fetch(request);
  const called = request.method === "POST" && pathname.match(/^\/rest\/v1\/rpc\/(\w+)$/);
  return rest.fetch(called ? await asWritten(request, called[1]) : request);
};
const server = serve({ hostname: "127.0.0.1", port: 0, fetch }, ({ port }) => {
  process.stdout.write(`${JSON.stringify({ ready: port })}\n`);
});
while (!(await input.next()).done);
server.close();
process.exit(0);
