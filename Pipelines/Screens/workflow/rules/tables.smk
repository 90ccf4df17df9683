# Tables of all runs, first of each sample, so that no job opens thousands of files.

# Where the table of a run lies, by its name.
TABLES = {
    "evaluation": f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/evaluation.tsv",
    "evaluation.summary": f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/evaluation.summary.tsv",
    "costs": f"{RESULTS}/benchmarks/{{sample}}/fold{{fold}}/seed{{seed}}.tsv",
}


wildcard_constraints:
    table="|".join(TABLES).replace(".", "[.]"),


rule gather_sample:
    input:
        lambda wildcards: [
            TABLES[wildcards.table].format(sample=wildcards.sample, fold=fold, seed=seed)
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
