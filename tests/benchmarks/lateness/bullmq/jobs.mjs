// Where a product would add its jobs. A line in, `{"add": [{"text": …, "due": <ms>}]}` or `{}`; a line out: the counts.
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { Queue } from 'bullmq'

const connection = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null })
const queue = new Queue('posts', { connection })

for await (const line of createInterface({ input: process.stdin })) {
  for (const { text, due } of JSON.parse(line).add ?? []) {
    await queue.add('publish', { text }, { delay: Math.max(0, due - Date.now()) })
  }
  console.log(JSON.stringify(await queue.getJobCounts()))
}
process.exit(0)
