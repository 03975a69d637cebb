"""`ingress-slo`, or `python -m ingress_slo`."""

from ingress_slo.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="ingress-slo")


if __name__ == "__main__":
    main()
