#define _GNU_SOURCE
#include "cores.h"

#include <sched.h>

void interventome_limit_cores(int count) {
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &allowed)) continue;
        if (count > 0)
            count--;
        else
            CPU_CLR(core, &allowed);
    }
    sched_setaffinity(0, sizeof(allowed), &allowed);
#else
    (void)count;
#endif
}
