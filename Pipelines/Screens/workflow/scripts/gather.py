"""Writes tables under one another, each with the columns that say of what it is."""

import sys


def gather(paths, names, values, output):
    """Adds the columns `names` with the `values` of each path before those of the tables.

    Rows are copied as they are, one at a time. Raises ValueError where the tables have other columns.
    """
    header = None
    with open(output, "w") as gathered:
        for path, own in zip(paths, values, strict=True):
            with open(path) as table:
                columns = table.readline()
                if header is None:
                    header = columns
                    gathered.write("\t".join([*names, columns]))
                elif columns != header:
                    raise ValueError(f"{path}: expected the columns {header.split()}, found {columns.split()}")
                before = "".join(f"{value}\t" for value in own)
                gathered.writelines(before + row for row in table)


if "snakemake" in globals():
    with open(snakemake.log[0], "w") as sys.stderr:
        gather(snakemake.input, snakemake.params.names, snakemake.params["values"], snakemake.output[0])
