/** Names of the languages that a need asks for; read once, when the first need asks. */
import { computed, shallowRef } from 'vue'
import { Problem, Unreachable } from '@shared/api/problem'
import { useWords } from '@shared/ui/words'
import { skills } from './reads'

type Catalogue = Awaited<ReturnType<typeof skills>>['items']

const known = shallowRef<Catalogue>([])
let reading: Promise<void> | null = null

async function read(): Promise<void> {
  try {
    known.value = (await skills()).items.filter(row => row.kind === 'language')
  } catch (error) {
    reading = null // the next sheet asks again; until then a language is named by its code
    if (!(error instanceof Problem || error instanceof Unreachable)) throw error
  }
}

export function useLanguages() {
  const { locale } = useWords()
  const names = computed(() => new Map(known.value.map(row => [row.code, locale.value === 'en' ? row.name_en : row.name])))
  return (code: string) => {
    reading ??= read()
    return names.value.get(code) ?? code
  }
}
