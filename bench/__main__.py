"""`python -m bench`: run everything, print the tables, and write docs/benchmarks.md and what is made of it."""

from pathlib import Path

from bench import cost, counts, scale
from bench.page import render
from bench.run import run

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Takes some minutes on two cores."""
    found = run()
    counts.save(found.counts)
    page = render(found)
    PAGE.write_text(page)
    print(page)
    cost.main()
    scale.main()


if __name__ == "__main__":
    main()
