/** A real server for the desk's screens: a handful of events, and a line that tells what the test says. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { EventSheet, EventsView } from '@shared/wire'
import { events, sheet } from '../shared/state/rows'

export interface Asked {
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  key: string | undefined
  language: string
}

type Answer = [status: number, body: unknown]

const ME = {
  id: 'me', name: '郑丽萍', email: 'county@example.org', language: 'zh', region: { code: '350502', name: '鲤城区' },
  roles: [{ role: 'coordinator', region: { code: '350502', name: '鲤城区' }, unit: null }], faces: ['phone', 'desk', 'board'],
  topics: ['region:350502'], county: '350502',
}

export class DeskServer {
  asked: Asked[] = []
  list: EventsView = events('e1', 'e2', 'e3')
  sheet: EventSheet = { ...sheet(), state: 'published', risk_notice: '注意防暑' }
  /** Answers that a test puts in the place of the usual ones, by method and path. */
  instead = new Map<string, Answer>()
  /** Answers wait for this. */
  before: (asked: Asked) => Promise<void> = async () => {}
  heads: Record<string, number> = { 'region:350502': 7, 'event:e1': 3 }
  #sockets = new Set<WebSocket>()
  #server = createServer((request, response) => void this.#serve(request, response))

  static async open(): Promise<DeskServer> {
    const server = new DeskServer()
    const line = new WebSocketServer({ server: server.#server })
    line.on('connection', socket => server.#greet(socket))
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Tells everybody who follows: one more entry of the topic. */
  tell(topic: string, kind: string, data: object): void {
    const seq = (this.heads[topic] = (this.heads[topic] ?? 0) + 1)
    for (const socket of this.#sockets) socket.send(JSON.stringify({ k: 'ev', t: topic, s: seq, e: kind, id: 'x', d: data }))
  }

  get followers(): number {
    return this.#sockets.size
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  #greet(socket: WebSocket): void {
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('message', data => {
      const said = JSON.parse(String(data)) as { k: string; t?: string; r?: number; since?: Record<string, unknown> }
      const say = (frame: object) => socket.send(JSON.stringify(frame))
      const live = (topic: string) => say({ k: 'live', t: topic, s: this.heads[topic] ?? 0 })
      if (said.k === 'hello') {
        this.#sockets.add(socket)
        say({ k: 'hello', epoch: 'e1', ping: 25 })
        for (const topic of Object.keys(said.since ?? {})) if (topic !== 'epoch') live(topic)
      }
      if (said.k === 'sub' && said.t) {
        say({ k: 'ok', r: said.r })
        live(said.t)
      }
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const key = request.headers['idempotency-key']
    const asked = { method: request.method ?? '', path: url.pathname, query: Object.fromEntries(url.searchParams), body: text ? JSON.parse(text) : null, key: String(key ?? '') || undefined, language: request.headers['accept-language'] ?? '' }
    this.asked.push(asked)
    await this.before(asked)
    const [status, body] = this.instead.get(`${asked.method} ${asked.path}`) ?? this.#answer(asked)
    response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body))
  }

  #answer({ method, path, query }: Asked): Answer {
    if (path === '/api/me') return [200, ME]
    if (path === '/api/regions') return [200, { items: [] }]
    if (path === '/api/skills') return [200, { items: [] }]
    if (path === '/api/events') return [200, query.q ? { ...this.list, items: [], total: 0 } : { ...this.list, live: this.#live('region:350502') }]
    if (path === '/api/events/e1/cancel') return [200, { ...this.sheet, state: 'cancelled', version: 9, live: this.#live('event:e1') }]
    if (path === '/api/events/e1') return [200, { ...this.sheet, live: this.#live('event:e1') }]
    return [404, { code: 'missing', title: '没有找到', status: 404, detail: `${method} ${path}` }]
  }

  #live(topic: string) {
    return { epoch: 'e1', topics: { [topic]: this.heads[topic] ?? 0 } }
  }
}
