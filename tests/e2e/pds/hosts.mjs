// node --import ./hosts.mjs: the names in LOOPBACK_NAMES lead to this machine, without an entry in /etc/hosts.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const names = new Set((process.env.LOOPBACK_NAMES ?? '').split(','))
const lookup = dns.lookup
const loopback = { address: '127.0.0.1', family: 4 }

dns.lookup = (host, given, callback = given) => {
  if (!names.has(host)) return lookup.call(dns, host, given, callback)
  process.nextTick(() => (given.all ? callback(null, [loopback]) : callback(null, loopback.address, loopback.family)))
}
syncBuiltinESMExports()
