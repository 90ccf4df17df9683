#!/usr/bin/env python3
"""Golden files of the HDF5 reader: every kind of type, layout, index, filter, link and attribute that h5py can write.

    python hdf5.py ../../Reference/Golden/HDF5      makes earliest.h5, latest.h5, userblock.h5, values.json, provenance.json

Needs h5py 3.16 with HDF5 2.0, numpy (PyPI). values.json holds what was given to h5py, not what was read back.
"""
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np


class Recorder:
    """Writes datasets and attributes, and remembers what a reader must find."""

    def __init__(self, file: h5py.File):
        self.file = file
        self.expected = {}

    def remember(self, element, values, kind, shape=None):
        values = np.asarray(values)
        flat = values.ravel().tolist()
        plain = [repr(x) if isinstance(x, float) and not np.isfinite(x) else x for x in flat]
        self.expected[element] = {"kind": kind, "shape": list(values.shape if shape is None else shape), "values": plain}

    def put(self, name, values, kind=None, **options):
        values = np.asarray(values)
        dataset = self.file.create_dataset(name, data=values, **options)
        self.remember("/" + name, values, kind or values.dtype.name)
        return dataset


def numbers(r: Recorder):
    for code in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        info = np.iinfo(code)
        for order in "<>":
            # Numbers beyond 2^53 are not the same as doubles.
            ends = [max(info.min, -(2**53)), 0, 1, min(info.max, 2**53)]
            r.put(f"numbers/{'big_' if order == '>' else ''}{code}", np.array(ends, dtype=order + code))
    for code, kind in [("f2", "float16"), ("f4", "float32"), ("f8", "float64")]:
        for order in "<>":
            values = np.array([0, -0.0, 1.5, -2.25, 6.0e-5, 65504, np.inf, -np.inf, np.nan], dtype=order + code)
            r.put(f"numbers/{'big_' if order == '>' else ''}{code}", values.astype(order + code), kind)
    r.put("numbers/long", np.array([0, -1.25, 3e300, np.inf, np.nan], dtype=np.longdouble), "float128")
    r.expected["/numbers/long"]["values"] = [0.0, -1.25, 3e300, "inf", "nan"]
    r.put("numbers/truth", np.array([True, False, True]), "bool")
    r.put("numbers/single", np.int32(-7), "int32")
    # Twelve bits in the middle of two bytes.
    kind = h5py.h5t.STD_I16LE.copy()
    kind.set_precision(12)
    kind.set_offset(2)
    space = h5py.h5s.create_simple((3,))
    dataset = h5py.h5d.create(r.file["numbers"].id, b"twelve", kind, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([-2048, -1, 2047], dtype="<i2"))
    r.remember("/numbers/twelve", np.array([-2048, -1, 2047]), "int16")


def texts(r: Recorder):
    words = ["", "a", "Größe", "x" * 100]
    r.file.create_dataset("texts/variable", data=words, dtype=h5py.string_dtype())
    r.remember("/texts/variable", words, "string")
    r.file.create_dataset("texts/ascii", data=[b"one", b"two"], dtype=h5py.string_dtype("ascii"), compression="gzip")
    r.remember("/texts/ascii", ["one", "two"], "string")
    r.file.create_dataset("texts/single", data="alone", dtype=h5py.string_dtype())
    r.remember("/texts/single", np.array("alone", dtype=object), "string")
    for name, padding in [("null_terminated", 0), ("null_padded", 1), ("space_padded", 2)]:
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(6)
        kind.set_strpad(padding)
        space = h5py.h5s.create_simple((3,))
        dataset = h5py.h5d.create(r.file["texts"].id, name.encode(), kind, space)
        fill = b" " if padding == 2 else b"\0"
        raw = np.array([x.ljust(6, fill) for x in [b"", b"abc", b"abcde"]], dtype="S6")
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, raw, mtype=kind)
        r.remember(f"/texts/{name}", ["", "abc", "abcde"], "string")
    records = np.array([("g1", 1, 0.5), ("g2", -2, np.nan)], dtype=[("name", "S4"), ("count", ">i4"), ("score", "f4")])
    r.file.create_dataset("texts/records", data=records)
    r.remember("/texts/records[name]", ["g1", "g2"], "string")
    r.remember("/texts/records[count]", [1, -2], "int32")
    r.remember("/texts/records[score]", records["score"], "float32")
    mixed = np.empty(2, dtype=[("name", h5py.string_dtype()), ("n", "u1")])
    mixed["name"], mixed["n"] = ["first", ""], [1, 2]
    r.file.create_dataset("texts/mixed", data=mixed, chunks=(1,), compression="gzip")
    r.remember("/texts/mixed[name]", ["first", ""], "string")
    r.remember("/texts/mixed[n]", [1, 2], "uint8")


