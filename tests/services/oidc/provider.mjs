// A real sign-in provider (node-oidc-provider, certified by the OpenID Foundation) for the tests: what it is told on its
// first line of standard input is its clients and accounts; it says its port, and ends when standard input does.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.argv[2]}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const lines = createInterface({ input: process.stdin });
const told = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

const server = createServer();
await new Promise((heard) => server.listen(0, "127.0.0.1", heard));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: told.clients,
  claims: { openid: ["sub", "amr"], email: ["email", "email_verified"] },
  ...(told.auth_methods && { clientAuthMethods: told.auth_methods }),
  conformIdTokenClaims: !told.email_in_token,
  cookies: { keys: ["of the tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/ask/${interaction.uid}` },
  jwks: { keys: [{ ...key, use: "sig", alg: "RS256" }] },
  pkce: { required: () => true },
  findAccount: (_ctx, id) =>
    told.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...told.accounts[id] }) },
  async loadExistingGrant(ctx) {
    const { Grant } = ctx.oidc.provider;
    const grant = new Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

const PAGE = `<!doctype html><title>Accounts</title><form method="post">
<label>Account <input name="login"></label><button>Go on</button></form>`;

const body = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
};

const callback = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/ask/")) return callback(request, response);
  try {
    if (request.method !== "POST") return response.setHeader("content-type", "text/html").end(PAGE);
    const given = await body(request);
    const login = { accountId: given.get("login"), amr: told.amr };
    const refused = { error: "access_denied", error_description: "No account was chosen." };
    await provider.interactionFinished(request, response, login.accountId ? { login } : refused, {
      mergeWithLastSubmission: false,
    });
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});

console.log(server.address().port);
lines.on("close", () => process.exit(0));
