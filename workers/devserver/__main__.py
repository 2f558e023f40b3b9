"""`python -m workers.devserver ensure`: gets Temporal's command-line program ready and prints where it is."""

import sys

from workers.devserver.finding import TemporalCliMissing, temporal_cli
from workers.devserver.progress import ProgressLine


def main(words: list[str]) -> int:
    """The exit code: 0 when the program is ready, 1 when it is not to be had, 2 for a wrong call."""
    if words != ["ensure"]:
        print("usage: python -m workers.devserver ensure", file=sys.stderr)
        return 2
    progress = ProgressLine()
    try:
        cli = temporal_cli(progress)
    except TemporalCliMissing as missing:
        progress.done()
        print(missing, file=sys.stderr)
        return 1
    progress.done()
    print(f"Temporal: {cli}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
