"""The use cases of operators, with the stores of a deployed stack."""

import time
from collections.abc import Callable
from typing import Literal

from ingress_slo.stack import Stack
from slo.app.clean_up import CleanUp
from slo.app.import_history import ImportHistory
from slo.app.roll_up_again import RollUpAgain
from slo.app.rollup import RollUp
from slo.app.status_history import StatusKeeper
from slo.rollup import DAY_SECONDS
from slo.store.books import BookItem, BookStore
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.ledgers import LedgerItem, LedgerStore
from slo.store.raw import RawItem, RawStore
from slo.store.route_map import RouteMap, RouteMapItem
from slo.store.status_history import StatusItem, StatusStore
from slo.store.targets import TargetItem, TargetStore


def targets_of(stack: Stack) -> TargetStore:
    """The targets."""
    return TargetStore(stack.bind(TargetItem, "TargetsTable"))


def books_of(stack: Stack, period: Literal["Hourly", "Daily"]) -> BookStore:
    """The books of hours or days, kept for as long as the stack was deployed to keep them."""
    kept_days = int(stack.parameter(f"{period}RetentionDays"))
    return BookStore(stack.bind(BookItem, f"{period}Table"), kept_days * DAY_SECONDS)


def importer_of(stack: Stack) -> ImportHistory:
    """What imports history."""
    return ImportHistory(
        clusters=ClusterStore(stack.bind(ClusterItem, "ClustersTable")),
        catalogues=CatalogueStore(stack.bind(CatalogueItem, "CatalogueTable")),
        route_map=RouteMap(stack.bind(RouteMapItem, "RouteMapTable")),
        raw=RawStore(stack.bind(RawItem, "RawTable")),
        ledgers=LedgerStore(stack.bind(LedgerItem, "LedgerTable")),
        hourly=books_of(stack, "Hourly"),
        daily=books_of(stack, "Daily"),
        slot_seconds=int(stack.parameter("SlotSeconds")),
        cutoff_delay_seconds=int(stack.parameter("CutoffDelaySeconds")),
        clock=time.time,
    )


def clean_up_of(stack: Stack) -> CleanUp:
    """What the scheduled job does."""
    return CleanUp(
        clusters=ClusterStore(stack.bind(ClusterItem, "ClustersTable")),
        catalogues=CatalogueStore(stack.bind(CatalogueItem, "CatalogueTable")),
        route_map=RouteMap(stack.bind(RouteMapItem, "RouteMapTable")),
        ledgers=LedgerStore(stack.bind(LedgerItem, "LedgerTable")),
        clock=time.time,
    )


def again_of(stack: Stack) -> RollUpAgain:
    """What books a span of time again."""
    return RollUpAgain(
        worker=lambda clock: rollup_of(stack, clock),
        clusters=ClusterStore(stack.bind(ClusterItem, "ClustersTable")),
        catalogues=CatalogueStore(stack.bind(CatalogueItem, "CatalogueTable")),
        raw=RawStore(stack.bind(RawItem, "RawTable")),
        ledgers=LedgerStore(stack.bind(LedgerItem, "LedgerTable")),
        hourly=books_of(stack, "Hourly"),
        daily=books_of(stack, "Daily"),
        slot_seconds=int(stack.parameter("SlotSeconds")),
        cutoff_delay_seconds=int(stack.parameter("CutoffDelaySeconds")),
        clock=time.time,
    )


def rollup_of(stack: Stack, clock: Callable[[], float]) -> RollUp:
    """Rollup itself, at a time of one's own."""
    clusters = stack.bind(ClusterItem, "ClustersTable")
    ledgers = LedgerStore(stack.bind(LedgerItem, "LedgerTable"))
    slot_seconds = int(stack.parameter("SlotSeconds"))
    return RollUp(
        clusters=ClusterStore(clusters),
        catalogues=CatalogueStore(stack.bind(CatalogueItem, "CatalogueTable")),
        raw=RawStore(stack.bind(RawItem, "RawTable")),
        ledgers=ledgers,
        hourly=books_of(stack, "Hourly"),
        daily=books_of(stack, "Daily"),
        statuses=StatusKeeper(
            statuses=StatusStore(stack.bind(StatusItem, "StatusHistoryTable"), clusters),
            ledgers=ledgers,
            targets=targets_of(stack),
            slot_seconds=slot_seconds,
        ),
        slot_seconds=slot_seconds,
        cutoff_delay_seconds=int(stack.parameter("CutoffDelaySeconds")),
        clock=clock,
    )
