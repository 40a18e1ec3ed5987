// node --import ./clock.mjs: the process's time of day, moved by POSTing the time (ms since 1970) to CLOCK_PORT. Timers go on as ever.
import http from 'node:http'

const RealDate = Date
let offset = 0
const now = () => RealDate.now() + offset

globalThis.Date = new Proxy(RealDate, {
  construct: (_, given, newTarget) => Reflect.construct(RealDate, given.length ? given : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (_, name) => (name === 'now' ? now : RealDate[name]),
})
RealDate.prototype.constructor = globalThis.Date

const move = async (request, response) => {
  let given = ''
  for await (const part of request) given += part
  offset = Number(given) - RealDate.now()
  response.end()
}
http.createServer(move).listen(Number(process.env.CLOCK_PORT), '127.0.0.1')
