"""How much of parameter space can training reach from a start? Orbits, what holds them back, and conserved quantities, with certificates.

Run it with `python examples/02_how_far_training_goes.py`.
"""

from __future__ import annotations

import simcert as sc


def main() -> None:
    net = sc.mlp(2, 3, 1, activation="tanh")
    starts = {
        "a generic start": net.point(W1=[[1, 2], [3, -5], [7, 4]], W2=[[2, 3, 5]]),
        "two equal units": net.point(W1=[[1, 2], [1, 2], [7, 4]], W2=[[2, 2, 5]]),
        "equal rows, different output weights": net.point(W1=[[1, 2], [1, 2], [7, 4]], W2=[[2, 3, 5]]),
        "zero first layer": net.point(W1=[[0, 0]] * 3, W2=[[1, 2, 3]]),
        "zero initialisation": net.point(W1=[[0, 0]] * 3, W2=[[0, 0, 0]]),
    }
    for words, start in starts.items():
        found = sc.orbit_dimension(net, at=start)
        print(f"{words}: {found.dimension} of {found.parameters} dimensions")
        for reason in found.reasons:
            print("  because", reason)

    deep = sc.mlp(2, 3, 3, 1, activation="generic")
    magic = deep.point(W1=[[1, 2]] * 3, W2=[[1, 5, 6], [6, 4, 2], [5, 3, 4]], W3=[[3, 3, 3]])
    print("\nA start that no symmetry explains (rows and columns of W2 have equal sums):")
    print(f"  {sc.orbit_dimension(deep, at=magic).dimension} of {deep.size} dimensions; it stays where")
    print("  " + "; ".join(sc.hull(deep, at=magic).equations))

    print("\nQuantities that no training changes:")
    for model in ("linear:2-3-2", "mlp:4-6-7:relu", "attention:2-2", "mlp:1-2-1:exp:bias"):
        laws = sc.conservation_laws(model)
        print(f"  {model}: {'; '.join(laws.laws)} ({laws.count} independent{', and no others' if laws.complete else ''})")


if __name__ == "__main__":
    main()
