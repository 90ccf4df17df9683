import CHDF5

extension HDF5Group {
    /// Writes a dataset without any value, not even an empty list (a null dataspace).
    @discardableResult
    public func writeNull(_ name: String) throws(HDF5Error) -> HDF5Dataset {
        let element = try writtenElement(name)
        let made: Handle? = HDF5Library.locked {
            guard let type = Handle.type(of: .float32), let space = Handle.space(H5Screate(H5S_NULL)),
                let link = Handle.linkCreation(), let creation = Handle.datasetCreation()
            else { return nil }
            return Handle.object(
                H5Dcreate2(place.handle.id, name, type.id, space.id, link.id, creation.id, chdf5_default()))
        }
        guard let made else { throw .cannotWrite(file.path, element, "the empty entry cannot be written") }
        return HDF5Dataset(written: made, file: file, path: element)
    }

    /// Writes a list of records, field by field; all fields have one value a record.
    @discardableResult
    public func writeRecords(
        _ name: String, _ fields: [(name: String, content: HDF5Content)]
    ) throws(HDF5Error) -> HDF5Dataset {
        let element = try writtenElement(name)
        let count = fields.first?.content.count ?? 0
        precondition(fields.allSatisfy { $0.content.count == count }, "all fields must have \(count) values")
        let width = fields.reduce(0) { $0 + Self.width($1.content) }
        let made: Handle? = try HDF5Library.locked { () throws(HDF5Error) in
            guard width > 0, let compound = Handle.type(H5Tcreate(H5T_COMPOUND, width)),
                let space = Handle.space([count]), let link = Handle.linkCreation(),
                let creation = Handle.datasetCreation()
            else { return nil }
            var offset = 0
            for (name, content) in fields {
                guard let type = content.elementType.map(Handle.type(of:)) ?? Handle.text(),
                    H5Tinsert(compound.id, name, offset, type.id) >= 0
                else { return nil }
                offset += Self.width(content)
            }
            guard
                let dataset = Handle.object(
                    H5Dcreate2(place.handle.id, name, compound.id, space.id, link.id, creation.id, chdf5_default()))
            else { return nil }
            for (name, content) in fields where count > 0 {
                guard try writeField(name, content, into: dataset) else { return nil }
            }
            return dataset
        }
        guard let made else { throw .cannotWrite(file.path, element, "the records cannot be written") }
        return HDF5Dataset(written: made, file: file, path: element)
    }

    /// One field is written through a type in memory that has this field alone; the others stay as they are.
    private func writeField(_ name: String, _ content: HDF5Content, into dataset: Handle) throws(HDF5Error) -> Bool {
        guard let single = Handle.type(H5Tcreate(H5T_COMPOUND, Self.width(content))),
            let type = content.elementType.map(Handle.type(of:)) ?? Handle.text(),
            H5Tinsert(single.id, name, 0, type.id) >= 0
        else { return false }
        func write(_ bytes: UnsafeRawPointer) -> Bool {
            H5Dwrite(dataset.id, single.id, chdf5_all(), chdf5_all(), chdf5_default(), bytes) >= 0
        }
        if case .strings(let texts) = content { return Handle.withPointers(to: texts, write) }
        return try content.withBytes { (bytes) throws(HDF5Error) in write(bytes.baseAddress!) }
    }

    /// Bytes of one value; of a text those of the reference to it.
    private static func width(_ content: HDF5Content) -> Int {
        content.elementType?.width ?? MemoryLayout<UnsafeRawPointer>.size
    }
}
