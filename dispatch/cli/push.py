"""``citong push-key``: the key that Web Push is turned on with."""

from dispatch.cli import screen
from volunteer.errors import Fault, Invalid


@screen.plainly
def command() -> None:
    """Print a fresh key for the setting push_key. Browsers that were allowed under another key must be allowed anew."""
    try:
        from volunteer.push import fresh_key
    except ModuleNotFoundError as error:
        said = "Web Push is an extra; first: pip install citong[push]"
        raise Invalid([Fault("push_key", "网页推送需另装：pip install citong[push]", said)]) from error
    screen.words(fresh_key())
