// A Bluesky server (PDS) and its directory of identities (PLC) on loopback, until standard input ends or SIGTERM comes.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import plc from '@did-plc/server'
import { PDS, envToCfg, envToSecrets } from '@atproto/pds'

const { PDS_PORT, PLC_PORT, DATA, ADMIN_PASSWORD, LOOPBACK_NAMES } = process.env
const blobs = path.join(DATA, 'blobs')
mkdirSync(blobs, { recursive: true })

// Both servers would listen on every interface, and take no setting for it.
const listenOnLoopback = (app) => {
  app.listen = (port) => http.createServer(app).listen(port, '127.0.0.1')
}

const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: Number(PLC_PORT) })
listenOnLoopback(directory.app)
await directory.start()

const env = {
  devMode: true, // plain http
  hostname: 'localhost',
  port: Number(PDS_PORT),
  dataDirectory: DATA,
  blobstoreDiskLocation: blobs,
  didPlcUrl: `http://127.0.0.1:${PLC_PORT}`,
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  crawlers: [],
  disableSsrfProtection: Boolean(LOOPBACK_NAMES), // it may then read a client's metadata on this machine
  rateLimitsEnabled: true,
  adminPassword: ADMIN_PASSWORD,
  jwtSecret: randomBytes(16).toString('hex'),
  dpopSecret: randomBytes(32).toString('hex'),
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
}
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
listenOnLoopback(pds.app)
await pds.start()

let stopping = false
const stop = async () => {
  if (stopping) return
  stopping = true
  await Promise.allSettled([pds.destroy(), directory.destroy()])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop).resume() // whoever started us is gone
