"""Sums that the rules share: medians and what spreads around them, and how many fall into a window of time."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Final, TypeVar

LEARNT: Final = 7
"""Days: what an account does is usual for it once it did so that long ago. What began this week is not usual yet."""

_EARTH: Final = 6371.0
"""Kilometres from its centre, on average."""

Item = TypeVar("Item", bound=Hashable)


def median(values: Sequence[float]) -> float:
    """The middle of some values; 0 of none."""
    return percentile(values, 50)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which *share* of 100 lie, by linear interpolation; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> float:
    """The median absolute deviation; at least a tenth of the median, and 1: who sends as much each day varies too."""
    middle = median(values)
    return max(median([abs(value - middle) for value in values]), middle / 10, 1.0)


def windows(times: Sequence[int], seconds: int) -> Iterator[tuple[int, int]]:
    """For each of some times, which are in order: its place, and how many lie in the window that ends with it."""
    first = 0
    for place, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        yield place, place - first + 1


def different_in_window(moments: Iterable[tuple[int, Item]], seconds: int) -> Iterator[tuple[int, int]]:
    """For each of some moments, which are in order: its time, and how many different items its window has."""
    inside: Counter[Item] = Counter()
    waiting: list[tuple[int, Item]] = []
    first = 0
    for time, item in moments:
        waiting.append((time, item))
        inside[item] += 1
        while waiting[first][0] <= time - seconds:
            gone = waiting[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        yield time, len(inside)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two places, given as latitude and longitude in degrees, over the ground (haversine)."""
    (lat, lon), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))
