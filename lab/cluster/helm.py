"""A `helm` command for machines without Helm. Helm's own engine (helm-sdkpy) runs the documentation's commands.

    python -m lab.cluster.helm upgrade --install NAME CHART --namespace NAMESPACE [--reuse-values] [--values FILE]
                                       [--set A=B]
    python -m lab.cluster.helm uninstall NAME --namespace NAMESPACE

KUBECONFIG names the cluster. Helm cannot render a chart without a cluster, so `render` installs it into a temporary
stand-in Kubernetes API.
"""

import argparse
import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import helm_sdkpy
import yaml

from lab.cluster.api import StandInApi
from lab.cluster.objects import Object
from lab.cluster.writes import merged

type Values = dict[str, Any]


_ADVICE = 1
"""The severity of an advice of `helm lint`, such as to have an icon."""


class ChartError(Exception):
    """Helm refused the chart or its values. The message is Helm's."""


def upgrade(
    kubeconfig: str, name: str, chart: Path, namespace: str, values: Values, *, reuse_values: bool = False
) -> str:
    """Run `helm upgrade --install` and return the rendered manifest. Raises ChartError."""
    try:
        action = helm_sdkpy.Upgrade(helm_sdkpy.Configuration(namespace=namespace, kubeconfig=kubeconfig))
        done = asyncio.run(
            action.run(name, str(chart), values=values, install=True, wait=False, reuse_values=reuse_values)
        )
    except helm_sdkpy.HelmError as error:
        raise ChartError(str(error)) from error
    return str(done["manifest"])


def uninstall(kubeconfig: str, name: str, namespace: str) -> None:
    """Run `helm uninstall`. Raises ChartError."""
    try:
        action = helm_sdkpy.Uninstall(helm_sdkpy.Configuration(namespace=namespace, kubeconfig=kubeconfig))
        asyncio.run(action.run(name, wait=False))
    except helm_sdkpy.HelmError as error:
        raise ChartError(str(error)) from error


def render(chart: Path, values: Values) -> list[Object]:
    """The objects of a chart in the namespace `ingress-slo`, as `helm template` prints them. Raises ChartError."""
    with tempfile.TemporaryDirectory() as folder, StandInApi() as api:
        kubeconfig = api.write_kubeconfig(Path(folder) / "kubeconfig")
        manifest = upgrade(str(kubeconfig), "agent", chart, "ingress-slo", values)
    return [document for document in yaml.safe_load_all(manifest) if document]


def lint(chart: Path, values: Values) -> list[str]:
    """Files of which `helm lint` says more than advice, with these values in place of the chart's defaults."""
    with tempfile.TemporaryDirectory() as folder, StandInApi() as api:
        kubeconfig = str(api.write_kubeconfig(Path(folder) / "kubeconfig"))
        copied = shutil.copytree(chart, Path(folder) / yaml.safe_load((chart / "Chart.yaml").read_text())["name"])
        defaults = copied / "values.yaml"
        defaults.write_text(yaml.safe_dump(merged(yaml.safe_load(defaults.read_text()), values)))
        action = helm_sdkpy.Lint(helm_sdkpy.Configuration(namespace="ingress-slo", kubeconfig=kubeconfig))
        said = asyncio.run(action.run(str(copied)))["Messages"] or ()
    return [message["Path"] for message in said if message["Severity"] > _ADVICE]


def values_of(files: list[Path], settings: list[str], strings: list[str]) -> Values:
    """The merged values of `--values`, `--set` and `--set-string`; the latter win. Keys are dotted paths."""
    values: Values = {}
    for file in files:
        values |= yaml.safe_load(file.read_text()) or {}
    for setting in settings:
        _set(values, *_split(setting), is_string=False)
    for setting in strings:
        _set(values, *_split(setting), is_string=True)
    return values


def _split(setting: str) -> tuple[str, str]:
    name, separator, value = setting.partition("=")
    if not separator:
        raise ChartError(f"--set needs NAME=VALUE, not {setting!r}")
    return name, value


def _set(values: Values, path: str, value: str, *, is_string: bool) -> None:
    *parents, last = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", path)]
    for parent in parents:
        values = values.setdefault(parent, {})
    values[last] = value if is_string else yaml.safe_load(value)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="helm")
    commands = parser.add_subparsers(dest="command", required=True)
    upgrading = commands.add_parser("upgrade")
    upgrading.add_argument("--install", action="store_true", required=True)
    upgrading.add_argument("--reuse-values", action="store_true")
    upgrading.add_argument("--values", "-f", type=Path, action="append", default=[])
    upgrading.add_argument("--set", action="append", default=[])
    upgrading.add_argument("--set-string", action="append", default=[])
    uninstalling = commands.add_parser("uninstall")
    for command in (upgrading, uninstalling):
        command.add_argument("name")
        command.add_argument("--namespace", "-n", default="default")
    upgrading.add_argument("chart", type=Path)
    options = parser.parse_args()
    kubeconfig = os.environ["KUBECONFIG"]
    try:
        if options.command == "uninstall":
            uninstall(kubeconfig, options.name, options.namespace)
            return
        values = values_of(options.values, options.set, options.set_string)
        upgrade(kubeconfig, options.name, options.chart, options.namespace, values, reuse_values=options.reuse_values)
    except ChartError as error:
        raise SystemExit(f"Error: {error}") from error


if __name__ == "__main__":
    main()
