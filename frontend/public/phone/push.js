/* The worker's ear for pushes: shows what came, and leads to the inbox. The rest of the worker is made by the build. */
self.addEventListener('push', event => {
  const said = event.data ? event.data.json() : {}
  if (!said.title) return
  event.waitUntil(
    self.registration.showNotification(said.title, { body: said.body, tag: said.id, icon: '/assets/icon-192.png', badge: '/assets/icon-192.png' }),
  )
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(open => {
      const phone = open.find(client => new URL(client.url).pathname.startsWith('/phone/'))
      return phone ? phone.navigate('/phone/inbox').then(client => client && client.focus()) : self.clients.openWindow('/phone/inbox')
    }),
  )
})