def layouts(r: Recorder, is_latest: bool):
    line = np.arange(50, dtype="<i4") * 3 - 7
    plane = np.arange(77, dtype="<f4").reshape(7, 11) / 4
    cube = np.arange(210, dtype="<i2").reshape(5, 6, 7)
    r.put("layouts/contiguous", plane)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    dataset = h5py.h5d.create(
        r.file["layouts"].id, b"compact", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((50,)), dcpl=compact)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, line)
    r.remember("/layouts/compact", line, "int32")
    filters = {
        "plain": {}, "gzip": {"compression": "gzip"}, "lzf": {"compression": "lzf"}, "sum": {"fletcher32": True},
        "all": {"compression": "gzip", "shuffle": True, "fletcher32": True},
        "lzf_shuffle": {"compression": "lzf", "shuffle": True},
    }
    for name, options in filters.items():
        r.put(f"layouts/{name}_fixed", plane, chunks=(2, 4), **options)
        if not is_latest or name not in ["plain", "gzip"]:
            continue
        r.put(f"layouts/{name}_single", line, chunks=(50,), **options)
        r.put(f"layouts/{name}_rows", plane, chunks=(2, 11), **options)
        r.put(f"layouts/{name}_limits", plane, chunks=(2, 4), maxshape=(20, 30), **options)
        r.put(f"layouts/{name}_growing", line, chunks=(4,), maxshape=(None,), **options)
        r.put(f"layouts/{name}_growing_second", plane, chunks=(2, 3), maxshape=(9, None), **options)
        r.put(f"layouts/{name}_growing_both", plane, chunks=(2, 3), maxshape=(None, None), **options)
    r.put("layouts/cube", cube, chunks=(2, 3, 4), compression="gzip")
    if is_latest:
        r.put("layouts/pages", np.arange(1100, dtype="u1"), chunks=(1,))
        r.put("layouts/many_growing", np.arange(400, dtype="u2"), chunks=(1,), maxshape=(None,))
    r.put("layouts/many_both", np.arange(100, dtype="u2").reshape(10, 10), chunks=(1, 1), maxshape=(None, None))
    r.put("layouts/empty", np.zeros((0, 3)), chunks=(1, 3), maxshape=(None, 3))
    r.file.create_dataset("layouts/nothing", data=h5py.Empty("f4"))
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_chunk((2, 4))
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    dataset = h5py.h5d.create(
        r.file["layouts"].id, b"early", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((7, 11)), dcpl=early)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, plane)
    r.remember("/layouts/early", plane, "float32")
    for name, options in [("gaps_fixed", {}), ("gaps_growing", {"maxshape": (None, 11)}), ("gaps_both", {"maxshape": (None, None)})]:
        sparse = r.file.create_dataset(f"layouts/{name}", (7, 11), "f8", chunks=(2, 4), fillvalue=-1.5, compression="gzip", **options)
        expected = np.full((7, 11), -1.5)
        sparse[2:4, 4:8] = expected[2:4, 4:8] = 9
        sparse[6, 10] = expected[6, 10] = 3
        r.remember(f"/layouts/{name}", expected, "float64")
    r.file.create_dataset("layouts/unwritten", (4,), "i4", fillvalue=6)
    r.remember("/layouts/unwritten", np.full(4, 6), "int32")
    shrunk = r.file.create_dataset("layouts/shrunk", data=line, chunks=(4,), maxshape=(None,))
    shrunk.resize((10,))
    r.remember("/layouts/shrunk", line[:10], "int32")
    # The filter of one chunk is left out.
    masked = r.file.create_dataset("layouts/masked", data=line, chunks=(25,), compression="gzip")
    masked.id.write_direct_chunk((25,), line[25:].tobytes(), filter_mask=1)
    r.remember("/layouts/masked", line, "int32")


