"""What every function needs to run: settings from environment variables, logs and metrics.

This package imports Powertools, and no AWS SDK. The agent shares `settings`, so that module imports only the standard
library. Begin with `settings`.
"""
