/** Large type: one switch for people who need it, remembered on the device. */
import { shallowRef } from 'vue'

const KEY = 'citong.large'
export const large = shallowRef(localStorage.getItem(KEY) === 'yes')
show()

export function chooseLarge(on: boolean): void {
  large.value = on
  localStorage.setItem(KEY, on ? 'yes' : 'no')
  show()
}

function show(): void {
  document.documentElement.classList.toggle('large', large.value)
}