def attributes(r: Recorder):
    few = r.file.create_group("attributes/few")
    many = r.file.create_group("attributes/many")
    for group, count in [(few, 3), (many, 15)]:
        for index in range(count):
            group.attrs[f"number {index}"] = index * 1.5
            r.remember(f"{group.name}@number {index}", np.float64(index * 1.5), "float64")
    many.attrs["names"] = ["ü", "b"]
    r.remember("/attributes/many@names", ["ü", "b"], "string")
    many.attrs["long"] = np.arange(550)
    r.remember("/attributes/many@long", np.arange(550), "int64")
    few.attrs["nothing"] = h5py.Empty("f4")
    few.attrs["text"] = "alone"
    r.remember("/attributes/few@text", np.array("alone", dtype=object), "string")
    few.attrs["fixed"] = np.bytes_(b"ascii")
    r.remember("/attributes/few@fixed", np.array("ascii", dtype=object), "string")
    few.attrs["truth"] = np.array([True, False])
    r.remember("/attributes/few@truth", np.array([True, False]), "bool")
    r.file["attributes/type"] = np.dtype(">i2")
    few.attrs.create("shared", np.array([5, -6]), dtype=r.file["attributes/type"])
    r.remember("/attributes/few@shared", [5, -6], "int16")
    r.file.create_dataset("attributes/shared", data=np.array([7, 8]), dtype=r.file["attributes/type"])
    r.remember("/attributes/shared", [7, 8], "int16")


def links(r: Recorder):
    group = r.file.create_group("links")
    group["target"] = np.array([1, 2, 3])
    group["hard"] = group["target"]
    group["soft"] = h5py.SoftLink("target")
    group["absolute"] = h5py.SoftLink("/links/soft")
    group["folder"] = h5py.SoftLink("/links/many")
    for name in ["target", "hard", "soft", "absolute"]:
        r.remember(f"/links/{name}", [1, 2, 3], "int64")
    group["dangling"] = h5py.SoftLink("/links/none")
    group["loop"] = h5py.SoftLink("/links/loop")
    group["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
    many = r.file.create_group("links/many", track_order=True)
    for index in range(20):
        many[f"member {index}"] = np.int8(index)
        r.remember(f"/links/many/member {index}", np.int8(index), "int8")
        r.remember(f"/links/folder/member {index}", np.int8(index), "int8")
    group["reference"] = np.array([group.ref], dtype=h5py.ref_dtype)
    return {"/links/dangling": "LINK", "/links/loop": "LINK", "/links/elsewhere": "LINK", "/links/reference": "DTYPE",
            "/links/none": "MISSING_ELEMENT", "/links/target/x": "MISSING_ELEMENT"}


def make(path: Path, libver: str):
    with h5py.File(path, "w", libver=libver) as file:
        recorder = Recorder(file)
        numbers(recorder)
        texts(recorder)
        layouts(recorder, libver == "latest")
        attributes(recorder)
        refused = links(recorder)
    return {"values": recorder.expected, "refused": refused, "nulls": ["/layouts/nothing", "/attributes/few@nothing"]}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        f"{libver}.h5": make(folder / f"{libver}.h5", libver) for libver in ["earliest", "latest"]
    }
    with h5py.File(folder / "userblock.h5", "w", userblock_size=1024, libver="v110") as file:
        recorder = Recorder(file)
        recorder.put("group/values", np.arange(20.0), chunks=(3,), compression="gzip", shuffle=True)
    found["userblock.h5"] = {"values": recorder.expected, "refused": {}, "nulls": []}
    (folder / "values.json").write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")
    provenance = {
        "peer": {"h5py": version("h5py"), "HDF5": h5py.version.hdf5_version, "numpy": version("numpy")},
        "command": "python Pipelines/Golden/hdf5.py Reference/Golden/HDF5",
        "tolerance": 0,
        "reason": "all values are exact in binary",
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir()) if path.suffix in [".h5"] or path.name == "values.json"
        },
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
