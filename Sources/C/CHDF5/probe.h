#pragma once
#include <errno.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// A damaged file can end the program inside the HDF5 library: it trusts lengths and indices of its heaps (known faults of
// all versions up to 1.14). A short-lived child therefore walks through the file first, as the reader will, and only its
// own death is at stake. The child runs C alone, since after a fork nothing else may be relied on.

enum { CHDF5_PROBE_DEEPEST = 70, CHDF5_PROBE_OBJECTS = 50000, CHDF5_PROBE_VALUES = 1 << 20 };

typedef struct {
    int depth;
    int *objects;
} chdf5_probe_state;

// The number of values where they are few enough to be tried, else 0.
static inline size_t chdf5_probe_count(hid_t space, hid_t type) {
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(type);
    return count > 0 && count <= CHDF5_PROBE_VALUES && size > 0 && size <= ((size_t)1 << 28) / (size_t)count
        ? (size_t)count : 0;
}

static inline herr_t chdf5_probe_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    size_t count = chdf5_probe_count(space, type);
    void *buffer = count ? calloc(count, H5Tget_size(type)) : NULL;
    if (buffer && H5Aread(attribute, type, buffer) >= 0 && H5Tdetect_class(type, H5T_STRING) > 0)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
    free(buffer);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
}

static inline void chdf5_probe_dataset(hid_t dataset) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), creation = H5Dget_create_plist(dataset);
    if (H5Pget_external_count(creation) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL) {
        size_t count = chdf5_probe_count(space, type);
        void *buffer = count ? calloc(count, H5Tget_size(type)) : NULL;
        if (buffer && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) >= 0 &&
            H5Tdetect_class(type, H5T_STRING) > 0)
            H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
        free(buffer);
    }
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
}

static inline herr_t chdf5_probe_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    chdf5_probe_state *state = (chdf5_probe_state *)data;
    if (info->type == H5L_TYPE_EXTERNAL || ++*state->objects > CHDF5_PROBE_OBJECTS) return 0;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_probe_attribute, NULL);
    if (H5Iget_type(object) == H5I_DATASET) chdf5_probe_dataset(object);
    if (H5Iget_type(object) == H5I_GROUP && state->depth < CHDF5_PROBE_DEEPEST) {
        chdf5_probe_state inner = {state->depth + 1, state->objects};
        H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_probe_link, &inner);
    }
    H5Oclose(object);
    return 0;
}

static inline void chdf5_probe_file(const char *path, unsigned seconds) {
    struct rlimit none = {0, 0}, processor = {seconds, seconds};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &processor);
    const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM, SIGXCPU, SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
    // The thread that forked may have them blocked.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    // Processor time is limited above; a wait for ever is ended here.
    alarm(10 * seconds);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file >= 0) {
        int objects = 0;
        chdf5_probe_state state = {0, &objects};
        H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_probe_attribute, NULL);
        H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_probe_link, &state);
        H5Fclose(file);
        H5garbage_collect();
    }
}

// Whether the library gets through the file: 1, or 0 where it dies or does not come back within the given seconds of
// processor time. Where no child can be made, 1.
static inline int chdf5_survives(const char *path, unsigned seconds) {
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        chdf5_probe_file(path, seconds);
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
