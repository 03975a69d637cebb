"""`python -m ingress_slo`."""

from ingress_slo.app import app

if __name__ == "__main__":
    app(prog_name="ingress-slo")
