#!/usr/bin/env python3
"""Golden fingerprints and descriptors from RDKit's Python package (pip install rdkit).

usage: molecules.py OUTPUT_FOLDER
Writes molecules.tsv and provenance.json.
"""
import hashlib
import json
import pathlib
import sys

import rdkit
from rdkit import Chem, DataStructs, RDLogger
from rdkit.Chem import Crippen, Descriptors, rdFingerprintGenerator, rdMolDescriptors

MOLECULES = {
    "ethanol": "CCO",
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "caffeine": "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
    "acetaminophen": "CC(=O)Nc1ccc(O)cc1",
    "dexamethasone": "C[C@@H]1C[C@H]2[C@@H]3CCC4=CC(=O)C=C[C@]4(C)[C@@]3(F)[C@@H](O)C[C@]2(C)[C@@]1(O)C(=O)CO",
    "imatinib": "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    "metformin hydrochloride": "CN(C)C(=N)N=C(N)N.Cl",
}

RDLogger.DisableLog("rdApp.*")
folder = pathlib.Path(sys.argv[1])
generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
columns = [
    "name", "smiles", "molecular_weight", "logp", "molar_refractivity", "tpsa", "heavy_atoms",
    "hydrogen_bond_donors", "rotatable_bonds", "rings", "morgan2_2048_hex",
]
lines = ["\t".join(columns)]
fingerprints = []
for name, smiles in MOLECULES.items():
    molecule = Chem.MolFromSmiles(smiles)
    fingerprint = generator.GetFingerprint(molecule)
    fingerprints.append(fingerprint)
    values = [
        Descriptors.MolWt(molecule), Crippen.MolLogP(molecule), Crippen.MolMR(molecule),
        rdMolDescriptors.CalcTPSA(molecule), molecule.GetNumHeavyAtoms(), rdMolDescriptors.CalcNumHBD(molecule),
        rdMolDescriptors.CalcNumRotatableBonds(molecule),
        rdMolDescriptors.CalcNumRings(molecule),
    ]
    hexadecimal = f"{int(fingerprint.ToBitString(), 2):0512x}"
    lines.append("\t".join([name, smiles] + [repr(float(value)) for value in values] + [hexadecimal]))
text = "\n".join(lines) + "\n"
(folder / "molecules.tsv").write_text(text)
provenance = {
    "peer": "rdkit",
    "version": rdkit.__version__,
    "command": "python3 Pipelines/Golden/molecules.py Reference/Golden/Chemistry",
    "seed": None,
    "sha256": {"molecules.tsv": hashlib.sha256(text.encode()).hexdigest()},
    "tanimoto": {"aspirin, acetaminophen": DataStructs.TanimotoSimilarity(fingerprints[1], fingerprints[3])},
    "tolerance": {
        "fingerprint": "every bit equal: the algorithm is integer arithmetic",
        "molecular_weight": "1e-3 g/mol: atomic weights are revised between releases",
        "other descriptors": "1e-6: sums of tabulated contributions",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
