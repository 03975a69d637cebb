"""How long everything is kept, in seconds.

    raw items                       48 hours
    processes                       48 hours, the last one of each pod 72 hours
    ledgers                         8 days; on the hour 190 days; at midnight UTC 400 days
    hourly books                    90 days (default of a parameter)
    daily books                     400 days (default of a parameter)
    status changes                  180 days
    rows of a ledger                181 days after they last grew
    retired routes and entries      401 days after they retired

DynamoDB deletes expired items by their attribute `expires_at`. Rollup prunes the rows of a ledger, and clean-up deletes
routes and entries.
"""

from slo.times import DAY_SECONDS, HOUR_SECONDS

RAW_KEPT_SECONDS = 48 * HOUR_SECONDS
"""A scope that is silent for longer starts over."""
PROCESSES_KEPT_SECONDS = 72 * HOUR_SECONDS
"""A process that was silent for longer than its last raw item is kept counts nothing, but is known to have lived."""
SLOTS_KEPT_SECONDS = 8 * DAY_SECONDS
HOURS_KEPT_SECONDS = 190 * DAY_SECONDS
DAYS_KEPT_SECONDS = 400 * DAY_SECONDS
HOURLY_KEPT_SECONDS = 90 * DAY_SECONDS
DAILY_KEPT_SECONDS = 400 * DAY_SECONDS
STATUSES_KEPT_SECONDS = 180 * DAY_SECONDS
PRUNE_SECONDS = 181 * DAY_SECONDS
"""Longer than the longest window and the one before it. A row that returns later is a new row."""
FORGET_SECONDS = 401 * DAY_SECONDS
"""Longer than anything that refers to a route or an entry is kept: daily books are kept for 400 days."""


def kept_seconds(at: int) -> int:
    """How long the ledger at this time is kept, in seconds."""
    if at % DAY_SECONDS == 0:
        return DAYS_KEPT_SECONDS
    return HOURS_KEPT_SECONDS if at % HOUR_SECONDS == 0 else SLOTS_KEPT_SECONDS
