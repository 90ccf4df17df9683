"""Lays out the package of a program: its sources, the rooms that it imports and what these stand on, as Package.swift of
the product says; prints the program's name. See `program`, which calls this: ROOT FOLDER WORK.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

root, folder, work = map(Path, sys.argv[1:])
described = subprocess.run(
    ["swift", "package", "--package-path", root, "dump-package"], check=True, capture_output=True).stdout
known = {target["name"]: target for target in json.loads(described)["targets"]}
parts = [path for path in sorted(folder.iterdir()) if path.is_dir()]
native = [path.name for path in parts if (path / "include").is_dir()]
(program,) = [path.name for path in parts if path.name not in native]


def uses(name):
    return [one["byName"][0] for one in known[name].get("dependencies", []) if "byName" in one]


imports = set()
for source in (folder / program).glob("*.swift"):
    imports |= set(re.findall(r"^(?:@testable )?import (\w+)", source.read_text(), re.M))
wanted = sorted(name for name in imports if name in known)
needed, left = [], list(wanted)
while left:
    name = left.pop()
    if name not in needed:
        needed.append(name)
        left += uses(name)


def target(name):
    one = known[name]
    if one["type"] == "system":
        return f'.systemLibrary(name: "{name}", path: "Sources/{name}", pkgConfig: "{one["pkgConfig"]}")'
    if not one["path"].startswith("Sources/C/"):
        settings = f"dependencies: {json.dumps(uses(name))}, path: \"Sources/{name}\", swiftSettings: settings"
    else:
        # Doors that a trait opens stay closed: they link what programs do without.
        settings = f'path: "Sources/{name}", cSettings: [.unsafeFlags(["-O3"])]'
    return f'.target(name: "{name}", {settings})'


targets = [target(name) for name in sorted(needed)] + [
    f'.target(name: "{name}", path: "Sources/{name}", cSettings: [.unsafeFlags(["-O3", "-march=native"])])'
    for name in native
] + [
    f'.executableTarget(name: "{program}", dependencies: {json.dumps(wanted + native)}, path: "Sources/{program}", '
    "swiftSettings: settings)"
]
manifest = f"""// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]
let package = Package(
    name: "{folder.name.lower()}",
    targets: [
        {(','+chr(10)+'        ').join(targets)}
    ],
    cxxLanguageStandard: .cxx17)
"""
sources = work / "Sources"
sources.mkdir(parents=True, exist_ok=True)
for old in sources.iterdir():
    old.unlink()
for name in needed:
    os.symlink(root / known[name]["path"], sources / name)
for path in parts:
    os.symlink(path, sources / path.name)
if not (work / "Package.swift").exists() or (work / "Package.swift").read_text() != manifest:
    (work / "Package.swift").write_text(manifest)
print(program)
