# One split for a row of the sheet, one run for each of its folds and seeds.


rule split:
    input:
        unpack(inputs),
    output:
        f"{RESULTS}/splits/{{sample}}.tsv",
    log:
        f"{RESULTS}/logs/split/{{sample}}.log",
    container:
        config["image"]
    threads: 1
    resources:
        mem_mb=config["memory"],
        runtime=config["minutes"],
    params:
        program=config["program"],
        division=division,
        settings=settings,
    shell:
        "{params.program} split {input.screen:q} -o {output:q} --config {input.configuration:q} {params.division} "
        "{params.settings} -@ {threads} --progress lines &> {log:q}"


# The folder of a run outlives a run that fails: only what comes of its last stages is declared here, so that the same
# run, tried again, goes on where it stopped.
rule run:
    input:
        unpack(inputs),
        split=rules.split.output[0],
    output:
        evaluation=f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/evaluation.tsv",
        summary=f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/evaluation.summary.tsv",
        shifts=f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/predictions.shifts.tsv",
        page=f"{RESULTS}/runs/{{sample}}/fold{{fold}}/seed{{seed}}/report.html",
    log:
        f"{RESULTS}/logs/run/{{sample}}/fold{{fold}}/seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/{{sample}}/fold{{fold}}/seed{{seed}}.tsv"
    container:
        config["image"]
    threads: config["threads"]
    resources:
        mem_mb=lambda wildcards, attempt: attempt * config["memory"],
        runtime=config["minutes"],
    params:
        program=config["program"],
        folder=subpath(output.page, parent=True),
        # The program reads paths in settings from the configuration's folder on.
        split=lambda wildcards, input: os.path.abspath(input.split),
        settings=settings,
    shell:
        "{params.program} run {input.configuration:q} -o {params.folder:q} --set split.file={params.split:q} "
        "--set split.fold={wildcards.fold} --seed {wildcards.seed} {params.settings} -@ {threads} --progress lines "
        "&> {log:q}"
