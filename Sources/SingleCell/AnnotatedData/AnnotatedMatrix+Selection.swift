import Matrices

extension AnnotatedMatrix {
    /// The given cells, in the order given, with every matrix and table cut alike.
    public func selecting(cells selection: [Int]) -> AnnotatedMatrix {
        AnnotatedMatrix(
            x: x?.selectingRows(selection), cells: cells.selecting(selection), genes: genes,
            layers: layers.mapValues { $0.selectingRows(selection) },
            raw: raw.map {
                RawMatrix(x: $0.x.selectingRows(selection), genes: $0.genes, geneLoadings: $0.geneLoadings)
            },
            unstructured: unstructured, cellEmbeddings: cellEmbeddings.mapValues { $0.selecting(selection) },
            geneLoadings: geneLoadings, cellGraphs: cellGraphs.mapValues { $0.selectingBoth(selection) },
            geneGraphs: geneGraphs)
    }

    /// The given genes, in the order given; `raw` keeps its own.
    public func selecting(genes selection: [Int]) -> AnnotatedMatrix {
        AnnotatedMatrix(
            x: x?.selectingColumns(selection), cells: cells, genes: genes.selecting(selection),
            layers: layers.mapValues { $0.selectingColumns(selection) }, raw: raw, unstructured: unstructured,
            cellEmbeddings: cellEmbeddings, geneLoadings: geneLoadings.mapValues { $0.selecting(selection) },
            cellGraphs: cellGraphs, geneGraphs: geneGraphs.mapValues { $0.selectingBoth(selection) })
    }
}

extension CellMatrix {
    public func selectingRows(_ selection: [Int]) -> CellMatrix {
        switch self {
        case .dense(let matrix): .dense(matrix.selectingRows(selection))
        case .sparse(let matrix): .sparse(matrix.selectingRows(selection))
        }
    }

    public func selectingColumns(_ selection: [Int]) -> CellMatrix {
        switch self {
        case .dense(let matrix): .dense(matrix.selectingColumns(selection))
        case .sparse(let matrix): .sparse(matrix.selectingColumns(selection))
        }
    }
}

extension AnnotationTable {
    public func selecting(_ selection: [Int]) -> AnnotationTable {
        AnnotationTable(
            names: selection.map { names[$0] },
            columns: columns.map {
                AnnotationColumn(name: $0.name, values: $0.values.selecting(selection), storage: $0.storage)
            },
            namesTitle: namesTitle)
    }
}

extension ColumnValues {
    public func selecting(_ selection: [Int]) -> ColumnValues {
        switch self {
        case .strings(let values): .strings(selection.map { values[$0] })
        case .categories(let codes, let levels, let ordered):
            .categories(codes: selection.map { codes[$0] }, levels: levels, ordered: ordered)
        case .integers(let values): .integers(selection.map { values[$0] })
        case .floats(let values): .floats(selection.map { values[$0] })
        case .booleans(let values): .booleans(selection.map { values[$0] })
        }
    }

    /// Each value as text; nil where it is missing. Whole floats are written without a fraction.
    public var labels: [String?] {
        switch self {
        case .strings(let values): values
        case .categories(let codes, let levels, _):
            codes.map { levels.indices.contains(Int($0)) ? levels[Int($0)] : nil }
        case .integers(let values): values.map { $0.map(String.init) }
        case .floats(let values):
            values.map { value in
                if value.isNaN { return nil }
                return Int64(exactly: value).map(String.init) ?? String(value)
            }
        case .booleans(let values): values.map { $0.map { $0 ? "True" : "False" } }
        }
    }

    /// Each value as a number, NaN where it is missing; nil where the column holds text that is no number.
    public var numbers: [Double]? {
        switch self {
        case .floats(let values): return values
        case .integers(let values): return values.map { $0.map(Double.init) ?? .nan }
        case .booleans(let values): return values.map { $0.map { $0 ? 1 : 0 } ?? .nan }
        case .strings, .categories:
            var numbers: [Double] = []
            for label in labels {
                guard let label else {
                    numbers.append(.nan)
                    continue
                }
                guard let number = Double(label) else { return nil }
                numbers.append(number)
            }
            return numbers
        }
    }

    /// Each value as true or false: booleans, 0 and 1, or the words true/false, yes/no; nil where a value is none of them.
    public var truths: [Bool]? {
        var truths: [Bool] = []
        for label in labels {
            switch label?.lowercased() {
            case "true", "1", "yes", "t": truths.append(true)
            case "false", "0", "no", "f": truths.append(false)
            default: return nil
            }
        }
        return truths
    }
}
