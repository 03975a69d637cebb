"""`python -m bench`: run every benchmark, print the tables, and write docs/benchmarks.md and docs/cost.md."""

from bench import cost_page, counts
from bench.page import render
from bench.run import run
from lab.paths import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    """Run it. Takes some minutes on two cores."""
    found = run()
    counts.save(found.counts)
    page = render(found)
    PAGE.write_text(page)
    print(page)
    cost_page.main()


if __name__ == "__main__":
    main()
