// From one perturbation screen to predictions, explanations and a report. The configuration's own paths are not used: the
// screen, the features and the split are staged as channels. A task that is tried again begins anew in its work folder.
process INTERVENTOME_RUN {
    tag "$meta.id"
    label 'process_medium'

    // Built from Pipelines/container/Dockerfile.
    container "${workflow.containerEngine in ['singularity', 'apptainer'] ? 'interventome.sif' : 'interventome:0.1.0'}"

    input:
    tuple val(meta), path(screen), path(features), path(split), val(fold)
    path configuration

    output:
    tuple val(meta), path("${prefix}/report.html")            , emit: report
    tuple val(meta), path("${prefix}/predictions.h5ad")       , emit: predictions
    tuple val(meta), path("${prefix}/predictions.shifts.tsv") , emit: shifts
    tuple val(meta), path("${prefix}/evaluation.tsv")         , emit: evaluation, optional: true
    tuple val(meta), path("${prefix}/evaluation.summary.tsv") , emit: summary   , optional: true
    tuple val(meta), path("${prefix}/edges.tsv")              , emit: edges
    tuple val(meta), path("${prefix}/explanations.json")      , emit: explanations
    tuple val(meta), path("${prefix}/model")                  , emit: model
    path "versions.yml"                                       , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix   = task.ext.prefix ?: "${meta.id}"
    def tables  = features ? "--set features=\$PWD/${features}" : ''
    def division = split ? "--set split.file=\$PWD/${split} --set split.fold=${fold ?: 1}" : ''
    """
    interventome run \\
        $args \\
        --set input=\$PWD/${screen} \\
        $tables \\
        $division \\
        --threads $task.cpus \\
        --progress lines \\
        -o ${prefix} \\
        $configuration

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        interventome: \$(interventome --version | sed 's/^interventome //')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}/model
    touch ${prefix}/report.html ${prefix}/predictions.h5ad ${prefix}/predictions.shifts.tsv
    touch ${prefix}/evaluation.tsv ${prefix}/evaluation.summary.tsv ${prefix}/edges.tsv ${prefix}/explanations.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        interventome: \$(interventome --version | sed 's/^interventome //')
    END_VERSIONS
    """
}
