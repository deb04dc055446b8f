"""``python -m metapool``, and the command ``metapool``."""

import sys


def main() -> None:
    """Run the command line, or say what it needs."""
    try:
        from metapool._cli import app
    except ModuleNotFoundError as error:
        print(f'metapool: {error}; pip install "metapool[all]"', file=sys.stderr)
        sys.exit(2)
    app()


if __name__ == "__main__":
    main()
