"""What a critical eye sees on a page: words of the wrong language, keys instead of words, things without a name."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page, expect

# Everything that is shown or read out, with the language that it says it is in.
LOOK = r"""() => {
  const seen = element => element.checkVisibility({ visibilityProperty: true })
  const all = selector => [...document.querySelectorAll(selector)].filter(seen)
  const spoken = element => [...element.childNodes].map(node => {
    if (node.nodeType === Node.TEXT_NODE) return node.data
    return node.nodeType === Node.ELEMENT_NODE && node.getAttribute('aria-hidden') !== 'true' ? spoken(node) : ''
  }).join('')
  const labelled = element => (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean)
    .map(id => document.getElementById(id)?.textContent ?? '').join(' ')
  const nameOf = element => [
    element.getAttribute('aria-label'), labelled(element), ...[...(element.labels ?? [])].map(one => one.textContent),
    element.matches('input, select, textarea') ? '' : spoken(element), element.title,
  ].find(name => name?.trim())

  const texts = []
  const say = (element, text) => text?.trim() && texts.push([element.closest('[lang]').lang, text.trim()])
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!element.closest('script, style, noscript, template') && seen(element)) say(element, walker.currentNode.data)
  }
  const told = ['aria-label', 'title', 'placeholder', 'alt']
  for (const element of all(told.map(name => `[${name}]`).join())) {
    for (const name of told) say(element, element.getAttribute(name))
  }
  const acting = 'button, a[href], input:not([type=hidden]), select, textarea, summary'
  const roles = ['button', 'tab', 'switch', 'dialog', 'img'].map(role => `[role=${role}]`).join()
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id)
  return {
    language: document.documentElement.lang,
    texts,
    nameless: all(`${acting}, ${roles}, img`).filter(one => !nameOf(one) && one.alt !== '')
      .map(one => one.outerHTML.slice(0, 200)),
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    beyond: Math.max(0, document.scrollingElement.scrollWidth - window.innerWidth),
  }
}"""


@dataclass(frozen=True)
class Seen:
    """``nameless``: what can be acted on and has no name; ``twice``: ids given twice; ``beyond``: pixels by which the
    page is wider than the screen."""

    language: str
    texts: list[tuple[str, str]]
    nameless: list[str]
    twice: list[str]
    beyond: int


async def look(page: Page) -> Seen:
    """Once nothing is being loaded any more."""
    await page.wait_for_load_state("networkidle")
    await expect(page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)
    found: dict[str, Any] = await page.evaluate(LOOK)
    return Seen(**(found | {"texts": [(language, text) for language, text in found["texts"]]}))
