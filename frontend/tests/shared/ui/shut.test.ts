/** The account's menu closes as a box that folds out does. */
import { expect, it } from 'vitest'
import AccountMenu from '@shared/ui/AccountMenu.vue'
import { page, speaking } from './mounted'
import { PAGE } from '@shared/ui/page'
import { mount } from '@vue/test-utils'

it('closes by Escape, which goes no further, and when people go on elsewhere', async () => {
  await speaking({ 'zh-CN': async () => ({ default: {} }), en: async () => ({ default: {} }) })
  const me = { name: '郑丽萍', email: 'county@example.org', faces: ['desk'] }
  const menu = mount(AccountMenu, { props: { me } as never, attachTo: document.body, global: { provide: { [PAGE as symbol]: page() } } })
  const box = menu.element as HTMLDetailsElement
  let heard = 0
  window.addEventListener('keydown', () => heard++)
  const press = () => box.querySelector('.sheet button')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  press()
  expect(heard).toBe(1)
  box.open = true
  press()
  expect([box.open, heard]).toEqual([false, 1])
  box.open = true
  box.querySelector('.sheet')?.dispatchEvent(new Event('pointerdown', { bubbles: true }))
  expect(box.open).toBe(true)
  document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
  expect(box.open).toBe(false)
  menu.unmount()
})
