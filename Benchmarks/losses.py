#!/usr/bin/env python3
"""Measures the simulation of losses beside PyPI's pyfair.

    losses.py LOSSBENCH WORK

LOSSBENCH is the release program of this package, WORK a directory for
results. Needs pyfair. Both draw the losses of the same fifteen risks in
200,000 worlds, in turn, in one run. pyfair has no uniform spreads: its losses
are PERT-distributed with the same edges and the same mean, so that the means
must agree; its tails do not, because it multiplies the frequency into each
loss. Prints a table, writes WORK/losses.json and exits 1 when a bound is missed.
"""
import json
import statistics
import subprocess
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy  # noqa: E402

# pyfair was written for an older numpy and pandas.
if not hasattr(numpy, "product"):
    numpy.product = numpy.prod

import pyfair  # noqa: E402

WORLDS = 200_000
ROUNDS = 5
PERCENTS = [10, 30, 25, 60, 20, 25, 30, 10, 60, 30, 10, 60, 30, 10, 30]
LOW, HIGH = 5000 * 5 / 60, 10_000 * 80 / 60
MEAN = 7500 * 42.5 / 60
MODE = (6 * MEAN - LOW - HIGH) / 4
BOUNDS = {
    "200,000 worlds of 15 risks / 0.2 s": 1,
    "the same / pyfair": 1 / 20,
    "difference of the means / standard error": 4,
}


def theirs():
    """One simulation of all risks: the time and the mean of their sum."""
    begin = time.perf_counter()
    models = []
    for number, percent in enumerate(PERCENTS):
        model = pyfair.FairModel(name=f"R{number + 1}", n_simulations=WORLDS, random_seed=number + 1)
        model.input_data("Loss Event Frequency", constant=percent / 100)
        model.input_data("Loss Magnitude", low=LOW, mode=MODE, high=HIGH)
        models.append(model)
    meta = pyfair.FairMetaModel(name="all", models=models)
    meta.calculate_all()
    mean = meta.export_results()["Risk"].mean()
    return time.perf_counter() - begin, mean


def main():
    program, work = sys.argv[1], sys.argv[2]
    ours, them, means = [], [], []
    for _ in range(ROUNDS):
        ours.append(json.loads(subprocess.check_output([program, str(WORLDS), "2"])))
        seconds, mean = theirs()
        them.append(seconds)
        means.append(mean)
    seconds = statistics.median(min(cost["seconds"]) for cost in ours)
    first = ours[0]
    if not all(cost["isRepeated"] and cost["mean"] == first["mean"] for cost in ours):
        sys.exit("the same seed gave other losses")
    difference = abs(first["mean"] - statistics.mean(means))
    figures = {
        "200,000 worlds of 15 risks / 0.2 s": seconds / 0.2,
        "the same / pyfair": seconds / statistics.median(them),
        "difference of the means / standard error": difference / first["standardError"],
    }
    print(f"ours {seconds:.4f} s, pyfair {statistics.median(them):.3f} s")
    print(f"means: {first['mean']:.2f} drawn, {first['exactMean']:.2f} exactly, {statistics.mean(means):.2f} pyfair")
    missed = False
    for name, value in figures.items():
        missed |= value > BOUNDS[name]
        print(f"{'missed' if value > BOUNDS[name] else 'kept  '}  {name:44} {value:8.4f}  at most {BOUNDS[name]:.4f}")
    with open(f"{work}/losses.json", "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2)
    sys.exit(1 if missed else 0)


main()
