# Sourced by `test`, `test-slurm` and `plan`: the program, and Snakemake on PATH.
source "$screens/../Setup/environment.sh"
find_program "$screens/../.."
enter_environment screens "$screens/requirements.txt"
