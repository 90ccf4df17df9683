#pragma once

/// Binds the process to the first `count` of the cores that it may use; threads started later inherit that. Does nothing
/// on systems other than Linux.
void interventome_limit_cores(int count);
