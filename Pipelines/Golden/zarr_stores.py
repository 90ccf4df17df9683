#!/usr/bin/env python3
"""Golden files of the zarr reader, written by anndata, zarr-python and numcodecs.

    python zarr_stores.py ../../Reference/Golden/Formats

Makes anndata_v2.zarr.zip and anndata_v3.zarr.zip with the data of `H5ADTests.example`, arrays_v2.zarr.zip and
arrays_v3.zarr.zip with one array for every codec, type and layout, and zarr_provenance.json. Needs anndata 0.12,
zarr 3.1 and numcodecs 0.16 (PyPI).

The values of an array of counts are (37 i mod 11) − 5 at place i, 0 and more where its type has no sign; floats are a
quarter of them. A table has 10 i + j in row i and column j.
"""
import hashlib
import json
import sys
import warnings
import zipfile
from importlib.metadata import version
from pathlib import Path

import anndata
import numcodecs
import numpy as np
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec
from zarr.core.dtype import VariableLengthBytes

from formats import example

warnings.simplefilter("ignore")

COUNT = 300
CHUNK = 200
TYPES = {
    2: ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"],
    3: ["b1", "i8", "u2", "f2", "f4", "f8"],
}
TEXTS = np.array(["", "a", "βγ", "drug 10 µM"] * 3, dtype=object)
RECORDS = np.array(
    [(1, 0.5, b"ab", "µ", True), (-2, np.inf, b"", "long", False), (3, 2.5, b"c", "", True)],
    dtype=[("count", "<i4"), ("score", "<f8"), ("code", "S3"), ("name", "<U4"), ("passed", "?")],
)


def counts(dtype: str) -> np.ndarray:
    values = np.arange(COUNT) * 37 % 11
    kind = np.dtype(dtype).kind
    if kind == "b":
        return values % 3 == 0
    if kind == "u":
        return values.astype(dtype)
    return ((values - 5) / (4 if kind == "f" else 1)).astype(dtype)


def table(dtype: str = "i2") -> np.ndarray:
    return np.add.outer(10 * np.arange(7), np.arange(5)).astype(dtype)


def put(group: zarr.Group, name: str, values: np.ndarray, chunks: tuple, **options) -> None:
    array = group.create_array(name, shape=values.shape, dtype=options.pop("dtype", values.dtype), chunks=chunks, **options)
    array[...] = values


def shared_arrays(group: zarr.Group) -> None:
    for dtype in TYPES[group.metadata.zarr_format]:
        put(group, f"type_{dtype}", counts(dtype), (COUNT,))
    put(group, "texts", TEXTS, (8,), dtype=str)
    put(group, "fixed_utf32", TEXTS.astype("<U10"), (8,))
    put(group, "fixed_bytes", np.array([b"ab", b"", b"xyz"]), (2,))
    put(group, "records", RECORDS, (2,))
    put(group, "table", table(), (4, 3))
    put(group, "cube", np.arange(24, dtype="i4").reshape(2, 3, 4), (2, 2, 3))
    put(group, "larger_chunk", table(), (100, 100))
    put(group, "scalar", np.array(2.5), ())
    put(group, "empty", np.zeros(0, dtype="f4"), (1,))
    # Nothing or half of it is written.
    group.create_array("fill_nan", shape=(3,), dtype="f4", chunks=(2,), fill_value=float("nan"))
    group.create_array("fill_infinity", shape=(3,), dtype="f8", chunks=(2,), fill_value=float("-inf"))
    group.create_array("fill_text", shape=(3,), dtype=str, chunks=(2,), fill_value="none")
    half = group.create_array("fill_half", shape=(6,), dtype="i4", chunks=(3,), fill_value=-7)
    half[3:] = [1, 2, 3]
    group.attrs.update({
        "text": "β\n\"\\ 𝄞", "number": 2.5, "count": 7, "truth": True, "texts": ["a", "b"], "counts": [1, 2], "mixed": [1, 2.5],
        "nothing": None, "empty": [], "object": {"a": [1]},
    })


def arrays_v2(group: zarr.Group) -> None:
    shared_arrays(group)
    for name in ["lz4", "lz4hc", "zstd", "zlib", "blosclz"]:
        put(group, f"blosc_{name}", counts("f4"), (CHUNK,), compressors=numcodecs.Blosc(name, 9))
    put(group, "blosc_bits", counts("f4"), (CHUNK,), compressors=numcodecs.Blosc("zstd", 5, numcodecs.Blosc.BITSHUFFLE))
    put(group, "blosc_plain", counts("f4"), (CHUNK,), compressors=numcodecs.Blosc("zstd", 5, numcodecs.Blosc.NOSHUFFLE))
    for codec in [numcodecs.Zlib(), numcodecs.GZip(), numcodecs.Zstd(), numcodecs.LZ4()]:
        put(group, f"codec_{codec.codec_id}", counts("f4"), (CHUNK,), compressors=codec)
    put(group, "codec_none", counts("f4"), (CHUNK,), compressors=None)
    put(group, "codec_bz2", counts("i1"), (CHUNK,), compressors=numcodecs.BZ2())
    put(group, "filter_delta", counts("i1"), (CHUNK,), filters=[numcodecs.Delta(dtype="i1")])
    for dtype in [">i2", ">f8", ">U10"]:
        put(group, f"big_{dtype[1:]}", TEXTS.astype(dtype) if "U" in dtype else counts(dtype), (CHUNK,))
    put(group, "table_columns", table(), (4, 3), order="F")
    put(group, "table_slash", table(), (4, 3), chunk_key_encoding={"name": "v2", "separator": "/"})


