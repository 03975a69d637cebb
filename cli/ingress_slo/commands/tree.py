"""`ingress-slo tree`."""

import time
from typing import Annotated

import typer
from rich.live import Live

from ingress_slo import options
from ingress_slo.drawing import draw
from ingress_slo.output import console, show_json
from ingress_slo.words import Language, words_for


def tree(
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    time_range: Annotated[str, typer.Option(help="1d, 7d or 30d.")] = "1d",
    lang: Annotated[Language | None, typer.Option(help="Language; by default that of the locale.")] = None,
    watch: Annotated[float, typer.Option(help="Refresh interval in seconds, until Ctrl-C; 0 prints once.")] = 0,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show every domain as a tree of its paths."""
    api, words = options.api(url, token, stack, region), words_for(lang)
    cluster = options.one_cluster(api, cluster)
    terminal = console()
    if watch and terminal.is_terminal and not as_json:
        with Live(console=terminal, auto_refresh=False) as live:
            while True:
                live.update(draw(api.domains(cluster, time_range), words), refresh=True)
                time.sleep(watch)
    while True:
        answer = api.domains(cluster, time_range)
        if as_json:
            show_json(answer)
        else:
            terminal.print(draw(answer, words))
        if not watch:
            return
        terminal.file.flush()
        time.sleep(watch)
