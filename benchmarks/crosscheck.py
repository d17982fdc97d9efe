"""How many trajectories a second cross-checks train: `python benchmarks/crosscheck.py [--seeds 4096] [--units 1000]`.

One trajectory is 100 steps of gradient descent (or a gradient flow over the same time) on 8 data. Compilation is timed by itself.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from measure import table

import simcert as sc
from simcert.crosscheck.arrays import device, double_precision
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Network
from simcert.crosscheck.training import Training, problem


def seconds(run: Any, arguments: tuple[Any, ...]) -> tuple[float, float]:
    """Seconds of the first call, which compiles, and the least of three more."""
    times = []
    for _ in range(4):
        start = time.perf_counter()
        run(*arguments).block_until_ready()
        times.append(time.perf_counter() - start)
    return times[0], min(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4096, help="trajectories of the small network at once")
    parser.add_argument("--units", type=int, default=1000, help="hidden units of the large network")
    options = parser.parse_args()
    rows = []
    with double_precision():
        for model, count in ((f"mlp:8-{options.units}-1:tanh", 16), ("mlp:2-3-1:tanh", 16), ("mlp:2-3-1:tanh", options.seeds)):
            program = sc.load_model(model)
            network = Network(program, as_defined(program))
            rng = np.random.default_rng(0)
            task = problem(network, rng, rng.normal(size=(count, program.size)) / 2)
            training = Training(network)
            for name, run in (("gradient descent", training.discrete), ("gradient flow", training.flow)):
                first, best = seconds(run, task.arguments)
                rows.append((model, program.size, name, count, f"{first - best:.1f} s", f"{best:.3f} s", f"{count / best:.0f}"))
        table(f"trajectories on {device()}, float64", ("model", "parameters", "training", "at once", "compile", "time", "trajectories/s"), rows)


if __name__ == "__main__":
    main()