def arrays_v3(group: zarr.Group) -> None:
    shared_arrays(group)
    for name in ["lz4", "zstd", "zlib", "blosclz"]:
        put(group, f"blosc_{name}", counts("f4"), (CHUNK,), compressors=BloscCodec(cname=name, shuffle="shuffle", clevel=9))
    put(group, "blosc_bits", counts("f4"), (CHUNK,), compressors=BloscCodec(cname="lz4hc", shuffle="bitshuffle"))
    put(group, "codec_gzip", counts("f4"), (CHUNK,), compressors=GzipCodec())
    put(group, "codec_zstd", counts("f4"), (CHUNK,), compressors=ZstdCodec(checksum=True))
    put(group, "codec_crc32c", counts("f4"), (CHUNK,), compressors=[ZstdCodec(), Crc32cCodec()])
    put(group, "codec_two", counts("f4"), (CHUNK,), compressors=[BloscCodec(), GzipCodec()])
    put(group, "codec_none", counts("f4"), (CHUNK,), compressors=None)
    put(group, "big_f8", counts("f8"), (CHUNK,), serializer=BytesCodec(endian="big"))
    put(group, "bytes", np.array([b"a", b"", b"ccc"], dtype=object), (2,), dtype=VariableLengthBytes())
    put(group, "table_columns", table(), (4, 3), filters=[TransposeCodec(order=(1, 0))])
    cube = np.arange(24, dtype="i4").reshape(2, 3, 4)
    put(group, "cube_turned", cube, (2, 2, 3), filters=[TransposeCodec(order=(2, 0, 1))])
    put(group, "table_dots", table(), (4, 3), chunk_key_encoding={"name": "v2", "separator": "."})
    put(group, "shards", table("f4"), (2, 2), shards=(4, 4))
    put(group, "shards_start", table("f4"), (2, 2), shards={"shape": (4, 4), "index_location": "start"})
    put(group, "shards_texts", TEXTS, (2,), shards=(4,), dtype=str)
    holes = group.create_array("shards_holes", shape=(8,), dtype="i4", chunks=(2,), shards=(4,), fill_value=-7)
    holes[2:4] = [1, 2]


class Memory(zarr.storage.MemoryStore):
    """A store in memory that can be packed: its metadata deflated, its chunks as they are."""

    def zipped(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for key, value in sorted(self._store_dict.items()):
                if value.to_bytes() == b"{}":
                    continue  # No attributes: readers do without.
                # One date for all: the same bytes in every run.
                info = zipfile.ZipInfo(key, (2026, 1, 1, 0, 0, 0))
                is_metadata = key.split("/")[-1].startswith((".z", "zarr.json"))
                info.compress_type = zipfile.ZIP_DEFLATED if is_metadata else zipfile.ZIP_STORED
                archive.writestr(info, value.to_bytes(), compresslevel=9)


def write_anndata(path: Path, format: int) -> None:
    anndata.settings.allow_write_nullable_strings = True
    anndata.settings.zarr_write_format = format
    anndata.settings.auto_shard_zarr_v3 = format == 3
    data, store = example(), Memory()
    # As in anndata.h5ad.
    data.obsm["X_pca"] = np.ones((4, 2))
    data.write_zarr(store, convert_strings_to_categoricals=False)
    if format == 3:
        # With the records that archives beyond 4 GB have.
        zipfile.ZIP64_LIMIT = zipfile.ZIP_FILECOUNT_LIMIT = 10
    store.zipped(path)


def write_arrays(path: Path, format: int) -> None:
    store = Memory()
    group = zarr.open_group(store, mode="w", zarr_format=format)
    {2: arrays_v2, 3: arrays_v3}[format](group)
    store.zipped(path)


def main(folder: Path) -> None:
    files = {}
    for name, write in [("anndata", write_anndata), ("arrays", write_arrays)]:
        for format in [2, 3]:
            path = folder / f"{name}_v{format}.zarr.zip"
            write(path, format)
            files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
            zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = (1 << 31) - 1, (1 << 16) - 1
    provenance = {
        "files": files,
        "peer": {name: version(name) for name in ["anndata", "zarr", "numcodecs", "pandas", "scipy", "numpy"]},
        "command": "python Pipelines/Golden/zarr_stores.py Reference/Golden/Formats",
        "tolerance": 0,
        "reason": "all values are exact in binary",
    }
    (folder / "zarr_provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
