"""Figures for other programs: what the API answers, as rows, in CSV, JSON or OpenMetrics."""
