"""Copies an h5ad with the first few cells of every treatment: prior_mechanisms.py IN OUT CELLS CONTROLS"""
import sys

import h5py
import numpy as np

source, target, cells, controls = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def column(obs, name):
    values = obs[name]
    if isinstance(values, h5py.Group):
        return np.array([c.decode() for c in values["categories"][:]])[values["codes"][:]]
    return values[:]


with h5py.File(source) as old, h5py.File(target, "w") as new:
    obs = old["obs"]
    names, doses = column(obs, "perturbation"), np.nan_to_num(column(obs, "dose"), nan=-1)
    isControl = doses <= 0
    kept, seen = [], {}
    for cell in range(len(names)):
        key = "control" if isControl[cell] else (names[cell], doses[cell])
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= (controls if isControl[cell] else cells):
            kept.append(cell)
    for name, value in old.attrs.items():
        new.attrs[name] = value
    for name in old:
        if name not in ("obs", "X", "layers"):
            old.copy(name, new)
    new["X"] = old["X"][:][kept]
    for name, value in old["X"].attrs.items():
        new["X"].attrs[name] = value
    group = new.create_group("obs")
    for name, value in obs.attrs.items():
        group.attrs[name] = value
    for name, values in obs.items():
        if isinstance(values, h5py.Group):
            obs.copy(name, group)
            codes = values["codes"][:][kept]
            del group[name]["codes"]
            group[name]["codes"] = codes
            for key, value in values["codes"].attrs.items():
                group[name]["codes"].attrs[key] = value
        else:
            group[name] = values[:][kept]
            for key, value in values.attrs.items():
                group[name].attrs[key] = value
    print(f"{target}: {len(kept)} of {len(names)} cells", file=sys.stderr)
