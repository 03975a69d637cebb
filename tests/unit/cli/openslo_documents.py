"""An SLO as people write it by hand, and others like it."""

SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: monthly
spec:
  service: shop
  indicator:
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: ingress-slo
            spec: {domain: shop.example.com, measure: availability}
        total:
          metricSource:
            type: ingress-slo
            spec: {domain: shop.example.com, measure: requests}
  timeWindow:
  - duration: 1M
    calendar: {startTime: 2024-01-01 00:00:00, timeZone: Europe/Berlin}
  budgetingMethod: Occurrences
  objectives:
  - targetPercent: 99.9
"""
WINDOW = SLO[SLO.index("  - duration") : SLO.index("  budgetingMethod")]
MEASURE = "measure: availability}"


def annotated(annotations: str, text: str = SLO) -> str:
    return text.replace("  name: monthly\n", f"  name: monthly\n  annotations: {{{annotations}}}\n")


def latency_slo(name: str = "latency", annotations: str = "ingress-slo.io/objective: monthly") -> str:
    measured = SLO.replace(MEASURE, "measure: latency, threshold_ms: 300}")
    return annotated(annotations, measured).replace("name: monthly", f"name: {name}")
