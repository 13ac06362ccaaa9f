"""``python -m dispatch`` and the console script ``citong``."""

from dispatch.cli.commands import app


def main() -> None:
    app()


if __name__ == "__main__":
    main()
