"""The composition root: everything the program is made of is put together here, and nowhere else.

``build`` makes the application, ``serve`` runs it on a port, ``work`` runs a worker of the queue alone, ``openapi``
describes the interface.
"""

from dispatch.app.build import build, openapi
from dispatch.app.serve import serve, work

__all__ = ["build", "openapi", "serve", "work"]
