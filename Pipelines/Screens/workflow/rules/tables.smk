# Tables of all runs, first of each sample, so that no job opens thousands of files.
TABLES = ["evaluation", "evaluation.summary"]


wildcard_constraints:
    table="|".join(TABLES).replace(".", "[.]"),


rule gather_sample:
    input:
        lambda wildcards: [
            f"{RESULTS}/runs/{wildcards.sample}/fold{fold}/seed{seed}/{wildcards.table}.tsv"
            for fold, seed in sample_of(wildcards).runs
        ],
    output:
        f"{RESULTS}/samples/{{sample}}.{{table}}.tsv",
    log:
        f"{RESULTS}/logs/gather/{{sample}}.{{table}}.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=512,
        runtime=30,
    params:
        names=["sample", "fold", "seed"],
        values=lambda wildcards: [[wildcards.sample, fold, seed] for fold, seed in sample_of(wildcards).runs],
    script:
        "../scripts/gather.py"


rule gather:
    input:
        expand(f"{RESULTS}/samples/{{sample}}.{{{{table}}}}.tsv", sample=SAMPLES),
    output:
        report(
            f"{RESULTS}/{{table}}.tsv",
            caption="../report/table.rst",
            category="Evaluation",
            labels={"table": "{table}"},
        ),
    log:
        f"{RESULTS}/logs/gather.{{table}}.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=512,
        runtime=60,
    params:
        names=[],
        values=[[] for _ in SAMPLES],
    script:
        "../scripts/gather.py"


rule summarise:
    input:
        f"{RESULTS}/evaluation.summary.tsv",
    output:
        table=report(
            f"{RESULTS}/summary.tsv",
            caption="../report/summary.rst",
            category="Evaluation",
            labels={"table": "summary"},
        ),
        page=report(
            f"{RESULTS}/summary.html",
            caption="../report/summary.rst",
            category="Evaluation",
            labels={"table": "summary, as a page"},
        ),
    log:
        f"{RESULTS}/logs/summarise.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=1024,
        runtime=30,
    script:
        "../scripts/summarise.py"
