#pragma once
#include <hdf5.h>

// What HDF5 offers as macros, which Swift cannot import. Versioned calls go through here as well, so that every HDF5 from
// 1.10 on serves.
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t chdf5_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t chdf5_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_all(void) { return H5S_ALL; }
static inline hid_t chdf5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_group_creation(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_file_creation(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_link_creation(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_link_access(void) { return H5P_LINK_ACCESS; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }


// Messages are ours; the library's own printing is off. The setting is one of the calling thread.
static inline void chdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline herr_t chdf5_refuse_link(const char *parent_file, const char *parent_group, const char *child_file,
                                       const char *child_object, unsigned *flags, hid_t access, void *data) {
    return -1;
}
static inline herr_t chdf5_refuse_external_links(hid_t link_access) {
    return H5Pset_elink_cb(link_access, chdf5_refuse_link, NULL);
}

// H5L_TYPE_HARD, H5L_TYPE_SOFT, H5L_TYPE_EXTERNAL, or negative where there is no such link.
static inline int chdf5_link_kind(hid_t location, const char *name) {
    H5L_info_t info;
    return H5Lget_info(location, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

// Bytes of a raw chunk, 0 where it was never written, negative on failure; its address and filter mask.
static inline long long chdf5_chunk_size(hid_t dataset, const hsize_t *offset, unsigned *mask) {
    haddr_t address = HADDR_UNDEF;
    hsize_t size = 0;
    if (H5Dget_chunk_info_by_coord(dataset, offset, mask, &address, &size) < 0) return -1;
    return address == HADDR_UNDEF ? 0 : (long long)size;
}

// Where an object lies in its file: two names of one object share it. Negative on failure.
static inline long long chdf5_object_address(hid_t object) {
#if H5_VERSION_GE(1, 12, 0)
    H5O_info1_t info;
    return H5Oget_info1(object, &info) < 0 ? -1 : (long long)info.addr;
#else
    H5O_info_t info;
    return H5Oget_info(object, &info) < 0 ? -1 : (long long)info.addr;
#endif
}

// Calls `body` with the name of each member, in the order of storage: sorted iteration builds a table in the library that
// is freed wrongly where the file is damaged.
typedef struct {
    void (*body)(const char *name, void *context);
    void *context;
} chdf5_name_visitor;
static inline herr_t chdf5_visit_name(hid_t group, const char *name, const H5L_info_t *info, void *visitor) {
    ((chdf5_name_visitor *)visitor)->body(name, ((chdf5_name_visitor *)visitor)->context);
    return 0;
}
static inline herr_t chdf5_each_name(hid_t group, void (*body)(const char *name, void *context), void *context) {
    chdf5_name_visitor visitor = {body, context};
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_visit_name, &visitor);
}
