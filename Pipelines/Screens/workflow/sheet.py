"""The sample sheet: read, checked against its schema, unfolded into runs."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parent / "schemas" / "samples.schema.yaml"


class SheetError(Exception):
    """What is wrong with a sheet: every fault with its line and column."""


@dataclass(frozen=True)
class Sample:
    """A row of the sheet: one screen, or some of its cells, with all its folds and seeds."""

    name: str
    configuration: Path
    where: tuple[str, str] | None
    split: str
    covariate: str | None
    folds: int
    seeds: tuple[int, ...]

    @property
    def runs(self):
        """Pairs of fold and seed, in the order of the gathered tables."""
        return [(fold, seed) for fold in range(1, self.folds + 1) for seed in self.seeds]

    @property
    def screen(self):
        """The file that the configuration reads."""
        return _file(self.configuration, "input")

    @property
    def features(self):
        """The table of features that the configuration names, if any."""
        return _file(self.configuration, "features")

    @property
    def selection(self):
        """The cells of the row as a setting of `run`, if not all."""
        return f"screen.where={json.dumps({self.where[0]: [self.where[1]]})}" if self.where else None


def read_sheet(path):
    """The samples of a sheet by name.

    Raises SheetError with all faults, and OSError where the sheet or a configuration can't be read.
    """
    path = Path(path)
    validator = Draft202012Validator(yaml.safe_load(SCHEMA.read_text()))
    samples, faults = {}, []
    with path.open(newline="") as file:
        lines = csv.reader(file, delimiter="\t")
        columns = next(lines, [])
        for row in lines:
            if not row or row[0].startswith("#"):
                continue
            at = f"line {lines.line_num}"
            if len(row) != len(columns):
                faults.append(f"{at}: expected {len(columns)} columns, found {len(row)}")
                continue
            record = {column: value for column, value in zip(columns, row) if value != ""}
            found = [f"{at}, {_column(error)}: {_reason(error)}" for error in validator.iter_errors(record)]
            if not found and record["sample"] in samples:
                found = [f"{at}, column sample: '{record['sample']}' is there twice"]
            if found:
                faults += found
            else:
                samples[record["sample"]] = _sample(record, path.parent)
    if not samples and not faults:
        faults.append("expected a row for each sample, found none")
    if faults:
        raise SheetError(f"{path}: " + f"\n{path}: ".join(faults))
    return samples


def _sample(record, folder):
    return Sample(
        name=record["sample"],
        configuration=folder / record["configuration"],
        where=tuple(record["where"].split("=", 1)) if "where" in record else None,
        split=record["split"],
        covariate=record.get("covariate"),
        folds=int(record["folds"]),
        seeds=tuple(dict.fromkeys(int(seed) for seed in record["seeds"].split(","))),
    )


def _column(error):
    if error.path:
        return f"column {error.path[0]}"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"column {', '.join(missing)}"
    unknown = [name for name in error.instance if name not in error.schema["properties"]]
    return f"column {', '.join(unknown)}"


def _reason(error):
    if error.validator == "required":
        return "expected a value, found none"
    if error.validator == "additionalProperties":
        return f"no such column is known; known are {', '.join(error.schema['properties'])}"
    if error.validator == "enum":
        return f"expected one of {', '.join(error.validator_value)}, found '{error.instance}'"
    return f"found '{error.instance}', expected: {error.schema['description']}"


@cache
def _configuration(path):
    content = yaml.safe_load(path.read_text())
    if not isinstance(content, dict) or "input" not in content:
        raise SheetError(f"{path}: expected a configuration that names its input")
    return content


def _file(configuration, key):
    name = _configuration(configuration).get(key)
    return configuration.parent / name if name else None
