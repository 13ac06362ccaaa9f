import 'fake-indexeddb/auto'
import { createApp, nextTick, reactive, shallowRef, type App } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Place } from '../../src/desk/places'
import { emptyForm, emptyNeed, type Form } from '../../src/desk/posting'
import { useUnsent } from '../../src/desk/unsent'

const HALL: Place = { id: 'v', name: 'Hall', region: { code: '3505', name: 'Quanzhou' } } as Place
let app: App | undefined

async function page(owner: string) {
  const form: Form = reactive(emptyForm('u'))
  const place = shallowRef<Place | null>(null)
  let unsent!: ReturnType<typeof useUnsent>
  app = createApp({
    setup() {
      unsent = useUnsent(owner, form, place, () => emptyForm('u'))
      return () => null
    },
  })
  app.mount(document.createElement('div'))
  await new Promise(resolve => setTimeout(resolve, 50)) // what is kept is read
  return { form, place, unsent }
}

function leave(): void {
  app?.unmount()
  app = undefined
}

afterEach(leave)

describe('a posting that was begun', () => {
  it('is there again, with its place, for whoever wrote it', async () => {
    const first = await page('a')
    expect(first.unsent.resumed.value).toBe(false)
    Object.assign(first.form, { title: '南音进校园', venue: 'v' })
    first.form.needs.push({ ...emptyNeed(), role: '助教' })
    first.place.value = HALL
    await nextTick()
    leave()
    const again = await page('a')
    expect(again.unsent.resumed.value).toBe(true)
    expect(again.form.title).toBe('南音进校园')
    expect(again.place.value).toEqual(HALL)
    expect(again.form.needs.map(need => need.role)).toEqual(['', '助教'])
    expect(new Set([...again.form.needs, emptyNeed()].map(need => need.key)).size).toBe(3)
    leave()
    const other = await page('b')
    expect(other.unsent.resumed.value).toBe(false)
    expect(other.form.title).toBe('')
  })

  it('is kept while it is being written, before anybody leaves', async () => {
    const first = await page('c')
    first.form.title = 'Open day'
    await vi.waitFor(async () => {
      const { keptView } = await import('@shared/state/kept')
      expect((await keptView<{ form: Form }>('c', 'posting').read())?.view.form.title).toBe('Open day')
    }, 2000)
  })

  it('is gone once it is sent, and when it is begun anew', async () => {
    for (const end of ['done', 'discard'] as const) {
      const first = await page(end)
      first.form.title = 'Open day'
      await nextTick()
      first.unsent[end]()
      if (end === 'discard') expect(first.form.title).toBe('')
      await nextTick()
      leave()
      expect((await page(end)).unsent.resumed.value).toBe(false)
      leave()
    }
  })

  it('does not overwrite what was typed while it was read', async () => {
    const first = await page('d')
    first.form.title = 'before'
    await nextTick()
    leave()
    const form: Form = reactive(emptyForm('u'))
    let unsent!: ReturnType<typeof useUnsent>
    app = createApp({ setup: () => ((unsent = useUnsent('d', form, shallowRef(null), () => emptyForm('u'))), () => null) })
    app.mount(document.createElement('div'))
    form.title = 'now'
    await new Promise(resolve => setTimeout(resolve, 50))
    expect([form.title, unsent.resumed.value]).toEqual(['now', false])
  })
})
