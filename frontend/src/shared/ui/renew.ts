/**
 * A part that is loaded late is not there: the server has been renewed since, and its parts have other names. The page
 * is loaded anew, once; not where the server cannot be reached, for then there would be no page at all.
 */
const KEY = 'citong.renewed'
const AGAIN_AFTER = 60_000

export async function renew(): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < AGAIN_AFTER) return
  const there = await fetch(location.pathname, { cache: 'no-store' }).catch(() => null)
  if (!there?.ok) return
  sessionStorage.setItem(KEY, String(Date.now()))
  location.reload()
}
