/** A real socket server with a small journal, for tests of the line: it speaks version 1 and can be told to misbehave. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

type Message = Record<string, unknown>

export class Journal {
  epoch = 'e1'
  logs = new Map<string, Message[]>()
  heard: Message[] = []
  /** Entries that go into the log but are never pushed. */
  mute = false
  /** A hello is heard, and answered only by `greet`. */
  silent = false
  hellos = 0
  #owed: (() => void)[] = []
  #server: WebSocketServer
  #sockets = new Map<WebSocket, Set<string>>()
  readonly port: number

  private constructor(server: WebSocketServer) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => {
      this.#sockets.set(socket, new Set())
      socket.on('message', data => this.#hear(socket, JSON.parse(String(data)) as Message))
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async open(port = 0): Promise<Journal> {
    const server = new WebSocketServer({ host: '127.0.0.1', port })
    await once(server, 'listening')
    return new Journal(server)
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`
  }

  log(topic: string): Message[] {
    const log = this.logs.get(topic) ?? []
    this.logs.set(topic, log)
    return log
  }

  /** Appends an entry; pushes it to who follows, in `order` copies (a repeat is a duplicate). */
  write(topic: string, id: string, copies = 1): number {
    const log = this.log(topic)
    const entry = { k: 'ev', t: topic, s: log.length + 1, e: 'offer.accepted', id, ver: 1, d: { n: log.length + 1 } }
    log.push(entry)
    if (!this.mute) for (let copy = 0; copy < copies; copy++) this.push(topic, entry)
    return entry.s
  }

  push(topic: string | null, frame: Message): void {
    for (const [socket, topics] of this.#sockets) {
      if (topic === null || topics.has(topic)) socket.send(JSON.stringify(frame))
    }
  }

  greet(): void {
    for (const answer of this.#owed.splice(0)) answer()
  }

  ping(): void {
    this.push(null, { k: 'ping', h: Object.fromEntries([...this.logs].map(([topic, log]) => [topic, log.length])) })
  }

  cut(code = 1012): void {
    for (const socket of this.#sockets.keys()) socket.close(code)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.terminate()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #hear(socket: WebSocket, message: Message): void {
    this.heard.push(message)
    const say = (frame: Message) => socket.send(JSON.stringify(frame))
    if (message.k === 'hello') {
      this.hellos += 1
      this.#owed.push(() => {
        say({ k: 'hello', v: 1, epoch: this.epoch, conn: 'c', ping: 25, now: new Date().toISOString() })
        const { epoch, ...since } = message.since as Record<string, string | number>
        for (const [topic, seq] of Object.entries(since)) this.#serve(socket, topic, epoch === this.epoch ? Number(seq) : -1)
      })
      if (!this.silent) this.greet()
    }
    if (message.k === 'sub') {
      const topic = String(message.t)
      if (topic.startsWith('forbidden')) return say({ k: 'err', r: message.r, code: 404 })
      say({ k: 'ok', r: message.r })
      this.#serve(socket, topic, Number(message.s))
    }
    if (message.k === 'unsub') this.#sockets.get(socket)?.delete(String(message.t))
  }

  #serve(socket: WebSocket, topic: string, from: number): void {
    const log = this.log(topic)
    if (from < 0 || from > log.length) {
      return socket.send(JSON.stringify({ k: 'reset', t: topic, why: from < 0 ? 'epoch' : 'ahead' }))
    }
    this.#sockets.get(socket)?.add(topic)
    for (let at = from; at < log.length; at += 200) {
      const rows = log.slice(at, at + 200).map(({ s, e, id, d }) => ({ s, e, id, d }))
      socket.send(JSON.stringify({ k: 'evs', t: topic, a: rows }))
    }
    socket.send(JSON.stringify({ k: 'live', t: topic, s: log.length }))
  }
}
