"""The module parses as Nextflow, is described as it is, and its commands make what it declares."""

import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
import reftrace
import yaml

MODULE = Path(__file__).parent.parent / "modules/local/interventome/run"
PACKAGE = Path(__file__).parent.parent.parent.parent
SOURCE = (MODULE / "main.nf").read_text()


def test_the_module_is_one_process():
    (process,) = reftrace.Module.from_file(str(MODULE / "main.nf")).processes
    assert process.name == "INTERVENTOME_RUN"
    assert [label.value for label in process.labels] == ["process_medium"]
    assert len(process.tags) == 1
    assert len(process.containers) == 1


@pytest.mark.parametrize(
    "fault", [("RUN {", "RUN {{"), ("input:\n    tuple", "input:\n    tuple tuple("), ('"""\n\n    stub', "stub")])
def test_faults_are_seen(fault, tmp_path):
    assert fault[0] in SOURCE
    (tmp_path / "main.nf").write_text(SOURCE.replace(*fault, 1))
    assert isinstance(reftrace.Module.from_file(str(tmp_path / "main.nf")), reftrace.ParseError)


def outputs():
    """The paths that the process declares, by the name of their channel; and the names of those that may be missing."""
    block = SOURCE.split("output:")[1].split("when:")[0]
    rows = re.findall(r'path[( ]"([^"]+)"\)?\s*, emit: (\w+)( *, optional: true)?', block)
    assert len(rows) == block.count("emit:")
    return {name: path for path, name, _ in rows}, {name for _, name, optional in rows if optional}


def test_the_description_holds_all_inputs_and_outputs():
    described = yaml.safe_load((MODULE / "meta.yml").read_text())
    inputs = re.findall(r"\b(?:val|path)[( ]\(?(\w+)", SOURCE.split("input:")[1].split("output:")[0])
    channels = [channel if isinstance(channel, list) else [channel] for channel in described["input"]]
    assert [name for channel in channels for element in channel for name in element] == inputs

    def paths(value):
        return [key for part in value for key in (paths(part) if isinstance(part, list) else part) if key != "meta"]

    declared, _ = outputs()
    assert {name: paths(value) for name, value in described["output"].items()} == {
        name: [path] for name, path in declared.items()}


def command(section, values):
    """The text of a section as Nextflow hands it to bash."""
    text = textwrap.dedent(SOURCE.split(f"    {section}:\n")[1].split('"""')[1])

    def value(match):
        return match[0][1:] if match[0].startswith("\\") else values[match[1] or match[2]]

    return re.sub(r"\\[\\$]|\$\{([\w.]+)\}|\$([A-Za-z_][\w.]*)", value, text)


def run(section, values, folder):
    """Runs the text of a section in the folder, and says which of the declared outputs are there."""
    search = f"{Path(os.environ['INTERVENTOME_BINARY']).parent}:{os.environ['PATH']}"
    script = folder / "command.sh"
    script.write_text(command(section, values))
    subprocess.run(["bash", "-ue", script], cwd=folder, check=True, env=os.environ | {"PATH": search})
    declared, optional = outputs()
    return {name for name, path in declared.items() if (folder / path.replace("${prefix}", values["prefix"])).exists()}


VALUES = {"prefix": "sachs", "task.process": "INTERVENTOME_RUN", "args": "", "task.cpus": "1"}


def test_the_command_makes_all_outputs(tmp_path):
    shutil.copy(PACKAGE / "Reference/Screens/sachs.h5ad", tmp_path)
    shutil.copy(MODULE / "tests/sachs.yaml", tmp_path)
    program = os.environ["INTERVENTOME_BINARY"]
    subprocess.run(
        [program, "split", "sachs.h5ad", "-o", "split.tsv", "--folds", "3", "--seed", "1", "-q"], cwd=tmp_path, check=True)
    texts = re.findall(r"\? \"(--set [^\n]+)\" : ''", SOURCE)
    assert len(texts) == 2
    division = texts[1].replace("\\$", "$").replace("${split}", "split.tsv").replace("${fold ?: 1}", "2")
    values = VALUES | {"screen": "sachs.h5ad", "configuration": "sachs.yaml", "tables": "", "division": division}
    made = run("script", values, tmp_path)
    assert made == set(outputs()[0])
    version = subprocess.run([program, "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout.split()[-1]
    assert yaml.safe_load((tmp_path / "versions.yml").read_text()) == {"INTERVENTOME_RUN": {"interventome": version}}


def test_the_stub_makes_all_outputs(tmp_path):
    assert run("stub", VALUES, tmp_path) == set(outputs()[0])
