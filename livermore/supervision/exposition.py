"""What Prometheus is answered: the tree, what this process counts, and what the processes of actors do."""

from collections.abc import Callable, Iterable

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.samples import Sample

from livermore.supervision.metrics import TreeMetrics

Source = Callable[[], Iterable[Metric]]


class Exposition:
    """``sources``: families of Prometheus's library; those of one name become one family."""

    def __init__(self, tree: TreeMetrics, *sources: Source) -> None:
        self._tree, self._sources = tree, sources

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return self._tree.text().encode() + generate_latest(self)

    def collect(self) -> Iterable[Metric]:
        """All families of all sources."""
        merged: dict[str, Metric] = {}
        for source in self._sources:
            for family in source():
                held = merged.get(family.name)
                if held is None:
                    merged[family.name] = held = Metric(family.name, family.documentation, family.type, family.unit)
                _add(held, family.samples)
        return merged.values()


def _add(family: Metric, samples: Iterable[Sample]) -> None:
    """Counts of one series are summed; of anything else the newest holds."""
    places = {(one.name, *sorted(one.labels.items())): i for i, one in enumerate(family.samples)}
    for sample in samples:
        place = places.get((sample.name, *sorted(sample.labels.items())))
        if place is None:
            family.samples.append(sample)
            continue
        sums = family.type in {"counter", "histogram"} and not sample.name.endswith("_created")
        value = sample.value + (family.samples[place].value if sums else 0)
        family.samples[place] = sample._replace(value=value)
