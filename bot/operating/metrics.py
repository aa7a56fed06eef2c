"""What Emberline measures of itself, in Prometheus' words; no label names a person or a chat."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

# A cached answer takes milliseconds, a first one seconds: from what nobody notices to what all do.
_BUCKETS = (0.02, 0.05, 0.1, 0.3, 0.6, 1.0, 1.5, 3.0, 6.0, 12.0, 30.0)

# Figures that are read when somebody asks: by name, with help, a label, and what reads them.
Reading = tuple[str, str, str, Callable[[], Mapping[str, float]]]


class Metrics:
    """All figures of one running bot; each bot has its own, so that tests may have several."""

    def __init__(self, commands: Iterable[str]) -> None:
        """`commands` are those that are counted by name; all others are counted together."""
        self._kept = kept = CollectorRegistry()
        ProcessCollector(registry=kept)
        PlatformCollector(registry=kept)
        self._commands = frozenset(commands)
        self._answers = Counter(
            "emberline_answers", "Answers, by command and kind.", ("command", "kind"), registry=kept
        )
        about, by = "How long an answer was worked on.", ("command",)
        self._seconds = Histogram(
            "emberline_answer_seconds", about, by, buckets=_BUCKETS, registry=kept
        )

    def answered(self, words: str, kind: str, seconds: float) -> None:
        """Count one answer; of the words only the command is looked at."""
        first = (words.split(maxsplit=1) or [""])[0].lstrip("/").partition("@")[0].lower()
        command = first if first in self._commands else "other"
        self._answers.labels(command, kind).inc()
        self._seconds.labels(command).observe(seconds)

    def read(self, readings: Sequence[Reading]) -> None:
        """Have figures read whenever somebody asks for all of them."""
        self._kept.register(_Readings(readings))

    def told(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._kept)


class _Readings(Collector):
    """Figures that stand elsewhere, read when they are asked for."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read every figure; one that cannot be read is left out, and not the others."""
        for name, about, label, read in self._readings:
            family = GaugeMetricFamily(name, about, labels=(label,) if label else ())
            try:
                found = read()
            except Exception:  # noqa: BLE001, S112 - a figure must never be what brings a bot down
                continue
            for value_of, value in found.items():
                family.add_metric((value_of,) if label else (), value)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name nothing beforehand: to name them would be to read them."""
        return iter(())


def clock() -> float:
    """Return a time [s] to measure lengths by."""
    return time.perf_counter()
