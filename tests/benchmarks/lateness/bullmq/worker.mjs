// The worker of the classic design: a delayed job comes due, its post is sent. Until standard input ends.
import { Redis } from 'ioredis'
import { Worker } from 'bullmq'

const { API, TOKEN, REDIS_PORT, CONCURRENCY } = process.env
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }

const publish = async ({ data }) => {
  const body = JSON.stringify({ text: data.text, protection: 'none' })
  const answer = await fetch(`${API}/posts`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`)
  return (await answer.json()).id
}

const connection = new Redis({ host: '127.0.0.1', port: Number(REDIS_PORT), maxRetriesPerRequest: null })
const worker = new Worker('posts', publish, { connection, concurrency: Number(CONCURRENCY) })
worker.on('error', (error) => console.error(error.message))
worker.on('failed', (job, error) => console.error(job?.id, error.message))
await worker.waitUntilReady()
console.log('ready')
process.stdin.on('end', () => process.exit(0)).resume()
