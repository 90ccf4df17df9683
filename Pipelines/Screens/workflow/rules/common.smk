# The configuration and the sample sheet, checked.
import shlex

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from sheet import SheetError, read_sheet

validate(config, "../schemas/config.schema.yaml")

RESULTS = config["results"]
# The default of an object has no defaults of its own.
SPLIT = {"seed": 0, "doses": "all", "singles": "any"} | config["split"]

try:
    SAMPLES = read_sheet(config["samples"])
except (SheetError, OSError) as error:
    raise WorkflowError(str(error))


wildcard_constraints:
    sample="[A-Za-z0-9][A-Za-z0-9._-]*",
    fold="[0-9]+",
    seed="[0-9]+",


def sample_of(wildcards):
    """The row of the sheet."""
    return SAMPLES[wildcards.sample]


def settings(wildcards):
    """What all commands of a sample set, beyond its configuration."""
    chosen = config["set"] + [sample_of(wildcards).selection or ""]
    return " ".join(f"--set {shlex.quote(setting)}" for setting in chosen if setting)


def inputs(wildcards):
    """The files that the commands of a sample read."""
    sample = sample_of(wildcards)
    files = {"configuration": sample.configuration, "screen": sample.screen}
    if sample.features:
        files["features"] = sample.features
    return {name: str(file) for name, file in files.items()}


def division(wildcards):
    """How a screen is split."""
    sample = sample_of(wildcards)
    options = {"--by": sample.split, "--seed": SPLIT["seed"]}
    if sample.split in ("perturbation", "scaffold"):
        options["--folds"] = sample.folds
    if sample.split == "scaffold" and sample.features:
        options["--features"] = sample.features
    if sample.split == "dose":
        options["--doses"] = SPLIT["doses"]
    if sample.split == "covariate":
        options["--covariate"] = sample.covariate
    if sample.split == "combination":
        options["--singles"] = SPLIT["singles"]
    return " ".join(f"{name} {shlex.quote(str(value))}" for name, value in options.items())
