// An OpenID Connect provider for tests: npm's oidc-provider, on loopback, with a few people and clients.
//
// node oidc_provider.mjs FOLDER   FOLDER is where oidc-provider is installed
//
// Says its port on standard output, and ends when standard input does. Whoever signs in gives a name and any password:
// `noemail…` has no address; `unverified…` has one that the provider did not prove; `as_NAME_…` claims the address of
// NAME without proof; anybody else has NAME@example.com, proven.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
// oidc-provider uses what Node.js before 22.1 may lack.
URL.parse ??= (...address) => (URL.canParse(...address) ? new URL(...address) : null);
const library = pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js'));
const { default: Provider } = await import(library);

const key = (alg, kind, options) => {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: alg };
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const client = (client_id, more) => ({
    client_id,
    client_secret: 'a secret: of the tests',
    redirect_uris: ['http://localhost/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    ...more,
  });
  const claims = (sub) => {
    if (sub.startsWith('noemail')) return { sub, name: sub };
    const [, claimed] = sub.match(/^as_([a-z]+)_/) ?? [];
    const email_verified = !claimed && !sub.startsWith('unverified');
    return { sub, name: `${sub} at the provider`, email: `${claimed ?? sub}@example.com`, email_verified };
  };
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      client('mist'),
      client('mist-es256', { id_token_signed_response_alg: 'ES256' }),
      client('mist-eddsa', { id_token_signed_response_alg: 'EdDSA' }),
      client('mist-public', { token_endpoint_auth_method: 'none', client_secret: undefined }),
    ],
    jwks: {
      keys: [
        key('RS256', 'rsa', { modulusLength: 2048 }),
        key('ES256', 'ec', { namedCurve: 'P-256' }),
        key('EdDSA', 'ed25519'),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    cookies: { keys: ['for tests'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => claims(sub) }),
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  });
  // Each test's store has a port of its own.
  provider.Client.prototype.redirectUriAllowed = (uri) =>
    /^http:\/\/localhost:\d+\/api\/v1\/auth\/oidc\/[a-z0-9_-]+\/callback$/.test(uri);
  server.on('request', provider.callback());
  console.log(port);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit());
