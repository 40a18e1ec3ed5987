// A certified OpenID provider on loopback, as strict as RFC 9700 asks, until standard input ends or SIGTERM comes:
// PKCE for every client, refresh tokens that are good once (used again, the whole grant ends), `iss` in its answers.
// What is under /-/ is for tests: no browser is needed to sign in, and the server says what it was asked.
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import Provider from 'oidc-provider'

const { PORT, CLIENTS, ACCESS_SECONDS } = process.env
const issuer = `http://127.0.0.1:${PORT}`
const seen = { token: [], revoked: [] }
let slowness = 0

const provider = new Provider(issuer, {
  clients: JSON.parse(CLIENTS),
  scopes: ['openid', 'read', 'write', 'stats'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
  },
  interactions: { url: (ctx, interaction) => `/-/consent/${interaction.uid}` },
  ttl: {
    AccessToken: Number(ACCESS_SECONDS),
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 60,
    Interaction: 600,
    RefreshToken: 3600,
    Session: 3600,
  },
  clientDefaults: { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
  cookies: { keys: ['of-a-test'] },
})

provider.on('grant.revoked', (ctx, grantId) => seen.revoked.push(grantId))
provider.use(async (ctx, next) => {
  await next()
  if (ctx.oidc?.route !== 'token') return
  const { grant_type: type, client_id: client } = ctx.oidc.params
  seen.token.push({ type, client: ctx.oidc.client?.clientId ?? client, status: ctx.status, error: ctx.body?.error })
})

// Whoever comes is the account named in the cookie `account`, and allows all but the scopes in `withhold`.
const consent = async (req, res) => {
  const { params } = await provider.interactionDetails(req, res)
  const cookies = new Map((req.headers.cookie ?? '').split('; ').map((pair) => pair.split('=', 2)))
  if (cookies.get('decision') === 'deny') {
    return provider.interactionFinished(req, res, { error: 'access_denied' })
  }
  const accountId = cookies.get('account') ?? 'ada'
  const withheld = (cookies.get('withhold') ?? '').split('+')
  const asked = params.scope.split(' ')
  const grant = new provider.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(asked.filter((scope) => !withheld.includes(scope)).join(' '))
  grant.rejectOIDCScope(withheld.join(' '))
  const result = { login: { accountId }, consent: { grantId: await grant.save() } }
  await provider.interactionFinished(req, res, result)
}

const lives = async (model, value) => {
  const token = await model.find(value)
  return Boolean(token && !token.consumed && (await provider.Grant.find(token.grantId)))
}

const answerTests = async (req, res, url) => {
  if (url.pathname.startsWith('/-/consent/')) return consent(req, res)
  const query = url.searchParams
  const answers = {
    '/-/seen': async () => seen,
    '/-/slow': async () => ({ slowness: (slowness = Number(query.get('ms'))) }),
    '/-/lives': async () => ({
      access: await lives(provider.AccessToken, query.get('access')),
      refresh: await lives(provider.RefreshToken, query.get('refresh')),
    }),
  }
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(await answers[url.pathname]()))
}

const answer = provider.callback()
const server = http.createServer(async (req, res) => {
  const url = new URL(req.url, issuer)
  if (url.pathname.startsWith('/-/')) return answerTests(req, res, url)
  if (req.method === 'POST') await sleep(slowness)
  return answer(req, res)
})
server.listen(Number(PORT), '127.0.0.1')

const stop = () => {
  server.closeAllConnections()
  server.close(() => process.exit(0))
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop).resume() // whoever started us is gone
