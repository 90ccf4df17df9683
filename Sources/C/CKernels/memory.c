#include "CKernels.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

void kernel_prefer_large_pages(void *memory, size_t bytes) {
#ifdef __linux__
    madvise(memory, bytes, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}
