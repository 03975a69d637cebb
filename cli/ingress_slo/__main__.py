"""`ingress-slo`, or `python -m ingress_slo`."""

from ingress_slo.app import app


def main() -> None:
    """The console script."""
    app(prog_name="ingress-slo")


if __name__ == "__main__":
    main()
