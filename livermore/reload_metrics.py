"""How reloads of the tree's file went, as Prometheus metrics."""

from collections.abc import Iterable
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from livermore.reloader import Reloader, Result


def reload_metrics(reloader: Reloader) -> Iterable[Metric]:
    """All families."""
    good = GaugeMetricFamily("livermore_config_last_reload_successful", "Whether the tree is what the file says")
    good.add_metric([], float(reloader.last.good))
    when = GaugeMetricFamily("livermore_config_last_reload_success_timestamp_seconds", "When it last became so")
    when.add_metric([], reloader.last_good / 1000)
    count = CounterMetricFamily("livermore_config_reloads", "Times that the file was read again", labels=["result"])
    for result in get_args(Result):
        count.add_metric([result], reloader.counts[result])
    return good, when, count
