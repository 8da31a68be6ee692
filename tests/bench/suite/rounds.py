# SPDX-License-Identifier: Apache-2.0
"""Interleaved runs (A B C A B C ...) and their medians.

What else happens on a machine comes and goes in seconds. Runs of one kind after
another would put it all on one of the contestants.
"""

import statistics


def interleaved(contestants, rounds, progress):
    """Run each of {name: callable} once a round; {name: [what it returned, ...]}.

    A contestant that returns None is out of it from then on, and has no entry.
    """
    results = {name: [] for name in contestants}
    for number in range(rounds):
        for name, run in contestants.items():
            if name not in results:
                continue
            progress(f"{name} ({number + 1}/{rounds})")
            value = run()
            if value is None:
                del results[name]
            else:
                results[name].append(value)
    return results


def medians(runs):
    """One dictionary of medians out of several dictionaries of numbers; what is no number is dropped."""
    return {key: statistics.median(run[key] for run in runs)
            for key, value in runs[0].items() if isinstance(value, (int, float))}


def median_ratio(runs, others, key):
    """The median of the ratios within each round, so that what slowed both counts for neither."""
    return statistics.median(one[key] / other[key] for one, other in zip(runs, others))
