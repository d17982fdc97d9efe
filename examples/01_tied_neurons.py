"""Two neurons that start equal stay equal; equal rows alone do not. Both are theorems, each with a file that anybody can check.

Run it with `python examples/01_tied_neurons.py`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import simcert as sc


def main() -> None:
    net = sc.mlp(2, 3, 1, activation="tanh")

    tied = sc.prove(net, "tie(1: 0,1)")
    print(tied, "\n")
    print("also kept by", ", ".join(tied.optimizers), "\n")

    rows_only = sc.prove(net, "W1[0,:] = W1[1,:]")
    print(rows_only, "\n")

    with tempfile.TemporaryDirectory() as folder:
        for certificate in (tied, rows_only):
            verdict = sc.verify(certificate.save(Path(folder, f"{certificate.kind}.json")), model=net)
            print(f"{certificate.kind}, by {certificate.method}: {verdict.status}")
            for line in verdict.trust:
                print("  rests on", line)

    print("\nThe symmetries of the network:")
    for part in sc.symmetries(net).spaces:
        print(f"  {part.space.size} units, {part.space.kind}:", "; ".join(part.words))


if __name__ == "__main__":
    main()
